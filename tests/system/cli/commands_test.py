#!/usr/bin/env python3
"""The command line against running daemons, with a synthetic LAC's sessions to show; and what the programs say of wrong
usage, wrong configuration and a checkpoint that can't be used."""

import concurrent.futures
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tools/lib"))

from build import ROOT, program
from lab import Lab, wait_until
from lac_generator import LacGenerator
from lns import CONFIGURATION, INSTANCE, LNS, PASSWORD, RUN_DIR, SHM_DIR, TUNNEL_SECRET, USER, Lns
from tap import case, expect, expect_equal, run_cases

TUNNELS, SESSIONS = 2, 3  # and sessions in each
# A domain whose LNS is nowhere, and one whose tunnels are not configured yet. Three tries take 7 s.
DOMAINS = """\
l2tp retransmission retries not-established 2
aaa domain-map nowhere.example
  tunnel 1
    address 192.0.2.99
aaa domain-map empty.example
"""
CHECKPOINT = SHM_DIR / f"holdfast.{INSTANCE}.checkpoint"


class Done:
    """A program that ran to its end."""

    def __init__(self, *command):
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL)
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr

    def expect(self, status, *words):
        """It ended so, and its complaint has all the words."""
        expect(self.status == status and all(word in self.err for word in words),
               f"status {self.status}, wanted {status} with {words}:\n{self.out}{self.err}")


def holdfast(*words, instance=INSTANCE):
    return Done(program("holdfast"), "--instance", instance, "--run-dir", RUN_DIR, *words)


def shown(what):
    done = holdfast("-c", f"show {what} | json")
    done.expect(0)
    return json.loads(done.out)


class Scene:
    def __init__(self, lab):
        self.lab = lab
        configuration = CONFIGURATION.replace("log level warning", "log level info") + DOMAINS
        self.lns = Lns(lab, TUNNELS * SESSIONS, TUNNELS, configuration)
        self.lns.start()
        self.lac = LacGenerator(lab, self.lns.lacs, "--lns", LNS, "--tunnels", TUNNELS, "--sessions", SESSIONS,
                                "--secret", TUNNEL_SECRET, "--user", USER, "--password", PASSWORD)
        expect_equal(self.lac.ask("wait")["failed"], 0)

    def restart(self):
        """The control process ends by SIGTERM and a new one runs; gives what the old one said."""
        os.kill(self.lns.control.popen.pid, signal.SIGTERM)
        self.lns.control.popen.wait(30)
        said = self.lns.control.tail(1000)
        self.lns.start_control(self.lns.prepare_control())
        self.lns.wait_control()
        return said

    def logs(self):
        return f"holdfastd:\n{self.lns.control.tail()}\nholdfast-dataplane:\n{self.lns.dataplane.tail()}\n"


def expect_list(document, name, count, *keys):
    """The document has that list, and every element has all the keys."""
    expect_equal(len(document[name]), count)
    for element in document[name]:
        expect(set(keys) <= element.keys(), f"{sorted(set(keys) - element.keys())} missing in {element}")


@case("show l2tp counts destinations, tunnels and sessions")
def _(scene):
    summary = shown("l2tp")
    expect_equal([summary[what]["active"] for what in ("tunnels", "sessions")], [TUNNELS, TUNNELS * SESSIONS])
    expect_equal(summary["failover_resync"], "silent-failover")
    expect("silent-failover" in holdfast("-c", "show l2tp").out)


@case("show l2tp tunnel lists the tunnels with their sequence numbers, and one of them alone")
def _(scene):
    tunnels = shown("l2tp tunnel")
    expect_list(tunnels, "tunnels", TUNNELS, "local_tunnel_id", "peer_tunnel_id", "ns", "nr", "peer_window")
    one = tunnels["tunnels"][0]["local_tunnel_id"]
    expect_equal([tunnel["local_tunnel_id"] for tunnel in shown(f"l2tp tunnel {one}")["tunnels"]], [one])
    expect("established" in holdfast("-c", f"show l2tp tunnel {one} detail").out)


@case("show l2tp session lists the sessions of all tunnels or of one")
def _(scene):
    sessions = shown("l2tp session")
    expect_list(sessions, "sessions", TUNNELS * SESSIONS, "local_session_id", "user", "state", "rx_packets")
    one = sessions["sessions"][0]
    expect_equal({session["state"] for session in sessions["sessions"]}, {"established"})
    expect_list(shown(f"l2tp session {one['local_tunnel_id']}"), "sessions", SESSIONS)
    expect_list(shown(f"l2tp session {one['local_tunnel_id']} {one['local_session_id']}"), "sessions", 1)


