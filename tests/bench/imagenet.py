"""A generated stream of ImageNet's shape through a pipe into `nofade dataset -`: does memory stay bounded, and is decoding all
that takes time?

A stream of 1 GB goes first, then the wanted one, never on disk; before and after each the bare libjpeg-turbo loop runs over the
same pictures in as many processes as nofade has threads. Ratios are images a CPU second and images a second; the long stream
must reach 0.8 of the CPU ratio and stay below 300 MB.
"""
import json
import os
import subprocess
import sys
import time

from measure import stop

RATIO_MIN, PEAK_BYTES_MAX = 0.8, 300_000_000
SHORT_GB = 1
POLL_S = 0.2


def bare(build, listing, n_images, processes):
    """(images a second, images a CPU second) of the bare loop, one process a thread."""
    started, cpu = time.perf_counter(), 0.0
    loops = [subprocess.Popen([build / "tests/bench_jpeg", listing], stdout=subprocess.DEVNULL) for _ in range(processes)]
    for loop in loops:
        _, status, usage = os.wait4(loop.pid, 0)
        loop.returncode = os.waitstatus_to_exitcode(status)
        cpu += usage.ru_utime + usage.ru_stime
        if loop.returncode != 0:
            stop("bench_jpeg failed")
    return processes * n_images / (time.perf_counter() - started), processes * n_images / cpu


def number_in(path, key):
    """A number of a file of /proc; None when the process is gone."""
    try:
        with open(path, encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(key))
    except (OSError, StopIteration):
        return None


def follow(run, maker, points):
    """Waits for the run: its usage, and its peak (bytes) when each of the points (bytes through the pipe) was passed."""
    peaks, points = [], list(points)
    while True:
        done, status, usage = os.wait4(run.pid, os.WNOHANG)
        if done:
            run.returncode = os.waitstatus_to_exitcode(status)
            return usage, peaks
        passed, peak = number_in(f"/proc/{maker.pid}/io", "wchar:"), number_in(f"/proc/{run.pid}/status", "VmHWM:")
        while points and peak and passed and passed >= points[0]:
            peaks.append((points.pop(0), peak * 1024))
        time.sleep(POLL_S)


def stream(build, folder, gigabytes, threads):
    """One run on a stream: what there is to say of it."""
    profile = folder / "profile.json"
    nofade = [build / "nofade", "dataset", "-", "--quiet", "--threads", str(threads), "--json", profile]
    making = [build / "tests/bench_make_imagenet", folder / "pool.list", folder / "classes", str(int(gigabytes * 1e9))]
    started = time.perf_counter()
    with subprocess.Popen(making, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as maker:
        with subprocess.Popen(nofade, stdin=maker.stdout) as run:
            maker.stdout.close()
            usage, peaks = follow(run, maker, (gigabytes * 1e9 * part for part in (1 / 8, 1 / 4, 1 / 2, 3 / 4)))
            wall = time.perf_counter() - started
        told = maker.stderr.read().split()
        if maker.wait() != 0 or run.returncode != 0:
            stop(f"the stream failed: maker {maker.returncode}, nofade {run.returncode}")
    images, n_bytes = int(told[0]), int(told[2])
    check(json.loads(profile.read_text(encoding="utf-8")), images, n_bytes)
    cpu = usage.ru_utime + usage.ru_stime
    return {"images": images, "bytes": n_bytes, "wall": wall, "cpu": cpu, "peak": usage.ru_maxrss * 1024, "peaks": peaks}


def check(profile, images, n_bytes):
    """What the profile must say, or the figures mean nothing."""
    found = {"dataset": profile["dataset"]["name"], "split": profile["dataset"]["split"], "complete": profile["complete"],
             "read": profile["images"]["read"], "failed": profile["images"]["failed"], "classes": len(profile["classes"]),
             "bytes": profile["dataset"]["sources"][0]["bytes"], "duplicates": profile["quality"]["duplicates"]["sets"]}
    wanted = {"dataset": "imagenet", "split": "train", "complete": True, "read": images, "failed": 0, "classes": 1000,
              "bytes": n_bytes, "duplicates": 0}
    if found != wanted:
        stop(f"the profile is wrong: {found} instead of {wanted}")


def row(run, before, after):
    """One line of the table, and whether the bounds hold."""
    rates = run["images"] / run["wall"], run["images"] / run["cpu"]
    ratios = [2 * rate / (first + second) for rate, first, second in zip(rates, before, after)]
    line = (f"| {run['bytes'] / 1e9:.1f} GB | {run['images']:,} | {run['wall']:.0f} s | {rates[0]:.0f} images/s "
            f"| {(before[0] + after[0]) / 2:.0f} images/s | {ratios[1]:.2f} | {ratios[0]:.2f} | {run['peak'] / 2**20:.0f} MiB |")
    return line, ratios[1] >= RATIO_MIN and run["peak"] <= PEAK_BYTES_MAX


def measure(root, build, folder, n_jpegs, gigabytes):
    """Prints the table; True when the long stream holds the bounds."""
    threads = len(os.sched_getaffinity(0))
    drawn = folder / "drawn"
    drawn.mkdir()
    subprocess.run([build / "tests/bench_make_jpegs", drawn, str(n_jpegs)], check=True)
    pictures = "".join(f"{path}\n" for path in sorted(drawn.iterdir()))
    repeats = max(1, 4500 // n_jpegs)
    manifest = json.loads((root / "data-manifests/datasets/imagenet.json").read_text(encoding="utf-8"))
    (folder / "pool.list").write_text(pictures, encoding="utf-8")
    (folder / "bare.list").write_text(pictures * repeats, encoding="utf-8")
    (folder / "classes").write_text("".join(f"{pair[0]}\n" for pair in manifest["classes"]["list"]), encoding="utf-8")


    rows, held = [], False
    before = bare(build, folder / "bare.list", repeats * n_jpegs, threads)
    for size in (SHORT_GB, gigabytes):
        run = stream(build, folder, size, threads)
        after = bare(build, folder / "bare.list", repeats * n_jpegs, threads)
        line, held = row(run, before, after)
        rows.append(line)
        before = after
    print(f"\n| stream | images | wall | nofade | bare decode, {threads} processes | ratio (CPU) | ratio (wall) | peak RSS |")
    print("|---|---|---|---|---|---|---|---|")
    print("\n".join(rows))
    print("\nPeak of the long stream so far: " +
          ", ".join(f"{peak / 2**20:.0f} MiB at {point / 1e9:.1f} GB" for point, peak in run["peaks"]))
    print(f"Wanted of the long stream: ratio (CPU) >= {RATIO_MIN}, peak <= {PEAK_BYTES_MAX // 10**6} MB: "
          f"{'held' if held else 'MISSED'}")
    return held
