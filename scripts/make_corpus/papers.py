"""The tables printed in the papers of Badar et al., Gowda et al., Xu et al. and in Yarally's thesis.

Models go into the common schema; every other printed figure goes into printed.csv, one figure a row.
"""
import common
import decisions

PRINTED = ["paper", "table", "model", "variant", "dataset", "task", "metric", "quantity", "value", "unit", "source"]


def source(row, table):
    """The paper's title once, and the tables that a row joins."""
    return row["source"].rsplit(",", 1)[0].replace(" (Badar et al.)", "").replace(" (Yarally thesis)", "") + ", " + table


def printed(paper, table, key, row, figures):
    """One row for each (quantity, value, unit) that the paper prints."""
    for quantity, value, unit in figures:
        if value:
            yield {"paper": paper, "table": table, "model": key.get("model", ""), "variant": key.get("variant", ""),
                   "dataset": key.get("dataset", ""), "task": key.get("task", ""), "metric": key.get("metric", ""),
                   "quantity": quantity, "value": value, "unit": unit, "source": source(row, f"Table {table}")}


def badar_sets(folder):
    """(training row, key, its accuracy columns, inference row or the baseline's, numbers of the two tables)."""
    for train, infer, model, task, metric, columns in (
            ("1", "3", "BiSeNet ResNet-18", "segmentation", "miou", ("val_miou_percent", "train_miou_percent")),
            ("2", "4", "ResNet-50", "classification", "top1", ("test_accuracy_percent", "train_accuracy_percent"))):
        measured = {(row["method"], row["dataset"]): row for row in common.read(folder, f"paper-tables/badar-t{infer}.csv")}
        for row in common.read(folder, f"paper-tables/badar-t{train}.csv"):
            key = {"model": model, "variant": row["method"], "dataset": common.DATASETS[row["dataset"]][0], "task": task,
                   "metric": metric}
            yield row, key, columns, measured.get((row["method"], row["dataset"])), train, infer


def badar(folder):
    """Segmentation FLOPs are 2 per multiply-add, classification FLOPs 1: README.md shows the count."""
    for row, key, columns, measured, train, infer in badar_sets(folder):
        split = "test" if key["dataset"] == "cifar100" else "val"
        input_px = {"cityscapes": "512", "coco-stuff": "640"}.get(key["dataset"], "32")
        cells = {"source": source(row, f"Table {train}")}
        if measured:
            cells = common.flops(measured["flops_g"], "flops" if key["task"] == "segmentation" else "macs")
            cells.update(params_m=measured["params_m"], inference_ms=measured["time_ms_per_image"],
                         inference_gpu="RTX 2080 Ti", source=source(row, f"Tables {train} and {infer}"))
        yield common.model_row(accuracy_pct=row[columns[0]], eval_split=split, input_px=input_px, gpu="RTX 2080 Ti",
                               energy_mj=row["train_energy_mj"], **key, **cells)


def badar_printed(folder):
    for row, key, columns, measured, train, infer in badar_sets(folder):
        yield from printed("badar", train, key, row, [("train_" + key["metric"], row[columns[1]], "%")])
        if measured:
            yield from printed("badar", infer, key, measured, [
                ("inference_energy", measured["energy_j_per_image"], "J"), ("co2_week", measured["co2_kg_per_week"], "kg")])


def gowda_sets(folder):
    for table, task, metric, column in (("1", "segmentation", "miou", "miou_percent"),
                                        ("2", "action-recognition", "top1", "accuracy_percent")):
        for row in common.read(folder, f"paper-tables/gowda-t{table}.csv"):
            key = {"model": row["model"], "variant": "Gowda et al.", "dataset": common.DATASETS[row["dataset"]][0],
                   "task": task, "metric": metric}
            yield row, key, column, table


def gowda(folder):
    for row, key, column, table in gowda_sets(folder):
        gpu, count = ("V100 32GB", "4") if table == "1" else ("RTX 3090", "2")
        yield common.model_row(
            accuracy_pct=row[column], params_m=row["params_m"], gpu=gpu, gpu_count=count,
            energy_kwh=row["train_electricity_kwh"],
            flops_px="512" if table == "1" else "", source=source(row, f"Table {table}"), **key,
            **common.flops(row["gflops"], decisions.GOWDA[row["model"]]))


def gowda_printed(folder):
    for row, key, _, table in gowda_sets(folder):
        yield from printed("gowda", table, key, row, [
            ("sam", row["sam"], ""), ("test_energy", row["test_electricity_kwh"], "kWh")])


