"""The manifests of datasets: files named by their ids, facts with sources, and path templates that take the published layouts
and nothing of a common folder of pictures. The matcher here is its own, written from src/manifest/manifest.h."""
import json
import os
import pathlib
import re
import sys

import source

FOLDER = "data-manifests/datasets"
HEX64 = "00071198d059ba7f5914a526d124d28e6d010c92466da21d4a04cd5413362552"

# A path as an archive's entry has it (after the archive's name), and what it must be: id, split, class, key.
IMAGES = [
    ("ILSVRC2012_img_train.tar!n01440764.tar!n01440764_18.JPEG", "imagenet", "train", "n01440764", "n01440764_18"),
    ("train/n01440764/n01440764_18.JPEG", "imagenet", "train", "n01440764", "n01440764_18"),
    ("k.zip!ILSVRC/Data/CLS-LOC/train/n01440764/n01440764_18.JPEG", "imagenet", "train", "n01440764", "n01440764_18"),
    ("k.zip!ILSVRC/Data/CLS-LOC/val/ILSVRC2012_val_00000001.JPEG", "imagenet", "val", None, "ILSVRC2012_val_00000001"),
    ("ILSVRC2012_img_val.tar!ILSVRC2012_val_00050000.JPEG", "imagenet", "val", None, "ILSVRC2012_val_00050000"),
    ("val/n01440764/ILSVRC2012_val_00000293.JPEG", "imagenet", "val", "n01440764", "ILSVRC2012_val_00000293"),
    ("t.tar.gz!n01440764_18_n01440764.JPEG", "imagenet", "train", "n01440764", "n01440764_18"),
    ("v.tar.gz!ILSVRC2012_val_00000293_n01440764.JPEG", "imagenet", "val", "n01440764", "ILSVRC2012_val_00000293"),
    ("ILSVRC/Data/CLS-LOC/test/ILSVRC2012_test_00000001.JPEG", "imagenet", "test", None, "ILSVRC2012_test_00000001"),
    ("tiny-imagenet-200/train/n01443537/images/n01443537_0.JPEG", "tiny-imagenet", "train", "n01443537", "n01443537_0"),
    ("tiny-imagenet-200/val/images/val_9999.JPEG", "tiny-imagenet", "val", None, "val_9999"),
    ("tiny-imagenet-200/val/n01443537/val_1.JPEG", "tiny-imagenet", "val", "n01443537", "val_1"),
    ("tiny-imagenet-200/test/images/test_0.JPEG", "tiny-imagenet", "test", None, "test_0"),
    ("leftImg8bit/train/aachen/aachen_000000_000019_leftImg8bit.png", "cityscapes", "train", None, "aachen_000000_000019"),
    ("leftImg8bit/train_extra/ulm/ulm_000000_000019_leftImg8bit.png", "cityscapes", "train_extra", None, "ulm_000000_000019"),
    ("train2017.zip!train2017/000000000009.jpg", "coco", "train2017", None, "000000000009"),
    ("val2014/COCO_val2014_000000000042.jpg", "coco", "val2014", None, "COCO_val2014_000000000042"),
    ("test2015/COCO_test2015_000000000001.jpg", "coco", "test2015", None, "COCO_test2015_000000000001"),
    ("VOCdevkit/VOC2007/JPEGImages/000005.jpg", "voc", None, None, "000005"),
    ("TrainVal/VOCdevkit/VOC2011/JPEGImages/2007_000027.jpg", "voc", None, None, "2007_000027"),
    ("ADEChallengeData2016/images/training/ADE_train_00000001.jpg", "ade20k", "train", None, "ADE_train_00000001"),
    ("ADEChallengeData2016/images/validation/ADE_val_00000001.jpg", "ade20k", "val", None, "ADE_val_00000001"),
    ("ISIC2018_Task1-2_Training_Input/ISIC_0000000.jpg", "isic2018", "train", None, "ISIC_0000000"),
    (f"stage1_train.zip!{HEX64}/images/{HEX64}.png", "dsb2018", "train", None, HEX64),
    (f"outer.zip!stage1_test.zip!{HEX64}/images/{HEX64}.png", "dsb2018", "test", None, HEX64),
    (f"stage1_train/{HEX64}/images/{HEX64}.png", "dsb2018", "train", None, HEX64),
    (f"{HEX64}/images/{HEX64}.png", "dsb2018", None, None, HEX64),
    ("caltech-101.zip!caltech-101/101_ObjectCategories.tar.gz!101_ObjectCategories/ant/image_0001.jpg", "caltech101", None, "ant",
     "ant/image_0001"),
    ("256_ObjectCategories/001.ak47/001_0001.jpg", "caltech256", None, "001.ak47", "001_0001"),
    ("food-101/images/apple_pie/1005649.jpg", "food101", None, "apple_pie", "apple_pie/1005649"),
    ("images/Abyssinian_1.jpg", "pets", None, "Abyssinian", "Abyssinian_1"),
    ("images.tar.gz!images/wheaten_terrier_99.JPG", "pets", None, "wheaten_terrier", "wheaten_terrier_99"),
]
# Pictures that are no images, and label maps.
OTHERS = [
    ("gtFine/train/aachen/aachen_000000_000019_gtFine_color.png", "cityscapes", "passed_over"),
    ("gtFine/train/aachen/aachen_000000_000019_gtFine_labelIds.png", "cityscapes", "label_maps"),
    ("gtCoarse/train_extra/ulm/ulm_000000_000019_gtCoarse_labelIds.png", "cityscapes", "passed_over"),
    ("VOCdevkit/VOC2007/SegmentationClass/000032.png", "voc", "passed_over"),
    ("VOCdevkit/VOC2012/SegmentationObject/2007_000032.png", "voc", "passed_over"),
    ("annotations/panoptic_train2017.zip!panoptic_train2017/000000000009.png", "coco", "passed_over"),
    ("train2017/000000000009.png", "coco-stuff", "label_maps"),
    ("ADEChallengeData2016/annotations/training/ADE_train_00000001.png", "ade20k", "label_maps"),
    ("ISIC2018_Task1_Training_GroundTruth/ISIC_0000000_segmentation.png", "isic2018", "label_maps"),
    (f"stage1_train.zip!{HEX64}/masks/{HEX64}.png", "dsb2018", "passed_over"),
    ("annotations/trimaps/Abyssinian_1.png", "pets", "passed_over"),
    ("VOCdevkit/VOC2012/ImageSets/Main/train.txt", "voc", "labels"),
    ("VOCdevkit/VOC2007/Annotations/000005.xml", "voc", "labels"),
    ("annotations/instances_val2017.json", "coco", "labels"),
    ("ILSVRC2012_devkit_t12/data/meta.mat", "imagenet", "labels"),
    ("ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt", "imagenet", "labels"),
    ("tiny-imagenet-200/val/val_annotations.txt", "tiny-imagenet", "labels"),
    ("food-101/meta/test.txt", "food101", "labels"),
    ("annotations/trainval.txt", "pets", "labels"),
]
# What folders of pictures look like: of no set.
COMMON = [
    "train/cat/1.jpg", "train/cat/cat_1.jpg", "val/dog/images/0001.png", "images/1.jpg", "images/img_0001.jpg", "images/cat_1.jpg",
    "a/image_0001.jpg", "train/000000000009.jpg", "2017/000001.jpg", "000001.jpg", "training/1.jpg", "test/images/1.JPEG",
    "val/images/1.png", "n01440764/1.jpg", "photos.zip!2020_000001.jpg", "x/images/x.png", "ISIC_0000000.jpg", "DCIM/IMG_0001.JPG",
    "train/street/ADE_train_00000001.jpg", "val/a/a_1_2_leftImg8bit.jpg", "shard.tar!000001.png", "2750/Forest/Forest_1.jpg",
]


