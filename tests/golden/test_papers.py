"""The papers' own tables, through the real command, from the tables that are compiled in.

papers.csv holds every figure as printed beside what nofade computes, and whether the two agree: "digits", to half a unit of
the last printed digit; "cells", when what it is computed from may be off by a unit of its own last digit (rounded or cut);
else "no". Review its changes with git diff; `python3 test_papers.py write` writes it anew. What must agree does not come from
that file.
"""
import csv
import io
import os
import subprocess
import sys
import unittest
from decimal import Decimal

HERE = os.path.dirname(os.path.abspath(__file__))
PRINTED = os.path.join(HERE, "..", "..", "data-manifests", "papers", "printed.csv")
MODELS = os.path.join(HERE, "..", "..", "data-manifests", "models")
GOLDEN = os.path.join(HERE, "papers.csv")
NOFADE = os.environ.get("NOFADE_BIN", os.path.join(HERE, "..", "..", "build", "release", "nofade"))
KEY = ("model", "variant", "dataset", "task", "metric")
COLUMNS = {"sam": "sam", "score": "score", "co2_week": "co2_kg_week"}
HEADER = ("paper", "table", "model", "variant", "dataset", "quantity", "printed", "nofade", "agrees")


def scored(*arguments):
    """{key: row} of all shipped rows."""
    done = subprocess.run([NOFADE, "score", "--mix", "--format", "csv", "--quiet", *arguments], check=True, capture_output=True)
    return {tuple(row[name] for name in KEY): row for row in csv.DictReader(io.StringIO(done.stdout.decode("utf-8")))}


def unit(cell):
    """One unit of the last digit of a printed number."""
    return Decimal(1).scaleb(Decimal(cell).as_tuple().exponent)


def cells():
    """{key: row} of the tables as they lie there: numbers with their printed digits."""
    for name in ("badar", "gowda", "xu"):
        with open(os.path.join(MODELS, name + ".csv"), encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield tuple(row[column] for column in KEY), row


def reach(quantity, row):
    """The relative error of a figure when each cell that it is computed from is off by a unit."""
    used = {"sam": (), "score": ("accuracy_pct", "energy_kwh"), "co2_week": ("inference_ms",)}[quantity]
    return sum(unit(row[column]) / Decimal(row[column]) for column in used)


def agreement(printed, computed, relative):
    off, half = abs(Decimal(computed) - Decimal(printed)), unit(printed) / 2
    return "digits" if off <= half else "cells" if off <= half + relative * Decimal(computed) else "no"


def compared():
    rows, as_printed = scored("--by", "sam", "--week", "badar"), dict(cells())
    with open(PRINTED, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["quantity"] in COLUMNS:
                key = tuple(row[name] for name in KEY)
                figure = rows[key][COLUMNS[row["quantity"]]]
                yield (row["paper"], row["table"], row["model"], row["variant"], row["dataset"], row["quantity"], row["value"],
                       figure, agreement(row["value"], figure, reach(row["quantity"], as_printed[key])))


def as_csv(rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(rows)
    return out.getvalue()


class Papers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rows = list(compared())

    def of(self, paper, *tables):
        return [dict(zip(HEADER, row)) for row in self.rows if row[0] == paper and row[1] in tables]

    def test_all_sam_values_of_gowda_tables_1_and_2(self):
        rows = self.of("gowda", "1", "2")
        self.assertEqual(len(rows), 21)
        self.assertEqual([row for row in rows if row["agrees"] != "digits"], [])

    def test_all_co2_per_week_of_badar_tables_3_and_4(self):
        rows = self.of("badar", "3", "4")
        self.assertEqual(len(rows), 30)
        self.assertEqual([row for row in rows if row["agrees"] == "no"], [])

    def test_badar_is_eight_times_the_formula(self):
        """At that paper's 0.432 kg/kWh and 250 W (RTX 2080 Ti): the discrepancy, in every row."""
        formula, constant = scored("--by", "co2", "--carbon", "0.432"), scored("--by", "co2", "--week", "badar")
        rows = self.of("badar", "3", "4")
        for key, row in formula.items():
            if key[0].startswith("BiSeNet ResNet-18") and row["co2_kg_week"]:
                ratio = float(constant[key]["co2_kg_week"]) / float(row["co2_kg_week"])
                self.assertAlmostEqual(ratio, 4.3927 / (5.04 * 0.25 * 0.432), places=9)
                self.assertIn("8.07 times the formula", constant[key]["notes"])
                rows.pop()
        self.assertLess(len(rows), 30, "no row was compared")

    def test_twelve_of_fifteen_scores_of_xu_table_6_are_not_accuracy_over_energy(self):
        rows = self.of("xu", "6")
        self.assertEqual(len(rows), 15)
        same = [(row["variant"], row["dataset"], row["model"]) for row in rows if row["agrees"] != "no"]
        self.assertEqual(sorted(same), [("Oregon", "cifar10", "VGG16"), ("South Carolina", "cifar10", "VGG16"),
                                        ("South Carolina", "mnist", "VGG19")])

    def test_every_figure_is_as_reviewed(self):
        with open(GOLDEN, encoding="utf-8", newline="") as file:
            self.assertEqual(as_csv(self.rows), file.read())


class Figures(unittest.TestCase):
    """NoFADE's figures 1 and 3: accuracy, and NoFADE, against the CO2 of training. As far as the corpus reaches."""

    def test_rows_with_gpu_hours_have_both_coordinates(self):
        wanted = {"imagenet": ("classification", 4), "coco": ("detection", 20), "cityscapes": ("segmentation", 1),
                  "cifar10": ("classification", 3), "cifar100": ("classification", 3)}
        rows = scored("--by", "co2", "--power", "tdp")
        for dataset, (task, at_least) in wanted.items():
            points = [row for row in rows.values()
                      if row["dataset"] == dataset and row["task"] == task and row["accuracy"] and row["co2_kg"]]
            self.assertGreaterEqual(len(points), at_least, dataset)
            for row in points:
                self.assertEqual(row["energy_path"], "tdp")
                self.assertAlmostEqual(float(row["co2_kg"]), 0.707 * float(row["energy_kwh"]),
                                       delta=1e-9 * float(row["co2_kg"]))


if __name__ == "__main__":
    if sys.argv[1:] == ["write"]:
        with open(GOLDEN, "w", encoding="utf-8", newline="") as golden:
            golden.write(as_csv(compared()))
    else:
        unittest.main()
