#!/usr/bin/env python3
"""Our LAC with l2tpns, an LNS in user space that is no relative of any other here, and asks RADIUS (FreeRADIUS) about
every subscriber.

    guest "cpe"      namespace hf-lac           namespace hf-lns                            namespace hf-host
    pppd, PPPoE      dataplane, holdfastd       l2tpns, freeradius
    eth0 ------ cpe0 = ge0   ge1 192.0.2.2 ---- to-lac 192.0.2.1   up0 198.51.100.1 ------- eth0 198.51.100.2
    ppp0, ppp1 ...                              tun0 10.66.0.1: subscribers 10.66.0.128/25
"""

import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[3] / folder) for folder in ("tools", "tools/lib")]

import capture
from access_scene import LAC, AccessScene
from freeradius import FreeRadius
from l2tpns import L2tpns
from lab import Lab, wait_until
from scene import parse_ping
from tap import case, expect, expect_equal, run_cases

LNS, HOST = "192.0.2.1", "198.51.100.2"
SECRET, RADIUS_SECRET = "between-lac-and-lns", "between-lns-and-radius"
DOMAIN = "isp.example"
PASSWORDS = {f"user{number}@{DOMAIN}": f"password-{number}" for number in range(1, 4)}
USER1, USER2, USER3 = PASSWORDS
STRANGER = f"stranger@{DOMAIN}"  # unknown to RADIUS

CONFIGURATION = f"""\
hostname lac
interface ge0
  pppoe
interface ge1
  ip address {LAC}/24
pppoe max-sessions-per-mac 4
l2tp failover-resync silent-failover
aaa domain-map {DOMAIN}
  tunnel 1
    address {LNS}
    password {SECRET}
"""


class L2tpnsScene(AccessScene):
    NAMESPACES = ("hf-lac", "hf-lns", "hf-host")

    def __init__(self, lab):
        at_lac, self.at_lns, self.host = lab.namespaces
        super().__init__(lab, at_lac)
        self.radius = self.lns = None

    def build(self):
        self.boot_cpe()
        self.at_lac.add_veth("to-lns", self.at_lns, "to-lac")
        self.at_lns.add_veth("up0", self.host, "eth0")
        for namespace, device, address in ((self.at_lns, "to-lac", LNS), (self.at_lns, "up0", "198.51.100.1"),
                                           (self.host, "eth0", HOST)):
            namespace.ip("addr", "add", f"{address}/24", "dev", device)
            namespace.ip("link", "set", device, "up")
            namespace.send_whole_packets(device)
        self.at_lns.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
        self.host.ip("route", "add", "default", "via", "198.51.100.1")
        self.radius = FreeRadius(self.lab, self.at_lns, PASSWORDS, RADIUS_SECRET)
        self.lns = L2tpns(self.lab, self.at_lns, SECRET, RADIUS_SECRET, LNS, "10.66.0.1", "10.66.0.128/25",
                          cluster="up0")
        self.start_lac("to-lns", CONFIGURATION)
        self.wait_cpe({**PASSWORDS, STRANGER: "nonsense"})

    def logs(self):
        parts = [(process.name, process.tail(60)) for process in
                 (self.lns and self.lns.process, self.radius and self.radius.process) if process]
        return self.lac.logs() + "".join(f"{name}:\n{text}\n" for name, text in parts)


def expect_up(scene, interface):
    """Packets pass between the subscriber and the host behind the LNS."""
    scene.guest.wait_for(f"ping -q -c 1 -W 1 -I {interface} {HOST}")
    ping = parse_ping(scene.begin_ping(interface, 100, HOST).result().output)
    expect_equal((ping.sent, ping.lost, ping.duplicates), (100, 0, 0))


def expect_gone(scene, interface, user, lines):
    """The subscriber's pppd ends, his line at the LAC and his session at the LNS go, and others stay."""
    wait_until("his pppd to end", lambda: not scene.cpe.running(interface))
    wait_until("his line to go", lambda: len(scene.lines()) == lines)
    wait_until("his session at the LNS to go", lambda: user not in scene.radius.online())


def sessions(scene):
    """At the LAC, in established tunnels: peer's address -> sessions."""
    return {one["peer_address"]: one["sessions"] for one in scene.lac.show("l2tp tunnel")["tunnels"]
            if one["state"] == "established"}


