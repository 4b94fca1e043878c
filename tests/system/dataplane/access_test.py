#!/usr/bin/env python3
"""The real holdfast-dataplane as access concentrator: PPPoE with and without VLAN tags on one wire, an LNS on the
other. Frames pass both ways untouched, discovery goes to control and back, spoofed frames are counted and dropped, and
a subscriber whose PPP ends here is forwarded. (net_af_packet shows every outer tag as 0x8100: service tags are the unit
tests' business.)"""

import pathlib
import struct
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[3] / "tools/lib")]

import packets
from fake_control import (ACCESS_TUNNEL, ANSWER_ECHO, IPV4, IPV6, PUNT_PPP, PUNT_PPPOE, SESSION,
                          TO_CIRCUIT, TO_SESSION)
from lab import Lab, wait_until
from packets import FF03, LCP, be16, ip, l2tp, pppoe, tagged, udp
from router import CORE, CORE_LOCAL, LAC, LOCAL, MAGIC, NAMESPACES, Router, is_ip
from tap import case, expect_equal, run_cases

# The wire called lac has the subscribers, the wire called core has the LNS.
SUBSCRIBERS, LNS = 0, 1
TUNNEL, PEER_TUNNEL = 20, 200
LINES = {"untagged": (), "a VLAN": (100,), "two VLANs": (100, 200)}  # a circuit and a session each
ID = {name: number for number, name in enumerate(LINES, 1)}
LOCAL_LINE, LOCAL_SESSION = 9, 30  # the circuit whose PPP ends here
USER = {4: "10.0.0.77", 6: "2001:db8:77::5"}
ECHO_REQUEST, ECHO_REPLY = 9, 10
EVERYONE = b"\xff" * 6


def is_pppoe(frame):
    return struct.unpack_from("!H", frame, 12)[0] in (packets.VLAN, packets.PPPOE, packets.PPPOE_DISCOVERY)


class AccessRouter(Router):
    def fill_tables(self):
        super().fill_tables()
        c = self.control
        c.put_tunnel(TUNNEL, PEER_TUNNEL, CORE_LOCAL[4], CORE[4])
        for name, vlans in LINES.items():
            outer, inner = (*vlans, 0, 0)[:2]
            c.put_session(TUNNEL, ID[name], PEER_TUNNEL, 100 + ID[name], flags=TO_CIRCUIT, onward=ID[name])
            c.put_circuit(ID[name], SUBSCRIBERS, self.lac.mac, TUNNEL, ID[name], outer, inner)
        c.put_session(ACCESS_TUNNEL, LOCAL_SESSION, 0, 0, ipv4=USER[4], ipv6="2001:db8:77::/64", magic=MAGIC,
                      flags=TO_CIRCUIT | IPV4 | IPV6 | ANSWER_ECHO, mtu=1492, onward=LOCAL_LINE)
        c.put_circuit(LOCAL_LINE, SUBSCRIBERS, self.lac.mac, ACCESS_TUNNEL, LOCAL_SESSION)
        for prefix in (f"{USER[4]}/32", "2001:db8:77::/64"):
            c.put_route(prefix, SESSION, tunnel=ACCESS_TUNNEL, session=LOCAL_SESSION)
        c.settled()

    # Frames on the subscribers' wire and on the LNS's.

    def from_circuit(self, circuit, frame, vlans=(), mac=None):
        header = tagged(self.port_mac[SUBSCRIBERS], mac or self.lac.mac, packets.PPPOE, vlans)
        return header + pppoe(circuit, frame)

    def to_circuit(self, circuit, frame, vlans=()):
        return tagged(self.lac.mac, self.port_mac[SUBSCRIBERS], packets.PPPOE, vlans) + pppoe(circuit, frame)

    def from_lns(self, session, frame, **form):
        message = udp(1701, 1701, l2tp(TUNNEL, session, frame, **form), (CORE[4], CORE_LOCAL[4]))
        return self.from_core(ip(CORE[4], CORE_LOCAL[4], message))

    def to_lns(self, session, frame, identification):
        message = udp(1701, 1701, l2tp(PEER_TUNNEL, 100 + session, frame))
        return self.to_core(ip(CORE_LOCAL[4], CORE[4], message, identification=identification))

    def punted(self):
        return wait_until("a punted packet", self.control.punted, every=0.001)

    def forget(self):
        for wire in (self.lac, self.core):
            wire.forget()
        while self.control.punted():
            pass


