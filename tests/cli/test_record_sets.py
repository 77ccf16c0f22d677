"""SVHN and STL-10: what people see of the sets whose images are rows in files."""
import csv
import gzip
import io
import json
import os
import random
import struct
import unittest
import zlib

from support import CliTest, needs_numpy, numpy, tar_of, zip_of

SAMPLES = os.environ.get("NOFADE_SAMPLES", "")
NAMES = "airplane bird car cat deer dog horse monkey ship truck".split()


def element(kind, data):
    return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)


def array(name, dims, data, packed):
    """A MATLAB 5 variable of class uint8."""
    body = (element(6, struct.pack("<II", 9, 0)) + element(5, struct.pack(f"<{len(dims)}i", *dims)) +
            element(1, name.encode()) + element(2, data))
    whole = struct.pack("<II", 14, len(body)) + body
    if not packed:
        return whole
    whole = zlib.compress(whole)
    return struct.pack("<II", 15, len(whole)) + whole


def mat(*variables):
    return b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM" + b"".join(variables)


def svhn(n, seed=0, packed=True, labels_first=False):
    """A cropped SVHN file: images of fewer and fewer grey levels, labels 1 to 10."""
    source = random.Random(seed)
    pixels = b"".join(bytes(source.randrange(1 + (i * 7 + seed) % 200) for _ in range(3072)) for i in range(n))
    variables = [array("X", (32, 32, 3, n), pixels, packed), array("y", (n, 1), bytes(i % 10 + 1 for i in range(n)), packed)]
    return mat(*(reversed(variables) if labels_first else variables))


def stl10(train=12, test=10, unlabeled=11):
    """The members of stl10_binary.tar.gz, in its order."""
    source = random.Random(1)

    def rows(n):
        return b"".join(bytes(source.randrange(2 + 20 * (i % 10)) for _ in range(256)) * 108 for i in range(n))

    members = {"class_names.txt": "\n".join(NAMES).encode() + b"\n", "fold_indices.txt": b"0 1 2\n"}
    for split, n in (("test", test), ("train", train)):
        members[f"{split}_X.bin"] = rows(n)
        members[f"{split}_y.bin"] = bytes(i % 10 + 1 for i in range(n))
    members["unlabeled_X.bin"] = rows(unlabeled)
    return {f"stl10_binary/{name}": data for name, data in members.items()}


def entropy(rgb):
    """Bits of one image, (pixels, 3) uint8."""
    r, g, b = rgb.astype(numpy.uint32).T
    counts = numpy.bincount((19595 * r + 38470 * g + 7471 * b + 32768) >> 16, minlength=256)
    p = counts[counts > 0] / counts.sum()
    return max(0.0, float(-(p * numpy.log2(p)).sum()))


class RecordSets(CliTest):
    def rows(self, *args, code=0):
        return list(csv.DictReader(io.StringIO(self.expect(code, *args, "--quiet", "--split", "all", "--images", "-").text)))

    def classes(self, profile):
        return {item["id"]: item["images"] for item in profile["classes"]}


