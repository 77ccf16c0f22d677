"""Holds nofade against the independent oracle (reference.py: Pillow, NumPy, SciPy) on every sample.

scope.csv says what is compared: a row `run` names a sample, nofade's options, the oracle's arguments and how far the two
are compared (images: image by image; classes: also labels, class means and the three distance sums; published: also the
classes that published.py reads from the set's own annotations, of images or of pixels). A row `except` names members (a glob)
on which they may differ, and why. Any other difference fails.

The samples are at NOFADE_SAMPLES, the oracle beside them in ../tools. Without them this test is skipped (exit 77).
"""
import csv
import fnmatch
import hashlib
import json
import math
import os
import subprocess
import sys
import tempfile

import published

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLES = os.path.abspath(os.environ.get("NOFADE_SAMPLES", os.path.join(HERE, "..", "..", "..", "shared", "data")))
ORACLE = os.path.join(SAMPLES, "..", "tools", "reference.py")
NOFADE = os.environ.get("NOFADE_BIN", os.path.join(HERE, "..", "..", "build", "release", "nofade"))
CACHE = os.environ.get("NOFADE_ORACLE_CACHE", os.path.join(HERE, "..", "..", "build", "oracle-cache"))
TOLERANCE = 1e-9
DISTRIBUTIONS = {"a": "entropy", "b": "intensity", "pooled": "pooled"}
ACCEPTED_EXITS = (0, 1, 3)


def fail_early(text):
    print("SKIP golden: " + text)
    sys.exit(77)


def run_oracle(path, arguments):
    """The oracle's answer, kept between runs: it takes a minute in all and does not depend on nofade."""
    with open(ORACLE, "rb") as file:
        key = hashlib.sha256(file.read() + repr((path, arguments)).encode()).hexdigest()[:24]
    kept = os.path.join(CACHE, key + ".json")
    if not os.path.exists(kept):
        os.makedirs(CACHE, exist_ok=True)
        done = subprocess.run(["/usr/bin/python3", ORACLE, *arguments, path], capture_output=True, text=True, check=False)
        answer = done.stdout
        if done.returncode != 0:
            answer = json.dumps({"failed": (done.stderr.strip().splitlines() or ["?"])[-1], "images": [], "classes": {}})
        with open(kept + ".part", "w", encoding="utf-8") as file:
            file.write(answer)
        os.replace(kept + ".part", kept)
    with open(kept, encoding="utf-8") as file:
        return json.load(file)


