#!/usr/bin/env python3
"""The dataplane is killed under a running holdfastd and started again: control notices, puts every row and address
back, and no call, lease or tunnel is lost."""

import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[3] / "tools/lib")]

from lab import Lab, LabError, wait_until
from lac_generator import FAULTS, LacGenerator
from lns import CONFIGURATION, LNS, NAMESPACES, PASSWORD, TUNNEL_SECRET, USER, Lns
from tap import case, expect_equal, run_cases

TUNNELS, IN_EACH = 3, 20
CALLS = TUNNELS * IN_EACH
ROUTER = "10.64.0.1"  # its own address among the subscribers'


class Scene:
    def __init__(self, lab):
        self.lns = Lns(lab, 2 * CALLS, TUNNELS, CONFIGURATION.replace("log level warning", "log level info"))
        self.lns.start()
        self.lns.wait_control()
        self.lac = LacGenerator(lab, self.lns.lacs, "--lns", LNS, "--tunnels", TUNNELS, "--sessions", IN_EACH,
                                "--secret", TUNNEL_SECRET, "--user", USER, "--password", PASSWORD, "--ping", ROUTER,
                                "--hello", 1)
        expect_equal(self.lac.ask("wait")["failed"], 0)
        self.calls = CALLS

    def expect_forwarding(self):
        """Every row is there: an echo is answered in each session, and packets reach the router through each."""
        expect_equal(self.lac.ask("echo")["answered"], self.calls)
        enough = self.lac.ask("status")["data_received"] + 2 * self.calls
        self.lac.ask(f"ping-start {ROUTER} 1000")
        wait_until("packets", lambda: self.lac.ask("status")["data_received"] >= enough, 10, 0.02)
        figures = self.lac.ask("ping-stop")
        expect_equal((figures["lost"], figures["duplicates"]), (0, 0))

    def expect_no_fault(self):
        status = self.lac.ask("status")
        expect_equal({name: status[name] for name in FAULTS}, dict.fromkeys(FAULTS, 0))
        expect_equal(status["sessions_up"], self.calls)

    def acknowledges_hello(self):
        try:
            return "acknowledged_ns" in self.lac.ask("hello")
        except LabError:  # every tunnel has a message out that is not acknowledged yet
            return False

    def pid(self):
        """Of the dataplane that control is attached to."""
        shown = self.lns.show("dataplane")
        return shown["pid"] if shown["connected"] else None

    def kill_dataplane(self):
        self.lns.dataplane.kill()
        wait_until("control to notice", lambda: self.pid() is None, 10, 0.02)

    def start_dataplane(self, *options):
        self.lns.start_dataplane(*options)
        wait_until("control to attach", lambda: self.pid() == self.lns.dataplane.pid, 10, 0.02)
        self.lns.wait_reachable()

    def interfaces(self):
        """Indexes and addresses of the dataplane's interfaces, and the routes to subscribers, as the kernel has."""
        ip = self.lns.namespace.ip
        links = [ip("-o", "link", "show", "dev", name).split(":")[0] +
                 ip("-o", "addr", "show", "dev", name).replace(" tentative", "")  # an address of IPv6 is at first
                 for name in ("ge0", "subs0")]
        routes = ip("route", "show", "dev", "subs0").replace(" linkdown", "")
        return links, sorted(routes.splitlines())

    def logged(self, words):
        return words in self.lns.dataplane.tail(100)

    def logs(self):
        return f"holdfastd:\n{self.lns.control.tail()}\nholdfast-dataplane:\n{self.lns.dataplane.tail()}\n"


@case("calls come up, and packets flow in each")
def _(scene):
    scene.expect_forwarding()
    scene.expect_no_fault()


@case("a dataplane that was killed gets every row and address back, and no call is lost")
def _(scene):
    scene.kill_dataplane()
    scene.start_dataplane()
    scene.expect_forwarding()
    wait_until("a HELLO to be acknowledged", scene.acknowledges_hello, 30)
    scene.expect_no_fault()
    expect_equal(scene.lns.control.tail(10_000).count("subscriber route"), 0)  # no complaint for each of them


