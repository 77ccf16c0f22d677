"""The options of `nofade dataset`, one by one."""
import json
import math
import os
import unittest

from support import CliTest, constant, figures, four_classes, jpeg, needs_pillow, noise, png_of, tar_of


class Choosing(CliTest):
    def setUp(self):
        super().setUp()
        members = {**four_classes(3, "train/"), **four_classes(2, "val/"), **four_classes(1, "test/")}
        self.write("set.tar", tar_of(members))

    def test_train_is_counted_when_nothing_is_said(self):
        profile = self.profile("set.tar")
        self.assertEqual((profile["dataset"]["split"], profile["images"]["read"]), ("train", 12))
        self.assertEqual(profile["dataset"]["other_splits"], {"val": 8, "test": 4})

    def test_another_split_or_all(self):
        val = self.profile("set.tar", "--split", "val")
        self.assertEqual((val["dataset"]["split"], val["images"]["read"]), ("val", 8))
        self.assertEqual(val["dataset"]["other_splits"], {"train": 12, "test": 4})
        every = self.profile("set.tar", "--split", "all")
        self.assertEqual((every["dataset"]["split"], every["images"]["read"]), ("all", 24))
        self.assertEqual(every["dataset"]["other_splits"], {})

    def test_an_unknown_split_lists_those_there_are(self):
        result = self.refuse(2, 'no split "validation"', "set.tar", "--split", "validation", "--json", "p.json")
        for name in ("train", "val", "test"):
            self.assertIn(name, result.talk)
        self.write("flat.tar", tar_of(four_classes(1)))
        self.refuse(2, "no splits", "flat.tar", "--split", "train")

    def test_include_and_exclude(self):
        only = self.profile("set.tar", "--include", "*/many/*")
        self.assertEqual(only["images"]["read"], 3)
        self.assertEqual(only["images"]["passed_over"], {"excluded": 18})
        without = self.profile("set.tar", "--exclude", "*/0.png")
        self.assertEqual(without["images"]["read"], 8)
        both = self.profile("set.tar", "--include", "train/*", "--exclude", "*/few/*")
        self.assertEqual([item["id"] for item in both["classes"]], ["flat", "many", "rgb"])
        self.refuse(3, "excluded 24", "set.tar", "--include", "nothing")

    def test_limit(self):
        profile = self.profile("set.tar", "--limit", "5")
        self.assertEqual((profile["images"]["read"], profile["complete"]), (5, False))
        self.assertRegex(profile["why_incomplete"], "--limit")
        self.assertEqual((profile["dataset"]["sources"][0]["bytes"], profile["dataset"]["sources"][0]["digest"]),
                         (os.path.getsize(self.path("set.tar")), None)) # that of a file is known all the same
        self.assertIn("INCOMPLETE", self.expect(0, "set.tar", "--limit", "5").text)
        self.assertIs(self.profile("set.tar", "--limit", "1000")["complete"], True)

    def test_limit_counts_over_all_sources(self):
        self.write("b.tar", tar_of({f"train/many/x{i}.png": noise(i) for i in range(9)}))
        self.assertEqual(self.profile("set.tar", "b.tar", "--limit", "26", "--split", "all")["images"]["read"], 26)

    def test_name_and_as(self):
        self.assertEqual(self.profile("set.tar", "--name", "my set")["dataset"]["name"], "my set")
        self.assertEqual(self.profile("set.tar", "--as", "imagefolder")["dataset"]["name"], "imagefolder")
        self.assertTrue(self.expect(0, "set.tar", "--name", "my set").text.startswith("my set"))

    def test_options_that_fit_another_format_are_refused(self):
        self.refuse(2, "only CIFAR-100 has coarse labels", "set.tar", "--labels-level", "coarse")
        self.refuse(2, "no subsets", "set.tar", "--subset", "letters")

    def test_options_that_choose_images_are_refused_for_a_profile(self):
        self.nofade("set.tar", "--json", "p.json", "--quiet")
        self.refuse(2, 'holds the split "train", not "val"', "p.json", "--split", "val")
        self.refuse(2, "another --grey", "p.json", "--grey", "luma")
        for option, value in (("--limit", "3"), ("--include", "x"), ("--exclude", "x"),
                              ("--labels", "l.csv"), ("--as", "imagefolder"), ("--images", "i.csv")):
            with self.subTest(option=option):
                self.refuse(2, f"{option} .*profile", "p.json", option, value)
        self.assertEqual(self.profile("p.json", "--split", "train")["images"]["read"], 12)

    def test_name_and_task_of_a_profile_may_change(self):
        self.nofade("set.tar", "--json", "p.json", "--quiet")
        profile = self.profile("p.json", "--name", "other", "--task", "segmentation")
        self.assertEqual((profile["dataset"]["name"], profile["complexity"]["kind"]), ("other", "entropy"))


