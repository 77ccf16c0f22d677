"""The ratios of the README's table, each measured side by side in one run."""
import functools
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tarfile

import measure
from measure import Row

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PYTHON = "/usr/bin/python3"
STARTS_A_RUN = 40


def dataset(build, path, *options):
    return [build / "nofade", "dataset", "--quiet", "--threads", "1", "--json", "/dev/null", *options, path]


def times(rate, unit):
    return f"{rate:.0f} {unit}" if rate >= 100 else f"{rate:.1f} {unit}"


def faster(what, commands, times_of, work, unit, wanted, clock="CPU"):
    """nofade's speed over the other's. commands: nofade's, the other's."""
    index = 0 if clock == "CPU" else 1
    ours, other = (side[index] for side in times_of(commands))
    return Row(what, times(work / ours, unit), times(work / other, unit), other / ours, clock, wanted)


# --- what is installed for the comparison ---

def install_peers(as_is):
    """Sentences on what cannot be compared, by peer. as_is: nothing is installed."""
    said = []
    if not as_is:
        said = subprocess.run([ROOT / "scripts/install-packages", "bench"], capture_output=True, text=True).stderr.strip().split("\n")
    for line in said:
        if line.startswith("installing"):
            print(line, file=sys.stderr, flush=True)
    missing = {}
    for name, module in {"pillow": "import numpy, PIL", "skimage": "import skimage.measure, PIL",
                         "vips": "import ctypes; ctypes.CDLL('libvips.so.42')"}.items():
        if subprocess.run([PYTHON, "-c", module], capture_output=True).returncode != 0:
            missing[name] = (said or [""])[-1] or "it is not installed"
    if not measure.version(["identify", "-version"]):
        missing["magick"] = (said or [""])[-1] or "it is not installed"
    return missing


def peer_versions():
    code = ("import PIL, numpy, skimage; print('Pillow', PIL.__version__ + ', NumPy', numpy.__version__ + ', scikit-image',"
            " skimage.__version__)")
    magick = " ".join(measure.version(["identify", "-version"]).split()[1:3])
    return ", ".join(text for text in (measure.version([PYTHON, "-c", code]), measure.version(["vips", "--version"]), magick,
                                       measure.version(["gzip", "--version"])) if text)


# --- JPEG ---

def sample_files(folder, suffix):
    """The files with a suffix in one folder of the sample files, where there is one."""
    samples = pathlib.Path(os.environ.get("NOFADE_SAMPLES", ROOT / "../shared/data")).resolve()
    found = sorted((samples / folder).rglob("*" + suffix))
    if not found:
        measure.skip(f"{folder}: no such sample files (NOFADE_SAMPLES)")
    return found


def drawn_jpegs(build, folder, number):
    drawn = folder / "drawn"
    drawn.mkdir()
    subprocess.run([build / "tests/bench_make_jpegs", drawn, str(number)], check=True)
    return sorted(drawn.iterdir())


