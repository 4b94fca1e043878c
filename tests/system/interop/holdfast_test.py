#!/usr/bin/env python3
"""Holdfast as the LNS of a stock Linux LAC: calls, addresses, traffic, refusals, and a kill of the control process at
every moment of a call set-up."""

import pathlib
import sys
import threading

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[3] / folder) for folder in ("tools", "tools/lib")]

import capture
from guest.xl2tpd import Lac
from lab import Lab, wait_until
from scene import HOST, HOST6, LNS, TUNNEL_SECRET, USERS, Scene, parse_ping
from tap import case, expect, expect_equal, run_cases


def expect_no_loss(pending):
    result = parse_ping(pending.result(120).output)
    expect_equal((result.lost, result.duplicates), (0, 0))


def expect_logged(scene, *words):
    """The control process has one line with all the words."""
    def is_there():
        lines = scene.control.process.log.read_text(errors="replace").splitlines()
        return any(all(word in line for word in words) for line in lines)
    wait_until(f"a log line with {', '.join(words)}", is_there, timeout=10)


@case("a call gets an address of the pool, and reaches the host behind the LNS")
def _(scene):
    interface, address = scene.lac.dial("user1")
    expect(address.startswith("10.64.0."), address)
    scene.guest.wait_for(f"ping -q -c 1 -W 1 -I {interface} {HOST}")
    expect_no_loss(scene.begin_ping(interface, 100))
    listed = {one["user"]: one["ipv4"] for one in scene.show("subscribers")["subscribers"]}
    expect_equal(listed, {"user1": address})


@case("the call has IPv6 by router advertisement")
def _(scene):
    scene.guest.wait_for("ip -6 -o addr show dev ppp0 scope global | grep -q 2001:db8:64:")
    scene.guest.run(f"ip -6 route replace {HOST6} dev ppp0")
    scene.guest.wait_for(f"ping -q -c 1 -W 1 -I ppp0 {HOST6}")
    expect_no_loss(scene.begin_ping("ppp0", 100, HOST6))


@case("packets of the full size of the link arrive whole, and larger ones in fragments")
def _(scene):
    # With 28 octets of headers: the link takes 1400, the host 1500.
    for size, fragment in ((1372, "do"), (1440, "dont")):
        said = scene.guest.run(f"ping -q -c 5 -i 0.2 -W 2 -M {fragment} -s {size} -I ppp0 {HOST}; true").output
        expect_equal(parse_ping(said).lost, 0)


@case("the host can reach a subscriber")
def _(scene):
    scene.guest.run(f"ip route replace {HOST} dev ppp0")
    address = scene.show("subscribers")["subscribers"][0]["ipv4"]
    expect_equal(parse_ping(scene.host.run("ping", "-q", "-c", "5", "-i", "0.2", "-W", "2", address)).lost, 0)
    said = scene.host.run("ping", "-q", "-c", "5", "-i", "0.2", "-W", "2", "-M", "dont", "-s", "1440", address)
    expect_equal(parse_ping(said).lost, 0)


@case("more calls share the tunnel")
def _(scene):
    for user in ("user2", "user3"):
        scene.lac.dial(user)
    expect_equal(scene.sessions().keys(), {"user1", "user2", "user3"})
    expect_equal(len(scene.tunnels()), 1)


@case("a user with a wrong password is refused, with a line that names user and reason")
def _(scene):
    scene.guest.run("sed -i 's/^user8 .*/user8 * not-the-password */' /etc/ppp/chap-secrets")
    scene.lac.begin_dial("user8")
    expect_logged(scene, "user8", "password")
    scene.guest.wait_for("test $(pidof pppd | wc -w) = 3")
    expect_equal(scene.sessions().keys(), {"user1", "user2", "user3"})


def kill_at(moment):
    """A case: the control process is killed when that message of a call passes, and the call completes."""
    @case(f"a call completes though the control process is killed at its {moment}")
    def _(scene):
        before = scene.sessions()
        user = next(user for user in USERS if user not in before)
        with capture.Watcher(scene.lns, "lac0") as watcher:
            pings = scene.begin_ping("ppp1", 400)
            dialling = threading.Thread(target=scene.lac.begin_dial, args=(user,), daemon=True)
            dialling.start()
            watcher.wait_for(moment)
            scene.control.kill()
            dialling.join()
            scene.lac.wait_up(f"ppp{scene.lac.calls - 1}", timeout=60)
        expect_no_loss(pings)
        expect_no_loss(scene.begin_ping(f"ppp{scene.lac.calls - 1}", 50))
        after = scene.sessions()
        expect(user in after and before.items() <= after.items(), f"before {before}, after {after}")


for moment in ("ICRQ", "ICRP", "ICCN"):
    kill_at(moment)


@case("a call that the LNS clears ends at the client, and the others stay")
def _(scene):
    tunnel = scene.tunnels()[0]["local_tunnel_id"]
    scene.cli(f"clear l2tp session {tunnel} {scene.sessions()['user3']}")
    scene.guest.wait_for("! ip link show dev ppp2")
    wait_until("user3 to be gone", lambda: "user3" not in scene.sessions())
    expect_no_loss(scene.begin_ping("ppp1", 50))


@case("the client closes the tunnel and nothing is left")
def _(scene):
    scene.lac.close_tunnel()
    wait_until("no session", lambda: not scene.sessions() and not scene.tunnels(), timeout=15)
    wait_until("no subscriber", lambda: not scene.show("subscribers")["subscribers"])


def refuse(what, *words, secret=TUNNEL_SECRET, host_name="lac"):
    """A case: a LAC that is wrong in one way gets StopCCN and no call, and a log line with the words."""
    @case(f"{what} is refused, with a line that names peer and reason")
    def _(scene):
        scene.lac.stop()
        scene.lac = Lac(scene.guest, LNS, USERS, secret, host_name)
        with capture.Watcher(scene.lns, "lac0") as watcher:
            scene.lac.begin_dial("user1")
            watcher.wait_for("StopCCN")
        expect_logged(scene, *words)
        expect_equal(scene.sessions(), {})


# xl2tpd checks our response first, and ends the tunnel itself.
refuse("a LAC with a wrong tunnel secret", "lac", "ended by the peer", "challenge", secret="not-the-secret")
refuse("an unknown LAC", "stranger", host_name="stranger")


@case("a LAC that is right again gets its call")
def _(scene):
    scene.lac.stop()
    scene.lac = Lac(scene.guest, LNS, USERS, TUNNEL_SECRET)
    interface, _ = scene.lac.dial("user1", timeout=60)
    scene.guest.wait_for(f"ping -q -c 1 -W 1 -I {interface} {HOST}")


@case("the wire shows no message answered twice or out of order")
def _(scene):
    scene.wire.stop()
    findings = capture.examine(capture.read(scene.wire.path))
    # xl2tpd itself opens and gives up tunnels in the cases above; what counts is what the LNS sent.
    expect_equal([sentence for sentence in findings.wrong if LNS in sentence], [])


with Lab("holdfast", ["hf-lns", "hf-host"]) as lab:
    scene = Scene(lab)
    scene.build()
    scene.wire = capture.Recorder(lab, scene.lns, "lac0", lab.folder / "wire.pcap")
    status = run_cases(scene, on_failure=scene.logs)
sys.exit(status)
