"""A laboratory of network namespaces, daemons and guest machines on one machine, for demonstrations and system tests.

Everything is taken down when the lab is left, also by Ctrl-C; what a killed run has left is taken down before a new one
starts. Processes die with the program that started them.
"""

import contextlib
import ctypes
import fcntl
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

from build import CACHE

CLONE_NEWNET, ETH_P_ALL = 0x40000000, 3


class LabError(Exception):
    """Something in the lab did not work; the message is for the person who runs it."""


def run(*command, check=True, timeout=60):
    """Runs a command to its end and gives its output."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", stdin=subprocess.DEVNULL, timeout=timeout)
    if check and done.returncode:
        raise LabError(f"'{' '.join(map(str, command))}' ended with {done.returncode}: {done.stdout.strip()}")
    return done.stdout


def wait_until(what, condition, timeout=30, every=0.1):
    """Waits for condition() to be true and gives its value; what names it if it does not come."""
    end = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > end:
            raise LabError(f"waited {timeout} s in vain for {what}")
        time.sleep(every)
    return value


class Namespace:
    def __init__(self, name):
        self.name = name
        self.inside = ["nsenter", f"--net=/run/netns/{name}"]

    def create(self):
        self.delete()
        run("ip", "netns", "add", self.name)
        self.ip("link", "set", "lo", "up")

    def delete(self):
        run("ip", "netns", "delete", self.name, check=False)

    def run(self, *command, **options):
        return run(*self.inside, *command, **options)

    def ip(self, *words):
        return run("ip", "-n", self.name, *words)

    def add_tap(self, name):
        self.ip("tuntap", "add", "dev", name, "mode", "tap")
        self.ip("link", "set", name, "txqueuelen", "10000")  # for a machine that gets no processor for a while

    def add_veth(self, name, other, peer):
        self.ip("link", "add", "name", name, "type", "veth", "peer", "name", peer, "netns", other.name)

    def packet_socket(self, device):
        """A socket that sees every frame of a device of this namespace."""
        opened = []

        def open_inside():  # a thread of its own, since entering a namespace is for good
            with open(f"/run/netns/{self.name}") as namespace:
                if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET) != 0:
                    return
            opened.append(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)))
            opened[0].bind((device, ETH_P_ALL))

        thread = threading.Thread(target=open_inside)
        thread.start()
        thread.join()
        if not opened:
            raise LabError(f"can't open a packet socket in {self.name}")
        return opened[0]

    def give_to_dataplane(self, device):
        """Brings a device up for packet sockets and keeps this namespace's own kernel off its frames: the port of a
        bridge that is down drops what it receives, after the packet sockets have seen it."""
        self.ip("link", "add", "name", f"no-{device}", "type", "bridge")
        self.ip("link", "set", device, "master", f"no-{device}", "up")
        for quiet in (device, f"no-{device}"):
            self.run("sysctl", "-q", "-w", f"net.ipv6.conf.{quiet}.disable_ipv6=1")
        self.send_whole_packets(device)

    def send_whole_packets(self, device):
        """Leaves no checksum and no segmentation to the receiver, which need not be a kernel that could do it."""
        self.run("ethtool", "-K", device, "tx", "off", "tso", "off", "gso", "off", "gro", "off", check=False)


class Process:
    """A program that runs along, with its output in a file, and dies with us."""

    def __init__(self, name, command, log, namespace=None):
        self.name, self.log = name, pathlib.Path(log)
        inside = namespace.inside if namespace else []
        self.started = time.time()
        with open(self.log, "ab") as out:
            # A session of its own, so that Ctrl-C reaches us alone and things end in order.
            self.popen = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *inside, *map(str, command)],
                                          stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                          start_new_session=True)

    @property
    def pid(self):
        return self.popen.pid  # setpriv and nsenter become the program

    def alive(self):
        return self.popen.poll() is None

    def expect_alive(self):
        if not self.alive():
            raise LabError(f"{self.name} ended with {self.popen.returncode}:\n{self.tail()}")

    def tail(self, lines=20):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def kill(self):
        """SIGKILL."""
        self.popen.kill()
        self.popen.wait()

    def stop(self, patience=5):
        if self.alive():
            self.popen.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(patience)
        self.kill()


class Supervised:
    """A process that is started again at once when it dies, as systemd does with Restart=always."""

    def __init__(self, *arguments, **options):
        self.make = lambda: Process(*arguments, **options)
        self.process, self.restarts, self.stopping, self.killed = None, [], False, None
        self.first = threading.Event()
        # Children die with the thread that starts them: this one, which lasts as long as the lab.
        self.thread = threading.Thread(target=self._keep, daemon=True)
        self.thread.start()
        self.first.wait()

    def _keep(self):
        while not self.stopping:
            self.process = self.make()
            self.first.set()
            self.process.popen.wait()
            if not self.stopping:
                self.restarts.append(time.time())
                quick = [moment for moment in self.restarts if moment > time.time() - 5]
                if len(quick) > 5:
                    return  # it can't run; expect_alive() tells

    def kill(self):
        """SIGKILL; gives the process that takes its place."""
        before, self.killed = self.process, time.time()
        os.kill(before.pid, signal.SIGKILL)
        wait_until(f"a new {before.name}", lambda: self.process is not before, every=0.002)
        return self.process

    def stop(self):
        self.stopping = True
        while self.thread.is_alive():  # it may just be starting the next one
            self.process.stop()
            self.thread.join(0.1)


def _is_mine(lock):
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Lab(contextlib.ExitStack):
    """One at a time on a machine (others wait), in a folder that is kept until the next run of the same name."""

    def __init__(self, name, namespaces):
        super().__init__()
        self.folder = CACHE / "lab" / name
        self.namespaces = [Namespace(namespace) for namespace in namespaces]

    def __enter__(self):
        super().__enter__()
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda number, frame: sys.exit(128 + number))
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = self.enter_context(open("/run/holdfast-lab.lock", "w"))
        if not _is_mine(lock):
            print("lab: waiting for another demonstration or system test on this machine to end", file=sys.stderr)
            wait_until("its end", lambda: _is_mine(lock), timeout=900)
        run("rm", "-rf", self.folder)
        self.folder.mkdir()
        for namespace in self.namespaces:
            self.callback(namespace.delete)
            namespace.create()
        return self

    def __exit__(self, *exception):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # taking down is not to be interrupted
        try:
            return super().__exit__(*exception)
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def start(self, name, *command, namespace=None):
        process = Process(name, command, self.folder / f"{name}.log", namespace)
        self.callback(process.stop)
        return process

    def supervise(self, name, *command, namespace=None):
        supervised = Supervised(name, command, self.folder / f"{name}.log", namespace)
        self.callback(supervised.stop)
        return supervised


def dataplane_memory():
    """Options of holdfast-dataplane: it runs without hugepages, slower, where too few are free."""
    free = pathlib.Path("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages")
    return [] if free.exists() and int(free.read_text()) >= 96 else ["--no-huge"]
