#!/usr/bin/env python3
"""Stock xl2tpd as the LAC with and without tunnel authentication and hidden AVPs: tunnels and calls come up, outlive
many HELLOs, and go down in order.

HOLDFAST_HELLO_SECONDS: how long each tunnel lives on HELLOs alone (default 6; one a second)."""

import os
import pathlib
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[3] / folder) for folder in ("tools", "tools/lib")]

import capture
from guest.xl2tpd import Lac
from lab import Lab, wait_until
from scene import HOST, LNS, TUNNEL_SECRET, USERS, Scene, parse_ping
from tap import case, expect, expect_equal, run_cases

HELLO_SECONDS = int(os.environ.get("HOLDFAST_HELLO_SECONDS", "6"))


def sent(scene):
    """Messages that the LNS has sent in its one tunnel and the LAC has acknowledged."""
    tunnel, = scene.tunnels()
    return tunnel["ns"] - tunnel["unacknowledged"]


def lives(what, **how):
    """A case: a LAC of that kind has a tunnel and a call, which live and end as they should."""
    @case(f"a LAC {what}: tunnel and call come up, live on HELLOs for {HELLO_SECONDS} s, and end in order")
    def _(scene):
        scene.lac.stop()
        scene.lac = Lac(scene.guest, LNS, USERS, **how)
        interface, _ = scene.lac.dial("user1")
        before, sessions, end = sent(scene), scene.sessions(), time.monotonic() + HELLO_SECONDS
        wait_until("HELLOs to be acknowledged",
                   lambda: time.monotonic() > end and sent(scene) - before >= HELLO_SECONDS // 2,
                   HELLO_SECONDS + 30, every=1)
        expect_equal(scene.sessions(), sessions)
        said = scene.guest.run(f"ping -q -c 20 -i 0.1 -W 2 -I {interface} {HOST}; true").output
        expect_equal(parse_ping(said).lost, 0)
        scene.lac.hang_up("user1")
        wait_until("no session", lambda: not scene.sessions(), timeout=15)
        expect_equal(len(scene.tunnels()), 1)
        scene.lac.close_tunnel()
        wait_until("no tunnel", lambda: not scene.tunnels(), timeout=15)


lives("without tunnel authentication", host_name="open")
lives("with tunnel authentication", tunnel_secret=TUNNEL_SECRET)
lives("with tunnel authentication and hidden AVPs", tunnel_secret=TUNNEL_SECRET, hidden=True)


@case("the LAC that hides sent its Random Vectors, and tshark finds nothing malformed on the wire")
def _(scene):
    # xl2tpd 1.3.18 announces what it would hide with, and of what it sends here hides nothing.
    expect(capture.dissect(scene.wire.path, "l2tp.avp.type == 36", "frame.number"), "no Random Vector was sent")
    expect_equal(capture.dissect(scene.wire.path, "_ws.malformed", "frame.number"), [])


@case("the wire shows no message answered twice or out of order")
def _(scene):
    scene.wire.stop()
    findings = capture.examine(capture.read(scene.wire.path))
    expect_equal([sentence for sentence in findings.wrong if LNS in sentence], [])


with Lab("variants", ["hf-lns", "hf-host"]) as lab:
    scene = Scene(lab, hello=1)
    scene.build()
    scene.wire = capture.Recorder(lab, scene.lns, "lac0", lab.folder / "wire.pcap")
    status = run_cases(scene, on_failure=scene.logs)
sys.exit(status)
