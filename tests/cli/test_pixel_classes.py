"""Label maps: the entropy of the pixels of each class, held against numpy on pictures made here."""
import io
import json
import random
import unittest

from support import CliTest, Image, needs_numpy, needs_pillow, numpy, zip_of



class Layout:
    """Where a set keeps an image and its map, which values it has, and which are no class."""

    def __init__(self, image, label_map, values, ignored, kinds):
        self.image, self.label_map, self.values, self.ignored, self.kinds = image, label_map, values, ignored, kinds


PNGS = (("L", "L"), ("RGB", "P"), ("RGBA", "L"), ("P", "P"), ("1", "L"), ("LA", "P"))  # modes of image and map
JPEGS = (("RGB", "L"), ("L", "P"), ("CMYK", "L"))
CITYSCAPES = Layout("leftImg8bit/train/ulm/ulm_{0:06}_000019_leftImg8bit.png",
                    "gtFine/train/ulm/ulm_{0:06}_000019_gtFine_labelIds.png", (0, 3, 7, 8, 11, 26, 33), {0, 1, 2, 3}, PNGS)
ADE20K = Layout("ADEChallengeData2016/images/training/ADE_train_{0:08}.jpg",
                "ADEChallengeData2016/annotations/training/ADE_train_{0:08}.png", (0, 1, 2, 13, 150), {0}, JPEGS)
ISIC = Layout("ISIC2018_Task1-2_Training_Input/ISIC_{0:07}.jpg",
              "ISIC2018_Task1_Training_GroundTruth/ISIC_{0:07}_segmentation.png", (0, 255), set(), JPEGS)


def bits(levels):
    """The entropy of grey levels (n,), as the definitions have it."""
    p = numpy.bincount(levels, minlength=256) / len(levels)
    p = p[p > 0]
    return max(0.0, float(-(p * numpy.log2(p)).sum()))


