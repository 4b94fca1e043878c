"""A control process of the least kind: attaches to holdfast-dataplane and speaks dataplane/abi by hand.

The layouts are written down a second time on purpose: a change of the ABI has to be noticed here.
"""
import array
import ipaddress
import mmap
import os
import socket
import struct

HEADER = struct.Struct("<QIIQQ16sQII")  # abi/region.hpp RegionHeader
MAGIC = 0x484F4C4446415354
RING = 64  # offset of the RingHeader in a region
HEAD, TAIL = RING, RING + 64
SLOTS, SLOT_SIZE, SLOTS_OFFSET = RING + 128, RING + 132, RING + 136
PACKET = struct.Struct("<HHHH16s16sHHHHQQ")  # abi/packets.hpp PacketHeader
PUNT_L2TP, PUNT_PPP, PUNT_PPPOE = 1, 2, 3

(BEGIN_SWEEP, END_SWEEP, PUT_TUNNEL, REMOVE_TUNNEL, PUT_SESSION, REMOVE_SESSION, PUT_ROUTE, REMOVE_ROUTE,
 PUT_NEIGHBOUR, REMOVE_NEIGHBOUR, PUT_CIRCUIT, REMOVE_CIRCUIT) = range(1, 13)
KERNEL, NEIGHBOUR, SESSION, BLACKHOLE = 1, 2, 3, 4
UDP_CHECKSUM = 1
(IPV4, IPV6, ANSWER_ECHO, SEND_SEQUENCE, OMIT_FF03, COMPRESS_PROTOCOL, MIRROR_SEQUENCE, IGNORE_SEQUENCE,
 SEND_LENGTH, TO_CIRCUIT, TO_SESSION) = (1 << bit for bit in range(11))
ACCESS_TUNNEL = 0xff00  # of bank 0

DROPS = """eth_too_short eth_not_for_us eth_unknown_type ipv4_too_short ipv4_bad_header ipv4_bad_checksum
ipv4_bad_length ipv6_too_short ipv6_bad_header ipv6_bad_length ip_fragment ip_ttl_expired
ip_no_route ip_blackhole udp_too_short udp_bad_length udp_bad_checksum l2tp_too_short
l2tp_bad_version l2tp_bad_flags l2tp_bad_length l2tp_no_session l2tp_wrong_peer ppp_too_short
ppp_ipv4_not_open ppp_ipv6_not_open ppp_source_spoofed ppp_too_big ppp_multicast punt_ring_full
punt_too_big kernel_queue_full inject_bad_header inject_no_session inject_no_route tx_queue_full
no_mbuf eth_scattered no_headroom l2tp_late pppoe_bad_header pppoe_bad_length pppoe_no_session pppoe_wrong_source
pppoe_too_big punt_pppoe_overload punt_ppp_overload ip_fragment_timeout ip_fragment_overload""".split()


def address(text):
    """16 octets; IPv4 as ::ffff:a.b.c.d, none as zeros."""
    if text is None:
        return bytes(16)
    a = ipaddress.ip_address(text)
    return a.packed if a.version == 6 else bytes(10) + b"\xff\xff" + a.packed


