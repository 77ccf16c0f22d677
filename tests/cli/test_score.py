"""`nofade score`: tables in, ranks out; and what is refused, with its place."""
import csv
import io
import json
import math
import os
import re
import subprocess
import unittest

from support import BINARY, CliTest, four_classes, tar_of

HEAD = "model,dataset,task,metric,accuracy_pct,gmacs\n"
COLUMNS = ("rank,model,variant,dataset,task,metric,accuracy,flops,complexity,nofade,nofade_per_complexity,energy_kwh,"
           "energy_path,co2_kg,co2_kg_week,sam,score,pareto,rank_min,rank_max,notes").split(",")
THREE = HEAD + "a,imagenet,classification,top1,76.1,4.1\nb,imagenet,classification,top1,70.0,1.8\nc,imagenet,classification,top1,60.0,9\n"


class ScoreTest(CliTest):
    def arguments(self, args):
        return [BINARY, "score", *args]

    def table(self, text, name="t.csv"):
        return self.write(name, text)

    def rows(self, *args, **options):
        result = self.expect(0, *args, "--format", "csv", **options)
        return list(csv.DictReader(io.StringIO(result.text)))

    def refuse_table(self, text, pattern, *args):
        """Exit 2, one sentence that names the place, nothing written."""
        self.refuse(2, r"nofade: t\.csv:" + pattern, self.table(text), *args, "--format", "csv", "-o", "out.csv")


class Ranking(ScoreTest):
    def test_within_a_dataset_accuracy_over_ln_flops_ranks_and_says_so(self):
        result = self.expect(0, self.table(THREE), "--format", "csv")
        rows = list(csv.DictReader(io.StringIO(result.text)))
        self.assertEqual([row["model"] for row in rows], ["a", "b", "c"])
        self.assertEqual([row["rank"] for row in rows], ["1", "2", "3"])
        for row in rows:
            self.assertEqual((row["nofade"], row["complexity"]), ("", ""))
            self.assertEqual(float(row["nofade_per_complexity"]), float(row["accuracy"]) / math.log(float(row["flops"])))
        self.assertEqual(rows[0]["flops"], "8200000000")
        self.assertEqual(rows[0]["accuracy"], "0.761")
        self.assertRegex(result.talk, r"ranked by accuracy / ln\(FLOPs\): no complexity of imagenet is known")

    def test_columns_stand_in_their_order(self):
        header = self.expect(0, self.table(THREE), "--format", "csv").text.split("\n")[0]
        self.assertEqual(header.split(","), COLUMNS)

    def test_a_complexity_gives_nofade_and_leaves_the_ranks(self):
        rows = self.rows(self.table(THREE), "--complexity", "ImageNet-1K=11.9")
        self.assertEqual([row["model"] for row in rows], ["a", "b", "c"])
        for row in rows:
            self.assertEqual(row["complexity"], "11.9")
            self.assertEqual(float(row["nofade"]), float(row["accuracy"]) * 11.9 / math.log(float(row["flops"])))

    def test_a_complexity_that_no_row_asks_for_is_said(self):
        talk = self.expect(0, self.table(THREE), "--complexity", "imagenett=11.9", "--format", "csv").talk
        self.assertIn("no model is of imagenett, whose complexity is given: it is not used", talk)
        talk = self.expect(0, self.table(THREE), "--complexity", "imagenet=11.9", "--format", "csv").talk
        self.assertNotIn("not used", talk)

    def test_log_base(self):
        row = self.rows(self.table(THREE), "--log-base", "10")[0]
        self.assertAlmostEqual(float(row["nofade_per_complexity"]), 0.761 / math.log10(8.2e9), places=15)

    def test_across_datasets_each_needs_a_complexity(self):
        text = THREE + "d,svhn,classification,top1,95,2\n"
        self.refuse_table(text, r"2:1: ranking across datasets .* none for imagenet")
        self.refuse_table(text, r"5:1: ranking across datasets .* none for svhn", "--complexity", "imagenet=11")
        self.refuse_table(text, r"2:1: ranking across datasets", "--by", "accuracy")
        rows = self.rows("t.csv", "--complexity", "imagenet=11", "--complexity", "svhn=2")
        self.assertEqual([row["model"] for row in rows], ["a", "b", "c", "d"])
        self.assertEqual([row["model"] for row in self.rows("t.csv", "--by", "accuracy", "--mix")], ["d", "a", "b", "c"])

    def test_across_tasks_and_metrics_only_with_mix(self):
        text = THREE + "d,imagenet,segmentation,miou,50,2\n"
        self.refuse_table(text, r'5:1: task "segmentation" cannot be ranked together with "classification".*--mix')
        self.refuse_table(THREE + "d,imagenet,classification,top5,50,2\n", r'5:1: metric "top5" cannot be ranked')
        self.assertEqual(len(self.rows(self.table(text), "--mix")), 4)
        self.assertEqual(len(self.rows("t.csv", "--task", "segmentation")), 1)

    def test_by_other_figures(self):
        self.table("model,accuracy,energy_kwh\na,0.9,100\nb,0.8,10\nc,0.7,0.5\n")
        self.assertEqual([row["model"] for row in self.rows("t.csv", "--by", "accuracy")], ["a", "b", "c"])
        self.assertEqual([row["model"] for row in self.rows("t.csv", "--by", "score")], ["c", "b", "a"])
        self.assertEqual([row["model"] for row in self.rows("t.csv", "--by", "co2")], ["c", "b", "a"])
        rows = self.rows("t.csv", "--by", "sam", "--alpha", "2", "--beta", "3")
        self.assertEqual([(row["model"], row["rank"]) for row in rows], [("b", "1"), ("a", "2"), ("c", "")])
        self.assertAlmostEqual(float(rows[0]["sam"]), 3 * 0.8 ** 2 / math.log10(10), places=14)
        self.assertEqual(rows[2]["sam"], "")
        self.assertIn("SAM is not defined at 1 kWh or less", rows[2]["notes"])

    def test_what_is_missing_has_no_rank_and_is_said(self):
        result = self.expect(0, self.table(THREE + "d,imagenet,classification,top1,99,\n"), "--format", "csv")
        last = list(csv.DictReader(io.StringIO(result.text)))[-1]
        self.assertEqual((last["model"], last["rank"], last["rank_min"]), ("d", "", ""))
        self.assertIn("no FLOPs", last["notes"])
        self.assertIn("1 of 4 models have no rank: 1 without FLOPs", result.talk)

    def test_what_is_beyond_a_double_is_an_empty_cell(self):
        self.table("model,accuracy,energy_kwh\na,0.5,1e-320\nb,0.5,1\n")
        self.assertEqual([row["score"] for row in self.rows("t.csv", "--by", "score")], ["", "0.5"])

    def test_equal_values_share_a_rank_and_stand_by_name(self):
        rows = self.rows(self.table(HEAD + "z,x,t,m,50,1\nb,x,t,m,50,1\na,x,t,m,50,1\nc,x,t,m,40,1\n"))
        self.assertEqual([(row["model"], row["rank"]) for row in rows], [("a", "1"), ("b", "1"), ("z", "1"), ("c", "4")])

    def test_top_and_the_table_for_people(self):
        text = HEAD + "".join(f"model-with-quite-a-long-name-{i:04d},imagenet,classification,top1,{50 + i / 100},1.5\n" for i in range(60))
        shown = self.expect(0, self.table(text)).text
        self.assertLessEqual(max(map(len, shown.split("\n"))), 80)
        self.assertIn("... and 30 more", shown)
        self.assertEqual(len(self.rows("t.csv", "--top", "7")), 7)
        self.assertEqual(len(self.rows("t.csv")), 60)

    def test_names_are_data_not_terminal_commands(self):
        shown = self.expect(0, self.table(HEAD + '"evil\x1b[2J\n\u202e",imagenet,classification,top1,50,1\n')).out
        self.assertNotIn(b"\x1b", shown)
        self.assertNotIn("\u202e".encode(), shown)
        self.assertIn(rb"evil\x1b", shown)

    def test_the_order_of_rows_changes_nothing(self):
        lines = THREE.split("\n")[1:4]
        first = self.expect(0, self.table(THREE), "--format", "csv").out
        self.assertEqual(self.expect(0, self.table(HEAD + "\n".join(reversed(lines)) + "\n"), "--format", "csv").out, first)


