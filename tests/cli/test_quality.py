"""What is found on the way: duplicates, constant images, odd extensions, colour modes and sizes."""
import collections
import csv
import gzip
import hashlib
import io
import json
import os
import struct
import subprocess
import unittest
import zlib

from support import (BINARY, CliTest, HANG_S, Image, bad_crc_png, chunk, constant, environment, gradient, jpeg, needs_pillow, noise,
                     png_of, tar_of, zip_of)

SAMPLES = os.environ.get("NOFADE_SAMPLES", "")
KINDS = ("constant", "near_constant", "wrong_extension", "unusual_mode", "size_outlier")


def pairs(quality):
    """{tuple of members: (across splits, across classes)}"""
    return {tuple(item["member"] for item in found["listed"]): (found["across_splits"], found["across_classes"])
            for found in quality["duplicates"]["listed"]}


def members(found):
    return [item["member"] for item in (found if isinstance(found, list) else found["listed"])]


def values(found):
    return {item["member"]: item["value"] for item in (found if isinstance(found, list) else found["listed"])}


def without_sources(value):
    if isinstance(value, dict):
        return {key: without_sources(item) for key, item in value.items() if key != "source"}
    return [without_sources(item) for item in value] if isinstance(value, list) else value


def almost_constant(odd, side=20):
    """A grey image with some pixels of another grey."""
    row = bytes([50]) * side
    return png_of([bytes([60]) * odd + row[odd:]] + [row] * (side - 1), side)


def leaky_set():
    one, two, three = noise(1), noise(2), noise(3)
    return {
        "train/cat/1.png": one, "test/cat/9.png": one,                            # a leak
        "train/cat/2.png": two, "train/dog/2.png": two,                           # a wrong label
        "train/dog/3.png": three, "train/dog/4.png": three, "train/dog/5.png": three,  # plain copies
        "test/dog/6.png": noise(4), "test/dog/7.png": noise(4),                   # where nothing is counted
        "train/dog/8.png": bad_crc_png(5), "train/dog/9.png": bad_crc_png(5),     # failed: no part in it
        **{f"train/cat/x{i}.png": noise(10 + i) for i in range(4)},
    }


LEAKS = {("test/cat/9.png", "train/cat/1.png"): (True, False), ("train/cat/2.png", "train/dog/2.png"): (False, True),
         ("test/dog/6.png", "test/dog/7.png"): (False, False),
         ("train/dog/3.png", "train/dog/4.png", "train/dog/5.png"): (False, False)}


