#!/usr/bin/env python3
"""The real holdfast-dataplane on two wires: whole frames both ways compared octet by octet, counters, what it answers
itself, what its kernel answers, what it refuses and why, and what it does when there is nothing to do."""

import pathlib
import struct
import subprocess
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[3] / "tools/lib")]

import packets
from build import program
from fake_control import ANSWER_ECHO, IPV4, SEND_LENGTH, SEND_SEQUENCE
from lab import Lab, run, wait_until
from packets import ip, l2tp, ppp, udp
from router import (CORE, INSTANCE, LAC, LOCAL, MAGIC, MTU, NAMESPACES, PEER_SESSION, PEER_TUNNEL, RUN_DIR, SESSION_ID,
                    SHM_DIR, TUNNEL, WHERE, Router, is_ip, user)
from tap import case, expect, expect_equal, run_cases

DATA = bytes(range(48))
BURST = 40  # frames: more than a burst of the dataplane's
FAMILIES = [(outer, inner) for outer in (4, 6) for inner in (4, 6)]


def from_subscriber(outer, inner, ttl=64, number=0):
    ends = (user(outer, inner), CORE[inner])
    return ip(*ends, udp(5000, number, DATA, ends), ttl=ttl)


def for_subscriber(outer, inner, ttl=64, number=0):
    ends = (CORE[inner], user(outer, inner))
    return ip(*ends, udp(6000, number, DATA, ends), ttl=ttl)


def forget(router):
    for wire in (router.lac, router.core):
        wire.forget()