class Computing(CliTest):
    def setUp(self):
        super().setUp()
        self.write("set.tar", tar_of(four_classes(4)))
        self.plain = self.profile("set.tar")

    def test_task_says_which_complexity(self):
        for task in ("segmentation", "detection"):
            profile = self.profile("set.tar", "--task", task)
            self.assertEqual(profile["complexity"], {"kind": "entropy", "value": profile["entropy"]["mean"]})
            self.assertEqual(profile["dataset"]["task"], task)
        self.assertEqual(self.profile("set.tar", "--task", "classification")["complexity"], self.plain["complexity"])

    def test_bases_of_logarithms(self):
        sum_e = self.plain["distances"]["sum"]
        two = self.profile("set.tar", "--jsd-base", "2")
        self.assertAlmostEqual(two["distances"]["sum"], sum_e / math.sqrt(math.log(2)), places=12)
        self.assertAlmostEqual(self.profile("set.tar", "--sum-log", "10")["complexity"]["value"], math.log10(sum_e), places=14)
        self.assertAlmostEqual(self.profile("set.tar", "--sum-log", "2")["complexity"]["value"], math.log2(sum_e), places=14)
        self.assertTrue(two["definition"].endswith("jsd=2;sum=e"))

    def test_class_distributions(self):
        for kind in ("intensity", "pooled"):
            profile = self.profile("set.tar", "--class-distribution", kind)
            self.assertEqual(profile["definition"], f"nofade-1:grey=bt601;class={kind};jsd=e;sum=e")
            self.assertIsNone(profile["distances"]["null"])
            self.assertEqual([item["key"] for item in profile["undefined"]], ["distances.null"])
            self.assertRegex(profile["undefined"][0]["reason"], "class-distribution entropy")
            self.assertEqual(profile["counts_digest"], self.plain["counts_digest"])

    def test_null(self):
        off = self.profile("set.tar", "--null", "0")
        self.assertIsNone(off["distances"]["null"])
        self.assertEqual([item["key"] for item in off["undefined"]], ["distances.null"])
        five = self.profile("set.tar", "--null", "5")
        self.assertEqual(five["distances"]["null"]["permutations"], 5)
        self.assertEqual(self.profile("set.tar", "--null", "5", "--threads", "1"), five)
        self.assertNotEqual(five["distances"]["null"]["mean"], self.plain["distances"]["null"]["mean"])

    @needs_pillow
    def test_grey_luma_reads_the_y_plane(self):
        self.write("photos.tar", tar_of({f"a/{i}.jpg": jpeg(i, quality=80) for i in range(4)}))
        bt601, luma = self.profile("photos.tar"), self.profile("photos.tar", "--grey", "luma")
        self.assertTrue(luma["definition"].startswith("nofade-1:grey=luma;"))
        self.assertNotEqual(luma["entropy"]["mean"], bt601["entropy"]["mean"])
        self.assertAlmostEqual(luma["entropy"]["mean"], bt601["entropy"]["mean"], delta=0.3)
        self.assertIn("luma:", self.expect(0, "photos.tar", "--grey", "luma").text)
        self.assertEqual(self.profile("set.tar", "--grey", "luma")["entropy"], self.plain["entropy"])

    def test_entropy_unit_changes_only_what_people_see(self):
        told = self.expect(0, "set.tar", "--entropy-unit", "nat", "--json", "p.json").text
        self.assertEqual(json.loads(self.read("p.json")), self.plain)
        self.assertIn("(nats)", told)
        self.assertIn(f"mean {self.plain['entropy']['mean'] * math.log(2):.4f}", told)

    def test_device(self):
        self.assertEqual(self.profile("set.tar", "--device", "cpu"), self.plain)