class Shipped(ScoreTest):
    def test_imagenet_is_ranked_at_once(self):
        result = self.expect(0, "--dataset", "ImageNet-1K")
        self.assertIn("ranked by accuracy / ln(FLOPs)", result.text)
        self.assertLessEqual(max(map(len, result.text.split("\n"))), 80)
        rows = self.rows("--dataset", "imagenet")
        self.assertGreater(len(rows), 2000)
        ranked = [row for row in rows if row["rank"]]
        self.assertEqual([int(row["rank"]) for row in ranked], sorted(int(row["rank"]) for row in ranked))
        for row in ranked:
            self.assertLessEqual(int(row["rank_min"]), int(row["rank"]))
            self.assertGreaterEqual(int(row["rank_max"]), int(row["rank"]))

    def test_the_papers_own_rows_of_mnist_and_fashion_mnist(self):
        mnist = self.rows("--dataset", "MNIST")
        self.assertEqual(len([row for row in mnist if row["nofade"]]), 6)
        self.assertIn("nofade-1:grey=bt601;class=entropy;bins=64;jsd=e;sum=e", mnist[0]["notes"])
        fashion = self.rows("--dataset", "Fashion-MNIST", "--by", "accuracy")
        self.assertEqual(len([row for row in fashion if row["rank"]]), 18)

    def test_without_a_choice_tasks_are_not_mixed(self):
        self.refuse(2, r'data-manifests/models/.*csv:\d+:1: task ".*" .*; choose with --dataset or --task, or say --mix')

    def test_of_several_metrics_the_datasets_own_is_taken_and_said(self):
        result = self.expect(0, "--dataset", "coco", "--task", "detection", "--format", "csv")
        self.assertRegex(result.talk, r"metric map; \d+ models with other metrics are left out \(--metric\)")
        self.assertEqual({row["metric"] for row in csv.DictReader(io.StringIO(result.text))}, {"map"})

    def test_what_keeps_all_rows_from_a_rank_is_said(self):
        shown = self.expect(0, "--dataset", "fashion-mnist").text
        self.assertIn("18 of 18 models have no rank: 18 without FLOPs", shown)
        self.assertIn("--by accuracy", shown)

    def test_an_unknown_metric_or_task_is_told_with_near_names(self):
        self.refuse(2, "metric mapp; near names: map", "--dataset", "coco", "--metric", "mapp")
        self.refuse(2, "task detectin, metric any; near names: detection", "--dataset", "coco", "--task", "detectin")

    def test_an_unknown_dataset_is_told_with_near_names(self):
        self.refuse(2, "no model is of dataset imagnet.*near names: imagenet", "--dataset", "imagnet")


