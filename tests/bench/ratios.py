"""The ratios of the README's table, each measured side by side in one run."""
import os
import pathlib
import random
import subprocess
import tarfile

import measure
from measure import Row

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PYTHON = "/usr/bin/python3"
ENOUGH_BYTES = 20_000_000 # of encoded pictures: starting a process does not count then


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

def install_peers():
    """Sentences on what cannot be compared, by peer."""
    installed = subprocess.run([ROOT / "scripts/install-packages", "bench"], capture_output=True, text=True)
    missing, listing = {}, HERE / "no-pictures"
    for name, module in {"pillow": "import numpy, PIL", "skimage": "import skimage.measure, PIL",
                         "vips": "import ctypes; ctypes.CDLL('libvips.so.42')"}.items():
        if subprocess.run([PYTHON, "-c", module], capture_output=True).returncode != 0:
            missing[name] = (installed.stderr.strip().split("\n") or [""])[-1] or "it is not installed"
    if not measure.version(["identify", "-version"]):
        missing["magick"] = "it is not installed"
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
        print(f"SKIP {folder}: no such sample files (NOFADE_SAMPLES)")
    return found


def drawn_jpegs(build, folder, number):
    drawn = folder / "drawn"
    drawn.mkdir()
    subprocess.run([build / "tests/bench_make_jpegs", drawn, str(number)], check=True)
    return sorted(drawn.iterdir())


def pack(name, files, folder):
    """The files again and again up to ENOUGH_BYTES: as a tar of two classes, and as a list of paths."""
    suffix = files[0].suffix
    files = files * max(1, ENOUGH_BYTES // sum(path.stat().st_size for path in files))
    tar, listing = folder / f"{name}.tar", folder / f"{name}.list"
    with tarfile.open(tar, "w") as archive:
        for number, path in enumerate(files):
            archive.add(path, f"class{number % 2}/{number}{suffix}")
    listing.write_text("".join(f"{path}\n" for path in files), encoding="utf-8")
    return len(files), tar, listing


def jpeg_rows(name, build, files, folder, clock):
    n, tar, listing = pack(name, files, folder)
    bare = build / "tests/bench_jpeg"
    yield faster(f"JPEG, `--grey luma`, {name} ({n:,} files), against bare libjpeg-turbo to grey",
                 [dataset(build, tar, "--grey", "luma"), [bare, "--grey", listing]], clock, n, "images/s", ">= 0.95")
    yield faster(f"JPEG, `--grey bt601`, {name}, against bare libjpeg-turbo to RGB",
                 [dataset(build, tar), [bare, listing]], clock, n, "images/s", ">= 1.0")


def peer_rows(name, build, files, folder, clock, missing):
    n, tar, listing = pack(name, files, folder)
    for peer, title, wanted in (("pillow", "Pillow + NumPy histogram", ">= 2"), ("skimage", "Pillow + scikit-image", ">= 6"),
                                ("vips", "libvips", ">= 4")):
        if peer in missing:
            print(f"SKIP {title}: {missing[peer]}")
            continue
        yield faster(f"JPEG, {name}, against {title}", [dataset(build, tar), [PYTHON, HERE / "peers.py", peer, listing]], clock, n,
                     "images/s", wanted)
    if "magick" in missing:
        print(f"SKIP ImageMagick: {missing['magick']}")
        return
    paths = listing.read_text(encoding="utf-8").split()
    yield faster(f"JPEG, {name}, against ImageMagick", [dataset(build, tar),
                 ["identify", "-colorspace", "gray", "-format", "%[entropy]\n", *paths]], clock, n, "images/s", "")


# --- PNG ---

def png_rows(build, folder, clock, number):
    drawn = folder / "pngs"
    drawn.mkdir()
    subprocess.run([build / "tests/bench_make_pngs", drawn, str(number)], check=True)
    n, tar, listing = pack("png", sorted(drawn.iterdir()), folder)
    yield faster(f"PNG, 2048 x 1024 RGB ({n} files), against bare libpng", [dataset(build, tar), [build / "tests/bench_png", listing]],
                 clock, n, "images/s", ">= 2")


# --- raw pixels ---

def cifar_rows(build, folder, clock, images):
    tar, packed = folder / "cifar.tar", folder / "cifar-python.tar.gz"
    subprocess.run([build / "nofade-sample", "--plain", "--images", str(images), tar], check=True)
    bytes_ = tar.stat().st_size
    ours, bare = (side[0] for side in clock([dataset(build, tar), [build / "tests/bench_sum", tar]]))
    yield Row(f"CIFAR binary, plain tar, {bytes_ / 1e6:.0f} MB, against copying and summing the bytes", times(bytes_ / 1e6 / ours, "MB/s"),
              times(bytes_ / 1e6 / bare, "MB/s"), ours / bare, "CPU", "<= 3")