class Duplicates(CliTest):
    def check_leaks(self, quality):
        found = quality["duplicates"]
        self.assertEqual(pairs(quality), LEAKS)
        self.assertEqual((found["images"], found["sets"], found["extra_copies"]), (13, 4, 5))
        self.assertEqual((found["sets_across_splits"], found["sets_across_classes"], found["not_searched"]), (1, 1, 0))
        self.assertNotIn("across_profiles", found)

    def test_across_splits_and_classes_however_it_is_packed(self):
        self.write("set.tar", tar_of(leaky_set()))
        self.write("set.zip", zip_of(leaky_set()))
        self.write("set.tar.gz", gzip.compress(tar_of(leaky_set())))
        self.write_tree("folder", leaky_set())
        for path in ("set.tar", "set.zip", "set.tar.gz", "folder"):
            with self.subTest(path=path):
                self.check_leaks(self.profile(path, code=1)["quality"])
        self.check_leaks(self.profile("-", code=1, stdin=self.read("set.tar"))["quality"])

    def test_leaks_stand_in_front_and_name_split_and_class(self):
        self.write("set.tar", tar_of(leaky_set()))
        first, second, *others = self.profile("set.tar", code=1)["quality"]["duplicates"]["listed"]
        self.assertEqual(first["listed"], [
            {"source": "set.tar", "member": "test/cat/9.png", "split": "test", "class": "cat"},
            {"source": "set.tar", "member": "train/cat/1.png", "split": "train", "class": "cat"}])
        self.assertEqual([item["class"] for item in second["listed"]], ["cat", "dog"])
        self.assertEqual([item["images"] for item in others], [2, 3])

    def test_the_split_that_is_counted_changes_nothing(self):
        self.write("set.tar", tar_of(leaky_set()))
        for split in ("train", "test", "all"):
            self.check_leaks(self.profile("set.tar", "--split", split, code=0 if split == "test" else 1)["quality"])

    def test_threads_batches_shards_and_order_change_nothing(self):
        everything = {**leaky_set(), **{f"val/cat/{i}.png": noise(i % 3, levels=40) for i in range(30)},
                      "train/cat/flat.png": constant(), "train/cat/odd.jpg": noise(77, 90, colour=2)}
        self.write("set.tar", tar_of(everything))
        reference = self.profile("set.tar", code=1)["quality"]
        for threads in ("1", "2", "7"):
            for batch_bytes in ("4K", "64K", "64M"):
                with self.subTest(threads=threads, batch_bytes=batch_bytes):
                    self.assertEqual(self.profile("set.tar", "--threads", threads, "--batch-bytes", batch_bytes,
                                                  code=1)["quality"], reference)
        items = list(everything.items())
        self.write("turned.tar", tar_of(items[::-1]))
        turned = self.profile("turned.tar", code=1)["quality"]
        self.assertEqual(without_sources(turned), without_sources(reference))
        for i in range(3):
            self.write(f"{i}.tar", tar_of(items[i::3]))
        for shards in (("0.tar", "1.tar", "2.tar"), ("2.tar", "0.tar", "1.tar")):
            self.assertEqual(without_sources(self.profile(*shards, code=1)["quality"]), without_sources(reference))

    def test_rows_of_a_record_file_by_labels_that_come_late(self):
        images = bytes(range(16)) * 2 + bytes(16) + bytes(range(16, 32)) * 2
        train = [("train-images-idx3-ubyte", struct.pack(">IIII", 0x803, 5, 4, 4) + images),
                 ("t10k-images-idx3-ubyte", struct.pack(">IIII", 0x803, 1, 4, 4) + bytes(range(16, 32))),
                 ("train-labels-idx1-ubyte", struct.pack(">II", 0x801, 5) + bytes([3, 4, 5, 6, 6])),
                 ("t10k-labels-idx1-ubyte", struct.pack(">II", 0x801, 1) + bytes([6]))]
        for order in (train, train[2:] + train[:2]):
            quality = self.profile("-", stdin=gzip.compress(tar_of(order)))["quality"]
            self.assertEqual(pairs(quality), {
                ("train-images-idx3-ubyte#0", "train-images-idx3-ubyte#1"): (False, True),
                ("t10k-images-idx3-ubyte#0", "train-images-idx3-ubyte#3", "train-images-idx3-ubyte#4"): (True, False)})
            self.assertEqual(values(quality["constant"]), {"train-images-idx3-ubyte#2": 0})
            self.assertEqual(quality["modes"], {"grey": 5})

    def test_own_labels_say_what_differs(self):
        self.write("set.tar", tar_of({"1.png": noise(1), "2.png": noise(1), "3.png": noise(1)}))
        self.write("own.csv", "member,class,split\n1.png,a,train\n2.png,b,train\n")
        (found,) = self.profile("set.tar", "--labels", "own.csv")["quality"]["duplicates"]["listed"]
        self.assertEqual((found["images"], found["across_splits"], found["across_classes"]), (3, False, True))

    def test_a_repeated_member_is_no_duplicate(self):
        self.write("set.tar", tar_of([("a/1.png", noise(1)), ("a/1.png", noise(1)), ("b/2.png", noise(2))]))
        self.assertEqual(self.profile("set.tar", code=1)["quality"]["duplicates"]["sets"], 0)

    def test_more_sets_than_are_listed(self):
        everything = {f"{'ab'[k]}/{i:04}.png": gradient(i, 16) for i in range(250) for k in range(2)}
        everything.update({f"{'cd'[k]}/{i:04}.png": noise(i, 4) for i in range(900) for k in range(2)})
        self.write("set.tar", tar_of(everything))
        found = self.profile("set.tar")["quality"]["duplicates"]
        distinct = {hashlib.sha256(data).digest() for data in everything.values()}
        self.assertEqual(found["extra_copies"], len(everything) - len(distinct))
        self.assertEqual((found["sets"], len(found["listed"])), (len(distinct), 1000))
        self.assertEqual([item["listed"][0]["member"] for item in found["listed"]],
                         sorted(item["listed"][0]["member"] for item in found["listed"]))

    def test_a_limit_and_an_early_end_look_at_what_was_read(self):
        self.write("set.tar", tar_of(leaky_set()))
        self.assertEqual(pairs(self.profile("set.tar", "--limit", "2")["quality"]), {
            ("test/cat/9.png", "train/cat/1.png"): (True, False)})


