"""No unfinished work, no path of somebody's machine; text files end in one newline and hold no tabs or trailing blanks."""
import re

import source

TOPS = ["src", "loaders", "metrics", "cuda", "tests", "scripts", "data-manifests", ".ci", "CMakeLists.txt",
        "CMakePresets.json", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", ".gitignore", ".editorconfig"]
SUFFIXES = {".c", ".h", ".cu", ".cuh", ".py", ".sh", ".md", ".txt", ".json", ".csv", ".1", ""}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|WIP)\b|\b(stub|placeholder|not (yet )?implemented|unimplemented)\b", re.I)
MACHINE = re.compile(r"(?<![\w.$}/-])/(work|root|home|Users|mnt|tmp/bash)\w*/")
# This folder spells out what it forbids; fixtures are data; names of classes are other people's words (a taxi is a hack).
EXEMPT = ("tests/style/", "tests/fixtures/")
FOREIGN_WORDS = "data-manifests/datasets/"


def files():
    base = source.root()
    for top in TOPS:
        path = base / top
        for found in sorted(path.rglob("*")) if path.is_dir() else [path]:
            name = found.relative_to(base).as_posix()
            if found.is_file() and found.suffix in SUFFIXES and not name.startswith(EXEMPT) and "__pycache__" not in name:
                yield name, found.read_bytes()


faults = []
for name, raw in files():
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        faults.append(f"{name}: not UTF-8")
        continue
    if text and (not text.endswith("\n") or text.endswith("\n\n")):
        faults.append(f"{name}: must end in one newline")
    for number, line in enumerate(text.split("\n"), 1):
        if UNFINISHED.search(line) and not name.startswith(FOREIGN_WORDS):
            faults.append(f"{name}:{number}: unfinished work: {line.strip()}")
        if MACHINE.search(line):
            faults.append(f"{name}:{number}: a path of one machine: {line.strip()}")
        if not name.endswith(".csv") and ("\t" in line or line != line.rstrip()):
            faults.append(f"{name}:{number}: a tab or a trailing blank")
source.finish(faults)
