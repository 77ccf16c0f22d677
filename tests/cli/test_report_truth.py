"""What a report shows is what was measured and scored: the page and the data beside its figures, against the profile and `score`."""
import csv
import itertools
import json
import math
import re
import unittest

from report_page import Page
from support import BINARY, CliTest, four_classes, noise, tar_of
from test_report import needs_gnuplot

MODELS = ("model,dataset,task,metric,accuracy_pct,gmacs,energy_kwh,test_images\n"
          "small,own,classification,top1,70,1,10,1000\nlarge,own,classification,top1,80,10,100,1000\n"
          "near,own,classification,top1,70.5,1.1,200,1000\npoor,own,classification,top1,60,20,5,1000\n")
NAMES = {"flat": "yak", "few": "bee", "many": "ant", "rgb": "cow"}  # their order is not that of the entropies


class TruthTest(CliTest):
    ARGS = ("--no-figures",)

    def arguments(self, args):
        return [BINARY, *args]

    def setUp(self):
        super().setUp()
        members = {f"{NAMES[name.split('/')[0]]}/{name}": image for name, image in four_classes().items()}
        members["ant/cut.png"] = noise(1)[:40]
        self.write("a.tar", tar_of(members))
        self.write("m.csv", MODELS)
        self.expect(1, "dataset", "a.tar", "--name", "own", "--json", "a.json", "--quiet")
        self.expect(0, "report", "-o", "r.html", "a.json", "--models", "m.csv", *self.ARGS)
        self.profile_ = json.loads(self.read("a.json"))
        self.page = Page(self.read("r.html").decode("utf-8"))
        scored = self.expect(0, "score", "m.csv", "--profile", "a.json", "--format", "csv").text
        self.scored = list(csv.DictReader(scored.splitlines()))

    def rows(self, caption):
        """Of the table with this caption: a list of {head: cell}."""
        head, *rows = self.page.table(caption)
        return [dict(zip(head, row)) for row in rows]

    def fact(self, section, term):
        found = [div.all("dd")[0].text for div in self.page.section(section).all("div")
                 if div.all("dt") and div.all("dt")[0].text == term]
        self.assertGreaterEqual(len(found), 1, term)
        return found[0]


class Sets(TruthTest):
    def test_classes_have_their_entropies(self):
        rows = self.rows("Classes of own")
        self.assertEqual(len(rows), len(self.profile_["classes"]))
        for row, item in zip(rows, self.profile_["classes"]):
            self.assertEqual(int(row["Images"]), item["images"])
            self.assertEqual(row["Entropy mean, bits"], f"{item['mean']:.4f}")
            self.assertEqual(row["Spread sd, bits"], f"{item['sd']:.4f}")
            low, high = float(row["5 % bits"]), float(row["95 % bits"])
            self.assertTrue(item["min"] - 0.01 <= low < item["mean"] < high <= item["max"] + 0.01, row)

    def test_distances_over_chance_are_those_of_the_profile(self):
        null = self.profile_["distances"]["null"]
        self.assertEqual(self.rows("All sets")[0]["Over chance sd"], f"{null['z']:+.1f}")
        text = self.fact("set-1", "By chance")
        for part in (f"sum {null['mean']:.6f}", f"sd {null['sd']:.6f}", f"over {null['permutations']} shuffles",
                     f"{abs(null['z']):.1f} sd {'above' if null['z'] > 0 else 'below'}"):
            self.assertIn(part, text)
        self.assertIn(f"{null['permutations']}, drawn by {null['generator']} from seed {null['seed']}", self.fact("set-1", "Shuffles"))

    def test_the_parts_of_the_complexity_add_up(self):
        whole, pairs, sign, mean = re.match(r"([\d.]+) = ln\(sum of the distances\) = ([\d.]+) from the number of pairs (\S) ([\d.]+) from",
                                            self.fact("set-1", "Complexity")).groups()
        self.assertEqual(whole, f"{self.profile_['complexity']['value']:.6f}")
        self.assertAlmostEqual(float(whole), float(pairs) + {"+": 1, "\u2212": -1}[sign] * float(mean), 3)

    def test_extremes_and_failures_are_those_of_the_profile(self):
        for caption, key in (("Least complex images of own", "least_complex"), ("Most complex images of own", "most_complex")):
            wanted = [(item["member"], f"{item['value']:.4f}") for item in self.profile_["quality"][key]]
            self.assertEqual([(row["Image"].split(" ")[0], row["Entropy bits"]) for row in self.rows(caption)], wanted)
        failed, = self.profile_["failures"]
        self.assertEqual(self.rows("Failed images of own"), [{"Image": failed["member"], "Source": failed["source"], "Kind": failed["code"],
                                                              "Reason": failed["reason"]}])


