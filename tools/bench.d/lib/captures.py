"""Captures for the fast path: what an LNS receives from a tunnel and for one, and what a LAC receives from subscribers
and from a tunnel; many sessions visited at random."""

import collections
import ipaddress
import random
import struct

PACKETS = 4096  # in a capture, which is replayed for ever; net_pcap keeps them all in memory
BANK_SESSIONS = 65535  # dataplane/abi/ids.hpp
LOCAL, PEER = {4: "192.0.2.1", 6: "2001:db8::1"}, {4: "192.0.2.2", 6: "2001:db8::2"}
HOST = {4: "198.51.100.9", 6: "2001:db8:9::9"}  # behind the LNS
PORT_MAC, OTHER_MAC = bytes.fromhex("027063617000"), bytes.fromhex("020000000009")  # the first is net_pcap's own
PEER_TUNNELS = 500  # a tunnel's id at the peer is so much more than ours
L2TP_PORT = 1701

# number: of the subscriber, from 1 on; id: of the session, and of the PPPoE session where there is one
Session = collections.namedtuple("Session", "number tunnel id")


def bank_bits(sessions):
    """Of a dataplane with room for so many sessions (bank_bits_for in dataplane/abi/ids.hpp)."""
    return next(bits for bits in range(9) if BANK_SESSIONS << bits >= sessions)


def all_sessions(tunnels, each, bits=0):
    """So many tunnels with so many sessions each, as their ids index the dataplane's tables."""
    used = collections.Counter()
    found = []
    for tunnel in range(1, tunnels + 1):
        bank = tunnel & ((1 << bits) - 1)
        for _ in range(each):
            used[bank] += 1
            if used[bank] > BANK_SESSIONS:
                raise ValueError(f"{tunnels} tunnels with {each} sessions each do not fit: more than {BANK_SESSIONS} "
                                 f"fall into one of {1 << bits} banks")
            found.append(Session(len(found) + 1, tunnel, used[bank]))
    return found


def peer_tunnel(session):
    return PEER_TUNNELS + session.tunnel


def subscriber(session, family):
    """The address of a session's subscriber."""
    if family == 4:
        return str(ipaddress.ip_address("10.64.0.0") + session.number)
    return str(ipaddress.ip_address("2001:db8:64::1") + (session.number << 64))


def subscriber_prefix(session, family):
    if family == 4:
        return f"{subscriber(session, 4)}/32"
    return str(ipaddress.ip_network((int(ipaddress.ip_address("2001:db8:64::")) + (session.number << 64), 64)))


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip(family, source, destination, payload):
    source, destination = (ipaddress.ip_address(a).packed for a in (source, destination))
    if family == 6:
        return struct.pack("!IHBB", 6 << 28, len(payload), 17, 64) + source + destination + payload
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0x4000, 64, 17, 0) + source + destination
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def udp(source, destination, payload):
    return struct.pack("!HHHH", source, destination, 8 + len(payload), 0) + payload


def inner(family, source, destination, size):
    """An IP packet of just `size` octets."""
    return ip(family, source, destination, udp(4000, 4001, bytes(size - 8 - (20 if family == 4 else 40))))


def ethernet(family, packet):
    return PORT_MAC + OTHER_MAC + struct.pack("!H", 0x0800 if family == 4 else 0x86dd) + packet


def from_tunnel(session, inner_family, outer_family, size, sequence=None):
    """sequence: Ns of the message, if it has one."""
    packet = inner(inner_family, subscriber(session, inner_family), HOST[inner_family], size)
    ppp = struct.pack("!HH", 0xff03, 0x0021 if inner_family == 4 else 0x0057) + packet
    flags, numbers = (0x0002, b"") if sequence is None else (0x0802, struct.pack("!HH", sequence & 0xffff, 0))
    l2tp = struct.pack("!HHH", flags, session.tunnel, session.id) + numbers + ppp
    datagram = udp(L2TP_PORT, L2TP_PORT, l2tp)
    return ethernet(outer_family, ip(outer_family, PEER[outer_family], LOCAL[outer_family], datagram))


def to_tunnel(session, inner_family, _outer_family, size):
    return ethernet(inner_family, inner(inner_family, HOST[inner_family], subscriber(session, inner_family), size))


def subscriber_mac(session):
    """Its last octet chooses the circuit's bank (circuit_id in dataplane/abi/ids.hpp), as the tunnel's id does."""
    return bytes.fromhex("020001") + struct.pack("!HB", session.id, session.tunnel & 0xff)


def from_circuit(session, inner_family, _outer_family, size):
    packet = inner(inner_family, subscriber(session, inner_family), HOST[inner_family], size)
    ppp = struct.pack("!H", 0x0021 if inner_family == 4 else 0x0057) + packet
    pppoe = struct.pack("!BBHH", 0x11, 0, session.id, len(ppp)) + ppp
    return PORT_MAC + subscriber_mac(session) + struct.pack("!H", 0x8864) + pppoe


# To a LAC, frames of a tunnel look alike both ways.
MAKERS = {"lns-decap": from_tunnel, "lns-encap": to_tunnel, "lac-up": from_circuit, "lac-down": from_tunnel}


def packets(case, inner_family, outer_family, size, sessions, count=PACKETS, seed=1701):
    """So many frames, each of a session drawn at random, the same at each run. sessions: of all_sessions()."""
    draw = random.Random(seed)
    for _ in range(count):
        yield MAKERS[case](draw.choice(sessions), inner_family, outer_family, size)


IMIX = [64] * 7 + [576] * 4 + [1440]


def frames(case, inner, outer, size, sessions, packets, sequence=False, garbage=0, seed=1701):
    """The same with more to choose: size may be "imix", data messages may carry Ns, and so many of 100 packets may be
    broken: cut short anywhere, or one octet of the headers another."""
    draw = random.Random(seed)
    numbered = {"sequence": 0} if sequence and case == "lns-decap" else {}
    for number in range(packets):
        octets = IMIX[number % len(IMIX)] if size == "imix" else size
        if numbered:
            numbered["sequence"] = number
        frame = MAKERS[case](draw.choice(sessions), inner, outer, octets, **numbered)
        if draw.randrange(100) < garbage:
            at = draw.randrange(1, 64)
            frame = frame[:at] if draw.randrange(4) == 0 else (
                frame[:at] + bytes([frame[at] ^ draw.randrange(1, 256)]) + frame[at + 1:])
        yield frame


def write(path, frames):
    """A capture file of these frames."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for frame in frames:
            file.write(struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame)
