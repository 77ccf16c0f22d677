"""`nofade explain` and `nofade models`: one row's arithmetic, and what is shipped."""
import csv
import io
import math
import re
import unittest

from support import BINARY, CliTest


class ExplainTest(CliTest):
    def arguments(self, args):
        return [BINARY, *args]

    def explain(self, *args):
        return self.expect(0, "explain", *args)


class Explaining(ExplainTest):
    def test_each_step_from_input_to_result(self):
        self.write("t.csv", "model,dataset,accuracy_pct,gmacs,gpu,gpu_count,hours,inference_ms,source,lab\n"
                            "net,imagenet,76.13,4.089,V100 SXM2 16GB,8,10,5,a page,MIT\n")
        text = self.explain("net", "t.csv", "--complexity", "imagenet=11.9", "--cpu-watts", "20", "--pue", "1.2", "--carbon",
                            "0.4").words
        nofade = 0.7613 * 11.9 / math.log(8.178e9)
        energy = (300 + 20) * 80 / 1000
        for part in ("76.13 % = 0.7613", "4.089 GMACs x 2e9 = 8.178e+09", "11.9 (given) from --complexity", f"= {nofade:.9g}",
                     "300 W", "10 h x 8 GPUs", f"(300 W + 20 W) x 80 h / 1000 = {energy:.9g} kWh",
                     f"{energy:.9g} kWh x PUE 1.2 x 0.4 kg/kWh (given) = {energy * 1.2 * 0.4:.9g} kg",
                     f"= {5 * 0.7613 ** 5 / math.log10(energy):.9g}", "a page", "lab: MIT", "t.csv:2",
                     f"5 ms x 5.04 h/ms x 320 W / 1000 x PUE 1.2 x 0.4 kg/kWh = {5 * 5.04 * 0.32 * 1.2 * 0.4:.9g} kg"):
            self.assertIn(part, text)

    def test_what_is_not_defined_is_said(self):
        self.write("t.csv", "model,accuracy,flops,energy_kwh\nnet,0.5,1e9,0.5\n")
        text = self.explain("net", "t.csv").words
        self.assertIn("not defined: no complexity of its dataset is known", text)
        self.assertIn("log10 of 1 kWh or less is not positive", text)

    def test_what_is_assumed_of_hours_and_gpus_is_said(self):
        self.write("t.csv", "model,gpu,hours,gpu_count,gpu_hours,hours_scope,inference_ms\n"
                            "net,A100,10,8,79,fine-tune,5\nother,A100,10,8,,,\n")
        text = self.explain("net", "t.csv").words
        for part in ("here A100 SXM4 40GB: 400 W", "10 h x 8 GPUs = 80; the row's own gpu_hours are used",
                     "x 79 h / 1000 = 31.6 kWh", "hours of: fine-tune", "not said: that of training is taken"):
            self.assertIn(part, text)
        text = self.explain("other", "t.csv").words
        self.assertNotIn("own gpu_hours", text)
        self.assertNotIn("hours of", text)

    def test_a_shipped_model_with_its_reference_complexity(self):
        told = self.explain("vgg16", "--dataset", "mnist", "--variant", "Oregon")
        text = told.words
        self.assertIn("data-manifests/references/complexities.csv", text)
        self.assertRegex(text, r"nofade-1:grey=bt601;class=entropy;bins=64;jsd=e;sum=e, counts [0-9a-f]{32}")
        self.assertEqual(len(re.findall("^VGG16$", told.text, re.M)), 1)

    def test_an_unknown_model_is_told_with_near_names(self):
        self.refuse(2, 'no model "resnet5O" .* near names: .*resnet50', "explain", "resnet5O", "--dataset", "imagenet")
        self.refuse(2, "needs a MODEL", "explain")

    def test_an_unknown_variant_is_told_with_those_there_are(self):
        self.refuse(2, 'no model "VGG16" of dataset "mnist", variant "Orgon" is known; near names: Oregon',
                    "explain", "VGG16", "--dataset", "mnist", "--variant", "Orgon")
        self.refuse(2, r'no model "VGG16" of dataset "svhn" is known', "explain", "VGG16", "--dataset", "svhn")

    def test_several_rows_of_a_model_are_all_explained(self):
        text = self.explain("resnet50").text
        self.assertIn("IMAGENET1K_V1", text)
        self.assertIn("IMAGENET1K_V2", text)


class Help(ExplainTest):
    def test_every_commands_help_fits_a_terminal(self):
        for command in ("dataset", "datasets", "verify", "score", "models", "explain"):
            for line in self.expect(0, command, "--help").text.split("\n"):
                self.assertLessEqual(len(line), 80, f"{command}: {line}")


class Models(ExplainTest):
    def test_every_row_has_a_source_and_can_be_scored(self):
        out = self.expect(0, "models", "--dataset", "cityscapes", "--task", "segmentation", "--format", "csv").text
        rows = list(csv.DictReader(io.StringIO(out)))
        self.assertGreater(len(rows), 100)
        self.assertTrue(all(row["source"] for row in rows))
        self.assertEqual({row["dataset"] for row in rows}, {"cityscapes"})
        self.write("again.csv", out)
        scored = self.expect(0, "score", "again.csv", "--format", "csv", "--metric", "miou", "--quiet").text
        direct = self.expect(0, "score", "--dataset", "cityscapes", "--task", "segmentation", "--metric", "miou", "--format",
                             "csv",
                             "--quiet").text
        values = [[row["nofade_per_complexity"] for row in csv.DictReader(io.StringIO(text))] for text in (scored, direct)]
        self.assertEqual(values[0], values[1])

    def test_the_table_fits_a_terminal(self):
        lines = self.expect(0, "models").text.split("\n")
        self.assertLessEqual(max(map(len, lines)), 80)
        self.assertRegex(lines[-2], r"^\d{4} models")

    def test_an_unknown_dataset_or_task_is_told(self):
        self.refuse(2, "near names: mnist", "models", "--dataset", "mnst")
        self.refuse(2, "near names: .*detection", "models", "--task", "detections")
        self.refuse(2, "takes no argument", "models", "imagenet")


if __name__ == "__main__":
    unittest.main()