class Svhn(RecordSets):
    def test_train_is_the_default_and_extra_beside_it_is_not_counted(self):
        for name, n in (("train", 30), ("test", 21), ("extra", 11)):
            self.write(f"{name}_32x32.mat", svhn(n, n))
        profile = self.profile("train_32x32.mat", "extra_32x32.mat", "test_32x32.mat")
        self.assertEqual((profile["dataset"]["name"], profile["dataset"]["split"]), ("svhn", "train"))
        self.assertEqual(profile["dataset"]["other_splits"], {"extra": 11, "test": 21})
        self.assertEqual(self.classes(profile), {str(digit): 3 for digit in range(10)})
        extra = self.profile("train_32x32.mat", "extra_32x32.mat", "--split", "extra")
        self.assertEqual(extra["images"]["read"], 11)
        self.assertEqual(self.classes(extra)["1"], 2)
        folder = self.profile(".")
        self.assertEqual(folder["counts_digest"], profile["counts_digest"])
        self.assertEqual(self.profile("extra_32x32.mat")["dataset"]["split"], "extra")

    def test_every_container_and_order_gives_the_same_counts(self):
        digests = set()
        for packed in (False, True):
            for labels_first in (False, True):
                data = svhn(25, 3, packed, labels_first)
                self.write("train_32x32.mat", data)
                self.write("a.tar", tar_of({"svhn/train_32x32.mat": data}))
                self.write("a.tgz", tar_of({"svhn/train_32x32.mat": data}, "w:gz"))
                self.write("a.zip", zip_of({"train_32x32.mat": data}))
                self.write("renamed", data)
                for name in ("train_32x32.mat", "a.tar", "a.tgz", "a.zip", "renamed"):
                    profile = self.profile(name, "--split", "all")
                    self.assertEqual(profile["dataset"]["name"], "svhn", name)
                    digests.add(profile["counts_digest"])
        self.assertEqual(len(digests), 1)

    def test_small_sources_in_one_batch_keep_their_labels_and_names_apart(self):
        """In two of them labels come after the images, in one before."""
        self.write("late.tar", tar_of({"train_32x32.mat": svhn(25, 3), "extra_32x32.mat": svhn(9, 8)}))
        self.write("early.tar", tar_of({"train_32x32.mat": svhn(12, 4, labels_first=True)}))
        self.write("third.tar", tar_of({"train_32x32.mat": svhn(7, 5)}))
        images = {"late.tar": 34, "early.tar": 12, "third.tar": 7}
        names = list(images)
        apart = [self.profile(name, "--split", "all") for name in names]
        for order in (names, names[::-1]):
            together = self.profile(*order, "--split", "all")
            self.assertEqual(together["images"]["read"], 53)
            for digit in map(str, range(10)):
                self.assertEqual(self.classes(together)[digit], sum(self.classes(profile).get(digit, 0) for profile in apart))
            cut = self.profile(*order, "--split", "all", "--batch-bytes", "4K")
            self.assertEqual(cut["counts_digest"], together["counts_digest"])
            sources = [row["source"] for row in self.rows(*order)]
            self.assertEqual(sources, [name for name in order for _ in range(images[name])])

    def test_labels_that_come_late_may_not_need_more_memory_than_given(self):
        n = 2500  # of noise: half a kilobyte each
        data = mat(array("X", (32, 32, 3, n), random.Random(5).randbytes(3072 * n), True),
                   array("y", (n, 1), bytes(i % 10 + 1 for i in range(n)), True))
        self.write("extra_32x32.mat", data)
        self.write("a.tar", tar_of({"extra_32x32.mat": data}))
        for name in ("extra_32x32.mat", "a.tar"):
            self.assertEqual(self.profile(name, "--label-memory", "1M")["images"]["read"], n)
        with open(self.path("a.tar"), "rb") as tar:
            piped = tar.read()
        self.refuse(3, r"--label-memory", "-", "--label-memory", "1M", stdin=piped)
        self.assertEqual(self.profile("-", "--label-memory", "4M", stdin=piped)["images"]["read"], n)

    @needs_numpy
    def test_entropies_are_those_of_numpy(self):
        data = svhn(40, 9, packed=False)
        self.write("test_32x32.mat", data)
        start = data.index(struct.pack("<II", 2, 40 * 3072)) + 8
        pixels = numpy.frombuffer(data[start:start + 40 * 3072], numpy.uint8).reshape(40, 3, 1024)
        rows = self.rows("test_32x32.mat")
        self.assertEqual([row["class"] for row in rows], [str((i + 1) % 10) for i in range(40)])
        for row, image in zip(rows, pixels, strict=True):
            self.assertAlmostEqual(float(row["entropy_bits"]), entropy(image.T), delta=1e-9)

    def test_a_cut_file_is_told(self):
        data = svhn(20, 2, packed=False)
        self.write("train_32x32.mat", data[:128 + 8 + 48 + 3072 * 9])
        result = self.expect(1, "train_32x32.mat", "--json", "-")
        profile = json.loads(result.out)
        self.assertIn(profile["images"]["read"], (8, 9))
        self.assertEqual([item["code"] for item in profile["failures"]], ["cut-short"])

    def test_damage_never_ends_otherwise_than_in_a_word(self):
        whole = svhn(20, 2)
        for seed in range(24):
            source, data = random.Random(seed), bytearray(whole)
            for _ in range(1 + seed // 3):
                data[source.randrange(128, len(data))] ^= 1 << source.randrange(8)
            self.write("train_32x32.mat", bytes(data))
            self.assertIn(self.nofade("train_32x32.mat", "--json", "-").code, (0, 1, 3))

    @unittest.skipUnless(os.path.exists(f"{SAMPLES}/hf-dummy/svhn_dummy_cropped_digits_1.0.0.zip"),
                         "NOFADE_SAMPLES holds no hf-dummy")
    def test_the_genuine_dummy_of_other_numbers_is_refused_by_name(self):
        path = f"{SAMPLES}/hf-dummy/svhn_dummy_cropped_digits_1.0.0.zip"
        profile = json.loads(self.expect(1, path, "--split", "all", "--json", "-").out)
        self.assertEqual((profile["dataset"]["name"], profile["images"]["read"]), ("svhn", 0))
        self.assertEqual({item["member"] for item in profile["failures"]},
                         {f"dummy_data/{split}_32x32.mat" for split in ("train", "test", "extra")})
        for item in profile["failures"]:
            self.assertEqual(item["code"], "unsupported-kind")
            self.assertIn("int32 and 32 x 32 x 4", item["reason"])
        full = self.profile(f"{SAMPLES}/hf-dummy/svhn_dummy_full_numbers_1.0.0.zip")
        self.assertEqual((full["dataset"]["name"], full["images"]["read"]), ("imagefolder", 6))


class Stl10(RecordSets):
    def test_the_published_archive(self):
        self.write("stl10_binary.tar.gz", tar_of(stl10(), "w:gz"))
        profile = self.profile("stl10_binary.tar.gz")
        self.assertEqual((profile["dataset"]["name"], profile["dataset"]["split"]), ("stl10", "train"))
        self.assertEqual(profile["dataset"]["other_splits"], {"test": 10, "unlabeled": 11})
        self.assertEqual(profile["images"]["passed_over"], {"txt": 1})
        self.assertEqual([(item["id"], item["name"], item["images"]) for item in profile["classes"]],
                         [(str(i), name, 2 if i < 2 else 1) for i, name in enumerate(NAMES)])
        unlabeled = self.profile("stl10_binary.tar.gz", "--split", "unlabeled")
        self.assertEqual((unlabeled["images"]["read"], unlabeled.get("classes", [])), (11, []))

    def test_every_container_gives_the_same_counts(self):
        members = stl10()
        self.write("a.tar", tar_of(members))
        self.write("a.tgz", tar_of(members, "w:gz"))
        self.write("a.zip", zip_of(members))
        self.write("reversed.tgz", tar_of(dict(reversed(members.items())), "w:gz"))
        self.write_tree("folder", members)
        self.write_tree("packed", {f"{name}.gz": gzip.compress(data) for name, data in members.items()})
        names = ("a.tar", "a.tgz", "a.zip", "reversed.tgz", "folder", "packed")
        digests = {self.profile(name, "--split", "all")["counts_digest"] for name in names}
        self.assertEqual(len(digests), 1)

    def test_a_lone_file_has_its_labels_beside_it(self):
        self.write_tree("set", stl10())
        profile = self.profile("set/stl10_binary/test_X.bin")
        self.assertEqual((profile["images"]["read"], len(profile["classes"])), (10, 10))
        os.remove(self.path("set/stl10_binary/test_y.bin"))
        profile = self.profile("set/stl10_binary/test_X.bin")
        self.assertEqual((profile["images"]["read"], profile.get("classes", [])), (10, []))

    @needs_numpy
    def test_entropies_are_those_of_numpy(self):
        members = stl10()
        self.write("a.tgz", tar_of(members, "w:gz"))
        rows = [row for row in self.rows("a.tgz") if row["split"] == "test"]
        pixels = numpy.frombuffer(members["stl10_binary/test_X.bin"], numpy.uint8).reshape(10, 3, 96 * 96)
        self.assertEqual([row["class"] for row in rows], NAMES)
        for row, image in zip(rows, pixels, strict=True):
            self.assertAlmostEqual(float(row["entropy_bits"]), entropy(image.T), delta=1e-9)

    def test_counts_that_differ_are_told(self):
        members = stl10()
        members["stl10_binary/train_y.bin"] += b"\x01"
        self.write("a.tar", tar_of(members))
        profile = json.loads(self.expect(1, "a.tar", "--json", "-").out)
        self.assertEqual([(item["code"], item["reason"]) for item in profile["failures"]],
                         [("damaged", "13 labels for 12 images: none of them is used")])
        self.assertEqual(profile["images"]["read"], 12)

    def test_a_cut_archive_is_told(self):
        whole = tar_of(stl10(), "w:gz")
        self.write("a.tgz", whole[:len(whole) // 2])
        profile = json.loads(self.expect(1, "a.tgz", "--split", "all", "--json", "-").out)
        self.assertIs(profile["complete"], False)


if __name__ == "__main__":
    unittest.main()
