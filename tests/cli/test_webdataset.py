"""WebDataset shards on the command line: labels, splits, shards by one name, standard input, cut shards."""
import csv
import io
import json
import math
import os
import unittest

from support import CliTest, Image, figures, four_classes, needs_pillow, noise, tar_of

SAMPLES = os.environ.get("NOFADE_SAMPLES", "")


def samples(first=0, n=12, label_first=True):
    """[(name, bytes)] of n samples of three classes."""
    members = []
    for i in range(first, first + n):
        pair = [(f"{i:06d}.cls", str(i % 3).encode()), (f"{i:06d}.png", noise(i, 12, 3 + 40 * (i % 3)))]
        members += pair if label_first else pair[::-1]
    return members


class WebDataset(CliTest):
    def rows(self, *args, **options):
        return list(csv.DictReader(io.StringIO(self.expect(0, *args, "--quiet", "--images", "-", **options).text)))

    def test_labels_before_and_behind_their_images_count_the_same(self):
        self.write("a.tar", tar_of(samples()))
        self.write("b.tar", tar_of(samples(label_first=False)))
        first, second = self.profile("a.tar"), self.profile("b.tar")
        self.assertEqual(first["dataset"]["name"], "webdataset")
        self.assertEqual([(c["id"], c["images"]) for c in first["classes"]], [("0", 4), ("1", 4), ("2", 4)])
        self.assertEqual(figures(first), figures(second))
        self.assertEqual(first["images"]["passed_over"], {})

    def test_labels_in_json_count_as_those_in_cls_files(self):
        members = [(name.replace(".cls", ".json"), json.dumps({"width": 12, "label": int(data)}).encode())
                   if name.endswith(".cls") else (name, data) for name, data in samples()]
        self.write("a.tar", tar_of(samples()))
        self.write("b.tar", tar_of(members))
        self.assertEqual(figures(self.profile("a.tar")), figures(self.profile("b.tar")))

    def test_captions_are_no_classes(self):
        members = [(name.replace(".cls", ".txt"), data) for name, data in samples()]
        self.write("a.tar", tar_of(members))
        found = self.profile("a.tar")
        self.assertEqual(found["dataset"]["name"], "webdataset")
        self.assertEqual(found.get("classes", []), [])
        self.assertEqual(found["images"]["passed_over"], {"txt": 12})

    def test_a_shard_on_standard_input_counts_as_the_file(self):
        for mode in ("w", "w:gz", "w:bz2", "w:xz"):
            shard = tar_of(samples(), mode)
            self.write("a.tar", shard)
            self.assertEqual(figures(self.profile("-", stdin=shard)), figures(self.profile("a.tar")))

    def test_the_split_comes_from_the_name_of_a_shard(self):
        self.write("shards/set-train-0.tar", tar_of(samples()))
        self.write("shards/set-val-0.tar", tar_of(samples(100, 6)))
        found = self.profile("shards")
        self.assertEqual(found["dataset"]["split"], "train")
        self.assertEqual(found["images"]["read"], 12)
        self.assertEqual(self.profile("shards", "--split", "val")["images"]["read"], 6)

    def test_a_shard_without_images_may_stand_among_others(self):
        self.write("a-0.tar", tar_of({"0.mp": b"x", "1.mp": b"y"}))
        self.write("a-1.tar", tar_of(samples()))
        found = self.profile("a-{0..1}.tar")
        self.assertEqual((found["dataset"]["name"], found["images"]["passed_over"]), ("webdataset", {"mp": 2}))
        self.refuse(3, "holds no image", "a-0.tar")
        self.refuse(3, "holds no image", "--as", "webdataset", "a-0.tar")

    def test_class_folders_with_notes_beside_the_images_stay_class_folders(self):
        members = []
        for path, data in sorted(four_classes(2).items()):
            members += [(path, data), (path.replace(".png", ".json"), b"{}")]
        self.write("a.tar", tar_of(members))
        found = self.profile("a.tar")
        self.assertEqual(found["dataset"]["name"], "imagefolder")
        self.assertEqual([c["id"] for c in found["classes"]], ["few", "flat", "many", "rgb"])

    def test_a_cut_shard_is_never_taken_for_a_whole_one(self):
        whole = tar_of(samples(label_first=False))
        for cut in (700, 1500, len(whole) // 2 + 100, len(whole) - 11000):
            self.write("a.tar", whole[:cut])
            result = self.nofade("a.tar", "--quiet", "--json", "-")
            self.assertIn(result.code, (1, 3))
            if result.out:
                self.assertFalse(json.loads(result.out)["complete"])

    def test_a_sample_with_a_repeated_file_or_a_senseless_label_fails(self):
        members = samples() + [("x.cls", b"1"), ("x.png", noise(77)), ("x.PNG", noise(78)), ("y.cls", b"\x00"), ("y.png", noise(79))]
        self.write("a.tar", tar_of(members))
        found = self.profile("a.tar", code=1)
        self.assertEqual(sorted((f["member"], f["code"]) for f in found["failures"]),
                         [("x.PNG", "repeated-member"), ("y.png", "bad-label")])

    @needs_pillow
    def test_webp_members_have_the_greys_that_pillow_gives(self):
        members, expected = [], {}
        for i in range(8):
            out = io.BytesIO()
            picture = Image.frombytes("RGBA", (20, 10), bytes((i * 50 + k * 7) % 256 for k in range(800)))
            picture.save(out, "WEBP", lossless=i % 2 == 1, quality=60)
            members += [(f"{i}.webp", out.getvalue()), (f"{i}.cls", str(i % 2).encode())]
            expected[f"{i}.webp"] = sorted(filter(None, Image.open(io.BytesIO(out.getvalue())).convert("L").histogram()))
        self.write("a.tar", tar_of(members))
        for row in self.rows("a.tar"):
            counts = expected[row["member"]]
            self.assertEqual((row["status"], int(row["width_px"]), sum(counts)), ("ok", 20, 200))
            entropy = -sum(c / 200 * math.log2(c / 200) for c in counts)
            self.assertAlmostEqual(float(row["entropy_bits"]), entropy, places=9)

    @unittest.skipUnless(os.path.exists(os.path.join(SAMPLES, "webdataset", "sample.tgz")), "the sample is absent")
    def test_a_shard_as_published(self):
        found = self.profile(os.path.join(SAMPLES, "webdataset", "sample.tgz"))
        self.assertEqual((found["images"]["read"], found["images"]["failed"], len(found["classes"])), (90, 0, 10))
        self.assertEqual(found["images"]["passed_over"], {})


class Braces(CliTest):
    def setUp(self):
        super().setUp()
        for i in range(12):
            self.write(f"s-{i:03d}.tar", tar_of(samples(10 * i, 3)))

    def sources(self, *args):
        return [source["path"] for source in self.profile(*args)["dataset"]["sources"]]

    def test_a_range_keeps_the_width_of_its_numbers(self):
        self.assertEqual(self.sources("s-{000..011}.tar"), [f"s-{i:03d}.tar" for i in range(12)])
        self.assertEqual(self.sources("s-00{8..9}.tar"), ["s-008.tar", "s-009.tar"])
        self.assertEqual(self.sources("s-{003..001}.tar"), ["s-003.tar", "s-002.tar", "s-001.tar"])
        self.assertEqual(self.sources("s-{000..006..3}.tar"), ["s-000.tar", "s-003.tar", "s-006.tar"])

    def test_lists_and_ranges_combine(self):
        self.assertEqual(self.sources("s-{00{1..2},011}.tar"), ["s-001.tar", "s-002.tar", "s-011.tar"])
        self.assertEqual(self.sources("s-0{0,1}{0..1}.tar"),
                         ["s-000.tar", "s-001.tar", "s-010.tar", "s-011.tar"])
        self.write("sa.tar", tar_of(samples(500, 3)))
        self.write("sb.tar", tar_of(samples(600, 3)))
        self.assertEqual(self.sources("s{a..b}.tar"), ["sa.tar", "sb.tar"])

    def test_shards_by_one_name_count_as_shards_one_by_one(self):
        self.assertEqual(figures(self.profile("s-{000..011}.tar")), figures(self.profile(*[f"s-{i:03d}.tar" for i in range(12)])))

    def test_a_missing_shard_is_named_before_anything_is_read(self):
        self.refuse(3, r"s-012\.tar: No such file", "s-{000..013}.tar", "--quiet")

    def test_a_file_of_that_very_name_comes_first(self):
        self.write("s-{000..001}.tar", tar_of(samples(900, 4)))
        self.assertEqual(self.sources("s-{000..001}.tar"), ["s-{000..001}.tar"])

    def test_braces_that_are_no_list_and_no_range_stand_for_themselves(self):
        for name in ("x{}.tar", "x{a}.tar", "x{1..}.tar", "x{.tar", "x}{.tar", "x{1..2.tar", "x{1..b}.tar", "x{1..2..0}.tar"):
            self.refuse(3, "No such file", name, "--quiet")
            self.write(name, tar_of(samples(50, 3)))
            self.assertEqual(self.sources(name), [name])

    def test_absurdly_many_paths_are_refused(self):
        for name in ("s-{0..1000000}.tar", "{0..9}" * 7, "{a,b}" * 60, "{,}" * 60, "{a,b}" * 100,
                     "s-{-999999999999999999..999999999999999999}.tar", "s-{0..99999999999999999999}.tar"):
            result = self.nofade(name, "--quiet")
            self.assertIn(result.code, (2, 3))
            self.assert_sentence(result, "stands for more than|braces|No such file")

    def test_a_long_list_of_shards_is_shortened_in_the_summary(self):
        text = self.expect(0, "s-{000..011}.tar").text
        self.assertIn("s-007.tar", text)
        self.assertNotIn("s-008.tar", text)
        self.assertIn("and 4 more", text)


if __name__ == "__main__":
    unittest.main()
