#!/usr/bin/env python3
"""The guest machines themselves: a stock LAC dials a stock LNS over a captured wire. What holds here is what an LNS of
another make may be measured by."""

import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[3] / folder) for folder in ("tools", "tools/lib")]

import capture
from guest import Guest
from guest.xl2tpd import Lac, Lns
from lab import Lab, wait_until
from tap import case, expect, expect_equal, run_cases

USERS = {f"user{number}": f"secret{number}" for number in range(4)}


class Pair:
    """Two guests on a bridge, with tcpdump on the LAC's port."""

    def __init__(self, lab):
        self.net = lab.namespaces[0]
        self.net.ip("link", "add", "bridge", "type", "bridge")
        self.net.ip("link", "set", "bridge", "up")
        for tap in ("lns", "lac"):
            self.net.add_tap(tap)
            self.net.ip("link", "set", tap, "master", "bridge", "up")
        self.wire = capture.Recorder(lab, self.net, "lac", lab.folder / "wire.pcap")
        self.guests = [lab.enter_context(Guest(name, lab.folder, self.net.name, tap=name, mac=f"02:00:00:00:00:0{i}"))
                       for i, name in enumerate(("lns", "lac"), 1)]
        for number, guest in enumerate(self.guests, 1):
            guest.wait_ready()
            guest.run(f"ip link set eth0 up && ip addr add 192.0.2.{number}/24 dev eth0")
        self.lns = Lns(self.guests[0], USERS, "tunnel-secret")
        self.lac = Lac(self.guests[1], "192.0.2.1", USERS, "tunnel-secret")

    def logs(self):
        return "LAC:\n" + "\n".join(self.lac.log().splitlines()[-30:])


@case("a guest runs Debian's kernel and the host's programs")
def _(pair):
    expect("amd64" in pair.guests[0].run("uname -r").output)
    expect("1.3" in pair.guests[1].run("xl2tpd --version", check=False).output)


@case("three calls share one authenticated tunnel")
def _(pair):
    for number in range(3):
        interface, address = pair.lac.dial(f"user{number}")
        expect_equal((interface, address), (f"ppp{number}", f"10.99.0.{10 + number}"))
    expect("has 3 calls" in pair.lac.control("available"))


@case("pings run through all three at once without loss")
def _(pair):
    pings = [pair.guests[1].begin(f"ping -q -i 0.01 -c 200 -I ppp{number} 10.99.0.1") for number in range(3)]
    for ping in pings:
        expect(" 0% packet loss" in ping.result().output)


@case("a call ends from the client and the others stay")
def _(pair):
    pair.lac.hang_up("user1")
    wait_until("two calls", lambda: "has 2 calls" in pair.lac.control("available"))


@case("the tunnel is closed from the client")
def _(pair):
    pair.lac.close_tunnel()
    wait_until("no tunnel", lambda: pair.lac.tunnel() is None)


@case("the wire shows every control message once and in order")
def _(pair):
    pair.wire.stop()
    findings = capture.examine(capture.read(pair.wire.path))
    expect_equal(findings.wrong, [])
    expect(findings.messages >= 3 + 3 * 3 + 2, f"{findings.messages} messages are too few")


with Lab("guest", ["hf-guest"]) as lab:
    pair = Pair(lab)
    status = run_cases(pair, on_failure=pair.logs)
sys.exit(status)