class Energy(ScoreTest):
    TABLE = "model,accuracy,gpu,gpu_count,hours,gpu_hours,energy_wh,co2_kg,training_flops,inference_ms\n"

    def row(self, cells, *args):
        return self.rows(self.table(self.TABLE + cells + "\n"), "--by", "co2", *args)[0]

    def test_tdp_is_the_paper_read_literally(self):
        row = self.row("m,0.8,V100 SXM2 16GB,8,10,,,,,", "--cpu-watts", "100")
        self.assertEqual((row["energy_path"], float(row["energy_kwh"])), ("tdp", (300 + 100) * 80 / 1000))
        self.assertAlmostEqual(float(row["co2_kg"]), 32 * 0.707, places=12)
        self.assertIn("0.707 kg/kWh (EPA, the paper's)", row["notes"])

    def test_an_alias_names_its_variant(self):
        self.assertIn("TDP of V100 SXM2 16GB", self.row("m,0.8,NVIDIA Tesla V100,,,80,,,,")["notes"])

    def test_auto_takes_the_rows_own_energy(self):
        cells = "m,0.8,T4,,,100,5000,,,"
        self.assertEqual((self.row(cells)["energy_path"], self.row(cells)["energy_kwh"]), ("row", "5"))
        row = self.row(cells, "--power", "tdp")
        self.assertEqual((row["energy_path"], row["energy_kwh"]), ("tdp", "7"))

    def test_flops_needs_the_training_flops(self):
        row = self.row("m,0.8,T4,,,,,,1e18,", "--power", "flops", "--utilisation", "0.5")
        self.assertEqual(row["energy_path"], "flops")
        self.assertAlmostEqual(float(row["energy_kwh"]), 1e18 / (8.141e12 * 0.5) / 3600 * 70 / 1000, places=9)
        row = self.row("m,0.8,T4,,,100,,,,", "--power", "flops")
        self.assertEqual((row["energy_path"], row["energy_kwh"]), ("", ""))
        self.assertIn("--power flops needs training_flops", row["notes"])

    def test_hours_of_an_unknown_number_of_gpus_give_no_energy(self):
        row = self.row("m,0.8,T4,,10,,,,,")
        self.assertEqual(row["energy_kwh"], "")
        self.assertIn("hours without gpu_count or gpu_hours", row["notes"])

    def test_a_given_co2_stands_until_place_or_pue_is_said(self):
        cells = "m,0.8,,,,,10000,3.5,,"
        self.assertEqual(self.row(cells)["co2_kg"], "3.5")
        self.assertIn("co2_kg as given", self.row(cells)["notes"])
        self.assertEqual(self.row(cells, "--carbon", "0.369")["co2_kg"], "3.69")
        self.assertAlmostEqual(float(self.row(cells, "--pue", "1.5")["co2_kg"]), 10.605, places=12)

    def test_a_place_is_named_and_used(self):
        row = self.row("m,0.8,,,,,10000,,,", "--region", "aws:us-east-1")
        self.assertRegex(row["notes"], r"kg/kWh \(aws:us-east-1")
        self.assertNotIn("0.707", row["notes"])
        for place, meant in (("us-west-2", "aws:us-west-2"), ("us-west2", "gcp:us-west2"), ("US-EAST-1", "aws:us-east-1"),
                             ("germany", "country:DEU"), ("Oregon", "us-state:US-OR"), ("AWS:eu-west-1", "aws:eu-west-1")):
            self.assertIn(f"kg/kWh ({meant}", self.row("m,0.8,,,,,10000,,,", "--region", place)["notes"])
        for place in ("us west 2", "aws:us-west-9"):
            self.refuse(2, "near names: .*us-west-2", "t.csv", "--region", place)
        self.refuse(2, "--region.*Germny.*near names: Germany", "t.csv", "--region", "Germny")
        self.refuse(2, "--region and --carbon", "t.csv", "--region", "Germany", "--carbon", "0.3")
        self.refuse(2, "--carbon .*from 0 to 10", "t.csv", "--carbon", "369")

    def test_a_week_of_inference(self):
        cells = "m,0.8,RTX 2080 Ti,,,,,,,6.51"
        row = self.row(cells, "--carbon", "0.432", "--pue", "1.2")
        self.assertAlmostEqual(float(row["co2_kg_week"]), 6.51 * 5.04 * 250 / 1000 * 1.2 * 0.432, places=12)
        row = self.row(cells, "--week", "badar")
        self.assertAlmostEqual(float(row["co2_kg_week"]), 6.51 * 4.3927, places=12)
        self.assertIn("Badar's constant", row["notes"])
        self.assertIn("no co2_kg_week", self.row("m,0.8,,,,,,,,6.51")["notes"])

    def test_a_week_on_the_gpu_of_training_is_said(self):
        self.assertIn("co2_kg_week at 250 W with RTX 2080 Ti, which it was trained on",
                      self.row("m,0.8,RTX 2080 Ti,,,,,,,6.51")["notes"])
        table = self.table("model,gpu,inference_gpu,inference_ms\nm,A100,V100,5\n")
        self.assertRegex(self.rows(table)[0]["notes"], "co2_kg_week at 300 W with V100 SXM2 16GB$")


