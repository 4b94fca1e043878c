"""The test suites: each is a function that gives its cases. A suite of meson tests or a folder below tests/system
is found by its name, so adding one needs no change here but its sentence in KNOWN."""

import os
import re
import subprocess
import time

import cases
from build import BUILDS, CACHE, LONG, PROGRAMS, ROOT, BuildError, compile_tree
from cases import Case, Outcome

# In the order in which they run: what is quick and basic first.
KNOWN = {
    "check": "format, file sizes, scripts, comments and commit titles (tools/check)",
    "build": "the programs compile without warnings with g++, and everything with clang++",
    "unit": "each folder's unit tests, with the address and undefined behaviour sanitizers",
    "sim": "engines against each other on a virtual wire",
    "resync": "failures of LAC, LNS or both by every recovery method: the outcome is what the table says",
    "crash": "a crash before, inside and after every commit",
    "fuzz": "every decoder: its corpus, then libFuzzer for a few seconds (--long: ten minutes each)",
    "dataplane": "the real forwarding process on two wires, and killed under a running control process",
    "cli": "the command line against a running daemon",
    "aaa": "RADIUS against a real server",
    "lac": "the access concentrator",
    "line": "line modules",
    "kernel": "netlink against a real kernel, in network namespaces",
    "operate": "service units, upgrade, limits",
    "interop": "stock Linux L2TP (xl2tpd, pppd) in a guest machine",
    "standby": "a second machine takes over",
}
LONG_SECONDS, SHORT_SECONDS = 600, 30  # libFuzzer: each target; all targets together
# Suites of the simulator: its options, and what its runs show.
SIMULATED = {"sim": ([], "runs of the simulator break no rule"),
             "resync": (["--resync"], "runs with failures come to what the table of methods says")}
SIMULATED_RUNS = {"sim": 100_000, "resync": 20_000}
SIMULATED_RUNS_LONG = {"sim": 1_000_000, "resync": 100_000}


def meson_suites():
    """Names of the suites that the tree's meson.build files use."""
    text = "".join(path.read_text() for path in (ROOT / "tests").glob("**/meson.build"))
    return set(re.findall(r"suite:\s*'(\w+)'", text))


def system_programs(suite):
    folder = ROOT / "tests/system" / suite
    return [path for path in sorted(folder.glob("*_test*")) if path.is_file() and os.access(path, os.X_OK)]


def available():
    """Suites that exist, name -> sentence, in the order of KNOWN."""
    system = {folder.name for folder in (ROOT / "tests/system").glob("*") if system_programs(folder.name)}
    there = {"check", "build"} | meson_suites() | system
    return {name: KNOWN.get(name, "") for name in [*KNOWN, *sorted(there - KNOWN.keys())] if name in there}


def run(suite, say, long_run=False):
    """Cases of one suite. A build that fails is a failed case."""
    found = []
    try:
        if suite == "check":
            found += check()
        if suite == "build":
            found += builds(say, long_run)
        if suite in meson_suites() and suite != "fuzz":
            found += meson(suite, say, "build-sanitized")
        if suite in meson_suites() and long_run:
            found += meson(suite, say, "build-gcc")
        if suite == "fuzz":
            found += fuzz(say, long_run)
        if suite in SIMULATED:
            found += simulate(suite, say, long_run)
        if suite == "crash":
            found += crash_points(say)
        if system_programs(suite):
            found += system(suite, say)
    except BuildError as error:
        found.append(Case(suite, "compiles", Outcome.FAILED, str(error)))
    return found


def check():
    result = subprocess.run([str(ROOT / "tools/check")], capture_output=True, text=True)
    return cases.from_tap("check", "tools/check", result.returncode, result.stdout + result.stderr)


def builds(say, long_run):
    found = []
    for name, (compiler, _) in BUILDS.items():
        if name in LONG and not long_run:
            continue
        title = f"{name} compiles with {compiler}"
        try:
            compile_tree(name, say)
            found.append(Case("build", title))
        except BuildError as error:
            found.append(Case("build", title, Outcome.FAILED, str(error)))
    return found


