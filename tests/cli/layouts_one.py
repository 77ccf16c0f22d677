"""Sets with one label an image, as published."""
import io
import random

import numpy
from scipy import io as matlab

from layouts import READ, Layout, drawn, encoded, jpeg
from support import tar_of

# --- ImageNet: identifiers in the order of meta.mat, which is not that of the WordNet ids ---------------------------------

SYNSETS = [("n02119789", "kit fox, Vulpes macrotis"), ("n02100735", "English setter"),
           ("n02105855", "Shetland sheepdog, Shetland sheep dog, Shetland"), ("n01739381", "vine snake"),
           ("n01440764", "tench, Tinca tinca")]
DEVKIT = "ILSVRC2012_devkit_t12"


def imagenet():
    return Layout("imagenet", "ImageNet ILSVRC2012", "classification", "one", dict(SYNSETS))


def train_images(wnid, seed):
    """[(name, bytes)]: among them the PNG with a JPEG's name, a CMYK and a grey JPEG."""
    images = [(f"{wnid}_{n}.JPEG", jpeg(seed + n)) for n in (18, 36, 10027)]
    if wnid == "n02105855":
        images.append((f"{wnid}_2933.JPEG", encoded(drawn(seed), "PNG")))
    if wnid == "n01739381":
        images.append((f"{wnid}_1309.JPEG", encoded(drawn(seed), "JPEG", "CMYK", quality=90)))
    if wnid == "n01440764":
        images.append((f"{wnid}_2.JPEG", encoded(drawn(seed), "JPEG", "L", quality=90)))
    return images


def meta_mat():
    """synsets (8, 1): the classes, then three inner nodes of WordNet that have children and no number of the challenge."""
    fields = ["ILSVRC2012_ID", "WNID", "words", "gloss", "num_children", "children", "wordnet_height", "num_train_images"]
    nodes = SYNSETS + [("n00001740", "entity"), ("n00004475", "organism, being"), ("n00015388", "animal, animate being")]
    synsets = numpy.zeros((len(nodes), 1), dtype=[(field, object) for field in fields])
    for i, (wnid, words) in enumerate(nodes):
        inner = i >= len(SYNSETS)
        synsets[i, 0] = (float(i + 1), wnid, words, "a gloss of " + words, 2.0 * inner,
                         numpy.array([[1.0, 2.0]]) if inner else numpy.zeros((1, 0)), float(inner), 0.0 if inner else 3.0)
    out = io.BytesIO()
    matlab.savemat(out, {"synsets": synsets}, do_compression=True, oned_as="row")
    return out.getvalue()


def val_labels(n):
    """The class of each validation image, by its number from 1."""
    return {i: SYNSETS[(i * 7 + 2) % len(SYNSETS)][0] for i in range(1, n + 1)}


def imagenet_official():
    layout, train, val = imagenet(), "ILSVRC2012_img_train.tar", "ILSVRC2012_img_val.tar"
    layout.unpacked = {train: [], val: []}
    for k, (wnid, _) in enumerate(sorted(SYNSETS)):
        images = train_images(wnid, 1000 * k)
        layout.put(train, wnid + ".tar", tar_of(images), READ)
        for name, data in images:
            layout.count(data, "train", wnid)
            layout.unpacked[train].append((f"train/{wnid}/{name}", data))
    labels = val_labels(12)
    for i in random.Random(7).sample(sorted(labels), len(labels)):
        name = f"ILSVRC2012_val_{i:08d}.JPEG"
        layout.image(val, name, jpeg(9000 + i), "val", labels[i])
        layout.unpacked[val].append((f"val/{labels[i]}/{name}", jpeg(9000 + i)))
    numbers = {wnid: i + 1 for i, (wnid, _) in enumerate(SYNSETS)}
    devkit = DEVKIT + ".tar.gz"
    for folder in ("", "data/", "evaluation/"):
        layout.put(devkit, f"{DEVKIT}/{folder}")
    layout.put(devkit, f"{DEVKIT}/readme.txt", b"the development kit\n")
    layout.put(devkit, f"{DEVKIT}/evaluation/eval_flat.m", b"function e = eval_flat()\n")
    layout.put(devkit, f"{DEVKIT}/evaluation/demo.val.pred.txt", b"771 778 794 387 650\n")
    layout.put(devkit, f"{DEVKIT}/data/meta.mat", meta_mat())
    layout.put(devkit, f"{DEVKIT}/data/ILSVRC2012_validation_ground_truth.txt",
               "".join(f"{numbers[labels[i]]}\n" for i in sorted(labels)).encode())
    layout.unpacked[devkit] = []
    return layout