class Ranking(TruthTest):
    def test_each_column_is_that_of_score(self):
        rows = self.rows("Ranked models")
        self.assertEqual([row["Model"] for row in rows], [row["model"] for row in self.scored])
        for row, scored in zip(rows, self.scored):
            self.assertEqual(row["Rank"], scored["rank"])
            self.assertEqual(row["Could be"], f"{scored['rank_min']}\u2013{scored['rank_max']}")
            for head, key, factor in (("Accuracy %", "accuracy", 100), ("GFLOPs", "flops", 1e-9), ("NoFADE", "nofade", 1),
                                      ("Energy kWh", "energy_kwh", 1), ("CO\u2082 kg", "co2_kg", 1)):
                value = float(scored[key]) * factor
                self.assertLess(abs(float(row[head]) - value), 1e-3 * value, (head, row))
            self.assertEqual(row["Frontier"].lower().replace(",", ""), scored["pareto"])
        self.assertGreater(len({row["Frontier"] for row in rows}), 2)
        self.assertTrue(any(row["rank_min"] != row["rank_max"] for row in self.scored))


@needs_gnuplot
class Figures(TruthTest):
    ARGS = ("--plots", "p", "--plot-format", "svg")

    def data(self, name):
        return list(csv.DictReader(self.read(f"p/{name}.csv").decode("utf-8").splitlines()))

    def test_the_histogram_holds_every_image(self):
        rows, histogram = self.data("entropy"), self.profile_["entropy"]["histogram"]
        each = len(histogram) // len(rows)
        self.assertEqual([float(row["images"]) for row in rows],
                         [sum(histogram[i * each:(i + 1) * each]) for i in range(len(rows))])
        area = sum(float(row["density_per_bit"]) * (float(row["to_bits"]) - float(row["from_bits"])) for row in rows)
        self.assertAlmostEqual(area, 1.0, 9)

    def test_classes_stand_by_their_means(self):
        rows = self.data("classes-own")
        classes = sorted(self.profile_["classes"], key=lambda item: item["mean"])
        self.assertEqual([(row["class"], float(row["mean_bits"])) for row in rows], [(item["id"], item["mean"]) for item in classes])

    def test_classes_of_two_kinds_stand_kind_by_kind_with_their_distances(self):
        levels = dict(zip("abcdefgh", (4, 90, 6, 110, 8, 130, 10, 150)))  # each kind's classes overlap, by their names they alternate
        self.write("k.tar", tar_of({f"{name}/{i}.png": noise(i + 10 * level, 16, level + i * level // 10)
                                    for name, level in levels.items() for i in range(8)}))
        self.expect(0, "dataset", "k.tar", "--name", "own", "--quiet", "--plots", "p", "--plot-format", "svg", "--report", "r.html")
        self.page = Page(self.read("r.html").decode("utf-8"))
        rows = self.data("distances-own")
        order = "".join(row["distance"] for row in rows)
        self.assertEqual({frozenset(order[:4]), frozenset(order[4:])}, {frozenset("aceg"), frozenset("bdfh")})
        distance = {(row["distance"], name): float(row[name]) for row in rows for name in order}
        for pair in self.rows("Closest pairs of classes of own") + self.rows("Most distant pairs of classes of own"):
            for a, b in itertools.permutations((pair["Class"], pair["and class"])):
                self.assertAlmostEqual(distance[a, b], float(pair["Distance"]), 5)

    def test_ranks_are_those_of_score(self):
        self.assertEqual([(row["model"], row["rank"], row["rank_min"], row["rank_max"]) for row in self.data("ranks")],
                         [(row["model"], row["rank"], row["rank_min"], row["rank_max"]) for row in self.scored])

    def test_points_lie_where_their_figures_say_and_names_beside_them(self):
        figure = Page(self.read("p/accuracy-co2.svg").decode("utf-8"))
        places = {}
        for point in figure.all("use", class_="mark"):
            name = point.all("title")[0].text.split(" ")[0]
            places[name] = (float(point.attributes["x"]), float(point.attributes["y"]))
        data = {row["model"]: (float(row["co2_kg"]), float(row["accuracy"])) for row in self.data("accuracy-co2")}
        self.assertEqual(set(places), set(data))
        for a, b in itertools.combinations(data, 2):
            dx, dy = places[a][0] - places[b][0], places[a][1] - places[b][1]
            self.assertAlmostEqual(dx / math.log(data[a][0] / data[b][0]),
                                   (places["large"][0] - places["poor"][0]) / math.log(data["large"][0] / data["poor"][0]), 0)
            self.assertAlmostEqual(dy / (data[a][1] - data[b][1]),
                                   (places["large"][1] - places["poor"][1]) / (data["large"][1] - data["poor"][1]), -1)
        self.assertLess(places["large"][1], places["poor"][1])
        named = [text for text in figure.all("text") if text.text in places]
        self.assertGreater(len(named), 0)
        for text in named:
            x, y = places[text.text]
            self.assertLess(math.hypot(float(text.attributes["x"]) - x, float(text.attributes["y"]) - y), 25, text.text)

    def axes(self, name):
        """Of a chart of models: {model: (cost, value)} as its two axes tell them, from at least two numbers on each."""
        figure = Page(self.read(f"p/{name}.svg").decode("utf-8"))
        scales = []
        for anchor, place, function in (("middle", "x", math.log), ("end", "y", float)):
            tics = {}
            for text in figure.all("text"):
                match = re.fullmatch(r"(-?[\d.]+)([kMGTPEZY]?)", text.text)
                if match and text.attributes.get("text-anchor") == anchor:
                    tics[float(text.attributes[place])] = float(match[1]) * 1000.0 ** " kMGTPEZY".index(match[2] or " ")
            if place == "y":  # the panel below has an axis of its own
                tics = {y: value for y, value in tics.items() if y < 310}
            self.assertGreaterEqual(len(tics), 2, (name, place))
            self.assertEqual(len(set(tics.values())), len(tics), (name, place))
            (a, first), *_, (b, last) = sorted(tics.items())
            scales.append((a, function(first), (function(last) - function(first)) / (b - a)))
        (x0, low, x_each), (y0, at, y_each) = scales
        y0 -= 4  # a number's base line stands below its tic
        return {point.all("title")[0].text.split(" ")[0]: (math.exp(low + x_each * (float(point.attributes["x"]) - x0)),
                                                           at + y_each * (float(point.attributes["y"]) - y0))
                for point in figure.all("use", class_="mark")}

    def test_the_axes_tell_what_the_data_say_however_near_models_are(self):
        tables = {"near": ((70, 3.1, 3.2), (75, 3.5, 3.5), (80, 4.4, 4.1)), "nearer": ((70, 3.1, 3), (75, 3.1, 3.01), (76, 3.2, 3.01)),
                  "same": ((70, 6.6, 7), (70, 6.6, 7), (70, 6.6, 7)), "alike": ((100, 1, 5), (99.99999999, 1.1, 4.9999999), (99, 2, 4)),
                  "all alike": ((100, 1, 5), (99.99999999, 1, 4.9999999), (99.9999999, 1, 4.99999999)),
                  "two decades": ((70, 1, 1), (75, 8, 9), (80, 99, 99)), "wide": ((70, 1e-3, 1e-6), (75, 8, 9), (80, 1e5, 1e7))}
        for kind, table in tables.items():
            rows = "".join(f"m{i},own,classification,top1,{accuracy},{gmacs},{kg}\n" for i, (accuracy, gmacs, kg) in enumerate(table))
            self.write("t.csv", "model,dataset,task,metric,accuracy_pct,gmacs,co2_kg\n" + rows)
            self.write("f.csv", "model,dataset,task,metric,accuracy_pct,gmacs,co2_kg\n" + re.sub(r",[^,]*\n", ",\n", rows))
            for name, models, column in (("accuracy-co2", "t.csv", "co2_kg"), ("accuracy-flops", "f.csv", "flops")):
                self.expect(0, "report", "-o", "r.html", "a.json", "--models", models, "--plots", "p", "--plot-format", "svg")
                told, data = self.axes(name), self.data(name)
                self.assertEqual(len(told), 3)
                for row in data:
                    cost, value = told[row["model"]]
                    span = math.log(max(float(r[column]) for r in data) / min(float(r[column]) for r in data)) + 0.1
                    self.assertLess(abs(math.log(cost / float(row[column]))), 0.01 * span, (kind, name, row["model"], cost))
                    self.assertLess(abs(value - 100 * float(row["accuracy"])), 0.3, (kind, name, row["model"], value))


if __name__ == "__main__":
    unittest.main()
