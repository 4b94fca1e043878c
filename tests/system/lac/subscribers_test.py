#!/usr/bin/env python3
"""Subscribers of the access concentrator: a stock Linux CPE (pppd with the kernel's PPPoE) in a guest machine, our LAC,
our LNS."""

import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[3] / folder) for folder in ("tools", "tools/lib")]

from lab import Lab, wait_until
from lac_scene import DOMAIN, HOST, OWN_USER, LacScene, user
from scene import parse_ping
from tap import case, expect, expect_equal, run_cases

STRANGER = f"stranger@{DOMAIN}"  # unknown to the LNS


def lcp_requests(scene, interface):
    """Configure-Requests of LCP that the CPE has received."""
    return [line for line in scene.cpe.log(interface).splitlines() if "rcvd [LCP ConfReq" in line]


@case("a subscriber of a domain with a tunnel comes up at the LNS and reaches the host behind it")
def _(scene):
    address = scene.cpe.dial(user(1), 0)
    expect(address.startswith("10.64.0."), address)
    expect_equal(set(scene.lines().values()), {"tunnel"})
    scene.guest.wait_for(f"ping -q -c 1 -W 1 -I ppp0 {HOST}")
    ping = parse_ping(scene.begin_ping("ppp0", 200).result().output)
    expect_equal((ping.sent, ping.lost), (200, 0))


@case("the LNS takes over what the LAC has negotiated: LCP is opened once")
def _(scene):
    expect_equal(len(lcp_requests(scene, "ppp0")), 1)


@case("the call tells the LNS who and where the subscriber is")
def _(scene):
    session = scene.lns.show("l2tp session")["sessions"][0]
    expect_equal(session["calling_number"], "ge0#020000000102")
    expect_equal((session["role"], session["call"]), ("lns", "incoming"))


@case("a subscriber who takes nothing but PAP comes up, too")
def _(scene):
    scene.cpe.dial(user(2), 1, "refuse-chap\n")
    expect(user(2) in scene.users(), scene.users())
    expect_equal(len(scene.lac.show("l2tp tunnel")["tunnels"]), 1)


@case("a full-size packet passes both ways")
def _(scene):
    scene.guest.run(f"ping -q -c 3 -W 2 -M do -s 1432 -I ppp0 {HOST}")


@case("a user of the LAC itself gets his address from it")
def _(scene):
    address = scene.cpe.dial(OWN_USER, 2)
    expect(address.startswith("10.65.0."), address)
    scene.guest.wait_for("ping -q -c 1 -W 1 -I ppp2 10.65.0.1")


@case("a user whom the LNS refuses is hung up on, and the others stay")
def _(scene):
    interface = scene.cpe.begin_dial(STRANGER, 5)
    scene.guest.wait_for(f"grep -q 'CHAP authentication failed' /run/{interface}.log")
    wait_until("his pppd to end", lambda: not scene.cpe.running(interface))
    wait_until("his line to go", lambda: len(scene.lines()) == 3)


@case("a line that the operator clears is ended by PADT, and its call with it")
def _(scene):
    line = next(one["line"] for one in scene.lac.show("pppoe session")["sessions"] if one["user"] == OWN_USER)
    scene.lac.cli(f"clear pppoe session {line}")
    wait_until("pppd to end", lambda: not scene.cpe.running("ppp2"))
    expect_equal(len(scene.lines()), 2)


@case("a session that the operator clears at the LNS ends the subscriber's line")
def _(scene):
    session = next(one for one in scene.lns.show("l2tp session")["sessions"] if one["user"] == user(2))
    scene.lns.cli(f"clear l2tp session {session['local_tunnel_id']} {session['local_session_id']}")
    wait_until("pppd to end", lambda: not scene.cpe.running("ppp1"))
    wait_until("the line to go", lambda: len(scene.lines()) == 1)


@case("a subscriber who hangs up leaves nothing behind")
def _(scene):
    scene.cpe.hang_up("ppp0")
    wait_until("the line to go", lambda: not scene.lines())
    wait_until("the user to go", lambda: not scene.users())
    expect_equal(scene.lns.show("l2tp session")["sessions"], [])


with Lab("lac", LacScene.NAMESPACES) as lab:
    scene = LacScene(lab)
    scene.build()
    scene.guest.run(f"echo '{STRANGER} * nonsense *' >>/etc/ppp/chap-secrets")
    status = run_cases(scene, on_failure=scene.logs)
sys.exit(status)
