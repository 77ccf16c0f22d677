"""`nofade report` and `nofade dataset --report`: the page is whole, says what it must, and nothing in it can become markup."""
import base64
import csv
import gzip
import hashlib
import io
import json
import math
import os
import re
import shutil
import subprocess
import unittest

from report_page import Page
from support import BINARY, CliTest, constant, environment, four_classes, noise, tar_of

HEAD = "model,dataset,task,metric,accuracy_pct,gmacs,co2_kg\n"
MODELS = HEAD + ("small,own,classification,top1,70,1,10\nlarge,own,classification,top1,80,10,100\n"
                 "poor,own,classification,top1,60,20,200\nunknown,own,classification,top1,50,,\n")
needs_gnuplot = unittest.skipUnless(shutil.which("gnuplot"), "gnuplot is not installed")


class ReportTest(CliTest):
    def arguments(self, args):
        return [BINARY, *args]

    def dataset(self, name, members, *args, code=0, id_="own"):
        """A saved profile of a tar of these members; its file's name."""
        self.write(name + ".tar", tar_of(members))
        self.expect(code, "dataset", name + ".tar", "--name", id_, "--json", name + ".json", "--quiet", *args)
        return name + ".json"

    def page(self, *args, code=0):
        self.expect(code, "report", "-o", "r.html", "--no-figures", *args)
        return self.opened("r.html")

    def opened(self, name):
        page = Page(self.read(name).decode("utf-8"))
        self.assertEqual(page.faults, [])
        return page

    def edited(self, name, change):
        """The profile with a change; figures of a profile are read from its counts, texts as they stand."""
        profile = json.loads(self.read(name))
        change(profile)
        return self.write("edited-" + name, json.dumps(profile))


