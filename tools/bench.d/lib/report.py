"""What every benchmark prints beside its own figures, and how: a table for people or one JSON object."""

import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tools/lib")]

_began = time.monotonic()


def say(text):
    """What goes on, for the person who waits."""
    print(f"bench: [{time.monotonic() - _began:6.1f} s] {text}", file=sys.stderr, flush=True)


def version():
    described = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), "describe", "--always",
                                "--dirty", "--tags"], capture_output=True, text=True)
    return described.stdout.strip() or "unknown"


def machine():
    model = re.search(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = meminfo()
    return {"cpu": model[1] if model else "unknown", "cores": len(os.sched_getaffinity(0)),
            "kernel": platform.release(), "hugepages": memory.get("HugePages_Total", 0),
            "memory_mb": memory["MemTotal"] // 1024}


def meminfo():
    """Name -> number, most of them in KiB."""
    lines = pathlib.Path("/proc/meminfo").read_text().splitlines()
    return {name: int(value.split()[0]) for name, value in (line.split(":", 1) for line in lines)}


def median(values):
    return round(statistics.median(values), 3)


def spread(values):
    """min, median and max of a figure that is noisy."""
    return {"min": round(min(values), 3), "median": median(values), "max": round(max(values), 3)}


def finish(name, figures, table, as_json):
    """Prints the figures; figures: the keys of this benchmark, table: text for people."""
    if as_json:
        print(json.dumps({"bench": name, "version": version(), "machine": machine(),
                          "seconds": round(time.monotonic() - _began, 1), **figures}))
        return
    facts = machine()
    print(f"\n{table}\n\n{version()} on {facts['cores']} cores of {facts['cpu']}, Linux {facts['kernel']}, "
          f"{facts['hugepages']} huge pages; {time.monotonic() - _began:.0f} s")
