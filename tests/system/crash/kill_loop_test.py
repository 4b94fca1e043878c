#!/usr/bin/env python3
"""The real daemon is killed with SIGKILL at random instants while calls are set up and torn down, again and again. Its
peer counts every number used twice and every answer too many. At rest both ends must agree.

HOLDFAST_KILLS: how many kills (default 50). HOLDFAST_SEED: of the random choices, to repeat a run as far as real
processes can."""

import os
import pathlib
import random
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[3] / "tools/lib")]

from lab import Lab, wait_until
from lac_generator import FAULTS, LacGenerator
from lns import CONFIGURATION, LNS, NAMESPACES, PASSWORD, TUNNEL_SECRET, USER, Lns
from tap import case, expect, expect_equal, run_cases

KILLS = int(os.environ.get("HOLDFAST_KILLS", "50"))
SEED = int(os.environ.get("HOLDFAST_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
TUNNELS, IN_EACH = 4, 10
MOST = 200          # calls at a time
AT_ONCE = 24        # calls that are set up or torn down while a kill comes
LATEST_KILL = 0.03  # s after they begin: about the time they take


class Scene:
    def __init__(self, lab):
        self.random = random.Random(SEED)
        self.lns = Lns(lab, 4 * MOST, TUNNELS, CONFIGURATION.replace("log level warning", "log level info"))
        self.lns.start()
        self.lns.wait_control()
        self.lac = LacGenerator(lab, self.lns.lacs, "--lns", LNS, "--tunnels", TUNNELS, "--sessions", IN_EACH,
                                "--secret", TUNNEL_SECRET, "--user", USER, "--password", PASSWORD, "--hello", 1)
        expect_equal(self.lac.ask("wait")["failed"], 0)
        self.calls, self.begun, self.ended = TUNNELS * IN_EACH, 0, 0

    def load(self):
        """A command that changes calls, and what the number of calls is after it."""
        number = self.random.randint(1, AT_ONCE)
        if self.calls + number > MOST or (self.calls > number and self.random.random() < 0.5):
            self.ended += number
            return "hangup " + str(number) + self.random.choice(("", " drop")), self.calls - number
        self.begun += number
        return f"call {number}", self.calls + number

    def kill_under_load(self):
        command, calls = self.load()
        prepared = self.lns.prepare_control()
        self.lac.begin(command)
        time.sleep(self.random.uniform(0, LATEST_KILL))  # no condition to wait for: any instant is to be met
        self.lns.kill_control()
        self.lns.start_control(prepared)
        answer = self.lac.wait_for(command)
        done = answer.get("up", answer.get("ended"))
        expect_equal((command, done), (command, answer["asked"]))
        self.calls = calls

    def views(self):
        """Addresses of the calls that are up: as the LAC has them, and as the LNS shows them."""
        ours = {one["ipv4"] for one in self.lns.show("subscribers")["subscribers"]}
        return set(self.lac.ask("status addresses")["all_addresses"]), ours

    def expect_agreement(self):
        self.lns.wait_control()
        wait_until("both ends to agree", lambda: len(set(map(frozenset, self.views()))) == 1, 30, 0.05)
        expect_equal(len(self.views()[0]), self.calls)
        expect_equal(len(self.lns.show("l2tp session")["sessions"]), self.calls)
        expect_equal(self.lac.ask("echo")["answered"], self.calls)
        status = self.lac.ask("status")
        expect_equal({name: status[name] for name in FAULTS}, dict.fromkeys(FAULTS, 0))

    def logs(self):
        return (f"HOLDFAST_SEED={SEED}\nholdfastd:\n{self.lns.control.tail(60)}\n"
                f"holdfast-dataplane:\n{self.lns.dataplane.tail()}\n")


@case(f"{KILLS} kills at random instants of set-up and tear-down: nothing is lost, and both ends agree")
def _(scene):
    for number in range(1, KILLS + 1):
        scene.kill_under_load()
        if number % 10 == 0 or number == KILLS:
            scene.expect_agreement()
    print(f"# {KILLS} kills, {scene.begun} calls begun and {scene.ended} ended meanwhile, {scene.calls} left, "
          f"seed {SEED}")


@case("after the kills the checkpoint is one that a restart goes on from, and holds what is up")
def _(scene):
    checkpoint = scene.lns.show("checkpoint")
    expect_equal((checkpoint["restored"], checkpoint["refusal"], checkpoint["damaged_records"]), (True, "", 0))
    used = {table["name"]: table["used"] for table in checkpoint["tables"]}
    expect_equal((used["tunnel"], used["session"], used["subscriber"]), (TUNNELS, scene.calls, scene.calls))
    expect(checkpoint["incarnation"] > KILLS, str(checkpoint))


with Lab("kill-loop", NAMESPACES) as lab:
    scene = Scene(lab)
    status = run_cases(scene, on_failure=scene.logs)
sys.exit(status)
