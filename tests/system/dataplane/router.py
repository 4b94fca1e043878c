"""The dataplane between two wires, its tables filled by a control process of the least kind. The test itself is the LAC
and the core network: it sends and receives whole frames.

    namespace hf-dp-lac       namespace hf-dp-router                             namespace hf-dp-core
    eth0 192.0.2.2, ::2 ----- lac0 = ge0 192.0.2.1   up0 = ge1 198.51.100.1 ---- eth0 198.51.100.2
         2001:db8:2::2        2001:db8:2::1          2001:db8:51::1              2001:db8:51::2

The kernels of the outer namespaces have .3 instead, so that they don't answer what is the test's to answer.
"""

import json
import pathlib
import shutil
import socket
import struct
import time

import packets
from build import program
from fake_control import ANSWER_ECHO, IPV4, IPV6, KERNEL, NEIGHBOUR, SESSION, FakeControl
from lab import LabError, wait_until

NAMESPACES = ("hf-dp-router", "hf-dp-lac", "hf-dp-core")
INSTANCE = "forwarding"
RUN_DIR, SHM_DIR = pathlib.Path("/run/holdfast-forwarding"), pathlib.Path("/dev/shm/holdfast-forwarding")
WHERE = ["--instance", INSTANCE, "--run-dir", RUN_DIR, "--shm-dir", SHM_DIR]
PORTS = ["--port", "ge0=net_af_packet0,iface=lac0", "--port", "ge1=net_af_packet1,iface=up0"]

LOCAL, LAC = {4: "192.0.2.1", 6: "2001:db8:2::1"}, {4: "192.0.2.2", 6: "2001:db8:2::2"}
CORE_LOCAL, CORE = {4: "198.51.100.1", 6: "2001:db8:51::1"}, {4: "198.51.100.2", 6: "2001:db8:51::2"}
LAC_KERNEL = {4: "192.0.2.3", 6: "2001:db8:2::3"}
# By the family of the outer header: our tunnel and session, and the peer's.
TUNNEL, SESSION_ID, PEER_TUNNEL, PEER_SESSION = {4: 7, 6: 8}, {4: 9, 6: 10}, {4: 77, 6: 88}, {4: 99, 6: 100}
MAGIC, MTU = 0x11223344, 1400
PACKET_OUTGOING, SOL_PACKET, PACKET_AUXDATA = 4, 263, 8
AUXILIARY = struct.Struct("=IIIHHHH")  # linux/if_packet.h tpacket_auxdata
VLAN_VALID, VLAN_TYPE_VALID = 1 << 4, 1 << 6


def user(outer, inner):
    """The subscriber's address."""
    return f"10.0.0.{SESSION_ID[outer]}" if inner == 4 else f"2001:db8:{SESSION_ID[outer]}::5"


def mac_of(namespace, device):
    return bytes.fromhex(json.loads(namespace.ip("-j", "link", "show", "dev", device))[0]["address"].replace(":", ""))


class Wire:
    """A device's end of a wire: sends frames, and receives what comes from the other end."""

    def __init__(self, namespace, device):
        self.socket = namespace.packet_socket(device)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.mac = mac_of(namespace, device)

    def send(self, frame):
        self.socket.send(frame)

    def received(self, wanted, count, patience=5):
        """The next frames for which wanted(frame) is true, as many as count; fewer after so many seconds."""
        found, end = [], time.monotonic() + patience
        while len(found) < count and time.monotonic() < end:
            self.socket.settimeout(max(0.001, end - time.monotonic()))
            try:
                frame, address = self._receive()
            except TimeoutError:
                break
            if address[2] != PACKET_OUTGOING and wanted(frame):
                found.append(frame)
        return found

    def _receive(self):
        """A frame as it was on the wire: the kernel takes the outer VLAN tag out and tells it apart."""
        frame, ancillary, _, address = self.socket.recvmsg(4096, socket.CMSG_SPACE(AUXILIARY.size))
        for level, kind, content in ancillary:
            if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
                status, _, _, _, _, control, ethertype = AUXILIARY.unpack(content[:AUXILIARY.size])
                if status & VLAN_VALID:
                    tag = packets.be16(ethertype if status & VLAN_TYPE_VALID else packets.VLAN, control)
                    frame = frame[:12] + tag + frame[12:]
        return frame, address

    def forget(self):
        self.received(lambda frame: False, 1, patience=0.02)


def is_ip(frame):
    """Whether it is IPv4 or IPv6 to one receiver: no ARP, no neighbour discovery, no chatter of kernels."""
    if frame[0] & 1:
        return False
    if frame[12:14] == b"\x08\x00":
        return True
    return frame[12:14] == b"\x86\xdd" and not (frame[20] == packets.ICMP6 and frame[54] >= 130)