class Content(ReportTest):
    def setUp(self):
        super().setUp()
        self.set = self.dataset("a", four_classes())

    def test_the_page_is_one_document_with_its_landmarks(self):
        page = self.page(self.set)
        self.assertEqual(page.declaration, "DOCTYPE html")
        self.assertEqual(page.all("html")[0].attributes["lang"], "en")
        self.assertEqual(len(page.all("h1")), 1)
        self.assertEqual([len(page.all(tag)) for tag in ("main", "header", "nav")], [1, 1, 1])
        ids = [element.attributes["id"] for element in page.root.walk() if "id" in element.attributes]
        self.assertEqual(len(ids), len(set(ids)))
        for link in page.all("a"):
            self.assertIn(link.attributes["href"].lstrip("#"), ids)

    def test_every_table_has_a_caption_heads_with_scope_and_equal_rows(self):
        page = self.page(self.set, "--models", self.write("m.csv", MODELS))
        tables = page.all("table")
        self.assertGreater(len(tables), 6)
        for table in tables:
            self.assertEqual(len(table.all("caption")), 1)
            heads = table.all("thead")[0].all("th")
            self.assertEqual({head.attributes["scope"] for head in heads}, {"col"})
            self.assertNotRegex(table.parent.attributes["aria-label"], "[<>]")
            for row in table.all("tbody")[0].all("tr"):
                self.assertEqual(len(row.all("th", scope="row")), 1)
                self.assertEqual(len(row.all("th") + row.all("td")), len(heads), row.text)

    def test_the_summary_has_the_figures_of_the_profile(self):
        profile = json.loads(self.read(self.set))
        row = self.page(self.set).table("All sets")[1]
        self.assertEqual(row[0], "own")
        self.assertEqual(row[1].split()[0], f"{profile['complexity']['value']:.4f}")
        self.assertEqual(row[2:4], ["24", "4"])
        self.assertEqual([float(cell) for cell in row[4:8]],
                         [round(value, 4) for value in (profile["entropy"]["mean"], profile["entropy"]["sd"],
                                                        profile["distances"]["sum"], profile["distances"]["mean"])])
        self.assertEqual(row[9], "complete")

    def test_classes_and_pairs_are_those_of_the_distances(self):
        profile = json.loads(self.read(self.set))
        page = self.page(self.set)
        classes = page.table("Classes of own")
        self.assertEqual([row[0] for row in classes[1:]], [item["id"] for item in profile["classes"]])
        closest, distant = page.table("Closest pairs of classes of own"), page.table("Most distant pairs of classes of own")
        for rows, key in ((closest, "min"), (distant, "max")):
            self.assertEqual(rows[1][:2], [profile["distances"][key]["a"], profile["distances"][key]["b"]])
            self.assertEqual(float(rows[1][2]), round(profile["distances"][key]["value"], 6))
        self.assertEqual([float(row[2]) for row in closest[1:]], sorted(float(row[2]) for row in closest[1:]))
        self.assertEqual([float(row[2]) for row in distant[1:]], sorted((float(row[2]) for row in distant[1:]), reverse=True))
        for row in classes[1:]:
            pairs = [pair for pair in closest[1:] + distant[1:] if row[0] in pair[:2]]
            self.assertLessEqual(float(row[7]), min(float(pair[2]) for pair in pairs) + 1e-4)

    def test_provenance_tells_sources_digests_and_versions(self):
        profile = json.loads(self.read(self.set))
        page = self.page(self.set)
        source = page.table("Sources of own")[1]
        self.assertEqual((source[0], source[3]), ("a.tar", profile["dataset"]["sources"][0]["digest"]))
        self.assertEqual(source[2].replace(",", ""), str(profile["dataset"]["sources"][0]["bytes"]))
        text = page.section("set-1").text
        for part in (profile["counts_digest"], profile["definition"], profile["decoders"]["png"]):
            self.assertIn(part, text)
        made = page.all("header")[0].text
        self.assertRegex(made, r"Made on \d{4}-\d\d-\d\d \d\d:\d\d UTC by nofade \d")
        self.assertIn("nofade report -o r.html --no-figures a.json", made)

    def test_the_same_dataset_twice_is_two_sets_with_names_of_their_own(self):
        other = self.dataset("b", four_classes(5), id_="own")
        page = self.page(self.set, other, self.set)
        self.assertEqual([row[0] for row in page.table("All sets")[1:]], ["own", "own (2)", "own (3)"])
        self.assertEqual([row[2] for row in page.table("All sets")[1:]], ["24", "20", "24"])

    def test_a_set_that_is_only_a_layout_is_called_after_its_source(self):
        for name in ("photos", "scans"):
            self.write_tree(name, four_classes())
            self.expect(0, "dataset", name + "/", "--json", name + ".json", "--quiet")
        self.write("b.tar", tar_of(four_classes(5)))
        self.expect(0, "dataset", "a.tar", "b.tar", "--json", "both.json", "--quiet")
        page = self.page("photos.json", "scans.json", "photos.json", "both.json", self.set)
        names = ["photos", "scans", "photos (2)", "imagefolder", "own"]
        self.assertEqual([row[0] for row in page.table("All sets")[1:]], names)
        self.assertEqual(page.all("h1")[0].text, "Complexity of photos, scans, photos (2), imagefolder and own")
        self.assertEqual(self.page(*6 * [self.set]).all("h1")[0].text, "Complexity of own, own (2), own (3) and 3 others")

    def test_a_profile_without_a_name_has_a_page(self):
        def forget(profile):
            profile["dataset"]["name"] = profile["dataset"]["title"] = None
        self.assertEqual(self.page(self.edited(self.set, forget)).table("All sets")[1][0], "images")

    def test_sets_of_one_name_are_told_apart_by_their_split(self):
        members = {**four_classes(6, "train/"), **four_classes(3, "test/")}
        train, test = self.dataset("a", members), self.dataset("b", members, "--split", "test")
        self.assertEqual([row[0] for row in self.page(train, test).table("All sets")[1:]], ["own train", "own test"])

    def test_findings_stand_with_their_images(self):
        members = four_classes()
        members["flat/again.png"] = members["few/0.png"]
        members["flat/empty.png"] = constant(77)
        page = self.page(self.dataset("q", members))
        duplicates = page.table("Duplicates of own")[1]
        self.assertRegex(duplicates[0], r"few/0\.png few.*flat/again\.png flat")
        self.assertEqual(duplicates[1:], ["2", "classes"])
        self.assertIn("77", [row[1] for row in page.table("Constant images of own")[1:]])
        self.assertEqual(len(page.table("Least complex images of own")), 11)

    def test_what_is_not_whole_is_said_before_everything_else(self):
        broken = {**four_classes(), "flat/bad.png": noise(1)[:40]}
        failed = self.dataset("f", broken, code=1, id_="failed")
        cut = self.dataset("c", four_classes(), "--limit", "5", id_="cut")
        page = self.page(self.set, failed, cut)
        sections = page.all("section")
        self.assertEqual(sections[0].attributes["class"], "alert")
        self.assertIn("failed 1 image could not be read", sections[0].text)
        self.assertRegex(sections[0].text, "cut is incomplete")
        self.assertNotIn("own", sections[0].text)
        self.assertRegex(page.table("Failed images of failed")[1][0], "flat/bad.png")
        self.assertEqual([row[9] for row in page.table("All sets")[1:]], ["complete", "complete, 1 failed", "incomplete"])
        self.assertFalse(self.page(self.set).all("section")[0].attributes.get("class"))

    def test_what_has_no_complexity_says_so(self):
        flat = self.dataset("f", {f"{name}/{i}.png": constant(60 * i, 8) for i, name in enumerate("ab")})
        page = self.page(flat)
        self.assertEqual(page.table("All sets")[1][1], "undefined")
        self.assertRegex(page.section("set-1").text, "undefined: the sum of the distances is 0")

    def test_two_classes_are_one_pair(self):
        page = self.page(self.dataset("t", {f"{name}/{i}.png": noise(i, 12, 4 + 9 * len(name)) for name in ("cat", "horse")
                                            for i in range(3)}))
        self.assertEqual([caption for caption in page.captions() if "pair" in caption], ["The pair of classes of own"])
        self.assertEqual(page.table("The pair of classes of own")[1][:2], ["cat", "horse"])

    def test_one_shuffle_has_no_spread(self):
        text = self.page(self.set, "--null", "1").section("set-1").text
        self.assertRegex(text, r"By chancesum \d+\.\d{6}, over one shuffle of the labels")

    def test_large_sums_have_no_digits_that_say_nothing(self):
        self.assertRegex(self.page(self.set).table("All sets")[1][6], r"^\d+\.\d{4}$")
        members = {f"{i:03d}/{j}.png": noise(2 * i + j, 6, 2 + (5 * i + j) % 250) for i in range(120) for j in range(2)}
        row = self.page(self.dataset("m", members), "--null", "0").table("All sets")[1]
        self.assertGreater(float(row[6]), 1000)
        self.assertRegex(row[6], r"^\d+\.\d$")

    def test_definitions_that_differ_are_not_compared_in_silence(self):
        luma = self.dataset("l", four_classes(), "--grey", "luma")
        self.assertIn("different definitions", self.page(self.set, luma).section("summary").text)
        self.assertNotIn("different definitions", self.page(self.set, self.set).section("summary").text)

    def test_a_set_that_was_saved_under_another_definition_is_measured_anew_and_that_is_said(self):
        saved = self.dataset("b", four_classes(), "--bins", "16", id_="other")
        told = "other was saved under " + json.loads(self.read(saved))["definition"]
        summary = self.page(self.set, saved).section("summary").text
        self.assertIn(told, summary)
        self.assertIn("bins=64", summary)
        self.assertNotIn("saved under", self.page(self.set).section("summary").text)


