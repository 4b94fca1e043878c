"""Captures for the fast path: what an LNS receives from a tunnel and for one, and what a LAC receives from subscribers
and from a tunnel; many sessions visited at random."""

import ipaddress
import random
import struct

PACKETS = 4096  # in a capture, which is replayed for ever; net_pcap keeps them all in memory
LOCAL, PEER = {4: "192.0.2.1", 6: "2001:db8::1"}, {4: "192.0.2.2", 6: "2001:db8::2"}
HOST = {4: "198.51.100.9", 6: "2001:db8:9::9"}  # behind the LNS
PORT_MAC, OTHER_MAC = bytes.fromhex("027063617000"), bytes.fromhex("020000000009")  # the first is net_pcap's own
TUNNEL, PEER_TUNNEL = 1, 501
L2TP_PORT = 1701


def subscriber(session, family):
    """The address of a session's subscriber."""
    if family == 4:
        return str(ipaddress.ip_address("10.64.0.0") + session)
    return str(ipaddress.ip_address("2001:db8:64::1") + (session << 64))


def subscriber_prefix(session, family):
    return f"{subscriber(session, 4)}/32" if family == 4 else f"2001:db8:64:{session:x}::/64"


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


def from_tunnel(session, inner_family, outer_family, size):
    packet = inner(inner_family, subscriber(session, inner_family), HOST[inner_family], size)
    ppp = struct.pack("!HH", 0xff03, 0x0021 if inner_family == 4 else 0x0057) + packet
    l2tp = struct.pack("!HHH", 0x0002, TUNNEL, session) + ppp
    datagram = udp(L2TP_PORT, L2TP_PORT, l2tp)
    return ethernet(outer_family, ip(outer_family, PEER[outer_family], LOCAL[outer_family], datagram))


def to_tunnel(session, inner_family, _outer_family, size):
    return ethernet(inner_family, inner(inner_family, HOST[inner_family], subscriber(session, inner_family), size))


def subscriber_mac(session):
    return bytes.fromhex("02000001") + struct.pack("!H", session)


def from_circuit(session, inner_family, _outer_family, size):
    packet = inner(inner_family, subscriber(session, inner_family), HOST[inner_family], size)
    ppp = struct.pack("!H", 0x0021 if inner_family == 4 else 0x0057) + packet
    pppoe = struct.pack("!BBHH", 0x11, 0, session, len(ppp)) + ppp
    return PORT_MAC + subscriber_mac(session) + struct.pack("!H", 0x8864) + pppoe


# To a LAC, frames of a tunnel look alike both ways.
MAKERS = {"lns-decap": from_tunnel, "lns-encap": to_tunnel, "lac-up": from_circuit, "lac-down": from_tunnel}


def write(path, case, inner_family, outer_family, size, sessions):
    """A capture of PACKETS packets, each of a session drawn at random, the same at each run."""
    draw = random.Random(1701)
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for _ in range(PACKETS):
            frame = MAKERS[case](draw.randint(1, sessions), inner_family, outer_family, size)
            file.write(struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame)