@case("show subscribers lists users with their addresses, and those of one name")
def _(scene):
    everybody = shown("subscribers")
    expect_list(everybody, "subscribers", TUNNELS * SESSIONS, "user", "ipv4", "up_since", "rx_octets")
    expect_equal(len({one["ipv4"] for one in everybody["subscribers"]}), TUNNELS * SESSIONS)
    expect_list(shown(f"subscribers user {USER}"), "subscribers", TUNNELS * SESSIONS)
    expect_list(shown("subscribers user nobody"), "subscribers", 0)


@case("show dataplane shows ports, workers and drops by reason")
def _(scene):
    dataplane = shown("dataplane")
    expect_equal(dataplane["connected"], True)
    expect_list(dataplane, "ports", 1, "name", "rx_packets", "tx_packets", "punted")
    expect(dataplane["ports"][0]["punted"] > 0, "no packet was punted")
    expect("l2tp_no_session" in dataplane["drops"], f"{list(dataplane['drops'])}")
    expect(len(holdfast("-c", "show dataplane detail").out) > len(holdfast("-c", "show dataplane").out))


@case("show running-config is a configuration again, and hides passwords unless they are asked for")
def _(scene):
    expect(PASSWORD not in holdfast("-c", "show running-config").out)
    clear = holdfast("-c", "show running-config passwords").out
    expect(PASSWORD in clear, clear)
    file = scene.lab.folder / "running.conf"
    file.write_text(clear)
    Done(program("holdfastd"), "--check-config", "--config", file).expect(0)
    expect("text" in shown("running-config"))


@case("show version and show checkpoint name the process and its region")
def _(scene):
    expect_equal(shown("version")["pid"], scene.lns.control.popen.pid)
    expect_equal(shown("checkpoint")["path"], str(CHECKPOINT))
    expect(shown("version")["version"] in holdfast("show", "version").out)


@case("a command without sense is refused at its word, with status 1")
def _(scene):
    done = holdfast("-c", "show l2tp tunel")
    done.expect(1, "tunel", "^")
    line, caret = done.err.splitlines()[:2]
    expect_equal(caret.index("^"), line.index("tunel"))
    holdfast("-c", "show l2tp tunnel 70000").expect(1, "^")
    holdfast("-c", "clear l2tp session 1 65000").expect(1)


@case("wrong usage ends with status 2, and no daemon with status 3 and what to do")
def _(scene):
    holdfast("--no-such-option").expect(2)
    holdfast("-c", "show version", instance="nowhere").expect(3, "nowhere", "cli.sock")
    expect("show l2tp tunnel" in holdfast("--help").out)


@case("a daemon that does not answer is given up with status 3")
def _(scene):
    os.kill(scene.lns.control.popen.pid, signal.SIGSTOP)
    try:
        holdfast("--patience", "1", "-c", "show version").expect(3, "does not answer")
    finally:
        os.kill(scene.lns.control.popen.pid, signal.SIGCONT)
    scene.lns.wait_control()


@case("clear l2tp session ends one session, clear l2tp tunnel all of its")
def _(scene):
    one = shown("l2tp session")["sessions"][0]
    holdfast("-c", f"clear l2tp session {one['local_tunnel_id']} {one['local_session_id']}").expect(0)
    wait_until("one session less", lambda: len(shown("l2tp session")["sessions"]) == TUNNELS * SESSIONS - 1)
    holdfast("-c", f"clear l2tp tunnel {one['local_tunnel_id']}").expect(0)
    wait_until("the other tunnel's sessions alone", lambda: len(shown("l2tp session")["sessions"]) == SESSIONS)
    wait_until("its subscribers alone", lambda: len(shown("subscribers")["subscribers"]) == SESSIONS)


def test_call(words):
    """Its status, and the answer as JSON."""
    done = holdfast("-c", f"test l2tp call {words} | json")
    return done.status, json.loads(done.out or done.err)


@case("test l2tp call says why there is no call: no such domain, no tunnel, no answer from the LNS")
def _(scene):
    status, answer = test_call("example.com")
    expect_equal((status, answer["up"], answer["reason"]), (1, False, "there is no domain map of this name"))
    expect_equal(test_call("empty.example")[1]["reason"], "its domain map has no tunnel")
    status, answer = test_call("nowhere.example 5551234")
    expect_equal((status, answer["up"], answer["by_peer"], answer["peer_address"]), (1, False, False, "192.0.2.99"))
    expect("does not acknowledge" in answer["message"], f"{answer}")
    expect(6000 < answer["elapsed_ms"] < 30000, f"{answer}")