class Models(ReportTest):
    def setUp(self):
        super().setUp()
        self.set = self.dataset("a", four_classes())
        self.models = self.write("m.csv", MODELS)

    def test_a_table_is_ranked_with_the_complexity_of_the_set(self):
        complexity = json.loads(self.read(self.set))["complexity"]["value"]
        page = self.page(self.set, "--models", self.models)
        rows = page.table("Ranked models")
        self.assertEqual(rows[0][:6], ["Model", "Rank", "Could be", "Accuracy %", "GFLOPs", "NoFADE"])
        self.assertEqual([row[0] for row in rows[1:]], ["large", "small", "poor", "unknown"])
        self.assertEqual([row[1] for row in rows[1:]], ["1", "2", "3", ""])
        self.assertIn(f"own {complexity:.6g} (jsd)", page.section("models").text)
        scored = self.expect(0, "score", "m.csv", "--profile", self.set, "--format", "csv").text.split("\n")[1].split(",")
        self.assertAlmostEqual(float(rows[1][5]), float(scored[9]), 4)

    def test_computed_figures_have_the_same_digits(self):
        table = self.write("d.csv", HEAD + "".join(f"m{i},own,classification,top1,{40 + i},{2 ** i},\n" for i in range(6)))
        page = self.page("--models", table)
        head = page.table("Ranked models")[0].index("acc. / ln(FLOPs)")
        for row in page.table("Ranked models")[1:]:
            self.assertRegex(row[head], r"^0\.0\d{5}$")
        self.assertEqual([row[3] for row in page.table("Frontier along FLOPs")[1:]], ["", *5 * ["+1.00"]])

    def test_large_figures_are_written_out(self):
        table = self.write("b.csv", HEAD + "one,own,classification,top1,70,1,552087.3\ntwo,own,classification,top1,75,20000,\n")
        rows = {row[0]: row for row in self.page("--models", table).table("Ranked models")[1:]}
        self.assertIn("552087", rows["one"])
        self.assertEqual(rows["two"][4], "40000")

    def test_frontiers_have_their_returns(self):
        page = self.page(self.set, "--models", self.models)
        rows = page.table("Frontier along FLOPs")
        self.assertEqual([row[0] for row in rows[1:]], ["small", "large"])
        self.assertAlmostEqual(float(rows[2][3]), 10 / 3.3219, 2)
        self.assertEqual([row[0] for row in page.table("Frontier along CO\u2082")[1:]], ["small", "large"])

    def test_models_that_differ_in_their_input_are_told_apart(self):
        table = self.write("i.csv", HEAD.replace("gmacs", "gmacs,input_px") + "one,own,classification,top1,70,1,224,\n"
                           "one,own,classification,top1,75,3,384,\n")
        self.assertEqual(sorted(row[0] for row in self.page(self.set, "--models", table).table("Ranked models")[1:]),
                         ["one @224", "one @384"])

    def test_without_a_figure_of_cost_there_is_no_frontier(self):
        table = self.write("n.csv", HEAD + "one,own,classification,top1,70,,\ntwo,own,classification,top1,80,,\n")
        page = self.page(self.set, "--models", table)
        self.assertEqual(len(page.table("Ranked models")), 3)
        self.assertNotIn("What more cost buys", [head.text for head in page.all("h3")])

    def test_notes_are_explained_once(self):
        page = self.page(self.set, "--models", self.models)
        notes = dict(zip([term.text for term in page.all("dl", class_="notes")[0].all("dt")],
                         [text.text for text in page.all("dl", class_="notes")[0].all("dd")]))
        rows = page.table("Ranked models")
        self.assertEqual(len(set(notes.values())), len(notes))
        self.assertEqual(set(notes), set(" ".join(row[-1] for row in rows[1:]).split()))
        self.assertIn("no FLOPs", [notes[mark] for mark in rows[4][-1].split()])

    def test_models_that_nofade_knows_come_by_themselves_or_by_dataset(self):
        known = self.dataset("k", four_classes(), id_="cifar10")
        rows = self.page(known).table("Ranked models")
        self.assertGreater(len(rows), 100)
        self.assertEqual(rows[0][5], "NoFADE")
        self.assertNotIn("Ranked models", self.page(self.set).captions())
        self.assertGreater(len(self.page(self.set, "--dataset", "imagenet").table("Ranked models")), 2000)

    def test_a_set_of_ones_own_in_a_known_layout_brings_no_models(self):
        self.expect(0, "dataset", os.environ["NOFADE_SAMPLE_ARCHIVE"], "--json", "own.json", "--quiet")
        self.assertNotIn("Ranked models", self.page("own.json").captions())
        self.assertIn("Ranked models", self.page("own.json", "--dataset", "cifar10").captions())

    def test_models_alone_make_a_page(self):
        page = self.page("--dataset", "cifar10")
        self.assertEqual(page.all("h1")[0].text, "Models, ranked")
        self.assertNotIn("All sets", page.captions())

    def test_a_table_that_cannot_be_ranked_is_refused_in_one_sentence(self):
        self.write("mixed.csv", MODELS + "other,own,segmentation,miou,50,1,1\n")
        self.refuse(2, r"cannot be ranked together", "report", "-o", "r.html", self.set, "--models", "mixed.csv")
        self.write("bad.csv", HEAD.replace("gmacs", "FLOPs") + "a,own,classification,top1,1,1,1\n")
        self.refuse(2, r"bad\.csv:1:", "report", "-o", "r.html", self.set, "--models", "bad.csv")


