"""The files that a run writes: keys, tables that agree with each other, names that nobody expects."""
import csv
import gzip
import io
import json
import math
import os
import struct
import unittest

from support import (CliTest, bad_crc_png, constant, figures, four_classes, gradient, needs_numpy, noise, numpy, tar_of,
                     warned_png)

HOSTILE = ["a,b", 'say "hi"', "two\nlines", "tab\there", "cr\rhere", "Gr\u00fc\u00dfe \u732b \U0001f600",
           "bad\udcff\udcfebytes", "<script>alert(1)", "n" * 200, "back\\slash", "'", " space ", "\x1b[31mred", "{}", "null",
           "0", "=1+1"]
READABLE = [name.replace("\udcff", "\\xff").replace("\udcfe", "\\xfe") for name in HOSTILE]


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def rows_of(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))


class Profile(CliTest):
    def setUp(self):
        super().setUp()
        members = four_classes(5, "train/")
        members["train/few/bad.png"] = bad_crc_png(1)
        members["train/few/odd.png"] = warned_png()
        members["test/few/1.png"] = noise(9)
        members["about.txt"] = b"text"
        self.write("set.tar", tar_of(members))
        self.found = self.profile("set.tar", code=1)

    def test_head(self):
        found = self.found
        self.assertRegex(found["nofade"], r"\A\d+\.\d+\.\d+")
        self.assertEqual(found["schema"], 1)
        self.assertEqual(found["definition"], "nofade-1:grey=bt601;class=entropy;bins=64;jsd=e;sum=e")
        self.assertIsInstance(found["parameters"], dict)
        self.assertIs(found["complete"], True)
        self.assertRegex(found["counts_digest"], r"\A[0-9a-f]{32}\Z")
        self.assertRegex(found["decoders"]["jpeg"], "libjpeg")
        self.assertRegex(found["decoders"]["png"], "libpng")
        self.assertRegex(found["decoders"]["webp"], r"libwebp \d")
        self.assertEqual(found["undefined"], [])

    def test_dataset(self):
        found = self.found["dataset"]
        self.assertEqual((found["name"], found["title"], found["task"], found["split"]),
                         ("imagefolder", None, "classification", "train"))
        self.assertEqual(found["other_splits"], {"test": 1})
        (source,) = found["sources"]
        self.assertEqual((source["path"], source["bytes"]), ("set.tar", os.path.getsize(self.path("set.tar"))))
        self.assertRegex(source["digest"], r"\A[0-9a-f]{32}\Z")

    def test_images_and_failures(self):
        images = self.found["images"]
        self.assertEqual((images["read"], images["warned"], images["failed"]), (21, 1, 1))
        self.assertEqual(images["passed_over"], {"txt": 1})
        self.assertTrue(is_count(images["pixels"]) and is_count(images["bytes"]))
        codes = {item["member"]: (item["code"], item["source"]) for item in self.found["failures"]}
        self.assertEqual(codes, {"train/few/bad.png": ("damaged", "set.tar")})
        self.assertEqual([(item["member"], item["code"]) for item in self.found["warned"]], [("train/few/odd.png", "warned")])
        self.assertTrue(all(item["reason"] for item in self.found["failures"] + self.found["warned"]))

    def test_entropy(self):
        found = self.found["entropy"]
        for key in ("mean", "sd", "min", "max", "skewness", "excess_kurtosis"):
            self.assertTrue(is_number(found[key]), key)
        self.assertEqual(list(found["quantiles"]), ["0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99"])
        levels = [found["min"], *found["quantiles"].values(), found["max"]]
        self.assertEqual(levels, sorted(levels))
        self.assertEqual((len(found["histogram"]), sum(found["histogram"])), (512, 21))
        self.assertEqual([int(text) >= 0 for text in found["sums"]], [True] * 4)
        self.assertAlmostEqual(int(found["sums"][0]) / 21 / 2**32, found["mean"], places=12)

    def test_classes(self):
        classes = self.found["classes"]
        self.assertEqual([(item["id"], item["name"], item["unit"], item["images"]) for item in classes],
                         [("few", "few", "image", 6), ("flat", "flat", "image", 5), ("many", "many", "image", 5),
                          ("rgb", "rgb", "image", 5)])
        for item in classes:
            self.assertEqual((len(item["entropy_histogram"]), sum(item["entropy_histogram"])), (512, item["images"]))
            self.assertEqual((len(item["intensity"]), len(item["pooled"]), len(item["sums"])), (256, 256, 4))
            self.assertAlmostEqual(sum(item["intensity"]) / item["intensity_scale"], item["images"], places=4)
            self.assertTrue(is_number(item["mean"]) and is_number(item["sd"]))
        self.assertEqual(sum(sum(item["pooled"]) for item in classes), self.found["images"]["pixels"])

    def test_distances_and_complexity(self):
        found = self.found["distances"]
        self.assertEqual((found["classes"], found["pairs"]), (4, 6))
        self.assertAlmostEqual(found["mean"] * 6, found["sum"], places=12)
        for end in ("min", "max"):
            self.assertLessEqual({found[end]["a"], found[end]["b"]}, {"few", "flat", "many", "rgb"})
        self.assertLessEqual(found["min"]["value"], found["max"]["value"])
        self.assertLessEqual(found["max"]["value"], math.sqrt(math.log(2)) + 1e-15)
        self.assertEqual(found["null"]["permutations"], 20)
        self.assertTrue(all(is_number(found["null"][key]) for key in ("mean", "sd", "z")))
        self.assertEqual(self.found["complexity"]["kind"], "jsd")
        self.assertAlmostEqual(self.found["complexity"]["value"], math.log(found["sum"]), places=14)

    def test_numbers_survive_a_second_reading(self):
        self.nofade("set.tar", "--json", "p.json", "--quiet")
        again = self.profile("p.json", code=1)
        self.assertEqual(again, self.found)

    def test_gzip_holds_the_same_bytes(self):
        self.nofade("set.tar", "--json", "p.json", "--quiet")
        self.nofade("set.tar", "--json", "p.json.gz", "--quiet")
        self.assertEqual(gzip.decompress(self.read("p.json.gz")), self.read("p.json"))
        self.assertEqual(self.profile("p.json.gz", code=1), self.found)

    def test_another_analysis_of_a_profile_is_that_of_the_pixels(self):
        self.nofade("set.tar", "--json", "p.json", "--quiet")
        for options in (["--class-distribution", "intensity"], ["--class-distribution", "pooled"], ["--bins", "16"],
                        ["--bins", "512", "--jsd-base", "2"], ["--sum-log", "10", "--null", "3"]):
            with self.subTest(options=options):
                self.assertEqual(self.profile("p.json", *options, code=1), self.profile("set.tar", *options, code=1))


