"""--sample and --until-ci: an estimate from members drawn at random, and what is said of it."""
import csv
import gzip
import importlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import unittest
import zipfile

from report_page import Page
from support import (BINARY, CliTest, HANG_S, SANITIZED, bad_crc_png, constant, figures, needs_numpy, needs_pillow, noise, png_of,
                     tar_of, zip_of)

SEEDS = 40 if SANITIZED else 200


def levels(count, side=8):
    """Exactly `count` grey levels, each as often: log2(count) bits."""
    values = bytes(i % count for i in range(side * side))
    return png_of([values[y * side:(y + 1) * side] for y in range(side)], side)


def sorted_classes(each=40, splits=("",)):
    """Classes one after the other, far apart: 0, 1, 3, 4 and 6 bits. {path: bytes}"""
    return {f"{split}c{count:02}/{i:03}.png": levels(count) for split in splits for count in (1, 2, 8, 16, 64)
            for i in range(each)}


def class_archives(members, pack):
    """{class.suffix: archive of its images}"""
    names = sorted({path.split("/")[0] for path in members})
    return {name: pack({path.split("/")[1]: data for path, data in members.items() if path.startswith(name + "/")})
            for name in names}


class Sources(CliTest):
    """One set in all the ways that members can be drawn from."""

    def setUp(self):
        super().setUp()
        self.members = sorted_classes(20)
        tars, zips = class_archives(self.members, tar_of), class_archives(self.members, zip_of)
        self.write("set.tar", tar_of(self.members))
        self.write("pax.tar", tar_of(self.members, kind=tarfile.PAX_FORMAT))
        self.write("set.zip", zip_of(self.members))
        self.write("stored.zip", zip_of(self.members, zipfile.ZIP_STORED))
        self.write("tars.tar", tar_of({name + ".tar": data for name, data in tars.items()}))
        self.write_tree("folder", self.members)
        self.write_tree("tars", {name + ".tar": data for name, data in tars.items()})
        self.write_tree("zips", {name + ".zip": data for name, data in zips.items()})
        self.sources = ("set.tar", "pax.tar", "set.zip", "stored.zip", "tars.tar", "folder", "tars", "zips")

    def test_everything_drawn_is_what_an_ordinary_run_gives(self):
        whole = figures(self.profile("set.tar"))
        for name in self.sources:
            with self.subTest(name=name):
                drawn = self.profile(name, "--sample", "1")
                self.assertEqual(figures(drawn), whole)
                self.assertTrue(drawn["complete"])
                estimate = drawn["estimate"]
                self.assertEqual([estimate[key] for key in ("value", "low", "high")], [whole["entropy"]["mean"]] * 3)
                self.assertEqual((estimate["population"], estimate["stopped_by"]), (100, "end"))

    def test_a_seed_names_one_sample_whatever_the_packing_threads_and_batches(self):
        for args in (("--sample", "0.2"), ("--until-ci", "0.9"), ("--until-ci", "0.7", "--sample", "0.9", "--seed", "9")):
            first = self.profile("set.tar", *args)
            for name in self.sources:
                for how in (("--threads", "1", "--batch-bytes", "1K"), ("--threads", "7")):
                    with self.subTest(name=name, args=args, how=how):
                        again = self.profile(name, *args, *how)
                        self.assertEqual(figures(again), figures(first))
                        self.assertEqual(again["estimate"], first["estimate"])
        self.assertNotEqual(self.profile("set.tar", "--sample", "0.2", "--seed", "2")["counts_digest"],
                            self.profile("set.tar", "--sample", "0.2", "--seed", "3")["counts_digest"])

    def test_the_fraction_is_of_members_and_rounded_up(self):
        for fraction, drawn in (("0.2", 20), ("0.001", 1), ("0.205", 21), ("0.999", 100)):
            estimate = self.profile("set.zip", "--sample", fraction)["estimate"]
            self.assertEqual((estimate["drawn"], estimate["members"], estimate["images"]), (drawn, 100, drawn))

    def test_drawing_ends_when_the_interval_is_narrow_or_the_fraction_has_been_drawn(self):
        narrow = self.profile("set.tar", "--until-ci", "0.8")["estimate"]
        self.assertLessEqual(narrow["high"] - narrow["low"], 1.6)
        self.assertEqual(narrow["stopped_by"], "until-ci")
        self.assertLess(narrow["drawn"], 100)
        both = self.profile("set.tar", "--until-ci", "0.8", "--sample", "0.05")["estimate"]
        self.assertEqual((both["stopped_by"], both["drawn"]), ("sample", 5))
        self.assertEqual(self.profile("set.tar", "--until-ci", "0.0001")["estimate"]["stopped_by"], "end")


