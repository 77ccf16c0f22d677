"""Every dataset in its published form, drawn small: what nofade finds in it, and that its figures are numpy's."""
import contextlib
import json
import os
import subprocess
import unittest

import layouts_many as many
import layouts_one as one
import layouts_pixels as pixels
from support import CliTest, figures, needs_numpy, needs_pillow, tar_of

TOLERANCE = 1e-9


class LayoutTest(CliTest):
    def lay_out(self, layout):
        """The archives in the folder archives, unpacked in unpacked; the paths of the archives."""
        self.write_tree("archives", layout.archives())
        self.write_tree("unpacked", layout.tree())
        return [os.path.join("archives", name) for name in layout.members]

    @contextlib.contextmanager
    def pipes(self, paths):
        """FIFOs through which the files come, as `<(cat FILE)` gives them in a shell."""
        names, writers = [f"pipe-{i}" for i in range(len(paths))], []
        for name, path in zip(names, paths):
            os.mkfifo(self.path(name))
            writers.append(subprocess.Popen(["sh", "-c", 'cat "$0" > "$1"', path, name], cwd=self.folder))
        try:
            yield names
        finally:
            for writer, name in zip(writers, names):
                writer.kill()
                writer.wait()
                os.unlink(self.path(name))

    def hold(self, layout, profile, split, passed_over=None):
        """split: those that must have been counted, joined by '+', or "all"."""
        dataset, wanted = profile["dataset"], layout.entropies(split)
        self.assertEqual((dataset["name"], dataset["title"], dataset["task"]), (layout.dataset, layout.title, layout.task))
        self.assertEqual(profile["complexity"]["kind"], "jsd" if layout.task == "classification" else "entropy")
        others = {} if split == "all" else layout.counts()
        self.assertEqual(dataset["other_splits"], {name: n for name, n in others.items() if name not in split.split("+")})
        self.assertEqual((profile["images"]["read"], profile["images"]["failed"]), (len(wanted), 0))
        self.assertTrue(profile["complete"])
        self.assertEqual(profile["images"]["passed_over"], layout.passed_over if passed_over is None else passed_over)
        for key, value in (("mean", sum(wanted) / len(wanted)), ("min", min(wanted)), ("max", max(wanted))):
            self.assertAlmostEqual(profile["entropy"][key], value, delta=TOLERANCE)
        self.hold_classes(layout, profile, split)

    def hold_classes(self, layout, profile, split):
        wanted, found, labels = layout.figures(split), profile.get("classes", []), profile["dataset"]["labels"]
        self.assertEqual({item["id"]: item["images"] for item in found}, {key: len(of) for key, of in wanted.items()})
        self.assertTrue(not found or labels == layout.labels, labels)
        for item in found:
            of = wanted[item["id"]]
            self.assertEqual(item["name"] or "", layout.names[item["id"]])
            self.assertEqual(item["unit"], "pixel" if layout.labels == "pixels" else "image")
            self.assertAlmostEqual(item["mean"], sum(of) / len(of), delta=TOLERANCE, msg=item["id"])