class Profiles(ScoreTest):
    def setUp(self):
        super().setUp()
        self.write("set.tar", tar_of(four_classes(4)))
        self.profile("set.tar", "--name", "own")

    def profile(self, *args):
        subprocess.run([BINARY, "dataset", "--quiet", "--null", "0", "--json", "p.json", *args], cwd=self.folder, check=True)

    def test_a_profile_gives_its_dataset_a_complexity(self):
        with open(self.path("p.json"), encoding="utf-8") as file:
            profile = json.load(file)
        text = HEAD + "a,own,classification,top1,90,1\nb,own,classification,top1,80,2\n"
        row = self.rows(self.table(text), "--profile", "p.json")[0]
        self.assertEqual(float(row["complexity"]), profile["complexity"]["value"])
        self.assertIn(profile["definition"] + " from p.json", row["notes"])
        named = self.rows(self.table(text.replace("own", "other")), "--profile", "other=p.json")[0]
        self.assertEqual(named["complexity"], row["complexity"])

    def test_a_profile_that_was_saved_under_another_definition_is_measured_anew_and_that_is_said(self):
        self.profile("set.tar", "--name", "own", "--bins", "16", "--jsd-base", "2")
        with open(self.path("p.json"), encoding="utf-8") as file:
            saved = json.load(file)
        table = self.table(HEAD + "a,own,classification,top1,90,1\n")
        shown = self.expect(0, table, "--profile", "p.json")
        self.assertIn("bins=64", shown.text)
        self.assertRegex(shown.words, "saved under " + re.escape(saved["definition"]) + ", where it is another figure")
        scored = json.loads(self.expect(0, table, "--profile", "p.json", "--format", "json").text)
        row, complexity = scored["rows"][0], scored["complexities"][0]
        self.assertNotEqual(complexity["value"], saved["complexity"]["value"])
        self.assertEqual(complexity["saved_under"], saved["definition"])
        self.assertIn("saved under " + saved["definition"], row["notes"])
        self.profile("set.tar", "--name", "own")
        scored = json.loads(self.expect(0, table, "--profile", "p.json", "--format", "json").text)
        self.assertIsNone(scored["complexities"][0]["saved_under"])
        self.assertNotIn("saved under", scored["rows"][0]["notes"])

    def test_complexities_of_different_definitions_are_not_ranked_together(self):
        self.profile("set.tar", "--name", "own")
        os.rename(self.path("p.json"), self.path("own.json"))
        self.profile("set.tar", "--name", "other", "--grey", "luma")
        table = self.table(HEAD + "a,own,classification,top1,90,1\nb,other,classification,top1,80,2\n")
        profiles = ("--profile", "own.json", "--profile", "p.json")
        self.refuse(2, r't\.csv:3:1: complexity by definition "nofade-1:grey=luma;\S+" cannot be ranked together with '
                       r'"nofade-1:grey=bt601;.*--mix', table, *profiles)
        self.assertEqual(len(self.rows(table, *profiles, "--mix")), 2)
        self.assertEqual(len(self.rows(table, *profiles, "--by", "accuracy")), 2)
        self.assertEqual(len(self.rows(table, *profiles, "--dataset", "other")), 1)

    def test_a_profile_whose_complexity_is_not_above_0_is_refused_by_name(self):
        few = {path: data for path, data in four_classes(2).items() if path.startswith(("few/", "many/"))}
        self.write("few.tar", tar_of(few))
        self.profile("few.tar", "--name", "tiny")
        self.refuse(2, "p.json: the complexity of tiny is -?[0-9.e-]+;", self.table(THREE), "--profile", "p.json")

    def test_a_complexity_that_meets_no_model_is_told(self):
        self.table(THREE)
        for option in (("--complexity", "imagnet=11.9"), ("--profile", "imagnet=p.json")):
            told = "no model is of imagnet, whose complexity is given: it is not used; near names: imagenet"
            self.assertIn(told, self.expect(0, "t.csv", *option).words)
            self.assertRegex(self.expect(0, "t.csv", *option, "--format", "csv").talk, told)
        self.assertNotIn("not used", self.expect(0, "t.csv").text)

    def test_a_profile_of_a_part_of_its_set_is_told(self):
        self.profile("set.tar", "--name", "own", "--limit", "12")
        with open(self.path("p.json"), encoding="utf-8") as file:
            self.assertFalse(json.load(file)["complete"])
        self.table(HEAD + "a,own,classification,top1,90,1\n")
        told = "the profile is not complete"
        self.assertIn(told, self.expect(0, "t.csv", "--profile", "p.json").text)
        self.assertIn(told, self.rows("t.csv", "--profile", "p.json")[0]["notes"])
        found = json.loads(self.expect(0, "t.csv", "--profile", "p.json", "--format", "json").text)["complexities"]
        self.assertEqual([c["complete"] for c in found if c["dataset"] == "own"], [False])
        self.assertEqual([c["complete"] for c in found if c["dataset"] == "mnist"], [True])

    def test_a_profile_of_other_classes_in_its_layout_is_told(self):
        self.profile(os.environ["NOFADE_SAMPLE_ARCHIVE"])
        table = self.table(HEAD + "a,cifar10,classification,top1,90,1\n")
        told = "the profile's classes are none of "
        self.assertIn(told + "the dataset's", self.rows(table, "--profile", "p.json")[0]["notes"])
        self.assertIn(told + "cifar10's", self.expect(0, table, "--profile", "p.json").words)

    def test_one_complexity_a_dataset(self):
        self.refuse(2, "complexity of own is given twice", self.table(THREE), "--profile", "p.json", "--complexity", "own=3")
        self.refuse(2, "must be NAME=VALUE", "t.csv", "--complexity", "own")
        self.refuse(2, "must be above 0", "t.csv", "--complexity", "own=0")
        self.refuse(3, "no.json", "t.csv", "--profile", "no.json")

    def test_across_datasets_the_readings_move_ranks(self):
        text = HEAD + "a,own,classification,top1,90,1\nb,mnist,classification,top1,62,1\n"
        rows = self.rows(self.table(text), "--profile", "p.json", "--stability")
        self.assertTrue(any("by definition" in row["notes"] for row in rows), rows)


class Frontier(ScoreTest):
    TABLE = HEAD + "a,x,t,m,50,1\nb,x,t,m,60,4\nc,x,t,m,55,8\nd,x,t,m,61,4\n"

    def test_marks_and_marginal_returns(self):
        rows = {row["model"]: row for row in self.rows(self.table(self.TABLE))}
        self.assertEqual({name for name, row in rows.items() if row["pareto"] == "flops"}, {"a", "d"})
        self.assertIn("+5.5 points per doubling of FLOPs", rows["d"]["notes"])
        shown = self.expect(0, "t.csv", "--frontier").text
        self.assertRegex(shown, r"along FLOPs +acc % +GFLOPs points/doubling\n +a .*-\n +d .*\+5\.5\n")

    def test_along_co2_too(self):
        self.table("model,accuracy_pct,energy_kwh\na,50,1\nb,60,8\nc,55,9\n")
        rows = {row["model"]: row for row in self.rows("t.csv", "--by", "co2")}
        self.assertEqual([rows[name]["pareto"] for name in "abc"], ["co2", "co2", ""])
        self.assertIn("+3.33 points per doubling of CO2", rows["b"]["notes"])


