#!/usr/bin/env python3
"""What tools/pktgen offers to repeat a benchmark with: a dataplane that was given the sessions by tools/pktgen/sessions
forwards every packet of the capture of tools/pktgen/capture, here replayed by net_pcap."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "tools/lib")]

from build import program
from fake_control import Counters
from lab import Lab, LabError, run, wait_until
from tap import case, expect, expect_equal, run_cases

NAMESPACE, INSTANCE = "hf-pktgen", "pktgen"
ENOUGH = 20_000  # packets: each of the capture twice


class Router:
    """A dataplane whose port 0 replays a capture for ever and whose port 1 takes what is forwarded."""

    def __init__(self, lab, capture, *options):
        self.folders = [lab.folder / "run", lab.folder / "shm"]
        for folder in self.folders:
            folder.mkdir(exist_ok=True)
        run_dir, shm_dir = self.folders
        self.process = lab.start("holdfast-dataplane", program("holdfast-dataplane"), "--instance", INSTANCE,
                                 "--run-dir", run_dir, "--shm-dir", shm_dir, *options,
                                 "--port", f"ge0=net_pcap0,rx_pcap={capture},infinite_rx=1",
                                 "--port", "ge1=net_null0,no-rx=1", namespace=lab.namespaces[0])
        wait_until("the dataplane", self.is_ready)
        self.counters = Counters(f"{shm_dir}/holdfast.{INSTANCE}.counters")

    def is_ready(self):
        self.process.expect_alive()
        return (self.folders[0] / INSTANCE / "dataplane.sock").exists()

    def words(self):
        return ["--instance", INSTANCE, "--run-dir", self.folders[0], "--shm-dir", self.folders[1]]

    def forwards(self):
        return self.counters.port(1)["tx_packets"]


def forward(lab, name, *words, options=()):
    capture = lab.folder / "a.pcap"
    run(ROOT / "tools/pktgen/capture", name, capture, *words)
    router = Router(lab, capture, *options)
    try:
        known = [word for pair in zip(words[::2], words[1::2]) if pair[0] != "--size" for word in pair]
        run(ROOT / "tools/pktgen/sessions", name, *known, *router.words())
        wait_until("the first packets", lambda: router.forwards() > 1000, 30)  # those before had no session
        refused, before = router.counters.drops(), router.forwards()
        wait_until("packets", lambda: router.forwards() >= before + ENOUGH, 30)
        expect_equal(router.counters.drops(), refused)
    finally:
        router.process.stop()


for name in ("lns-decap", "lns-encap", "lac-up", "lac-down"):
    for words, options in ((("--tunnels", "16", "--sessions", "64", "--size", "imix"), ()),
                           (("--tunnels", "4", "--sessions", "20000", "--inner", "6", "--outer", "6", "--max-sessions",
                             "100000"), ("--max-sessions", "100000"))):
        @case(f"every packet of {name} {' '.join(words)} is forwarded")
        def _(lab, name=name, words=words, options=options):
            forward(lab, name, *words, options=options)


@case("a dataplane with other room, and one that does not run, are told apart in words")
def _(lab):
    capture = lab.folder / "a.pcap"
    run(ROOT / "tools/pktgen/capture", "lns-encap", capture)
    router = Router(lab, capture)
    try:
        for words, complaint in ((("--max-sessions", "100000"), "the same --max-sessions"),
                                 (("--instance", "other"), "is it running")):
            done = subprocess.run([ROOT / "tools/pktgen/sessions", "lns-encap", *router.words(), *words],
                                  capture_output=True, text=True)
            expect(done.returncode == 1 and complaint in done.stderr, f"{words}: {done.returncode} {done.stderr}")
    finally:
        router.process.stop()


def main():
    try:
        with Lab("pktgen", (NAMESPACE,)) as lab:
            lab.namespaces[0].run("sysctl", "-q", "-w", "net.ipv6.conf.default.disable_ipv6=1")
            return run_cases(lab)
    except LabError as error:
        print(f"Bail out! {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
