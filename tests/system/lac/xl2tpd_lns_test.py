#!/usr/bin/env python3
"""Our LAC with a stock LNS: xl2tpd and pppd in a guest machine, which ignore what the LAC tells of PPP and negotiate
anew. A second xl2tpd at an address of its own is there for when the first vanishes.

    guest "cpe"      namespace hf-lac           guest "lns"
    pppd, PPPoE      dataplane, holdfastd       xl2tpd, pppd
    eth0 ------ cpe0 = ge0   ge1 192.0.2.2 = lns0 ---- eth0 192.0.2.1, 192.0.2.3
"""

import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[3] / folder) for folder in ("tools", "tools/lib")]

import capture
from access_scene import LAC, AccessScene
from guest import Guest
from guest.xl2tpd import Lns
from lab import Lab, wait_until
from scene import parse_ping
from tap import case, expect, expect_equal, run_cases

FIRST, SECOND = "192.0.2.1", "192.0.2.3"
INSIDE_FIRST, INSIDE_SECOND = "10.99.1.1", "10.99.2.1"  # the ends of their subscribers' links
SECRET = "between-lac-and-lns"
DOMAIN = "isp.example"
PASSWORDS = {f"user{number}@{DOMAIN}": f"password-{number}" for number in range(1, 4)}
USER1, USER2, USER3 = PASSWORDS

# A tunnel is given up after some 10 s of silence: 3 until the HELLO, which is sent three times.
CONFIGURATION = f"""\
hostname lac
interface ge0
  pppoe
interface ge1
  ip address {LAC}/24
l2tp failover-resync silent-failover
l2tp hello-interval 3
l2tp retransmission retries established 2
pppoe max-sessions-per-mac 4
aaa domain-map {DOMAIN}
  tunnel 1
    address {FIRST}
    server-name lns
    password {SECRET}
  tunnel 2
    address {SECOND}
    password {SECRET}
    preference 1
"""


class Xl2tpdScene(AccessScene):
    def __init__(self, lab):
        super().__init__(lab, lab.namespaces[0])
        self.machine = self.first = self.second = None
        self.addresses = {}  # of the subscribers, interface -> address

    def build(self):
        self.boot_cpe()
        self.at_lac.add_tap("lns0")
        self.machine = self.lab.enter_context(Guest("lns", self.lab.folder, namespace=self.at_lac.name, tap="lns0",
                                                    mac="02:00:00:00:02:01"))
        self.start_lac("lns0", CONFIGURATION)
        self.machine.wait_ready()
        self.machine.run(f"ip link set eth0 up && ip addr add {FIRST}/24 dev eth0 && ip addr add {SECOND}/24 dev eth0")
        self.first = Lns(self.machine, PASSWORDS, SECRET, INSIDE_FIRST, "10.99.1.10-10.99.1.99", name="first",
                         address=FIRST)
        self.second = Lns(self.machine, PASSWORDS, SECRET, INSIDE_SECOND, "10.99.2.10-10.99.2.99", name="second",
                          address=SECOND)
        self.wait_cpe(PASSWORDS)

    def dial(self, user, unit):
        self.addresses[f"ppp{unit}"] = self.cpe.dial(user, unit)
        return self.addresses[f"ppp{unit}"]

    def lns_interface(self, interface):
        """The LNS's end of a subscriber's link; None: it is gone."""
        peers = dict(reversed(line.split()) for line in self.machine.run(
            r"ip -4 -o addr | sed -n 's/^[0-9]*: \(ppp[0-9]*\) .* peer \([0-9.]*\).*/\1 \2/p'").output.splitlines())
        return peers.get(self.addresses[interface])

    def tunnels(self):
        """The established ones, peer's address -> sessions."""
        return {one["peer_address"]: one["sessions"] for one in self.lac.show("l2tp tunnel")["tunnels"]
                if one["state"] == "established"}

    def logs(self):
        xl2tpds = [(lns.name, "\n".join(self.machine.run(f"tail -n 20 /run/{lns.name}.log").output.splitlines()))
                   for lns in (self.first, self.second) if lns]
        return self.lac.logs() + "".join(f"{name} xl2tpd:\n{text}\n" for name, text in xl2tpds)


def expect_up(scene, interface, inside):
    """Packets pass between the subscriber and the LNS."""
    scene.guest.wait_for(f"ping -q -c 1 -W 1 -I {interface} {inside}")
    ping = parse_ping(scene.begin_ping(interface, 100, inside).result().output)
    expect_equal((ping.sent, ping.lost, ping.duplicates), (100, 0, 0))


