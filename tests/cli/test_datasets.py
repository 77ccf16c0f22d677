"""`nofade datasets`: the list, one of them, as JSON, and a manifest of one's own."""
import json
import os
import pathlib
import re
import unittest

from support import BINARY, CliTest

SOURCE = pathlib.Path(os.environ.get("NOFADE_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
FILES = {path.stem: json.loads(path.read_text(encoding="utf-8"))
         for path in sorted((SOURCE / "data-manifests/datasets").glob("*.json"))}
OWN = {"schema": 1, "id": "own", "title": "A set of one's own", "task": "classification", "labels": "one",
       "loader": "imagefolder", "aliases": ["mine"]}


class DatasetsTest(CliTest):
    def arguments(self, args):
        return [BINARY, "datasets", *args]

    def own(self, **changes):
        return self.write("own.json", json.dumps({**OWN, **changes}))


class Listing(DatasetsTest):
    def test_the_list_names_each_and_fits_a_terminal(self):
        lines = self.expect(0).text.split("\n")
        self.assertEqual([line.split(" ")[0] for line in lines[1:len(FILES) + 1]], sorted(FILES))
        self.assertLessEqual(max(map(len, lines)), 80)
        row = next(line for line in lines if line.startswith("cifar10 "))
        self.assertRegex(row, r"^cifar10 +CIFAR-10 +classification +60,000 +10 +499\.7 MiB$")

    def test_what_is_not_known_is_not_guessed(self):
        text = self.expect(0, "--manifest", self.own()).text
        self.assertRegex(text, r"(?m)^own +A set of one's own +classification +- +- +-$")
        self.write("own.json", json.dumps({**OWN, "splits": [{"name": "a", "images": 7, "source": "counted"},
                                                             {"name": "b", "source": "not counted"}]}))
        self.assertRegex(self.expect(0, "--manifest", "own.json").text, r"(?m)^own .* 7\+ +- +-$")

    def test_as_json_it_is_all_manifests(self):
        listed = json.loads(self.expect(0, "--json").text)
        self.assertEqual([manifest["id"] for manifest in listed], sorted(FILES))
        self.assertEqual({manifest["id"]: manifest for manifest in listed}, FILES)


class Telling(DatasetsTest):
    def test_every_archive_split_and_class_is_told(self):
        for name, manifest in FILES.items():
            told = self.expect(0, name)
            text, words = told.text, told.words + " "
            for archive in manifest["archives"]:
                for key in ("name", "md5", "sha256"):
                    self.assertIn(archive.get(key, ""), text)
                if "bytes" in archive:
                    self.assertIn(f"({archive['bytes']:,} bytes)", text)
            for split in manifest["splits"]:
                self.assertIn(split["name"], text)
                self.assertIn(f"{split['images']:,} images" if "images" in split else "images not known", text)
            for class_id, class_name in manifest["classes"].get("list", []):
                self.assertRegex(text, rf"(?m)^  {re.escape(class_id)}( +\S.*)?$")
                self.assertIn(" ".join(f"{class_id} {class_name}".split()) + " ", words)

    def test_each_source_is_named_once_and_numbered(self):
        text = self.expect(0, "cifar10").text
        head, tail = text.split("Where this was read\n")
        numbers = re.findall(r"(?m)^  \[(\d+)\]", tail)
        self.assertEqual(numbers, [str(i + 1) for i in range(len(numbers))])
        self.assertEqual(set(re.findall(r"\[(\d+)\]", head)), set(numbers))
        said = " ".join(tail.split())
        for archive in FILES["cifar10"]["archives"]:
            self.assertIn(archive["source"], said)

    def test_other_names_mean_the_same(self):
        whole = self.expect(0, "imagenet").text
        for name in ("ImageNet-1K", "ILSVRC2012", "image_net"):
            self.assertEqual(self.expect(0, name).text, whole)

    def test_as_json_it_is_the_file(self):
        for name in ("cifar100", "coco-stuff"):
            self.assertEqual(self.expect(0, "--json", name).out, (SOURCE / f"data-manifests/datasets/{name}.json").read_bytes())

    def test_an_unknown_name_is_answered_with_near_ones(self):
        self.refuse(2, r'no dataset "imagnet" is known \(did you mean imagenet', "imagnet")
        self.refuse(2, r"did you mean cifar10, cifar100", "cifar-1O")
        self.refuse(2, r'no dataset "xyzzy" is known; nofade datasets lists them', "xyzzy")
        self.refuse(2, r'no dataset "a\\x1b\[2J"', "a\x1b[2J")
        result = self.expect(2, "mnist", "kmnist")
        self.assertIn("takes one ID at most", result.talk)
        self.assertEqual(self.expect(2, "").out, b"")

    def test_help_names_the_options(self):
        text = self.expect(0, "--help").text
        self.assertIn("--manifest FILE", text)
        self.assertLessEqual(max(map(len, text.split("\n"))), 80)
        self.assertIn("did you mean --manifest", self.expect(2, "--manifst", "x").talk)


class Own(DatasetsTest):
    def test_it_stands_beside_the_built_in_ones(self):
        name = self.own(archives=[{"name": "own.zip", "bytes": 5, "source": "here"}], unions={})
        self.assertEqual(len(json.loads(self.expect(0, "--manifest", name, "--json").text)), len(FILES) + 1)
        text = self.expect(0, "--manifest", name, "MINE").text
        self.assertIn("own: A set of one's own\n", text)
        self.assertIn("5 bytes (5 bytes)", text)
        self.assertIn("own.json", text)

    def test_it_takes_the_place_of_a_built_in_one(self):
        name = self.own(id="mnist", title="Digits of mine", aliases=[])
        self.assertIn("Digits of mine", self.expect(0, "--manifest", name, "mnist").text)
        self.assertEqual(len(json.loads(self.expect(0, "--manifest", name, "--json").text)), len(FILES))

    def test_what_is_wrong_is_said_with_its_place(self):
        self.refuse(2, r"^nofade: own\.json: colour: no such key$", "--manifest", self.own(colour="red"))
        self.refuse(2, r"^nofade: own\.json: aliases: \"VOC2007\" is a name of voc already$", "--manifest",
                    self.own(aliases=["VOC2007"]))
        self.refuse(2, r"^nofade: own\.json: archives\[0\]\.md5: must be 32", "--manifest",
                    self.own(archives=[{"name": "a", "md5": "12", "source": "s"}]))
        self.refuse(2, r"^nofade: own\.json:1:\d+: not JSON: ", "--manifest", self.write("own.json", '{"schema": 1,'))
        self.refuse(3, r"^nofade: cannot open missing\.json: ", "--manifest", "missing.json")
        self.refuse(3, r"^nofade: cannot (open|read) \.: ", "--manifest", ".")
        self.refuse(2, r"^nofade: own\.json: .*no such key", "--manifest", self.own(**{"a\x1b[31m": 1}))

    def test_names_cannot_move_the_cursor(self):
        name = self.own(title="a\x7f\u009b\u202eb", classes={"count": 1, "source": "\u202e", "list": [["\x7f", "\u2066"]]})
        text = self.expect(0, "--manifest", name, "own").text + self.expect(0, "--manifest", name).text
        self.assertNotRegex(text, "[\x00-\x09\x0b-\x1f\x7f\u0080-\u009f\u202e\u2066]")

    def test_long_names_are_told_whole(self):
        sources = [f"source {i} " + "word " * 200 for i in range(40)]
        name = self.own(splits=[{"name": f"s{i}" * 20, "source": source} for i, source in enumerate(sources)],
                        unions={"u" * 200: [f"s{i}" * 20 for i in range(40)]})
        text = self.expect(0, "--manifest", name, "own").text
        self.assertEqual(text.count("word"), 200 * 40)
        self.assertIn("[40]", text)

    def test_the_example_of_the_manual_is_one(self):
        example = SOURCE / "data-manifests/examples/eurosat.json"
        text = self.expect(0, "--manifest", str(example), "EuroSAT RGB").text
        self.assertIn("the whole set: 27,000 images", text)
        self.assertIn(example.read_text(encoding="utf-8"), (SOURCE / "data-manifests/README.md").read_text(encoding="utf-8"))
        self.assertNotIn("eurosat", self.expect(0).text)


if __name__ == "__main__":
    unittest.main()
