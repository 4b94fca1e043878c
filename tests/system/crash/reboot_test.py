#!/usr/bin/env python3
"""The machine of an LNS is started again: both processes and all shared memory are gone, and the copy of the checkpoint
on disk is all that is left. It is up to date or old, and its disk may be full."""

import pathlib
import shutil
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[3] / "tools/lib")]

from lab import Lab, run, wait_until
from lac_generator import LacGenerator
from lns import CONFIGURATION, INSTANCE, LNS, NAMESPACES, PASSWORD, SHM_DIR, TUNNEL_SECRET, USER, Lns
from tap import case, expect, expect_equal, run_cases

TUNNELS, IN_EACH = 8, 10
CALLS = TUNNELS * IN_EACH
DISK = 4 << 20  # octets


class Scene:
    def __init__(self, lab):
        self.disk = lab.folder / "state"
        self.disk.mkdir()
        run("mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", self.disk)
        lab.callback(run, "umount", "-l", self.disk)
        self.copy = self.disk / f"{INSTANCE}.checkpoint"
        configuration = CONFIGURATION.replace("log level warning", "log level info\ncheckpoint copy")
        self.lns = Lns(lab, 4 * CALLS, TUNNELS, configuration)
        self.lns.control_options = ["--state-dir", self.disk]
        self.lns.start()
        self.lns.wait_control()
        self.lac = LacGenerator(lab, self.lns.lacs, "--lns", LNS, "--tunnels", TUNNELS, "--sessions", IN_EACH,
                                "--secret", TUNNEL_SECRET, "--user", USER, "--password", PASSWORD, "--hello", 1)
        expect_equal(self.lac.ask("wait")["failed"], 0)

    def checkpoint(self):
        return self.lns.show("checkpoint")

    def wait_for_copy(self):
        """Until all that is committed now is on the disk."""
        began = time.monotonic()

        def current():
            age = self.checkpoint()["copy_age_ms"]
            return age is not None and age < (time.monotonic() - began) * 1000
        wait_until("the copy to be up to date", current, 30, 0.05)

    def stop_machine(self):
        self.lns.kill_control()
        self.lns.dataplane.kill()
        for region in SHM_DIR.iterdir():
            region.unlink()

    def start_machine(self):
        self.lns.start_dataplane()
        self.lns.start_control(self.lns.prepare_control())
        self.lns.wait_control()

    def confirmed(self):
        """Tunnels whose peers have told their numbers."""
        return self.lns.show("l2tp")["counters"]["tunnels_confirmed"]

    def sessions(self):
        return len(self.lns.show("l2tp session")["sessions"])

    def logs(self):
        return (f"holdfastd:\n{self.lns.control.tail(60)}\nholdfast-dataplane:\n{self.lns.dataplane.tail()}\n"
                f"the LAC's side: {self.lac.ask('status')}\n")


@case("the copy on disk is at most a second old while calls come and go")
def _(scene):
    scene.wait_for_copy()
    ages = []
    for _ in range(10):
        scene.lac.ask("call 10")
        ages.append(scene.checkpoint()["copy_age_ms"])
        scene.lac.ask("hangup 10")
        ages.append(scene.checkpoint()["copy_age_ms"])
    print(f"# age of the copy: {sorted(ages)[len(ages) // 2]:.0f} ms, at most {max(ages):.0f} ms")
    expect(max(ages) <= 1000, str(ages))
    expect_equal(scene.checkpoint()["copy_errors"], 0)


@case("after a boot every call goes on, in tunnels whose numbers their peers have told")
def _(scene):
    scene.wait_for_copy()
    scene.stop_machine()
    scene.start_machine()
    checkpoint = scene.checkpoint()
    expect_equal((checkpoint["from_copy"], checkpoint["damaged_records"], checkpoint["restored_sessions"]),
                 (True, 0, CALLS))
    wait_until("the peers to answer", lambda: scene.confirmed() == TUNNELS, 30)
    expect_equal(scene.lac.ask("echo")["answered"], CALLS)
    status = scene.lac.ask("status")
    expect_equal((status["tunnels_lost"], status["sessions_lost"], status["acks_of_unsent"]), (0, 0, 0))
    expect_equal(scene.lac.ask("call 10")["up"], 10)
    expect_equal(scene.lac.ask("hangup 10")["ended"], 10)


@case("from a copy that is old the calls go on that are still there, and those that ended are cleared")
def _(scene):
    scene.wait_for_copy()
    old = scene.disk / "old"
    shutil.copy(scene.copy, old)
    expect_equal(scene.lac.ask("hangup 5")["ended"], 5)
    expect_equal(scene.lac.ask("call 5")["up"], 5)
    scene.stop_machine()
    old.rename(scene.copy)
    scene.start_machine()
    expect_equal(scene.checkpoint()["restored_sessions"], CALLS)
    wait_until("the peers to answer", lambda: scene.confirmed() == TUNNELS, 30)
    wait_until("calls that ended to be cleared", lambda: scene.sessions() == CALLS - 5, 120, 1)
    expect_equal(scene.lac.ask("echo", 120)["answered"], CALLS - 5)
    expect_equal(scene.lac.ask("status")["tunnels_lost"], 0)
    expect_equal(scene.lac.ask("call 10")["up"], 10)


@case("a full disk costs the copy its age and nothing else, and the copy comes back with the room")
def _(scene):
    filler = scene.disk / "filler"
    run("dd", "if=/dev/zero", f"of={filler}", "bs=4k", check=False)  # until there is no room
    before = scene.checkpoint()["copy_errors"]
    for _ in range(5):
        expect_equal(scene.lac.ask("call 20")["up"], 20)
        expect_equal(scene.lac.ask("hangup 20")["ended"], 20)
    wait_until("an error of the copy", lambda: scene.checkpoint()["copy_errors"] > before, 30)
    expect("No space left" in scene.checkpoint()["copy_error"], str(scene.checkpoint()))
    expect(scene.lns.control.tail(1000).count("No space left") <= 2, "logged again and again")
    filler.unlink()
    wait_until("the copy to be whole again", lambda: scene.checkpoint()["copy_error"] == "", 30)
    scene.wait_for_copy()


with Lab("reboot", NAMESPACES) as lab:
    scene = Scene(lab)
    status = run_cases(scene, on_failure=scene.logs)
sys.exit(status)
