"""tools/test after set-up: runs suites, tells how each went, and ends with one line that counts all cases."""

import sys
import time

import suites
from cases import Outcome


def say(text):
    print(f"test: {text}", flush=True)


def list_suites():
    for name, sentence in suites.available().items():
        print(f"{name:10}{sentence}")


def tell(suite, found, seconds):
    """One line a suite, then what was skipped and why, and what failed and how."""
    count = {outcome: sum(case.outcome is outcome for case in found) for outcome in Outcome}
    parts = [f"{count[outcome]} {outcome.value}" for outcome in Outcome if count[outcome] or outcome is Outcome.PASSED]
    say(f"{suite}: {', '.join(parts)} in {seconds:.0f} s")
    for case in found:
        if case.outcome is Outcome.SKIPPED:
            print(f"  skipped: {case.name}: {case.why}")
        if case.outcome is Outcome.FAILED:
            print(f"  FAILED: {case.name}")
            print("\n".join(f"    {line}" for line in case.why.strip().splitlines()))
    sys.stdout.flush()


def main(arguments):
    long_run = "--long" in arguments
    names = [argument for argument in arguments if argument != "--long"]
    existing = suites.available()
    if "--list" in names:
        return list_suites()
    unknown = [name for name in names if name not in existing]
    if unknown:
        sys.exit(f"test: no suite {', '.join(unknown)}; there are {', '.join(existing)}")
    all_cases = []
    for suite in [name for name in existing if not names or name in names]:
        started = time.monotonic()
        found = suites.run(suite, say, long_run)
        tell(suite, found, time.monotonic() - started)
        all_cases += found
    count = {outcome: sum(case.outcome is outcome for case in all_cases) for outcome in Outcome}
    skipped = f", {count[Outcome.SKIPPED]} skipped" if count[Outcome.SKIPPED] else ""
    print(f"{count[Outcome.PASSED]} passed, {count[Outcome.FAILED]} failed{skipped}")
    return 1 if count[Outcome.FAILED] else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
