"""Packets through real processes on one core: holdfast-dataplane and dpdk-testpmd, both fed by net_pcap from memory.

A worker polls without pause, so on a machine of its own it has a processor to itself. Where it has not, both are
measured by the processor time that their worker thread got: what another process takes away does not count. What the
other hardware thread of the core does, slows both.
"""

import os
import pathlib
import re
import signal
import subprocess
import sys
import time

from report import ROOT  # first: it finds tools/lib

import captures
import tables
from build import program
from lab import LabError, wait_until

sys.path.insert(0, str(ROOT / "tests/system/dataplane"))
from fake_control import FakeControl

INSTANCE = "fastpath"
RUN_DIR, SHM_DIR = pathlib.Path("/run/holdfast-fastpath"), pathlib.Path("/dev/shm/holdfast-fastpath")
WARM_UP = 0.3  # seconds
BUFFER = 2560  # octets of memory for a packet, with all around it


def worker_thread(pid):
    """The thread of DPDK's core 1, as both programs use it."""
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().strip() in ("rte-worker-1", "lcore-worker-1"):
            return task
    raise LabError(f"process {pid} has no worker thread")


def processor_seconds(task):
    return int((task / "schedstat").read_text().split()[0]) / 1e9


def buffers(packets):
    """So many hold the capture, and there is room for what is on its way."""
    return packets + 8192


class Dataplane:
    """holdfast-dataplane with the tables of a case; it stands still but when it is measured."""

    def __init__(self, lab, capture, packets, case, outer, sessions, bits, **rows):
        for folder in (RUN_DIR, SHM_DIR):
            folder.mkdir(parents=True, exist_ok=True)
        memory = max(128, 2 * buffers(packets) * BUFFER >> 20)
        self.process = lab.start(
            "holdfast-dataplane", program("holdfast-dataplane"), "--instance", INSTANCE, "--run-dir", RUN_DIR,
            "--shm-dir", SHM_DIR, "--worker-cores", "1", "--memory", memory, "--max-sessions",
            captures.BANK_SESSIONS << bits, "--port", f"ge0=net_pcap0,rx_pcap={capture},infinite_rx=1",
            namespace=lab.namespaces[0])
        try:
            wait_until("the dataplane", self._attached, timeout=60)
            self.control = FakeControl(str(RUN_DIR), str(SHM_DIR), INSTANCE)
            tables.fill(self.control, case, outer, sessions, bits, **rows)
            self.worker = worker_thread(self.process.pid)
            os.kill(self.process.pid, signal.SIGSTOP)
        except BaseException:
            self.stop()
            raise

    def _attached(self):
        self.process.expect_alive()
        return (RUN_DIR / INSTANCE / "dataplane.sock").exists()

    def _read(self):
        port = self.control.counters.port(0)
        return processor_seconds(self.worker), port["rx_packets"], port["tx_packets"], self.control.counters.drops()

    def measure(self, seconds, drops_expected=False):
        """Millions of packets in a second of processor time: those that came where drops are expected, else those that
        were forwarded."""
        os.kill(self.process.pid, signal.SIGCONT)
        time.sleep(WARM_UP)
        before = self._read()
        time.sleep(seconds)
        after = self._read()
        os.kill(self.process.pid, signal.SIGSTOP)
        wrong = {name: count - before[3].get(name, 0) for name, count in after[3].items()}
        wrong = {name: count for name, count in wrong.items() if count}
        if wrong and not drops_expected:
            raise LabError(f"packets were dropped: {wrong}")
        which = 1 if drops_expected else 2
        return (after[which] - before[which]) / (after[0] - before[0]) / 1e6

    def stop(self):
        if self.process.alive():
            os.kill(self.process.pid, signal.SIGCONT)
        self.process.stop()


def testpmd(capture, packets, mode, seconds):
    """The same figure of dpdk-testpmd, by what it prints each second."""
    command = ["dpdk-testpmd", "-l", "0,1", "--no-pci", "--in-memory", "--file-prefix", "fastpath-testpmd",
               "--no-telemetry", "-m", str(max(128, buffers(packets) * BUFFER >> 20)),
               "--vdev", f"net_pcap0,rx_pcap={capture},infinite_rx=1", "--", f"--forward-mode={mode}", "--nb-cores=1",
               "--port-topology=loop", "--no-mlockall", f"--total-num-mbufs={buffers(packets)}", "--stats-period=1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                               text=True)
    seen, printed, worker = [], [], None
    try:
        for line in process.stdout:
            printed.append(line)
            found = re.search(r"TX-packets:\s+(\d+)", line)
            if found:
                worker = worker or worker_thread(process.pid)
                seen.append((processor_seconds(worker), int(found[1])))
            if len(seen) > seconds + 1:  # the first second is for warming up
                break
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    if len(seen) < 3:
        raise LabError("dpdk-testpmd did not run: " + "".join(printed[-5:]))
    return (seen[-1][1] - seen[1][1]) / (seen[-1][0] - seen[1][0]) / 1e6
