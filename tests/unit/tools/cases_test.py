#!/usr/bin/env python3
"""How tools/test counts: JUnit files as meson writes them, and the Test Anything Protocol."""

import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tools/lib"))

from cases import Case, Outcome, from_junit, from_tap
from tap import case, expect_equal, run_cases

JUNIT = """<?xml version='1.0' encoding='utf8'?>
<testsuites tests="4" errors="0" failures="1">
  <testsuite name="unit wire" tests="3">
    <testcase name="TakesOctets" status="run" classname="Reader" />
    <testcase name="RefusesShort" status="run" classname="Reader">
      <failure message="got 1, wanted 2" type="" /></testcase>
    <testcase name="NeedsRoot" status="run" classname="Link"><skipped message="not root" /></testcase>
    <testcase name="DISABLED_Later" status="notrun" classname="Link" />
  </testsuite>
</testsuites>"""


@case("each GoogleTest case of a JUnit file counts by itself")
def _():
    with tempfile.NamedTemporaryFile("w", suffix=".xml") as report:
        report.write(JUNIT)
        report.flush()
        found = from_junit("unit", report.name)
    expect_equal(found, [
        Case("unit", "Reader TakesOctets"),
        Case("unit", "Reader RefusesShort", Outcome.FAILED, "got 1, wanted 2"),
        Case("unit", "Link NeedsRoot", Outcome.SKIPPED, "not root"),
        Case("unit", "Link DISABLED_Later", Outcome.SKIPPED, "disabled in the source"),
    ])


@case("each TAP line counts, with the remarks before a failure and the reason of a skip")
def _():
    output = "1..3\nok 1 - first\n# it broke\n# here\nnot ok 2 - second\nok 3 - third # SKIP no kernel\n"
    expect_equal(from_tap("kernel", "x", 1, output), [
        Case("kernel", "first"),
        Case("kernel", "second", Outcome.FAILED, "# it broke\n# here"),
        Case("kernel", "third", Outcome.SKIPPED, "no kernel"),
    ])


@case("a program that dies after good lines has failed")
def _():
    expect_equal(from_tap("cli", "x", 139, "ok 1 - first\nSegmentation fault\n"),
                 [Case("cli", "first"), Case("cli", "x", Outcome.FAILED, "ended with 139\nSegmentation fault")])


@case("a program without TAP is one case by its exit status")
def _():
    expect_equal(from_tap("cli", "x", 0, "all well\n"), [Case("cli", "x")])
    expect_equal(from_tap("cli", "x", 2, "bad\n"), [Case("cli", "x", Outcome.FAILED, "bad")])
    expect_equal(from_tap("cli", "x", 77, "no guest\n"), [Case("cli", "x", Outcome.SKIPPED, "no guest")])


@case("a program that skips everything says so")
def _():
    expect_equal(from_tap("cli", "x", 0, "1..0 # SKIP not root\n"), [Case("cli", "x", Outcome.SKIPPED, "not root")])


sys.exit(run_cases())