class Tables(CliTest):
    def setUp(self):
        super().setUp()
        self.write("set.tar", tar_of(four_classes(5)))
        self.found = self.profile("set.tar")

    def matrix(self, *options):
        self.expect(0, "set.tar", "--matrix", "m.csv", *options)
        return rows_of(self.read("m.csv"))

    def test_the_matrix_is_symmetric_with_a_zero_diagonal_and_adds_up(self):
        head, *rows = self.matrix()
        names = [item["id"] for item in self.found["classes"]]
        self.assertEqual(head, ["class", *names])
        self.assertEqual([row[0] for row in rows], names)
        values = [[float(cell) for cell in row[1:]] for row in rows]
        for i in range(4):
            self.assertEqual(values[i][i], 0)
            self.assertEqual([row[i] for row in values], values[i])
        self.assertAlmostEqual(sum(map(sum, values)) / 2, self.found["distances"]["sum"], places=12)

    def test_the_npy_matrix_has_the_same_doubles(self):
        _, *rows = self.matrix()
        self.expect(0, "set.tar", "--matrix", "m.npy")
        raw = self.read("m.npy")
        self.assertEqual(raw[:8], b"\x93NUMPY\x01\x00")
        self.assertEqual((10 + struct.unpack("<H", raw[8:10])[0]) % 64, 0)
        self.assertEqual(struct.unpack("<16d", raw[-128:]), tuple(float(cell) for row in rows for cell in row[1:]))

    @needs_numpy
    def test_numpy_reads_the_npy_matrix(self):
        _, *rows = self.matrix()
        self.expect(0, "set.tar", "--matrix", "m.npy")
        loaded = numpy.load(self.path("m.npy"))
        self.assertEqual((loaded.shape, loaded.dtype), ((4, 4), numpy.dtype("<f8")))
        self.assertEqual(loaded.tolist(), [[float(cell) for cell in row[1:]] for row in rows])

    def test_no_matrix_of_one_class_but_what_was_counted_is_kept(self):
        self.write("one.tar", tar_of({"a/1.png": noise(1)}))
        result = self.expect(2, "one.tar", "--matrix", "m.csv", "--json", "p.json", "--quiet")
        self.assert_sentence(result, "fewer than two classes")
        self.assertEqual(self.files(), ["one.tar", "p.json", "set.tar"])

    def test_the_histogram_sums_to_the_images(self):
        self.expect(0, "set.tar", "--histogram", "h.csv")
        head, *rows = rows_of(self.read("h.csv"))
        self.assertEqual(head, ["bin", "from_bits", "to_bits", "images", "few", "flat", "many", "rgb"])
        self.assertEqual([int(row[0]) for row in rows], list(range(512)))
        self.assertEqual([sum(int(row[i]) for row in rows) for i in range(3, 8)], [20, 5, 5, 5, 5])
        self.assertEqual([int(row[3]) for row in rows], self.found["entropy"]["histogram"])
        self.assertEqual((float(rows[0][1]), float(rows[-1][2])), (0, 8))

    def test_rows_of_images_add_up_to_the_profile(self):
        members = four_classes(2, "train/")
        members.update({"test/few/1.png": noise(9), "train/few/z.png": bad_crc_png(1), "train/few/y.png": warned_png()})
        self.write("mixed.tar", tar_of(members))
        profile = self.profile("mixed.tar", code=1)
        head, *rows = rows_of(self.expect(1, "mixed.tar", "--images", "-").out)
        self.assertEqual(head, "index,source,member,split,class,width_px,height_px,entropy_bits,status".split(","))
        self.assertEqual({row[3] for row in rows}, {"train"})
        self.assertEqual([row[8] for row in rows], ["ok"] * 8 + ["failed:damaged", "warned"])
        read = [float(row[7]) for row in rows if row[7]]
        self.assertEqual(len(read), profile["images"]["read"])
        self.assertAlmostEqual(sum(read) / len(read), profile["entropy"]["mean"], places=12)
        self.assertEqual(rows[0], ["0", "mixed.tar", "train/flat/0.png", "train", "flat", "12", "12", rows[0][7], "ok"])

    def test_all_outputs_at_once_and_nothing_else(self):
        before = self.files()
        asked = ["p.json", "i.csv", "m.csv", "h.csv"]
        result = self.expect(0, "set.tar", "--json", asked[0], "--images", asked[1], "--matrix", asked[2],
                             "--histogram", asked[3])
        self.assertEqual(self.files(), sorted(before + asked))
        self.assertGreater(len(result.out), 500)
        for name in asked:
            self.assertEqual(os.stat(self.path(name)).st_mode & 0o777, 0o666 & ~self.umask())

    @staticmethod
    def umask():
        mask = os.umask(0)
        os.umask(mask)
        return mask

    def test_an_output_on_standard_output_is_all_there_is(self):
        json.loads(self.expect(0, "set.tar", "--json", "-").out)
        self.assertTrue(self.expect(0, "set.tar", "--images", "-").out.startswith(b"index,"))
        self.assertTrue(self.expect(0, "set.tar", "--histogram", "-").out.startswith(b"bin,"))
        self.assertEqual(self.expect(0, "set.tar", "--quiet").out, b"")

    def test_an_output_through_a_link_replaces_what_it_points_to(self):
        self.write("real/p.json", b"old")
        os.symlink("real/p.json", self.path("p.json"))
        self.expect(0, "set.tar", "--json", "p.json")
        self.assertTrue(os.path.islink(self.path("p.json")))
        self.assertEqual(json.loads(self.read("real/p.json"))["images"]["read"], 20)


