"""The tables of data-manifests: one schema, keys that stand once, values in range, devices and places that resolve to one row.

Where the source tables are at hand (the folder corpus beside the samples), making the tables anew gives the committed bytes.
"""
import csv
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import source

HEADER = ("model,variant,dataset,eval_split,task,metric,accuracy_pct,top5_pct,gmacs,gflops,flops_convention,flops_px,input_px,"
          "params_m,gpu,gpu_count,hours,gpu_hours,hours_scope,energy_kwh,energy_mj,inference_ms,inference_gpu,test_images,"
          "paper_ref,source").split(",")
KEY = ("model", "variant", "dataset", "task", "metric", "input_px")
FILES = [f"models/{name}.csv" for name in ("badar", "extra", "gowda", "nofade-papers", "openmmlab", "timm", "torchvision", "xu",
                                           "yarally")]
FILES += [f"hardware/{name}.csv" for name in ("gpus", "gpu-aliases", "carbon-intensity", "place-aliases")] + ["papers/printed.csv"]
# column: least and greatest value; an empty cell is a figure that nobody prints
RANGES = {"accuracy_pct": (1, 100), "top5_pct": (1, 100), "gmacs": (1e-3, 1e5), "gflops": (1e-3, 1e5), "params_m": (0.05, 1e5),
          "gpu_count": (1, 1024), "hours": (0.1, 1e4), "gpu_hours": (0.1, 1e6), "energy_kwh": (1e-3, 1e5),
          "energy_mj": (0.1, 1e4), "inference_ms": (1e-3, 1e4), "test_images": (1000, 1e5)}
CHOICES = {"task": {"classification", "detection", "segmentation", "action-recognition"},
           "metric": {"top1", "miou", "pixel_acc", "map", "map50", "mask_map", "keypoint_map", "pq"},
           "flops_convention": {"macs", "flops", "unstated", ""}, "hours_scope": {"train", "fine-tune", "pre-train", ""}}
# Which of gmacs and gflops is filled.
FILLED = {"macs": (True, False), "flops": (False, True), "unstated": (False, True), "": (False, False)}
SIZE = re.compile(r"(\d{2,4}(x\d{2,4})?)?")
IDENTIFIER = re.compile(r"[a-z0-9]+([-.][a-z0-9]+)*")
NUMBER = re.compile(r"\d+(\.\d+)?")
MAKERS = ("nvidia", "geforce", "tesla", "amd", "intel")
PLACE_HEADER = ["provider", "region", "country", "g_co2_per_kwh", "year", "source"]
GPU_RANGES = {"tdp_w": (5, 1000), "fp32_tflops": (0.1, 500), "fp16_tflops": (0.1, 3000), "memory_gb": (1, 500)}
# One network in two tables: (table, model, variant, size) twice. Their multiply-adds agree within 5 percent, which a
# convention taken for the other would spoil by a factor of two.
PAIRS = [
    (("extra", "YOLOX-s", "", "640"), ("openmmlab", "YOLOX-s P5 640", "", "640")),
    (("extra", "YOLOX-x", "", "640"), ("openmmlab", "YOLOX-x P5 640", "", "640")),
    (("torchvision", "resnet50", "IMAGENET1K_V1", "224"), ("timm", "resnet50.tv_in1k", "", "224")),
    (("nofade-papers", "ECA-Net50", "", ""), ("timm", "resnet50.tv_in1k", "", "224")),
    (("extra", "Swin-B (ImageNet-1K 224x224)", "", "224"), ("timm", "swin_base_patch4_window7_224.ms_in1k", "", "224")),
    (("openmmlab", "efficientnet-l2_3rdparty-ra-noisystudent_in1k-475px", "", "475"),
     ("timm", "tf_efficientnet_l2.ns_jft_in1k_475", "", "475")),
    (("badar", "ResNet-50", "Baseline", "32"), ("openmmlab", "resnet50_8xb16_cifar100", "", "")),
]


def table(path, header, faults):
    """The rows of a file as (line, dictionary), its form checked. No file, no rows."""
    if not path.is_file():
        return []
    raw = path.read_bytes()
    if b"\r" in raw or raw.startswith(b"\xef\xbb\xbf") or not raw.endswith(b"\n"):
        faults.append(f"{path.name}: a byte order mark, a CR, or no newline at the end")
    reader = csv.reader(io.StringIO(raw.decode("utf-8"), newline=""), strict=True)
    rows = [(reader.line_num, row) for row in reader]
    if not rows or rows[0][1] != list(header):
        faults.append(f"{path.name}: the header is not {','.join(header)}")
        return []
    faults += [f"{path.name}:{line}: {len(row)} cells" for line, row in rows[1:] if len(row) != len(header)]
    faults += [f"{path.name}:{line}: a blank around a cell" for line, row in rows for cell in row if cell != cell.strip()]
    return [(line, dict(zip(header, row))) for line, row in rows[1:] if len(row) == len(header)]