class Untrusted(ReportTest):
    NAMES = ["<script>alert(1)</script>", "\" onmouseover=\"alert(1)", "' onload='x", "</table></style><h1>", "&lt;b&gt;",
             "$(touch owned)", "\"; system(\"touch owned\")", "`touch owned`", "<!-- -->", "]]>", "{/Symbol a}", "%s%n"]

    def test_names_stay_text(self):
        members = {f"{i}-{j}.png": noise(10 * i + j, 12, 2 + 9 * i) for i in range(len(self.NAMES)) for j in range(2)}
        labels = io.StringIO()
        csv.writer(labels).writerows([("member", "class")] + [(name, self.NAMES[int(name.split("-")[0])]) for name in members])
        name = self.dataset("a", members, "--labels", self.write("labels.csv", labels.getvalue()),
                            id_="<img src=x onerror=alert(2)>")

        def rename(profile):
            profile["dataset"]["title"] = "<img src=y onerror=alert(2)>"
            profile["dataset"]["sources"][0]["path"] = "</code><script>alert(3)</script>"
            profile["warnings"] = ["<b>warning</b>"]
            for finding in profile["quality"]["least_complex"]:
                finding["member"] = "<svg onload=alert(4)>.png"
        edited = self.edited(name, rename)
        table = self.write("m.csv", HEAD + "<script>alert(5)</script>,<i>,classification,top1,70,1,10\n")
        page = self.page(edited, "--models", table)
        self.assertEqual(len(page.all("script")), 1)
        self.assertEqual([len(page.all(tag)) for tag in ("h1", "img", "svg", "b", "i")], [1, 0, 0, 0, 0])
        self.assertEqual([name for element in page.root.walk() for name in element.attributes if name.startswith("on")], [])
        rows = page.table("Classes of <img src=x onerror=alert(2)>")
        self.assertEqual(sorted(row[0] for row in rows[1:]), sorted(self.NAMES))
        self.assertIn("<b>warning</b>", page.section("set-1").text)
        self.assertEqual(page.table("Ranked models")[1][0], "<script>alert(5)</script>")
        self.assertFalse(os.path.exists(self.path("owned")))

    def test_bytes_that_are_no_text_are_written_out(self):
        name = self.dataset("a", {**four_classes(), b"caf\xe9/1.png".decode("utf-8", "surrogateescape"): noise(3)})

        def rename(profile):
            profile["dataset"]["title"] = "bell\x07 esc\x1b[31m turned \u202e round \u200b c1 \u0085 \U0001f600 caf\u00e9"
        text = self.page(self.edited(name, rename)).section("set-1").text
        self.assertIn("bell\\x07 esc\\x1b[31m turned \\xe2\\x80\\xae round \\xe2\\x80\\x8b c1 \\xc2\\x85 \U0001f600 caf\u00e9", text)
        self.assertIn("caf\\xe9", text)
        self.assertNotRegex(self.read("r.html").decode("utf-8"), "[\x00-\x09\x0b-\x1f\x7f\u202e\u200b]")

    def test_a_command_line_is_shown_as_it_could_be_typed(self):
        shutil.copy(self.path(self.dataset("a", four_classes())), self.path("it's <b>.json"))
        made = self.page("it's <b>.json").all("header")[0].text
        self.assertIn("'it'\\''s <b>.json'", made)

    def test_nothing_is_fetched_and_only_the_script_of_the_page_runs(self):
        page = self.page(self.dataset("a", four_classes()), "--models", self.write("m.csv", MODELS))
        self.assertEqual(page.loads(), [])
        self.assertEqual(page.all("link") + page.all("iframe") + page.all("form"), [])
        policy = page.all("meta", **{"http-equiv": "Content-Security-Policy"})[0].attributes["content"]
        script = page.all("script")[0].text
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        self.assertIn("default-src 'none'", policy)
        self.assertIn(f"script-src 'sha256-{digest}'", policy)
        self.assertNotRegex(page.all("style")[0].text, r"url\(|@import")


