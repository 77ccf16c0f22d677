"""`nofade verify`: archives against their manifest: what holds, what differs, what cannot be told, and what is missing by name."""
import contextlib
import gzip
import hashlib
import json
import os
import shutil
import signal
import time
import unittest

from support import BINARY, CliTest, bad_crc_png, constant, gradient, noise, tar_of, until_signals_are_caught, zip_of

SAMPLES = os.environ.get("NOFADE_SAMPLES", "")
CLASSES = {"n00000001": "cat", "n00000002": "dog", "n00000003": "fish"}
LAYOUT = {
    "images": [{"path": "{class=n########}.tar!{key}.png", "split": "train"},
               {"path": "{class=n########}/{key=n########_#+}.png", "split": "train"},
               {"path": "{key=val_####}.png", "split": "val"},
               {"path": "{key=test_####}.png", "split": "test"}],
    "labels": [{"path": "val.txt", "reader": "lines", "split": "val", "separators": " ", "columns": ["key", "class"]}],
    "needs": [{"split": "val", "archive": "lists.tar.gz"}],
}


def train_members(classes=CLASSES, each=4):
    return {class_id: {f"{class_id}_{i}.png": noise(int(class_id[1:]) * 10 + i, 8) for i in range(each)} for class_id in classes}


def train_tar(members):
    """As ImageNet's: a tar of a tar a class."""
    return tar_of({f"{class_id}.tar": tar_of(images) for class_id, images in members.items()})


def val_members(n=6):
    return {f"val_{i:04}.png": noise(900 + i, 8) for i in range(1, n + 1)}


def lists(n=6):
    lines = "".join(f"val_{i:04} {list(CLASSES)[i % 3]}\n" for i in range(1, n + 1))
    return gzip.compress(tar_of({"lists/val.txt": lines.encode()}), mtime=0)


def published(name, data, **changes):
    return {"name": name, "bytes": len(data), "md5": hashlib.md5(data).hexdigest(),
            "sha256": hashlib.sha256(data).hexdigest(), "source": "counted", **changes}


class VerifyTest(CliTest):
    """An ImageNet in little, and its manifest, own.json."""

    def setUp(self):
        super().setUp()
        self.archives = {"train.tar": train_tar(train_members()), "val.tar": tar_of(val_members()), "lists.tar.gz": lists()}
        for name, data in self.archives.items():
            self.write(name, data)
        self.describe()

    def arguments(self, args):
        return [BINARY, "verify", *args]

    def describe(self, archives=None, **changes):
        """The manifest; without archives: as the files are now."""
        if archives is None:
            archives = [published(name, self.read(name), holds=f"part {name[0]}") for name in self.archives]
            if "test.tar" not in self.archives:
                archives.append({"name": "test.tar", "holds": "part x", "url": "https://example.org/test", "source": "heard of"})
        manifest = {
            "schema": 1, "id": "own", "title": "ImageNet in little", "task": "classification", "labels": "one",
            "homepage": "https://example.org/own", "archives": archives,
            "splits": [{"name": "train", "images": 12, "images_per_class": 4, "source": "counted"},
                       {"name": "val", "images": 6, "images_per_class": 2, "source": "counted"},
                       {"name": "test", "images": 5, "source": "counted"}],
            "classes": {"count": 3, "source": "counted", "list": [list(pair) for pair in CLASSES.items()]},
            "loader": "layout", "layout": LAYOUT, **changes,
        }
        self.write("own.json", json.dumps(manifest))

    def verify(self, code, *args, **options):
        return self.expect(code, *args, "--manifest", "own.json", **options)

    def checks(self, code, *args, **options):
        """{(subject, check): what is said of it}"""
        report = self.report(code, *args, **options)
        return {(check["subject"], check["check"]): check for check in report["checks"]}

    def report(self, code, *args, **options):
        return json.loads(self.verify(code, *args, "--json", "-", **options).out)

    def differing(self, code, *args):
        return {key: check for key, check in self.checks(code, *args).items() if check["status"] == "differs"}

    def assert_sentence(self, result, pattern=""):
        self.assertRegex(result.talk, r"\Anofade( verify)?: [^\n]*[^\n.]\n\Z")
        self.assertRegex(result.talk, pattern)


