"""Reading the source tables, and writing tidy ones: RFC 4180, LF, UTF-8, sorted, the same bytes every time."""
import csv
import decimal
import re

COLUMNS = ["model", "variant", "dataset", "eval_split", "task", "metric", "accuracy_pct", "top5_pct", "gmacs", "gflops",
           "flops_convention", "flops_px", "input_px", "params_m", "gpu", "gpu_count", "hours", "gpu_hours", "hours_scope",
           "energy_kwh", "energy_mj", "inference_ms", "inference_gpu", "test_images", "paper_ref", "source"]
KEY = ["model", "variant", "dataset", "task", "metric", "input_px"]

# The source's name of a data set: nofade's id, and the split where the name itself says it.
DATASETS = {
    "ADE20K": ("ade20k", ""), "CIFAR-10": ("cifar10", "test"), "CIFAR-100": ("cifar100", "test"), "COCO": ("coco", ""),
    "COCO (semantic)": ("coco-semantic", ""), "COCO-Stuff": ("coco-stuff", ""), "COCO-Stuff 10k": ("coco-stuff10k", ""),
    "COCO-Stuff 164k": ("coco-stuff", ""), "COCO-val2017": ("coco", "val"),
    "COCO-val2017-VOC-labels": ("coco-voc-labels", "val"),
    "CUB-200-2011": ("cub200", "test"), "CamVid": ("camvid", ""), "Cityscapes": ("cityscapes", ""),
    "CrowdHuman": ("crowdhuman", ""), "FashionMNIST": ("fashion-mnist", ""), "ImageNet-1K": ("imagenet", "val"),
    "Kinetics-400": ("kinetics-400", ""), "LVIS v0.5": ("lvis-v0.5", ""), "LVIS v1": ("lvis-v1", ""), "LoveDA": ("loveda", ""),
    "MNIST": ("mnist", ""), "Mapillary Vistas": ("mapillary-vistas", ""),
    "Mapillary Vistas v1.2": ("mapillary-vistas-v1.2", ""),
    "Objects365 v1": ("objects365-v1", ""), "Objects365 v2": ("objects365-v2", ""),
    "Open Images Challenge 2019": ("open-images-2019", ""), "Open Images v6": ("open-images-v6", ""),
    "PASCAL VOC 2012": ("voc", "2012"), "Pascal Context": ("pascal-context", ""),
    "Pascal Context 59": ("pascal-context-59", ""),
    "Pascal VOC 2012 + Aug": ("voc", "2012"), "Potsdam": ("potsdam", ""), "SVHN": ("svhn", "test"),
    "Something-Something V2": ("something-something-v2", ""), "Tiny-ImageNet": ("tiny-imagenet", ""),
    "VOC2007": ("voc", "2007 test"), "Vaihingen": ("vaihingen", ""), "iSAID": ("isaid", ""),
}
# Images behind a proportion: top-1 is one, mIoU and AP are not. README.md says where the counts come from.
TEST_IMAGES = {("imagenet", "val"): "50000", ("cifar10", "test"): "10000", ("cifar100", "test"): "10000",
               ("svhn", "test"): "26032", ("cub200", "test"): "5794", ("tiny-imagenet", "val"): "10000"}


def read(folder, name):
    """The rows of a source table, as dictionaries of text."""
    with open(folder / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def natural(text):
    """Sorts resnet9 before resnet18."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", text) if part]


def write(path, header, rows, key):
    """Sorts by the key and writes; two rows of one key are a fault of the tables, not something to choose between."""
    rows = sorted(rows, key=lambda row: [natural(row[name]) for name in key])
    seen = set()
    for row in rows:
        mark = tuple(row[name] for name in key)
        if mark in seen:
            raise SystemExit(f"{path.name}: two rows of the key {mark}")
        seen.add(mark)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def shifted(text, places):
    """A printed decimal times 10^places, digit for digit: 0.6189 is 61.89 percent, 61100840 is 61.10084 million."""
    if not text:
        return ""
    moved = decimal.Decimal(text).scaleb(places)
    plain = format(moved, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain and places < 0 else plain


def times(text, factor, digits):
    """A printed decimal times a factor, rounded to this many digits after the point."""
    product = decimal.Decimal(text) * decimal.Decimal(factor)
    return format(product.quantize(decimal.Decimal(1).scaleb(-digits), decimal.ROUND_HALF_EVEN), "f")


def size(text):
    """A size as the tables write it: 224 for a square, else HEIGHTxWIDTH."""
    sides = text.split("x")
    return sides[0] if len(set(sides)) == 1 else text


def flops(value, convention):
    """The three cells that say how much one forward pass computes."""
    if not value:
        return {}
    return {"gmacs" if convention == "macs" else "gflops": value, "flops_convention": convention}


def model_row(**cells):
    """A row of a model table: what is not given is empty, and the count of test images follows from data set and split."""
    row = dict.fromkeys(COLUMNS, "")
    row.update(cells)
    if row["metric"] == "top1":
        row["test_images"] = TEST_IMAGES.get((row["dataset"], row["eval_split"]), "")
    return row