@case("interfaces, addresses and routes to subscribers outlive a dataplane that is killed")
def _(scene):
    wait_until("the routes", lambda: len(scene.interfaces()[1]) == scene.calls, 10, 0.02)
    before = scene.interfaces()
    scene.kill_dataplane()
    expect_equal(scene.interfaces(), before)
    scene.start_dataplane()
    scene.expect_forwarding()
    expect_equal(scene.interfaces(), before)


@case("a dataplane that is ended takes its interfaces along, and the next one gets all anew")
def _(scene):
    wait_until("the routes", lambda: len(scene.interfaces()[1]) == scene.calls, 10, 0.02)
    before = scene.interfaces()
    scene.lns.dataplane.stop()
    expect_equal("ge0" in scene.lns.namespace.ip("-o", "link"), False)
    expect_equal("subs0" in scene.lns.namespace.ip("-o", "link"), False)
    scene.start_dataplane()
    wait_until("the routes", lambda: scene.interfaces()[1] == before[1], 10, 0.02)
    scene.expect_forwarding()
    scene.expect_no_fault()


@case("calls that begin while no dataplane is there come up with the next")
def _(scene):
    scene.kill_dataplane()
    scene.lac.begin("call 5")
    scene.start_dataplane()
    expect_equal(scene.lac.wait_for("call 5")["up"], 5)
    scene.calls += 5
    scene.expect_forwarding()
    scene.expect_no_fault()


@case("a call that is cleared while no dataplane is there ends at the peer, and the others stay")
def _(scene):
    gone = scene.lns.show("l2tp session")["sessions"][0]
    scene.kill_dataplane()
    scene.lns.cli(f"clear l2tp session {gone['local_tunnel_id']} {gone['local_session_id']}")
    scene.calls -= 1
    wait_until("its route to go", lambda: len(scene.interfaces()[1]) == scene.calls, 10, 0.02)
    scene.start_dataplane()
    wait_until("the LAC to hear of it", lambda: scene.lac.ask("status")["sessions_up"] == scene.calls, 30, 0.05)
    scene.expect_forwarding()


@case("dataplane and control process killed at once come back with every call")
def _(scene):
    before = scene.lac.ask("status")
    scene.lns.dataplane.kill()
    scene.lns.kill_control()
    scene.lns.start_control(scene.lns.prepare_control())
    scene.lns.wait_control()
    scene.start_dataplane()
    scene.expect_forwarding()
    after = scene.lac.ask("status")
    expect_equal({name: after[name] - before[name] for name in FAULTS}, dict.fromkeys(FAULTS, 0))


@case("a control process that stays away raises one alarm, forwarding goes on, and nothing is lost")
def _(scene):
    before = scene.lac.ask("status")
    scene.kill_dataplane()
    scene.start_dataplane("--control-alarm", 1)
    expect_equal(scene.lns.show("dataplane")["control_alarms"], 0)
    scene.lns.kill_control()
    wait_until("the alarm", lambda: scene.logged("alarm: control has been away"), 10, 0.02)
    expect_equal(scene.lac.ask("echo")["answered"], scene.calls)
    scene.lns.start_control(scene.lns.prepare_control())
    scene.lns.wait_control()
    wait_until("control to attach", lambda: scene.pid() == scene.lns.dataplane.pid, 10, 0.02)
    shown = scene.lns.show("dataplane")
    expect_equal((shown["control_absences"], shown["control_alarms"]), (1, 1))
    if shown["control_last_away_ms"] < 1000:
        raise LabError(f"it was away for {shown['control_last_away_ms']} ms only, and that was an alarm")
    scene.expect_forwarding()
    after = scene.lac.ask("status")
    expect_equal({name: after[name] - before[name] for name in FAULTS}, dict.fromkeys(FAULTS, 0))


with Lab("dataplane-restart", NAMESPACES) as lab:
    scene = Scene(lab)
    status = run_cases(scene, on_failure=scene.logs)
sys.exit(status)