def frames_of(number):
    """PPP frames of several protocols, each unlike the next."""
    protocols = (0x0021, 0x0057, LCP, 0x8021, 0x1234)
    return [be16(protocol) + bytes([number, at]) * 20 for at, protocol in enumerate(protocols)]


def up(name, vlans):
    @case(f"PPP frames of {name} enter the tunnel octet by octet, and are counted")
    def _(router):
        router.forget()
        frames, before = frames_of(1), router.control.counters.session(ID[name])
        for frame in frames:
            router.lac.send(router.from_circuit(ID[name], frame, vlans))
        found = router.core.received(is_ip, len(frames))
        first = struct.unpack_from("!H", found[0], 18)[0] if found else 0
        expect_equal(found, [router.to_lns(ID[name], FF03 + frame, first + i) for i, frame in enumerate(frames)])
        after = router.control.counters.session(ID[name])
        expect_equal({key: after[key] - before[key] for key in after},
                     {"rx_packets": len(frames), "rx_octets": sum(map(len, frames)), "tx_packets": 0, "tx_octets": 0})


def down(name, vlans):
    @case(f"PPP frames from the tunnel reach {name} octet by octet, and are counted")
    def _(router):
        router.forget()
        frames, before = frames_of(2), router.control.counters.session(ID[name])
        for number, frame in enumerate(frames):
            router.core.send(router.from_lns(ID[name], FF03 * (number % 2) + frame))
        expect_equal(router.lac.received(is_pppoe, len(frames)),
                     [router.to_circuit(ID[name], frame, vlans) for frame in frames])
        after = router.control.counters.session(ID[name])
        expect_equal({key: after[key] - before[key] for key in after},
                     {"tx_packets": len(frames), "tx_octets": sum(map(len, frames)), "rx_packets": 0, "rx_octets": 0})


for line in LINES.items():
    up(*line)
    down(*line)


def discovery(name, vlans):
    @case(f"discovery of {name} goes to control as it is, and answers leave as control made them")
    def _(router):
        router.forget()
        body = pppoe(0, b"\x01\x01\x00\x00", 0x09) + bytes(30)
        for to in (EVERYONE, router.port_mac[SUBSCRIBERS]):
            frame = tagged(to, router.lac.mac, packets.PPPOE_DISCOVERY, vlans) + body
            router.lac.send(frame)
            header, payload = router.punted()
            expect_equal((header[0], header[8], payload), (PUNT_PPPOE, SUBSCRIBERS, frame))
        pado = tagged(router.lac.mac, router.port_mac[SUBSCRIBERS], packets.PPPOE_DISCOVERY, vlans) + body
        router.control.inject_pppoe(SUBSCRIBERS, pado)
        expect_equal(router.lac.received(is_pppoe, 1), [pado])


for line in LINES.items():
    discovery(*line)


def refused(sentence, reason, send):
    @case(f"{sentence} is dropped and counted as {reason}")
    def _(router):
        router.forget()
        before = router.control.counters.drops()
        send(router)
        wait_until("the drop", lambda: router.new_drops(before), every=0.001)
        expect_equal(router.new_drops(before), {reason: 1})
        expect_equal(router.core.received(is_ip, 1, patience=0.05), [])


FRAME = be16(0x0021) + bytes(40)
refused("a frame of a session that is not there", "pppoe_no_session",
        lambda router: router.lac.send(router.from_circuit(77, FRAME)))
refused("a frame from another MAC address", "pppoe_wrong_source",
        lambda router: router.lac.send(router.from_circuit(1, FRAME, mac=b"\x02\0\0\0\0\x99")))
refused("a frame in another VLAN", "pppoe_wrong_source",
        lambda router: router.lac.send(router.from_circuit(ID["a VLAN"], FRAME, (101,))))
refused("a frame with a tag too many", "pppoe_wrong_source",
        lambda router: router.lac.send(router.from_circuit(ID["a VLAN"], FRAME, (100, 200))))
refused("a frame on another port", "pppoe_wrong_source", lambda router: router.core.send(
    tagged(router.port_mac[LNS], router.lac.mac, packets.PPPOE) + pppoe(1, FRAME)))
