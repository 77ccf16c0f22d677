"""How cost grows: CPU time, wall time and peak memory of `nofade dataset` over images and over classes, and the model they fit.

Archives are plain tars of drawn 32 x 32 px PNGs, no two of the same bytes, on disk only while they are measured. With pictures
that small, what nofade itself does for an image shows, not the decoding.
"""
import os
import random
import struct
import subprocess
import time
import zlib

import measure

SIDE_PX, POOL = 32, 500
IMAGES = [(1_000, 10), (10_000, 10), (100_000, 10), (1_000_000, 10)]
CLASSES = [(100_000, 10), (100_000, 100), (100_000, 1_000), (100_000, 5_000), (100_000, 20_000)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(source):
    """(everything up to the end chunk) of a grey noise picture of some contrast."""
    contrast = source.randrange(1, 256)
    rows = b"".join(b"\0" + bytes(source.randrange(contrast) for _ in range(SIDE_PX)) for _ in range(SIDE_PX))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE_PX, SIDE_PX, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows, 6)))


def tar_header(name, size):
    head = bytearray(512)
    head[:len(name)] = name
    head[100:108], head[108:116], head[116:124] = b"0000644\0", b"0000000\0", b"0000000\0"
    head[124:136], head[136:148] = b"%011o\0" % size, b"%011o\0" % 0
    head[156:157], head[257:265] = b"0", b"ustar\x0000"
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head)


def make_archive(path, n_images, n_classes):
    source = random.Random(1)
    pool, end = [picture(source) for _ in range(POOL)], chunk(b"IEND", b"")
    with open(path, "wb") as tar:
        for number in range(n_images):
            data = pool[number % POOL] + chunk(b"tEXt", b"number\0%d" % number) + end
            tar.write(tar_header(b"c%05d/%07d.png" % (number % n_classes, number), len(data)))
            tar.write(data + bytes(-len(data) % 512))
        tar.write(bytes(1024))


def run(build, path):
    """(CPU seconds, wall seconds, peak bytes) with the default options."""
    started = time.perf_counter()
    child = subprocess.Popen([build / "nofade", "dataset", "--quiet", "--json", "/dev/null", path], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        measure.stop(f"nofade failed on {path}")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - started, usage.ru_maxrss * 1024


def fit(numpy, rows, columns):
    """Least squares of relative errors; the coefficients of columns."""
    wanted = numpy.array([row[-1] for row in rows])
    table = numpy.array([columns(*row[:2]) for row in rows], dtype=float) / wanted[:, None]
    return numpy.linalg.lstsq(table, numpy.ones(len(rows)), rcond=None)[0]


def table(build, folder, title, sizes):
    print(f"\n| {title} | images | classes | CPU | wall | peak |\n|---|---|---|---|---|---|")
    found = []
    for n_images, n_classes in sizes:
        path = folder / "scale.tar"
        make_archive(path, n_images, n_classes)
        figures = run(build, path)
        os.unlink(path)
        found.append((n_images, n_classes) + figures)
        print(f"| | {n_images:,} | {n_classes:,} | {figures[0]:.2f} s | {figures[1]:.2f} s | {figures[2] / 2**20:.0f} MiB |", flush=True)
    return found


def compared(classes):
    """Pairs whose distance is taken: once, and 20 times with shuffled labels unless there are more than 2000 classes."""
    return classes * (classes - 1) / 2 * (21 if classes <= 2000 else 1)


def run_all(build, folder):
    found = table(build, folder, "more images", IMAGES) + table(build, folder, "more classes", CLASSES)
    try:
        import numpy
    except ImportError:
        measure.skip("the model that the tables fit: NumPy is not installed")
        return
    start, image, pair = fit(numpy, [(n, k, cpu) for n, k, cpu, _, _ in found], lambda n, k: (1, n, compared(k)))
    base, byte_image, byte_class = fit(numpy, [(n, k, peak) for n, k, _, _, peak in found], lambda n, k: (1, n, k))
    print(f"\nCPU time = {start * 1e3:.0f} ms + {image * 1e6:.1f} us an image + {pair * 1e9:.0f} ns a distance"
          f"\npeak memory = {base / 2**20:.0f} MiB + {byte_image:.0f} B an image + {byte_class / 1000:.1f} kB a class")
