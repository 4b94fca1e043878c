"""Configures and compiles the tree with meson; what the compiler says goes to a log that is shown when it fails."""

import os
import pathlib
import shutil
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("HOLDFAST_CACHE", ROOT / ".cache"))

# Folder -> compiler and options. The first is the one that demonstrations and system tests run; the second has the unit
# tests and fuzz targets. The third is for long runs: the unit tests with the other compiler.
_SANITIZED = ["-Ddebug=false", "-Doptimization=1", "-Dcpp_args=-g1", "-Db_sanitize=address,undefined"]
BUILDS = {
    "build": ("g++", ["-Dbuildtype=release", "-Dtests=false"]),
    "build-sanitized": ("clang++", [*_SANITIZED, "-Dfuzz=true", "-Db_lundef=false"]),
    "build-gcc": ("g++", _SANITIZED),
}
LONG = ("build-gcc",)

# What demonstrations and system tests run.
PROGRAMS = ("holdfast-dataplane", "holdfastd", "holdfast", "lac-generator", "pppoe-generator")


class BuildError(Exception):
    """The tree did not configure or compile; the message is the end of the log."""


def _step(command, log, **options):
    log.write(f"$ {' '.join(command)}\n".encode())
    log.flush()
    return subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options).returncode


def _why(log):
    lines = log.read_text(errors="replace").splitlines()
    first = next((i for i, line in enumerate(lines) if "error:" in line.lower() or line.startswith("FAILED")), None)
    shown = lines[first:first + 30] if first is not None else lines[-30:]
    return "\n".join(shown + [f"(all of it: {log})"])


def _configure(folder, compiler, options, out, log, say):
    """Once, and again when what BUILDS says of this folder has changed. Through ccache where that is installed."""
    compiler = f"ccache {compiler}" if shutil.which("ccache") else compiler
    wanted, stamp = f"{compiler} {options}", folder / "holdfast-options"
    if (folder / "build.ninja").exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"configuring {folder.name} with {compiler}")
    again = ["--wipe"] if (folder / "build.ninja").exists() else []
    if _step(["meson", "setup", *again, str(folder), str(ROOT), *options], out, env={**os.environ, "CXX": compiler}):
        raise BuildError(_why(log))
    stamp.write_text(wanted)


def compile_tree(name, say=print, only=()):
    """Brings one of BUILDS up to date, or only the targets named, and gives its folder."""
    compiler, options = BUILDS[name]
    folder, log = ROOT / name, CACHE / f"{name}.log"
    CACHE.mkdir(exist_ok=True)
    started = time.monotonic()
    with open(log, "wb") as out:
        _configure(folder, compiler, options, out, log, say)
        say(f"bringing {name} up to date" + (f": {', '.join(only)}" if only else ""))
        # meson finds targets by name only after it has read what changed
        if _step(["ninja", "-C", str(folder), "build.ninja"], out) or \
                _step(["meson", "compile", "-C", str(folder), *only], out):
            raise BuildError(_why(log))
    if time.monotonic() - started > 5:
        say(f"{name} is ready after {time.monotonic() - started:.0f} s")
    return folder


def program(name, build="build"):
    """The path of one of our programs in a build folder."""
    found = [path for path in (ROOT / build).glob(f"**/{name}") if path.is_file() and os.access(path, os.X_OK)]
    if not found:
        raise BuildError(f"{build} has no program {name}")
    return found[0]
