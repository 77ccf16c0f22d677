"""Published layouts given in ways that are harder to read: on named pipes, as large tars in a folder, chosen from by --include,
labelled by --labels: the figures are those of the plain way, or a sentence says why not."""
import json
import os
import tarfile
import threading
import unittest

import layouts_many as many
import layouts_one as one
import layouts_pixels as pixels
from layouts import blocks, encoded, jpeg
from support import CliTest, needs_numpy, needs_pillow, tar_of, zip_of

SMALL_BYTES = 64 << 20  # larger tars are not looked through before the images are read
VAL, DEVKIT = "ILSVRC2012_img_val.tar", "ILSVRC2012_devkit_t12.tar.gz"


@needs_pillow
@needs_numpy
class Given(CliTest):
    def lay_out(self, layout):
        self.write_tree("archives", layout.archives())
        return [os.path.join("archives", name) for name in layout.members]

    def warnings(self, profile):
        return "\n".join(profile["warnings"])

    def classes(self, profile):
        return {item["id"]: item["images"] for item in profile.get("classes", [])}

    def same(self, found, plain):
        for key in ("counts_digest", "dataset", "images", "classes"):
            if key == "dataset":
                self.assertEqual(*(({name: item[key][name] for name in ("name", "split", "other_splits")}) for item in (found, plain)))
            elif key == "images":
                self.assertEqual(found[key]["read"], plain[key]["read"])
            else:
                self.assertEqual(found.get(key), plain.get(key))


class NamedPipes(Given):
    def piped(self, name, path):
        """A named pipe that somebody writes the file to, once."""
        os.mkfifo(self.path(name))
        data = self.read(path)

        def write():
            with open(self.path(name), "wb") as pipe:
                try:
                    pipe.write(data)
                except BrokenPipeError:
                    pass
        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        return name

    def test_one_alone(self):
        self.lay_out(one.imagenet_official())
        plain = self.profile("archives/" + VAL)
        self.same(self.profile(self.piped(VAL, "archives/" + VAL)), plain)
        self.same(self.profile(self.piped("b.tar", "archives/" + VAL), "--as", "imagenet"), plain)

    def test_images_and_labels_each_on_one(self):
        self.lay_out(one.imagenet_official())
        plain = self.profile("archives/" + VAL, "archives/" + DEVKIT)
        self.assertEqual(sum(self.classes(plain).values()), 12)
        for k, files in enumerate(([VAL], [DEVKIT], [DEVKIT, VAL])):
            paths = [self.piped(f"{k}{name}", "archives/" + name) if name in files else "archives/" + name
                     for name in (DEVKIT, VAL)]
            with self.subTest(piped=files):
                self.same(self.profile(*paths), plain)