class Published:
    """Of a layout (make), its option --split and what that means (splits), and its own other forms."""
    splits = {"train": "train", "all": "all"}
    default = "train"
    unpacked_passed_over = None

    def test_all_archives_given_together(self):
        layout = self.make()
        paths = self.lay_out(layout)
        profile = self.profile(*paths)
        self.hold(layout, profile, self.splits.get(self.default, self.default))
        self.assertEqual(profile["dataset"]["split"], self.default)
        for option, split in self.splits.items():
            with self.subTest(split=option):
                self.hold(layout, self.profile(*paths, "--split", option), split)

    def test_the_order_of_the_archives_changes_nothing(self):
        layout = self.make()
        paths = self.lay_out(layout)
        digests = {self.profile(*order, "--split", "all")["counts_digest"] for order in (paths, paths[::-1])}
        self.assertEqual(len(digests), 1)

    def test_the_folder_of_the_archives(self):
        layout = self.make()
        self.lay_out(layout)
        for option, split in self.splits.items():
            with self.subTest(split=option):
                self.hold(layout, self.profile("archives", "--split", option), split)

    def test_unpacked(self):
        layout = self.make()
        paths = self.lay_out(layout)
        for option, split in self.splits.items():
            with self.subTest(split=option):
                profile = self.profile("unpacked", "--split", option)
                self.hold(layout, profile, split, profile["images"]["passed_over"] if self.unpacked_passed_over is None
                          else self.unpacked_passed_over)
                self.assertEqual(profile["counts_digest"], self.profile(*paths, "--split", option)["counts_digest"])

    def test_threads_and_batches_change_nothing(self):
        paths = self.lay_out(self.make())
        one_way, other = (self.profile(*paths, "--split", "all", "--threads", threads, "--batch-bytes", size)
                          for threads, size in (("1", "64M"), ("7", "4K")))
        self.assertEqual(figures(one_way), figures(other))
        self.assertEqual(one_way["warnings"], other["warnings"])

    def test_a_directory_is_the_same_by_its_name_and_from_within(self):
        self.lay_out(self.make())
        for name in sorted(os.listdir(self.path("unpacked"))):
            folder = self.path(os.path.join("unpacked", name))
            if os.path.isdir(folder):
                by_name, within = self.nofade(folder, "--json", "-"), self.nofade(".", "--json", "-", cwd=folder)
                self.assertEqual(by_name.code, within.code)
                if by_name.code == 0:
                    a, b = json.loads(by_name.out), json.loads(within.out)
                    self.assertEqual((a["counts_digest"], a["dataset"]["name"], a["dataset"]["split"]),
                                     (b["counts_digest"], b["dataset"]["name"], b["dataset"]["split"]))

    def test_a_split_that_is_not_there_is_refused_with_those_that_are(self):
        layout = self.make()
        paths = self.lay_out(layout)
        result = self.refuse(2, "nosuch", *paths, "--split", "nosuch")
        for split in set(layout.counts()) - {"", "(none)"}:
            self.assertIn(split, result.talk)


class OnAPipe:
    """Of sets that are one tar: the members in both orders, so that labels come after pixels in one of them."""

    def test_on_a_pipe_in_both_orders(self):
        layout = self.make()
        name, = layout.members
        plain = self.profile(*self.lay_out(layout))["counts_digest"]
        for members in (layout.members[name], layout.members[name][::-1]):
            profile = self.profile("-", stdin=tar_of(members, "w:gz" if name.endswith("gz") else "w"))
            self.hold(layout, profile, self.splits.get(self.default, self.default))
            self.assertEqual(profile["counts_digest"], plain)

    def test_through_a_named_pipe(self):
        layout = self.make()
        paths = self.lay_out(layout)
        with self.pipes(paths) as names:
            self.assertEqual(self.profile(*names)["counts_digest"], self.profile(*paths)["counts_digest"])


