"""One Holdfast router in a namespace of a lab: its dataplane over the devices there, and its control process, which is
started again when it dies."""

import json
import pathlib
import shutil

from build import program
from lab import LabError, dataplane_memory, run, wait_until

RUN = pathlib.Path("/run/holdfast-lab")  # short, for the names of sockets
SHM = pathlib.Path("/dev/shm/holdfast-lab")


class Router:
    """name: of the instance; devices: those that become ge0, ge1 and so on; options: of both processes."""

    def __init__(self, lab, name, namespace, devices, configuration, *options):
        self.lab, self.name, self.namespace, self.devices = lab, name, namespace, devices
        self.configuration, self.options = configuration, options
        self.subscribers = f"{name}-subs"
        self.where = ["--instance", name, "--run-dir", RUN, "--shm-dir", SHM]
        self.dataplane = self.control = None

    def start(self):
        for folder in (RUN, SHM):
            folder.mkdir(parents=True, exist_ok=True)
            self.lab.callback(shutil.rmtree, folder, ignore_errors=True)
        for device in self.devices:
            self.namespace.give_to_dataplane(device)
        self.start_dataplane()
        self.file = self.lab.folder / f"{self.name}.conf"
        self.file.write_text(self.configuration)
        self.control = self.lab.supervise(f"{self.name}-holdfastd", program("holdfastd"), *self.where, "--config",
                                          self.file, *self.options, namespace=self.namespace)
        self._wait(f"{self.name}'s control process to answer", self.control.process, self.answers)

    def start_dataplane(self):
        # Without the bypass of queueing disciplines a capture on the device sees what the dataplane sends, too.
        ports = [word for number, device in enumerate(self.devices)
                 for word in ("--port", f"ge{number}=net_af_packet{number},iface={device},qdisc_bypass=0")]
        self.dataplane = self.lab.start(f"{self.name}-dataplane", program("holdfast-dataplane"), *self.where, *ports,
                                        *dataplane_memory(), *self.options, "--subscriber-interface", self.subscribers,
                                        namespace=self.namespace)
        names = [f"ge{number}" for number in range(len(self.devices))] + [self.subscribers]
        self._wait(f"{self.name}'s interfaces", self.dataplane,
                   lambda: all(f" {name}:" in self.namespace.ip("-o", "link") for name in names))

    def _wait(self, what, process, condition):
        def alive_and_there():
            process.expect_alive()
            return condition()
        wait_until(what, alive_and_there)

    def cli(self, command):
        """What the command line prints."""
        return run(program("holdfast"), "--instance", self.name, "--run-dir", RUN, "-c", command)

    def show(self, what):
        return json.loads(self.cli(f"show {what} | json"))

    def counters(self):
        return self.show("l2tp")["counters"]

    def answers(self):
        try:
            return bool(self.cli("show version"))
        except LabError:
            return False

    def kill(self):
        """SIGKILL of the control process; returns when the next one answers."""
        self.control.kill()
        wait_until(f"{self.name}'s new control process", self.answers, every=0.02)

    def logs(self):
        parts = [(f"{self.name}: holdfastd", self.control and self.control.process.tail()),
                 (f"{self.name}: holdfast-dataplane", self.dataplane and self.dataplane.tail())]
        return "".join(f"{name}:\n{text}\n" for name, text in parts if text)