def half_width(estimate):
    return (estimate["high"] - estimate["low"]) / 2


class Ends(CliTest):
    """When drawing ends, and what is claimed then."""

    def test_a_stop_at_a_failed_image_is_not_the_end_of_all_members(self):
        members = {f"a/{i:03}.png": levels(2 if i % 2 else 64) for i in range(60)}
        members["a/013.png"] = bad_crc_png(1)
        self.write("set.tar", tar_of(members))
        for threads in ("1", "4"):
            for args in (("--sample", "1"), ("--sample", "0.95"), ("--until-ci", "0.01")):
                with self.subTest(threads=threads, args=args):
                    estimate = self.profile("set.tar", "--on-error", "stop", "--threads", threads, *args, code=1)["estimate"]
                    self.assertEqual((estimate["stopped_by"], estimate["population"]), ("early", None))
                    self.assertEqual(estimate["drawn"], estimate["images"])  # up to the last before the one that failed
                    self.assertLess(estimate["drawn"], 60)
                    self.assertGreater(half_width(estimate), 0.01)

    def test_a_limit_ends_it_early(self):
        self.write("set.tar", tar_of(sorted_classes(20)))
        profile = self.profile("set.tar", "--sample", "0.5", "--limit", "10")
        self.assertEqual((profile["estimate"]["drawn"], profile["estimate"]["stopped_by"]), (10, "early"))
        self.assertIn("sample of 10 of 100 members (seed 1), ended early: ", profile["why_incomplete"])
        self.assertIn("sample of 50 of 100 members (seed 1): ", self.profile("set.tar", "--sample", "0.5")["why_incomplete"])

    def test_the_interval_is_as_narrow_as_asked_for_whatever_the_split_is_called(self):
        wide = {f"train2017/{i:012}.jpg": levels(1 if i % 2 else 64) for i in range(200)}
        narrow = {f"val2017/{i:012}.jpg": levels(8) for i in range(400)}
        self.write("coco.tar", tar_of({**wide, **narrow}))
        classes = {f"{name}/{i:03}.png": levels(count) for name, count in (("car", 1), ("dog", 64), ("train", 8))
                   for i in range(600 if name == "train" else 300)}
        self.write("classes.tar", tar_of(classes))
        for name, split, *args in (("coco.tar", "train", "--as", "coco"), ("coco.tar", "val", "--as", "coco", "--split", "val"),
                                   ("coco.tar", "all", "--as", "coco", "--split", "all"), ("classes.tar", "")):
            for bits in ("0.8", "0.3"):
                with self.subTest(name=name, split=split, bits=bits):
                    profile = self.profile(name, "--until-ci", bits, *args)
                    self.assertEqual(profile["dataset"]["split"], split)
                    self.assertLessEqual(half_width(profile["estimate"]), float(bits))

    def test_a_default_split_that_is_not_train_is_to_be_named(self):
        self.write("own.json", json.dumps({
            "schema": 1, "id": "own", "title": "Own", "task": "classification", "metric": "top1", "labels": "one",
            "homepage": "-", "splits": [{"name": "fold1", "source": "own"}], "default_split": "fold1", "loader": "layout",
            "layout": {"images": [{"path": "own_{split}/{class}/{key}.png"}]}}))
        self.write("set.tar", tar_of({f"own_{split}/a/{i:03}.png": levels(count) for split, counts in
                                      (("fold1", (1, 64)), ("fold2", (8,)), ("test", (8,))) for count in counts
                                      for i in range(count, count + 90)}))
        self.refuse(2, "--split train, val, test or all, not with fold1, which counts here", "set.tar", "--manifest", "own.json",
                    "--until-ci", "0.5")
        self.assertEqual(self.profile("set.tar", "--manifest", "own.json", "--sample", "0.9")["dataset"]["split"], "fold1")
        for split in ("all", "test"):
            profile = self.profile("set.tar", "--manifest", "own.json", "--until-ci", "0.5", "--split", split)
            self.assertLessEqual(half_width(profile["estimate"]), 0.5)