def patchwork(seed, width, height, values):
    """Class numbers (h, w) in big patches."""
    source = numpy.random.default_rng(seed)
    coarse = source.choice(values, size=(height // 6 + 1, width // 9 + 1))
    return numpy.kron(coarse, numpy.ones((6, 9), int))[:height, :width].astype(numpy.uint8)


def picture(seed, width, height, mode):
    """Smooth colours with noise, and patches of one colour, so that entropies spread."""
    source = numpy.random.default_rng(seed + 1000)
    x, y = numpy.meshgrid(numpy.arange(width), numpy.arange(height))
    planes = numpy.stack([x * 3 + 20 * c + source.integers(0, 1 + 30 * c, (height, width)) + y for c in range(3)], axis=2)
    planes[: height // 3, : width // 2] = 77
    return Image.fromarray((planes % 256).astype(numpy.uint8), "RGB").convert(mode)


def encoded(image, path):
    out = io.BytesIO()
    image.save(out, "JPEG" if path.endswith(".jpg") else "PNG")
    return out.getvalue()


def map_image(classes, mode):
    image = Image.fromarray(classes, "L")
    if mode == "P":  # colours that have nothing to do with the numbers
        image = Image.frombytes("P", image.size, classes.tobytes())
        image.putpalette([random.Random(3).randrange(256) for _ in range(768)])
    return image


@needs_pillow
@needs_numpy
class PixelClasses(CliTest):
    def make_set(self, layout, n=14):
        """{path: bytes} of images, the same of maps, and {class: [entropy of its pixels in each image that holds it]}"""
        images, maps, expected = {}, {}, {}
        for i in range(n):
            mode, map_mode = layout.kinds[i % len(layout.kinds)]
            width, height = 40 + 7 * i, 90 - 3 * i
            path = layout.image.format(i)
            classes = patchwork(i, width, height, layout.values)
            images[path] = encoded(picture(i, width, height, mode), path)
            maps[layout.label_map.format(i)] = encoded(map_image(classes, map_mode), ".png")
            grey = numpy.asarray(Image.open(io.BytesIO(images[path])).convert("L"))
            for value in numpy.unique(classes):
                if value not in layout.ignored:
                    expected.setdefault(str(value), []).append(bits(grey[classes == value]))
        return images, maps, expected

    def assert_classes(self, profile, expected):
        self.assertEqual(sorted(item["id"] for item in profile["classes"]), sorted(expected))
        for item in profile["classes"]:
            values = numpy.array(expected[item["id"]])
            self.assertEqual((item["unit"], item["images"]), ("pixel", len(values)))
            self.assertAlmostEqual(item["mean"], float(values.mean()), delta=1e-9)
            if len(values) > 1:
                self.assertAlmostEqual(item["sd"], float(values.std()), delta=1e-9)
            self.assertEqual(sum(item["entropy_histogram"]), len(values))

    def test_classes_have_the_entropies_that_numpy_finds(self):
        for name, layout in (("cityscapes", CITYSCAPES), ("ade20k", ADE20K)):
            with self.subTest(name):
                images, maps, expected = self.make_set(layout)
                self.write("set.zip", zip_of({**images, **maps}))
                profile = self.profile("set.zip")
                self.assertEqual((profile["dataset"]["name"], profile["images"]["read"]), (name, 14))
                self.assert_classes(profile, expected)
                self.assertNotIn("distances", profile)
                self.assertEqual(profile["complexity"]["kind"], "entropy")
                self.assertFalse([text for text in profile.get("warnings", []) if "no label" in text])

    def test_maps_may_lie_in_an_archive_of_their_own(self):
        images, maps, expected = self.make_set(ISIC)
        self.write("ISIC2018_Task1-2_Training_Input.zip", zip_of(images))
        self.write("ISIC2018_Task1_Training_GroundTruth.zip", zip_of(maps))
        profile = self.profile("ISIC2018_Task1-2_Training_Input.zip", "ISIC2018_Task1_Training_GroundTruth.zip")
        self.assert_classes(profile, expected)

    def test_a_zip_a_folder_and_shared_out_zips_give_the_same(self):
        images, maps, expected = self.make_set(CITYSCAPES)
        self.write("set.zip", zip_of({**images, **maps}))
        self.write_tree("folder", {**images, **maps})
        self.write("apart/leftImg8bit_trainvaltest.zip", zip_of(images))
        self.write("apart/gtFine_trainvaltest.zip", zip_of(maps))
        profiles = [self.profile(name, *more) for name in ("set.zip", "folder", "apart")
                    for more in ((), ("--threads", "1", "--batch-bytes", "64K"), ("--threads", "7"))]
        for profile in profiles:
            self.assert_classes(profile, expected)
        self.assertEqual({profile["counts_digest"] for profile in profiles}, {profiles[0]["counts_digest"]})

    def test_a_map_of_no_use_costs_the_classes_of_its_image_alone(self):
        images, maps, _ = self.make_set(CITYSCAPES, 4)
        paths = sorted(maps)
        maps[paths[0]] = maps[paths[0]][:100]
        maps[paths[1]] = encoded(map_image(patchwork(1, 40, 40, CITYSCAPES.values), "L"), ".png")
        maps[paths[2]] = encoded(picture(2, 54, 84, "RGB"), ".png")
        self.write("set.zip", zip_of({**images, **maps}))
        profile = self.profile("set.zip")
        self.assertEqual((profile["images"]["read"], profile["images"]["warned"]), (4, 3))
        self.assertEqual({item["images"] for item in profile["classes"]}, {1})  # of the fourth
        reasons = [item["reason"] for item in sorted(profile["warned"], key=lambda item: item["member"])]
        self.assertRegex(reasons[0], r"\Aits label map cannot be used: ")
        self.assertEqual(reasons[1], "its label map has 40 x 40 pixels, the image has 47 x 87")
        self.assertRegex(reasons[2], r"\Aits label map cannot be used: it has colours")
        without = self.profile(self.write_tree("without", images))
        self.assertEqual(profile["entropy"], without["entropy"])

    def test_saved_profiles_of_pixel_classes_add_up(self):
        images, maps, expected = self.make_set(ADE20K, 6)
        for half in range(2):
            part = {path: data for some in (images, maps) for i, (path, data) in enumerate(sorted(some.items())) if i % 2 == half}
            self.write(f"{half}.zip", zip_of(part))
            self.write(f"{half}.json", json.dumps(self.profile(f"{half}.zip")))
        whole, merged = self.profile("0.zip", "1.zip"), self.profile("0.json", "1.json")
        self.assert_classes(merged, expected)
        self.assertEqual(merged["counts_digest"], whole["counts_digest"])


if __name__ == "__main__":
    unittest.main()