def dissect(router, frames, *fields):
    """What tshark finds in these fields of each frame."""
    file = router.lab.folder / "sent.pcap"
    with open(file, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for frame in frames:
            out.write(struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame)
    checks = ["-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"]
    asked = [word for name in ("frame.number", *fields) for word in ("-e", name)]
    rows = [row.split("\t") for row in run("tshark", "-r", file, *checks, "-T", "fields", *asked).splitlines()]
    return [row[1:] for row in rows if row[0].isdigit()]  # the rest is a remark of tshark's


def up(outer, inner):
    @case(f"IPv{inner} of a subscriber leaves its tunnel over IPv{outer}, octet by octet, in order, and is counted")
    def _(router):
        forget(router)
        before = router.session_counters(outer)
        for number in range(BURST):
            router.lac.send(router.from_user(outer, ppp(from_subscriber(outer, inner, number=number))))
        wanted = [router.to_core(from_subscriber(outer, inner, 63, number)) for number in range(BURST)]
        expect_equal(router.core.received(is_ip, BURST), wanted)
        after = router.session_counters(outer)
        expect_equal({name: after[name] - before[name] for name in after},
                     {"rx_packets": BURST, "rx_octets": BURST * len(from_subscriber(outer, inner)),
                      "tx_packets": 0, "tx_octets": 0})


def down(outer, inner):
    @case(f"IPv{inner} for a subscriber enters its tunnel over IPv{outer}, octet by octet, in order, and is counted")
    def _(router):
        forget(router)
        before = router.session_counters(outer)
        for number in range(BURST):
            router.core.send(router.from_core(for_subscriber(outer, inner, number=number)))
        found = router.lac.received(is_ip, BURST)
        first = struct.unpack_from("!H", found[0], 18)[0] if found and outer == 4 else 0
        wanted = [router.to_user(outer, ppp(for_subscriber(outer, inner, 63, number)), (first + number) % 65536)
                  for number in range(BURST)]
        expect_equal(found, wanted)
        after = router.session_counters(outer)
        expect_equal({name: after[name] - before[name] for name in after},
                     {"tx_packets": BURST, "tx_octets": BURST * len(for_subscriber(outer, inner)),
                      "rx_packets": 0, "rx_octets": 0})


for families in FAMILIES:
    up(*families)
    down(*families)


@case("every form of the L2TP and PPP headers is taken")
def _(router):
    forget(router)
    packet, count, sent = from_subscriber(4, 4), 0, 1
    for header in (packets.FF03, b""):
        for flags in (0, packets.LENGTH):
            for padding in (None, b"", b"12345"):
                for numbered in (False, True):
                    router.lac.send(router.from_user(4, ppp(packet, header), flags=flags, padding=padding,
                                                     sequence=(count, 0) if numbered else None))
                    count += numbered
                    sent += 1
    router.lac.send(router.from_user(4, b"\x21" + packet))  # a protocol field of one octet
    expect_equal(router.core.received(is_ip, sent), [router.to_core(from_subscriber(4, 4, 63))] * sent)


def fragments(outer, datagram, border, number):
    """Two packets from the LAC with a part of its datagram each."""
    parts = [(0, datagram[:border], True), (border, datagram[border:], False)]
    if outer == 4:
        return [ip(LAC[4], LOCAL[4], part, identification=number, fragment=begin // 8 | more << 13)
                for begin, part, more in parts]
    return [ip(LAC[6], LOCAL[6], struct.pack("!BBHI", packets.UDP, 0, begin | more, number) + part, protocol=44)
            for begin, part, more in parts]


@case("data messages that were fragmented on the way are taken, whichever part comes first")
def _(router):
    forget(router)
    for outer, inner in FAMILIES:
        message = l2tp(TUNNEL[outer], SESSION_ID[outer], ppp(from_subscriber(outer, inner)))
        datagram = udp(1701, 1701, message, (LAC[outer], LOCAL[outer]))
        for number, order in ((1, (0, 1)), (2, (1, 0))):
            packet = fragments(outer, datagram, 64, number)
            for part in order:
                router.lac.send(router.from_lac(packet[part]))
            expect_equal(router.core.received(is_ip, 1), [router.to_core(from_subscriber(outer, inner, 63))])


@case("tshark dissects what enters a tunnel without a complaint, and finds its checksums right")
def _(router):
    forget(router)
    for outer, inner in FAMILIES:
        router.core.send(router.from_core(for_subscriber(outer, inner)))
    rows = dissect(router, router.lac.received(is_ip, len(FAMILIES)), "l2tp.tunnel", "l2tp.session", "ppp.protocol",
                   "frame.protocols", "_ws.expert.message", "_ws.malformed")
    layers = {4: "ip", 6: "ipv6"}
    wanted = [[str(PEER_TUNNEL[outer]), str(PEER_SESSION[outer]), "0x%04x" % packets.PPP_IP[inner],
               f"eth:ethertype:{layers[outer]}:udp:l2tp:ppp:{layers[inner]}:udp:data", "", ""]
              for outer, inner in FAMILIES]
    expect_equal(rows, wanted)


def sequenced(numbers):
    return [(number, ppp(from_subscriber(4, 4, number=number))) for number in numbers]


@case("data messages of a session with sequence numbers are numbered, and tshark agrees")
def _(router):
    forget(router)
    router.put_session(4, flags=IPV4 | ANSWER_ECHO | SEND_SEQUENCE | SEND_LENGTH)
    for number in range(3):
        router.core.send(router.from_core(for_subscriber(4, 4, number=number)))
    found = router.lac.received(is_ip, 3)
    first = struct.unpack_from("!H", found[0], 18)[0]
    expect_equal(found, [router.to_user(4, ppp(for_subscriber(4, 4, 63, number)), first + number, sequence=(number, 0),
                                        flags=packets.LENGTH) for number in range(3)])
    expect_equal(dissect(router, found, "l2tp.Ns", "_ws.expert.message"), [[str(number), ""] for number in range(3)])


@case("lost data messages are counted, and late ones dropped")
def _(router):
    forget(router)
    router.put_session(4)
    router.lac.send(router.from_user(4, ppp(from_subscriber(4, 4)), sequence=(1000, 0)))
    expect_equal(router.core.received(is_ip, 1), [router.to_core(from_subscriber(4, 4, 63))])
    drops, before = router.control.counters.drops(), router.control.counters.sequence(SESSION_ID[4])
    for ns, frame in sequenced([1001, 1004, 1002, 1005]):
        router.lac.send(router.from_user(4, frame, sequence=(ns, 0)))
    wanted = [router.to_core(from_subscriber(4, 4, 63, number)) for number in (1001, 1004, 1005)]
    expect_equal(router.core.received(is_ip, 3), wanted)
    after = router.control.counters.sequence(SESSION_ID[4])
    expect_equal([now - then for now, then in zip(after, before)], [2, 1, 0, 0])
    expect_equal(router.new_drops(drops), {"l2tp_late": 1})


@case("early data messages wait for missing ones where the row says so, and not longer")
def _(router):
    forget(router)
    router.put_session(4, reorder=(4, 100))
    for ns, frame in sequenced([1006, 1008, 1009, 1007, 1011]):
        router.lac.send(router.from_user(4, frame, sequence=(ns, 0)))
    begun = time.monotonic()
    wanted = [router.to_core(from_subscriber(4, 4, 63, number)) for number in (1006, 1007, 1008, 1009, 1011)]
    expect_equal(router.core.received(is_ip, 4), wanted[:4])
    expect_equal(router.core.received(is_ip, 1), wanted[4:])
    expect(time.monotonic() - begun > 0.08, "it did not wait")
    router.put_session(4)


@case("LCP echo is answered with our magic number, and anything else of LCP goes to control")
def _(router):
    forget(router)
    lcp = packets.be16(packets.LCP)
    for outer in (4, 6):
        request = struct.pack("!BBHI", 9, 5, 12, 0xcafef00d) + b"echo"
        router.lac.send(router.from_user(outer, packets.FF03 + lcp + request))
        found = router.lac.received(is_ip, 1)
        reply = struct.pack("!BBHI", 10, 5, 12, MAGIC) + b"echo"
        number = struct.unpack_from("!H", found[0], 18)[0] if outer == 4 else 0
        expect_equal(found, [router.to_user(outer, packets.FF03 + lcp + reply, number)])
        terminate = struct.pack("!BBH", 5, 1, 4)
        router.lac.send(router.from_user(outer, packets.FF03 + lcp + terminate))
        header, frame = wait_until("the frame", router.control.punted, 5, 0.005)
        expect_equal((header[0], header[2], header[3], frame), (2, TUNNEL[outer], SESSION_ID[outer], lcp + terminate))


@case("an L2TP control message goes to control, and control's answer goes out")
def _(router):
    forget(router)
    hello = struct.pack("!HHHHHH", 0xc802, 12, 0, 0, 0, 0)
    for outer in (4, 6):
        ends = (LAC[outer], LOCAL[outer])
        router.lac.send(router.from_lac(ip(*ends, udp(40000, 1701, hello, ends))))
        header, payload = wait_until("the message", router.control.punted, 5, 0.005)
        expect_equal((header[0], payload, header[6:8]), (1, hello, (40000, 1701)))
        router.control.inject_l2tp(hello, LOCAL[outer], LAC[outer], 1701, 40000)
        found = router.lac.received(is_ip, 1)
        number = struct.unpack_from("!H", found[0], 18)[0] if outer == 4 else 0
        back = ends[::-1]
        answer = ip(*back, udp(1701, 40000, hello, back), identification=number, traffic_class=0xc0)
        expect_equal(found, [packets.ethernet(router.lac.mac, router.port_mac[0], answer)])


@case("while no control process is there packets flow, echoes are answered, and what is for control waits")
def _(router):
    forget(router)
    router.control.detach()
    router.lac.send(router.from_user(4, ppp(from_subscriber(4, 4))))
    expect_equal(router.core.received(is_ip, 1), [router.to_core(from_subscriber(4, 4, 63))])
    router.lac.send(router.from_user(4, packets.FF03 + packets.be16(packets.LCP) + struct.pack("!BBHI", 9, 5, 8, 1)))
    expect_equal(len(router.lac.received(is_ip, 1)), 1)
    terminate = packets.be16(packets.LCP) + struct.pack("!BBH", 5, 2, 4)
    router.lac.send(router.from_user(4, packets.FF03 + terminate))
    router.attach()
    _, frame = wait_until("the frame", router.control.punted, 5, 0.005)
    expect_equal(frame, terminate)


@case("the kernel answers ARP, neighbour discovery and ping for the router's own addresses")
def _(router):
    for inner in (4, 6):
        answer = router.lac_side.run("ping", "-n", "-q", "-c", "3", "-i", "0.05", "-W", "2", LOCAL[inner])
        expect("3 received" in answer, answer)
        neighbour = router.lac_side.ip("neigh", "show", LOCAL[inner])
        expect(router.port_mac[0].hex(":") in neighbour, neighbour)


@case("the kernel answers what has no hop left, into the tunnel")
def _(router):
    forget(router)
    router.lac.send(router.from_user(4, ppp(from_subscriber(4, 4, ttl=1))))
    frame = router.lac.received(is_ip, 1)[0]
    l2tp_at = 14 + 20 + 8
    expect_equal(frame[l2tp_at:l2tp_at + 6], struct.pack("!HHH", 2, PEER_TUNNEL[4], PEER_SESSION[4]))
    inner = frame[l2tp_at + 10:]
    expect_equal((inner[9], inner[16:20], inner[20:22]), (packets.ICMP, packets.packed(user(4, 4)), b"\x0b\x00"))


@case("a packet that is too big for the subscriber makes the kernel say so")
def _(router):
    forget(router)
    packet = ip(CORE[4], user(4, 4), udp(1, 2, bytes(MTU)), fragment=0x4000)
    router.namespace.ip("route", "replace", f"{user(4, 4)}/32", "dev", "subs0", "mtu", str(MTU))
    router.namespace.ip("neigh", "replace", CORE[4], "lladdr", router.core.mac.hex(":"), "dev", "ge1")
    router.core.send(router.from_core(packet))
    frame = router.core.received(is_ip, 1)[0]
    expect_equal((frame[23], frame[34:36], struct.unpack_from("!H", frame, 40)[0]), (packets.ICMP, b"\x03\x04", MTU))


def message(outer, body):
    """A frame with that in a right UDP datagram from the LAC."""
    return ip(LAC[outer], LOCAL[outer], udp(1701, 1701, body, (LAC[outer], LOCAL[outer])))


def change(packet, at, octets):
    return packet[:at] + octets + packet[at + len(octets):]


def refused(router):
    """What is wrong with a frame -> the name of the reason, and the frame on the LAC's side."""
    good4, good6 = from_subscriber(4, 4), from_subscriber(6, 6)
    data4, data6 = l2tp(7, 9, ppp(good4)), l2tp(8, 10, ppp(good6))
    outer4, outer6 = message(4, data4), message(6, data6)
    frame = router.from_lac
    yield "another's MAC address", "eth_not_for_us", packets.ethernet(b"\2\0\0\0\0\xff", router.lac.mac, outer4)
    yield "IPv4 of fewer octets than a header", "ipv4_too_short", frame(outer4[:16])
    yield "IPv4 of another version", "ipv4_bad_header", packets.ethernet(
        router.port_mac[0], router.lac.mac, b"\x65" + outer4[1:], 0x0800)
    yield "IPv4 longer than the frame", "ipv4_bad_length", frame(outer4[:-1])
    yield "IPv4 of a wrong checksum", "ipv4_bad_checksum", frame(change(outer4, 10, b"\0\0"))
    yield "IPv6 of fewer octets than a header", "ipv6_too_short", frame(outer6[:39])
    yield "IPv6 of another version", "ipv6_bad_header", packets.ethernet(
        router.port_mac[0], router.lac.mac, b"\x45" + outer6[1:], 0x86dd)
    yield "IPv6 longer than the frame", "ipv6_bad_length", frame(outer6[:-1])
    yield "UDP longer than IP says", "udp_bad_length", frame(
        ip(LAC[4], LOCAL[4], udp(1701, 1701, data4)[:-1]))
    yield "a control message of a wrong UDP checksum", "udp_bad_checksum", frame(
        ip(LAC[4], LOCAL[4], change(udp(1701, 1701, struct.pack("!HHHHHH", 0xc802, 12, 0, 0, 0, 0)), 6, b"\1\1")))
    yield "L2TP of five octets", "l2tp_too_short", frame(message(4, data4[:5]))
    yield "L2TPv3", "l2tp_bad_version", frame(message(4, b"\0\3" + data4[2:]))
    yield "L2F", "l2tp_bad_version", frame(message(4, b"\0\1" + data4[2:]))
    yield "an L2TP length beyond the datagram", "l2tp_bad_length", frame(
        message(4, change(l2tp(7, 9, ppp(good4), packets.LENGTH), 2, b"\xff\xff")))
    yield "an L2TP length within the header", "l2tp_bad_length", frame(
        message(4, change(l2tp(7, 9, ppp(good4), packets.LENGTH), 2, b"\0\7")))
    yield "an offset beyond the datagram", "l2tp_too_short", frame(
        message(4, change(l2tp(7, 9, ppp(good4), padding=b""), 6, b"\xff\xff")))
    yield "a session that is not there", "l2tp_no_session", frame(message(4, l2tp(7, 11, ppp(good4))))
    yield "a session of another tunnel", "l2tp_no_session", frame(message(4, l2tp(8, 9, ppp(good4))))
    yield "a stranger's address", "l2tp_wrong_peer", frame(ip("192.0.2.9", LOCAL[4], udp(1701, 1701, data4)))
    yield "a stranger's port", "l2tp_wrong_peer", frame(ip(LAC[4], LOCAL[4], udp(1702, 1701, data4)))
    yield "a PPP frame without a protocol", "ppp_too_short", frame(message(4, l2tp(7, 9, packets.FF03)))
    yield "an inner address that is not the subscriber's", "ppp_source_spoofed", frame(
        message(4, l2tp(7, 9, ppp(ip("10.0.0.200", CORE[4], udp(1, 2, DATA))))))
    yield "an inner IPv4 of a wrong checksum", "ipv4_bad_checksum", frame(
        message(4, l2tp(7, 9, ppp(change(good4, 10, b"\0\0")))))
    yield "an inner IPv6 longer than its frame", "ipv6_bad_length", frame(message(6, l2tp(8, 10, ppp(good6[:-1]))))
    yield "inner multicast", "ppp_multicast", frame(
        message(4, l2tp(7, 9, ppp(ip(user(4, 4), "224.0.0.9", udp(1, 2, DATA))))))


@case("each malformed frame is counted by its reason and goes nowhere")
def _(router):
    forget(router)
    wrong = []
    for what, reason, frame in refused(router):
        before = router.control.counters.drops()
        router.lac.send(frame)
        try:
            wait_until("a drop", lambda: router.new_drops(before), 2, 0.002)
        except Exception:
            wrong.append(f"{what}: counted nowhere")
            continue
        if router.new_drops(before) != {reason: 1}:
            wrong.append(f"{what}: {router.new_drops(before)} instead of {reason}")
    expect_equal(wrong, [])
    expect_equal(router.core.received(is_ip, 1, patience=0.1), [])


@case("a data message cut at any length is counted and goes nowhere")
def _(router):
    forget(router)
    for outer in (4, 6):
        whole = router.from_user(outer, ppp(from_subscriber(outer, outer)))
        before = router.control.counters.drops()
        lengths = range(15, len(whole))  # a packet socket sends no header alone
        for length in lengths:
            router.lac.send(whole[:length])
        wait_until("all of them", lambda: sum(router.new_drops(before).values()) >= len(lengths), 5, 0.01)
        expect_equal(sum(router.new_drops(before).values()), len(lengths))
    expect_equal(router.core.received(is_ip, 1, patience=0.1), [])


@case("an idle dataplane uses less than a tenth of a core")
def _(router):
    forget(router)
    begun, used = time.monotonic(), router.cpu_seconds()
    time.sleep(3)  # what is measured takes its time
    share = (router.cpu_seconds() - used) / (time.monotonic() - begun)
    expect(share < 0.1, f"{share:.3f} of a core")


def start_wrong(router, *options):
    """Status and words of a dataplane that can't start."""
    command = [program("holdfast-dataplane"), *options]
    done = subprocess.run([*router.namespace.inside, *map(str, command)], capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout + done.stderr


ELSEWHERE = ["--instance", "wrong", "--run-dir", RUN_DIR, "--shm-dir", SHM_DIR]


def wrong_start(sentence, options, *words):
    @case(sentence)
    def _(router):
        status, text = start_wrong(router, *options)
        expect_equal(status, 2)
        expect(all(word in text for word in words), text)
        expect("terminate called" not in text and "Traceback" not in text, text)


wrong_start("a port that is not there is said in a sentence",
            [*ELSEWHERE, "--no-huge", "--port", "ge7=net_af_packet7,iface=nosuch0"], "ge7", "nosuch0", "check")
wrong_start("missing hugepages are said in a sentence with the way out",
            [*ELSEWHERE, "--memory", "65536"], "hugepages", "sysctl vm.nr_hugepages=", "--no-huge")
wrong_start("an unknown option is named", [*ELSEWHERE, "--bogus"], "--bogus")
wrong_start("a port without a device is shown how to be written", [*ELSEWHERE, "--port", "ge0"], "NAME=DEVARGS")
wrong_start("an instance that runs already is named",
            [*WHERE, "--no-huge", "--subscriber-interface", "subs9"], INSTANCE, "already running")
wrong_start("an interface that is there already is named",
            [*ELSEWHERE, "--no-huge", "--subscriber-interface", "ge0"], "ge0")


@case("it ends in order when it is told to")
def _(router):
    router.control.detach()
    router.dataplane.popen.terminate()
    expect_equal(router.dataplane.popen.wait(10), 0)
    expect("ge0" not in router.namespace.ip("-o", "link"), "its interfaces stay")


with Lab("forwarding", NAMESPACES) as lab:
    router = Router(lab)
    router.start()
    status = run_cases(router, on_failure=router.logs)
sys.exit(status)
