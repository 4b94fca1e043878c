"""The synthetic LAC (tools/lac) as an object: one method a command."""

import contextlib
import json
import queue
import subprocess
import threading

from build import program
from lab import LabError


# Of its status: what it must never count, whoever was killed.
FAULTS = ("sessions_lost", "sessions_failed", "tunnels_lost", "tunnels_failed", "renegotiations", "reused_ns",
          "answered_twice", "acks_of_unsent", "malformed", "misdelivered")


class LacGenerator:
    def __init__(self, lab, namespace, *options):
        """Starts it in the namespace. Its complaints go to lac-generator.log in the lab's folder."""
        log = lab.enter_context(open(lab.folder / "lac-generator.log", "ab"))
        self.popen = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *namespace.inside, program("lac-generator"),
                                       *map(str, options)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        lab.callback(self.kill)
        self.log = lab.folder / "lac-generator.log"
        self.answers = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.popen.stdout:
            self.answers.put(json.loads(line))
        self.answers.put(None)

    def begin(self, command):
        """Gives a command; wait_for() gives the answer, which comes when the thing is done."""
        self.popen.stdin.write(f"{command}\n".encode())
        self.popen.stdin.flush()

    def wait_for(self, command, timeout=60):
        """The next answer, which must be to this command: only one command at a time may be under way."""
        try:
            answer = self.answers.get(timeout=timeout)
        except queue.Empty:
            raise LabError(f"lac-generator did not answer '{command}' within {timeout} s")
        if answer is None:
            raise LabError(f"lac-generator ended: {self.log.read_text(errors='replace')[-1000:]}")
        if "error" in answer or answer["command"] != command.split()[0]:
            raise LabError(f"lac-generator answered '{command}' with {answer}")
        return answer

    def ask(self, command, timeout=60):
        self.begin(command)
        return self.wait_for(command, timeout)

    def quit(self, quietly=False):
        with contextlib.suppress(OSError):
            self.begin("quit quiet" if quietly else "quit")
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(10)
        self.kill()

    def kill(self):
        if self.popen.poll() is None:
            self.popen.kill()
        self.popen.wait()
