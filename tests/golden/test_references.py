"""The shipped complexities are what nofade computes from the archives that they name."""
import csv
import hashlib
import json
import os
import subprocess
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLES = os.environ.get("NOFADE_SAMPLES", os.path.join(HERE, "..", "..", "..", "shared", "data"))
TABLE = os.path.join(HERE, "..", "..", "data-manifests", "references", "complexities.csv")
NOFADE = os.environ.get("NOFADE_BIN", os.path.join(HERE, "..", "..", "build", "release", "nofade"))


def rows():
    with open(TABLE, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def parameters(definition):
    """{name: value} of a definition id."""
    return dict(part.split("=") for part in definition.split(":", 1)[1].split(";"))


class References(unittest.TestCase):
    def test_ten_readings_of_each_dataset_the_default_first(self):
        for dataset in {row["dataset"] for row in rows()}:
            own = [row for row in rows() if row["dataset"] == dataset]
            self.assertEqual(own[0]["definition"], "nofade-1:grey=bt601;class=entropy;bins=64;jsd=e;sum=e")
            self.assertEqual(len({row["definition"] for row in own}), 10)
            self.assertTrue(all(float(row["value"]) > 0 for row in own))
            self.assertEqual(len({(row["counts_digest"], row["archives"], row["images"]) for row in own}), 1)


def holds(dataset):
    def test(self):
        folder = os.path.join(SAMPLES, dataset)
        if not os.path.isdir(folder):
            print(f"SKIP {dataset}_reference_is_recomputed: {folder} is not there")
            self.skipTest("no samples")
        own = [row for row in rows() if row["dataset"] == dataset]
        for archive in own[0]["archives"].split(" "):
            name, md5 = archive.split("=")
            with open(os.path.join(folder, name), "rb") as file:
                self.assertEqual(hashlib.md5(file.read()).hexdigest(), md5, name)
        for row in own[::3]: # every third reading, the default among them: they share one scan's counts
            chosen = parameters(row["definition"])
            done = subprocess.run([NOFADE, "dataset", "--quiet", "--json", "-", "--null", "0", "--split", row["split"],
                                   "--class-distribution", chosen["class"], "--bins", chosen.get("bins", "64"), "--jsd-base",
                                   chosen["jsd"], folder], check=True, capture_output=True)
            found = json.loads(done.stdout)
            self.assertEqual(found["definition"], row["definition"])
            self.assertEqual(found["counts_digest"], row["counts_digest"])
            self.assertEqual(found["images"]["read"], int(row["images"]))
            self.assertEqual(found["complexity"]["kind"], row["kind"])
            self.assertAlmostEqual(found["complexity"]["value"], float(row["value"]), delta=1e-12)
    return test


for name in ("mnist", "fashion-mnist"):
    setattr(References, f"test_{name.replace('-', '_')}_reference_is_recomputed", holds(name))


if __name__ == "__main__":
    unittest.main()