class Stability(ScoreTest):
    def test_an_unstated_convention_is_once_or_twice(self):
        head = "model,dataset,task,metric,accuracy,gflops,flops_convention\n"
        rows = self.rows(self.table(head + "a,x,t,miou,0.8000000,10.00000,unstated\nb,x,t,miou,0.7900000,10.00000,flops\n"),
                         "--stability")
        self.assertEqual([(row["rank_min"], row["rank_max"]) for row in rows], [("1", "2"), ("1", "2")])
        for row in rows:
            self.assertIn("rank 1-2 by convention", row["notes"])
            self.assertNotIn("by rounding", row["notes"])
        stated = self.rows(self.table((head + "a,x,t,miou,0.8000000,10.00000,flops\nb,x,t,miou,0.7900000,10.00000,flops\n")))
        self.assertEqual([(row["rank_min"], row["rank_max"]) for row in stated], [("1", "1"), ("2", "2")])

    def test_rounding_and_the_number_of_test_images(self):
        head = "model,dataset,task,metric,accuracy_pct,gmacs,test_images\n"
        rows = self.rows(self.table(head + "a,x,t,top1,76.1,1.00000,\nb,x,t,top1,76.0,1.00000,\n"), "--stability")
        self.assertIn("rank 1-2 by rounding", rows[0]["notes"] + rows[1]["notes"])
        rows = self.rows(self.table(head + "a,x,t,top1,76.1000,1.00000,10000\nb,x,t,top1,75.6000,1.00000,10000\n"),
                         "--stability")
        self.assertIn("rank 1-2 by sampling", rows[0]["notes"])
        self.assertNotIn("rounding", rows[0]["notes"])
        rows = self.rows(self.table(head + "a,x,t,miou,76.1000,1.00000,10000\nb,x,t,miou,75.6000,1.00000,10000\n"),
                         "--stability")
        self.assertNotIn("sampling", rows[0]["notes"])

    def test_rounding_of_what_energy_and_co2_come_from(self):
        given = self.table("model,co2_kg\na,1.0\nb,1.04\nc,1.2\n")
        rows = self.rows(given, "--by", "co2")
        self.assertEqual([(row["rank_min"], row["rank_max"]) for row in rows], [("1", "2"), ("1", "2"), ("3", "3")])
        self.assertIn("rank 1-2 by rounding", self.rows(given, "--by", "co2", "--stability")[0]["notes"])
        for head, cells in (("gpu_hours", ("10", "10.4", "12")), ("training_flops", ("1.0e20", "1.04e20", "1.2e20"))):
            table = self.table(f"model,accuracy,gpu,{head}\n" + "".join(f"{name},0.5000,A100,{cell}\n"
                                                                        for name, cell in zip("abc", cells)))
            rows = self.rows(table, "--by", "score", "--power", "tdp" if head == "gpu_hours" else "flops")
            self.assertEqual([(row["rank_min"], row["rank_max"]) for row in rows], [("1", "2"), ("1", "2"), ("3", "3")])
        product = self.table("model,accuracy,gpu,hours,gpu_count\na,0.5000,A100,5,2\nb,0.5000,A100,5.2,2\nc,0.5000,A100,7,2\n")
        self.assertEqual([row["rank_min"] for row in self.rows(product, "--by", "score")], ["1", "1", "3"])

    def test_sam_has_no_upper_bound_where_rounding_reaches_one_kwh(self):
        rows = self.rows(self.table("model,accuracy,energy_mj\na,0.7610,3.610\nb,0.7610,4\nc,0.7610,4.10\n"), "--by", "sam")
        self.assertEqual([(row["model"], row["rank_min"], row["rank_max"]) for row in rows],
                         [("a", "1", "2"), ("b", "1", "3"), ("c", "2", "3")])

    def test_the_table_says_what_moves_a_rank(self):
        self.assertIn("What moves a rank", self.expect(0, self.table(THREE), "--stability").text)


class Statistics(ScoreTest):
    def test_csv_json_and_table_say_the_same(self):
        body = "".join(f"m{i},x,t,top1,{50 + i},{1 + i * i},{'odd' if i % 2 else 'even'}\n" for i in range(12))
        self.table("model,dataset,task,metric,accuracy_pct,gmacs,family\n" + body)
        rows = self.rows("t.csv", "--stats", "--category", "family")
        pair = next(row for row in rows if (row["statistic"], row["x"], row["y"]) == ("spearman", "accuracy", "flops"))
        self.assertEqual((pair["n"], pair["value"], pair["p"]), ("12", "1", "0.001"))
        kruskal = next(row for row in rows if row["statistic"] == "kruskal-wallis" and row["x"] == "accuracy")
        self.assertEqual((kruskal["y"], kruskal["n"], kruskal["groups"]), ("family", "12", "2"))
        h = 12 / (12 * 13) * (36 ** 2 / 6 + 42 ** 2 / 6) - 3 * 13
        self.assertAlmostEqual(float(kruskal["value"]), h, places=12)
        self.assertAlmostEqual(float(kruskal["epsilon_squared"]), h / 11, places=12)
        self.assertAlmostEqual(float(kruskal["eta_squared"]), (h - 1) / 10, places=12)
        found = json.loads(self.expect(0, "t.csv", "--stats", "--category", "family", "--format", "json").text)
        self.assertEqual(found["groups"][0]["kruskal_wallis"][0]["h"], float(kruskal["value"]))
        self.assertIn("accuracy by family: n 12 in 2", self.expect(0, "t.csv", "--stats", "--category", "family").text)


    def test_a_category_that_no_table_has_is_refused(self):
        self.table("model,accuracy,gmacs,family\na,0.5,1,x\nb,0.6,2,y\nc,0.7,4,y\n")
        self.refuse(2, 'no table has a column "famly".*near names: family', "t.csv", "--stats", "--category", "famly")
        self.refuse(2, "--category needs --stats", "t.csv", "--category", "family")
        self.expect(0, "t.csv", "--stats")
        self.expect(0, "t.csv", "--stats", "--category", "input_px")