def pack(name, files, folder, megabytes):
    """The files again and again up to so many megabytes: as a tar of two classes, and as a list of paths."""
    suffix = files[0].suffix
    files = files * max(1, megabytes * 1_000_000 // sum(path.stat().st_size for path in files))
    tar, listing = folder / f"{name}.tar", folder / f"{name}.list"
    with tarfile.open(tar, "w") as archive:
        for number, path in enumerate(files):
            archive.add(path, f"class{number % 2}/{number}{suffix}")
    listing.write_text("".join(f"{path}\n" for path in files), encoding="utf-8")
    return len(files), tar, listing


def jpeg_rows(name, build, packed, clock):
    n, tar, listing = packed
    bare = build / "tests/bench_jpeg"
    yield faster(f"JPEG, `--grey luma`, {name} ({n:,} files), against bare libjpeg-turbo to grey",
                 [dataset(build, tar, "--grey", "luma"), [bare, "grey", listing]], clock, n, "images/s", ">= 0.95")
    yield faster(f"JPEG, `--grey bt601`, {name}, against bare libjpeg-turbo to RGB",
                 [dataset(build, tar), [bare, listing]], clock, n, "images/s", ">= 1.0")


def peer_rows(name, build, packed, clock, missing):
    n, tar, listing = packed
    for peer, title, wanted in (("pillow", "Pillow + NumPy histogram", ">= 2"), ("skimage", "Pillow + scikit-image", ">= 6"),
                                ("vips", "libvips", ">= 4")):
        if peer in missing:
            measure.skip(f"{title}: {missing[peer]}")
            continue
        yield faster(f"JPEG, {name}, against {title}", [dataset(build, tar), [PYTHON, HERE / "peers.py", peer, listing]], clock, n,
                     "images/s", wanted)
    if "magick" in missing:
        measure.skip(f"ImageMagick: {missing['magick']}")
        return
    paths = listing.read_text(encoding="utf-8").split("\n")[:-1]
    yield faster(f"JPEG, {name}, against ImageMagick", [dataset(build, tar),
                 ["identify", "-colorspace", "gray", "-format", "%[entropy]\n", *paths]], clock, n, "images/s", "")


# --- PNG ---

def png_rows(build, folder, clock, number, megabytes):
    drawn = folder / "pngs"
    drawn.mkdir()
    subprocess.run([build / "tests/bench_make_pngs", drawn, str(number)], check=True)
    n, tar, listing = pack("png", sorted(drawn.iterdir()), folder, megabytes)
    yield faster(f"PNG, 2048 x 1024 RGB ({n} files), against bare libpng", [dataset(build, tar), [build / "tests/bench_png", listing]],
                 clock, n, "images/s", ">= 2")


# --- raw pixels ---

def cifar_binary_rows(build, folder, clock, images, runs):
    tar = folder / "cifar.tar"
    subprocess.run([build / "nofade-sample", "--plain", "--images", str(images), tar], check=True)
    megabytes = tar.stat().st_size / 1e6
    ours, bare = (side[0] for side in clock([dataset(build, tar), [build / "tests/bench_sum", tar]]))
    yield Row(f"CIFAR binary, plain tar, {megabytes:.0f} MB, CPU time against copying and summing the bytes",
              times(megabytes / ours, "MB/s"), times(megabytes / bare, "MB/s"), ours / bare, "CPU", "<= 3")
    if subprocess.run([PYTHON, "-c", "import numpy"], capture_output=True).returncode != 0:
        measure.skip("NumPy: it is not installed")
        return
    ours, numpy = loop_seconds([[build / "tests/bench_count", tar], [PYTHON, HERE / "bench_numpy.py", tar]], runs)
    yield Row("the same arrays in memory: counts and entropies against NumPy's `bincount` loop", times(megabytes / ours, "MB/s"),
              times(megabytes / numpy, "MB/s"), numpy / ours, "CPU", ">= 15")


def loop_seconds(commands, runs):
    """Medians of what each command says its loop took: the last number it prints."""
    samples = [[] for _ in commands]
    for turn in range(runs + 1):
        for side, command in enumerate(commands):
            words = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            if turn > 0:
                samples[side].append(float(words[-2]))
    return [statistics.median(side) for side in samples]


def cifar_python_row(build, folder, clock, images):
    """On all cores, as both commands are used."""
    cores = len(os.sched_getaffinity(0))
    packed = folder / "cifar-python.tar.gz"
    subprocess.run([build / "nofade-sample", "--python", "--grain", "--images", str(images), packed], check=True)
    megabytes = packed.stat().st_size / 1e6
    nofade = [build / "nofade", "dataset", "--quiet", "--json", "/dev/null", packed]
    ours, other = (side[1] for side in clock([nofade, ["gzip", "-dc", packed]]))
    share = packed.stat().st_size / (images * 1.2 * 3073)
    return Row(f"CIFAR python, {megabytes:.0f} MB .tar.gz (packed to {share:.0%}), whole command on {cores} core{'s' * (cores > 1)} "
               "against `gzip -dc` of it",
               f"{ours:.2f} s", f"{other:.2f} s", ours / other, "wall", "< 1")


# --- arithmetic, tables, start ---

def distance_row(build, clock):
    command = build / "tests/bench_distances"
    ours, plain = (side[0] for side in clock([[command, side, "1000", "256"] for side in ("nofade", "plain")]))
    return Row("distances of 1,000 classes x 256 bins, against a plain loop over libm's log", f"{ours:.2f} s", f"{plain:.2f} s",
               plain / ours, "CPU", ">= 3")


def table_row(build, folder, clock, rows):
    """A CSV of models in no order."""
    table, source = folder / "models.csv", random.Random(1)
    with open(table, "w", encoding="utf-8") as file:
        file.write("model,variant,dataset,task,metric,accuracy_pct,gmacs,params_m,source\n")
        for number in range(rows):
            file.write(f"model_{source.randrange(10 ** 9):09d}_{number},v{number % 7},imagenet,classification,top1,"
                       f"{source.uniform(40, 90):.2f},{source.uniform(.05, 500):.3f},{source.uniform(1, 900):.2f},a page\n")
    ours, bare = (side[0] for side in clock([
        [build / "nofade", "score", "--quiet", "--format", "csv", "-o", folder / "scored.csv", table],
        ["env", "LC_ALL=C.UTF-8", "sh", "-c", 'wc -l "$0" && sort "$0"', table]])) # sort's speed is its locale's
    return Row(f"`score` of {rows:,} models, CPU time against `wc -l` and `sort`", f"{ours:.2f} s", f"{bare:.2f} s", ours / bare, "CPU",
               "<= 5")


def start_row(build, starts):
    """Many starts a side: one is too short for the kernel's account."""
    seconds = []
    for command in ([build / "nofade", "--version"], ["true"]):
        samples = []
        for _ in range(starts):
            samples.append(measure.measured(command)[1])
        seconds.append(statistics.median(samples))
    return Row(f"`nofade --version` against `true` (medians of {starts})", f"{seconds[0] * 1e3:.2f} ms", f"{seconds[1] * 1e3:.2f} ms",
               seconds[0] / seconds[1], "wall", "<= 3")


# --- the table ---

def all_rows(build, given, folder):
    """Rows as they are measured; on one core but where the row says otherwise."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    clock = functools.partial(measure.alternate, runs=given.runs, environment={"OMP_NUM_THREADS": "1"})
    missing = install_peers(given.as_is)
    drawn = drawn_jpegs(build, folder, given.jpegs)
    sets = [("drawn", drawn)] + [(name, files) for name in ("coco-cc", "isic-thumbs") if (files := sample_files(name, ".jpg"))]
    packed = {name: pack(name, files, folder, given.megabytes) for name, files in sets}
    for name in packed:
        yield from jpeg_rows(name, build, packed[name], clock)
    for name in list(packed)[:2]:
        yield from peer_rows(name, build, packed[name], clock, missing)
    yield from png_rows(build, folder, clock, given.pngs, given.megabytes)
    yield from cifar_binary_rows(build, folder, clock, given.images, given.runs)
    os.sched_setaffinity(0, cores)
    yield cifar_python_row(build, folder, functools.partial(measure.alternate, runs=given.runs), given.images)
    os.sched_setaffinity(0, {min(cores)})
    yield distance_row(build, clock)
    yield table_row(build, folder, clock, given.models)
    yield start_row(build, given.runs * STARTS_A_RUN + 1)
    os.sched_setaffinity(0, cores)