class Findings(CliTest):
    def quality(self, files, *args, code=0):
        self.write("set.tar", tar_of(files))
        return self.profile("set.tar", *args, code=code)["quality"]

    def test_constant_and_near_constant(self):
        quality = self.quality({"a/0.png": constant(7), "a/1.png": almost_constant(4), "a/2.png": almost_constant(5),
                                "a/3.png": almost_constant(1), "a/4.png": noise(1)})
        self.assertEqual(values(quality["constant"]), {"a/0.png": 7})
        self.assertEqual(values(quality["near_constant"]), {"a/1.png": 0.99, "a/3.png": 0.9975})

    def test_most_and_least_complex_by_name(self):
        files = {f"a/{i:02}.png": noise(i, 16, 2 + 5 * i) for i in range(30)}
        files["a/zz.png"] = files["a/00.png"]
        quality = self.quality(files)
        self.assertEqual(members(quality["least_complex"]), ["a/00.png", "a/zz.png"] + [f"a/{i:02}.png" for i in range(1, 9)])
        self.assertEqual(len(quality["most_complex"]), 10)
        levels = [item["value"] for item in quality["most_complex"]]
        self.assertEqual(levels, sorted(levels, reverse=True))
        self.assertEqual(quality["most_complex"][0]["value"], self.profile("set.tar")["entropy"]["max"])
        self.assertEqual(quality["least_complex"][0]["value"], self.profile("set.tar")["entropy"]["min"])

    @needs_pillow
    def test_wrong_extensions(self):
        quality = self.quality({"a/1.jpg": noise(1), "a/2.PNG": noise(2), "a/3.jpeg": jpeg(3), "a/4.png": jpeg(4),
                                "a/5": noise(5), "a/6.tif": noise(6), "a/7.dat": jpeg(7), "a.jpg/8.png": noise(8)})
        self.assertEqual(values(quality["wrong_extension"]), {"a/1.jpg": "PNG", "a/4.png": "JPEG", "a/6.tif": "PNG"})
        self.assertEqual(quality["wrong_extension"]["images"], 3)

    def png(self, depth, colour, samples, extra=b""):
        head = struct.pack(">IIBBBBB", 8, 8, depth, colour, 0, 0, 0)
        rows = b"".join(b"\0" + bytes((x * 31 + y * 7) % 2 for x in range(samples * depth)) for y in range(8))
        return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")

    @needs_pillow
    def test_colour_modes(self):
        palette = chunk(b"PLTE", bytes(range(6)))
        files = {"grey1": self.png(1, 0, 1), "grey2": self.png(2, 0, 1), "grey4": self.png(4, 0, 1), "grey8": self.png(8, 0, 1),
                 "grey16": self.png(16, 0, 1), "ga8": self.png(8, 4, 2), "ga16": self.png(16, 4, 2), "rgb8": self.png(8, 2, 3),
                 "rgb16": self.png(16, 2, 3), "rgba8": self.png(8, 6, 4), "rgba16": self.png(16, 6, 4),
                 "p1": self.png(1, 3, 1, palette), "p8": self.png(8, 3, 1, palette), "y": jpeg(1), "z": jpeg(2)}
        for name, mode in (("cmyk", "CMYK"), ("l", "L")):
            out = io.BytesIO()
            Image.new(mode, (8, 8)).save(out, "JPEG")
            files[name] = out.getvalue()
        quality = self.quality({f"a/{name}": data for name, data in files.items()})
        self.assertEqual(quality["modes"], {
            "grey 1 bit": 1, "grey 2 bit": 1, "grey 4 bit": 1, "grey": 2, "grey 16 bit": 1, "grey+alpha": 1,
            "grey+alpha 16 bit": 1, "RGB": 3, "RGB 16 bit": 1, "RGBA": 1, "RGBA 16 bit": 1, "palette": 2, "CMYK": 1})
        self.assertEqual(quality["unusual_mode"]["images"], len(files) - 3)
        self.assertEqual(values(quality["unusual_mode"])["a/cmyk"], "CMYK")
        self.assertFalse({"a/rgb8", "a/y", "a/z"} & set(members(quality["unusual_mode"])))

    def test_size_outliers(self):
        files = {f"a/{i:02}.png": noise(i, 20 + i % 3) for i in range(40)}
        files["a/big.png"] = png_of([bytes(range(20))] * 60, 20)
        files["a/edge.png"] = noise(99, 44)
        files["a/small.png"] = noise(98, 9)
        quality = self.quality(files)
        self.assertEqual(values(quality["size_outlier"]), {"a/big.png": "20x60", "a/small.png": "9x9"})
        self.assertEqual(quality["sizes"], {"longer_px": {"min": 9, "0.05": 20, "0.5": 21, "0.95": 22, "max": 60},
                                            "shorter_px": {"min": 9, "0.05": 20, "0.5": 21, "0.95": 22, "max": 44}})

    def test_size_outliers_of_few_images(self):
        few = {f"a/{i}.png": noise(i, 20) for i in range(4)}
        self.assertEqual(members(self.quality({**few, "a/big.png": noise(9, 41)})["size_outlier"]), ["a/big.png"])
        del few["a/0.png"]
        self.assertEqual(members(self.quality({**few, "a/big.png": noise(9, 41)})["size_outlier"]), [])

    def test_only_what_is_counted_but_for_duplicates(self):
        quality = self.quality({"train/a/1.png": noise(1), "train/a/2.png": noise(2), "test/a/3.png": constant(),
                                "test/a/4.jpg": noise(4, colour=2)})
        self.assertEqual([quality[kind]["images"] for kind in KINDS], [0] * 5)
        self.assertEqual(sorted(members(quality["least_complex"])), ["train/a/1.png", "train/a/2.png"])
        self.assertEqual(quality["sizes"]["longer_px"], {"min": 16, "0.05": 16, "0.5": 16, "0.95": 16, "max": 16})
        self.assertEqual(quality["duplicates"]["images"], 4)

    def test_findings_change_neither_exit_status_nor_digest(self):
        plain = {f"a/{i}.png": noise(i) for i in range(4)}
        self.write("plain.tar", tar_of(plain))
        self.write("odd.tar", tar_of({name.replace(".png", ".jpg"): data for name, data in plain.items()}))
        first, second = self.profile("plain.tar"), self.profile("odd.tar")
        self.assertEqual(first["counts_digest"], second["counts_digest"])
        self.assertEqual((first["quality"]["wrong_extension"]["images"], second["quality"]["wrong_extension"]["images"]), (0, 4))


