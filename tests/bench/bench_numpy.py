#!/usr/bin/python3
"""What NumPy does to the raw pixels of a CIFAR tar (binary form, plain): bench_numpy.py TAR

Reads every batch as one array, then image by image the grey values, their histogram by numpy.bincount, and its entropy: the
figures that `nofade dataset` finds, in the way that a script finds them. Prints the images, their mean entropy, and the CPU
seconds of that loop alone, as bench_count does.
"""
import sys
import tarfile
import time

import numpy

PLANE_BYTES = 32 * 32
RECORD_BYTES = 1 + 3 * PLANE_BYTES


def read_batches(tar):
    """Every batch, (n, 3, 1024) of uint8."""
    with tarfile.open(tar, "r:") as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(".bin"):
                records = numpy.frombuffer(archive.extractfile(member).read(), dtype=numpy.uint8).reshape(-1, RECORD_BYTES)
                yield records[:, 1:].reshape(-1, 3, PLANE_BYTES)


def entropy_bits(image):
    """Of one image, (3, 1024): grey as Pillow's convert("L") has it."""
    red, green, blue = image.astype(numpy.uint32)
    grey = (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16
    counts = numpy.bincount(grey, minlength=256)
    share = counts[counts > 0] / grey.size
    return -(share * numpy.log2(share)).sum()


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: bench_numpy.py TAR")
    batches = list(read_batches(sys.argv[1]))
    begun = time.process_time()
    bits = [entropy_bits(image) for batch in batches for image in batch]
    seconds = time.process_time() - begun
    print(f"{len(bits)} images, mean entropy {sum(bits) / max(1, len(bits)):.6f} bits, {seconds:.4f} s")


if __name__ == "__main__":
    main()