class Edges(CliTest):
    def undefined(self, profile):
        return {item["key"] for item in profile["undefined"]}

    def test_one_image(self):
        self.write("set.tar", tar_of({"a/1.png": noise(1)}))
        profile = self.profile("set.tar")
        self.assertIsNone(profile["entropy"]["sd"])
        self.assertIsNone(profile["classes"][0]["sd"])
        self.assertIn("entropy.sd", self.undefined(profile))
        self.assertEqual(profile["entropy"]["min"], profile["entropy"]["max"])
        self.assertNotIn("nan", self.expect(0, "set.tar").text)

    def test_one_class(self):
        self.write("set.tar", tar_of({f"a/{i}.png": noise(i) for i in range(5)}))
        profile = self.profile("set.tar")
        self.assertNotIn("distances", profile)
        self.assertEqual(profile["complexity"]["kind"], "entropy")
        forced = self.profile("set.tar", "--task", "classification")
        self.assertEqual(forced["complexity"], {"kind": "jsd", "value": None})
        self.assertIn("complexity.value", self.undefined(forced))
        self.assertIn("undefined", self.expect(0, "set.tar", "--task", "classification").text)

    def test_all_images_constant(self):
        self.write("set.tar", tar_of({f"{name}/{i}.png": constant(i * 9) for i in range(4) for name in "ab"}))
        profile = self.profile("set.tar")
        self.assertEqual((profile["entropy"]["mean"], profile["entropy"]["sd"], profile["entropy"]["max"]), (0, 0, 0))
        self.assertEqual(profile["entropy"]["quantiles"]["0.5"], 0)
        self.assertEqual((profile["distances"]["sum"], profile["complexity"]["value"]), (0, None))
        self.assertLessEqual({"entropy.skewness", "entropy.excess_kurtosis", "complexity.value", "distances.null.z"},
                             self.undefined(profile))
        self.assertNotRegex(self.expect(0, "set.tar").text, r"nan|inf\b")

    def test_disjoint_classes_are_at_the_greatest_distance(self):
        self.write("set.tar", tar_of({**{f"flat/{i}.png": constant(i) for i in range(3)},
                                      **{f"noisy/{i}.png": noise(i, 64) for i in range(3)}}))
        profile = self.profile("set.tar")
        self.assertAlmostEqual(profile["distances"]["sum"], math.sqrt(math.log(2)), places=15)
        self.assertLess(profile["complexity"]["value"], 0)
        self.assertIn("not positive", self.expect(0, "set.tar").text)

    def test_known_entropies(self):
        ramp = bytes(range(256))
        self.write("set.tar", tar_of({"a/ramp.png": png_of([ramp] * 3, 256), "a/half.png": png_of([b"\0\xff" * 4] * 5, 8)}))
        profile = self.profile("set.tar")
        self.assertEqual((profile["entropy"]["max"], profile["entropy"]["min"]), (8, 1))
        self.assertEqual(profile["entropy"]["histogram"][511], 1)

    def test_a_thousand_classes(self):
        self.write("set.tar", tar_of({f"{i:04}/x.png": noise(i % 7, 4, 2 + i % 9) for i in range(1000)}))
        profile = self.profile("set.tar", "--null", "1")
        self.assertEqual((len(profile["classes"]), profile["distances"]["pairs"]), (1000, 499500))
        told = self.expect(0, "set.tar", "--null", "0").text
        self.assertIn("990 more", told)

    def test_thread_counts_beyond_the_machine(self):
        self.write("set.tar", tar_of(four_classes(3)))
        self.assertEqual(figures(self.profile("set.tar", "--threads", "64")), figures(self.profile("set.tar")))

    def test_the_environment_does_not_matter_to_figures(self):
        self.write("set.tar", tar_of(four_classes(3)))
        plain = self.profile("set.tar")
        for changes in ({"LC_ALL": "de_DE.UTF-8"}, {"LC_ALL": "tr_TR.UTF-8"}, {"LC_ALL": None}, {"TMPDIR": os.devnull},
                        {"OMP_NUM_THREADS": "1"}, {"OMP_DYNAMIC": "true"}, {"MAGIC": "x"}):
            self.assertEqual(self.profile("set.tar", env=changes), plain)


if __name__ == "__main__":
    unittest.main()
