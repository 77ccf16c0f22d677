"""Saved profiles as sources: what does not belong together, and files that only look like one."""
import gzip
import json
import os
import shutil
import unittest

from support import CliTest, figures, four_classes, noise, tar_of


class Together(CliTest):
    def setUp(self):
        super().setUp()
        items = list(four_classes(4).items())
        self.write("a.tar", tar_of(items[:8]))
        self.write("b.tar", tar_of(items[8:]))
        for name in "ab":
            self.nofade(f"{name}.tar", "--json", f"{name}.json", "--quiet")

    def test_the_same_path_twice(self):
        self.refuse(2, "a.tar and a.tar are the same file", "a.tar", "a.tar")
        self.refuse(2, "same file", "a.tar", "./a.tar")
        self.refuse(2, "standard input is given more than once", "-", "-")
        self.refuse(2, "a.json and a.json are the same file", "a.json", "b.json", "a.json")

    def test_a_copy_under_another_name(self):
        shutil.copy(self.path("a.tar"), self.path("copy.tar"))
        shutil.copy(self.path("a.json"), self.path("copy.json"))
        self.refuse(2, "a.tar and copy.tar have the same content", "a.tar", "copy.tar", "--json", "p.json")
        self.refuse(2, "copy.json .*counted twice", "a.json", "copy.json")
        self.refuse(2, "counted twice", "a.tar", "a.json")

    def test_a_link_to_it(self):
        os.symlink("a.tar", self.path("link.tar"))
        self.refuse(2, "same file", "a.tar", "link.tar")

    def test_the_same_shard_in_two_merges(self):
        self.nofade("a.json", "b.json", "--json", "ab.json", "--quiet")
        self.refuse(2, "a.tar and a.tar have the same content", "ab.json", "a.json")

    def test_different_greys(self):
        self.nofade("b.tar", "--grey", "luma", "--json", "luma.json", "--quiet")
        self.refuse(2, "different definitions", "a.json", "luma.json")

    def test_a_saved_definition_that_is_not_the_one_asked_for_is_told(self):
        for name in ("a", "b"):
            self.nofade(f"{name}.tar", "--class-distribution", "pooled", "--json", f"{name}-pooled.json", "--quiet")
        told = "saved under " + self.profile("a-pooled.json", "--class-distribution", "pooled")["definition"]
        self.assertIn(told, self.expect(0, "a-pooled.json").words)
        self.assertNotIn("saved under", self.expect(0, "a-pooled.json", "--class-distribution", "pooled").words)
        self.assertNotIn("saved under", self.expect(0, "a-pooled.json", "b-pooled.json").words) # of no file that there is
        self.assertNotIn("saved under", self.expect(0, "a-pooled.json", "--task", "segmentation").words) # the mean is the same

    def test_of_a_set_without_distances_no_saved_ones_are_told(self):
        self.write("one.tar", tar_of({f"a/{i}.png": noise(i) for i in range(4)}))
        for args in (("a.tar", "--sample", "0.5"), ("one.tar", "--task", "classification")):
            self.nofade(*args, "--bins", "16", "--name", "own", "--json", "none.json", "--quiet")
            with self.subTest(args=args):
                self.assertEqual(json.loads(self.read("none.json"))["complexity"]["kind"], "jsd")
                self.assertNotIn("saved under", self.expect(0, "none.json").words)

    def test_different_datasets(self):
        self.nofade("b.tar", "--name", "other", "--json", "other.json", "--quiet")
        self.refuse(2, "different datasets", "a.json", "other.json")

    def test_different_splits(self):
        self.write("t.tar", tar_of(four_classes(1, "test/")))
        self.nofade("t.tar", "--json", "t.json", "--quiet")
        self.refuse(2, "different splits", "a.json", "t.json")

    def test_an_incomplete_one_makes_the_whole_incomplete(self):
        self.nofade("b.tar", "--limit", "3", "--json", "part.json", "--quiet")
        profile = self.profile("a.json", "part.json")
        self.assertEqual((profile["complete"], profile["images"]["read"]), (False, 11))


