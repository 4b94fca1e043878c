"""A guest machine: Debian's own kernel in qemu, with the host's programs read-only, ordered about from the host.

    with Guest("lac", namespace="hf-lns", tap="lac0") as guest:
        guest.wait_ready()
        print(guest.run("xl2tpd --version").output)

The TAP device must exist in the namespace. The guest has it as eth0, and sends and takes complete packets there, with
no checksum or segmentation left to somebody else. In the guest /etc/ppp, /etc/xl2tpd, /run and /tmp are empty and
writable, everything else is the host's. The system log is /run/messages.
"""

import base64
import itertools
import pathlib
import shlex
import socket
import subprocess
import threading
import time
from dataclasses import dataclass

from . import initramfs

ROOT = pathlib.Path(__file__).resolve().parents[2]


class GuestError(Exception):
    """A guest did not start, or a command in it failed or took too long."""


@dataclass(frozen=True)
class Result:
    status: int
    output: str


class Pending:
    """A command that was sent to the guest and whose answer may still be out."""

    def __init__(self, guest, command):
        self.guest, self.command = guest, command
        self.answered = threading.Event()
        self.answer = None

    def done(self):
        return self.answered.is_set()

    def result(self, timeout=60):
        if not self.answered.wait(timeout):
            raise GuestError(f"{self.guest.name}: no end of '{self.command}' within {timeout} s")
        if self.answer is None:
            raise GuestError(f"{self.guest.name}: the guest ended during '{self.command}'\n{self.guest.console_tail()}")
        return self.answer


class Guest:
    def __init__(self, name, folder, namespace=None, tap=None, mac="02:00:00:00:01:02", memory_mib=320, cache=None):
        self.name, self.namespace, self.tap, self.mac, self.memory_mib = name, namespace, tap, mac, memory_mib
        self.kernel = pathlib.Path(cache or ROOT / ".cache") / "kernel"
        self.folder = pathlib.Path(folder)
        self.console = self.folder / f"{name}.console"
        self.ids = itertools.count(1)
        self.booted = Pending(self, "boot")
        self.pending = {0: self.booted}
        self.sending = threading.Lock()
        self.process = self.port = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exception):
        self.stop()

    def start(self):
        """Starts to boot; wait_ready() says when it is up."""
        image = self.kernel.parent / "initramfs.cpio"
        initramfs.build(self.kernel, image)
        self.port, theirs = socket.socketpair()
        with open(self.console, "wb") as console:
            self.process = subprocess.Popen(self._command(image, theirs.fileno()), stdin=subprocess.DEVNULL,
                                            stdout=console, stderr=subprocess.STDOUT, pass_fds=[theirs.fileno()],
                                            start_new_session=True)
        theirs.close()
        threading.Thread(target=self._receive, daemon=True).start()

    def _command(self, image, agent):
        # The guest dies with this process, however that ends.
        # It stands for another machine, whose speed is not to depend on what else runs on this one.
        command = ["setpriv", "--pdeathsig", "KILL", "nice", "-n", "-5"]
        if self.namespace:
            command += ["nsenter", f"--net=/run/netns/{self.namespace}"]
        command += ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-m", str(self.memory_mib),
                    "-nodefaults", "-no-reboot", "-display", "none", "-serial", "stdio",
                    "-kernel", str(self.kernel / "vmlinuz"), "-initrd", str(image),
                    "-append", f"console=ttyS0 no_timer_check quiet panic=-1 mitigations=off holdfast.name={self.name}",
                    "-fsdev", "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap",
                    "-device", "virtio-9p-pci,fsdev=root,mount_tag=root", "-device", "virtio-serial-pci",
                    "-chardev", f"socket,id=agent,fd={agent}",
                    "-device", "virtserialport,chardev=agent,name=holdfast.agent"]
        if self.tap:
            whole_packets = ",".join(f"{feature}=off" for feature in (
                "csum", "gso", "guest_csum", "guest_tso4", "guest_tso6", "guest_ufo", "guest_ecn",
                "host_tso4", "host_tso6", "host_ufo", "host_ecn", "mrg_rxbuf"))
            command += ["-netdev", f"tap,id=net,ifname={self.tap},script=no,downscript=no,vhost=off",
                        "-device", f"virtio-net-pci,netdev=net,mac={self.mac},rx_queue_size=1024,romfile=,"
                                   f"{whole_packets}"]
        return command

    def _receive(self):
        """Takes the agent's answers until the guest ends, then releases all who wait."""
        with self.port.makefile("r", encoding="ascii") as lines:
            for line in lines:
                number, status, output = (line.rstrip("\n").split(" ") + ["", ""])[:3]
                waiting = self.pending.pop(int(number), None)
                if waiting:
                    waiting.answer = Result(int(status), base64.b64decode(output).decode(errors="replace"))
                    waiting.answered.set()
        for waiting in list(self.pending.values()):
            waiting.answered.set()

    def wait_ready(self, timeout=120):
        """Returns when commands can be run; boot takes about ten seconds of one core."""
        self.booted.result(timeout)
        return self

    def begin(self, command):
        """Runs a shell command in the guest and does not wait for its end."""
        with self.sending:
            number = next(self.ids)
            waiting = self.pending[number] = Pending(self, command)
            self.port.sendall(f"{number} {base64.b64encode(command.encode()).decode()}\n".encode())
        return waiting

    def run(self, command, timeout=60, check=True):
        """Runs a shell command in the guest to its end; with check a status other than 0 is an error."""
        result = self.begin(command).result(timeout)
        if check and result.status != 0:
            raise GuestError(f"{self.name}: '{command}' ended with {result.status}:\n{result.output}")
        return result

    def write(self, path, text, mode="600"):
        path = shlex.quote(path)
        self.run(f"printf %s {shlex.quote(text)} >{path} && chmod {mode} {path}")

    def wait_for(self, command, timeout=30, every=0.2):
        """Repeats a command until it succeeds and returns its output."""
        end = time.monotonic() + timeout
        while (result := self.run(command, check=False)).status != 0:
            if time.monotonic() > end:
                raise GuestError(f"{self.name}: '{command}' did not succeed within {timeout} s:\n{result.output}")
            time.sleep(every)
        return result.output

    def console_tail(self, lines=15):
        text = self.console.read_text(errors="replace") if self.console.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.port.close()
            self.process = None