class Whole(VerifyTest):
    def test_0_when_all_that_is_published_holds(self):
        self.archives["test.tar"] = tar_of({f"test_{i:04}.png": gradient(i) for i in range(5)})
        self.write("test.tar", self.archives["test.tar"])
        self.describe()
        for deep in ([], ["--deep"]):
            report = self.report(0, *self.archives, *deep)
            self.assertEqual(report["holds"], True)
            self.assertEqual(report["dataset"], {"name": "own", "title": "ImageNet in little", "homepage": "https://example.org/own"})
            others = {(check["subject"], check["check"]): check["status"] for check in report["checks"] if check["status"] != "ok"}
            self.assertEqual(others, {("test", "labels"): "not given"})  # nobody says what the test images show
            found = {(check["subject"], check["check"]): check.get("found") for check in report["checks"]}
            self.assertEqual(found["train", "images"], 12)
            self.assertEqual(found["val", "images"], 6)
            self.assertEqual(found["test", "images"], 5)
            self.assertEqual(found["val", "classes"], 3)
            self.assertEqual(found["val", "listed"], 6)
            self.assertEqual(found["", "decoded" if deep else "readable"], 23)
            self.assertEqual(found["val.tar", "md5"], hashlib.md5(self.archives["val.tar"]).hexdigest())

    def test_the_table_fits_a_terminal_and_ends_in_a_verdict(self):
        result = self.verify(0, *self.archives)
        self.assertEqual(result.err, b"")
        lines = result.text.split("\n")
        self.assertLessEqual(max(map(len, lines)), 80)
        self.assertEqual(lines[0], "ImageNet in little (own)")
        self.assertRegex(result.text, r"\ntrain\.tar\n  archive +ok +part t\n  size +ok +[\d,]+ bytes\n  md5 +ok\n  sha256 +ok\n"
                                      r"  read +ok +tar, to its end\n")
        self.assertRegex(result.text, r"\nval\n  images +ok +6\n  listed +ok +all 6 that the labels name\n  classes +ok +3\n"
                                      r"  per class +ok +2 each\n")
        self.assertRegex(lines[-2], r"^nothing differs; 23 ok, 2 not given$")

    def test_what_was_not_given_is_named_with_where_it_comes_from(self):
        checks = self.checks(0, "val.tar", "lists.tar.gz")
        self.assertEqual(checks["train", "images"]["status"], "not given")
        others = checks["", "archives"]
        self.assertEqual(others["status"], "not given")
        self.assertEqual(others["names"], ["train.tar (part t)", "test.tar (part x) https://example.org/test"])
        self.assertIn("https://example.org/own", others["detail"])

    def test_of_a_directory_the_content_is_held(self):
        members = {f"{class_id}/{name}": data for class_id, images in train_members().items() for name, data in images.items()}
        self.write_tree("set/train", members)
        self.write_tree("set/val", val_members())
        self.write("set/lists/val.txt", "".join(f"val_{i:04} {list(CLASSES)[i % 3]}\n" for i in range(1, 7)))
        checks = self.checks(0, "set", "--as", "own")
        self.assertEqual({key: check["status"] for key, check in checks.items() if key[0] == "set"}, {("set", "read"): "ok"})
        self.assertEqual(checks["train", "per class"]["status"], "ok")
        self.assertEqual(checks["val", "per class"]["status"], "ok")

    def test_archives_that_lie_in_a_directory_are_there(self):
        for name in self.archives:
            self.write(f"set/{name}", self.archives[name])
        checks = self.checks(0, "set", "--as", "own")
        self.assertEqual(checks["", "archives"]["names"], ["test.tar (part x) https://example.org/test"])

    def test_standard_input_has_no_checksum(self):
        checks = self.checks(0, "-", "--as", "own", stdin=self.archives["train.tar"])
        self.assertNotIn(("-", "md5"), checks)
        self.assertEqual(checks["train", "images"]["status"], "ok")

    def test_quiet_says_nothing(self):
        self.assertEqual(self.verify(0, "train.tar", "--quiet").out, b"")


