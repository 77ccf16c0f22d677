"""Classes: from directories, and from a table of one's own."""
import os
import unittest

from support import CliTest, noise, tar_of, zip_of


def images(*paths):
    return {path: noise(i) for i, path in enumerate(paths)}


class Layouts(CliTest):
    def found(self, *paths, split=None, name="set.tar"):
        """(split, classes, other splits)"""
        self.write(name, tar_of(images(*paths)))
        profile = self.profile(name, *(["--split", split] if split else []))
        return (profile["dataset"]["split"], [item["id"] for item in profile.get("classes", [])],
                profile["dataset"]["other_splits"])

    def test_directories_are_classes(self):
        self.assertEqual(self.found("cat/1.png", "dog/1.png"), ("", ["cat", "dog"], {}))

    def test_a_root_that_all_share_is_dropped(self):
        self.assertEqual(self.found("photos/cat/1.png", "photos/dog/1.png"), ("", ["cat", "dog"], {}))
        self.assertEqual(self.found("a/b/cat/1.png", "a/b/dog/1.png"), ("", ["cat", "dog"], {}))
        self.assertEqual(self.found("./photos/cat/1.png", "/photos/dog/1.png"), ("", ["cat", "dog"], {}))

    def test_train_val_and_test_are_splits(self):
        paths = ("s/train/cat/1.png", "s/train/dog/1.png", "s/val/cat/1.png", "s/test/dog/1.png", "s/test/cat/1.png")
        self.assertEqual(self.found(*paths), ("train", ["cat", "dog"], {"val": 1, "test": 2}))
        self.assertEqual(self.found(*paths, split="test")[1], ["cat", "dog"])

    def test_other_names_of_splits(self):
        self.assertEqual(self.found("Training/cat/1.png", "Validation/cat/2.png", "TESTING/dog/3.png"),
                         ("train", ["cat"], {"val": 1, "test": 1}))

    def test_images_between_split_and_class_is_dropped(self):
        self.assertEqual(self.found("train/images/cat/1.png", "train/images/dog/1.png", "val/images/cat/1.png"),
                         ("train", ["cat", "dog"], {"val": 1}))

    def test_images_beside_other_directories_is_a_class(self):
        self.assertEqual(self.found("images/1.png", "masks/1.png")[1], ["images", "masks"])

    def test_only_train_is_the_split_of_everything(self):
        self.assertEqual(self.found("train/cat/1.png", "train/dog/1.png"), ("train", ["cat", "dog"], {}))

    def test_test_among_other_classes_is_a_class(self):
        self.assertEqual(self.found("rest/1.png", "test/1.png", "best/1.png"), ("", ["best", "rest", "test"], {}))

    def test_a_flat_folder_has_no_classes(self):
        self.assertEqual(self.found("1.png", "2.png"), ("", [], {}))
        self.write("set.tar", tar_of(images("1.png", "2.png")))
        self.assertEqual(self.profile("set.tar")["complexity"]["kind"], "entropy")

    def test_images_beside_class_directories_have_no_label(self):
        self.write("set.tar", tar_of(images("cat/1.png", "dog/1.png", "cover.png")))
        profile = self.profile("set.tar")
        self.assertEqual(([item["images"] for item in profile["classes"]], profile["entropy"]["histogram"].count(0)),
                         ([1, 1], 512 - len({i for i, n in enumerate(profile["entropy"]["histogram"]) if n})))
        self.assertEqual(profile["images"]["read"], 3)
        self.assertRegex(" ".join(profile["warnings"]), "1 image.* no label")

    def test_what_lies_deeper_belongs_to_the_class(self):
        self.assertEqual(self.found("cat/young/1.png", "cat/old/2.png", "dog/1.png")[1], ["cat", "dog"])

    def test_classes_are_sorted_numbers_by_value_first(self):
        self.assertEqual(self.found("10/1.png", "9/1.png", "b/1.png", "a/1.png", "2/1.png")[1], ["2", "9", "10", "a", "b"])

    def test_archives_in_an_archive_name_classes(self):
        self.write("outer.tar", tar_of({"n01.tar": tar_of(images("1.png", "2.png")), "n02.zip": zip_of(images("1.png"))}))
        profile = self.profile("outer.tar")
        self.assertEqual([(item["id"], item["images"]) for item in profile["classes"]], [("n01", 2), ("n02", 1)])

    def test_the_same_in_a_directory_and_a_zip(self):
        members = images("s/train/cat/1.png", "s/train/dog/1.png", "s/val/cat/1.png")
        self.write("set.zip", zip_of(members))
        self.write_tree("folder", members)
        self.write("set.tar", tar_of(members))
        digests = {self.profile(name)["counts_digest"] for name in ("set.zip", "folder", "folder/s", "set.tar")}
        self.assertEqual(len(digests), 1)


