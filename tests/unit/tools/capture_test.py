#!/usr/bin/env python3
"""What tools/lib/capture.py finds in sequences of L2TP control messages (RFC 2661 5.8)."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tools/lib"))

from capture import Message, control_kind, examine, from_fields, retransmissions
from tap import case, expect_equal, run_cases

LAC, LNS = "192.0.2.2", "192.0.2.1"
SCCRQ, SCCRP, SCCCN, HELLO, ICRQ, ICRP, ICCN, CDN = 1, 2, 3, 6, 10, 11, 12, 14


def from_lac(kind, ns, nr, session=0, tunnel=7, at=0.0, text="", **assigned):
    return message(LAC, LNS, kind, ns, nr, 0 if kind == SCCRQ else tunnel, session, at, text, assigned)


def from_lns(kind, ns, nr, session=0, tunnel=5, at=0.0, text="", **assigned):
    return message(LNS, LAC, kind, ns, nr, tunnel, session, at, text, assigned)


def message(source, destination, kind, ns, nr, tunnel, session, at, text, assigned):
    payload = f"c8020000{tunnel:04x}{session:04x}{ns:04x}{nr:04x}{kind or 0:04x}{text}"
    return Message(at, source, destination, tunnel, session, ns, nr, kind, payload=payload, **assigned)


SET_UP = [
    from_lac(SCCRQ, 0, 0, assigned_tunnel=5),
    from_lns(SCCRP, 0, 1, assigned_tunnel=7),
    from_lac(SCCCN, 1, 1),
    from_lns(None, 1, 2),
    from_lac(ICRQ, 2, 1, assigned_session=21),
    from_lns(ICRP, 1, 3, session=21, assigned_session=9),
    from_lac(ICCN, 3, 2, session=9),
    from_lns(None, 2, 4, session=21),
]


def wrong(*more):
    """What examine() has against SET_UP followed by more, without the moments."""
    return [sentence.split(": ", 1)[1] for sentence in examine([*SET_UP, *more]).wrong]


@case("a call that is set up without loss has nothing wrong and nothing repeated")
def _():
    findings = examine(SET_UP)
    expect_equal((findings.messages, findings.acknowledgements, findings.repeated, findings.wrong), (6, 2, {}, []))


@case("a retransmission with a newer Nr is counted and is not wrong")
def _():
    more = [from_lac(CDN, 4, 2, session=9, at=1.0), from_lns(HELLO, 2, 4, at=1.1),
            from_lac(CDN, 4, 3, session=9, at=2.0),
            from_lns(None, 3, 5, at=2.1)]
    expect_equal(wrong(*more), [])
    expect_equal(retransmissions([*SET_UP, *more]), {LAC: 1})
    expect_equal(retransmissions([*SET_UP, *more], start=0.0, end=2.0), {})


@case("an answer that is given twice under two numbers is wrong")
def _():
    expect_equal(wrong(from_lns(ICRP, 2, 4, session=21, assigned_session=9)), ["sent twice, with Ns 1 before"])


@case("a number that is used again for another message is wrong")
def _():
    expect_equal(wrong(from_lns(HELLO, 1, 4)), ["another message had this Ns before"])


@case("a number that is left out is wrong")
def _():
    expect_equal(wrong(from_lns(HELLO, 3, 4)), ["out of order, Ns 2 was next"])


@case("an acknowledgement that goes back is wrong")
def _():
    expect_equal(wrong(from_lns(HELLO, 2, 3)), ["Nr went back from 4"])


@case("an acknowledgement of what was never sent is wrong")
def _():
    expect_equal(wrong(from_lns(HELLO, 2, 5)), ["acknowledges what was never sent"])


@case("an acknowledgement under the Ns of a forgotten message is wrong")
def _():
    expect_equal(wrong(from_lns(None, 1, 4)), ["an acknowledgement with this Ns when 2 is next"])


@case("numbers go on from 65535 to 0")
def _():
    messages = [SET_UP[0], SET_UP[1]]
    for number in range(1, 70000):
        messages.append(from_lac(HELLO, number % 65536, 1))
        messages.append(from_lns(None, 1, (number + 1) % 65536))
    expect_equal(examine(messages).wrong, [])


@case("two tunnels of the same peers have numbers of their own")
def _():
    second = [from_lac(SCCRQ, 0, 0, assigned_tunnel=6), from_lns(SCCRP, 0, 1, tunnel=6, assigned_tunnel=8),
              from_lac(SCCCN, 1, 1, tunnel=8), from_lns(None, 1, 2, tunnel=6)]
    expect_equal(wrong(*second), [])


@case("a line of tshark's becomes a message")
def _():
    line = "12.5\t192.0.2.1\t192.0.2.2\t\t\t26779\t8285\t1\t3\t11\t\t62569\tc802"
    expect_equal(from_fields(line.split("\t")), Message(12.5, LNS, LAC, 26779, 8285, 1, 3, 11, None, 62569, "c802"))


@case("the type of a control message is read off its frame, and off nothing else")
def _():
    # Ethernet, IPv4, UDP, L2TP header, Message Type AVP: an ICRP
    icrp = bytes.fromhex("020000000102020000000101" "0800" "450000380000400040110000" "c0000201c0000202"
                         "06a506a500240000" "c802001c689b205d00010003" "80080000" "0000000b")
    expect_equal(control_kind(icrp), ICRP)
    zlb, data, icmp = bytearray(icrp[:54]), bytearray(icrp), bytearray(icrp)
    data[42] = 0x40
    icmp[23] = 1
    expect_equal([control_kind(bytes(frame)) for frame in (zlb, data, icmp)], [None, None, None])


sys.exit(run_cases())
