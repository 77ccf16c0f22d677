"""The classes of published sets, read from their own annotations: for run_golden.py, and with nothing of nofade."""
import glob
import json
import os
import re
import xml.etree.ElementTree as xml

import numpy
from PIL import Image

UNLABELLED = {"cityscapes": {0, 1, 2, 3}, "ade20k": {0}, "coco-stuff": {255}, "isic2018": set()}


def coco(path, images):
    """{category id: [entropy of each image that holds it]}"""
    found = {}
    for file in glob.glob(os.path.join(path, "**", "instances_*.json"), recursive=True):
        with open(file, encoding="utf-8") as handle:
            notes = json.load(handle)
        split = re.fullmatch(r"instances_(.*)\.json", os.path.basename(file)).group(1)
        names = {image["id"]: image["file_name"] for image in notes["images"]}
        held = {(names[note["image_id"]], note["category_id"]) for note in notes["annotations"]}
        for name, category in held:
            of = [entropy for member, entropy in images.items() if member.endswith(split + "/" + name)]
            found.setdefault(str(category), []).extend(of)
    return {key: of for key, of in found.items() if of}


def voc(path, images):
    """{name: [entropy of each image that holds such an object]}"""
    found = {}
    for member, entropy in images.items():
        folder, name = os.path.split(member)
        notes = os.path.join(path, os.path.dirname(folder), "Annotations", os.path.splitext(name)[0] + ".xml")
        if os.path.exists(notes):
            for held in {item.findtext("name") for item in xml.parse(notes).getroot().iter("object")}:
                found.setdefault(held, []).append(entropy)
    return found


def label_map_of(dataset, path, member):
    """The file with the classes of an image's pixels."""
    if dataset == "cityscapes":
        member = member.replace("leftImg8bit", "gtFine", 1)
        return os.path.join(path, member.replace("_leftImg8bit.png", "_gtFine_labelIds.png"))
    if dataset == "ade20k":
        return os.path.join(path, member.replace("images/", "annotations/").replace(".jpg", ".png"))
    raise ValueError(dataset + ": where are its label maps?")


def pixels(dataset, path, images):
    """{value: [entropy of its pixels in each image that has some]}"""
    found = {}
    for member in images:
        file = label_map_of(dataset, path, member)
        if not os.path.exists(file):
            continue
        with Image.open(file) as label_map, Image.open(os.path.join(path, member)) as image:
            values, grey = numpy.asarray(label_map), numpy.asarray(image.convert("L"))
        for value in set(numpy.unique(values).tolist()) - UNLABELLED[dataset]:
            counts = numpy.bincount(grey[values == value], minlength=256)
            shares = counts[counts > 0] / counts.sum()
            found.setdefault(str(value), []).append(float(-(shares * numpy.log2(shares)).sum()) + 0.0)
    return found


def classes_of(path, dataset, images):
    """images: {member: entropy}, those that count. {class id: [entropies]}"""
    if dataset == "coco":
        return coco(path, images)
    if dataset == "voc":
        return voc(path, images)
    return pixels(dataset, path, images)