class Written(CliTest):
    def setUp(self):
        super().setUp()
        self.write("set.tar", tar_of({**leaky_set(), "train/cat/f.png": constant(), "train/cat/o.jpg": noise(50, 60)}))

    def test_csv_holds_what_the_profile_lists(self):
        self.expect(1, "set.tar", "--json", "p.json", "--quality", "q.csv", "--quiet")
        quality = json.loads(self.read("p.json"))["quality"]
        rows = list(csv.DictReader(io.StringIO(self.read("q.csv").decode())))
        self.assertEqual(list(rows[0]), ["finding", "source", "member", "split", "class", "value", "other_source",
                                         "other_member", "other_split", "other_class"])
        by_kind = collections.Counter(row["finding"] for row in rows)
        self.assertEqual(by_kind, {"duplicate_across_splits": 1, "duplicate_across_classes": 1, "duplicate": 3, "constant": 1,
                                   "least_complex": 10, "most_complex": 10, "wrong_extension": 1, "size_outlier": 1})
        self.assertEqual(rows[0], {"finding": "duplicate_across_splits", "source": "set.tar", "member": "test/cat/9.png",
                                   "split": "test", "class": "cat", "value": "2", "other_source": "set.tar",
                                   "other_member": "train/cat/1.png", "other_split": "train", "other_class": "cat"})
        for kind in ("constant", "least_complex", "most_complex", "wrong_extension", "size_outlier"):
            listed = [(row["member"], row["value"]) for row in rows if row["finding"] == kind]
            self.assertEqual(listed, [(name, str(value)) for name, value in values(quality[kind]).items()])

    def test_csv_on_standard_output_and_from_a_saved_profile(self):
        told = self.expect(1, "set.tar", "--quality", "-", "--json", "p.json").out
        self.assertTrue(told.startswith(b"finding,source,"))
        self.assertEqual(self.expect(1, "p.json", "--quality", "-").out, told)

    def test_csv_is_written_whole_or_not_at_all(self):
        self.refuse(2, "two outputs", "set.tar", "--quality", "x.csv", "--images", "x.csv")
        self.refuse(3, "nothing", "nothing.tar", "--quality", "x.csv")
        if os.path.exists("/dev/full"):
            self.expect(4, "set.tar", "--quality", "/dev/full")

    def test_hostile_names_survive(self):
        names = ["a,b", 'say "hi"', "two\nlines", "bad\udcff", "=1+1", "a\x1b[31m"]
        self.write("names.tar", tar_of([(f"{name}/{i}.png", constant()) for name in names for i in range(2)]))
        self.expect(0, "names.tar", "--json", "p.json", "--quality", "q.csv", "--quiet")
        rows = list(csv.DictReader(io.StringIO(self.read("q.csv").decode(), newline="")))
        self.assertLessEqual({f"{name}/1.png".replace("\udcff", "\\xff") for name in names},
                             {row["member"] for row in rows if row["finding"] == "constant"})
        again = self.profile("p.json")
        self.assertEqual(again["quality"], json.loads(self.read("p.json"))["quality"])
        told = self.expect(0, "names.tar").out
        self.assertNotIn(b"\x1b", told)

    def test_profiles_merge_as_far_as_can_be_known(self):
        items = list(leaky_set().items())
        for i in range(2):
            self.write(f"{i}.tar", tar_of(items[i::2]))
            self.nofade(f"{i}.tar", "--json", f"{i}.json", "--split", "all", "--quiet")
        parts = [json.loads(self.read(f"{i}.json"))["quality"] for i in range(2)]
        merged = self.profile("0.json", "1.json", code=1)["quality"]
        self.assertEqual(merged["duplicates"]["across_profiles"], "not looked for")
        for key in ("images", "sets", "extra_copies", "sets_across_splits", "sets_across_classes"):
            self.assertEqual(merged["duplicates"][key], sum(part["duplicates"][key] for part in parts), key)
        self.assertEqual(merged, self.profile("1.json", "0.json", code=1)["quality"])
        lowest = sorted(item["value"] for part in parts for item in part["least_complex"])[:10]
        self.assertEqual([item["value"] for item in merged["least_complex"]], lowest)
        self.assertIn("not looked for", self.expect(1, "0.json", "1.json").text)

    def test_a_profile_without_findings_is_read_and_says_so(self):
        self.nofade("set.tar", "--json", "p.json", "--quiet")
        saved = json.loads(self.read("p.json"))
        del saved["quality"]
        self.write("old.json", json.dumps(saved))
        self.assertIn("not_looked_for", self.profile("old.json", code=1)["quality"])
        self.assertIn("not looked for", self.expect(1, "old.json").text)
        self.expect(2, "old.json", "--quality", "q.csv")

    def test_a_profile_whose_findings_make_no_sense_is_refused(self):
        self.nofade("set.tar", "--json", "p.json", "--quiet")
        saved = self.read("p.json")
        for path, value in ((("not_looked_at",), -1), (("duplicates", "sets"), 10**13), (("duplicates", "extra_copies"), 0),
                            (("duplicates", "listed"), {}), (("duplicates", "listed", 0, "listed"), []),
                            (("duplicates", "listed", 0, "images"), 1), (("duplicates", "listed", 0, "across_splits"), 1),
                            (("duplicates", "listed", 0, "listed", 1, "member"), None), (("constant",), []),
                            (("constant", "images"), 0), (("constant", "listed", 0, "value"), "7"),
                            (("least_complex",), {}), (("wrong_extension", "listed", 0, "value"), 7), (("modes",), []),
                            (("modes", "grey"), "x"), (("sizes",), None), (("sizes", "longer_px", "min"), 10**6),
                            (("sizes", "shorter_px", "0.5"), -3)):
            with self.subTest(path=path):
                profile = json.loads(saved)
                at = profile["quality"]
                for step in path[:-1]:
                    at = at[step]
                at[path[-1]] = value
                self.write("bad.json", json.dumps(profile))
                self.refuse(3, "not a valid profile.*quality", "bad.json")

    def test_summary_tells_what_was_found(self):
        told = self.expect(1, "set.tar").text
        section = told[told.index("\nQuality\n"):told.index("\nWarnings\n")]
        for expected in ("4 sets, 5 extra copies; 1 across splits; 1 across classes", "test/cat/9.png (test, cat)",
                         "= train/cat/1.png (train, cat)", "constant      1 image: train/cat/f.png",
                         "wrong suffix  1 image: train/cat/o.jpg (PNG)", "odd sizes     1 image: train/cat/o.jpg (60x60)",
                         "least complex train/cat/f.png  0.0000"):
            self.assertIn(expected, section)

    def test_summary_of_long_names_fits_eighty_columns(self):
        long = "directory-with-a-very-long-name/" * 4
        self.write("long.tar", tar_of({f"{'train' if i < 4 else 'test'}/{long}{i % 4}.jpg": constant(i % 2, 8 + 30 * (i % 2))
                                       for i in range(8)}))
        told = self.expect(0, "long.tar").text
        section = told[told.index("\nQuality\n"):]
        for line in section.split("\n"):
            self.assertLessEqual(len(line), 80, line)
        self.assertIn("0.jpg", section)

    def test_nothing_found_is_one_line(self):
        self.write("clean.tar", tar_of({f"a/{i}.png": noise(i) for i in range(4)}))
        self.assertRegex(self.expect(0, "clean.tar").text, r"\nQuality\n  no duplicates, [^\n]+\n  least complex [^\n]+\n  most")

    def test_without_room_for_a_temporary_file_the_profile_says_so(self):
        """No file may grow: pipes are all that is left."""
        limited = ["sh", "-c", 'ulimit -f 0; trap "" XFSZ; exec "$0" "$@"', BINARY, "dataset", "clean.tar"]
        self.write("clean.tar", tar_of({f"a/{i}.png": noise(i) for i in range(4)}))
        done = subprocess.run([*limited, "--json", "-"], cwd=self.folder, env=environment(), capture_output=True, timeout=HANG_S,
                              check=False)
        result = self.check(done.returncode, done.stdout, done.stderr)
        self.assertEqual(result.code, 0, result.talk)
        profile = json.loads(result.out)
        self.assertEqual(profile["images"]["read"], 4)
        self.assertIn("temporary file", profile["quality"]["not_looked_for"])
        done = subprocess.run([*limited, "--quality", "-"], cwd=self.folder, env=environment(), capture_output=True, timeout=HANG_S,
                              check=False)
        self.assertEqual(self.check(done.returncode, done.stdout, done.stderr).code, 4)