class Running(ReportTest):
    def setUp(self):
        super().setUp()
        self.set = self.dataset("a", four_classes())

    def test_wrong_usage_is_refused(self):
        for args, pattern in ((("report", self.set), "needs -o FILE.html"),
                              (("report", "-o", "r.html"), "needs a PROFILE.json"),
                              (("report", "-o", "r.html", self.set, "--plots", "p", "--plot-format", "gif"), "--plot-format \"gif\""),
                              (("report", "-o", "r.html", self.set, "--plots", "p", "--plot-format", "svg,"), "list of svg, png, pdf"),
                              (("report", "-o", "r.html", self.set, "--plot-format", "svg"), "needs --plots"),
                              (("report", "-o", "r.html", self.set, "--plots", "p", "--no-figures"), "contradict"),
                              (("report", "-o", self.set, self.set), "would be written over"),
                              (("report", "-o", "r.html", self.set, "--region", "x", "--carbon", "1"), "same thing")):
            self.refuse(2, pattern, *args)

    def test_inputs_are_not_written_over_by_pictures(self):
        self.write("plots/entropy.csv", MODELS)
        self.refuse(2, "could be written over", "report", "-o", "r.html", self.set, "--models", "plots/entropy.csv", "--plots", "plots")
        self.write_tree("images", four_classes())
        self.refuse(2, "could be written over", "dataset", "images", "--quiet", "--plots", "images")

    @needs_gnuplot
    def test_no_picture_takes_the_place_of_another_output(self):
        os.mkdir(self.path("p"))
        for name, args in (("entropy.csv", ("dataset", "a.tar", "--name", "own", "--histogram")),
                           ("distances-own.csv", ("dataset", "a.tar", "--name", "own", "--matrix")),
                           ("entropy.svg", ("report", self.set, "-o")), ("entropy.svg", ("dataset", "a.tar", "--report"))):
            for _ in range(2):  # where nothing is, and over what an earlier run left
                result = self.expect(2, *args, "p/" + name, "--quiet", "--plots", "p", "--plot-format", "svg")
                self.assert_sentence(result, f"two outputs would be written to p/{name}")
        self.expect(0, "dataset", "a.tar", "--name", "own", "--quiet", "--plots", "p", "--plot-format", "svg", "--matrix", "p/distances.csv")
        self.assertEqual(len(self.read("p/distances.csv").splitlines()), 5)

    def test_what_is_no_profile_is_refused(self):
        self.write("no.json", "{}")
        self.refuse(3, r"no\.json", "report", "-o", "r.html", "no.json")
        self.refuse(3, "nowhere.json", "report", "-o", "r.html", "nowhere.json")

    def test_a_small_file_that_would_fill_the_memory_is_refused(self):
        for name, value, n in (("lists", b"{},", 1_200_000), ("texts", b'"",', 4_200_000)):
            packed = io.BytesIO()
            with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as file:
                file.write(b'{"nofade": "1", "schema": 1, "more": [' + n * value + b"0]}")
            self.write(name + ".json.gz", packed.getvalue())
            self.refuse(3, name + r"\.json\.gz: not a profile: it holds more than any profile does", "report", "-o", "r.html",
                        name + ".json.gz")

    def test_an_output_that_cannot_be_written_is_a_fault(self):
        self.refuse(4, "cannot write", "report", "-o", "no/where.html", "--no-figures", self.set)
        result = self.nofade("report", "-o", "/dev/full", "--no-figures", self.set)
        self.assertEqual(result.code, 4)

    def test_an_earlier_page_stays_when_the_new_one_fails(self):
        self.write("r.html", "earlier")
        self.expect(3, "report", "-o", "r.html", "--no-figures", self.set, "nowhere.json")
        self.assertEqual(self.read("r.html"), b"earlier")

    def test_without_gnuplot_one_sentence_names_the_package(self):
        bare = environment({"PATH": self.path("empty")})
        self.refuse(4, "gnuplot", "report", "-o", "r.html", self.set, env=bare)
        self.expect(0, "report", "-o", "r.html", "--no-figures", self.set, env=bare)

    def test_the_page_may_go_to_standard_output(self):
        result = self.expect(0, "report", "-o", "-", "--no-figures", self.set)
        self.assertTrue(result.text.startswith("<!DOCTYPE html>"))

    def test_dataset_writes_the_same_page(self):
        self.expect(0, "dataset", "a.tar", "--name", "own", "--quiet", "--no-figures", "--report", "d.html")
        ours, other = self.opened("d.html"), self.page(self.set)
        for page in (ours, other):
            self.assertIn("nofade", page.all("header")[0].text)
        self.assertEqual(ours.section("set-1").text, other.section("set-1").text)
        self.assertEqual(ours.section("summary").text, other.section("summary").text)

    def test_dataset_refuses_two_outputs_in_one_file(self):
        self.refuse(2, "two outputs", "dataset", "a.tar", "--json", "x.html", "--report", "x.html")

    @needs_gnuplot
    def test_a_thousand_classes_stay_below_two_megabytes(self):
        members = {f"class number {i:04d} with a name/{j}.png": noise(7 * i + j, 6, 2 + (i + 40 * j) % 250)
                   for i in range(1000) for j in range(2)}
        name = self.dataset("k", members, id_="imagenet")
        self.expect(0, "report", "-o", "k.html", name, "--dataset", "imagenet", "--null", "1")
        self.assertLess(len(self.read("k.html")), 2_000_000)
        page = self.opened("k.html")
        self.assertEqual(len(page.table("Classes of imagenet")), 1001)
        self.assertGreater(len(page.table("Ranked models")), 2500)