def pattern_of(pattern):
    """{name=PATTERN}: '#' digit, '@' letter, '%' hex digit, a last '+' repeats what stands before it."""
    kinds = {"#": "[0-9]", "@": "[a-z]", "%": "[0-9a-f]"}
    repeats = pattern.endswith("+")
    items = [kinds.get(c, re.escape(c)) for c in (pattern[:-1] if repeats else pattern)]
    return "".join(items) + ("+" if repeats else "")


def compiled(template):
    """A regular expression over '/'-separated paths; '!' ends a component as '/' does."""
    out, seen = "", set()
    for part in re.split(r"(\{[^}]*\}|\*\*/?|\*|[/!])", template):
        if part.startswith("{"):
            name, _, pattern = part[1:-1].partition("=")
            out += f"(?P={name})" if name in seen else f"(?P<{name}>{pattern_of(pattern) if pattern else '[^/]+'})"
            seen.add(name)
        elif part.startswith("**"):
            out += "(?:[^/]+/)*"
        else:
            out += "[^/]*" if part == "*" else "/" if part in "/!" and part else re.escape(part)
    return re.compile("(?:^|.*/)" + out + "$", re.I)


def match(rules, path):
    """The first rule that takes the path, and what it captured."""
    for rule in rules:
        found = compiled(rule["path"]).match(path.replace("!", "/"))
        if found:
            return rule, found.groupdict()
    return None, {}