class Region:
    def __init__(self, path):
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 0)
        self.header = HEADER.unpack_from(self.map, 0)
        assert self.header[0] == MAGIC and self.header[7] == 1, path
        assert self.header[4] == len(self.map), path
        self.words = memoryview(self.map).cast("Q")  # read and written in one piece, which struct does not promise

    def u32(self, offset):
        return struct.unpack_from("<I", self.map, offset)[0]

    def u64(self, offset):
        return self.words[offset // 8]

    def put_u64(self, offset, value):
        self.words[offset // 8] = value


class Ring(Region):
    def __init__(self, path):
        super().__init__(path)
        self.slots, self.slot_size = self.u32(SLOTS), self.u32(SLOT_SIZE)
        self.offset = self.u64(SLOTS_OFFSET)

    def slot(self, position):
        return self.offset + (position % self.slots) * self.slot_size

    def push(self, data, ring_bell):
        while self.u64(HEAD) - self.u64(TAIL) >= self.slots:
            ring_bell()
        head = self.u64(HEAD)
        at = self.slot(head)
        self.map[at:at + len(data)] = data
        self.put_u64(HEAD, head + 1)

    def pop(self):
        tail = self.u64(TAIL)
        if self.u64(HEAD) == tail:
            return None
        at = self.slot(tail)
        data = self.map[at:at + self.slot_size]
        self.put_u64(TAIL, tail + 1)
        return data


class FakeControl:
    def __init__(self, run_dir, shm_dir, instance="default"):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.connect(f"{run_dir}/{instance}/dataplane.sock")
        fds = array.array("i")
        data, ancillary, _, _ = self.socket.recvmsg(64, socket.CMSG_SPACE(8))
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                fds.frombytes(content[:8])
        self.hello = struct.unpack("<QIIQ", data)
        assert self.hello[0] == MAGIC
        self.punt_bell, self.work_bell = fds
        path = f"{shm_dir}/holdfast.{instance}."
        self.punt, self.inject, self.tables = Ring(path + "punt"), Ring(path + "inject"), Ring(path + "tables")
        self.counters = Counters(path + "counters")

    def detach(self):
        """Dies, as far as the dataplane can tell."""
        self.socket.close()

    def ring(self):
        os.write(self.work_bell, struct.pack("<Q", 1))

    def op(self, kind, body=b"", generation=0, ring=True):
        self.tables.push(struct.pack("<IIQ", kind, 0, generation) + body.ljust(112, b"\0"), self.ring)
        if ring:
            self.ring()

    def put_tunnel(self, tunnel, peer_tunnel, local, peer, local_port=1701, peer_port=1701, flags=0, ring=True):
        self.op(PUT_TUNNEL, address(local) + address(peer) +
                struct.pack("<HHHHHBB", local_port, peer_port, tunnel, peer_tunnel, flags, 0, 0), ring=ring)

    def put_session(self, tunnel, session, peer_tunnel, peer_session, ipv4=None, ipv6=None,
                    flags=IPV4 | IPV6 | ANSWER_ECHO, magic=0, mtu=1460, reorder=(0, 0), onward=0, mss=0, ring=True):
        """reorder: how many packets wait for missing ones, and how many milliseconds. onward: circuit or session."""
        prefix = ipaddress.ip_network(ipv6 or "::/0")
        self.op(PUT_SESSION, struct.pack("<HHHHIIHBBI", tunnel, session, peer_tunnel, peer_session, flags, magic, mtu,
                                         *reorder, onward) + address(ipv4) + prefix.network_address.packed +
                struct.pack("<BBH4x", prefix.prefixlen, 0, mss), ring=ring)

    def put_circuit(self, circuit, port, mac, tunnel, session, outer_vlan=0, inner_vlan=0, outer_type=0x8100,
                    ring=True):
        self.op(PUT_CIRCUIT, struct.pack("<IH", circuit, port) + mac +
                struct.pack("<HHHHH10x", outer_vlan, inner_vlan, outer_type, tunnel, session), ring=ring)

    def remove_session(self, tunnel, session):
        self.op(REMOVE_SESSION, struct.pack("<HH", tunnel, session))

    def put_route(self, prefix, kind, neighbour=0, tunnel=0, session=0, ring=True):
        network = ipaddress.ip_network(prefix)
        self.op(PUT_ROUTE, address(str(network.network_address)) + bytes([network.prefixlen, 0, 0, 0]) +
                struct.pack("<IIHH", kind, neighbour, tunnel, session), ring=ring)

    def put_neighbour(self, neighbour, port, mac, ring=True):
        self.op(PUT_NEIGHBOUR, struct.pack("<IH", neighbour, port) + bytes.fromhex(mac.replace(":", "")) + bytes(4),
                ring=ring)

    def settled(self):
        """Waits until the dataplane has taken every operation."""
        self.ring()
        while self.tables.u64(HEAD) != self.tables.u64(TAIL):
            pass

    def inject_l2tp(self, payload, source, destination, source_port=1701, destination_port=1701):
        header = PACKET.pack(1, len(payload), 0, 0, address(source), address(destination), source_port,
                             destination_port, 0, 0, 0, 0)
        self.inject.push(header + payload, self.ring)
        self.ring()

    def inject_ppp(self, tunnel, session, frame):
        self.inject.push(PACKET.pack(2, len(frame), tunnel, session, bytes(16), bytes(16), 0, 0, 0, 0, 0, 0) + frame,
                         self.ring)
        self.ring()

    def inject_pppoe(self, port, frame):
        self.inject.push(PACKET.pack(3, len(frame), 0, 0, bytes(16), bytes(16), 0, 0, port, 0, 0, 0) + frame,
                         self.ring)
        self.ring()

    def punted(self):
        """The next punted packet as (header fields, payload), or None."""
        data = self.punt.pop()
        if data is None:
            return None
        header = PACKET.unpack_from(data)
        return header, data[PACKET.size:PACKET.size + header[1]]


class Counters(Region):
    """abi/counters.hpp"""

    def __init__(self, path):
        super().__init__(path)
        self.ports, self.workers, self.sessions = struct.unpack_from("<III", self.map, 64)
        self.worker_offset, self.stride = self.u64(96), self.u64(104)

    def sum(self, offset):
        return sum(self.u64(self.worker_offset + worker * self.stride + offset) for worker in range(self.workers))

    def drops(self):
        """By name of abi::Drop, those that are not 0."""
        found = {name: self.sum(8 * number) for number, name in enumerate(DROPS)}
        return {name: count for name, count in found.items() if count}

    def port(self, port):
        at = 512 + port * 64
        return dict(zip(("rx_packets", "rx_octets", "tx_packets", "tx_octets", "punted", "to_kernel"),
                        (self.sum(at + 8 * i) for i in range(6))))

    def sequence(self, index):
        """Of data messages from the peer that carry Ns: lost, late, reordered, restarts."""
        at = self.worker_offset + 512 + self.ports * 64 + self.sessions * 32 + index * 16
        each = [struct.unpack_from("<IIII", self.map, at + worker * self.stride) for worker in range(self.workers)]
        return tuple(map(sum, zip(*each)))

    def session(self, index):
        at = 512 + self.ports * 64 + index * 32
        names = ("rx_packets", "rx_octets", "tx_packets", "tx_octets")
        return {name: self.sum(at + 8 * i) for i, name in enumerate(names)}