class Files(VerifyTest):
    def test_a_file_cut_short_differs_in_everything(self):
        self.write("train.tar", self.archives["train.tar"][:len(self.archives["train.tar"]) // 2])
        checks = self.differing(1, *self.archives)
        self.assertLessEqual({("train.tar", "size"), ("train.tar", "md5"), ("train.tar", "sha256"), ("train.tar", "read"),
                              ("train", "images")}, set(checks))
        self.assertEqual({key for key in checks if key[0].startswith(("val", "lists"))}, set())
        self.assertEqual(checks["train.tar", "size"]["published"], len(self.archives["train.tar"]))
        text = self.verify(1, *self.archives).text
        self.assertRegex(text, r"  md5 +DIFFERS\n      published [0-9a-f]{32}\n      found     [0-9a-f]{32}\n")
        self.assertRegex(text, r"\nDIFFERS in \d+ checks; ")

    def test_a_file_cut_to_nothing_that_can_be_read_differs(self):
        self.write("lists.tar.gz", self.archives["lists.tar.gz"][:20])
        self.assertIn(("lists.tar.gz", "size"), self.differing(1, "lists.tar.gz"))
        self.write("train.tar", self.archives["train.tar"][:700])
        checks = self.differing(1, "train.tar")
        self.assertIn(("train.tar", "size"), checks)
        self.assertIn(("", "images"), checks)

    def test_one_flipped_bit_is_found_by_the_checksums(self):
        data = bytearray(self.archives["val.tar"])
        data[512 + 30] ^= 1  # in the first picture
        self.write("val.tar", data)
        self.assertEqual(set(self.differing(1, "val.tar", "lists.tar.gz")), {("val.tar", "md5"), ("val.tar", "sha256")})

    def test_a_renamed_archive_is_known_by_its_checksum(self):
        os.rename(self.path("val.tar"), self.path("download(1)"))
        checks = self.checks(0, "download(1)", "lists.tar.gz")
        self.assertRegex(checks["download(1)", "archive"]["detail"], r"renamed; its checksum is that of val\.tar")
        self.assertEqual(checks["download(1)", "md5"]["status"], "ok")
        self.assertNotIn("val.tar (part v)", checks["", "archives"]["names"])

    def test_renamed_and_damaged_it_is_known_by_its_size(self):
        data = bytearray(self.archives["val.tar"])
        data[512 + 30] ^= 1
        self.write("download", data)
        checks = self.checks(1, "download", "lists.tar.gz", "--as", "own")
        self.assertRegex(checks["download", "archive"]["detail"], r"its size is that of val\.tar")
        self.assertEqual(checks["download", "md5"]["status"], "differs")

    def test_what_is_not_published_is_never_ok(self):
        self.describe([published("train.tar", self.archives["train.tar"], sha256=""), {"name": "val.tar", "source": "heard of"}])
        checks = self.checks(0, "train.tar", "val.tar", "lists.tar.gz")
        self.assertEqual(checks["train.tar", "md5"]["status"], "ok")
        for kind in ("size", "md5", "sha256"):
            self.assertEqual(checks["val.tar", kind]["status"], "not published")
        self.assertEqual(checks["train.tar", "sha256"]["status"], "not published")
        self.assertEqual(checks["lists.tar.gz", "archive"]["status"], "not published")

    def test_checksums_can_be_left_out(self):
        data = bytearray(self.archives["val.tar"])
        data[512 + 30] ^= 1
        self.write("val.tar", data)
        checks = self.checks(0, "val.tar", "lists.tar.gz", "--no-checksums")
        self.assertEqual([checks["val.tar", kind]["status"] for kind in ("size", "md5", "sha256")], ["ok", "not checked", "not checked"])
        self.assertNotIn("found", checks["val.tar", "md5"])

    def test_labels_alone_hold(self):
        checks = self.checks(0, "lists.tar.gz")
        self.assertEqual(checks["lists.tar.gz", "sha256"]["status"], "ok")
        self.assertEqual(checks["", "images"]["status"], "not given")
        self.assertRegex(checks["", "images"]["detail"], "holds no image")


class Structure(VerifyTest):
    """The published files themselves differ, so that their checksums hold."""

    def pack(self, **files):
        for name, data in files.items():
            self.write(name.replace("_", "."), data)
        self.describe()

    def test_a_class_that_is_missing_is_named(self):
        members = train_members()
        del members["n00000002"]
        self.pack(train_tar=train_tar(members))
        checks = self.differing(1, *self.archives)
        self.assertEqual(set(checks), {("train", "images"), ("train", "classes")})
        self.assertEqual(checks["train", "classes"]["names"], ["n00000002 (dog): missing"])
        self.assertEqual(checks["train", "images"]["detail"], "8 of 12: 4 missing")

    def test_an_image_that_is_missing_is_found_in_its_class(self):
        members = train_members()
        del members["n00000003"]["n00000003_1.png"]
        self.pack(train_tar=train_tar(members))
        checks = self.differing(1, *self.archives)
        self.assertEqual(set(checks), {("train", "images"), ("train", "per class")})
        self.assertEqual(checks["train", "per class"]["names"], ["n00000003 (fish): 3 of 4"])

    def test_an_image_that_labels_name_is_missing_by_name(self):
        members = val_members()
        del members["val_0002.png"], members["val_0005.png"]
        self.pack(val_tar=tar_of(members))
        checks = self.differing(1, *self.archives)
        self.assertEqual(checks["val", "listed"]["names"], ["val_0002: missing", "val_0005: missing"])
        self.assertEqual(checks["val", "images"]["detail"], "4 of 6: 2 missing")
        self.assertRegex(self.verify(1, *self.archives).text, r"  listed +DIFFERS +4 of 6 that the labels name\n      val_0002: missing\n")

    def test_images_that_labels_name_are_listed_up_to_20(self):
        self.pack(val_tar=tar_of(val_members()), lists_tar_gz=b"")
        self.write("lists.tar.gz", lists(60))
        checks = self.checks(1, "val.tar", "lists.tar.gz")
        self.assertEqual(len(checks["val", "listed"]["names"]), 54)
        self.assertEqual(checks["val", "listed"]["names_in_all"], 54)
        text = self.verify(1, "val.tar", "lists.tar.gz").text
        self.assertEqual(text.count(": missing"), 20)
        self.assertIn("      ... and 34 more\n", text)

    def test_a_class_too_many_is_no_class_of_the_set(self):
        self.pack(train_tar=train_tar(train_members([*CLASSES, "n00000009"])))
        checks = self.differing(1, "train.tar")
        self.assertEqual(set(checks), {("train", "images"), ("train", "classes")})
        self.assertEqual(checks["train", "classes"]["names"], ["n00000009: no class of the set"])
        self.assertEqual(checks["train", "images"]["detail"], "16 of 12: 4 too many")

    def test_one_class_for_another_is_found_though_their_number_is_right(self):
        self.pack(train_tar=train_tar(train_members(["n00000001", "n00000002", "n00000009"])))
        checks = self.differing(1, "train.tar")
        self.assertEqual(set(checks), {("train", "classes")})
        self.assertEqual(checks["train", "classes"]["names"], ["n00000003 (fish): missing", "n00000009: no class of the set"])

    def test_an_image_that_cannot_be_decoded_needs_deep(self):
        members = train_members()
        members["n00000001"]["n00000001_2.png"] = bad_crc_png(5)
        self.pack(train_tar=train_tar(members))
        self.assertEqual(self.differing(0, *self.archives), {})
        checks = self.differing(1, *self.archives, "--deep")
        self.assertEqual(set(checks), {("", "decoded")})  # it is there, so its class and split are whole
        self.assertRegex(checks["", "decoded"]["names"][0], r"n00000001\.tar!n00000001_2\.png: damaged: ")
        self.assertEqual(checks["", "decoded"]["found"], 17)
        self.verify(1, "train.tar", "--deep", "--threads", "2")

    def test_an_image_of_too_many_pixels_cannot_be_read(self):
        for deep, kind in ([], "readable"), (["--deep"], "decoded"):
            checks = self.differing(1, "train.tar", "--max-pixels", "63", *deep)
            self.assertEqual(checks["train", "images"]["detail"], "0 of 12; 12 cannot be read")
            self.assertRegex(checks["", kind]["names"][0], ": too-many-pixels: ")
        self.assertEqual(self.differing(0, "train.tar", "--max-pixels", "64"), {})

    def test_a_member_whose_bytes_are_damaged_is_found_without_decoding(self):
        members = {f"{class_id}/{name}": data for class_id, images in train_members().items() for name, data in images.items()}
        whole = bytearray(zip_of(members))
        at = whole.index(b"n00000002/n00000002_3.png") + len("n00000002/n00000002_3.png")
        whole[at + 9] ^= 0x10
        self.write("train.zip", whole)
        self.describe([published("train.zip", bytes(whole))])
        checks = self.differing(1, "train.zip")
        self.assertEqual(set(checks), {("", "readable"), ("train", "images"), ("train", "per class")})
        self.assertEqual(checks["train", "images"]["detail"], "11 of 12; 1 cannot be read")
        self.assertRegex(checks["", "readable"]["names"][0], r"n00000002/n00000002_3\.png: ")

    def test_a_member_that_comes_twice_counts_once(self):
        members = list(val_members().items())
        self.pack(val_tar=tar_of([*members, members[0]]))
        checks = self.differing(1, "val.tar", "lists.tar.gz")
        self.assertEqual(set(checks), {("", "readable")})
        self.assertRegex(checks["", "readable"]["names"][0], "val_0001.png: repeated-member: ")

    def test_without_its_labels_a_split_has_no_classes_to_hold(self):
        checks = self.checks(0, "val.tar")
        self.assertEqual(checks["val", "labels"]["status"], "not given")
        self.assertRegex(checks["val", "labels"]["detail"], r"6 images without one: labels lie in lists\.tar\.gz")
        self.assertNotIn(("val", "classes"), checks)

    def test_labels_that_leave_images_out_differ(self):
        self.pack(lists_tar_gz=b"")
        self.write("lists.tar.gz", lists(5))
        checks = self.differing(1, "val.tar", "lists.tar.gz")
        self.assertEqual(checks["val", "labels"]["status"], "differs")

    def test_a_split_that_the_manifest_does_not_know_is_not_published(self):
        layout = {"images": [{"path": "{split}.tar!{class}.tar!{key}.png"}, {"path": "{key=val_####}.png", "split": "val"}],
                  "labels": LAYOUT["labels"]}
        self.describe(layout=layout, splits=[{"name": "val", "images": 6, "source": "counted"}])
        checks = self.checks(0, *self.archives)
        self.assertEqual(checks["train", "images"]["status"], "not published")
        self.assertEqual(checks["train", "images"]["found"], 12)

    def test_a_count_that_is_not_published_is_never_ok(self):
        self.describe(splits=[{"name": "train", "source": "heard of"}], classes={"count": 3, "source": "counted"},
                      layout={"images": LAYOUT["images"][:1]})
        checks = self.checks(0, "train.tar")
        self.assertEqual(checks["train", "images"]["status"], "not published")
        self.assertEqual(checks["train", "classes"]["status"], "ok")
        self.assertNotIn(("train", "per class"), checks)

    def test_of_sets_of_several_classes_an_image_the_splits_are_held(self):
        layout = {"images": [{"path": "{key=val_####}.png", "split": "val"}],
                  "labels": [{"path": "val.txt", "reader": "lines", "split": "val", "separators": " ", "columns": ["key", "class"]}]}
        self.describe(labels="several", task="detection", layout=layout, splits=[{"name": "val", "images": 6, "source": "counted"}])
        checks = self.checks(0, "val.tar", "lists.tar.gz")
        self.assertEqual(checks["val", "images"]["status"], "ok")
        self.assertEqual(checks["val", "listed"]["status"], "ok")
        self.assertNotIn(("val", "classes"), checks)

    def test_the_figures_of_the_chosen_subset_count(self):
        rule = {"reader": "lines", "split": "val", "separators": " ", "columns": ["key", "class"]}
        layout = {"images": [{"path": "{key=val_####}.png"}], "subset": "small",
                  "labels": [{**rule, "path": "small.txt", "subset": "small"}, {**rule, "path": "large.txt", "subset": "large"}]}
        splits = [{"name": "val", "subset": "small", "images": 5, "source": "counted"},
                  {"name": "val", "subset": "large", "images": 6, "source": "counted"}]
        subsets = [{"name": "small", "classes": 3, "source": "counted"}, {"name": "large", "classes": 3, "source": "counted"}]
        lines = [f"val_{i:04} {list(CLASSES)[i % 3]}\n" for i in range(1, 7)]
        self.write("lists.tar", tar_of({"small.txt": "".join(lines[:4]).encode(), "large.txt": "".join(lines).encode()}))
        self.describe(layout=layout, splits=splits, subsets=subsets)
        checks = self.checks(1, "lists.tar", "val.tar")
        self.assertEqual(checks["val", "images"]["detail"], "4 of 5: 1 missing")
        self.assertEqual(checks["val", "classes"]["status"], "ok")
        self.assertEqual((checks["", "images"]["status"], checks["", "images"]["found"]), ("not published", 2))
        self.assertEqual(self.checks(0, "lists.tar", "val.tar", "--subset", "large")["val", "images"]["found"], 6)

    def test_names_of_members_cannot_harm_the_terminal(self):
        self.pack(train_tar=tar_of({"n00000001/n00000001_1\x1b[2J.png": constant(), "x": b""}))
        layout = {"images": [{"path": "{class}/{key}.png", "split": "train"}]}
        self.write("train.tar", tar_of({"bad\x1b[2J/1.png": constant(), "n00000001/2.png": bad_crc_png(1)}))
        self.describe(layout=layout)
        result = self.verify(1, "train.tar", "--as", "own", "--deep")
        self.assertIn("bad\\x1b[2J: no class of the set", result.text)
        self.assertNotIn(b"\x1b", result.out)


class Refusals(VerifyTest):
    def test_2_without_a_path(self):
        self.refuse(2, "needs a PATH")

    def test_2_for_a_saved_profile(self):
        self.write("p.json", "{}")
        self.refuse(2, "p.json is JSON, as a saved profile is", "p.json")

    def test_2_for_an_unknown_dataset_and_one_without_a_manifest(self):
        self.refuse(2, "--as nonsense: must be one of", "train.tar", "--as", "nonsense")
        self.refuse(2, "--as imagefolder: no manifest", "train.tar", "--as", "imagefolder")

    def test_2_for_a_file_given_twice(self):
        self.refuse(2, "are the same file", "train.tar", "./train.tar", "--manifest", "own.json")
        shutil.copy(self.path("train.tar"), self.path("copy.tar"))
        self.refuse(2, "hold the same bytes", "train.tar", "copy.tar", "--manifest", "own.json")

    def test_2_for_a_report_onto_its_own_input(self):
        self.refuse(2, "would be written over", "train.tar", "--json", "train.tar")
        self.assertEqual(self.read("train.tar"), self.archives["train.tar"])

    def test_3_for_what_cannot_be_opened(self):
        self.refuse(3, "missing.tar: cannot open: No such file", "missing.tar")

    def test_3_for_a_set_that_no_manifest_describes(self):
        self.write("photos.zip", zip_of({"a/1.png": noise(1), "b/2.png": noise(2)}))
        self.refuse(3, "is read as imagefolder, and no manifest says", "photos.zip")
        self.write("text", "words\n")
        self.refuse(3, "text: ", "text")

    def test_4_when_the_report_cannot_be_written(self):
        if os.path.exists("/dev/full"):
            self.expect(4, "train.tar", "--manifest", "own.json", "--json", "/dev/full")

    def test_a_report_is_no_profile(self):
        self.verify(0, "train.tar", "--json", "report.json")
        self.arguments = lambda args: [BINARY, "dataset", *args]
        self.assertIn(self.nofade("report.json").code, (2, 3))

    def test_130_when_interrupted_and_the_report_says_so(self):
        with self.started("-", "--manifest", "own.json", "--as", "own", "--json", "report.json") as run:
            until_signals_are_caught(run)
            with contextlib.suppress(BrokenPipeError):
                run.stdin.write(self.archives["train.tar"][:4096])
                run.stdin.flush()
            time.sleep(0.3)
            run.send_signal(signal.SIGINT)
            result = self.ended(run)
        self.assertEqual(result.code, 130)
        report = json.loads(self.read("report.json"))
        self.assertEqual((report["complete"], report["holds"], report["checks"]), (False, False, []))


class Samples(VerifyTest):
    """The archives themselves."""

    def sample(self, *parts):
        path = os.path.join(SAMPLES, *parts)
        if not os.path.exists(path):
            self.skipTest(f"{os.path.join(*parts)} is not among the samples")
        return path

    def parts(self, folder):
        return [self.sample(folder, name) for name in ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
                                                       "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")]

    def verify(self, code, *args, **options):
        return self.expect(code, *args, **options)

    def test_fashion_mnist_holds(self):
        report = self.report(0, *self.parts("fashion-mnist"))
        self.assertEqual(report["dataset"]["name"], "fashion-mnist")
        self.assertEqual([report["counts"][key] for key in ("differs", "not published", "not given")], [0, 0, 0])
        found = {(check["subject"], check["check"]): check.get("found") for check in report["checks"]}
        self.assertEqual((found["train", "images"], found["test", "images"], found["", "readable"]), (60000, 10000, 70000))

    def test_mnist_holds_but_for_the_archive_that_was_packed_again(self):
        parts = self.parts("mnist")
        differing = self.differing(1, *parts)
        self.assertEqual(set(differing), {(parts[0], "md5"), (parts[0], "sha256")})
        self.assertEqual(differing[parts[0], "md5"]["published"], "f68b3c2dcbeaaa9fbdd348bbdeb94873")

    def test_files_of_the_other_mnist_are_not_taken_for_it(self):
        images, labels = self.parts("fashion-mnist")[2], self.parts("mnist")[3]
        checks = self.checks(1, images, labels)
        self.assertEqual(checks[images, "sha256"]["status"], "ok")
        self.assertEqual(checks[labels, "archive"]["detail"], "it is an archive of mnist")

    def test_2_for_two_datasets(self):
        result = self.expect(2, self.sample("mnist"), self.parts("fashion-mnist")[2])
        self.assert_sentence(result, "of different datasets: .* is mnist, .* is fashion-mnist")

    def test_images_cut_short_are_known_by_the_labels_beside_them(self):
        images, labels = self.parts("fashion-mnist")[2:]
        shutil.copy(labels, self.path(os.path.basename(labels)))
        with open(images, "rb") as file:
            self.write(os.path.basename(images), file.read()[:1 << 20])
        checks = self.checks(1, os.path.basename(images), os.path.basename(labels))
        self.assertEqual(checks[os.path.basename(images), "size"]["status"], "differs")
        self.assertEqual(checks["test", "images"]["published"], 10000)
        self.assertLess(checks["test", "images"]["found"], 10000)
        self.assertGreater(checks["test", "images"]["found"], 1000)


if __name__ == "__main__":
    unittest.main()
