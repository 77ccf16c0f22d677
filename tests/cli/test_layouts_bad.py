"""Published layouts with something missing, damaged or put together wrongly: one clean sentence, and what can be counted is."""
import os
import shutil
import unittest

import layouts_many as many
import layouts_one as one
import layouts_pixels as pixels
from layouts import blocks, encoded
from support import CliTest, needs_numpy, needs_pillow, tar_of

FINE, BAD_MAP = "gtFine_trainvaltest.zip", "aachen_000001_000019_gtFine_labelIds.png"


def bomb():
    """An entity of ten to the eleventh characters."""
    levels = "".join(f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(11))
    return (f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "0123456789">{levels}]>'
            "<annotation><object><name>&l;</name></object></annotation>").encode()


@needs_pillow
@needs_numpy
class BadLayout(CliTest):
    def spoil(self, layout, end, change, leave_out=()):
        """Writes the archives, in which change(bytes) replaces each member whose name ends so (None: it is left out)."""
        found = 0
        for archive, members in layout.members.items():
            kept = []
            for name, data in members:
                if name.endswith(end):
                    data, found = change(data), found + 1
                if data is not None:
                    kept.append((name, data))
            layout.members[archive] = kept
        self.assertGreater(found, 0, end)
        names = [name for name in layout.members if name not in leave_out]
        for name in names:
            self.write(name, layout.archive(name))
        return names

    def gone(self, _):
        return None

    def warnings(self, profile):
        return "\n".join(profile["warnings"])

    def classes(self, profile):
        return {item["id"]: item["images"] for item in profile.get("classes", [])}