@case("a call that is being placed is listed with our role, and cleared like any other")
def _(scene):
    with concurrent.futures.ThreadPoolExecutor() as background:
        pending = background.submit(test_call, "nowhere.example")
        placed = wait_until("the call", lambda: [one for one in shown("l2tp session")["sessions"]
                                                 if one["role"] == "lac"])[0]
        expect_equal((placed["call"], placed["placed_by_us"], placed["state"]), ("incoming", True, "wait-tunnel"))
        tunnel, = shown(f"l2tp tunnel {placed['local_tunnel_id']}")["tunnels"]
        expect_equal((tunnel["opened_by_us"], tunnel["peer_address"]), (True, "192.0.2.99"))
        holdfast("-c", f"clear l2tp session {placed['local_tunnel_id']} {placed['local_session_id']}").expect(0)
        status, answer = pending.result(30)
    expect_equal((status, answer["message"]), (1, "cleared by the operator"))
    holdfast("-c", f"clear l2tp tunnel {placed['local_tunnel_id']}").expect(0)


@case("holdfastd ends in order by SIGTERM, and the next one goes on with its sessions")
def _(scene):
    said = scene.restart()
    expect(f"{SESSIONS} sessions stay up" in said, said)
    checkpoint = shown("checkpoint")
    expect_equal((checkpoint["restored"], checkpoint["restored_sessions"]), (True, SESSIONS))
    echo = scene.lac.ask("echo")
    expect_equal(echo["answered"], SESSIONS)


def upgrade(*binary):
    return Done(program("holdfast"), "upgrade", "--instance", INSTANCE, "--run-dir", RUN_DIR, "--shm-dir", SHM_DIR,
                *(("--binary", *binary) if binary else ()))


def supervised_upgrade(scene, binary, *chosen):
    """holdfast upgrade, and the binary started when the running one has ended, as a supervisor would."""
    old, following = scene.lns.control, scene.lns.prepare_control(binary)
    with concurrent.futures.ThreadPoolExecutor() as background:
        pending = background.submit(upgrade, *chosen)
        old.popen.wait(30)
        scene.lns.start_control(following)
        done = pending.result(60)
    done.expect(0)
    expect(f"process   {old.popen.pid} -> {following.popen.pid}" in done.out, done.out)
    expect(f"sessions  {SESSIONS} -> {SESSIONS}" in done.out, done.out)
    expect("goes on from records of version" in done.out, done.out)
    expect_equal(shown("checkpoint")["restored_sessions"], SESSIONS)
    expect_equal(scene.lac.ask("echo")["answered"], SESSIONS)


def script(scene, name, text):
    file = scene.lab.folder / name
    file.write_text("#!/bin/sh\n" + text)
    file.chmod(0o755)
    return file


@case("holdfast upgrade moves the sessions to another binary, and says how long that took")
def _(scene):
    binary = scene.lab.folder / "holdfastd-next"
    shutil.copy(program("holdfastd"), binary)
    supervised_upgrade(scene, binary, binary)


@case("holdfast upgrade moves to the binary that a package has put in the place of the running one")
def _(scene):
    binary = scene.lab.folder / "holdfastd-next"
    shutil.copy(program("holdfastd"), scene.lab.folder / "unpacked")
    os.replace(scene.lab.folder / "unpacked", binary)
    supervised_upgrade(scene, binary)


@case("holdfast upgrade refuses a binary that would not go on, and leaves the running one alone")
def _(scene):
    running = scene.lns.control.popen.pid
    older = script(scene, "older", 'case "$*" in *--check-checkpoint*) echo "unknown option" >&2; exit 2;; '
                                   '*--version*) echo holdfastd 0.0.1;; esac\n')
    downgrade = script(scene, "downgrade", 'case "$*" in *--check-checkpoint*) echo "knows them up to 1" >&2; exit 3;; '
                                           '*--version*) echo holdfastd 0.0.2;; esac\n')
    strict = script(scene, "strict", 'case "$*" in *--check-config*) echo "holdfast.conf:1:1: no" >&2; exit 1;; esac\n')
    upgrade(older).expect(1, "holdfastd 0.0.1", "too old", "nothing was done")
    upgrade(downgrade).expect(1, "holdfastd 0.0.2", "knows them up to 1", "nothing was done")
    upgrade(strict).expect(1, "holdfast.conf:1:1: no", "nothing was done")
    upgrade(scene.lab.folder / "missing").expect(2)
    Done(program("holdfast"), "upgrade", "--instance", "nowhere", "--run-dir", RUN_DIR).expect(3, "nowhere")
    expect_equal(shown("version")["pid"], running)