class Output(ScoreTest):
    def test_json_holds_what_the_csv_holds(self):
        rows = self.rows(self.table(THREE), "--complexity", "imagenet=11.9")
        found = json.loads(self.expect(0, "t.csv", "--complexity", "imagenet=11.9", "--format", "json").text)
        self.assertEqual([row["model"] for row in found["rows"]], [row["model"] for row in rows])
        for a, b in zip(found["rows"], rows):
            self.assertEqual(set(COLUMNS) - set(a), set())
            self.assertEqual(a["nofade"], float(b["nofade"]))
            self.assertIsNone(a["sam"])
        self.assertEqual(found["complexities"][0]["value"], 11.9)
        self.assertEqual(found["parameters"]["carbon"], "0.707 kg/kWh (EPA, the paper's)")

    def test_json_has_no_key_twice(self):
        self.table("model,accuracy,gmacs,rank_by,points_per_doubling_of_co2,lab\na,0.5,1,x,y,z\n")

        def once(pairs):
            self.assertEqual(len(pairs), len(dict(pairs)), pairs)
            return dict(pairs)

        row = json.loads(self.expect(0, "t.csv", "--stability", "--format", "json").text, object_pairs_hook=once)["rows"][0]
        self.assertEqual((row["lab"], row["points_per_doubling_of_co2"]), ("z", None))
        self.assertEqual(self.rows("t.csv")[0]["rank_by"], "x")

    def test_other_columns_pass_through(self):
        rows = self.rows(self.table("model,accuracy,gmacs,lab,note\na,0.5,1,MIT,\"x, y\"\n"), self.table(
            "model,accuracy,gmacs,note\nb,0.5,1,z\n", "u.csv"))
        self.assertEqual([(row["lab"], row["note"]) for row in rows], [("MIT", "x, y"), ("", "z")])

    def test_its_own_output_can_be_read_again(self):
        self.expect(0, self.table(THREE), "--complexity", "imagenet=11.9", "--format", "csv", "-o", "one.csv")
        self.expect(0, "one.csv", "--complexity", "imagenet=11.9", "--format", "csv", "-o", "two.csv")
        one = list(csv.DictReader(io.StringIO(self.read("one.csv").decode())))
        two = list(csv.DictReader(io.StringIO(self.read("two.csv").decode())))
        self.assertEqual([row["nofade"] for row in one], [row["nofade"] for row in two])
        self.assertEqual(list(two[0]), COLUMNS)

    def test_models_of_several_sizes_are_told_apart(self):
        self.expect(0, "--dataset", "imagenet", "--format", "csv", "-o", "one.csv")
        self.expect(0, "one.csv", "--format", "csv", "-o", "two.csv")
        one = list(csv.DictReader(io.StringIO(self.read("one.csv").decode())))
        two = list(csv.DictReader(io.StringIO(self.read("two.csv").decode())))
        key = ("model", "variant", "dataset", "task", "metric", "input_px")
        self.assertEqual(len({tuple(row[name] for name in key) for row in one}), len(one))
        self.assertEqual([[row[name] for name in (*key, "rank")] for row in one], [[row[name] for name in (*key, "rank")] for row in two])
        self.expect(0, "--dataset", "imagenet", "--format", "json", "-o", "one.json")
        self.assertEqual([row["input_px"] for row in json.loads(self.read("one.json"))["rows"]], [row["input_px"] for row in one])

    def test_a_file_is_written_whole_or_not_at_all(self):
        self.expect(0, self.table(THREE), "-o", "out.txt")
        self.assertIn(b"rank", self.read("out.txt"))
        self.refuse(2, "would be written over", "t.csv", "-o", "t.csv")
        self.write("p.json", "{}")
        for profile in ("p.json", "mnist=p.json"):
            self.refuse(2, "would be written over", "t.csv", "--profile", profile, "-o", "./p.json")
        self.assertEqual(self.read("p.json"), b"{}")
        self.refuse(4, "cannot write", "t.csv", "-o", "no/such/out.csv")
        self.refuse(3, "cannot open no.csv", "no.csv", "-o", "new.csv")
        if os.path.exists("/dev/full"):
            self.expect(4, "t.csv", "--format", "csv", "-o", "/dev/full")


