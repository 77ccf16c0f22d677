"""Sets with several labels an image, and with none, as published."""
import json

from layouts import Layout, blocks, drawn, encoded, indexed, jpeg, png

# --- PASCAL VOC -----------------------------------------------------------------------------------------------------------

VOC = "aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person pottedplant sheep " \
      "sofa train tvmonitor".split()


def voc_xml(year, key, objects):
    """A person has parts with names of their own, which are no objects."""
    part = "<part><name>head</name><bndbox><xmin>3</xmin><ymin>3</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></part>"
    listed = "".join(f"""
\t<object>
\t\t<name>{name}</name>
\t\t<pose>Left</pose>
\t\t<truncated>0</truncated>
\t\t<difficult>0</difficult>
\t\t<bndbox><xmin>{i + 1}</xmin><ymin>2</ymin><xmax>30</xmax><ymax>30</ymax></bndbox>{part if name == "person" else ""}
\t</object>""" for i, name in enumerate(objects))
    return f"""<annotation>
\t<folder>VOC{year}</folder>
\t<filename>{key}.jpg</filename>
\t<source><database>The VOC{year} Database</database><image>flickr</image></source>
\t<owner><name>car</name></owner>
\t<size><width>40</width><height>32</height><depth>3</depth></size>
\t<segmented>0</segmented>{listed}
</annotation>
""".encode()


def voc_part(layout, archive, year, main, segmentation, more=()):
    """main: {split: {key: objects}}; segmentation: {split: [key]}; more: keys that no list of Main names."""
    root = f"VOCdevkit/VOC{year}/"
    for folder in ("", "Annotations/", "ImageSets/", "ImageSets/Layout/", "ImageSets/Main/", "ImageSets/Segmentation/",
                   "JPEGImages/", "SegmentationClass/", "SegmentationObject/"):
        layout.put(archive, root + folder)
    split_of = {key: f"{split}{year}" for split, keys in main.items() for key in keys}
    objects = {key: names for keys in main.values() for key, names in keys.items()}
    for key in [*objects, *more]:
        layout.put(archive, f"{root}Annotations/{key}.xml", voc_xml(year, key, objects.get(key, ["person"])))
    lists = dict(main)
    if "train" in main:
        lists["trainval"] = {**main["train"], **main["val"]}
    for split, keys in lists.items():
        layout.put(archive, f"{root}ImageSets/Main/{split}.txt", "".join(key + "\n" for key in sorted(keys)).encode())
        for name in VOC:
            rows = "".join(f"{key} {' 1' if name in keys[key] else '-1'}\n" for key in sorted(keys))
            layout.put(archive, f"{root}ImageSets/Main/{name}_{split}.txt", rows.encode())
    chosen = dict(segmentation)
    if "train" in chosen:
        chosen["trainval"] = chosen["train"] + chosen["val"]
    for split, keys in chosen.items():
        layout.put(archive, f"{root}ImageSets/Segmentation/{split}.txt", "".join(key + "\n" for key in keys).encode())
    layout.put(archive, f"{root}ImageSets/Layout/{next(iter(main))}.txt", b"")
    for i, key in enumerate([*objects, *more]):
        layout.image(archive, f"{root}JPEGImages/{key}.jpg", jpeg(int(key[-6:])), [split_of[key]] if key in split_of else [],
                     *dict.fromkeys(objects.get(key, ["person"])))
    for i, key in enumerate(key for keys in segmentation.values() for key in keys):
        layout.put(archive, f"{root}SegmentationClass/{key}.png", indexed(blocks(i, [0, 15, 255])), "mask")
        layout.put(archive, f"{root}SegmentationObject/{key}.png", indexed(blocks(i, [0, 1, 2])), "mask")


def voc():
    return Layout("voc", "PASCAL VOC 2007 and 2012", "detection", "several", dict.fromkeys(VOC, ""))


def voc2007():
    layout = voc()
    voc_part(layout, "VOCtrainval_06-Nov-2007.tar", 2007,
             {"train": {"000012": ["car"], "000017": ["person", "horse", "person"], "000032": ["aeroplane", "person"]},
              "val": {"000005": ["chair", "chair"], "000007": ["car"], "000009": ["horse", "person"]}},
             {"train": ["000032"], "val": ["000009"]})
    voc_part(layout, "VOCtest_06-Nov-2007.tar", 2007,
             {"test": {"000001": ["dog", "person"], "000002": ["train"], "000010": ["horse", "person"]}}, {"test": ["000010"]})
    return layout


def voc2012():
    """With images that only the lists of Action name."""
    layout = voc()
    voc_part(layout, "VOCtrainval_11-May-2012.tar", 2012,
             {"train": {"2008_000008": ["horse", "person"], "2008_000015": ["bottle"], "2009_000027": ["person"]},
              "val": {"2008_000002": ["tvmonitor"], "2007_000033": ["aeroplane"]}},
             {"train": ["2009_000027"], "val": ["2007_000033"]}, ["2010_006215", "2011_003285"])
    return layout


