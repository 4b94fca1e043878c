#!/usr/bin/env python3
"""The systemd units of packaging/: they parse, and restart what dies."""

import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools/lib"))

from tap import Skip, case, expect_equal, run_cases

UNITS = sorted((ROOT / "packaging").glob("*.service.in"))


@case("systemd has nothing against the units")
def _():
    if not shutil.which("systemd-analyze"):
        raise Skip("this machine has no systemd-analyze")
    with tempfile.TemporaryDirectory() as folder:
        for unit in UNITS:
            # as an instance, and with a program that is there: only what is installed could be verified as it is
            text = unit.read_text().replace("=@sbindir@/", "=/bin/true ").replace("@confdir@", "/etc/holdfast")
            pathlib.Path(folder, unit.stem).write_text(text)
        instances = [str(pathlib.Path(folder, unit.stem.replace("@.", "@default."))) for unit in UNITS]
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *instances],
                              capture_output=True, text=True)
    expect_equal((done.returncode, done.stderr), (0, ""))


@case("both daemons are restarted whatever ended them, without a limit, and watched")
def _():
    expect_equal([unit.stem for unit in UNITS], ["holdfast-dataplane@.service", "holdfastd@.service"])
    for unit in UNITS:
        lines = unit.read_text().splitlines()
        for setting in ("Restart=always", "StartLimitIntervalSec=0", "Type=notify", "RuntimeDirectoryPreserve=yes"):
            expect_equal((unit.name, setting, lines.count(setting)), (unit.name, setting, 1))
        expect_equal((unit.name, sum(line.startswith("WatchdogSec=") for line in lines)), (unit.name, 1))


sys.exit(run_cases())