class Labels(BadLayout):
    def test_labels_of_images_that_are_not_there_are_counted_and_one_is_named(self):
        profile = self.profile(*self.spoil(one.food101(), "/1000001.jpg", self.gone))
        self.assertEqual(profile["images"]["read"], 11)
        self.assertRegex(self.warnings(profile), "1 label names an image that is not there: apple_pie/1000001")
        profile = self.profile(*self.spoil(many.coco(), "0000000009.jpg", self.gone))
        self.assertRegex(self.warnings(profile), "1 label names an image that is not there: 000000000009")

    def test_images_without_labels_are_counted(self):
        names = self.spoil(one.food101(), "meta/train.txt", lambda data: data.replace(b"apple_pie/1000000\n", b""))
        profile = self.profile(*names)
        self.assertEqual((profile["images"]["read"], profile["dataset"]["other_splits"]), (11, {"test": 3, "(none)": 1}))
        profile = self.profile(*names, "--split", "(none)")
        self.assertEqual((profile["images"]["read"], profile["dataset"]["other_splits"]), (1, {"train": 11, "test": 3}))
        profile = self.profile(*self.spoil(one.tiny_imagenet(), "val_annotations.txt", self.gone), "--split", "val")
        self.assertEqual((profile["images"]["read"], self.classes(profile)), (8, {}))
        self.assertRegex(self.warnings(profile), "8 images have no label and count for the set only")

    def test_annotations_that_were_not_given_are_named_with_the_place_they_come_from(self):
        for layout, archive, place in ((many.coco(), "annotations_trainval2017.zip", "cocodataset.org"),
                                       (pixels.cityscapes(), FINE, "cityscapes-dataset.com")):
            names = self.spoil(layout, ".json", lambda data: data, leave_out=[archive])
            profile = self.profile(*names)
            self.assertRegex(self.warnings(profile), rf"\d images? lacks? (its|their) labels, .*{archive} .*{place}")
            self.assertTrue(profile["complete"])

    def test_label_archives_alone_hold_no_image(self):
        names = self.spoil(pixels.cityscapes(), ".json", lambda data: data, leave_out=["leftImg8bit_trainvaltest.zip"])
        self.refuse(3, "holds no image.*label-map 24.*read as cityscapes, whose images must be given as well "
                       r"\(nofade datasets cityscapes ", *names)

    def test_an_entity_bomb_is_refused_at_its_declaration(self):
        profile = self.profile(*self.spoil(many.voc2012(), "2008_000008.xml", lambda _: bomb()), code=1)
        self.assertRegex(self.warnings(profile), "Annotations/2008_000008.xml: labels cannot be read: .*declares entities")
        self.assertEqual((profile["complete"], profile["images"]["read"]), (False, 3))
        self.assertEqual(self.classes(profile), {"bottle": 1, "person": 1})

    def test_json_cut_in_the_middle(self):
        for share in (2, 3, 10):
            names = self.spoil(many.coco(), "instances_train2017.json", lambda data, n=share: data[:len(data) // n])
            profile = self.profile(*names, code=1)
            self.assertRegex(self.warnings(profile), "instances_train2017.json: labels cannot be read")
            self.assertEqual((profile["complete"], profile["images"]["read"], self.classes(profile)), (False, 5, {}))
            self.assertNotRegex(self.warnings(profile), "to be given beside")

    def test_json_nested_ten_thousand_deep(self):
        names = self.spoil(many.coco(), "instances_train2017.json",
                           lambda data: b'{"x":' + b"[" * 10000 + b"]" * 10000 + b"," + data[1:])
        profile = self.profile(*names, code=1)
        self.assertRegex(self.warnings(profile), "instances_train2017.json: labels cannot be read: .*deep")

    def test_a_category_that_does_not_exist(self):
        names = self.spoil(many.coco(), "instances_train2017.json", lambda data: data.replace(b'_id": 18', b'_id": 999'))
        profile = self.profile(*names)
        self.assertRegex(self.warnings(profile), "instances_train2017.json: .*999")
        self.assertEqual(self.classes(profile), {"1": 2, "3": 2, "90": 1})

    def test_a_ground_truth_that_names_no_class(self):
        for number, code, labelled in ((999, 0, 11), (1001, 1, 0)):
            names = self.spoil(one.imagenet_official(), "ground_truth.txt",
                               lambda data, n=number: f"{n}\n".encode() + data.partition(b"\n")[2])
            profile = self.profile(*names, "--split", "val", code=code)
            self.assertEqual((profile["images"]["read"], sum(self.classes(profile).values())), (12, labelled))
            self.assertRegex(self.warnings(profile), r"line 1, class 999" if code == 0 else "line 1 is no number of a class")


class Mixed(BadLayout):
    """Some of a set as published, some unpacked."""

    def hold_mixed(self, layout, *paths, split="train"):
        for folder in ("archives", "unpacked"):
            shutil.rmtree(self.path(folder), ignore_errors=True)
        self.write_tree("archives", layout.archives())
        for members in layout.members.values():
            self.write_tree("unpacked", {path: data for path, data in members if not path.endswith("/")})
        whole = self.profile("archives", "--split", split)
        self.assertGreater(len(whole["classes"]), 1)
        self.assertEqual(self.profile(*paths, "--split", split)["counts_digest"], whole["counts_digest"])

    def test_annotations_as_a_file_of_their_own(self):
        for train in ("archives/train2017.zip", "unpacked/train2017"):
            for notes in ("instances_train2017.json", ""):
                self.hold_mixed(many.coco(), train, "unpacked/annotations/" + notes)

    def test_an_unpacked_devkit(self):
        for devkit in ("", "/data"):
            self.hold_mixed(one.imagenet_official(), "archives/ILSVRC2012_img_val.tar", "unpacked/" + one.DEVKIT + devkit,
                            split="val")

    def test_folders_beside_archives(self):
        self.hold_mixed(one.pets(), "archives/images.tar.gz", "unpacked/annotations")
        self.hold_mixed(one.pets(), "unpacked/images", "archives/annotations.tar.gz")
        self.hold_mixed(pixels.cityscapes(), "archives/leftImg8bit_trainvaltest.zip", "unpacked/gtFine")
        self.hold_mixed(pixels.cityscapes(), "unpacked/leftImg8bit", "archives/" + FINE)

    def test_the_inner_folders_alone(self):
        self.hold_mixed(one.food101(), "unpacked/food-101")
        self.hold_mixed(many.voc2012(), "unpacked/VOCdevkit/VOC2012")
        self.hold_mixed(one.tiny_imagenet(), "unpacked/tiny-imagenet-200/val", split="val")
        self.hold_mixed(pixels.ade20k(), "unpacked/ADEChallengeData2016/images", "unpacked/ADEChallengeData2016/annotations")


class LabelMaps(BadLayout):
    def hold_warned(self, change, reason):
        profile = self.profile(*self.spoil(pixels.cityscapes(), BAD_MAP, change))
        images = profile["images"]
        self.assertEqual((images["read"], images["warned"], images["failed"]), (4, 1, 0))
        self.assertRegex(profile["warned"][0]["reason"], reason)
        self.assertEqual(self.classes(profile), {"7": 3, "11": 3, "24": 2, "26": 1})

    def test_one_of_another_size_leaves_its_image_without_classes(self):
        self.hold_warned(lambda _: encoded(blocks(1, [7], 32).astype("uint8"), "PNG"), "32 x 32 pixels, the image has 64 x 32")

    def test_one_that_is_no_picture_leaves_its_image_without_classes(self):
        self.hold_warned(lambda _: b"no picture", "label map cannot be used")

    def test_one_that_is_not_there_is_counted(self):
        profile = self.profile(*self.spoil(pixels.cityscapes(), BAD_MAP, self.gone))
        self.assertRegex(self.warnings(profile), "1 image has no label map")
        self.assertEqual((profile["images"]["read"], self.classes(profile)), (4, {"7": 3, "11": 3, "24": 2, "26": 1}))


class Choices(BadLayout):
    def test_two_archives_of_different_sets_are_refused(self):
        for layout in (many.voc2012(), one.food101()):
            for name in layout.members:
                self.write(name, layout.archive(name))
        self.refuse(2, "different datasets: VOC.* is voc, food-101.tar.gz is food101", "VOCtrainval_11-May-2012.tar",
                    "food-101.tar.gz")

    def test_as_takes_the_ids_of_manifests_and_names_them_when_it_is_another(self):
        layout = one.food101()
        self.write("x.tar.gz", layout.archive("food-101.tar.gz"))
        self.assertEqual(self.profile("x.tar.gz", "--as", "food101")["dataset"]["name"], "food101")
        result = self.refuse(2, "--as nosuch: must be one of", "x.tar.gz", "--as", "nosuch")
        self.refuse(2, r"--as cifa10: did you mean cifar10\? it must be one of", "x.tar.gz", "--as", "cifa10")
        for name in ("cifar10", "imagefolder", "imagenet", "voc", "coco-stuff", "tiny-imagenet"):
            self.assertIn(" " + name, result.talk)

    def test_segmentation_of_voc(self):
        layout = many.voc2007()
        for name in layout.members:
            self.write(name, layout.archive(name))
        for option, split, classes in (("Segmentation", "train", {"aeroplane": 1, "person": 1}),
                                       ("segmentation", "trainval", {"aeroplane": 1, "person": 2, "horse": 1}),
                                       ("Main", "val", {"chair": 1, "car": 1, "horse": 1, "person": 1})):
            profile = self.profile(*layout.members, "--subset", option, "--split", split)
            self.assertEqual(self.classes(profile), classes)
        self.refuse(2, "--subset Nosuch: voc has only Main Segmentation", *layout.members, "--subset", "Nosuch")
        self.write("food-101.tar.gz", one.food101().archive("food-101.tar.gz"))
        self.refuse(2, "no subsets", "food-101.tar.gz", "--subset", "Main")


class Unknown(BadLayout):
    def test_a_set_of_ones_own_with_annotations_like_a_known_one_is_a_folder_of_images(self):
        members = {f"mine/annotations/2007_{i:06d}.xml": many.voc_xml(2007, "x", ["car"]) for i in range(12)}
        members.update({f"mine/pictures/{i}.png": many.png(i) for i in range(3)})
        self.write("own.tar", tar_of(members))
        profile = self.profile("own.tar")
        self.assertEqual((profile["dataset"]["name"], profile["images"]["read"]), ("imagefolder", 3))

    def test_what_was_seen_and_the_nearest_layouts_are_named(self):
        self.write("u.tar", tar_of({"VOC2012/ImageSets/Main/train.lst": b"x", "VOC2012/Annotations/1.yaml": b"y"}))
        result = self.refuse(3, r"u\.tar: holds no image", "u.tar")
        self.assertRegex(result.talk, r"saw VOC2012/ImageSets/Main/train\.lst, .*\(passed over: lst 1, yaml 1\)")
        self.assertRegex(result.talk, r"nearest known layouts are voc \(")

    def test_a_source_like_no_known_layout_says_so(self):
        self.write("u.tar", tar_of({"a/1.bin": b"x", "b/2.bin": b"y"}))
        self.refuse(3, r"saw a/1\.bin, b/2\.bin \(passed over: bin 2\); no known layout resembles it", "u.tar")
        os.mkdir(self.path("empty"))
        self.refuse(3, r"empty: holds no image .*passed over: nothing", "empty")

    def test_names_that_are_no_text_are_shown_harmless(self):
        self.write("u.tar", tar_of([("a\x1b[2J\n/" + "\udcff" * 70 + ".bin", b"x")]))
        self.refuse(3, "holds no image", "u.tar")


if __name__ == "__main__":
    unittest.main()
