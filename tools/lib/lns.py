"""Holdfast as an LNS in a namespace, with a wire to another namespace where synthetic LACs are.

    namespace hf-bench-lac          namespace hf-bench-lns
    lac-generator                   holdfast-dataplane, holdfastd
    eth0 192.0.2.2 ---------------- lac0 = port ge0 192.0.2.1
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess

from build import program
from lab import LabError, dataplane_memory, run, wait_until

NAMESPACES = ("hf-bench-lns", "hf-bench-lac")
INSTANCE = "bench"
RUN_DIR = pathlib.Path("/run/holdfast-bench")  # short, for the names of sockets
SHM_DIR = pathlib.Path("/dev/shm/holdfast-bench")
LNS, LAC = "192.0.2.1", "192.0.2.2"
TUNNEL_SECRET, USER, PASSWORD = "between-lac-and-lns", "bench", "bench-password"


def configuration(resync="silent-failover"):
    """With this method of peer resynchronization."""
    return f"""\
hostname lns
log level warning
interface ge0
  ip address {LNS}/24
interface loopback 0
  ip address 10.64.0.1/32
ip local pool subscribers 10.64.0.2 10.95.255.254
aaa local user {USER}
  password {PASSWORD}
l2tp failover-resync {resync}
l2tp destination profile any ip address 0.0.0.0
  remote host default
    tunnel password {TUNNEL_SECRET}
"""


CONFIGURATION = configuration()

# Waits for a line, says what time it is, and becomes the program: so that no start of an interpreter is measured.
_LAUNCHER = """
import os, sys, time
log = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
os.dup2(log, 2)
os.write(1, b"ready\\n")
if not os.read(0, 1): sys.exit(0)
out = os.dup(1)
os.set_inheritable(out, False)
os.dup2(log, 1)
os.write(out, b"%d\\n" % time.monotonic_ns())
os.execv(sys.argv[2], sys.argv[2:])
"""


class ReadyProcess:
    """A program that is about to start: all that is left to do is execve()."""

    def __init__(self, command, log, namespace):
        self.log = log
        self.popen = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *namespace.inside, "/usr/bin/python3", "-c", _LAUNCHER, str(log),
             *map(str, command)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.popen.stdout.readline() != b"ready\n":
            raise LabError(f"{command[0]} can't be started: see {log}")

    def start(self):
        """CLOCK_MONOTONIC in ns right before execve()."""
        self.popen.stdin.write(b"\n")
        self.popen.stdin.flush()
        return int(self.popen.stdout.readline())

    def kill(self):
        if self.popen.poll() is None:
            os.kill(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

    def tail(self, lines=20):
        return "\n".join(pathlib.Path(self.log).read_text(errors="replace").splitlines()[-lines:])


class Lns:
    def __init__(self, lab, sessions, tunnels, configuration=CONFIGURATION):
        """sessions, tunnels: to be provided for."""
        self.lab, self.namespace, self.lacs = lab, *lab.namespaces
        # Session ids are shared by the tunnels of a bank of the session table, and 0 is none: some room above.
        self.sessions, self.tunnels = sessions + max(24, sessions // 64), tunnels + 16
        self.where = ["--instance", INSTANCE, "--run-dir", RUN_DIR, "--shm-dir", SHM_DIR]
        for folder in (RUN_DIR, SHM_DIR):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            lab.callback(shutil.rmtree, folder, ignore_errors=True)
        self.configuration = lab.folder / "holdfast.conf"
        self.configuration.write_text(configuration)
        self.control_options = []
        self.control = None
        self._wire()

    def _wire(self):
        self.namespace.add_veth("lac0", self.lacs, "eth0")
        self.namespace.give_to_dataplane("lac0")
        self.lacs.ip("addr", "add", f"{LAC}/24", "dev", "eth0")
        self.lacs.ip("link", "set", "eth0", "up")
        self.lacs.send_whole_packets("eth0")

    def start(self):
        """Starts both daemons, and returns when the LNS is reachable."""
        self.start_dataplane()
        self.start_control(self.prepare_control())
        self.wait_reachable()

    def start_dataplane(self, *options):
        """Starts it, the first time or again, and returns when its interfaces are there."""
        self.dataplane = self.lab.start("holdfast-dataplane", program("holdfast-dataplane"), *self.where,
                                        *dataplane_memory(), "--max-sessions", self.sessions,
                                        "--port", "ge0=net_af_packet0,iface=lac0", *options,
                                        namespace=self.namespace)
        self._wait("the dataplane's interface", self.dataplane.expect_alive,
                   lambda: "ge0" in self.namespace.ip("-o", "link"))

    def wait_reachable(self):
        self._wait("an answer to ping", self.expect_control,
                   lambda: " 0% packet loss" in self.lacs.run("ping", "-c", "1", "-W", "1", LNS, check=False))

    def prepare_control(self, binary=None):
        """The next holdfastd, ready to be started; binary: not the one that was built."""
        command = [binary or program("holdfastd"), *self.where, "--config", self.configuration,
                   "--max-sessions", self.sessions, "--max-tunnels", self.tunnels, *self.control_options]
        process = ReadyProcess(command, self.lab.folder / "holdfastd.log", self.namespace)
        self.lab.callback(process.kill)
        return process

    def start_control(self, prepared):
        """Starts it; gives CLOCK_MONOTONIC in ns right before execve(), and does not wait for it."""
        self.control = prepared
        return prepared.start()

    def wait_control(self, timeout=120):
        self._wait("holdfastd to answer", self.expect_control, self.answers, timeout)

    def kill_control(self):
        self.control.kill()

    def expect_control(self):
        if self.control.popen.poll() is not None:
            raise LabError(f"holdfastd ended with {self.control.popen.returncode}:\n{self.control.tail()}")

    @staticmethod
    def _wait(what, alive, condition, timeout=30):
        def alive_and_there():
            alive()
            return condition()
        wait_until(what, alive_and_there, timeout, every=0.02)

    @staticmethod
    def cli(command):
        """What the command line prints."""
        return run(program("holdfast"), "--instance", INSTANCE, "--run-dir", RUN_DIR, "-c", command)

    def show(self, what):
        return json.loads(self.cli(f"show {what} | json"))

    def answers(self):
        try:
            return bool(self.show("version"))
        except LabError:
            return False