class LargeTars(Given):
    def enlarge(self, path):
        """A tar with a hole of zeros at its end, too large to be looked through for nothing."""
        info = tarfile.TarInfo("VOCdevkit/large.bin")
        info.size = SMALL_BYTES + 1024
        with tarfile.open(self.path(path)) as tar:
            end = max(member.offset_data + (member.size + 511) // 512 * 512 for member in tar)
        with open(self.path(path), "r+b") as file:
            file.seek(end)
            file.write(info.tobuf())
            file.truncate(end + 512 + info.size + 1024)

    def test_labels_in_large_tars_of_a_folder(self):
        paths = self.lay_out(many.voc2007())
        plain = self.profile("archives", "--split", "all")
        self.enlarge(paths[0])
        self.same(self.profile("archives", "--split", "all"), plain)
        self.enlarge(paths[1])
        self.same(self.profile("archives", "--split", "all"), plain)
        self.assertEqual(self.profile("archives")["dataset"]["split"], "train")

    def test_what_is_wrong_with_labels_beside_a_large_tar_is_told_once(self):
        layout = many.coco()
        self.lay_out(layout)
        self.write("archives/more.tar", tar_of({"notes.txt": b"notes"}))
        self.enlarge("archives/more.tar")
        name = "annotations_trainval2017.zip"
        self.write("archives/" + name, zip_of([(path, data.replace(b'_id": 18', b'_id": 999'))
                                               for path, data in layout.members[name]]))
        warnings = self.warnings(self.profile("archives"))
        self.assertEqual(warnings.count("instances_train2017.json"), 1, warnings)


class Chosen(Given):
    def test_globs_choose_among_images_and_their_labels_are_read_all_the_same(self):
        for make, kept in ((many.voc2007, "*JPEGImages*"), (many.coco, "*.jpg"), (pixels.cityscapes, "*_leftImg8bit.png"),
                           (one.imagenet_kaggle, "*.JPEG"), (one.food101, "*.jpg"), (pixels.isic2018, "*.jpg")):
            layout = make()
            with self.subTest(dataset=layout.dataset):
                paths = self.lay_out(layout)
                plain = self.profile(*paths, "--split", "all")
                self.same(self.profile(*paths, "--split", "all", "--include", kept), plain)
                self.assertGreater(len(plain["classes"]), 0)

    def test_also_on_a_pipe(self):
        layout = one.food101()
        self.lay_out(layout)
        plain = self.profile("archives/food-101.tar.gz")
        for members in (layout.members["food-101.tar.gz"], layout.members["food-101.tar.gz"][::-1]):
            self.same(self.profile("-", "--include", "*.jpg", stdin=tar_of(members)), plain)

    def test_labels_of_images_that_were_excluded_are_no_mistake(self):
        paths = self.lay_out(one.food101())
        profile = self.profile(*paths, "--exclude", "*/1000001.jpg")
        self.assertNotIn("not there", self.warnings(profile))


class LabelledByHand(Given):
    def test_a_row_without_a_split_leaves_that_of_the_layout_on_a_pipe_too(self):
        self.lay_out(one.imagenet_official())
        self.write("own.csv", "".join(f"ILSVRC2012_val_{i:08d}.JPEG,c{i % 3}\n" for i in range(1, 13)))
        plain = self.profile("archives/" + VAL, "--labels", "own.csv")
        self.assertEqual(plain["dataset"]["split"], "val")
        piped = self.profile("-", "--labels", "own.csv", stdin=self.read("archives/" + VAL))
        self.same(piped, plain)
        self.assertNotIn("lack their labels", self.warnings(piped))

    def test_classes_of_ones_own_take_the_place_of_those_of_pixels(self):
        paths = self.lay_out(pixels.cityscapes())
        self.profile(*paths, "--split", "all", "--images", "rows.csv")
        members = [row.split(",")[2] for row in self.read("rows.csv").decode().splitlines()[1:]]
        self.write("own.csv", "".join(f"{member},{('cat', '7')[i % 2]}\n" for i, member in enumerate(members)))
        profile = self.profile(*paths, "--labels", "own.csv")
        self.assertEqual(profile["dataset"]["labels"], "one")
        self.assertEqual([(item["id"], item["unit"], item["images"]) for item in profile["classes"]],
                         [("7", "image", 2), ("cat", "image", 2)])


class Cut(Given):
    def test_images_whose_label_never_came_keep_their_split(self):
        self.lay_out(one.imagenet_official())
        plain = self.profile("archives/" + VAL, "--limit", "5")
        self.assertEqual(plain["dataset"]["split"], "val")
        self.same(self.profile("-", "--limit", "5", stdin=self.read("archives/" + VAL)), plain)

    def test_one_that_failed_keeps_its_split(self):
        layout = one.imagenet_official()
        members = [(name, b"no picture") if name.endswith("0007.JPEG") else (name, data) for name, data in layout.members[VAL]]
        for source, stdin in (("a.tar", b""), ("-", tar_of(members))):
            self.write("a.tar", tar_of(members))
            profile = self.profile(source, "--images", "rows.csv", code=1, stdin=stdin)
            failed, = [row for row in self.read("rows.csv").decode().splitlines() if "failed:" in row]
            self.assertIn(",val,", failed)
            self.assertEqual(profile["images"]["failed"], 1)


class Contradictions(Given):
    manifest = {"schema": 1, "id": "mine", "title": "Mine", "task": "classification", "labels": "one", "loader": "layout",
                "layout": {"images": [{"path": "pictures_of_mine/{key}.jpg"}],
                           "labels": [{"path": "labels_of_mine_{n}.txt", "reader": "lines", "split": "train", "separators": " ",
                                       "columns": ["key", "class"]}]}, "splits": [{"name": "train", "source": "own"}]}
    labels = {"labels_of_mine_1.txt": b"0 a\n1 a\n2 b\n", "labels_of_mine_2.txt": b"0 b\n3 b\n1 a\n"}

    def setUp(self):
        super().setUp()
        self.pictures = {f"pictures_of_mine/{i}.jpg": jpeg(i) for i in range(4)}
        self.write("mine.json", json.dumps(self.manifest))

    def test_an_image_with_two_classes_has_no_label_whichever_comes_first(self):
        every = list({**self.labels, **self.pictures}.items())
        behind = list({**self.pictures, **self.labels}.items())
        self.write_tree("folder", dict(every))
        for source, stdin in (("folder", b""), ("-", tar_of(every)), ("-", tar_of(every[::-1])), ("-", tar_of(behind))):
            with self.subTest(source=source):
                profile = self.profile(source, "--manifest", "mine.json", stdin=stdin)
                self.assertEqual((self.classes(profile), profile["images"]["read"]), ({"a": 1, "b": 2}, 4))
                self.assertRegex(self.warnings(profile), r"label files give 1 image several classes each.*\(one is 0\)")

    def test_labels_that_come_in_a_later_stream_are_told(self):
        self.write("pictures.tar.gz", tar_of(self.pictures, "w:gz"))
        os.mkfifo(self.path("labels.tar"))
        data = tar_of({"labels_of_mine_1.txt": self.labels["labels_of_mine_1.txt"]})
        threading.Thread(target=lambda: self.write("labels.tar", data), daemon=True).start()
        profile = self.profile("-", "labels.tar", "--manifest", "mine.json", stdin=tar_of(self.pictures))
        self.assertEqual(self.classes(profile), {})
        self.assertRegex(self.warnings(profile), "labels_of_mine_1.txt came after 4 images without labels")


class MapsOutOfReach(Given):
    def test_they_are_told_and_not_asked_for(self):
        layout = pixels.cityscapes()
        archives = layout.archives()
        sources = {"whole.tar": tar_of({path: data for path, data in layout.tree().items() if not path.endswith("/")}),
                   "packed.zip": zip_of(archives)}
        for name, data in sources.items():
            with self.subTest(source=name):
                self.write(name, data)
                profile = self.profile(name)
                self.assertEqual(profile["images"]["read"], 4)
                self.assertRegex(self.warnings(profile), "8 label maps lie where they cannot be read beside their images")
                self.assertNotIn("give it beside the images", self.warnings(profile))

    def test_in_whatever_order_they_come_that_is_told_wherever_figures_are(self):
        maps = {f"gtFine/train/aachen/aachen_00000{i}_000019_gtFine_labelIds.png": encoded(blocks(i, [7, 8], 40).astype("uint8"), "PNG")
                for i in range(2)}
        images = {f"leftImg8bit/train/aachen/aachen_00000{i}_000019_leftImg8bit.png": encoded(blocks(i, range(9), 40).astype("uint8"), "PNG")
                  for i in range(2)}
        told = "label maps lie where they cannot be read beside their images"
        for members in ({**images, **maps}, {**maps, **images}):
            for mode in ("w", "w:gz"):
                data = tar_of(members, mode)
                self.write("set.tar", data)
                with self.subTest(first=next(iter(members)), mode=mode):
                    for source, stdin in (("set.tar", b""), ("-", data)):
                        self.assertIn("2 " + told, self.warnings(self.profile(source, stdin=stdin)))
                        self.assertIn("2 " + told, self.expect(0, source, "--report", "page.html", "--no-figures", stdin=stdin).words)
                        self.assertIn(told.encode(), self.read("page.html"))
        self.write("set.tar", tar_of({**images, **dict(list(maps.items())[:1])}))
        self.assertIn("1 label map lies where it cannot be read beside its image (", self.warnings(self.profile("set.tar")))


class MapsOfOneKey(Given):
    """Two images of one name in two splits, whose maps a manifest does not tell apart."""
    manifest = {"schema": 1, "id": "mine", "title": "Mine", "task": "segmentation", "labels": "pixels", "loader": "layout"}

    def test_no_image_gets_the_map_of_another(self):
        for key, code, classes in (("{key}", 1, {}), ("{split}/{key}", 0, {"2": 2})):
            self.write("mine.json", json.dumps({**self.manifest, "layout": {
                "images": [{"path": "{split}/pictures_of_mine/{key}.jpg", "key": key}],
                "label_maps": [{"path": "{split}/maps_of_mine/{key}.png", "key": key}]}}))
            for split, value in (("train", 1), ("val", 2)):
                for i in range(2):
                    self.write(f"mine/{split}/pictures_of_mine/{i}.jpg", jpeg(10 * value + i, width=40))
                    ids = blocks(i, [value], 40)
                    self.write(f"mine/{split}/maps_of_mine/{i}.png", encoded(ids.astype("uint8"), "PNG"))
            with self.subTest(key=key):
                profile = self.profile("mine", "--manifest", "mine.json", "--split", "val", code=code)
                self.assertEqual(self.classes(profile), classes)
                if code == 1:
                    self.assertRegex(self.warnings(profile), "4 label maps cannot be used; first: .*several label maps")

    def test_the_same_maps_twice_are_as_good_as_once(self):
        paths = self.lay_out(pixels.cityscapes())
        plain = self.profile(*paths)
        self.write("again/maps.zip", self.read("archives/gtFine_trainvaltest.zip"))
        self.same(self.profile(*paths, "again"), plain)


if __name__ == "__main__":
    unittest.main()
