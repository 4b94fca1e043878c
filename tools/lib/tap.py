"""For test programs in Python: each function marked as a case is one line of the Test Anything Protocol.

    @case("a sentence that says what holds")
    def _():
        expect_equal(one(), 1)

    sys.exit(run_cases())
"""

import contextlib
import traceback

_cases = []


class Skip(Exception):
    """Raised by a case that can't be run here; says why."""


def case(sentence):
    def keep(function):
        _cases.append((sentence, function))
        return function
    return keep


def expect(condition, complaint="it does not hold"):
    if not condition:
        raise AssertionError(complaint)


def expect_equal(got, wanted):
    if got != wanted:
        raise AssertionError(f"got    {got!r}\nwanted {wanted!r}")


def run_cases(*arguments, on_failure=None):
    """Runs the cases in the order of the file, each with the arguments; gives the exit status. After a failure
    on_failure() may tell what else is known."""
    failed = 0
    print(f"1..{len(_cases)}", flush=True)
    for number, (sentence, function) in enumerate(_cases, 1):
        try:
            function(*arguments)
            print(f"ok {number} - {sentence}", flush=True)
        except Skip as skip:
            print(f"ok {number} - {sentence} # SKIP {skip}", flush=True)
        except Exception:  # whatever went wrong is the case's failure, and the others go on
            failed += 1
            remarks = traceback.format_exc()
            if on_failure:
                with contextlib.suppress(Exception):
                    remarks += on_failure()
            print("".join(f"# {line}\n" for line in remarks.splitlines()), end="")
            print(f"not ok {number} - {sentence}", flush=True)
    return 1 if failed else 0
