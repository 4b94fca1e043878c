"""Test cases and the reports they are read from: meson's JUnit file and the Test Anything Protocol."""

import re
import xml.etree.ElementTree
from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Case:
    suite: str
    name: str
    outcome: Outcome = Outcome.PASSED
    why: str = ""  # what failed, or why it was skipped


def from_junit(suite, path):
    """Cases of a testlog.junit.xml; each GoogleTest case counts by itself."""
    cases = []
    for element in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        name = " ".join(filter(None, [element.get("classname", "").split(".")[-1], element.get("name")]))
        bad = [*element.findall("failure"), *element.findall("error")]
        skipped = element.find("skipped")
        if bad:
            text = "\n".join(filter(None, [part.get("message") or part.text for part in bad]))
            output = element.find("system-out")
            cases.append(Case(suite, name, Outcome.FAILED, text or (output.text if output is not None else "") or ""))
        elif skipped is not None or element.get("status") == "notrun":
            why = (skipped.get("message") or skipped.text) if skipped is not None else "disabled in the source"
            cases.append(Case(suite, name, Outcome.SKIPPED, (why or "the test gave no reason").strip()))
        else:
            cases.append(Case(suite, name))
    return cases


def from_tap(suite, program, status, output):
    """Cases of a program that prints the Test Anything Protocol; without it the program is one case (77: skipped)."""
    cases, remarks = [], []
    for line in output.splitlines():
        match = re.match(r"(not )?ok\b\s*\d*\s*-?\s*(.*?)(?:\s*# (?:SKIP|skip)\s*(.*))?$", line)
        if line.startswith("1..0"):
            why = line.partition("#")[2].strip()
            cases.append(Case(suite, program, Outcome.SKIPPED, re.sub(r"^SKIP\s*", "", why) or "no reason given"))
        elif match is None:
            remarks.append(line)
            continue
        elif match[3] is not None:
            cases.append(Case(suite, match[2], Outcome.SKIPPED, match[3]))
        else:
            cases.append(Case(suite, match[2], Outcome.FAILED if match[1] else Outcome.PASSED,
                              "\n".join(remarks[-40:]) if match[1] else ""))
        remarks = []
    if cases and status != 0 and not any(case.outcome is Outcome.FAILED for case in cases):
        cases.append(Case(suite, program, Outcome.FAILED, f"ended with {status}\n" + "\n".join(remarks[-40:])))
    if not cases:
        outcome = {0: Outcome.PASSED, 77: Outcome.SKIPPED}.get(status, Outcome.FAILED)
        cases.append(Case(suite, program, outcome, "" if status == 0 else "\n".join(remarks[-40:])))
    return cases
