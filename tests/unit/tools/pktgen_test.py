#!/usr/bin/env python3
"""tools/pktgen: the captures name the sessions that they were asked for, and the search finds the rate of a router."""

import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools/lib"))

from tap import Skip, case, expect, expect_equal, run_cases

# A Pktgen whose line carries 10 Mpps, joined to a router that forwards CAPACITY and may lose a packet of each trial.
STAND_IN = """
pktgen = {}
local rate, sending, sent, back = 0, false, 0, 0
function pktgen.set(ports, what, value) if what == "rate" then rate = value end end
function pktgen.start(ports) sending = true end
function pktgen.stop(ports) sending = false end
function pktgen.delay(milliseconds)
  if not sending then return end
  local offered = rate * 1e5 * milliseconds / 1000
  sent = sent + offered
  back = back + math.min(offered, CAPACITY * 1e6 * milliseconds / 1000) - LOST
end
function pktgen.portStats(ports, kind)
  return {[0] = {opackets = sent, ipackets = 0}, [1] = {opackets = 0, ipackets = back}}
end
for _, name in ipairs({"clr", "screen", "quit"}) do pktgen[name] = function() end end
"""


def throughput(capacity, lost=0, **settings):
    """What the last line of throughput.lua says."""
    lua = shutil.which("lua5.4")
    if not lua:
        raise Skip("this machine has no lua5.4")
    with tempfile.TemporaryDirectory() as folder:
        text = STAND_IN.replace("CAPACITY", str(capacity)).replace("LOST", str(lost))
        pathlib.Path(folder, "Pktgen.lua").write_text(text)
        done = subprocess.run([lua, str(ROOT / "tools/pktgen/throughput.lua")], cwd=folder, capture_output=True,
                              text=True, env={f"HOLDFAST_{name}": str(value) for name, value in settings.items()})
    expect_equal((done.returncode, done.stderr), (0, ""))
    return done.stdout.splitlines()[-1]


def capture(*words):
    return subprocess.run([str(ROOT / "tools/pktgen/capture"), *words], capture_output=True, text=True)


def fields(path, *names):
    """Of each packet of a capture, as tshark reads it."""
    if not shutil.which("tshark"):
        raise Skip("this machine has no tshark")
    command = ["tshark", "-r", path, "-T", "fields", "-E", "occurrence=l"]
    for name in names:
        command += ["-e", name]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [tuple(line.split("\t")) for line in shown.splitlines()]


@case("a router that forwards all is measured in one trial, at the line rate")
def _():
    expect_equal(throughput(20), "throughput: 10.000 Mpps at 100.00 % of the line rate")


@case("the search ends within its step below what the router forwards")
def _():
    expect_equal(throughput(3.7), "throughput: 3.672 Mpps at 36.72 % of the line rate")
    expect_equal(throughput(3.7, STEP=10), "throughput: 3.125 Mpps at 31.25 % of the line rate")


@case("a packet that is always lost leaves no rate, unless so many may be lost")
def _():
    expect_equal(throughput(20, lost=1, STEP=10), "throughput: none: packets are lost at 6.25 % of the line rate, too")
    expect_equal(throughput(20, lost=1, LOSS=1).split(" at ")[1], "100.00 % of the line rate")


@case("a capture visits many sessions of every tunnel")
def _():
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/a.pcap"
        done = capture("lns-decap", path, "--tunnels", "4", "--sessions", "8", "--packets", "2000")
        expect_equal((done.returncode, done.stderr), (0, ""))
        seen = fields(path, "l2tp.tunnel", "l2tp.session", "frame.len")
    expect_equal(len(seen), 2000)
    # so few fit into one bank, where the sessions of all tunnels are numbered through
    expect_equal({(int(t), int(s)) for t, s, _ in seen}, {(1 + s // 8, s + 1) for s in range(32)})
    expect_equal({length for _, _, length in seen}, {str(14 + 20 + 8 + 6 + 4 + 64)})


@case("PPPoE frames go to the port's address, each from its subscriber's")
def _():
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/a.pcap"
        done = capture("lac-up", path, "--sessions", "8", "--packets", "200", "--inner", "6", "--size", "imix",
                       "--port-mac", "02:aa:bb:cc:dd:ee")
        expect_equal((done.returncode, done.stderr), (0, ""))
        seen = fields(path, "eth.dst", "eth.src", "pppoe.payload_length", "frame.len")
    expect_equal({each[0] for each in seen}, {"02:aa:bb:cc:dd:ee"})
    expect_equal(len({each[1] for each in seen}), 8)
    expect_equal({int(each[2]) - 2 for each in seen}, {64, 576, 1440})


@case("what can't be sent or numbered is refused in words")
def _():
    for words, complaint in ((("lns-decap", "--size", "1500"), "makes a frame of 1552"),
                             (("lns-encap", "--size", "20"), "a number from 28 on"),
                             (("lns-encap", "--port-mac", "nonsense"), "is no MAC address"),
                             (("lns-encap", "--tunnels", "5", "--sessions", "40000"), "larger --max-sessions"),
                             (("lns-encap", "--max-sessions", "10"), "do not fit")):
        done = capture(words[0], "/dev/null", *words[1:])
        expect(done.returncode == 1 and complaint in done.stderr, f"{words}: {done.returncode} {done.stderr}")


sys.exit(run_cases())
