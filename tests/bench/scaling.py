#!/usr/bin/python3
"""Does a second core help as much as it can? bench/scaling.py [--build DIR] [--runs N] [--jpegs N] [--pngs N]

`nofade dataset` on a zip of JPEGs (stored, like COCO's) and on one of PNGs (deflated, like Cityscapes'), on one core and on two;
beside it the bare decoder of tests/bench over the same pictures, one process on one core and two processes on two. Runs take
turns; figures are medians of wall times. Wanted: 0.95 of the decoders' scaling. Exit 1 when it is missed.

Other work on the machine spoils wall times: the share of the two cores that nofade had says how much.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
WANTED = 0.95
KINDS = (("JPEG", "jpg", "bench_make_jpegs", "bench_jpeg", zipfile.ZIP_STORED),
         ("PNG", "png", "bench_make_pngs", "bench_png", zipfile.ZIP_DEFLATED))


def stop(sentence):
    sys.exit(f"bench/scaling: {sentence}")


def timed(jobs):
    """(wall, CPU) seconds of commands that run side by side, each on its cores: (command, cores) each."""
    started, cpu = time.perf_counter(), 0.0
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL, preexec_fn=lambda cores=cores: os.sched_setaffinity(0, cores))
               for command, cores in jobs]
    for child in running:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        cpu += usage.ru_utime + usage.ru_stime
        if child.returncode != 0:
            stop(f"exit {child.returncode}: {' '.join(map(str, child.args))}")
    return time.perf_counter() - started, cpu


def make_set(build, folder, kind, n):
    """The zip of a kind and the list of its pictures."""
    name, suffix, maker, _, method = kind
    pictures = folder / name
    pictures.mkdir()
    subprocess.run([build / "tests" / maker, pictures, str(n)], check=True)
    files = sorted(pictures.iterdir())
    archive, listing = folder / f"{name}.zip", folder / f"{name}.list"
    with zipfile.ZipFile(archive, "w", method) as into:
        for number, path in enumerate(files):
            into.write(path, f"class{number % 2}/{number}.{suffix}")
    listing.write_text("".join(f"{path}\n" for path in files), encoding="utf-8")
    return archive, listing


def compare(build, folder, kind, n, runs, cores):
    """(scaling of nofade, of the decoders, share of two cores that nofade had, CPU time on two cores against one)"""
    archive, listing = make_set(build, folder, kind, n)
    nofade = [build / "nofade", "dataset", "--quiet", "--json", "/dev/null", archive]
    bare = [build / "tests" / kind[3], listing]
    ways = ([(nofade, cores[:1])], [(nofade, cores)], [(bare, cores[:1])], [(bare, cores[:1]), (bare, cores[1:])])
    samples = [[] for _ in ways]
    for turn in range(runs + 1):
        for number, jobs in enumerate(ways):
            pair = timed(jobs)
            if turn > 0:  # the first fills the page cache
                samples[number].append(pair)
    (one, one_cpu), (two, two_cpu), (bare_one, _), (bare_two, _) = (
        [statistics.median(column) for column in zip(*pairs)] for pairs in samples)
    return one / two, 2 * bare_one / bare_two, two_cpu / (2 * two), two_cpu / one_cpu


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    options.add_argument("--runs", type=int, default=7)
    options.add_argument("--jpegs", type=int, default=5000)
    options.add_argument("--pngs", type=int, default=160)
    given = options.parse_args()
    cores = sorted(os.sched_getaffinity(0))[:2]
    if len(cores) < 2:
        print("SKIP scaling: this machine has one core")
        return 0
    held = True
    print("| zip of | nofade, two cores against one | two decoders against one | ratio | wanted | | share of two cores | CPU time |")
    print("|---|---|---|---|---|---|---|---|")
    for kind in KINDS:
        if not all((given.build / "tests" / program).exists() for program in kind[2:4]):
            print(f"SKIP {kind[0]}: {kind[2]} or {kind[3]} is not built")
            continue
        n = given.jpegs if kind[0] == "JPEG" else given.pngs
        with tempfile.TemporaryDirectory(prefix="nofade-bench-") as folder:
            ours, bare, share, cpu = compare(given.build, pathlib.Path(folder), kind, n, given.runs, cores)
        met = ours / bare >= WANTED
        held = held and met
        print(f"| {n} {kind[0]}s | {ours:.2f} | {bare:.2f} | {ours / bare:.2f} | >= {WANTED} | {'held' if met else 'MISSED'} | "
              f"{share:.2f} | {cpu:.2f} |", flush=True)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
