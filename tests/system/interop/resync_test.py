#!/usr/bin/env python3
"""Our restart towards a peer that has no RFC 4951, by each method: three stock xl2tpd dial in, whose host profiles
differ in the method alone; one kill of the control process ends the tunnels of two in order, and the third goes on."""

import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[3] / folder) for folder in ("tools", "tools/lib")]

import capture
from guest.xl2tpd import Lac
from lab import Lab, wait_until
from scene import HOST, LNS, USERS, Scene, parse_ping
from tap import case, expect, expect_equal, run_cases

# Host name -> method, what becomes of the tunnel, and its address.
PEERS = {
    "protocol": ("failover-protocol", "disconnected", "192.0.2.11"),
    "fallback": ("failover-protocol-fallback-to-silent-failover", "silent", "192.0.2.12"),
    "disabled": ("disable", "disconnected", "192.0.2.13"),
}
ENDED = [name for name, (_, outcome, _) in PEERS.items() if outcome == "disconnected"]
PACKETS = 400


def profiles():
    blocks = "".join(f"  remote host {name}\n    local host lns\n    failover-resync {method}\n"
                     for name, (method, _, _) in PEERS.items())
    return f"l2tp destination profile others ip address 0.0.0.0\n{blocks}"


def tunnels(scene):
    """Peer's host name -> tunnel, of those that are up."""
    return {tunnel["peer_host"]: tunnel for tunnel in scene.tunnels()}


def interface(name):
    return f"ppp{list(PEERS).index(name)}"


@case("without the peer's capability every tunnel has its configured method")
def _(scene):
    scene.lac.stop()
    scene.lacs = {}
    for number, (name, (_, _, address)) in enumerate(PEERS.items()):
        scene.guest.run(f"ip addr add {address}/24 dev eth0")
        scene.lacs[name] = Lac(scene.guest, LNS, USERS, host_name=name, first=number, name=f"lac-{name}",
                               address=address)
        scene.lacs[name].dial(f"user{number + 1}")
        scene.guest.wait_for(f"ping -q -c 1 -W 1 -I {interface(name)} {HOST}")
    found = {name: tunnel["resync_method"] for name, tunnel in tunnels(scene).items()}
    expect_equal(found, {name: method for name, (method, _, _) in PEERS.items()})


@case("after a kill each tunnel fares as its method says, and the one that goes on loses no packet")
def _(scene):
    before = tunnels(scene)
    sessions = scene.sessions()
    sent = f"/sys/class/net/{interface('fallback')}/statistics/tx_packets"
    amid = int(scene.guest.run(f"cat {sent}").output) + PACKETS // 4
    ping = scene.begin_ping(interface("fallback"), PACKETS)
    scene.guest.wait_for(f"test $(cat {sent}) -ge {amid}")
    scene.control.kill()
    wait_until("holdfastd to answer", scene.answers)
    wait_until("two tunnels less", lambda: tunnels(scene).keys() == {"fallback"}, timeout=15)
    told = {one["peer_host"]: one for one in scene.show("l2tp failover")["failovers"]}
    expect_equal({name: (one["method"], one["outcome"]) for name, one in told.items()},
                 {name: (method, outcome) for name, (method, outcome, _) in PEERS.items()})
    expect_equal(told["fallback"]["sessions_kept"], 1)
    expect_equal(scene.sessions(), {"user2": sessions["user2"]})
    expect_equal(tunnels(scene)["fallback"]["local_tunnel_id"], before["fallback"]["local_tunnel_id"])
    result = parse_ping(ping.result(60).output)
    expect_equal((result.sent, result.lost, result.duplicates), (PACKETS, 0, 0))


@case("the peers whose tunnels were ended have been told so, and have ended their calls")
def _(scene):
    for name in ENDED:
        scene.guest.wait_for(f"grep -q 'Connection closed to {LNS}, port 1701' /run/lac-{name}.log")
        scene.guest.wait_for(f"! ip link show dev {interface(name)}")
    scene.guest.run(f"ip link show dev {interface('fallback')}")


@case("who was disconnected may dial again, and the tunnel that went on takes another call")
def _(scene):
    for user, name in enumerate(PEERS, 4):
        link, _ = scene.lacs[name].dial(f"user{user}", timeout=60)
        scene.guest.wait_for(f"ping -q -c 1 -W 1 -I {link} {HOST}")
    expect_equal(scene.sessions().keys(), {"user2", "user4", "user5", "user6"})
    expect_equal({name: tunnel["sessions"] for name, tunnel in tunnels(scene).items()},
                 {"protocol": 1, "fallback": 2, "disabled": 1})


@case("the wire shows one StopCCN, acknowledged, to each peer that was disconnected, and no message of RFC 4951")
def _(scene):
    scene.wire.stop()
    messages = capture.read(scene.wire.path)
    stops = [message for message in messages if message.source == LNS and message.name == "StopCCN"]
    expect_equal(sorted(stop.destination for stop in stops), sorted(PEERS[name][2] for name in ENDED))
    for stop in stops:
        expect(any(answer.source == stop.destination and answer.nr == stop.ns + 1 and answer.time > stop.time
                   for answer in messages), f"{stop.destination} did not acknowledge its StopCCN")
    recovery = "l2tp.avp.type == 77 || l2tp.avp.message_type >= 21"
    expect_equal(capture.dissect(scene.wire.path, recovery, "frame.number"), [])
    findings = capture.examine(messages)
    expect_equal([sentence for sentence in findings.wrong if LNS in sentence], [])


with Lab("resync", ["hf-lns", "hf-host"]) as lab:
    scene = Scene(lab, more=profiles())
    scene.build()
    scene.wire = capture.Recorder(lab, scene.lns, "lac0", lab.folder / "wire.pcap")
    status = run_cases(scene, on_failure=scene.logs)
sys.exit(status)