class HostileNames(CliTest):
    def setUp(self):
        super().setUp()
        self.write("set.tar", tar_of({f"{name}/{i}.png": noise(100 * k + i, 8, 2 + k * 12) for k, name in enumerate(HOSTILE)
                                      for i in range(2)}))

    def test_json_gives_them_back(self):
        found = self.profile("set.tar")
        self.assertEqual({item["id"] for item in found["classes"]}, set(READABLE))
        self.assertEqual(found["images"]["read"], 2 * len(HOSTILE))

    def test_a_profile_keeps_them(self):
        self.expect(0, "set.tar", "--json", "p.json")
        self.assertEqual(figures(self.profile("p.json")), figures(self.profile("set.tar")))

    def test_tables_give_them_back(self):
        self.expect(0, "set.tar", "--matrix", "m.csv", "--histogram", "h.csv", "--images", "i.csv")
        matrix = rows_of(self.read("m.csv"))
        self.assertEqual(set(matrix[0][1:]), set(READABLE))
        self.assertEqual([row[0] for row in matrix[1:]], matrix[0][1:])
        histogram = rows_of(self.read("h.csv"))
        self.assertEqual(histogram[0][4:], matrix[0][1:])
        self.assertEqual({len(row) for row in histogram}, {4 + len(HOSTILE)})
        images = rows_of(self.read("i.csv"))
        self.assertEqual({len(row) for row in images}, {9})
        self.assertEqual({row[4] for row in images[1:]}, set(READABLE))
        self.assertEqual({row[2] for row in images[1:]}, {f"{name}/{i}.png" for name in READABLE for i in range(2)})

    def test_the_summary_shows_no_control_character(self):
        told = self.expect(0, "set.tar").text
        self.assertNotRegex(told, r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
        self.assertIn(r"two\x0alines", told)

    def test_in_the_names_of_archives_too(self):
        for name in ("a,b\"c.tar", "two\nlines.tar", "\udcff.tar"):
            self.write(name, tar_of({"a/1.png": constant(), "b/1.png": gradient(3)}))
            found = self.profile(name)
            self.assertEqual(found["dataset"]["sources"][0]["path"], name.replace("\udcff", "\\xff"))
            self.assertEqual(rows_of(self.expect(0, name, "--images", "-").out)[1][1], name.replace("\udcff", "\\xff"))


if __name__ == "__main__":
    unittest.main()