def check_range(row, ranges, where, faults):
    for name, (least, greatest) in ranges.items():
        if row[name] and not (NUMBER.fullmatch(row[name]) and least <= float(row[name]) <= greatest):
            faults.append(f"{where}: {name} {row[name]!r} is not in {least} .. {greatest}")


def check_model(row, where, faults):
    """What must hold of one row by itself."""
    check_range(row, RANGES, where, faults)
    faults += [f"{where}: {name} {row[name]!r}" for name, allowed in CHOICES.items() if row[name] not in allowed]
    faults += [f"{where}: {name} {row[name]!r} is no size" for name in ("input_px", "flops_px")
               if not SIZE.fullmatch(row[name])]
    faults += [f"{where}: no {name}" for name in ("model", "dataset", "accuracy_pct", "source") if not row[name]]
    if not IDENTIFIER.fullmatch(row["dataset"]):
        faults.append(f"{where}: {row['dataset']!r} is no dataset id")
    filled = FILLED.get(row["flops_convention"])
    if (bool(row["gmacs"]), bool(row["gflops"])) != filled:
        faults.append(f"{where}: gmacs {row['gmacs']!r} and gflops {row['gflops']!r} beside {row['flops_convention']!r}")
    if row["flops_px"] and (row["flops_px"] == row["input_px"] or not row["flops_convention"]):
        faults.append(f"{where}: flops_px {row['flops_px']} says nothing")
    if row["energy_kwh"] and row["energy_mj"]:
        faults.append(f"{where}: two energies")
    if bool(row["hours"] or row["gpu_hours"]) != bool(row["hours_scope"]):
        faults.append(f"{where}: hours and hours_scope do not go together")
    if row["hours"] and row["gpu_hours"] and row["gpu_count"]:
        product = float(row["hours"]) * float(row["gpu_count"])
        if abs(product / float(row["gpu_hours"]) - 1) > 0.005:
            faults.append(f"{where}: {row['hours']} h on {row['gpu_count']} devices are not {row['gpu_hours']} device hours")
    if row["test_images"] and row["metric"] != "top1" or bool(row["inference_ms"]) != bool(row["inference_gpu"]):
        faults.append(f"{where}: test_images beside {row['metric']}, or inference_ms without its device")


def folded(name):
    """A device's name without makers, case and punctuation."""
    words = re.sub(r"[^a-z0-9]+", " ", name.lower()).split()
    while words and words[0] in MAKERS:
        words.pop(0)
    return "".join(words)


def devices(folder, faults):
    """folded name or alias: the one row that it means."""
    meaning = {}
    gpus = table(folder / "gpus.csv", ["name", "kind", *GPU_RANGES, "source"], faults)
    for line, row in gpus:
        check_range(row, GPU_RANGES, f"gpus.csv:{line}", faults)
        if row["kind"] not in ("gpu", "tpu", "cpu") or not row["tdp_w"] or not row["source"]:
            faults.append(f"gpus.csv:{line}: kind {row['kind']!r}, or no tdp_w, or no source")
    aliases = table(folder / "gpu-aliases.csv", ["alias", "name", "reason"], faults)
    known = {row["name"] for _, row in gpus}
    for line, row in aliases:
        if row["name"] not in known or not row["reason"]:
            faults.append(f"gpu-aliases.csv:{line}: {row['alias']!r} means no device, or has no reason")
    for name, target in [(row["name"], row["name"]) for _, row in gpus] + [(row["alias"], row["name"]) for _, row in aliases]:
        if folded(name) in meaning:
            faults.append(f"{name!r} means {target!r} and {meaning[folded(name)]!r}")
        meaning[folded(name)] = target
    return meaning