@needs_gnuplot
class Figures(ReportTest):
    def setUp(self):
        super().setUp()
        self.sets = [self.dataset("a", four_classes()), self.dataset("b", four_classes(4), id_="other")]
        self.models = self.write("m.csv", MODELS)

    def drawn(self, *args):
        self.expect(0, "report", "-o", "r.html", *self.sets, "--models", self.models, *args)
        return self.opened("r.html")

    def test_each_figure_stands_on_the_page_with_its_marks(self):
        figures = self.drawn().all("figure")
        ids = [figure.attributes["id"] for figure in figures]
        self.assertEqual(len(set(ids)), len(ids))
        for wanted in ("figure-entropy", "figure-classes-own", "figure-classes-other", "figure-distances-own", "figure-accuracy-co2"):
            self.assertIn(wanted, ids)
        for figure in figures:
            svg, = figure.all("svg")
            marks = [element for element in svg.walk() if "mark" in element.attributes.get("class", "").split()]
            self.assertEqual(len(marks), int(figure.attributes["data-marks"]), figure.attributes["id"])
            self.assertEqual(svg.attributes["role"], "img")
            self.assertTrue(figure.all("figcaption")[0].text.strip())

    def test_nothing_of_a_figure_is_fetched(self):
        self.assertEqual([load for load in self.drawn().loads() if not load[2].startswith("data:")], [])

    def test_plots_are_files_of_the_formats_asked_for(self):
        self.drawn("--plots", "plots", "--plot-format", "svg,pdf")
        names = sorted(os.listdir(self.path("plots")))
        self.assertEqual({name.rsplit(".", 1)[1] for name in names}, {"svg", "pdf", "csv"})
        stems = {name.rsplit(".", 1)[0] for name in names}
        self.assertEqual(len(names), 3 * len(stems))
        self.assertIn("entropy", stems)

    @unittest.skipUnless(shutil.which("fc-list"), "fontconfig is not installed")
    def test_a_letter_that_no_font_has_is_replaced_and_named(self):
        rare = next((letter for letter in "\U0001e922\U00012000\U00010a00\u732b\ua4d0" if not subprocess.run(
            ["fc-list", f":charset={ord(letter):x}"], capture_output=True, check=True).stdout), None)
        if rare is None:
            self.skipTest("the fonts have every letter")
        pictures = {}
        for letter in (rare, "\ufffd"):
            name = self.dataset("n", {f"{letter if kind == 'few' else kind}/{rest}": image for kind, rest, image in
                                      ((*member.split("/"), image) for member, image in four_classes().items())})
            result = self.expect(0, "report", "-o", "r.html", name, "--plots", "p")
            self.assertEqual(f"U+{ord(letter):04X}" in result.talk, letter == rare)
            for figure in ("classes-own", "distances-own"):
                self.assertIn(letter, self.read(f"p/{figure}.svg").decode("utf-8"))
                self.assertIn(letter, self.read(f"p/{figure}.csv").decode("utf-8"))
            self.assertIn(letter, self.read("r.html").decode("utf-8"))
            pictures[letter] = [self.read(f"p/{figure}.png") for figure in ("classes-own", "distances-own")]
        self.assertEqual(pictures[rare], pictures["\ufffd"])

    def axis(self, figure, box=(76, 540)):
        """Labels of the numbers below a picture, from left to right."""
        svg = self.opened("r.html").by_id("figure-" + figure).all("svg")[0]
        texts = [(float(text.attributes["x"]), text.text) for text in svg.all("text") if "x" in text.attributes]
        return [text for x, text in sorted(texts) if re.fullmatch(r"[\d.]+[kMGT]?", text) and box[0] - 1 <= x <= box[1] + 1]

    def test_costs_close_to_each_other_have_numbers_on_their_axis(self):
        table = self.write("near.csv", HEAD + "".join(f"m{i},own,classification,top1,{30 + i},2.2{5 + i // 2},\n" for i in range(4)))
        self.expect(0, "report", "-o", "r.html", "--models", table)
        self.assertIn("4.5G", self.axis("nofade-flops", (86, 540)))
        self.assertGreaterEqual(sum("G" in text for text in self.axis("nofade-flops", (86, 540))), 3)

    def test_ranks_are_whole_numbers(self):
        self.expect(0, "report", "-o", "r.html", "--models", self.models)
        self.assertEqual(self.axis("ranks", (0, 560)), ["1", "2", "3"])

    def test_two_classes_have_no_map_of_one_distance(self):
        name = self.dataset("t", {f"{kind}/{i}.png": noise(i, 12, 4 + 9 * len(kind)) for kind in ("cat", "horse") for i in range(3)})
        self.expect(0, "report", "-o", "r.html", name)
        self.assertEqual([figure.attributes["id"] for figure in self.opened("r.html").all("figure")], ["figure-entropy", "figure-classes-own"])

    def test_distances_can_be_read_on_their_cells(self):
        viridis = ["440154", "472c7a", "3b518b", "2c718e", "21908d", "27ad81", "5cc863", "aadc32", "fde725"]
        steps = [[int(colour[i:i + 2], 16) / 255 for i in (0, 2, 4)] for colour in viridis]

        def luminance(rgb):
            linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb]
            return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

        def contrast(share, white):
            place = min(share * 8, 7.999)
            cell = luminance([a + (b - a) * (place % 1) for a, b in zip(steps[int(place)], steps[int(place) + 1])])
            return 1.05 / (cell + 0.05) if white else (cell + 0.05) / 0.05
        many = self.dataset("m", {f"{i}/{j}.png": noise(10 * i + j, 16, 4 + 3 * i + 5 * j) for i in range(10) for j in range(8)}, id_="many")
        flat = self.dataset("f", {f"{name}/{i}.png": constant(60 * i, 8) for i, name in enumerate("abc")}, id_="flat")
        self.expect(0, "report", "-o", "r.html", many, flat, "--null", "0")
        shares = set()
        for name in ("many", "flat"):
            svg = self.opened("r.html").by_id("figure-distances-" + name).all("svg")[0]
            values = [(float(text.text), text.attributes["fill"]) for text in svg.all("text") if text.attributes["fill"] in ("#ffffff", "#010101")]
            self.assertEqual(len(values), {"many": 90, "flat": 6}[name])
            most = max(value for value, _ in values) or 1.0
            for value, fill in values:
                shares.add(round(value / most, 1))
                self.assertGreater(contrast(value / most, fill == "#ffffff"), 4.2, (name, value, most, fill))  # values are rounded
        self.assertGreater(len(shares), 5)

    def test_long_names_end_inside_their_picture(self):
        name = self.dataset("l", {f"{'long name ' * 5}{i}/{j}.png": noise(3 * i + j, 12, 9 + 30 * i) for i in range(6) for j in range(3)})
        self.expect(0, "report", "-o", "r.html", name)
        svg = self.opened("r.html").by_id("figure-distances-own").all("svg")[0]
        leaning = [(text, re.search(r"rotate\((-?\d+)", text.attributes["transform"])) for text in svg.all("text")
                   if "rotate" in text.attributes.get("transform", "")]
        leaning = [(text, abs(int(turn.group(1)))) for text, turn in leaning if abs(int(turn.group(1))) < 90]
        self.assertEqual(len(leaning), 6)
        for text, turn in leaning:
            x = float(text.attributes.get("x") or re.search(r"translate\(([\d.]+)", text.attributes["transform"]).group(1))
            self.assertLess(x + 6.9 * len(text.text) * math.cos(math.radians(turn)), 560, text.attributes)

    def test_names_in_wide_letters_begin_inside_their_picture(self):
        kinds = ("\u732b" * 12, "\u72ac" * 30, "\U0001f980" * 15 + " small")
        name = self.dataset("w", {f"{kind}/{j}.png": noise(3 * i + j, 12, 9 + 30 * i) for i, kind in enumerate(kinds) for j in range(3)})
        self.expect(0, "report", "-o", "r.html", name)
        for figure in ("distances-own", "classes-own"):
            svg = self.opened("r.html").by_id("figure-" + figure).all("svg")[0]
            names = [text for text in svg.all("text") if text.attributes.get("text-anchor") == "end" and re.search("[\u732b\u72ac\U0001f980]", text.text)]
            self.assertEqual(len(names), 3)
            for text in names:
                width = sum(12 if ord(letter) > 0x2e80 else 7 for letter in text.text)  # of a font of 12 px
                self.assertGreaterEqual(float(text.attributes["x"]) - width, 0, (figure, text.text))

    def test_distances_stand_apart_beside_long_names(self):
        for n in (6, 10, 11, 12):
            name = self.dataset("l", {f"{'long name ' * 5}{i}/{j}.png": noise(3 * i + j, 12, 9 + 20 * i) for i in range(n) for j in range(2)})
            self.expect(0, "report", "-o", "r.html", name, "--null", "0")
            svg = self.opened("r.html").by_id("figure-distances-own").all("svg")[0]
            places = sorted({float(text.attributes["x"]) for text in svg.all("text") if re.fullmatch(r"\d\.\d\d", text.text)
                             and text.attributes.get("text-anchor") == "middle" and text.attributes["fill"] in ("#ffffff", "#010101")})
            self.assertEqual(len(places), n)
            self.assertGreater(min(b - a for a, b in zip(places, places[1:])), 29, n)  # four signs of 12 px take 26

    def test_dataset_draws_plots_without_a_page(self):
        self.expect(0, "dataset", "a.tar", "--name", "own", "--quiet", "--plots", "p", "--plot-format", "svg")
        self.assertIn("entropy.svg", os.listdir(self.path("p")))


if __name__ == "__main__":
    unittest.main()