@case("holdfastd --check-checkpoint says whether it would go on, of a region in use too")
def _(scene):
    def check(*options):
        return Done(program("holdfastd"), "--check-checkpoint", "--config", scene.lns.configuration, *options)
    used = check("--instance", INSTANCE, "--shm-dir", SHM_DIR)
    used.expect(0)
    expect("goes on from records of version" in used.out, used.out)
    check("--instance", "nowhere", "--shm-dir", SHM_DIR).expect(3, "nowhere")


def checkpoint(*words):
    return Done(program("holdfast"), "checkpoint", *words, "--instance", INSTANCE, "--shm-dir", SHM_DIR)


@case("holdfast checkpoint looks into the region of the running daemon, and at what changed since a copy")
def _(scene):
    done = checkpoint("show", "--records", "--json")
    done.expect(0)
    region = json.loads(done.out)
    expect_equal((region["live"], region["writer_pid"]), (True, scene.lns.control.popen.pid))
    expect_equal({table["name"]: table["used"] for table in region["tables"]}["session"], SESSIONS)
    users = [record["fields"]["user"] for record in region["records"] if record["table"] == "subscriber"]
    expect_equal(users, [USER] * SESSIONS)
    copy = scene.lab.folder / "region"
    shutil.copy(CHECKPOINT, copy)
    expect("all sound" in checkpoint("verify", copy).out)
    expect("all sound" in checkpoint("verify").out)
    expect_equal(scene.lac.ask("hangup 1")["ended"], 1)
    # The LAC takes the call for ended when PPP is; its CDN may still be on its way.
    wait_until("the session to go", lambda: "- session" in checkpoint("diff", copy).out, 30)
    changed = checkpoint("diff", copy)
    changed.expect(1)
    expect("~ tunnel" in changed.out, changed.out)
    expect_equal(scene.lac.ask("echo")["answered"], SESSIONS - 1)


@case("holdfast checkpoint names what is wrong with a file")
def _(scene):
    checkpoint("show", ROOT / "README.md").expect(1, "bad-magic")
    checkpoint("verify", scene.lab.folder / "none").expect(1)
    checkpoint("diff").expect(2)
    expect("show checkpoint" in holdfast("--help").out)
    expect("restored" in holdfast("show", "checkpoint", "|", "json").out)


@case("a second holdfastd of the same instance is refused with a sentence")
def _(scene):
    Done(program("holdfastd"), *scene.lns.where, "--config", scene.lns.configuration, "--max-sessions",
         scene.lns.sessions, "--max-tunnels", scene.lns.tunnels).expect(3, "another holdfastd", INSTANCE)


def set_aside(what, damage, word):
    """A case: the checkpoint is damaged while no process has it; the next one says so, keeps it and starts empty."""
    @case(f"a checkpoint that is {what} is set aside with a message, and the daemon starts empty")
    def _(scene):
        os.kill(scene.lns.control.popen.pid, signal.SIGKILL)
        scene.lns.control.popen.wait()
        with open(CHECKPOINT, "r+b") as file:
            damage(file)
        before = set(CHECKPOINT.parent.iterdir())
        scene.lns.start_control(scene.lns.prepare_control())
        scene.lns.wait_control()
        said = scene.lns.control.tail(1000)
        expect(word in said and "kept as" in said, said)
        kept = set(CHECKPOINT.parent.iterdir()) - before
        expect_equal(len(kept), 1)
        expect_equal(shown("l2tp session")["sessions"], [])
        kept.pop().unlink()


set_aside("cut short", lambda file: file.truncate(100), "too-short")
set_aside("of another make", lambda file: file.write(b"somebody else's file"), "magic")


@case("a session that the dataplane still has is removed when the daemon starts empty")
def _(scene):
    expect_equal(scene.lac.ask("echo")["answered"], 0)


@case("an error in the configuration is shown with file, line, column and what was possible")
def _(scene):
    file = scene.lab.folder / "wrong.conf"
    file.write_text("hostname lns\nl2tp failover-resync quiet-failover\n")
    Done(program("holdfastd"), "--check-config", "--config", file).expect(
        1, f"{file}:2:22", "quiet-failover", "silent-failover")
    Done(program("holdfastd"), "--check-config", "--config", scene.lab.folder / "none.conf").expect(1, "none.conf")


@case("the configuration that is shipped runs as it is")
def _(scene):
    Done(program("holdfastd"), "--check-config", "--config", ROOT / "packaging/holdfast.conf").expect(0)


with Lab("cli", ["hf-lns", "hf-lac"]) as lab:
    scene = Scene(lab)
    status = run_cases(scene, on_failure=scene.logs)
sys.exit(status)
