"""Two commands timed side by side, and the line of a table that comes of it."""
import dataclasses
import datetime
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import time


def stop(sentence):
    sys.exit(f"bench/run: {sentence}")


def skip(sentence):
    """Beside the table, which stays whole."""
    print(f"SKIP {sentence}", file=sys.stderr)


def measured(command, environment=None):
    """(CPU seconds, wall seconds) of a command that must succeed."""
    started = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        stop(f"exit {child.returncode}: {' '.join(map(str, command))}")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - started


def alternate(commands, runs, environment=None):
    """Of each command the medians (CPU, wall) of its runs, which take turns, after one turn that fills the page cache."""
    samples = [[] for _ in commands]
    for turn in range(runs + 1):
        for side, command in enumerate(commands):
            pair = measured(command, environment)
            if turn > 0:
                samples[side].append(pair)
    return [tuple(statistics.median(column) for column in zip(*side)) for side in samples]


@dataclasses.dataclass
class Row:
    """What was compared; ratio is what the bound speaks of."""
    what: str
    nofade: str
    other: str
    ratio: float
    clock: str   # "CPU", "wall"
    wanted: str  # ">= 1.0", "<= 3", "" where no bound is set

    def held(self):
        if not self.wanted:
            return True
        sign, bound = self.wanted.split()
        return self.ratio >= float(bound) if sign == ">=" else self.ratio <= float(bound) if sign == "<=" else self.ratio < float(bound)

    def line(self):
        verdict = "" if not self.wanted else "held" if self.held() else "MISSED"
        return f"| {self.what} | {self.nofade} | {self.other} | {self.ratio:.2f} ({self.clock}) | {self.wanted} | {verdict} |"


HEAD = "| what | nofade | compared with | ratio | wanted | |\n|---|---|---|---|---|---|"


def machine():
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
        model = re.search(r"model name\s*:\s*(.*)", text)
        return model.group(1) if model else platform.machine()
    except OSError:
        return platform.machine()


def version(command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.split("\n")[0]
    except OSError:
        return ""


def heading(build, cores):
    return (f"{datetime.date.today()}, {machine()}, {cores}, {platform.system()} {platform.release()}; "
            f"{version([build / 'nofade', '--version'])}")