@needs_pillow
@needs_numpy
class ImageNet(Published, LayoutTest):
    splits = {"train": "train", "val": "val", "all": "all"}
    unpacked_passed_over = {}
    make = staticmethod(one.imagenet_official)

    def test_the_training_archive_alone(self):
        layout = self.make()
        self.lay_out(layout)
        profile = self.profile("archives/ILSVRC2012_img_train.tar")
        self.hold_classes(layout, profile, "train")
        self.assertEqual(profile["counts_digest"], self.profile("archives")["counts_digest"])

    def test_validation_images_without_the_devkit_have_no_label_and_the_sentence_says_where_it_is(self):
        layout = self.make()
        self.lay_out(layout)
        profile = self.profile("archives/ILSVRC2012_img_val.tar", "--split", "val")
        self.assertEqual((profile["images"]["read"], profile.get("classes")), (12, None))
        self.assertRegex(" ".join(profile["warnings"]),
                         r"12 images lack their labels\b.*ILSVRC2012_devkit_t12\.tar\.gz .*image-net\.org")

    def test_the_summary_says_in_eighty_columns_how_many_classes_have_no_images(self):
        layout = self.make()
        paths = self.lay_out(layout)[:2]
        told = self.expect(0, *paths, "--split", "all").text
        warnings = " ".join(told.partition("\nWarnings\n")[2].split())
        self.assertRegex(warnings, r"12 images lack their labels, .*ILSVRC2012_devkit_t12\.tar\.gz \(https://image-net\.org/\)")
        self.assertIn("class n01443537 (goldfish, Carassius auratus) has no images", warnings)
        self.assertRegex(warnings, r"and 990 more classes have no images")
        for line in told.split("\n"):
            self.assertLessEqual(len(line), 80, line)

    def test_either_of_images_and_devkit_on_a_pipe(self):
        layout = self.make()
        self.lay_out(layout)
        val, devkit = "ILSVRC2012_img_val.tar", "ILSVRC2012_devkit_t12.tar.gz"
        for piped, file in ((val, devkit), (devkit, val)):
            for order in (["-", "archives/" + file], ["archives/" + file, "-"]):
                with self.subTest(piped=piped, order=order):
                    profile = self.profile(*order, "--split", "val", stdin=self.read("archives/" + piped))
                    self.hold_classes(layout, profile, "val")

    def test_each_archive_through_a_named_pipe_of_its_own(self):
        layout = self.make()
        paths = self.lay_out(layout)
        for options in ([], ["--as", "imagenet"]):
            with self.subTest(options=options), self.pipes(sorted(paths)) as names:  # the labels first
                profile = self.profile(*names, "--split", "all", *options)
                self.assertEqual(profile["counts_digest"], self.profile(*paths, "--split", "all")["counts_digest"])


@needs_pillow
@needs_numpy
class ImageNetOfKaggle(Published, LayoutTest):
    splits = {"train": "train", "val": "val", "test": "test", "all": "all"}
    make = staticmethod(one.imagenet_kaggle)


@needs_pillow
@needs_numpy
class ImageNetOfHuggingFace(Published, LayoutTest):
    splits = {"train": "train", "val": "val", "test": "test", "all": "all"}
    make = staticmethod(one.imagenet_hugging_face)


@needs_pillow
@needs_numpy
class TinyImageNet(Published, LayoutTest):
    splits = {"train": "train", "val": "val", "test": "test", "all": "all"}
    make = staticmethod(one.tiny_imagenet)

    def test_validation_images_sorted_into_their_classes_count_the_same(self):
        for name, resorted in (("a", False), ("b", True)):
            self.write_tree(name, one.tiny_imagenet(resorted).tree())
        a, b = (self.profile(name, "--split", "val") for name in "ab")
        self.hold(one.tiny_imagenet(), b, "val")
        self.assertEqual(a["counts_digest"], b["counts_digest"])


@needs_pillow
@needs_numpy
class Stl10(Published, OnAPipe, LayoutTest):
    splits = {"train": "train", "test": "test", "unlabeled": "unlabeled", "all": "all"}
    make = staticmethod(one.stl10)


@needs_pillow
@needs_numpy
class Svhn(Published, LayoutTest):
    splits = {"train": "train", "test": "test", "extra": "extra", "trainextra": "train+extra", "all": "all"}
    make = staticmethod(one.svhn)


@needs_pillow
@needs_numpy
class Caltech101(Published, OnAPipe, LayoutTest):
    splits = {"all": ""}
    default = ""
    make = staticmethod(one.caltech101)


@needs_pillow
@needs_numpy
class Caltech101InAZip(Published, LayoutTest):
    splits = {"all": ""}
    default = ""
    make = staticmethod(one.caltech101_nested)


@needs_pillow
@needs_numpy
class Caltech256(Published, OnAPipe, LayoutTest):
    splits = {"all": ""}
    default = ""
    make = staticmethod(one.caltech256)


@needs_pillow
@needs_numpy
class Food101(Published, OnAPipe, LayoutTest):
    splits = {"train": "train", "test": "test", "all": "all"}
    make = staticmethod(one.food101)


