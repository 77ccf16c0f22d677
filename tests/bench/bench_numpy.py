#!/usr/bin/python3
"""What NumPy does with the raw pixels of a CIFAR tar (binary form, plain): bench_numpy.py TAR

Reads every batch as one array, then image by image the grey values, their histogram by numpy.bincount, and its entropy: the
same figures as `nofade dataset` finds, in the way that a script finds them. Prints how many images, and the mean entropy.
"""
import sys
import tarfile

import numpy

SIDE_PX = 32
PLANE_BYTES = SIDE_PX * SIDE_PX
RECORD_BYTES = 1 + 3 * PLANE_BYTES


def entropy_bits(image):
    """Of one image, (3, pixels) of uint8: grey as Pillow's convert("L") has it."""
    red, green, blue = image.astype(numpy.uint32)
    grey = (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16
    counts = numpy.bincount(grey, minlength=256)
    share = counts[counts > 0] / grey.size
    return float(-(share * numpy.log2(share)).sum())


def entropies(tar):
    """Of every image of the archive, in its order."""
    with tarfile.open(tar, "r:") as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(".bin"):
                records = numpy.frombuffer(archive.extractfile(member).read(), dtype=numpy.uint8).reshape(-1, RECORD_BYTES)
                for image in records[:, 1:].reshape(-1, 3, PLANE_BYTES):
                    yield entropy_bits(image)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: bench_numpy.py TAR")
    total = images = 0
    for bits in entropies(sys.argv[1]):
        total += bits
        images += 1
    print(f"{images} images, mean entropy {total / max(1, images):.6f} bits")


if __name__ == "__main__":
    main()