def imagenet_kaggle():
    layout, name, root = imagenet(), "imagenet-object-localization-challenge.zip", "ILSVRC/"
    labels, solution, train_solution = val_labels(8), ["ImageId,PredictionString"], ["ImageId,PredictionString"]
    for k, (wnid, _) in enumerate(sorted(SYNSETS)):
        for file, data in train_images(wnid, 1000 * k):
            layout.image(name, f"{root}Data/CLS-LOC/train/{wnid}/{file}", data, "train", wnid)
            layout.put(name, f"{root}Annotations/CLS-LOC/train/{wnid}/{file[:-5]}.xml",
                       f"<annotation><object><name>{wnid}</name></object></annotation>".encode())
            train_solution.append(f"{file[:-5]},{wnid} 1 2 30 31 ")
    for i, wnid in sorted(labels.items(), reverse=True):
        layout.image(name, f"{root}Data/CLS-LOC/val/ILSVRC2012_val_{i:08d}.JPEG", jpeg(9000 + i), "val", wnid)
        layout.put(name, f"{root}Annotations/CLS-LOC/val/ILSVRC2012_val_{i:08d}.xml",
                   b"<annotation><object><name>n00000000</name></object></annotation>")
        solution.append(f"ILSVRC2012_val_{i:08d},{wnid} 5 6 20 21 {wnid} 7 8 9 10 ")
    for i in (1, 2):
        layout.image(name, f"{root}Data/CLS-LOC/test/ILSVRC2012_test_{i:08d}.JPEG", jpeg(9900 + i), "test")
    layout.put(name, root + "ImageSets/CLS-LOC/val.txt", "".join(f"ILSVRC2012_val_{i:08d} {i}\n" for i in labels).encode())
    layout.put(name, root + "ImageSets/CLS-LOC/train_cls.txt", b"n01440764/n01440764_18 1\n")
    layout.put(name, "LOC_synset_mapping.txt", "".join(f"{wnid} {words}\n" for wnid, words in sorted(SYNSETS)).encode())
    layout.put(name, "LOC_val_solution.csv", ("\n".join(solution) + "\n").encode())
    layout.put(name, "LOC_train_solution.csv", ("\n".join(train_solution) + "\n").encode())
    layout.put(name, "LOC_sample_submission.csv", b"ImageId,PredictionString\nILSVRC2012_test_00000001,1 0 0 1 1\n")
    return layout


def imagenet_hugging_face():
    layout, labels = imagenet(), val_labels(8)
    for k, (wnid, _) in enumerate(SYNSETS):
        for i, (file, data) in enumerate(train_images(wnid, 1000 * k)):
            layout.image(f"train_images_{i % 2}.tar.gz", f"{file[:-5]}_{wnid}.JPEG", data, "train", wnid)
    for i, wnid in labels.items():
        layout.image("val_images.tar.gz", f"ILSVRC2012_val_{i:08d}_{wnid}.JPEG", jpeg(9000 + i), "val", wnid)
    for i in (1, 2, 3):
        layout.image("test_images.tar.gz", f"ILSVRC2012_test_{i:08d}.JPEG", jpeg(9900 + i), "test")
    return layout


# --- Tiny-ImageNet --------------------------------------------------------------------------------------------------------

TINY = {"n02124075": "Egyptian cat", "n04067472": "reel", "n04540053": "volleyball", "n01641577": "bullfrog, Rana catesbeiana"}


def tiny_imagenet(resorted=False):
    layout, name, root = Layout("tiny-imagenet", "Tiny-ImageNet-200", "classification", "one", TINY), "tiny-imagenet-200.zip", \
        "tiny-imagenet-200/"
    size, rows = {"width": 64, "height": 64}, []
    for folder in ("", "train/", "val/", "test/", "test/images/"):
        layout.put(name, root + folder)
    layout.put(name, root + "wnids.txt", ("\n".join(TINY) + "\n").encode())
    layout.put(name, root + "words.txt", "".join(f"{w}\t{t}\n" for w, t in {"n00001740": "entity", **TINY}.items()).encode())
    for k, wnid in enumerate(TINY):
        layout.put(name, f"{root}train/{wnid}/{wnid}_boxes.txt", f"{wnid}_0.JPEG\t0\t0\t63\t63\n".encode())
        for i in range(4):
            data = encoded(drawn(100 * k + i, **size), "JPEG", "L" if i == 3 else None, quality=90)
            layout.image(name, f"{root}train/{wnid}/images/{wnid}_{i}.JPEG", data, "train", wnid)
        for i in (k, k + 4):
            folder = wnid if resorted else "images"
            layout.image(name, f"{root}val/{folder}/val_{i}.JPEG", jpeg(900 + i, **size), "val", wnid)
            rows.append(f"val_{i}.JPEG\t{wnid}\t0\t32\t44\t62\n")
        layout.image(name, f"{root}test/images/test_{k}.JPEG", jpeg(990 + k, **size), "test")
    layout.put(name, root + "val/val_annotations.txt", "".join(rows).encode())
    return layout


