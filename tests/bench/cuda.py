#!/usr/bin/python3
"""What a CUDA device is worth, where the machine has one: bench/cuda.py [--build DIR] [--runs N] [--images N]; else it says SKIP.

kernel     GB/s of pixels that lie on the device, against what its memory copies: half or more is aimed at
distances  of 21,841 classes: under 3 s is aimed at
whole      `nofade dataset` with --device cuda against --device cpu on a plain tar of CIFAR's shape, alternating, medians

Before that the parity test runs on the device, under compute-sanitizer too where that is installed. Exit 1 when parity does not
hold; a missed aim is told in the table.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def parity(build):
    """True when it holds on the device."""
    tests = [[build / "tests/test_cuda_gpu"]]
    sanitizer = shutil.which("compute-sanitizer")
    if sanitizer:
        tests.append([sanitizer, "--error-exitcode", "1", *tests[0]])
    else:
        print("SKIP compute-sanitizer: not installed")
    return all(subprocess.run(command, check=False).returncode == 0 for command in tests)


def whole(build, runs, images):
    """Median (CPU seconds, wall seconds) of the command by device."""
    seconds = {"cpu": [], "cuda": []}
    with tempfile.TemporaryDirectory(prefix="nofade-bench-") as folder:
        tar = pathlib.Path(folder, "cifar.tar")
        subprocess.run([build / "nofade-sample", "--plain", "--images", str(images), tar], check=True)
        for run in range(runs + 1):
            for device, taken in seconds.items():
                started = time.perf_counter()
                child = subprocess.Popen([build / "nofade", "dataset", "--quiet", "--device", device, "--json", "/dev/null", tar])
                _, status, usage = os.wait4(child.pid, 0)
                child.returncode = os.waitstatus_to_exitcode(status)
                if child.returncode != 0:
                    sys.exit(f"bench/cuda.py: exit {child.returncode} with --device {device}")
                if run > 0:
                    taken.append((usage.ru_utime + usage.ru_stime, time.perf_counter() - started))
        size = tar.stat().st_size
    return size, {device: [statistics.median(column) for column in zip(*taken)] for device, taken in seconds.items()}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    options.add_argument("--runs", type=int, default=7)
    options.add_argument("--images", type=int, default=600_000)
    given = options.parse_args()
    build = given.build.resolve()
    for name in ("nofade", "nofade-sample", "tests/bench_cuda", "tests/test_cuda_gpu"):
        if not (build / name).exists():
            sys.exit(f"bench/cuda.py: {name} is not built in {given.build}; tests/run release builds it")
    measured = subprocess.run([build / "tests/bench_cuda"], capture_output=True, text=True, check=False)
    if measured.returncode == 77:
        print(measured.stdout, end="")
        return 77
    if measured.returncode != 0:
        sys.exit(f"bench/cuda.py: {measured.stderr}")
    held = parity(build)
    print("\n| what | figure | |\n|---|---|---|")
    for line in measured.stdout.splitlines():
        what, figure, unit = line.split("\t")
        print(f"| {what} | {figure} | {unit} |")
    size, taken = whole(build, given.runs, given.images)
    for device, (cpu, wall) in taken.items():
        print(f"| nofade dataset --device {device}, {size / 1e6:.0f} MB of raw pixels | {wall:.2f} | s, {cpu:.2f} s of CPU |")
    return 0 if held else 1


sys.exit(main())
