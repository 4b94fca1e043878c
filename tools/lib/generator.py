"""A generator of calls or subscribers as an object: a program that takes a command a line and answers with JSON."""

import contextlib
import json
import queue
import subprocess
import threading

from build import program
from lab import LabError


class Generator:
    program = None  # its name

    def __init__(self, lab, namespace, *options):
        """Starts it in the namespace. Its complaints go to a log in the lab's folder."""
        self.log = lab.folder / f"{self.program}.log"
        log = lab.enter_context(open(self.log, "ab"))
        self.popen = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *namespace.inside, program(self.program),
                                       *map(str, options)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        lab.callback(self.kill)
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
            raise LabError(f"{self.program} did not answer '{command}' within {timeout} s")
        if answer is None:
            raise LabError(f"{self.program} ended: {self.log.read_text(errors='replace')[-1000:]}")
        if "error" in answer or answer["command"] != command.split()[0]:
            raise LabError(f"{self.program} answered '{command}' with {answer}")
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