# --- STL-10, SVHN ---------------------------------------------------------------------------------------------------------

STL = "airplane bird car cat deer dog horse monkey ship truck".split()


def stl10():
    layout = Layout("stl10", "STL-10", "classification", "one", {str(i): name for i, name in enumerate(STL)})
    name, root = "stl10_binary.tar.gz", "stl10_binary/"

    def planes(split, labels, seed):
        images = [drawn(seed + i, width=96, height=96).transpose(2, 1, 0) for i in range(len(labels))]
        for pixels, label in zip(images, labels):
            layout.count(pixels, split, *([str(label - 1)] if label else []))
        return b"".join(pixels.tobytes() for pixels in images)

    test, train = [1, 2, 10, 1], [10, 3, 3, 1, 2, 2]
    layout.put(name, root)
    layout.put(name, root + "test_X.bin", planes("test", test, 50), READ)
    layout.put(name, root + "test_y.bin", bytes(test), READ)
    layout.put(name, root + "train_X.bin", planes("train", train, 70), READ)
    layout.put(name, root + "train_y.bin", bytes(train), READ)
    layout.put(name, root + "unlabeled_X.bin", planes("unlabeled", [0, 0, 0], 90), READ)
    layout.put(name, root + "class_names.txt", ("\n".join(STL) + "\n").encode(), READ)
    layout.put(name, root + "fold_indices.txt", b"0 1 2\n3 4 5\n")
    return layout


def svhn():
    layout = Layout("svhn", "SVHN, cropped digits", "classification", "one", {str(i): "" for i in range(10)})
    for split, labels, seed in (("train", [1, 10, 9, 1, 10], 10), ("test", [2, 10, 1], 30), ("extra", [9, 9], 40)):
        images = [drawn(seed + i, width=32, height=32) for i in range(len(labels))]
        out = io.BytesIO()
        matlab.savemat(out, {"X": numpy.stack(images, 3), "y": numpy.array(labels, numpy.uint8).reshape(-1, 1)},
                       do_compression=True)
        layout.put(f"{split}_32x32.mat", f"{split}_32x32.mat", out.getvalue(), READ)
        for pixels, label in zip(images, labels):
            layout.count(pixels.transpose(2, 0, 1), split, str(label % 10))
    return layout


# --- Caltech, Food-101, pets ----------------------------------------------------------------------------------------------

def caltech101_images(layout, name):
    root = "101_ObjectCategories/"
    for k, folder in enumerate(("accordion", "BACKGROUND_Google", "Faces", "Faces_easy", "water_lilly")):
        layout.put(name, f"{root}{folder}/")
        for i in range(1, 4):
            data = encoded(drawn(100 * k + i), "JPEG", "L" if i == 3 else None, quality=90)
            path = f"{root}{folder}/image_{i:04d}.jpg"
            if folder == "BACKGROUND_Google":
                layout.put(name, path, data, "other-class")
            else:
                layout.image(name, path, data, "", folder)
    layout.put(name, root + "BACKGROUND_Google/tmp", b"no picture")


def caltech101():
    layout = Layout("caltech101", "Caltech-101", "classification", "one", dict.fromkeys(("accordion", "Faces", "Faces_easy",
                                                                                       "water_lilly"), ""))
    caltech101_images(layout, "101_ObjectCategories.tar.gz")
    return layout


def caltech101_nested():
    """The zip that holds both archives, made on a Mac."""
    layout, name, inner, root = caltech101(), "caltech-101.zip", "101_ObjectCategories.tar.gz", "caltech-101/"
    notes = tar_of({"Annotations/Faces_2/annotation_0001.mat": b"MATLAB 5.0 MAT-file" + b" " * 109,
                    "Annotations/accordion/annotation_0001.mat": b"MATLAB 5.0 MAT-file" + b" " * 109})
    archive, members = layout.archive(inner), layout.members.pop(inner)
    layout.put(name, root)
    layout.put(name, root + inner, archive, READ)
    layout.put(name, "__MACOSX/" + root + "._" + inner, b"\0\x05\x16\x07\0\2\0\0Mac OS X        ", "macosx")
    layout.put(name, root + "Annotations.tar", notes, READ)
    layout.passed_over["mat"] = 2
    layout.put(name, root + "show_annotation.m", b"function show_annotation()\n")
    layout.unpacked[name] = [(root + path, data) for path, data in members]
    return layout


