"""The subscribers' half of a scene: a stock Linux CPE in a guest machine that dials by PPPoE into a Holdfast LAC. Whose
LNS is on the other wire is up to the scene.

    guest "cpe"      namespace of the LAC
    pppd, PPPoE      dataplane, holdfastd
    eth0 ------ cpe0 = ge0   ge1 192.0.2.2 ---- LNS
    ppp0, ppp1 ...
"""

from dataclasses import dataclass

import capture
import echoes
from guest import Guest
from guest.pppoe import Cpe
from holdfast_router import Router
from scene import parse_ping

LAC = "192.0.2.2"


@dataclass(frozen=True)
class Outlived:
    """What a subscriber noticed of the death of the LAC's control process."""

    sent: int  # requests, of which the LAC did not forward some, or not their replies
    requests_dropped: int
    replies_dropped: int
    missed: int  # replies, with those that the emulated machines at both ends lost by themselves
    remarks: tuple  # of his pppd


class AccessScene:
    def __init__(self, lab, at_lac):
        self.lab, self.at_lac = lab, at_lac
        self.guest = self.cpe = self.lac = self.uplink = None

    def boot_cpe(self):
        """Begins to boot the CPE's machine; wait_cpe() says when it is up."""
        self.at_lac.add_tap("cpe0")
        self.guest = self.lab.enter_context(Guest("cpe", self.lab.folder, namespace=self.at_lac.name, tap="cpe0"))

    def start_lac(self, uplink, configuration):
        """Starts the LAC; uplink is its device towards the LNS."""
        self.uplink = uplink
        self.lac = Router(self.lab, "lac", self.at_lac, ("cpe0", uplink), configuration)
        self.lac.start()

    def wait_cpe(self, passwords):
        """Returns when these users could dial: name -> password."""
        self.guest.wait_ready()
        # Each ping has a socket of its own kind then, which gets none of the others' replies.
        self.guest.run("sysctl -q -w net.ipv4.ping_group_range='0 0'")
        self.cpe = Cpe(self.guest, passwords)

    def lines(self):
        """The subscribers' lines at the LAC, MAC and session id -> state."""
        return {(one["mac"], one["session_id"]): one["state"] for one in self.lac.show("pppoe session")["sessions"]}

    def begin_ping(self, interface, count, destination, rate=100):
        """Starts a ping in the guest through one session; scene.parse_ping() reads its output."""
        pace = f"-i {1 / rate} -l 10 -c {count} -W 2"
        return self.guest.begin(f"nice -n -10 ping -q -n {pace} -I {interface} {destination}")

    def kill_lac_during_ping(self, interface, destination, count=300):
        """SIGKILL of the LAC's control process amid a ping of a subscriber."""
        before = self.cpe.remarks(interface)
        wires = [capture.Recorder(self.lab, self.at_lac, device, self.lab.folder / f"{device}-kill.pcap")
                 for device in ("cpe0", self.uplink)]
        sent = f"/sys/class/net/{interface}/statistics/tx_packets"
        amid = int(self.guest.run(f"cat {sent}").output) + count // 3
        ping = self.begin_ping(interface, count, destination)
        self.guest.wait_for(f"test $(cat {sent}) -ge {amid}")
        self.lac.kill()
        result = parse_ping(ping.result(120).output)
        for wire in wires:
            wire.stop()
        requests, replies = echoes.dropped_between(*[echoes.read(wire.path) for wire in wires])
        remarks = self.cpe.remarks(interface)[len(before):]
        return Outlived(result.sent, requests, replies, result.lost, tuple(remarks))