class OwnLabels(CliTest):
    def setUp(self):
        super().setUp()
        self.write("set.tar", tar_of(images("x/1.png", "x/2.png", "y/3.png", "y/4 a,b.png")))

    def labelled(self, table, *args, code=0):
        self.write("labels.csv", table)
        profile = self.profile("set.tar", "--labels", "labels.csv", *args, code=code)
        return profile, {item["id"]: item["images"] for item in profile.get("classes", [])}

    def refuse_table(self, table, pattern):
        self.write("labels.csv", table)
        self.refuse(2, pattern, "set.tar", "--labels", "labels.csv", "--json", "p.json")

    def test_they_replace_the_directories(self):
        profile, classes = self.labelled('x/1.png,red\nx/2.png,blue\ny/3.png,red\n"y/4 a,b.png",blue\n')
        self.assertEqual((classes, profile["warnings"]), ({"red": 2, "blue": 2}, []))

    def test_a_header_a_mark_and_windows_line_ends(self):
        profile, classes = self.labelled(b"\xef\xbb\xbfmember,class\r\nx/1.png,red\r\nx/2.png,blue\r\n")
        self.assertEqual(classes, {"red": 1, "blue": 1})
        self.assertRegex(" ".join(profile["warnings"]), "2 images have no label")

    def test_splits(self):
        table = "member,class,split\nx/1.png,red,train\nx/2.png,blue,train\ny/3.png,red,test\n"
        profile, classes = self.labelled(table)
        self.assertEqual((classes, profile["dataset"]["split"]), ({"red": 1, "blue": 1}, "train"))
        self.assertEqual(profile["dataset"]["other_splits"], {"test": 1, "(none)": 1})
        self.assertEqual(self.labelled(table, "--split", "test")[1], {"red": 1})

    def test_an_empty_class_is_no_label(self):
        profile, classes = self.labelled("x/1.png,red\nx/2.png,\ny/3.png,blue\n\"y/4 a,b.png\",blue\n")
        self.assertEqual(classes, {"red": 1, "blue": 2})
        self.assertRegex(" ".join(profile["warnings"]), "1 image.* no label")

    def test_rows_without_a_member_are_told(self):
        profile, _ = self.labelled("x/1.png,red\nx/9.png,red\nz/8.png,blue\n")
        self.assertRegex(" ".join(profile["warnings"]), r"2 rows of labels.csv")

    def test_line_breaks_in_quotes_and_doubled_quotes(self):
        _, classes = self.labelled('x/1.png,"two\nlines"\nx/2.png,"a ""b"""\n')
        self.assertEqual(classes, {"two\nlines": 1, 'a "b"': 1})

    def test_no_line_break_at_the_end(self):
        self.assertEqual(self.labelled("x/1.png,red")[1], {"red": 1})

    def test_a_table_that_is_none_is_refused_with_its_place(self):
        self.refuse_table("x/1.png,red\nx/2.png\n", r"labels.csv:2:1: .*member,class")
        self.refuse_table("x/1.png,red,train,more\n", r"labels.csv:1:1: ")
        self.refuse_table('x/1.png,"red\n', r"labels.csv:1:9: .*quoted field")
        self.refuse_table('x/1.png,"red"x\n', r"labels.csv:1:15: text after a closing quote")
        self.refuse_table("x/1.png,red\n,blue\n", r"labels.csv:2:1: the member is empty")
        self.refuse_table("x/1.png;red\n", r"labels.csv:1:1: ")

    def test_a_member_with_two_rows_is_refused(self):
        self.refuse_table("x/1.png,red\nx/2.png,red\nx/1.png,blue\n", r"labels.csv:3:1: .*x/1.png.* line 1")

    def test_an_endless_row_is_refused(self):
        self.refuse_table('x/1.png,"' + "a" * (2 << 20), r"labels.csv:1:\d+: the row is too long")

    def test_a_missing_table_is_an_input_that_cannot_be_opened(self):
        self.refuse(3, "cannot open nolabels.csv", "set.tar", "--labels", "nolabels.csv", "--json", "p.json")
        os.mkdir(self.path("folder"))
        self.refuse(3, "folder", "set.tar", "--labels", "folder")

    def test_an_empty_table_leaves_all_without_a_label(self):
        profile, classes = self.labelled("")
        self.assertEqual((classes, profile["images"]["read"]), ({}, 4))

    def test_hundred_thousand_rows_are_quick(self):
        rows = "".join(f"nowhere/{i}.png,red\n" for i in range(100000))
        self.assertEqual(self.labelled(rows + "x/1.png,red\n")[1], {"red": 1})


if __name__ == "__main__":
    unittest.main()