@case("a subscriber comes up with CHAP, and reaches the host behind the LNS")
def _(scene):
    address = scene.cpe.dial(USER1, 0)
    expect(address.startswith("10.66.0."), address)
    expect_equal(set(scene.lines().values()), {"tunnel"})
    expect_up(scene, "ppp0")


@case("the LNS knows whose line it is, and has asked RADIUS about him")
def _(scene):
    asked = scene.radius.asked()[0]
    expect_equal((asked["User-Name"], asked["Calling-Station-Id"]), (USER1, "ge0#020000000102"))
    expect("CHAP-Password" in asked, asked)
    wait_until("accounting to begin", lambda: scene.radius.online() == {USER1})


@case("a second subscriber shares the tunnel, with PAP")
def _(scene):
    scene.cpe.dial(USER2, 1, "refuse-chap\n")
    expect_up(scene, "ppp1")
    expect_equal(sessions(scene), {LNS: 2})
    wait_until("accounting to begin", lambda: scene.radius.online() == {USER1, USER2})


@case("packets of the full size of the link pass both ways")
def _(scene):
    # The LNS takes 1462 octets, 28 of them headers.
    scene.guest.run(f"ping -q -c 3 -i 0.2 -W 2 -M do -s 1434 -I ppp0 {HOST}")


@case("a user whom RADIUS refuses is hung up on, and the others stay")
def _(scene):
    # This LNS does not say so in CHAP: it ends the call.
    interface = scene.cpe.begin_dial(STRANGER, 2)
    wait_until("RADIUS to be asked", lambda: scene.radius.asked()[-1].get("User-Name") == STRANGER)
    expect_gone(scene, interface, STRANGER, lines=2)


@case("a subscriber who hangs up without PADT is gone when the LNS has waited for him, and the other stays")
def _(scene):
    scene.cpe.hang_up("ppp1")
    expect_gone(scene, "ppp1", USER2, lines=1)
    expect_equal(sessions(scene), {LNS: 1})
    expect_up(scene, "ppp0")


@case("a subscriber whose line ends by PADT is gone at the LNS, too, and the other stays")
def _(scene):
    scene.cpe.dial(USER2, 1)
    scene.cpe.drop_line("ppp1")
    expect_gone(scene, "ppp1", USER2, lines=1)
    expect_up(scene, "ppp0")


@case("a subscriber whom the LNS hangs up on is gone at the LAC, and the other stays")
def _(scene):
    # One who has not been there: this LNS remembers a session that ended for 15 s, and would find that by the name.
    scene.cpe.dial(USER3, 1)
    scene.lns.hang_up(USER3)
    expect_gone(scene, "ppp1", USER3, lines=1)
    expect('to "lns" at 192.0.2.1 ended by the peer' in scene.lac.control.process.tail(), "no line in the log")
    expect_up(scene, "ppp0")


@case("the LAC's control process is killed during traffic: nothing is lost and pppd says nothing")
def _(scene):
    outlived = scene.kill_lac_during_ping("ppp0", HOST)
    expect_equal((outlived.requests_dropped, outlived.replies_dropped, outlived.remarks), (0, 0, ()))
    expect(outlived.missed * 20 <= outlived.sent, outlived)


@case("a subscriber comes up in the tunnel that outlived it")
def _(scene):
    scene.cpe.dial(USER2, 3)
    expect_equal(sessions(scene), {LNS: 2})
    expect_up(scene, "ppp3")


@case("an LNS that shuts down ends its subscribers' lines, and nothing is left")
def _(scene):
    scene.lns.shut_down()
    expect_gone(scene, "ppp0", USER1, lines=0)
    expect_gone(scene, "ppp3", USER2, lines=0)
    wait_until("the tunnel to go", lambda: not sessions(scene))


@case("the wire between the LAC and the LNS has no message out of order or answered twice")
def _(scene):
    scene.wire.stop()
    findings = capture.examine(capture.read(scene.wire.path))
    expect(findings.messages >= 3 + 3 * 4, f"{findings.messages} messages are too few")
    expect_equal([sentence for sentence in findings.wrong if LAC in sentence], [])


with Lab("l2tpns", L2tpnsScene.NAMESPACES) as lab:
    scene = L2tpnsScene(lab)
    scene.build()
    scene.wire = capture.Recorder(lab, scene.at_lac, "to-lns", lab.folder / "l2tp.pcap")
    status = run_cases(scene, on_failure=scene.logs)
sys.exit(status)