refused("a frame of another version", "pppoe_bad_header", lambda router: router.lac.send(
    router.from_circuit(1, FRAME).replace(b"\x88\x64\x11", b"\x88\x64\x12")))
refused("a frame that claims to be longer than it is", "pppoe_bad_length",
        lambda router: router.lac.send(router.from_circuit(1, FRAME)[:-1]))
refused("a data message for a session that has no peer", "l2tp_wrong_peer", lambda router: router.core.send(
    router.from_core(ip(CORE[4], CORE_LOCAL[4], udp(1701, 1701, l2tp(ACCESS_TUNNEL, LOCAL_SESSION, FRAME))))))


@case("PPP that ends here is answered here: echo in the fast path, negotiation by control")
def _(router):
    router.forget()
    echo = be16(LCP) + struct.pack("!BBHI", ECHO_REQUEST, 5, 8, 0x01020304)
    router.lac.send(router.from_circuit(LOCAL_LINE, echo))
    reply = be16(LCP) + struct.pack("!BBHI", ECHO_REPLY, 5, 8, MAGIC)
    expect_equal(router.lac.received(is_pppoe, 1), [router.to_circuit(LOCAL_LINE, reply)])
    request = be16(LCP) + b"\x01\x01\x00\x04"
    router.lac.send(router.from_circuit(LOCAL_LINE, request))
    header, payload = router.punted()
    expect_equal((header[0], header[2], header[3], payload), (PUNT_PPP, ACCESS_TUNNEL, LOCAL_SESSION, request))
    router.control.inject_ppp(ACCESS_TUNNEL, LOCAL_SESSION, request)
    expect_equal(router.lac.received(is_pppoe, 1), [router.to_circuit(LOCAL_LINE, request)])


@case("IP of a subscriber whose PPP ends here is forwarded both ways")
def _(router):
    router.forget()
    for family in (4, 6):
        ends = (USER[family], CORE[family])
        packet = [ip(*ends, udp(1, 2, bytes(30), ends), ttl=ttl) for ttl in (64, 63)]
        router.lac.send(router.from_circuit(LOCAL_LINE, be16(packets.PPP_IP[family]) + packet[0]))
        expect_equal(router.core.received(is_ip, 1), [router.to_core(packet[1])])
        packet = [ip(*ends[::-1], udp(2, 1, bytes(30), ends[::-1]), ttl=ttl) for ttl in (64, 63)]
        router.core.send(router.from_core(packet[0]))
        expect_equal(router.lac.received(is_pppoe, 1),
                     [router.to_circuit(LOCAL_LINE, be16(packets.PPP_IP[family]) + packet[1])])


@case("frames of a switched session leave in the other tunnel, both ways")
def _(router):
    router.forget()
    other = {"tunnel": 21, "session": 40}
    router.control.put_tunnel(other["tunnel"], 210, LOCAL[4], LAC[4])
    router.control.put_session(other["tunnel"], other["session"], 210, 400, flags=TO_SESSION, onward=50)
    router.control.put_session(TUNNEL, 50, PEER_TUNNEL, 150, flags=TO_SESSION, onward=40)
    router.control.settled()
    for frame in frames_of(3):
        message = udp(1701, 1701, l2tp(21, 40, FF03 + frame), (LAC[4], LOCAL[4]))
        router.lac.send(router.from_lac(ip(LAC[4], LOCAL[4], message)))
        found = router.core.received(is_ip, 1)
        expect_equal(found, [router.to_lns(50, FF03 + frame, struct.unpack_from("!H", found[0], 18)[0])])
        router.core.send(router.from_lns(50, frame))
        found = router.lac.received(is_ip, 1)
        answer = ip(LOCAL[4], LAC[4], udp(1701, 1701, l2tp(210, 400, FF03 + frame)),
                    identification=struct.unpack_from("!H", found[0], 18)[0])
        expect_equal(found, [packets.ethernet(router.lac.mac, router.port_mac[SUBSCRIBERS], answer)])


with Lab("forwarding", NAMESPACES) as lab:
    router = AccessRouter(lab)
    router.start()
    status = run_cases(router, on_failure=router.logs)
sys.exit(status)