def sourced(value, where):
    """Each object that has the key "source" says something there."""
    if isinstance(value, dict):
        if "source" in value and not re.search(r"\w{3}", value["source"]):
            yield f"{where}: a fact without a source"
        for key, item in value.items():
            yield from sourced(item, f"{where}.{key}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from sourced(item, f"{where}[{i}]")


def image_faults(layouts):
    for path, dataset, split, class_id, key in IMAGES:
        rule, taken = match(layouts[dataset]["images"], path)
        if rule is None:
            yield f"{dataset}: no template takes {path}"
            continue
        got_key = re.sub(r"\{(\w+)\}", lambda m: taken[m.group(1)], rule.get("key", "{key}"))
        got = (rule.get("split") or taken.get("split"), rule.get("class") or taken.get("class"), got_key)
        if got != (split, class_id, key):
            yield f"{dataset}: {path} is {got}"
        for other, layout in layouts.items():
            if other != dataset and (other, dataset) != ("coco-stuff", "coco") and match(layout["images"], path)[0]:
                yield f"{other}: takes {path} of {dataset}"


def other_faults(layouts):
    for path, dataset, kind in OTHERS:
        if not match(layouts[dataset].get(kind, []), path)[0]:
            yield f"{dataset}: {path} is none of its {kind}"
        for which in {"images", "passed_over", "label_maps"} - {kind}:
            if match(layouts[dataset].get(which, []), path)[0]:
                yield f"{dataset}: {path} is one of its {which} as well"
    for path in COMMON:
        for name, layout in layouts.items():
            for kind in ("images", "label_maps"):
                if match(layout.get(kind, []), path)[0]:
                    yield f"{name}: {kind}: takes the common path {path}"


def sample_faults(layouts):
    """Real folders in the published layouts, where they are at hand."""
    samples = pathlib.Path(os.environ.get("NOFADE_SAMPLES", "no-samples"))
    sets = [("coco-cc", "coco", "*2017/*.jpg"), ("dsb2018", "dsb2018", "stage1_train/*/images/*.png"),
            ("datumaro-assets/cityscapes_dataset/dataset", "cityscapes", "leftImg8bit/*/*/*.png"),
            ("datumaro-assets/voc_dataset/voc_dataset1", "voc", "JPEGImages/*.jpg")]
    for folder, dataset, glob in sets:
        paths = [path.relative_to(samples).as_posix() for path in (samples / folder).glob(glob)]
        if not paths:
            print(f"SKIP check_manifests {folder}: no such samples (NOFADE_SAMPLES)")
        yield from (f"{dataset}: no template takes {path}" for path in paths if not match(layouts[dataset]["images"], path)[0])


faults, manifests = [], {}
for file in sorted((source.root() / FOLDER).glob("*.json")):
    manifest = json.loads(file.read_text(encoding="utf-8"))
    manifests[file.stem] = manifest
    if manifest["id"] != file.stem:
        faults.append(f"{FOLDER}/{file.name}: its id is {manifest['id']}")
    faults += sourced(manifest, file.stem)
    facts = [key for key in ("archives", "splits", "licence", "classes", "typical_size") if key in manifest]
    faults += [f"{file.stem}.{key}: a fact without a source" for key in facts
               for fact in (manifest[key] if isinstance(manifest[key], list) else [manifest[key]]) if "source" not in fact]
if len(sys.argv) == 1:
    with_layout = {name: manifest["layout"] for name, manifest in manifests.items() if "layout" in manifest}
    for check in (image_faults, other_faults, sample_faults):
        faults += check(with_layout)
print(f"{len(manifests)} manifests, {len(IMAGES) + len(OTHERS) + len(COMMON)} paths")
source.finish(faults)