@needs_pillow
@needs_numpy
class Pets(Published, LayoutTest):
    splits = {"train": "trainval", "trainval": "trainval", "test": "test", "all": "all"}
    make = staticmethod(one.pets)

    def test_either_archive_on_a_pipe(self):
        layout = self.make()
        names = [os.path.basename(path) for path in self.lay_out(layout)]
        for piped, file in (names, names[::-1]):
            for order in (["-", "archives/" + file], ["archives/" + file, "-"]):
                with self.subTest(piped=piped, order=order):
                    profile = self.profile(*order, stdin=self.read("archives/" + piped))
                    self.hold(layout, profile, "trainval")

    def test_the_images_alone_have_classes_and_no_split(self):
        layout = self.make()
        self.lay_out(layout)
        profile = self.profile("archives/images.tar.gz")
        self.assertEqual(profile["images"]["read"], len(layout.pictures))
        self.assertRegex(profile["warnings"][0], r"\A15 images lack their split, which stands in annotations\.tar\.gz \(.*; give it")
        self.hold_classes(layout, profile, "all")


@needs_pillow
@needs_numpy
class Voc2007(Published, LayoutTest):
    splits = {"train": "train2007", "val": "val2007", "test": "test2007", "trainval": "train2007+val2007",
              "trainval2007": "train2007+val2007", "test2007": "test2007", "all": "all"}
    make = staticmethod(many.voc2007)


@needs_pillow
@needs_numpy
class Voc2012(Published, OnAPipe, LayoutTest):
    splits = {"train": "train2012", "trainval": "train2012+val2012", "val2012": "val2012", "all": "all"}
    make = staticmethod(many.voc2012)


@needs_pillow
@needs_numpy
class TwoYears(LayoutTest):
    def test_the_splits_that_the_default_joins_are_told(self):
        for makes, sentence in (((many.voc2007, many.voc2012),
                                 r"\Athe split train is train20(07|12) \(3 images\) and train20(07|12) \(3 images\) together; --split"),
                                ((many.coco, lambda: many.coco("2014")), r"\Athe split train is train20.*\(5 images\) and train20")):
            paths = [path for make in makes for path in self.lay_out(make())]
            self.assertRegex(self.profile(*paths)["warnings"][0], sentence)
            for options in (["--split", "train"], ["--split", "all"]):
                self.assertNotIn("together", " ".join(self.profile(*paths, *options)["warnings"]))


@needs_pillow
@needs_numpy
class Coco2017(Published, LayoutTest):
    splits = {"train": "train2017", "val": "val2017", "trainval2017": "train2017+val2017", "test2017": "test2017", "all": "all"}
    make = staticmethod(many.coco)


@needs_pillow
@needs_numpy
class Coco2014(Published, LayoutTest):
    splits = {"train": "train2014", "val2014": "val2014", "trainval2014": "train2014+val2014", "all": "all"}
    make = staticmethod(lambda: many.coco("2014"))


@needs_pillow
@needs_numpy
class Dsb2018(Published, LayoutTest):
    splits = {"train": "train", "test": "test", "all": "all"}
    make = staticmethod(many.dsb2018)


@needs_pillow
@needs_numpy
class Cityscapes(Published, LayoutTest):
    splits = {"train": "train", "val": "val", "trainval": "train+val", "test": "test", "all": "all"}
    make = staticmethod(pixels.cityscapes)


@needs_pillow
@needs_numpy
class Ade20k(Published, LayoutTest):
    splits = {"train": "train", "val": "val", "trainval": "train+val", "all": "all"}
    make = staticmethod(pixels.ade20k)


@needs_pillow
@needs_numpy
class CocoStuff(Published, LayoutTest):
    splits = {"train": "train2017", "val": "val2017", "trainval": "train2017+val2017", "all": "all"}
    make = staticmethod(pixels.coco_stuff)


@needs_pillow
@needs_numpy
class Isic2018(Published, LayoutTest):
    splits = {"train": "train", "val": "val", "test": "test", "trainval": "train+val", "all": "all"}
    make = staticmethod(pixels.isic2018)


if __name__ == "__main__":
    unittest.main()