def check_places(folder, faults):
    places = table(folder / "carbon-intensity.csv", PLACE_HEADER, faults)
    keys, regions = set(), {}
    for line, row in places:
        where = f"carbon-intensity.csv:{line}"
        check_range(row, {"g_co2_per_kwh": (0, 1500), "year": (2000, 2030)}, where, faults)
        key = (row["provider"].lower(), row["region"].lower())
        if key in keys or not all((*key, row["country"], row["g_co2_per_kwh"], row["source"])):
            faults.append(f"{where}: {key} a second time, or an empty cell")
        keys.add(key)
        regions.setdefault(key[1], []).append(key[0])
    countries = {row["country"].lower() for _, row in places if row["provider"] == "country"}
    aliases = set()
    for line, row in table(folder / "place-aliases.csv", ["alias", "provider", "region", "reason"], faults):
        alias, target = row["alias"].lower(), (row["provider"].lower(), row["region"].lower())
        if (target not in keys or alias in aliases or alias in countries or len(regions.get(alias, [])) == 1
                or not row["reason"]):
            faults.append(f"place-aliases.csv:{line}: {row['alias']!r} means no place, or also another, or has no reason")
        aliases.add(alias)
    faults += [f"carbon-intensity.csv: {region} is in {tables} and has no alias" for region, tables in regions.items()
               if len(tables) > 1 and region not in aliases]


def check_printed(path, models, faults):
    """Every printed figure of a row names a row that there is; the figures that tests reproduce are all there."""
    header = ["paper", "table", "model", "variant", "dataset", "task", "metric", "quantity", "value", "unit", "source"]
    names = {tuple(row[name] for name in header[2:7]) for row in models}
    counts, keys = {}, set()
    for line, row in table(path, header, faults):
        counts[row["paper"], row["quantity"]] = counts.get((row["paper"], row["quantity"]), 0) + 1
        named = tuple(row[name] for name in header[2:7])
        if row["quantity"] in ("sam", "score", "co2_week", "test_energy", "inference_energy") and named not in names:
            faults.append(f"printed.csv:{line}: {named} is no row of a table of models")
        key = (row["paper"], row["table"], named, row["quantity"])
        if key in keys or not row["value"] or not row["source"]:
            faults.append(f"printed.csv:{line}: a second time, or without value or source")
        keys.add(key)
    for figure, count in ((("gowda", "sam"), 21), (("xu", "score"), 15), (("badar", "co2_week"), 30)):
        if counts.get(figure) != count:
            faults.append(f"printed.csv: {counts.get(figure, 0)} of {count} figures {figure}")


def check_pairs(models, faults):
    for pair in PAIRS:
        found = [[row for row in models if (row["table"], row["model"], row["variant"], row["input_px"]) == one and
                  (row["gmacs"] or row["gflops"])] for one in pair]
        macs = [float(rows[0]["gmacs"] or float(rows[0]["gflops"]) / 2) for rows in found if rows]
        if len(macs) < 2 or abs(macs[0] / macs[1] - 1) > 0.05:
            faults.append(f"one network, two counts: {pair[0]} and {pair[1]}: {macs}")


def check_made_anew(root, faults):
    """The committed tables are those that the script makes."""
    samples = os.environ.get("NOFADE_SAMPLES") or str(root.parent / "shared" / "data")
    folder = pathlib.Path(samples).parent / "corpus"
    if not folder.is_dir():
        print(f"SKIP check_corpus_made_anew: no folder {folder.name} beside the samples")
        return
    with tempfile.TemporaryDirectory() as made:
        subprocess.run([sys.executable, "-B", root / "scripts" / "make_corpus", folder, made], check=True)
        for path in sorted(pathlib.Path(made).rglob("*.csv")):
            name = path.relative_to(made)
            if not (root / name).is_file() or (root / name).read_bytes() != path.read_bytes():
                faults.append(f"{name}: scripts/make_corpus makes another")


def check_tables(base, faults):
    models, keys = [], {}
    for path in sorted((base / "models").glob("*.csv")):
        for line, row in table(path, HEADER, faults):
            where = f"{path.name}:{line}"
            check_model(row, where, faults)
            key = tuple(row[name] for name in KEY)
            if key in keys:
                faults.append(f"{where}: the key {key} stands in {keys[key]} too")
            keys[key] = where
            models.append(dict(row, table=path.stem, where=where))
    if (base / "hardware").is_dir():
        meaning = devices(base / "hardware", faults)
        faults += [f"{row['where']}: no device {row[name]!r}" for row in models for name in ("gpu", "inference_gpu")
                   if row[name] and folded(row[name]) not in meaning]
        check_places(base / "hardware", faults)
    return models


root = source.root()
faults = []
models = check_tables(root / "data-manifests", faults)
if len(sys.argv) < 2:
    faults += [f"no table {name}" for name in FILES if not (root / "data-manifests" / name).is_file()]
    check_printed(root / "data-manifests" / "papers" / "printed.csv", models, faults)
    check_pairs(models, faults)
    check_made_anew(root, faults)
    print(f"{len(models)} rows of models")
source.finish(faults)
