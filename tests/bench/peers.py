#!/usr/bin/python3
"""What others need for the grey entropies of the same pictures, one process, one thread: peers.py NAME LIST

pillow    Pillow's convert("L") and NumPy's bincount       skimage   Pillow's convert("L") and shannon_entropy
vips      libvips: colourspace b-w, hist_find, hist_entropy

LIST is a file with one path a line. Prints how many pictures there were and their mean entropy in bits.
"""
import ctypes
import os
import pathlib
import sys


def by_pillow(paths):
    import numpy
    from PIL import Image
    for path in paths:
        with Image.open(path) as image:
            grey = numpy.asarray(image.convert("L"))
        shares = numpy.bincount(grey.ravel(), minlength=256) / grey.size
        shares = shares[shares > 0]
        yield float(-(shares * numpy.log2(shares)).sum())


def by_skimage(paths):
    import numpy
    from PIL import Image
    from skimage.measure import shannon_entropy
    for path in paths:
        with Image.open(path) as image:
            yield float(shannon_entropy(numpy.asarray(image.convert("L"))))


def by_vips(paths):
    os.environ["VIPS_CONCURRENCY"] = "1"
    vips = ctypes.CDLL("libvips.so.42")
    vips.vips_init(b"peers")
    vips.vips_image_new_from_file.restype = ctypes.c_void_p
    black_white, end = ctypes.c_int(1), ctypes.c_void_p(None)
    for path in paths:
        image = ctypes.c_void_p(vips.vips_image_new_from_file(os.fsencode(path), b"access", ctypes.c_int(1), end))
        grey, histogram, bits = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_double()
        if (image.value is None or vips.vips_colourspace(image, ctypes.byref(grey), black_white, end) != 0 or
                vips.vips_hist_find(grey, ctypes.byref(histogram), end) != 0 or
                vips.vips_hist_entropy(histogram, ctypes.byref(bits), end) != 0):
            sys.exit(f"peers.py: libvips cannot read {path}")
        for thing in (histogram, grey, image):
            vips.g_object_unref(thing)
        yield bits.value


PEERS = {"pillow": by_pillow, "skimage": by_skimage, "vips": by_vips}


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in PEERS:
        sys.exit(__doc__)
    paths = pathlib.Path(sys.argv[2]).read_text(encoding="utf-8").split("\n")[:-1]
    bits = list(PEERS[sys.argv[1]](paths))
    print(f"{len(bits)} images, mean {sum(bits) / len(bits):.4f} bits")


if __name__ == "__main__":
    main()
