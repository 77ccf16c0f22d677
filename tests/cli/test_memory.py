"""The peak of memory: it depends neither on the length of a stream nor, within reason, on the size of its images.

Run as a program with the name of a stream, this file writes it to standard output: the streams come from processes of their
own, since what a parent holds counts in a child's largest resident set.
"""
import io
import json
import os
import subprocess
import sys
import tarfile
import time
import unittest
import zlib

from support import BINARY, SANITIZED, CliTest, Image, chunk, environment, needs_pillow, noise

PEAK_KIB_MAX = 300 * 1000 * 1000 // 1024
SIDE = 4096  # 16 Mpx


def put_member(out, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    out.write(info.tobuf(tarfile.USTAR_FORMAT) + data + b"\0" * (-len(data) % 512))


def random_png(side, colour, depth, samples):
    """Incompressible, row by row."""
    head = side.to_bytes(4, "big") * 2 + bytes([depth, colour, 0, 0, 0])
    packer = zlib.compressobj(0)
    parts = [packer.compress(b"\0" + os.urandom(side * samples * depth // 8)) for _ in range(side)]
    data = b"".join([*parts, packer.flush()])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def small_images(out):
    """22,000 images of 100 kB: 2.2 GB."""
    images = [random_png(182, 2, 8, 3) for _ in range(8)]
    for i in range(22000):
        put_member(out, f"{'abcd'[i % 4]}/{i:06}.png", images[i % 8])


def one_image_thrice(data):
    return lambda out: [put_member(out, f"{'ab'[i % 2]}/{i}", data()) for i in range(3)]


def progressive_jpegs(out):
    from PIL import ImageFile
    ImageFile.MAXBLOCK = 64 << 20  # a progressive image is written in one piece
    image = Image.frombytes("RGB", (SIDE, SIDE), os.urandom(SIDE * 64 * 3) * (SIDE // 64))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=75, progressive=True, subsampling=0)
    for i in range(3):
        put_member(out, f"{'ab'[i % 2]}/{i}.jpg", buffer.getvalue())


def many_classes(out):
    for i in range(1000):
        image = noise(i % 11, 8, 2 + i % 11 * 20)
        for split in ("train", "val", "test"):
            put_member(out, f"{split}/n{i:04}/1.png", image)


def images_in_classes(n_classes):
    """6000 images, no two alike, in so many classes."""
    return lambda out: [put_member(out, f"c{i % n_classes:04}/{i:04}.png", noise(i, 8, 2 + i % 200)) for i in range(6000)]


STREAMS = {
    "one_class": images_in_classes(1),
    "4100_classes": images_in_classes(4100),  # of so many neither a matrix nor a comparison by chance is kept
    "small_images": small_images,
    "rgb": one_image_thrice(lambda: random_png(SIDE, 2, 8, 3)),
    "rgba16": one_image_thrice(lambda: random_png(SIDE, 6, 16, 4)),
    "jpeg": progressive_jpegs,
    "many_classes": many_classes,
}


@unittest.skipIf(SANITIZED, "a sanitizer's own memory is not what is measured")
class Memory(CliTest):
    def peak_of(self, stream, images, *options):
        maker = subprocess.Popen([sys.executable, __file__, stream], stdout=subprocess.PIPE)
        start = time.monotonic()
        with open(self.path("p.json"), "wb") as out:
            run = subprocess.Popen([BINARY, "dataset", "--threads", "2", "-", "--json", "-", *options], stdin=maker.stdout,
                                   stdout=out, stderr=subprocess.PIPE, env=environment())
            maker.stdout.close()
            talk = run.stderr.read()
            run.stderr.close()
            _, status, usage = os.wait4(run.pid, 0)
            run.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual((maker.wait(), run.returncode, talk), (0, 0, b""))
        self.assertEqual(json.loads(self.read("p.json"))["images"]["read"], images)
        print(f"{stream}: {usage.ru_maxrss // 1024} MiB, {time.monotonic() - start:.1f} s", file=sys.stderr)
        self.assertLessEqual(usage.ru_maxrss, PEAK_KIB_MAX)
        return usage.ru_maxrss

    def test_a_stream_of_two_gigabytes(self):
        self.peak_of("small_images", 22000)

    def test_images_of_16_megapixels_rgb(self):
        self.peak_of("rgb", 3)

    def test_images_of_16_megapixels_rgba_of_16_bits(self):
        self.peak_of("rgba16", 3)

    @needs_pillow
    def test_progressive_jpegs_of_16_megapixels(self):
        self.peak_of("jpeg", 3)

    def test_a_thousand_classes_in_three_splits(self):
        self.peak_of("many_classes", 3000, "--split", "all")

    def test_a_class_is_held_once(self):
        """Its counts are 8.3 kB. Beside those there is its name, and what is written of it."""
        base = self.peak_of("one_class", 6000)  # first: what this process reads of the other's profile would count in it
        self.assertLessEqual((self.peak_of("4100_classes", 6000) - base) * 1024 / 4100, 10000)


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1] in STREAMS:
        STREAMS[sys.argv[1]](sys.stdout.buffer)
    else:
        unittest.main()