class RealFiles(CliTest):
    def test_duplicates_are_those_that_sha256_finds(self):
        for folder in ("isic-thumbs", "pngsuite", "pillow-images", "jpeg-decoder-tests", "dsb2018"):
            top = os.path.join(SAMPLES, folder)
            if not SAMPLES or not os.path.isdir(top):
                print(f"SKIP {folder}: no such sample files (NOFADE_SAMPLES)")
                continue
            with self.subTest(folder=folder):
                self.nofade(top, "--exclude", "*.zip*", "--split", "all", "--json", "p.json", "--images", "i.csv", "--quiet")
                quality = json.loads(self.read("p.json"))["quality"]
                sets = collections.defaultdict(list)
                for row in csv.DictReader(io.StringIO(self.read("i.csv").decode())):
                    if not row["status"].startswith("failed"):
                        with open(os.path.join(top, row["member"]), "rb") as file:
                            sets[hashlib.sha256(file.read()).digest()].append(row["member"])
                expected = sorted(sorted(names)[:10] for names in sets.values() if len(names) > 1)
                self.assertEqual(quality["duplicates"]["sets"], len(expected))
                self.assertEqual(sorted(members(found["listed"]) for found in quality["duplicates"]["listed"]), expected)


if __name__ == "__main__":
    unittest.main()