class Splits(CliTest):
    """What is not in the sample may be in the set."""

    def setUp(self):
        super().setUp()
        members = {f"{split}/{name}/{i:03}.png": levels(count) for split, n in (("test", 100), ("train", 1))
                   for name, count in (("a", 2), ("b", 16), ("c", 64)) for i in range(n)}
        self.write("set.tar", tar_of(members))

    def test_a_split_of_which_nothing_was_drawn_is_not_said_to_be_missing(self):
        self.refuse(3, r"no image of the split \"train\" is among the 31 of 303 members that were drawn", "set.tar", "--sample",
                    "0.1", "--split", "train")
        self.refuse(2, "there is no split \"val\"; this set has", "set.tar", "--sample", "1", "--split", "val")
        self.refuse(2, "there is no split \"val\"; this set has", "set.tar", "--until-ci", "0.1", "--split", "val")

    def test_a_split_that_was_chosen_by_what_was_drawn_is_warned_of(self):
        profile = self.profile("set.tar", "--sample", "0.1")
        self.assertEqual(profile["dataset"]["split"], "test")
        self.assertRegex(" ".join(profile["warnings"]), "no image of train is among those drawn.*--split")
        for args in (("--split", "test"), ("--split", "all"), ("--sample", "1")):
            self.assertNotIn("among those drawn", " ".join(self.profile("set.tar", "--sample", "0.1", *args)["warnings"]))

    def test_one_class_in_the_sample_is_not_one_class_in_the_set(self):
        profile = self.profile("set.tar", "--sample", "0.001")
        self.assertEqual(len(profile["classes"]), 1)
        self.assertEqual(profile["complexity"], {"kind": "jsd", "value": None})
        self.assertIn("--task", [item["reason"] for item in profile["undefined"] if item["key"] == "complexity.value"][0])
        mean = self.profile("set.tar", "--sample", "0.001", "--task", "segmentation")
        self.assertEqual(mean["complexity"]["kind"], "entropy")