class Accepted(ScoreTest):
    def test_mark_crlf_and_quoted_line_breaks(self):
        text = "\ufeff" + 'model,dataset,metric,task,accuracy_pct,gmacs,source\r\n"a\nb",x,m,t,50,1,"two\r\nlines, ""quoted"""\r\n'
        rows = self.rows(self.table(text))
        self.assertEqual((rows[0]["model"], rows[0]["accuracy"]), ("a\nb", "0.5"))

    def test_units(self):
        for column, cell, flops in (("flops", "8e9", 8e9), ("gflops", "8", 8e9), ("macs", "4e9", 8e9), ("gmacs", "4", 8e9)):
            row = self.rows(self.table(f"model,accuracy,{column}\na,0.5,{cell}\n"))[0]
            self.assertEqual(float(row["flops"]), flops)
        for column, cell in (("energy_j", "36000000"), ("energy_wh", "10000"), ("energy_kwh", "10"), ("energy_mj", "36")):
            row = self.rows(self.table(f"model,accuracy,{column}\na,0.5,{cell}\n"), "--by", "score")[0]
            self.assertEqual(row["energy_kwh"], "10")

    def test_codecarbon_emissions(self):
        head = ("timestamp,project_name,run_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,"
                "ram_energy,energy_consumed,country_name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,"
                "codecarbon_version,cpu_count,cpu_model,gpu_count,gpu_model,longitude,latitude,ram_total_size,tracking_mode,on_cloud,pue\n")
        tail = ",Canada,CAN,quebec,,,Linux,3.10.12,2.3.5,160,CPU,1,1 x NVIDIA A100-SXM4-40GB,-71.2,46.8,1007.4,machine,N,1.0\n"
        body = "".join(f"2024-07-19T15:57:4{i},train,run-{i},7200.0,{0.5 + i},2e-07,42.5,0.0,377.7,0.1,0.2,0.05,{2.5 + i}" + tail
                       for i in range(2))
        rows = self.rows(self.table(head + body), "--by", "co2")
        self.assertEqual([(row["model"], row["variant"], row["energy_kwh"], row["co2_kg"]) for row in rows],
                         [("train", "run-0", "2.5", "0.5"), ("train", "run-1", "3.5", "1.5")])
        self.assertEqual(rows[0]["gpu_model"], "1 x NVIDIA A100-SXM4-40GB")
        without = tail.replace(",1,1 x NVIDIA A100-SXM4-40GB", ",0,")
        self.assertEqual(self.rows(self.table(head + body.replace(tail, without)), "--by", "co2")[1]["energy_kwh"], "3.5")

    def test_timm_results_and_their_benchmark(self):
        results = "model,top1,top1_err,top5,top5_err,param_count,img_size,crop_pct,interpolation\n"
        self.write("results-imagenet.csv", results + 'big,89.786,10.214,98.992,1.008,"1,014.45",560,1.000,bicubic\n'
                                                     "small,75.000,25.000,92.000,8.000,5.00,224,0.9,bicubic\n")
        self.write("benchmark.csv", "model,infer_samples_per_sec,infer_step_time,infer_batch_size,infer_img_size,infer_gmacs,"
                                    "infer_macts,param_count\nbig,50.0,20,1,560,1906.76,2577.2,1014.45\n"
                                    "other,50.0,20,1,560,1906.76,2577.2,1014.45\n")
        rows = self.rows("results-imagenet.csv", "--by", "accuracy")
        self.assertEqual([(row["model"], row["dataset"], row["metric"], row["accuracy"]) for row in rows],
                         [("big", "imagenet", "top1", "0.89786"), ("small", "imagenet", "top1", "0.75")])
        for order in (("results-imagenet.csv", "benchmark.csv"), ("benchmark.csv", "results-imagenet.csv")):
            rows = {row["model"]: row for row in self.rows(*order)}
            self.assertEqual(set(rows), {"big", "small"})
            self.assertEqual((rows["big"]["flops"], rows["small"]["flops"]), ("3813520000000", ""))
        self.write("results-twice.csv",
                   self.read("results-imagenet.csv") + b"small,76.000,24.000,92.000,8.000,5.00,224,0.9,bicubic\n")
        self.write("small.csv", "model,infer_samples_per_sec,infer_img_size,infer_gmacs,param_count\nsmall,50,224,,5\n")
        for order in (("results-twice.csv", "small.csv"), ("small.csv", "results-twice.csv")):
            self.refuse(2, r'results-twice.csv:4:1: the model "small" is there already \(results-twice.csv:3\)', *order,
                        "--dataset", "imagenet")
        rows = {row["model"]: row for row in self.rows("small.csv", "results-imagenet.csv", "--by", "accuracy")}
        self.assertEqual(set(rows), {"big", "small"})
        self.write("mine.csv", self.read("results-imagenet.csv"))
        self.refuse(2, "mine.csv:1:1: a timm table whose name does not tell the dataset", "mine.csv")
        self.assertEqual(self.rows("mine.csv", "--dataset", "imagenet", "--by", "accuracy")[0]["model"], "big")