class NoProfiles(CliTest):
    def setUp(self):
        super().setUp()
        self.write("set.tar", tar_of(four_classes(2)))
        self.nofade("set.tar", "--json", "p.json", "--quiet")
        self.saved = json.loads(self.read("p.json"))

    def refuse_data(self, data, pattern):
        self.write("x.json", data)
        self.refuse(3, "x.json.*" + pattern, "x.json", "--json", "out.json")

    def test_cut_short(self):
        whole = self.read("p.json")
        for n in (1, 20, len(whole) // 2, len(whole) - 3):
            self.refuse_data(whole[:n], "not a profile")
        packed = gzip.compress(whole)
        self.refuse_data(packed[:len(packed) // 2], "not a profile")

    def test_other_json(self):
        for data in ("{}", '{"images": 3}', '{"nofade": 1}', '{"nofade": "1", "schema": "1"}', ' \n{"a": [1, 2]}'):
            self.refuse_data(data, "no profile that nofade saved")

    def test_broken_json(self):
        for data in ('{"a": nope}', "{'a': 1}", '{"a": 1e999999}', '{"a": 99999999999999999999999}', '{"a": "\\ud800"}',
                     '{"a": "\x01"}', b'{"a": "\xff"}', '{"a": 1, "a": 2}', '{"a": 1} trailing', "{" * 100000,
                     '{"a":' * 100000, '{"a":' + "[" * 100000):
            self.refuse_data(data, "not a profile")

    def test_a_later_schema(self):
        self.refuse_data(json.dumps({**self.saved, "schema": 2}), "schema 2; this nofade reads schema 1")

    def changed(self, *keys, value):
        copy = json.loads(self.read("p.json"))
        inner = copy
        for key in keys[:-1]:
            inner = inner[key]
        inner[keys[-1]] = value
        return json.dumps(copy)

    def test_a_changed_number_does_not_match_the_digest(self):
        self.refuse_data(self.changed("images", "pixels", value=self.saved["images"]["pixels"] + 1), "counts_digest")
        sums = self.saved["entropy"]["sums"]
        self.refuse_data(self.changed("entropy", "sums", 2, value=str(int(sums[2]) + 1)), "counts_digest")
        self.refuse_data(self.changed("classes", 0, "pooled", 7, value=10**6), "counts_digest")
        self.refuse_data(self.changed("classes", 0, "id", value="other"), "counts_digest")
        self.refuse_data(self.changed("counts_digest", value="0" * 32), "counts_digest")

    def test_values_that_make_no_sense_are_named(self):
        for keys, value in ((["images", "read"], -1), (["images", "read"], 2**63 - 1), (["images", "failed"], "many"),
                            (["images", "passed_over"], {"x" * 300: 1}), (["entropy", "histogram"], [1]),
                            (["entropy", "histogram"], [2**62] * 512), (["entropy", "min"], -1), (["entropy", "max"], 9),
                            (["entropy", "min"], None), (["entropy", "sums"], ["1", "2", "3"]), (["entropy", "sums", 0], "-5"),
                            (["entropy", "sums", 3], "9" * 300), (["entropy", "sums", 1], 5), (["classes", 0, "images"], 0),
                            (["classes", 0, "intensity"], [0.5] * 256), (["classes", 0, "intensity_scale"], 1),
                            (["classes", 0, "pooled"], [-1] * 256), (["classes", 0, "entropy_histogram"], {}),
                            (["parameters", "grey"], "green"), (["complete"], "yes"), (["dataset"], []),
                            (["dataset", "other_splits"], {"a": -1}), (["dataset", "sources"], [{"path": 1}]),
                            (["failures"], [{"member": "x"}]), (["classes"], self.saved["classes"] * 2)):
            with self.subTest(keys=keys, value=str(value)[:40]):
                self.refuse_data(self.changed(*keys, value=value), "not a valid profile|no profile")

    def test_keys_that_are_missing(self):
        for key in ("nofade", "schema", "parameters", "complete", "counts_digest", "dataset", "images", "entropy"):
            copy = dict(self.saved)
            del copy[key]
            with self.subTest(key=key):
                self.refuse_data(json.dumps(copy), "not a valid profile|no profile")

    def test_keys_that_nobody_knows_do_not_matter(self):
        self.write("more.json", json.dumps({**self.saved, "more": {"deep": [1, 2.5, None]}}))
        self.assertEqual(self.profile("more.json")["counts_digest"], self.saved["counts_digest"])

    def test_figures_are_computed_and_not_believed(self):
        copy = json.loads(self.read("p.json"))
        copy["distances"]["sum"] = copy["complexity"]["value"] = copy["entropy"]["mean"] = 99
        self.write("lies.json", json.dumps(copy))
        self.assertEqual(figures(self.profile("lies.json")), figures(self.saved))

    def test_very_many_other_splits_are_read_in_time(self):
        self.write("many.json", self.changed("dataset", "other_splits", value={f"s{i}": 1 for i in range(300000)}))
        self.nofade("many.json", "--json", "again.json")
        self.assertEqual(len(json.loads(self.read("again.json"))["dataset"]["other_splits"]), 300000)

    def test_a_gigabyte_of_spaces_is_no_profile(self):
        spaces = gzip.compress(b"{" + b" " * (64 << 20))
        self.refuse_data(spaces, "not a profile")

    def test_a_folder_of_images_with_a_json_beside_them_is_a_folder(self):
        self.write("folder/a/1.png", noise(1))
        self.write("folder/labels.json", "{}")
        self.assertEqual(self.profile("folder")["images"]["passed_over"], {"json": 1})


if __name__ == "__main__":
    unittest.main()
