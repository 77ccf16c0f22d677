"""Sets with a label for every pixel, as published."""
import json

import numpy

from layouts import Layout, blocks, encoded, jpeg, png
from layouts_many import coco_split

CITY = {"4": "static", "7": "road", "8": "sidewalk", "11": "building", "21": "vegetation", "24": "person", "26": "car"}


def cityscapes():
    """Beside each image four files of annotation; those of the test images say nothing."""
    layout = Layout("cityscapes", "Cityscapes", "segmentation", "pixels", CITY)
    left, fine, seed = "leftImg8bit_trainvaltest.zip", "gtFine_trainvaltest.zip", 0
    for archive in (left, fine):
        layout.put(archive, "README", b"Cityscapes\n")
        layout.put(archive, "license.txt", b"licence\n")
    for split, cities in {"train": ["aachen", "zurich"], "val": ["lindau"], "test": ["berlin"]}.items():
        for city in cities:
            for archive, root in ((left, "leftImg8bit"), (fine, "gtFine")):
                layout.put(archive, f"{root}/{split}/{city}/")
            for frame in (19, 20):
                seed += 1
                key = f"{split}/{city}/{city}_{seed:06d}_{frame:06d}"
                ids = blocks(seed, [3] if split == "test" else [0, 3, 7, 11, 26 if frame == 19 else 24], 64)
                layout.image(left, f"leftImg8bit/{key}_leftImg8bit.png", png(seed, width=64), split, pixels=ids)
                layout.put(fine, f"gtFine/{key}_gtFine_labelIds.png", encoded(ids.astype(numpy.uint8), "PNG"), "label-map")
                instances = numpy.where(ids > 20, ids * 1000 + 1, ids).astype(numpy.uint16)
                layout.put(fine, f"gtFine/{key}_gtFine_instanceIds.png", encoded(instances.astype(numpy.int32), "PNG", "I"),
                           "label-map")
                layout.put(fine, f"gtFine/{key}_gtFine_color.png", png(seed + 500, "RGBA", width=64), "label-map")
                layout.put(fine, f"gtFine/{key}_gtFine_polygons.json",
                           json.dumps({"imgHeight": 32, "imgWidth": 64, "objects": [{"label": "road", "polygon": [[0, 0]]}]})
                           .encode())
    return layout


def ade20k():
    layout = Layout("ade20k", "ADE20K scene parsing, 150 classes", "segmentation", "pixels",
                    {"1": "wall", "3": "sky", "5": "tree", "150": "flag"})
    archive, root, scenes, number = "ADEChallengeData2016.zip", "ADEChallengeData2016/", [], 0
    for folder in ("", "annotations/", "annotations/training/", "annotations/validation/", "images/", "images/training/",
                   "images/validation/"):
        layout.put(archive, root + folder)
    for folder, short, split, n in (("training", "train", "train", 4), ("validation", "val", "val", 2)):
        for i in range(1, n + 1):
            number += 1
            key, ids = f"ADE_{short}_{i:08d}", blocks(number, [0, 1, 3 + 2 * (i % 2), 150])
            layout.put(archive, f"{root}annotations/{folder}/{key}.png", encoded(ids.astype(numpy.uint8), "PNG"), "label-map")
            layout.image(archive, f"{root}images/{folder}/{key}.jpg", jpeg(number), split, pixels=ids)
            scenes.append(f"{key} airport_terminal\n")
    layout.put(archive, root + "objectInfo150.txt",
               b"Idx\tRatio\tTrain\tVal\tStuff\tName\n1\t0.1576\t11664\t1172\t1\twall\n3\t0.0878\t8332\t796\t1\tsky\n"
               b"5\t0.0480\t6604\t643\t1\ttree\n150\t0.0002\t112\t6\t0\tflag\n")
    layout.put(archive, root + "sceneCategories.txt", "".join(scenes).encode())
    return layout


def coco_stuff():
    """The images of COCO 2017 with the label maps of COCO-Stuff."""
    layout = Layout("coco-stuff", "COCO-Stuff 164k", "segmentation", "pixels",
                    {"0": "person", "2": "car", "105": "clouds", "181": "wood"})
    maps = "stuffthingmaps_trainval2017.zip"
    for split, images in (("train", (9, 25, 30)), ("val", (139, 285))):
        coco_split(layout, "2017", split, {image: [] for image in images}, unlabelled=[split])
        layout.put(maps, f"{split}2017/")
        for image, picture in zip(images, layout.pictures[-len(images):]):
            picture.pixels = blocks(image, [0, 2, 105 if image % 2 else 181, 255])
            layout.put(maps, f"{split}2017/{image:012d}.png", encoded(picture.pixels.astype(numpy.uint8), "PNG"), "label-map")
    return layout


def isic2018():
    layout = Layout("isic2018", "ISIC 2018 task 1, skin lesions", "segmentation", "pixels",
                    {"0": "background", "255": "lesion"})
    for split, part, images in (("train", "Training", (0, 1, 3)), ("val", "Validation", (12255, 12346)),
                                ("test", "Test", (12169,))):
        pictures, masks = f"ISIC2018_Task1-2_{part}_Input", f"ISIC2018_Task1_{part}_GroundTruth"
        for folder in (pictures, masks):
            layout.put(folder + ".zip", folder + "/")
            layout.put(folder + ".zip", folder + "/ATTRIBUTION.txt", b"ISIC\n")
            layout.put(folder + ".zip", folder + "/LICENSE.txt", b"CC\n")
        for image in images:
            ids = blocks(image, [0, 255])
            layout.image(pictures + ".zip", f"{pictures}/ISIC_{image:07d}.jpg", jpeg(image), split, pixels=ids)
            layout.put(masks + ".zip", f"{masks}/ISIC_{image:07d}_segmentation.png",
                       encoded(ids.astype(numpy.uint8), "PNG"), "label-map")
    return layout