class Refused(ScoreTest):
    def head(self, name, cell="1"):
        return f"model,accuracy,{name}\na,0.5,{cell}\n"

    def test_a_header_without_units(self):
        for name in ("FLOPs", "GFLOPs (?)", "GFLOPs", "flops_g", "MACs", "MACs (G)", "Mult-Adds"):
            self.refuse_table(self.head(f'"{name}"'),
                              r'1:16: the column ".*" does not name its unit .* flops or gflops .* macs or gmacs')
        self.refuse_table(self.head("energy"), r'1:16: .*energy_kwh')
        self.refuse_table(self.head("CO2"), r'1:16: .*co2_kg')
        self.refuse_table(self.head("top1"), r'1:16: .*accuracy_pct')
        self.refuse_table(self.head("params"), r'1:16: .*params_m')

    def test_a_convention_that_contradicts_the_column(self):
        head = "model,accuracy,%s,flops_convention\na,0.5,%s,%s\n"
        for column, value, convention, advice in (("gflops", "4.1", "macs", "counted once go in macs or gmacs"),
                                                  ("flops", "4e9", "macs", "counted once go in macs or gmacs"),
                                                  ("gmacs", "4.1", "flops", "all else goes in flops or gflops"),
                                                  ("macs", "4e9", "unstated", "all else goes in flops or gflops")):
            self.refuse_table(head % (column, value, convention),
                              rf'2:{8 + len(value)}: flops_convention "{convention}" does not fit the column {column}; .*{advice}')
        for column, convention in (("gflops", "flops"), ("gflops", "unstated"), ("gmacs", "macs"), ("gflops", "")):
            self.rows(self.table(head % (column, "4.1", convention)))
        self.rows(self.table(head % ("gflops", "", "macs")))

    def test_names_of_columns_in_another_spelling(self):
        for name, meant in (("Accuracy_pct", "accuracy_pct"), (" task", "task"), ("Metric", "metric"), ("GPU", "gpu"),
                            ("gpu hours", "gpu_hours"), ("Energy_kWh", "energy_kwh"), ("Energy (kWh)", "energy_kwh"),
                            ("CO2 (kg)", "co2_kg"), ("Params (M)", "params_m")):
            self.refuse_table(self.head(name), rf'1:16: the column "{re.escape(name)}" is written {meant}$')
        self.refuse_table(self.head("latency_ms"), r"1:16: .*inference_ms")

    def test_gpu_hours_that_are_not_the_product(self):
        head = "model,gpu,hours,gpu_count,gpu_hours\n"
        self.refuse_table(head + "a,V100,10,8,10\n", r"2:13: gpu_hours 10 is not hours x gpu_count, 80; which is right\?")
        self.refuse_table(head + "a,V100,10,2,41\n", r"2:13: gpu_hours 41 is not")
        self.rows(self.table(head + "a,V100,10,8,79\nb,V100,0.1,8,1.1\nc,V100,,8,10\n"))

    def test_values_that_betray_another_unit(self):
        self.refuse_table(self.head("gflops", "4e9"), r"2:7: gflops 4e9 is in billions, at most 1e6; .* named flops")
        self.refuse_table("model,accuracy\na,7610\n", r"2:3: accuracy 7610 must be a fraction .* accuracy_pct")
        self.refuse_table("model,accuracy_pct\na,7610\n", r"2:3: accuracy_pct 7610 must be per cent")
        self.refuse_table("model,accuracy_pct\na,0.76\n", r"2:3: accuracy_pct 0.76 .* is it a fraction\?")
        self.refuse_table("model,accuracy_pct\na,-1\n", r"2:3: accuracy_pct -1 must be")

    def test_values_out_of_range(self):
        self.refuse_table(self.head("energy_kwh", "-3"), r"2:7: energy_kwh -3 must be more than 0")
        self.refuse_table(self.head("energy_j", "0"), r"2:7: energy_j 0 must be more than 0")
        self.refuse_table(self.head("flops", "1"), r"2:7: flops 1 must be more than 1")
        self.refuse_table(self.head("flops", "0"), r"2:7: flops 0 must be more than 1")
        self.refuse_table(self.head("macs", "0.5"), r"2:7: macs 0.5 must be more than 1")
        self.refuse_table(self.head("gpu_count", "0"), r"2:7: gpu_count 0 must be at least 1")
        self.refuse_table(self.head("hours", "nan"), r'2:7: hours "nan" is no number')
        self.refuse_table(self.head("inference_ms", "5 ms"), r'2:7: inference_ms "5 ms" is no number')
        self.refuse_table(self.head("flops_convention", "perhaps"), r'2:7: flops_convention "perhaps" must be')

    def test_unknown_devices_are_told_with_near_names(self):
        self.refuse_table(self.head("gpu", "RTX 4909"), r'2:7: gpu "RTX 4909" is no device.*near names: .*RTX 4090')
        self.refuse_table(self.head("inference_gpu", "H100 SXM 80 G"), r'2:7: inference_gpu .*near names: .*H100 SXM 80GB')

    def test_repeated_rows_and_columns(self):
        self.refuse_table(THREE + "a,ILSVRC2012,classification,top1,75,4\n",
                          r'5:1: the model "a" is there already \(t\.csv:2\)')
        self.refuse_table("model,accuracy,model\na,0.5,b\n", r'1:16: the column "model" is there twice')
        self.refuse_table("model,accuracy,accuracy_pct\na,0.5,50\n", r"2:7: accuracy_pct says again")
        self.refuse(2, r'u\.csv:2:1: the model "a" is there already \(t\.csv:2\)', self.table(THREE), self.table(THREE,
                                                                                                                 "u.csv"))

    def test_what_is_no_csv(self):
        self.refuse_table('model,accuracy\na,0.5\n"b,0.6\nc,0.7\n', r"3:1: the file ends inside a quoted field")
        self.refuse_table("model;accuracy\na;0,5\n", r"1:1: the columns are separated by semicolons")
        self.refuse_table("model\taccuracy\na\t0.5\n", r"1:1: the columns are separated by tabs")
        self.refuse_table("model,accuracy\na,0,5\n", r"2:5: the row has 3 fields, the header 2; is there a decimal comma")
        self.refuse_table('model,accuracy_pct\na,"76,1"\n',
                          r'2:3: accuracy_pct "76,1" is no number; decimals stand behind a point')
        self.refuse_table("model,accuracy\na\n", r"2:1: the row has 1 field, the header 2")
        self.refuse_table("", r"1:1: the table is empty")
        self.refuse_table("name,accuracy\na,0.5\n", r'1:1: there is no column "model"')
        self.refuse_table("model,accuracy\n,0.5\n", r"2:1: the model has no name")
        self.refuse_table("m\0odel,accuracy\n", r"1:\d+: a zero byte")
        self.refuse_table("model,accuracy\n", r" the table has no rows")


class Million(ScoreTest):
    def test_a_million_rows_are_fine(self):
        """How long they take is measured elsewhere (tests/bench); here that memory stays in bounds and nothing is lost."""
        with open(self.path("big.csv"), "w", encoding="utf-8") as file:
            file.write("model,dataset,task,metric,accuracy_pct,gmacs\n")
            for i in range(1_000_000 if not os.environ.get("NOFADE_SANITIZE") else 100_000):
                file.write(f"m{i},imagenet,classification,top1,{50 + i * 7919 % 4000 / 100:.2f},{1 + i * 104729 % 5000 / 100:.2f}\n")
        out = self.expect(0, "big.csv", "--top", "3", "--format", "csv").text
        self.assertEqual(len(out.strip().split("\n")), 4)


if __name__ == "__main__":
    unittest.main()