class Router:
    def __init__(self, lab):
        self.lab = lab
        self.namespace, self.lac_side, self.core_side = lab.namespaces
        for folder in (RUN_DIR, SHM_DIR):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            lab.callback(shutil.rmtree, folder, ignore_errors=True)
        self.namespace.add_veth("lac0", self.lac_side, "eth0")
        self.namespace.add_veth("up0", self.core_side, "eth0")
        for device in ("lac0", "up0"):
            self.namespace.give_to_dataplane(device)
        for side in (self.lac_side, self.core_side):
            side.ip("link", "set", "eth0", "up")
            side.send_whole_packets("eth0")
        self.lac, self.core = Wire(self.lac_side, "eth0"), Wire(self.core_side, "eth0")
        self.port_mac = [mac_of(self.namespace, device) for device in ("lac0", "up0")]

    def start(self):
        self.dataplane = self.lab.start("holdfast-dataplane", program("holdfast-dataplane"), *WHERE, *PORTS,
                                        "--no-huge", namespace=self.namespace)

        def is_there():
            self.dataplane.expect_alive()
            return (RUN_DIR / INSTANCE / "dataplane.sock").exists() and "subs0" in self.namespace.ip("-o", "link")
        wait_until("the dataplane", is_there, every=0.02)
        self.attach()
        self.fill_tables()
        self._address_the_kernel()

    def attach(self):
        def attached():
            try:
                return FakeControl(RUN_DIR, SHM_DIR, INSTANCE)
            except (OSError, struct.error):
                return None
        self.control = wait_until("the dataplane to take a control process", attached, every=0.02)

    def fill_tables(self):
        c = self.control
        c.put_neighbour(1, 0, self.lac.mac.hex(":"))
        c.put_neighbour(2, 1, self.core.mac.hex(":"))
        for inner in (4, 6):
            bits = 32 if inner == 4 else 128
            for ours in (LOCAL, CORE_LOCAL):
                c.put_route(f"{ours[inner]}/{bits}", KERNEL)
            c.put_route(f"{LAC[inner]}/{bits}", NEIGHBOUR, neighbour=1)
            c.put_route(f"{CORE[inner]}/{bits}", NEIGHBOUR, neighbour=2)
        for outer in (4, 6):
            c.put_tunnel(TUNNEL[outer], PEER_TUNNEL[outer], LOCAL[outer], LAC[outer])
            self.put_session(outer)
            c.put_route(f"{user(outer, 4)}/32", SESSION, tunnel=TUNNEL[outer], session=SESSION_ID[outer])
            c.put_route(f"2001:db8:{SESSION_ID[outer]}::/64", SESSION, tunnel=TUNNEL[outer],
                        session=SESSION_ID[outer])
        c.settled()

    def put_session(self, outer, flags=IPV4 | IPV6 | ANSWER_ECHO, **fields):
        self.control.put_session(TUNNEL[outer], SESSION_ID[outer], PEER_TUNNEL[outer], PEER_SESSION[outer],
                                 ipv4=user(outer, 4), ipv6=f"2001:db8:{SESSION_ID[outer]}::/64", flags=flags,
                                 magic=MAGIC, mtu=MTU, **fields)
        self.control.settled()

    def _address_the_kernel(self):
        """The router's own addresses, which its kernel answers for, and those of the LAC's kernel, which asks."""
        for device, addresses in (("ge0", LOCAL), ("ge1", CORE_LOCAL)):
            self.namespace.ip("addr", "add", f"{addresses[4]}/24", "dev", device)
            self.namespace.ip("addr", "add", f"{addresses[6]}/64", "dev", device, "nodad")
        self.namespace.ip("route", "add", "10.0.0.0/24", "dev", "subs0")
        for outer in (4, 6):
            self.namespace.ip("route", "add", f"2001:db8:{SESSION_ID[outer]}::/64", "dev", "subs0")
        self.lac_side.ip("addr", "add", f"{LAC_KERNEL[4]}/24", "dev", "eth0")
        self.lac_side.ip("addr", "add", f"{LAC_KERNEL[6]}/64", "dev", "eth0", "nodad")

    # Frames as the two sides send and shall receive them.

    def from_lac(self, packet):
        return packets.ethernet(self.port_mac[0], self.lac.mac, packet)

    def from_core(self, packet):
        return packets.ethernet(self.port_mac[1], self.core.mac, packet)

    def to_core(self, packet):
        return packets.ethernet(self.core.mac, self.port_mac[1], packet)

    def from_user(self, outer, frame, **form):
        """A PPP frame in a data message from the LAC; form is what packets.l2tp takes."""
        message = packets.l2tp(TUNNEL[outer], SESSION_ID[outer], frame, **form)
        datagram = packets.udp(1701, 1701, message, (LAC[outer], LOCAL[outer]))
        return self.from_lac(packets.ip(LAC[outer], LOCAL[outer], datagram))

    def to_user(self, outer, frame, identification=0, **form):
        message = packets.l2tp(PEER_TUNNEL[outer], PEER_SESSION[outer], frame, **form)
        datagram = packets.udp(1701, 1701, message, (LOCAL[6], LAC[6]) if outer == 6 else None)
        packet = packets.ip(LOCAL[outer], LAC[outer], datagram, identification=identification)
        return packets.ethernet(self.lac.mac, self.port_mac[0], packet)

    def new_drops(self, before):
        now = self.control.counters.drops()
        return {name: count - before.get(name, 0) for name, count in now.items() if count != before.get(name, 0)}

    def session_counters(self, outer):
        return self.control.counters.session(SESSION_ID[outer])  # one bank: the id is the index

    def cpu_seconds(self):
        with open(f"/proc/{self.dataplane.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return sum(map(int, fields[11:13])) / 100  # user and system time, in ticks

    def logs(self):
        return f"holdfast-dataplane:\n{self.dataplane.tail()}\ndrops: {self.control.counters.drops()}\n"

    def expect_alive(self):
        if not self.dataplane.alive():
            raise LabError(f"the dataplane ended:\n{self.dataplane.tail()}")
