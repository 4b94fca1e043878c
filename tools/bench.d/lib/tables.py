"""The forwarding tables that go with the captures of captures.py, put by hand instead of by a control process."""

import sys

from report import ROOT  # first: it finds tools/lib

import captures

sys.path.insert(0, str(ROOT / "tests/system/dataplane"))
from fake_control import (IGNORE_SEQUENCE, IPV4, IPV6, KERNEL, MIRROR_SEQUENCE, NEIGHBOUR, SEND_SEQUENCE, SESSION,
                          TO_CIRCUIT, UDP_CHECKSUM)


def circuit_id(session, bits):
    return (session.tunnel & ((1 << bits) - 1)) << 16 | session.id


def put_circuit(control, session, bits, port):
    """A subscriber of the LAC: PPPoE session and session of the tunnel have one number."""
    circuit = circuit_id(session, bits)
    control.put_session(session.tunnel, session.id, captures.peer_tunnel(session), session.id,
                        flags=TO_CIRCUIT | MIRROR_SEQUENCE, onward=circuit, ring=False)
    control.put_circuit(circuit, port, captures.subscriber_mac(session), session.tunnel, session.id, ring=False)


def put_subscriber(control, session, flags=0, families=(4, 6)):
    control.put_session(session.tunnel, session.id, captures.peer_tunnel(session), session.id, ring=False,
                        flags=IPV4 | IPV6 | flags, ipv4=captures.subscriber(session, 4),
                        ipv6=captures.subscriber_prefix(session, 6))
    for family in families:
        control.put_route(captures.subscriber_prefix(session, family), SESSION, tunnel=session.tunnel,
                          session=session.id, ring=False)


def fill(control, case, outer, sessions, bits=0, out_port=0, out_mac=captures.OTHER_MAC, circuit_port=0,
         sequence=False, udp_checksum=False, families=(4, 6)):
    """What the dataplane needs to forward a capture of this case. bits: bank_bits() of the dataplane. sequence: data
    messages carry Ns, and whatever comes is taken, since a capture that is replayed repeats its own. families: of the
    subscribers' routes."""
    control.put_neighbour(1, out_port, out_mac.hex(":"))
    for family in (4, 6):
        length = 32 if family == 4 else 128
        control.put_route(f"{captures.LOCAL[family]}/{length}", KERNEL)
        for reached in (captures.PEER, captures.HOST):
            control.put_route(f"{reached[family]}/{length}", NEIGHBOUR, neighbour=1)
    tunnels = {session.tunnel: session for session in sessions}
    for tunnel, session in tunnels.items():
        control.put_tunnel(tunnel, captures.peer_tunnel(session), captures.LOCAL[outer], captures.PEER[outer],
                           flags=UDP_CHECKSUM if udp_checksum else 0, ring=False)
    for session in sessions:
        if case.startswith("lac"):
            put_circuit(control, session, bits, circuit_port)
        else:
            put_subscriber(control, session, SEND_SEQUENCE | IGNORE_SEQUENCE if sequence else 0, families)
    control.settled()
