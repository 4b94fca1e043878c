"""Packets written out layer by layer, with lengths and checksums of their own arithmetic, to compare frames with."""

import ipaddress
import struct

UDP, ICMP, ICMP6 = 17, 1, 58
ETHERTYPE = {4: 0x0800, 6: 0x86dd}
PPP_IP = {4: 0x0021, 6: 0x0057}
LCP, FF03 = 0xc021, b"\xff\x03"
VLAN, PPPOE_DISCOVERY, PPPOE = 0x8100, 0x8863, 0x8864
SEQUENCE, OFFSET, LENGTH = 0x0800, 0x0200, 0x4000


def be16(*values):
    return struct.pack(f"!{len(values)}H", *values)


def checksum(data):
    """RFC 1071."""
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + bytes(len(data) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packed(address):
    return ipaddress.ip_address(address).packed


def family(address):
    return ipaddress.ip_address(address).version


def ip(source, destination, payload, ttl=64, protocol=UDP, identification=0, traffic_class=0, fragment=0):
    """An IP packet of the addresses' family around payload."""
    ends = packed(source) + packed(destination)
    if family(source) == 6:
        return struct.pack("!IHBB", 6 << 28 | traffic_class << 20, len(payload), protocol, ttl) + ends + payload
    header = struct.pack("!BBHHHBBH", 0x45, traffic_class, 20 + len(payload), identification, fragment, ttl, protocol,
                         0) + ends
    return header[:10] + be16(checksum(header)) + header[12:] + payload


def udp(source_port, destination_port, payload, ends=None):
    """With ends, a pair of addresses, it has its checksum."""
    datagram = be16(source_port, destination_port, 8 + len(payload), 0) + payload
    if ends:
        found = checksum(b"".join(map(packed, ends)) + be16(UDP, len(datagram)) + datagram)
        datagram = datagram[:6] + be16(found or 0xffff) + payload
    return datagram


def ethernet(destination, source, packet, ethertype=None):
    """MAC addresses as octets. The type is that of the IP packet, if none is given."""
    return destination + source + be16(ethertype or ETHERTYPE[packet[0] >> 4]) + packet


def tagged(destination, source, ethertype, vlans=()):
    """An Ethernet header with VLAN tags."""
    return destination + source + b"".join(be16(VLAN, vlan) for vlan in vlans) + be16(ethertype)


def pppoe(session, payload, code=0):
    """RFC 2516 4."""
    return struct.pack("!BBHH", 0x11, code, session, len(payload)) + payload


def ppp(packet, header=FF03):
    return header + be16(PPP_IP[packet[0] >> 4]) + packet


def l2tp(tunnel, session, frame, flags=0, sequence=None, padding=None):
    """RFC 2661 3.1: a data message; sequence is Ns and Nr, padding what Offset Size skips."""
    rest = be16(tunnel, session)
    if sequence is not None:
        flags, rest = flags | SEQUENCE, rest + be16(*sequence)
    if padding is not None:
        flags, rest = flags | OFFSET, rest + be16(len(padding)) + padding
    rest += frame
    return be16(2 | flags) + (be16(len(rest) + 4) if flags & LENGTH else b"") + rest
