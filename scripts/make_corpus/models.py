"""The tables of models that people publish: timm, torchvision, OpenMMLab, the papers that NoFADE cites, and others."""
import re

import common
import decisions

SIZE_IN_NAME = re.compile(r"_(96|128|160|192|224)$|\(res (\d+)\)|fine-tune at (\d+)|\((\d{3})\)$|^YOLOv[34]-(\d+)$|"
                          r"^RFBNet(\d+)|^RefineDet(\d+)|\((\d+x\d+)\)$|P5 (\d+)$|in1k-(\d{3})(?:px)?$|cub-(\d{3})px$|"
                          r"\(ImageNet-[12]2?K (\d+x\d+)")
FLOPS_AT = re.compile(r"(?:GFLOPs|FLOPs)(?: column)? (?:at )?(\d+x\d+)")
MIOU_AT = re.compile(r"mIoU at (\d+x\d+)")


def timm(folder):
    """One row a model and size. The rate was measured in large batches, so the time is a mean, not a latency."""
    for row in common.read(folder, "timm-imagenet.csv"):
        yield common.model_row(
            model=row["model"], dataset="imagenet", eval_split="val", task="classification", metric="top1",
            accuracy_pct=row["top1"], top5_pct=row["top5"], input_px=row["img_size"], params_m=row["params_m"],
            inference_ms=f"{1000 / float(row['samples_per_sec']):.6g}", inference_gpu=row["gpu"],
            source=row["source"] + "; ms = 1000 / (images/s)", **common.flops(row["gmacs"], "macs"))


def torchvision(folder):
    """The metadata of torchvision's weights."""
    for task in ("classification", "detection", "segmentation"):
        for row in common.read(folder, f"torchvision-{task}.csv"):
            dataset, split = common.DATASETS[row["dataset"]]
            yield common.model_row(
                model=row["model"], variant=row["weights"], dataset=dataset, eval_split=split, task=task,
                metric=row["metric_name"], accuracy_pct=row["metric_value"], top5_pct=row["top5"],
                input_px=common.size(row["input_size"]), params_m=common.shifted(row["params"], -6), source=row["source"],
                **common.flops(row["gflops"], row["flops_convention"]))


def split_of(row, table, dataset, split):
    """The split that the accuracy was measured on, where the source says it."""
    text = row["source"] + " " + row["model"]
    if dataset == "voc" and split == "2012":
        return "2012 test" if "(test)" in row["model"] else "2012 val"
    if split:
        return split
    for name, pattern in (("test-dev", r"test-dev"), ("minival", r"minival|Detectron MODEL_ZOO"), ("test", r"Cityscapes test"),
                          ("val", r"Cityscapes val|val2017|detectron2 MODEL_ZOO")):
        if re.search(pattern, text):
            return name
    known = ("coco", "cityscapes", "ade20k", "coco-stuff", "lvis-v0.5", "lvis-v1", "pascal-context", "pascal-context-59")
    return "val" if table == "openmmlab" and dataset in known else ""


def sizes(row, table, dataset):
    """(size of the accuracy, size of the FLOPs where it is another): a training crop in a name is neither."""
    name = SIZE_IN_NAME.search(row["model"])
    measured = MIOU_AT.search(row["source"])
    counted = FLOPS_AT.search(row["source"])
    input_px = common.size(measured.group(1) if measured else next(filter(None, name.groups())) if name else "")
    input_px = decisions.INPUT_PX.get(row["model"], input_px)
    flops_px = common.size(counted.group(1)) if counted and row["gflops"] else ""
    if not input_px and "sithu31296" in row["source"]:
        input_px = flops_px
    flops_px = decisions.FLOPS_PX.get((table, row["model"], dataset), flops_px)
    return input_px, "" if flops_px == input_px else flops_px


def convention(row):
    """(convention, note): an unstated one is settled where a comparison can settle it."""
    if row["flops_convention"] == "unstated":
        for source, model, settled, note in decisions.UNSTATED:
            if row["source"].startswith(source) and row["model"].startswith(model):
                return settled, " " + note
    return row["flops_convention"], ""


def binary_units(row):
    """ECA-Net's page counts in 2^30 and 2^20: (GMACs, million parameters, note), in powers of ten."""
    gflops, params = row["gflops"], row["params_m"]
    if not row["source"].startswith("BangguWu/ECANet") or row["task"] != "classification":
        return gflops, params, ""
    if "2^30" in row["source"]:
        gflops = common.times(gflops, "1.073741824", 2)
    return gflops, common.times(params, "1.048576", 2), "; converted, params from units of 2^20"


def scope(row):
    """What the hours cover."""
    if not (row["train_hours"] or row["gpu_hours"]):
        return ""
    if "fine-tuning wall-clock only" in row["source"]:
        return "fine-tune"
    return "pre-train" if "ViT paper" in row["source"] else "train"


def general(folder, name, table):
    """nofade-papers, openmmlab and extra-models have the same columns. A row without an accuracy is no row of a ranking."""
    for row in common.read(folder, name):
        if not row["metric_value"]:
            continue
        dataset, split = common.DATASETS[row["dataset"]]
        metric, metric_note = decisions.METRIC.get((row["model"], row["metric_value"]), (row["metric_name"], ""))
        if table == "openmmlab" and row["model"] in decisions.EXCHANGED:
            row["gflops"], metric_note = decisions.EXCHANGED[row["model"]], decisions.EXCHANGED_NOTE
        gflops, params, unit_note = binary_units(row)
        settled, flops_note = convention(row)
        input_px, flops_px = sizes(row, table, dataset)
        variant = decisions.WEIGHTS.get((row["model"], row["metric_value"]), "")
        yield common.model_row(
            model=row["model"], variant=variant and "weights " + variant, dataset=dataset,
            eval_split=split_of(row, table, dataset, split), task=row["task"], metric=metric, accuracy_pct=row["metric_value"],
            input_px=input_px, flops_px=flops_px, params_m=params, gpu=row["gpu_type"], gpu_count=row["gpu_count"],
            hours=row["train_hours"], gpu_hours=row["gpu_hours"], hours_scope=scope(row), paper_ref=row["paper_ref"],
            source=row["source"] + metric_note + unit_note + flops_note, **common.flops(gflops, settled))


def tables(folder):
    """(file name, rows) of each."""
    yield "timm.csv", timm(folder)
    yield "torchvision.csv", torchvision(folder)
    yield "openmmlab.csv", general(folder, "openmmlab.csv", "openmmlab")
    yield "nofade-papers.csv", general(folder, "nofade-papers.csv", "nofade-papers")
    yield "extra.csv", general(folder, "extra-models.csv", "extra")