def expect_gone(scene, interface, lines):
    """The subscriber's pppd ends, his line at the LAC and his link at the LNS go, and others stay."""
    wait_until("his pppd to end", lambda: not scene.cpe.running(interface))
    wait_until("his line to go", lambda: len(scene.lines()) == lines)
    wait_until("his link at the LNS to go", lambda: scene.lns_interface(interface) is None)


@case("a subscriber comes up at an LNS that negotiates PPP anew, and reaches it")
def _(scene):
    address = scene.dial(USER1, 0)
    expect(address.startswith("10.99.1."), address)
    expect_equal(set(scene.lines().values()), {"tunnel"})
    expect_up(scene, "ppp0", INSIDE_FIRST)
    received = [line for line in scene.cpe.log("ppp0").splitlines() if "rcvd [LCP ConfReq" in line]
    expect(len(received) >= 2, "the LNS did not open LCP itself")


@case("a second subscriber shares the tunnel")
def _(scene):
    scene.dial(USER2, 1)
    expect_equal(scene.tunnels(), {FIRST: 2})
    expect_up(scene, "ppp1", INSIDE_FIRST)


@case("packets of the full size of the link pass both ways")
def _(scene):
    # The LNS takes 1400 octets, 28 of them headers.
    scene.guest.run(f"ping -q -c 3 -i 0.2 -W 2 -M do -s 1372 -I ppp0 {INSIDE_FIRST}")


@case("a subscriber who hangs up is gone at the LNS, too, and the other stays")
def _(scene):
    scene.cpe.hang_up("ppp1")
    expect_gone(scene, "ppp1", lines=1)
    wait_until("his session to go", lambda: scene.tunnels() == {FIRST: 1})
    expect_up(scene, "ppp0", INSIDE_FIRST)


@case("a subscriber whom the LNS hangs up on is gone at the LAC, and the other stays")
def _(scene):
    scene.dial(USER2, 1)
    scene.machine.run(f"kill $(head -n 1 /run/{scene.lns_interface('ppp1')}.pid)")
    expect_gone(scene, "ppp1", lines=1)
    expect_up(scene, "ppp0", INSIDE_FIRST)


@case("the LAC's control process is killed during traffic: nothing is lost and pppd says nothing")
def _(scene):
    outlived = scene.kill_lac_during_ping("ppp0", INSIDE_FIRST)
    expect_equal((outlived.requests_dropped, outlived.replies_dropped, outlived.remarks), (0, 0, ()))
    expect(outlived.missed * 20 <= outlived.sent, outlived)


@case("a subscriber comes up in the tunnel that outlived it")
def _(scene):
    scene.dial(USER2, 1)
    expect_equal(scene.tunnels(), {FIRST: 2})
    expect_up(scene, "ppp1", INSIDE_FIRST)


@case("an LNS that vanishes costs its subscribers their lines, and is said to be lost")
def _(scene):
    # Without any farewell: StopCCN would be xl2tpd's, CDN and Terminate-Request its pppd's.
    xl2tpd = "$(cat /run/first.pid)"
    scene.machine.run(f"kill -9 {xl2tpd} $(pgrep -P {xl2tpd} pppd)")
    wait_until("the tunnel to be given up", lambda: FIRST not in scene.tunnels(), timeout=60)
    expect_gone(scene, "ppp0", lines=0)
    expect_gone(scene, "ppp1", lines=0)
    expect_equal(scene.lac.counters()["tunnel_timeouts"], 1)
    expect("at 192.0.2.1 lost" in scene.lac.control.process.log.read_text(), "no line in the log")


@case("the next subscriber goes to the second LNS at once, for the first is locked out")
def _(scene):
    wire = capture.Recorder(scene.lab, scene.at_lac, "lns0", scene.lab.folder / "locked-out.pcap")
    address = scene.dial(USER3, 2)
    expect(address.startswith("10.99.2."), address)
    expect_up(scene, "ppp2", INSIDE_SECOND)
    expect_equal(scene.tunnels(), {SECOND: 1})
    wire.stop()
    asked = [message.destination for message in capture.read(wire.path) if message.name == "SCCRQ"]
    expect_equal(asked, [SECOND])


@case("the wire between the LAC and the LNS has no message out of order or answered twice")
def _(scene):
    scene.wire.stop()
    findings = capture.examine(capture.read(scene.wire.path))
    expect_equal([sentence for sentence in findings.wrong if LAC in sentence], [])


with Lab("xl2tpd-lns", ["hf-lac"]) as lab:
    scene = Xl2tpdScene(lab)
    scene.build()
    scene.wire = capture.Recorder(lab, scene.at_lac, "lns0", lab.folder / "l2tp.pcap")
    status = run_cases(scene, on_failure=scene.logs)
sys.exit(status)