def xu_key(row, location):
    return {"model": row["architecture"], "variant": location, "dataset": common.DATASETS[row["dataset"]][0],
            "task": "classification", "metric": "top1"}


def xu(folder):
    """Table 2 prints the FLOPs of a batch of 32; one image has a 32nd."""
    network = {(row["architecture"], row["dataset"]): row for row in common.read(folder, "paper-tables/xu-t2.csv")}
    for row in common.read(folder, "paper-tables/xu-t6.csv"):
        of = network[row["architecture"], row["dataset"]]
        yield common.model_row(
            accuracy_pct=common.shifted(row["accuracy_fraction"], 2), eval_split="val", input_px=common.size(of["image_size"]),
            params_m=of["total_params_m"], gpu="P100 PCIe 16GB", gpu_count="1", energy_kwh=row["train_energy_kwh"],
            source=source(row, "Tables 2 and 6") + " [FLOPs / 32, a batch]", **xu_key(row, row["location"]),
            **common.flops(common.times(of["total_flops_g"], "0.03125", 4), "flops"))


def xu_printed(folder):
    for row in common.read(folder, "paper-tables/xu-t2.csv"):
        yield from printed("xu", "2", xu_key(row, ""), row, [
            ("depth", row["depth"], ""), ("trainable_params", row["trainable_params_m"], "M"),
            ("batch_flops", row["total_flops_g"], "G"), ("trainable_layer_flops", row["trainable_layer_flops_g"], "G")])
    for row in common.read(folder, "paper-tables/xu-t6.csv"):
        yield from printed("xu", "6", xu_key(row, row["location"]), row, [("score", row["score"], "1/kWh")])
    for row in common.read(folder, "paper-tables/xu-t7.csv"):
        yield from printed("xu", "7", xu_key(row, ""), row,
                           [(name[:-4], row[name], "kWh") for name in row if name.endswith("_kwh")])


def yarally_key(row):
    return {"model": row["network"], "variant": f"{row['strategy']}, {row['hyperparameters']} hyperparameters",
            "dataset": common.DATASETS[row["dataset"]][0], "task": "classification", "metric": "top1"}


def yarally(folder):
    for row in common.read(folder, "paper-tables/yarally-t3.3.csv"):
        yield common.model_row(accuracy_pct=common.shifted(row["best_accuracy_fraction"], 2), gpu="GTX 1080", gpu_count="1",
                               source=source(row, "Table 3.3"), **yarally_key(row))


def yarally_printed(folder):
    for row in common.read(folder, "paper-tables/yarally-t3.3.csv"):
        yield from printed("yarally", "3.3", yarally_key(row), row, [("optimisation_rounds", row["optimisation_rounds"], "")])
    for row in common.read(folder, "paper-tables/yarally-t3.4.csv"):
        key = {"variant": row["layer_type"] + " layers", "dataset": common.DATASETS[row["dataset"]][0]}
        yield from printed("yarally", "3.4", key, row, [
            ("kruskal_wallis", row["kruskal_wallis_statistic"], ""), ("p_value", row["p_value"], ""),
            ("eta_squared", row["eta_squared"], "")])
    for row in common.read(folder, "paper-tables/yarally-t3.5.csv"):
        key = {"variant": "cluster " + row["cluster"], "dataset": common.DATASETS[row["dataset"]][0], "metric": "top1"}
        yield from printed("yarally", "3.5", key, row, [
            ("mean_train_energy", row["avg_train_energy_j"], "J"), ("mean_accuracy", row["avg_accuracy_fraction"], "fraction"),
            ("max_accuracy", row["max_accuracy_fraction"], "fraction"),
            ("sd_accuracy", row["std_accuracy_fraction"], "fraction")])
    for row in common.read(folder, "paper-tables/yarally-t4.1.csv"):
        about = "about W" if row["batch_1_2_approximate"] else "W"
        yield from printed("yarally", "4.1", {"model": row["model"]}, row, [
            ("peak_power_batch_1_2", row["peak_power_w_batch_1_2"], about),
            ("peak_power_batch_128", row["peak_power_w_batch_128"], "W")])


def tables(folder):
    """(file name, rows) of each table of models."""
    yield "badar.csv", badar(folder)
    yield "gowda.csv", gowda(folder)
    yield "xu.csv", xu(folder)
    yield "yarally.csv", yarally(folder)


def figures(folder):
    """The rows of printed.csv."""
    for part in (badar_printed, gowda_printed, xu_printed, yarally_printed):
        yield from part(folder)