# --- COCO -----------------------------------------------------------------------------------------------------------------

CATEGORIES = {1: ("person", "person"), 3: ("vehicle", "car"), 18: ("animal", "dog"), 62: ("furniture", "chair"),
              90: ("indoor", "toothbrush")}


def coco_json(images, annotations, **more):
    return json.dumps({"info": {"description": "COCO", "version": "1.0", "contributor": "COCO Consortium", "categories": 1},
                       "licenses": [{"url": "http://creativecommons.org/licenses/by/2.0/", "id": 4, "name": "Attribution"}],
                       "images": images, "annotations": annotations, **more}).encode()


def coco_instances(files, labels):
    """files: {image id: file name}; labels: {image id: [category id]}; a crowd's mask is an object, not a list."""
    annotations, number = [], 900100000000
    for image, found in labels.items():
        for k, category in enumerate(found):
            mask = {"counts": [3, 4, 5], "size": [32, 40]} if k == 2 else [[1.5, 2.0, 9.25, 2.0, 9.25, 12.5]]
            annotations.append({"segmentation": mask, "area": 120.5, "iscrowd": int(k == 2), "image_id": image,
                                "bbox": [1.0, 2.0, 12.25, 10.5], "category_id": category, "id": number + k})
        number += 100
    images = [{"license": 4, "file_name": file, "coco_url": "http://images.cocodataset.org/" + file, "height": 32, "width": 40,
               "date_captured": "2013-11-14 17:02:52", "flickr_url": "http://farm7.staticflickr.com/x.jpg", "id": image}
              for image, file in files.items()]
    categories = [{"supercategory": group, "id": number, "name": name} for number, (group, name) in CATEGORIES.items()]
    return images, annotations, categories


def coco_split(layout, year, split, labels, unlabelled=(), prefix=""):
    """labels: {image id: [category ids]}, an empty list for an image without objects."""
    name = f"{split}{year}"
    files = {image: f"{prefix}{image:012d}.jpg" for image in labels}
    layout.put(name + ".zip", name + "/")
    for image, file in files.items():
        data = encoded(drawn(image), "JPEG", "L" if image % 5 == 0 else None, quality=90)
        layout.image(name + ".zip", f"{name}/{file}", data, name, *(str(c) for c in dict.fromkeys(labels[image])))
    if not labels or split in unlabelled:
        return
    images, annotations, categories = coco_instances(files, labels)
    archive = f"annotations_trainval{year}.zip"
    captions = [{"image_id": image, "id": image + 7, "caption": 'a "car" \\ category_id: 90'} for image in files]
    keypoints = [{**a, "keypoints": [1, 2, 2] * 17, "num_keypoints": 17} for a in annotations if a["category_id"] == 1]
    layout.put(archive, f"annotations/instances_{name}.json", coco_json(images, annotations, categories=categories))
    layout.put(archive, f"annotations/captions_{name}.json", coco_json(images, captions))
    layout.put(archive, f"annotations/person_keypoints_{name}.json",
               coco_json(images, keypoints, categories=[{**categories[0], "keypoints": ["nose"], "skeleton": [[1, 1]]}]))


def coco(year="2017"):
    layout = Layout("coco", "COCO 2017 and 2014", "detection", "several", {str(k): v for k, (_, v) in CATEGORIES.items()})
    prefix = {split: f"COCO_{split}{year}_" if year == "2014" else "" for split in ("train", "val", "test")}
    coco_split(layout, year, "train", {9: [1, 3, 1], 25: [18], 30: [], 34: [90, 1, 1], 36: [3]}, prefix=prefix["train"])
    coco_split(layout, year, "val", {139: [62, 62, 1], 285: [18], 632: []}, prefix=prefix["val"])
    coco_split(layout, year, "test", {1: [], 16: []}, unlabelled=["test"], prefix=prefix["test"])
    return layout


# --- DSB 2018 -------------------------------------------------------------------------------------------------------------

def dsb2018():
    """Folders by 64 hexadecimal digits; the masks outnumber the images."""
    layout = Layout("dsb2018", "Data Science Bowl 2018, nuclei", "segmentation", "none")
    for split, n in (("train", 3), ("test", 2)):
        archive = f"stage1_{split}.zip"
        for i in range(n):
            key = f"{(i + 1) * 0x1234567 + n:064x}"
            layout.put(archive, key + "/")
            layout.put(archive, key + "/images/")
            layout.image(archive, f"{key}/images/{key}.png", png(100 * n + i, "RGBA"), split)
            if split == "train":
                layout.put(archive, key + "/masks/")
                for k in range(4):
                    layout.put(archive, f"{key}/masks/{(k + 9) * 0x7654321 + i:064x}.png",
                               encoded((drawn(k)[:, :, 0] > 110) * drawn(k)[:, :, 0].dtype.type(255), "PNG"), "mask")
        layout.unpacked[archive] = [(f"stage1_{split}/{path}", data) for path, data in layout.members[archive]]
    return layout