def meson(suite, say, build):
    folder = compile_tree(build, say)
    report = folder / "meson-logs/testlog.junit.xml"
    report.unlink(missing_ok=True)
    with open(CACHE / f"{suite}.log", "wb") as log:
        # Our own suite, not that of a subproject; sanitizers are slower than meson's usual limit allows for.
        subprocess.run(["meson", "test", "-C", str(folder), "--no-rebuild", "--suite", f"holdfast:{suite}",
                        "--timeout-multiplier", "4"], stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    if not report.exists():
        return [Case(suite, "meson test", Outcome.FAILED, (CACHE / f"{suite}.log").read_text(errors="replace")[-2000:])]
    return cases.from_junit(suite, report)


def fuzz(say, long_run):
    targets = sorted(path for path in compile_tree("build-sanitized", say).glob("tests/fuzz/fuzz_*")
                     if path.is_file() and os.access(path, os.X_OK))
    seconds = LONG_SECONDS if long_run else max(1, SHORT_SECONDS // max(1, len(targets)))
    found = []
    for target in targets:
        name = target.name.removeprefix("fuzz_")
        work = CACHE / "fuzz" / name
        (work / "found").mkdir(parents=True, exist_ok=True)
        corpus = ROOT / "tests/fuzz/corpus" / name
        if long_run:
            say(f"fuzzing {name} for {seconds} s")
        inputs = [str(work / "found"), *([str(corpus)] if corpus.is_dir() else [])]
        # Weighing the corpus by rare features makes the engine's target four times slower than it is.
        result = subprocess.run([str(target), "-entropic=0", f"-max_total_time={seconds}", "-timeout=10",
                                 f"-artifact_prefix={work}/", *inputs],
                                capture_output=True, text=True, errors="replace")
        title = f"libFuzzer finds nothing in {name} within {seconds} s"
        if result.returncode == 0:
            found.append(Case("fuzz", title))
        else:
            found.append(Case("fuzz", title, Outcome.FAILED, "\n".join(result.stderr.splitlines()[-40:])))
    return found


def simulate(suite, say, long_run):
    """Many runs of the simulator, optimised, shared out among the processors by their seeds."""
    shares = len(os.sched_getaffinity(0))
    each = -(-(SIMULATED_RUNS_LONG if long_run else SIMULATED_RUNS)[suite] // shares)
    arguments = [[*SIMULATED[suite][0], "--seed", str(1 + i * each), "--runs", str(each)] for i in range(shares)]
    failed, sums, outputs = shared_out("sim", "holdfast-sim", arguments, say)
    title = f"{shares * each} {SIMULATED[suite][1]}"
    if failed or sums.get("runs") != shares * each:
        return [Case(suite, title, Outcome.FAILED, outputs[-4000:])]
    return [Case(suite, title)]


def crash_points(say):
    """Every point at which a process can die in the scripts of tests/crash, optimised, shared out by events."""
    shares = len(os.sched_getaffinity(0))
    arguments = [["--share", f"{i}/{shares}"] for i in range(shares)]
    failed, sums, outputs = shared_out("crash", "holdfast-crash", arguments, say)
    title = "a crash before, inside and after every commit loses nothing and breaks no rule"
    if failed or not sums.get("inside"):
        return [Case("crash", title, Outcome.FAILED, outputs[-4000:])]
    return [Case("crash", title)]


def shared_out(folder, name, arguments, say):
    """Runs a program of tests/FOLDER once for each list of arguments, all at once: whether one failed, the sums of
    what their last lines count, and what they said."""
    program, started = compile_tree("build", say, (name,)) / f"tests/{folder}/{name}", time.monotonic()
    running = [subprocess.Popen([str(program), *each], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                errors="replace") for each in arguments]
    outputs = [process.communicate()[0] for process in running]
    sums = {}
    for output in outputs:
        for number, what in re.findall(r"(\d+) ([a-z][a-z ]*)", (output.splitlines() or [""])[-1]):
            sums[what] = sums.get(what, 0) + int(number)
    line = ", ".join(f"{number} {what}" for what, number in sums.items())
    say(f"{folder}: {line}, in {time.monotonic() - started:.0f} s")
    return any(process.returncode != 0 for process in running), sums, "\n".join(outputs)


def system(suite, say):
    """Programs that need the built daemons, namespaces or guest machines; each prints its cases as TAP."""
    compile_tree("build", say, PROGRAMS)
    found = []
    for program in system_programs(suite):
        name = f"{suite}/{program.name}"
        say(f"running {name}")
        try:
            result = subprocess.run([str(program)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                    errors="replace", timeout=900, cwd=ROOT, stdin=subprocess.DEVNULL)
            found += cases.from_tap(suite, name, result.returncode, result.stdout)
        except subprocess.TimeoutExpired as expired:
            output = (expired.stdout or b"").decode(errors="replace")
            found.append(Case(suite, name, Outcome.FAILED, f"still running after 15 minutes\n{output[-2000:]}"))
    return found