def run_nofade(path, options, folder):
    """(exit status, rows of --images, profile or None)"""
    rows, profile = os.path.join(folder, "images.csv"), os.path.join(folder, "profile.json")
    for old in (rows, profile):
        if os.path.exists(old):
            os.unlink(old)
    done = subprocess.run([NOFADE, "dataset", "--quiet", "--null", "2", "--images", rows, "--json", profile, *options, path],
                          capture_output=True, text=True, check=False)
    if done.returncode not in ACCEPTED_EXITS:
        raise RuntimeError("nofade exits %d on %s: %s" % (done.returncode, path, done.stderr.strip()))
    if not os.path.exists(profile):
        return done.returncode, [], None
    with open(rows, encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    with open(profile, encoding="utf-8") as file:
        return done.returncode, table, json.load(file)


def nofade_distances(profile_path, distribution):
    """The sum of distances under another class distribution, from the saved profile."""
    out = profile_path + "." + distribution
    subprocess.run([NOFADE, "dataset", "--quiet", "--null", "0", "--class-distribution", distribution, "--json", out,
                    profile_path], capture_output=True, check=False)
    with open(out, encoding="utf-8") as file:
        return json.load(file).get("distances")


class Comparison:
    def __init__(self, sample, exceptions):
        self.sample, self.exceptions = sample, exceptions
        self.used, self.differences, self.compared = set(), [], 0

    def differ(self, member, text):
        for pattern, _ in self.exceptions:
            if fnmatch.fnmatchcase(member, pattern):
                self.used.add(pattern)
                return
        self.differences.append("%s: %s: %s" % (self.sample, member, text))

    def images(self, ours, theirs):
        """Image by image; returns those on which both agree."""
        agreed = []
        for member in sorted(set(ours) | set(theirs)):
            if member not in ours:
                self.differ(member, "only the oracle reads it")
            elif ours[member]["status"].startswith("failed"):
                if member in theirs:
                    self.differ(member, "the oracle reads it, nofade says " + ours[member]["status"])
            elif member not in theirs:
                self.differ(member, "only nofade reads it (%s)" % ours[member]["status"])
            else:
                self.one_image(member, ours[member], theirs[member])
                agreed.append(member)
        return agreed

    def one_image(self, member, ours, theirs):
        self.compared += 1
        size = [int(ours["width_px"]), int(ours["height_px"])]
        if size != theirs["size"]:
            self.differ(member, "size %s, the oracle has %s" % (size, theirs["size"]))
        if abs(float(ours["entropy_bits"]) - theirs["entropy"]) > TOLERANCE:
            self.differ(member, "entropy %s, the oracle has %.12f" % (ours["entropy_bits"], theirs["entropy"]))

    def number(self, what, ours, theirs, tolerance=TOLERANCE):
        if ours is None or not math.isclose(ours, theirs, rel_tol=0, abs_tol=tolerance):
            self.differ(what, "%r, the oracle has %r" % (ours, theirs))

    def classes(self, profile, profile_path, oracle, ours, theirs):
        """The oracle calls a class by its name where the archive holds names, else by its number."""
        listed = profile.get("classes", [])
        numbered = {c["id"] for c in listed} == set(oracle["classes"])
        by_name = {c["id"] if numbered else c["name"] or c["id"]: c for c in listed}
        called = {c["name"] or c["id"]: key for key, c in by_name.items()}
        for member in set(ours) & set(theirs):
            own = called.get(ours[member]["class"], ours[member]["class"])
            if not ours[member]["status"].startswith("failed") and own != theirs[member]["label"]:
                self.differ(member, "class %r, the oracle has %r" % (own, theirs[member]["label"]))
        if set(by_name) != set(oracle["classes"]):
            self.differ("(classes)", "%s, the oracle has %s" % (sorted(by_name), sorted(oracle["classes"])))
            return
        for name, theirs_class in oracle["classes"].items():
            if by_name[name]["images"] != theirs_class["n"]:
                self.differ("(classes)", "%s has %d images, the oracle %d" % (name, by_name[name]["images"], theirs_class["n"]))
            self.number("(mean of %s)" % name, by_name[name]["mean"], theirs_class["mean_entropy"])
        for key, distribution in DISTRIBUTIONS.items():
            distances = nofade_distances(profile_path, distribution)
            if len(by_name) > 1:
                self.number("(%s distances)" % distribution, distances and distances["sum"], oracle["jensenshannon"][key]["sum"])


def compare_published(result, path, profile, theirs):
    """Classes by the set's own annotations, from the oracle's images; a class's mean entropy over its images or their pixels."""
    wanted = published.classes_of(path, profile["dataset"]["name"], {member: image["entropy"] for member, image in theirs.items()})
    listed = {item["id"]: item for item in profile.get("classes", [])}
    if set(listed) != set(wanted) or not wanted:
        result.differ("(classes)", "%s, the annotations have %s" % (sorted(listed), sorted(wanted)))
        return
    for name, of in wanted.items():
        if listed[name]["images"] != len(of):
            result.differ("(classes)", "%s has %d images, the annotations %d" % (name, listed[name]["images"], len(of)))
        result.number("(mean of %s)" % name, listed[name]["mean"], math.fsum(of) / len(of))


def short(path, member):
    """Of a single file the oracle gives its whole path, nofade its name."""
    return os.path.basename(path) + member[len(path):] if member.startswith(path) else member


def compare(row, exceptions, folder):
    path = os.path.abspath(os.path.join(SAMPLES, row["sample"]))
    result = Comparison(row["sample"], exceptions)
    oracle = run_oracle(path, row["oracle"].split())
    _, table, profile = run_nofade(path, row["nofade"].split(), folder)
    theirs = {short(path, image["path"]): image for image in oracle["images"]}
    ours = {}
    for image in table:
        if image["member"] in ours and not image["status"].startswith("failed:repeated"):
            result.differ(image["member"], "listed twice")
        ours.setdefault(image["member"], image)
    if "failed" in oracle:
        result.differ("(oracle)", "it fails: " + oracle["failed"])
    agreed = result.images(ours, theirs)
    if profile is None and not theirs:
        return result
    if profile is None:
        result.differ("(whole)", "nofade reads nothing of it")
        return result
    if len(agreed) == len(theirs) == profile["images"]["read"] and theirs:
        for key in ("mean", "min", "max"):
            result.number("(entropy %s)" % key, profile["entropy"][key], oracle["entropy"][key])
    elif row["compare"] == "classes":
        result.differ("(classes)", "cannot be compared: different images")
    if row["compare"] == "classes":
        result.classes(profile, os.path.join(folder, "profile.json"), oracle, ours, theirs)
    if row["compare"] == "published":
        compare_published(result, path, profile, theirs)
    return result


def read_scope():
    with open(os.path.join(HERE, "scope.csv"), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["kind"] == "except" and not row["reason"].strip():
            sys.exit("scope.csv: the exception %s of %s has no reason" % (row["pattern"], row["sample"]))
    return rows


def missing_from_scope(rows):
    """Every folder of the samples is in the scope: a new one must be looked at."""
    covered = {row["sample"].split("/")[0] for row in rows}
    return [name for name in sorted(os.listdir(SAMPLES)) if os.path.isdir(os.path.join(SAMPLES, name)) and name not in covered]


def main():
    if not os.path.isdir(SAMPLES):
        fail_early("no samples at NOFADE_SAMPLES")
    if not os.path.exists(ORACLE):
        fail_early("no oracle beside the samples")
    only = sys.argv[1:]
    rows = read_scope()
    problems = ["%s: a folder of samples that scope.csv does not name" % name for name in missing_from_scope(rows)]
    done = images = 0
    with tempfile.TemporaryDirectory() as folder:
        for row in rows:
            if row["kind"] != "run" or (only and row["sample"] not in only):
                continue
            if not os.path.exists(os.path.join(SAMPLES, row["sample"])):
                print("SKIP golden %s: the sample is absent" % row["sample"])
                continue
            exceptions = [(r["pattern"], r["reason"]) for r in rows if r["kind"] == "except" and r["sample"] == row["sample"]]
            result = compare(row, exceptions, folder)
            unused = ["%s: the exception %s is not needed" % (row["sample"], p) for p, _ in exceptions if p not in result.used]
            problems += result.differences + unused
            done, images = done + 1, images + result.compared
            print("%s %s %s: %d images compared, %d exceptions" % ("ok" if not result.differences + unused else "FAIL",
                  row["sample"], row["nofade"], result.compared, len(result.used)))
    print("\n".join(problems))
    print("%d samples, %d images compared, %d differences" % (done, images, len(problems)))
    sys.exit(1 if problems or done == 0 else 0)


if __name__ == "__main__":
    main()
