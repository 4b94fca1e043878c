#!/usr/bin/env python3
"""What tools/lib/echoes.py counts as lost on the wire."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tools/lib"))

from echoes import Echo, from_fields, unanswered
from tap import case, expect_equal, run_cases


def request(seq, at=0.0):
    return Echo(at, True, (4, "7", str(seq)))


def reply(seq, at=0.0):
    return Echo(at, False, (4, "7", str(seq)))


@case("a request with a reply is not lost, however late the reply came")
def _():
    expect_equal(unanswered([request(1, 1.0), reply(1, 9.0)], 0.0, 2.0), 0)


@case("a request without a reply is lost, once, though it was captured twice")
def _():
    expect_equal(unanswered([request(1), request(1), request(2), reply(2)]), 1)


@case("a request outside of the time asked for is somebody else's")
def _():
    expect_equal(unanswered([request(1, 5.0)], 0.0, 5.0), 0)


@case("both families are read, and what is no echo is not")
def _():
    expect_equal(from_fields(["1.5", "8", "7", "1", "", "", ""]), Echo(1.5, True, (4, "7", "1")))
    expect_equal(from_fields(["1.5", "", "", "", "129", "9", "2"]), Echo(1.5, False, (6, "9", "2")))
    expect_equal(from_fields(["1.5", "3", "", "", "", "", ""]), None)
    expect_equal(from_fields(["1.5", "", "", "", "134", "", ""]), None)


sys.exit(run_cases())
