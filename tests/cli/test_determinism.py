"""However a set is packed and counted, the figures are the same."""
import gzip
import os
import re
import unittest

from support import CliTest, bad_crc_png, figures, four_classes, noise, tar_of, warned_png, zip_of


def members_of_the_set():
    members = dict(sorted(four_classes(6, "set/train/").items()))
    members["set/train/many/broken.png"] = bad_crc_png(7)
    members["set/train/few/empty.png"] = b""
    members["set/test/few/1.png"] = members["set/train/few/1.png"]
    members["set/notes.txt"] = b"passed over\n"
    members["set/train/rgb/warned.png"] = warned_png()
    return members


def without_quality(text):
    """Duplicates from one saved profile to another are not looked for; test_quality.py compares the rest."""
    return re.sub(r"\nQuality\n(.+\n)*", "", text)


class Determinism(CliTest):
    def setUp(self):
        super().setUp()
        self.members = members_of_the_set()
        self.write("one.tar", tar_of(self.members))
        self.reference = self.summary_and_figures("one.tar")

    def summary_and_figures(self, *args):
        """The summary without what speaks of sources, its lines in any order, and the figures."""
        result = self.expect(1, *args, "--json", "p.json")
        os.remove(self.path("p.json"))
        profile = self.profile(*args, code=1)
        paths = [source["path"] for source in profile["dataset"]["sources"]]
        lines = [line.removesuffix("  (--split chooses)") for line in without_quality(result.text).split("\n")
                 if not any(f" {path} (" in line for path in paths)]
        return sorted(lines), figures(profile)

    def assert_same(self, *args):
        lines, found = self.summary_and_figures(*args)
        self.assertEqual(found, self.reference[1])
        self.assertEqual(lines, self.reference[0])

    def shards(self):
        names = ["shard0.tar", "shard1.tar", "shard2.tar"]
        for i, name in enumerate(names):
            self.write(name, tar_of(list(self.members.items())[i::3]))
        return names

    def test_the_set_has_what_the_comparison_needs(self):
        _, found = self.reference
        images = found["images"]
        self.assertEqual((images["read"], images["failed"], images["warned"]), (25, 2, 1))
        self.assertEqual([item["id"] for item in found["classes"]], ["few", "flat", "many", "rgb"])
        self.assertGreater(found["complexity"]["value"], 0)

    def test_threads_and_batches_change_nothing(self):
        for threads in ("1", "2", "7"):
            for batch_bytes in ("4K", "64K", "64M"):
                with self.subTest(threads=threads, batch_bytes=batch_bytes):
                    profile = self.profile("one.tar", "--threads", threads, "--batch-bytes", batch_bytes, code=1)
                    self.assertEqual(figures(profile), self.reference[1])

    def test_threads_that_unpack_a_zip_change_nothing(self):
        members = {**self.members, **{f"set/train/more/{i}.png": noise(i, 64) for i in range(40)}}
        whole = bytearray(zip_of(members))
        for at in range(5000, len(whole) // 2, 9000):
            whole[at] ^= 0x20
        self.write("set.zip", bytes(whole))
        reference = figures(self.profile("set.zip", "--threads", "1", code=1))
        self.assertGreater(reference["images"]["failed"], 3)
        for threads in ("2", "3", "7"):
            for batch_bytes in ("4K", "64K", "64M"):
                with self.subTest(threads=threads, batch_bytes=batch_bytes):
                    profile = self.profile("set.zip", "--threads", threads, "--batch-bytes", batch_bytes, code=1)
                    self.assertEqual(figures(profile), reference)

    def test_packing_changes_nothing(self):
        self.write("set.zip", zip_of(self.members))
        self.write("set.tar.gz", gzip.compress(tar_of(self.members)))
        self.write("set.tar.bz2", tar_of(self.members, "w:bz2"))
        self.write("set.tar.xz", tar_of(self.members, "w:xz"))
        self.write("outer.tar", tar_of({"inner.tar": tar_of(self.members)}))
        self.write_tree("folder", self.members)
        for name in ("set.zip", "set.tar.gz", "set.tar.bz2", "set.tar.xz", "folder", "folder/set"):
            with self.subTest(name=name):
                profile = figures(self.profile(name, code=1))
                if name == "folder/set":  # member names are shorter
                    profile["failures"], profile["warned"] = self.reference[1]["failures"], self.reference[1]["warned"]
                self.assertEqual(profile, self.reference[1])
        self.assert_same("set.tar.gz")
        nested = self.profile("outer.tar", code=1)
        self.assertEqual(nested["counts_digest"], self.reference[1]["counts_digest"])

    def test_a_pipe_gives_the_same_as_the_file(self):
        profile = self.profile("-", code=1, stdin=self.read("one.tar"))
        self.assertEqual(figures(profile), self.reference[1])

    def test_three_shards_given_together_are_one_set(self):
        self.assert_same(*self.shards())
        self.assert_same(*reversed(self.shards()), "--threads", "7", "--batch-bytes", "4K")

    def test_three_profiles_merged_are_one_set(self):
        saved = []
        for name in self.shards():
            saved.append(name + ".json")
            self.nofade(name, "--json", saved[-1], "--quiet")
        self.assert_same(*saved)
        self.assert_same(saved[2], saved[0], saved[1])
        self.nofade(*saved, "--json", "merged.json.gz", "--quiet")
        self.assert_same("merged.json.gz")

    def test_archives_and_profiles_mix(self):
        first, second, third = self.shards()
        self.nofade(second, "--json", "second.json", "--quiet")
        self.assert_same(third, "second.json", first)

    def test_the_order_of_members_changes_nothing(self):
        self.write("turned.tar", tar_of(list(reversed(self.members.items()))))
        self.assert_same("turned.tar")

    def test_rows_of_images_come_in_reading_order_whatever_the_threads(self):
        one = self.expect(1, "one.tar", "--images", "-", "--threads", "1").out
        many = self.expect(1, "one.tar", "--images", "-", "--threads", "7", "--batch-bytes", "4K").out
        self.assertEqual(one, many)
        self.assertEqual(one.count(b"\n"), one.count(b"one.tar") + 1)

    def test_a_folder_is_the_same_when_outputs_lie_in_it(self):
        self.write_tree("here", self.members)
        args = [".", "--json", "p.json", "--images", "i.csv", "--quiet"]
        first = self.expect(1, *args, cwd=self.path("here"))
        before = self.read("here/p.json")
        os.remove(self.path("here/p.json"))
        os.remove(self.path("here/i.csv"))
        self.expect(1, *args, cwd=self.path("here"))
        self.assertEqual(self.read("here/p.json"), before)
        self.assertEqual(first.out, b"")


if __name__ == "__main__":
    unittest.main()