class Coverage(CliTest):
    def misses(self, name, truth, *args):
        """In how many of SEEDS samples the interval misses the mean of all images."""
        missed, widths = 0, []
        for seed in range(SEEDS):
            done = subprocess.run([BINARY, "dataset", "--threads", "1", name, "--json", "-", "--seed", str(seed), *args],
                                  cwd=self.folder, capture_output=True, timeout=HANG_S, check=False)
            self.assertIn(done.returncode, (0, 1), done.stderr)
            estimate = json.loads(done.stdout)["estimate"]
            self.assertLessEqual(estimate["low"], estimate["value"])
            self.assertLessEqual(estimate["value"], estimate["high"])
            missed += not estimate["low"] <= truth <= estimate["high"]
            widths.append(estimate["high"] - estimate["low"])
        self.assertLess(sum(widths) / len(widths), 4)  # an interval of everything would cover, too
        return missed

    def test_classes_that_are_stored_one_after_the_other(self):
        self.write("set.tar", tar_of(sorted_classes(40)))
        truth = self.profile("set.tar")["entropy"]["mean"]
        self.assertLessEqual(self.misses("set.tar", truth, "--until-ci", "0.7"), SEEDS // 20)
        self.assertLessEqual(self.misses("set.tar", truth, "--sample", "0.15"), SEEDS // 20)

    def test_other_members_failed_images_and_another_split_are_no_part_of_it(self):
        members = sorted_classes(12, ("train/", "test/"))
        members = {path: data for path, data in members.items() if not re.match("test/c(01|02)", path)}
        for i in range(60):
            members[f"train/c01/{i}.txt"] = b"note"
            members[f"train/c64/bad{i}.png"] = bad_crc_png(i)
        self.write("set.zip", zip_of(dict(sorted(members.items()))))
        whole = self.profile("set.zip", code=1)
        self.assertEqual((whole["dataset"]["split"], whole["images"]["read"], whole["images"]["failed"]), ("train", 60, 60))
        self.assertLessEqual(self.misses("set.zip", whole["entropy"]["mean"], "--until-ci", "0.9"), SEEDS // 20)


class Outputs(CliTest):
    def setUp(self):
        super().setUp()
        self.write("set.tar", tar_of(sorted_classes(20)))

    def test_the_profile_says_that_it_is_an_estimate(self):
        profile = self.profile("set.tar", "--sample", "0.3", "--seed", "5")
        estimate = profile["estimate"]
        self.assertEqual(estimate["value"], profile["entropy"]["mean"])
        self.assertEqual((estimate["quantity"], estimate["level"], estimate["seed"], estimate["population"]),
                         ("entropy.mean", 0.95, 5, None))
        self.assertRegex(estimate["generator"], "xoshiro256")
        self.assertRegex(estimate["method"], "without replacement")
        self.assertFalse(profile["complete"])
        self.assertRegex(profile["why_incomplete"], r"random sample of 30 of 100 members \(seed 5\)")
        self.assertIsNone(profile["dataset"]["sources"][0]["digest"])
        self.assertEqual(profile["dataset"]["sources"][0]["bytes"], os.path.getsize(self.path("set.tar")))

    def test_how_large_a_directory_is_of_which_not_all_was_read_is_not_said(self):
        self.write_tree("folder", sorted_classes(4))
        for options in (("--sample", "0.3"), ("--until-ci", "3"), ("--sample", "1"), ("--limit", "3")):
            with self.subTest(options=options):
                profile = self.profile("folder", *options)
                source = {"path": "folder", "format": "directory", "bytes": None, "digest": None}
                self.assertEqual(profile["dataset"]["sources"], [source])
                self.write("sampled.json", json.dumps(profile))
                self.assertEqual(self.profile("sampled.json")["dataset"]["sources"], [source])
                self.assertIn("folder (directory)\n", self.expect(0, "folder", *options).text)
                self.expect(0, "folder", *options, "--report", "page.html")
                page = Page(self.read("page.html").decode())
                sources = [t for t in page.all("table") if t.all("caption")[0].text.startswith("Sources of folder")]
                self.assertEqual([cell.text for cell in sources[0].all("td")], ["directory", "", ""])
        self.assertGreater(self.profile("folder")["dataset"]["sources"][0]["bytes"], 0)

    def test_distances_and_a_complexity_of_them_are_not_given(self):
        profile = self.profile("set.tar", "--sample", "0.5")
        self.assertNotIn("distances", profile)
        self.assertEqual(profile["complexity"], {"kind": "jsd", "value": None})
        self.assertEqual({item["key"] for item in profile["undefined"]} & {"distances", "complexity.value"},
                         {"distances", "complexity.value"})
        mean = self.profile("set.tar", "--sample", "0.5", "--task", "segmentation")
        self.assertEqual(mean["complexity"], {"kind": "entropy", "value": mean["entropy"]["mean"],
                                              "low": mean["estimate"]["low"], "high": mean["estimate"]["high"]})

    def test_the_summary_says_it_too_also_of_a_saved_profile(self):
        text = self.expect(0, "set.tar", "--until-ci", "0.8", "--json", "p.json").text
        self.assertRegex(text, r"INCOMPLETE    a random sample of \d+ of 100 members")
        self.assertRegex(text, r"Entropy of a sample of the images")
        self.assertRegex(text, r"estimate: mean \d\.\d{4} \(\d\.\d{4} \.\. \d\.\d{4}, 95 %\)")
        self.assertRegex(text, r"Complexity\n  undefined: not from a sample")
        self.assertLessEqual(max(len(line) for line in text.split("\n")), 80)
        self.assertEqual(self.expect(0, "p.json").text, text)
        self.assertEqual(self.profile("p.json")["estimate"], json.loads(self.read("p.json"))["estimate"])

    def test_the_summary_claims_no_estimate_of_what_was_drawn_whole_and_no_size_that_is_not_known(self):
        self.write_tree("folder", sorted_classes(4))
        text = self.expect(0, "folder", "--sample", "1", "--seed", "7").text
        self.assertRegex(text, r"no estimate: all 20 of 20 members were drawn, seed 7")
        self.assertNotRegex(text, "95 %\\)|only a sample|0 bytes")
        self.assertIn("folder (directory)\n", text)
        self.assertNotIn("0 bytes", self.expect(0, "folder", "--sample", "0.5").text)
        self.assertRegex(self.expect(0, "folder").text, r"folder \(directory, [\d.]+ ")

    def test_tables_are_marked(self):
        self.expect(0, "set.tar", "--sample", "0.2", "--quiet", "--images", "i.csv", "--histogram", "h.csv")
        rows = list(csv.DictReader(io.StringIO(self.read("i.csv").decode())))
        self.assertEqual([row["sampled"] for row in rows], ["yes"] * 20)
        self.assertIn(b"bin,from_bits,to_bits,sampled_images,", self.read("h.csv"))
        self.expect(0, "set.tar", "--quiet", "--images", "i.csv", "--histogram", "h.csv")
        self.assertNotIn(b"sampled", self.read("i.csv") + self.read("h.csv"))

    def test_a_failed_image_is_listed_and_not_estimated_from(self):
        self.write("bad.tar", tar_of({"a/1.png": noise(1), "a/2.png": bad_crc_png(2), "a/3.png": constant()}))
        profile = self.profile("bad.tar", "--sample", "1", code=1)
        self.assertEqual((profile["estimate"]["images"], profile["estimate"]["drawn"]), (2, 3))
        self.assertEqual([item["member"] for item in profile["failures"]], ["a/2.png"])

    def test_a_repeated_path_is_told_and_drawn_once(self):
        self.write("twice.tar", tar_of([("a/1.png", noise(1)), ("a/2.png", noise(2)), ("a/1.png", constant())]))
        profile = self.profile("twice.tar", "--sample", "1")
        self.assertEqual(profile["estimate"]["members"], 2)
        self.assertRegex(profile["warnings"][0], "1 members have the path of one before them")

    def test_score_takes_a_mean_with_a_note_and_no_distances(self):
        self.expect(0, "set.tar", "--sample", "0.3", "--quiet", "--json", "jsd.json")
        self.expect(0, "set.tar", "--sample", "0.3", "--quiet", "--task", "segmentation", "--json", "mean.json")
        self.write("models.csv", "model,dataset,task,metric,accuracy,flops\nm,own,segmentation,miou,0.5,1e9\n")

        def run(*args):
            return subprocess.run([BINARY, *args, "models.csv"], cwd=self.folder, capture_output=True, timeout=HANG_S, check=False)
        told = b"an estimate: the profile is of a random sample"
        for args in (("score", "--format", "csv", "--quiet"), ("score", "--format", "json"), ("score",), ("explain", "m")):
            with self.subTest(args=args):
                self.assertIn(told, run(*args, "--profile", "own=mean.json").stdout)
        listed = json.loads(run("score", "--format", "json", "--profile", "own=mean.json").stdout)["complexities"]
        self.assertEqual([item["estimate"] for item in listed], [item["dataset"] == "own" for item in listed])
        refused = run("score", "--format", "csv", "--profile", "own=jsd.json")
        self.assertEqual((refused.returncode, refused.stdout), (2, b""))
        self.assertIn(b"it is of a random sample", refused.stderr)


    def report(self, *args):
        done = subprocess.run([BINARY, "report", "-o", "r.html", *args], cwd=self.folder, capture_output=True, timeout=HANG_S, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return self.read("r.html").decode()

    def test_a_report_says_it_of_the_set_its_mean_its_complexity_and_its_figures(self):
        self.expect(0, "set.tar", "--quiet", "--json", "whole.json", "--name", "own")
        self.expect(0, "set.tar", "--sample", "1", "--quiet", "--json", "drawn.json", "--name", "drawn")
        self.expect(0, "set.tar", "--sample", "0.3", "--quiet", "--json", "part.json", "--task", "segmentation", "--name", "own")
        estimate = json.loads(self.read("part.json"))["estimate"]
        interval = [f"{estimate[key]:.4f}" for key in ("low", "high")]
        self.write("models.csv", "model,dataset,task,metric,accuracy,flops\nm,own,segmentation,miou,0.5,1e9\n")
        page = self.report("part.json", "--no-figures", "--models", "models.csv")
        self.assertIn("own (sample)</a> is an estimate.</strong> Of a random sample of 30 of 100 members", page)
        self.assertIn(f"<small>{interval[0]} to {interval[1]} (95&nbsp;%)</small>", page)  # the summary's
        self.assertIn('<strong class="bad">A random sample:</strong> 30 of 100 members', page)
        self.assertIn(f"<strong>{interval[0]}</strong> to <strong>{interval[1]}</strong> bits with 95 %", page)
        self.assertIn("bits, the mean entropy, estimated as above", page)
        self.assertIn("an estimate: the profile is of a random sample", page)
        whole = self.report("whole.json", "drawn.json", "--no-figures")
        for word in ("(sample)", "an estimate", "A random sample"):
            self.assertNotIn(word, whole)

    @unittest.skipUnless(shutil.which("gnuplot"), "gnuplot is not installed")
    def test_a_figure_names_the_set_as_a_sample(self):
        self.expect(0, "set.tar", "--sample", "0.3", "--quiet", "--json", "part.json", "--name", "own")
        self.report("part.json", "--plots", "plots")
        for name in ("entropy", "classes-own"):
            self.assertIn("(sample)", next(self.read("plots/" + file).decode() for file in sorted(os.listdir(self.path("plots")))
                                           if file.startswith(name) and file.endswith(".svg")), name)


class Shards(CliTest):
    def test_samples_of_a_shard_are_drawn_whole(self):
        members = {}
        for i in range(30):
            members[f"{i:04}.png"] = levels(2 ** (i % 5))
            members[f"{i:04}.cls"] = str(i % 5).encode()
        self.write("set-train-000.tar", tar_of(members))
        whole = self.profile("set-train-000.tar")
        self.assertEqual(figures(self.profile("set-train-000.tar", "--sample", "1")), figures(whole))
        part = self.profile("set-train-000.tar", "--sample", "0.5")
        self.assertEqual((part["estimate"]["members"], part["estimate"]["images"]), (30, 15))
        self.assertEqual(sum(item["images"] for item in part["classes"]), 15)
        for item in part["classes"]:
            self.assertAlmostEqual(item["mean"], int(item["id"]))

    def test_several_images_a_sample_are_refused(self):
        self.write("s.tar", tar_of({"1.png": noise(1), "1.jpg": noise(2), "1.cls": b"1"}))
        self.refuse(3, "holds several images", "s.tar", "--as", "webdataset", "--sample", "1")


@needs_numpy
@needs_pillow
class Layouts(CliTest):
    """Sets of which some members are labels, label maps, or of other splits."""

    def hold(self, name):
        whole, drawn = self.profile(name), self.profile(name, "--sample", "1")
        for key in ("counts_digest", "entropy", "complexity", "classes"):
            self.assertEqual(drawn.get(key), whole.get(key), f"{name}: {key}")
        self.assertEqual((drawn["dataset"]["split"], drawn["warnings"]), (whole["dataset"]["split"], whole["warnings"]))
        part = self.profile(name, "--sample", "0.6")
        self.assertLess(part["estimate"]["drawn"], part["estimate"]["members"])
        self.assertEqual(part["estimate"]["images"], part["images"]["read"])

    def test_everything_drawn_is_what_an_ordinary_run_gives(self):
        layouts = {name: importlib.import_module(name) for name in ("layouts_one", "layouts_many", "layouts_pixels")}
        for module, make in (("layouts_one", "imagenet_official"), ("layouts_one", "tiny_imagenet"), ("layouts_one", "food101"),
                             ("layouts_many", "voc2012"), ("layouts_many", "coco"), ("layouts_pixels", "cityscapes")):
            with self.subTest(make=make):
                tree = getattr(layouts[module], make)().tree()
                self.hold(self.write_tree(make, tree))
                self.hold(self.write(make + ".tar", tar_of(tree)))


class Refusals(CliTest):
    def setUp(self):
        super().setUp()
        self.write("set.tar", tar_of(sorted_classes(2)))

    def test_what_is_not_a_number_or_out_of_range(self):
        self.refuse(2, "--sample must be above 0", "set.tar", "--sample", "0")
        self.refuse(2, "--until-ci must be above 0", "set.tar", "--until-ci", "0")
        for option, value in (("--sample", "1.1"), ("--sample", "nan"), ("--until-ci", "-1"), ("--seed", "1.5")):
            self.refuse(2, f"{option} .?{value}", "set.tar", option, value)
        self.refuse(2, "--seed goes with --sample or --until-ci", "set.tar", "--seed", "1")

    def test_what_can_only_be_read_in_its_order(self):
        whole = self.read("set.tar")
        self.write("set.tar.gz", gzip.compress(whole))
        self.write("set.tar.xz", tar_of(sorted_classes(2), "w:xz"))
        self.refuse(2, "set.tar.gz: nothing can be drawn from tar.gz", "set.tar.gz", "--sample", "0.5")
        self.refuse(2, "nothing can be drawn from tar.xz", "set.tar.xz", "--until-ci", "0.5")
        self.refuse(2, "nothing can be drawn from a pipe", "-", "--sample", "0.5", stdin=whole)
        self.write("folder/in.tar.gz", gzip.compress(whole))
        self.refuse(2, "in.tar.gz can only be read in its order", "folder", "--sample", "0.5")

    def test_records_several_sources_and_saved_profiles(self):
        self.write("sample.tar", gzip.decompress(self.read(os.environ["NOFADE_SAMPLE_ARCHIVE"])))
        self.refuse(2, "read as cifar, whose images are records", "sample.tar", "--sample", "0.5")
        self.write("two.tar", tar_of({"a/1.png": noise(1)}))
        self.refuse(2, "draws from one source", "set.tar", "two.tar", "--sample", "0.5")
        self.expect(0, "set.tar", "--quiet", "--json", "all.json")
        self.expect(0, "set.tar", "--quiet", "--json", "part.json", "--sample", "0.5")
        self.refuse(2, "--sample needs the images", "all.json", "--sample", "0.5")
        self.refuse(2, "part.json is of a random sample", "part.json", "two.tar")
        self.refuse(2, "part.json is of a random sample", "all.json", "part.json")

    def test_outputs_that_need_every_image(self):
        self.refuse(2, "--matrix needs every image", "set.tar", "--sample", "0.5", "--matrix", "m.csv")
        self.refuse(2, "--quality needs every image", "set.tar", "--until-ci", "0.5", "--quality", "q.csv")
        self.refuse(2, "--until-ci goes with --split", "set.tar", "--until-ci", "0.5", "--split", "extra")
        self.expect(0, "set.tar", "--quiet", "--json", "part.json", "--sample", "0.5")
        self.refuse(2, "only a sample was read", "part.json", "--quiet", "--matrix", "m.csv")

    def test_a_damaged_index(self):
        whole = bytearray(self.read("set.tar"))
        whole[3 * 1024:3 * 1024 + 512] = b"x" * 512
        self.write("damaged.tar", bytes(whole))
        self.refuse(3, "damaged.tar: its index is damaged", "damaged.tar", "--sample", "0.5")
        self.write("cut.tar", self.read("set.tar")[:2600])
        self.refuse(3, "cut.tar: it is cut short", "cut.tar", "--sample", "0.5")

    def test_a_tar_cut_at_the_end_of_a_member_is_warned_of(self):
        whole = tar_of({f"a/{i:02}.png": levels(4) for i in range(40)})
        self.write("whole.tar", whole)
        self.write("cut.tar", whole[:20 * 1024])
        self.write_tree("tars", {"b.tar": whole, "c.tar": whole[:20 * 1024]})
        for name, n in (("whole.tar", 0), ("cut.tar", 1), ("tars", 1)):
            for fraction in ("0.1", "1"):
                with self.subTest(name=name, fraction=fraction):
                    warnings = " ".join(self.profile(name, "--sample", fraction)["warnings"])
                    self.assertEqual(f"{n} tar without an end marker" in warnings, n > 0, warnings)

    def test_a_profile_whose_estimate_makes_no_sense(self):
        self.expect(0, "set.tar", "--quiet", "--json", "part.json", "--sample", "0.5")
        profile = json.loads(self.read("part.json"))
        for key, value in (("low", 9), ("high", 0), ("drawn", 99), ("stopped_by", "boredom"), ("seed", -1), ("images", None)):
            changed = dict(profile, estimate=dict(profile["estimate"], **{key: value}))
            self.write("changed.json", json.dumps(changed))
            with self.subTest(key=key):
                self.refuse(3, "changed.json: not a valid profile: \"estimate\"", "changed.json")


if __name__ == "__main__":
    unittest.main()
