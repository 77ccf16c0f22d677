"""Drawn datasets in the form in which the real ones are published: what layouts_*.py build on.

A Layout is a few archives under their official names, and beside them the truth: which of their members are images, of
which split and classes, and what numpy says of their entropy.
"""
import io

import numpy
from PIL import Image

from support import tar_of, zip_of


# --- pictures -----------------------------------------------------------------------------------------------------------

def drawn(seed, width=40, height=32):
    """RGB (height, width, 3): waves under noise, of an amplitude that differs from seed to seed."""
    source = numpy.random.default_rng(seed)
    y, x = numpy.mgrid[0:height, 0:width]
    waves = [100 + 60 * numpy.sin(x / source.uniform(2, 9) + y / source.uniform(2, 9)) for _ in range(3)]
    noise = source.normal(0, source.uniform(0.5, 30), (height, width, 3))
    return numpy.clip(numpy.stack(waves, 2) + noise, 0, 255).astype(numpy.uint8)


def encoded(pixels, kind="JPEG", mode=None, **options):
    image = Image.fromarray(pixels)
    out = io.BytesIO()
    (image.convert(mode) if mode else image).save(out, kind, **options)
    return out.getvalue()


def jpeg(seed, **size):
    return encoded(drawn(seed, **size), quality=90)


def png(seed, mode=None, **size):
    return encoded(drawn(seed, **size), "PNG", mode)


def indexed(values):
    """A palette PNG of (height, width) indices."""
    image = Image.fromarray(values.astype(numpy.uint8), "P")
    image.putpalette([(i * 37 + c * 91) % 256 for i in range(256) for c in range(3)])
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def blocks(seed, values, width=40, height=32):
    """(height, width): a label map, in which each of the values has a few blocks."""
    source = numpy.random.default_rng(seed)
    small = source.permutation(numpy.resize(numpy.array(values), (height // 8) * (width // 8)))
    return small.reshape(height // 8, width // 8).repeat(8, 0).repeat(8, 1)


def grey_of(data):
    """(h, w), or of raw pixels (3, n): what Pillow calls L."""
    if isinstance(data, numpy.ndarray):
        red, green, blue = data.reshape(3, -1).astype(numpy.int64)
        return (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16
    with Image.open(io.BytesIO(data)) as image:
        return numpy.asarray(image.convert("L"))


def entropy_of(grey):
    counts = numpy.bincount(grey.ravel(), minlength=256)
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * numpy.log2(shares)).sum()) + 0.0


# --- archives with their truth ------------------------------------------------------------------------------------------

READ = "read"


class Picture:
    """One image that counts. pixels: its label map, (h, w), or None; classes: ids, one or several or none."""

    def __init__(self, data, splits, classes, pixels):
        self.data, self.splits, self.classes, self.pixels = data, splits, classes, pixels


class Layout:
    def __init__(self, dataset, title, task, labels, names=None):
        self.dataset, self.title, self.task, self.labels = dataset, title, task, labels
        self.names = {key: name or key for key, name in (names or {}).items()}
        self.members, self.pictures, self.unpacked, self.passed_over = {}, [], {}, {}

    def put(self, archive, member, data=b"", kind=None):
        """A member that is no image of the set; a folder when its name ends in a slash. kind: what it is passed over as (by
        default its suffix); READ: it is no image, but images come out of it."""
        self.members.setdefault(archive, []).append((member, data))
        name = member.rpartition("/")[2]
        kind = kind or (name.rpartition(".")[2].lower() if "." in name else "no-suffix")
        if name and kind != READ:
            self.passed_over[kind] = self.passed_over.get(kind, 0) + 1

    def image(self, archive, member, data, split, *classes, pixels=None):
        """An image of the set, in one split or a list of them (none: [])."""
        self.put(archive, member, data, READ)
        self.count(data, split, *classes, pixels=pixels)

    def count(self, data, split, *classes, pixels=None):
        self.pictures.append(Picture(data, [split] if isinstance(split, str) else split, classes, pixels))

    def archive(self, name):
        if name.endswith(".zip"):
            return zip_of(self.members[name])
        if name.endswith((".tar", ".tar.gz")):
            return tar_of(self.members[name], "w:gz" if name.endswith("gz") else "w")
        (_, data), = self.members[name]
        return data

    def archives(self):
        return {name: self.archive(name) for name in self.members}

    def tree(self):
        """{path: bytes}: as after unpacking all archives in one folder."""
        paths = {}
        for name, members in self.members.items():
            for path, data in self.unpacked.get(name, members):
                if not path.endswith("/"):
                    paths[path] = data
        return paths

    # what nofade must find

    def of(self, split):
        return [picture for picture in self.pictures if split == "all" or set(picture.splits) & set(split.split("+"))]

    def counts(self):
        """{split: images}"""
        names = [name for picture in self.pictures for name in picture.splits or ["(none)"]]
        return {name: names.count(name) for name in names}

    def figures(self, split):
        """{class id: [entropy of each of its images]}, of pixels where there are label maps."""
        found = {}
        for picture in self.of(split):
            grey = grey_of(picture.data)
            if picture.pixels is None:
                for name in picture.classes:
                    found.setdefault(name, []).append(entropy_of(grey))
                continue
            for value in numpy.unique(picture.pixels):
                if str(value) in self.names:
                    found.setdefault(str(value), []).append(entropy_of(grey[picture.pixels == value]))
        return found

    def entropies(self, split):
        return [entropy_of(grey_of(picture.data)) for picture in self.of(split)]