def caltech256():
    layout = Layout("caltech256", "Caltech-256", "classification", "one", {"001.ak47": "ak47", "056.dog": "dog",
                                                                           "198.spider": "spider", "256.toad": "toad"})
    name, root = "256_ObjectCategories.tar", "256_ObjectCategories/"
    for k, folder in enumerate([*layout.names, "257.clutter"]):
        layout.put(name, f"{root}{folder}/")
        for i in range(1, 4):
            path, data = f"{root}{folder}/{folder[:3]}_{i:04d}.jpg", jpeg(100 * k + i)
            if folder == "257.clutter":
                layout.put(name, path, data, "other-class")
            else:
                layout.image(name, path, data, "", folder)
    layout.put(name, root + "198.spider/RENAME2", b"#!/bin/sh\n")
    return layout


def food101():
    classes = ("apple_pie", "baklava", "waffles")
    layout, name, root = Layout("food101", "Food-101", "classification", "one", dict.fromkeys(classes, "")), \
        "food-101.tar.gz", "food-101/"
    keys = {"train": [], "test": []}
    for folder in ("", "images/", "meta/"):
        layout.put(name, root + folder)
    for k, folder in enumerate(classes):
        for i in range(5):
            split, number = "test" if i == 4 else "train", 1000000 + 31337 * k + i
            layout.image(name, f"{root}images/{folder}/{number}.jpg", jpeg(100 * k + i), split, folder)
            keys[split].append(f"{folder}/{number}")
    layout.put(name, root + "meta/classes.txt", "\n".join(classes).encode())
    layout.put(name, root + "meta/labels.txt", b"Apple pie\nBaklava\nWaffles\n")
    for split, listed in keys.items():
        layout.put(name, f"{root}meta/{split}.txt", ("\n".join(listed) + "\n").encode())
        layout.put(name, f"{root}meta/{split}.json", ('{"apple_pie": ["' + listed[0] + '"]}').encode())
    layout.put(name, root + "README.txt", b"Food-101\n")
    return layout


def pets():
    """Names that lie (PNG under .jpg), images of no split, .mat files, and AppleDouble beside the trimaps."""
    breeds = ("Abyssinian", "american_pit_bull_terrier", "Egyptian_Mau")
    layout, images, notes = Layout("pets", "Oxford-IIIT Pet", "classification", "one", dict.fromkeys(breeds, "")), \
        "images.tar.gz", "annotations.tar.gz"
    lists = {"trainval": [], "test": []}
    layout.put(images, "images/")
    for folder in ("", "trimaps/", "xmls/"):
        layout.put(notes, "annotations/" + folder)
    for k, breed in enumerate(breeds):
        for i in (1, 2, 10, 100, 201):
            split = {1: "trainval", 2: "trainval", 10: "trainval", 100: "test", 201: None}[i]
            key, seed = f"{breed}_{i}", 1000 * k + i
            data = encoded(drawn(seed), "PNG", "RGBA") if key == "Egyptian_Mau_10" else jpeg(seed)
            layout.image(images, f"images/{key}.jpg", data, [split] if split else [], breed)
            if split:
                lists[split].append(f"{key} {k + 1} {2 if breed[0].islower() else 1} {k + 1}\n")
                layout.put(notes, f"annotations/trimaps/{key}.png", encoded(drawn(seed)[:, :, 0] % 3 + 1, "PNG"), "mask")
                layout.put(notes, f"annotations/trimaps/._{key}.png", b"\0\x05\x16\x07\0\2\0\0Mac OS X        ",
                           "dot-file")
        layout.put(images, f"images/{breed}_{100 + k}.mat", b"MATLAB 5.0 MAT-file" + b" " * 109)
    layout.put(notes, "annotations/README", b"pets\n")
    layout.put(notes, "annotations/list.txt",
               b"#Image CLASS-ID SPECIES BREED ID\n" + "".join(lists["trainval"] + lists["test"]).encode())
    layout.put(notes, "annotations/trainval.txt", "".join(lists["trainval"]).encode())
    layout.put(notes, "annotations/test.txt", "".join(lists["test"]).encode())
    layout.put(notes, "annotations/xmls/Abyssinian_1.xml", b"<annotation><object><name>cat</name></object></annotation>")
    return layout
