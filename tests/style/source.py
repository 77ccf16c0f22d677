"""What the style checks share: finding product files, taking comments and strings out of C, reporting.

Each check is run as `check_x.py [ROOT]`; ROOT is this repository unless another is given (check_checks_can_fail.py does).
"""
import os
import pathlib
import re
import sys

PRODUCT = ("src", "loaders", "metrics", "cuda")


def root():
    if len(sys.argv) > 1:
        return pathlib.Path(sys.argv[1])
    return pathlib.Path(__file__).resolve().parents[2]


def build_dir():
    """The build under test, or None outside ctest."""
    given = os.environ.get("NOFADE_BUILD_DIR")
    return pathlib.Path(given) if given else None


def product_files(*suffixes):
    """(path relative to the root, text) of each product file."""
    base = root()
    for top in PRODUCT:
        for path in sorted((base / top).rglob("*")):
            if path.is_file() and path.suffix in (suffixes or (".c", ".h", ".cu", ".cuh")):
                yield path.relative_to(base).as_posix(), path.read_text(encoding="utf-8")


_TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def without_comments(text, keep_strings=False):
    """The code alone; every line keeps its number."""
    def blank(match):
        token = match.group()
        if token[0] in "\"'":
            return token if keep_strings else token[0] + token[0]
        return "\n" * token.count("\n")
    return _TOKEN.sub(blank, text)


def includes(text):
    """(line number, included name with its quotes or brackets)."""
    for number, line in enumerate(without_comments(text, keep_strings=True).split("\n"), 1):
        match = re.match(r'\s*#\s*include\s+("[^"]+"|<[^>]+>)', line)
        if match:
            yield number, match.group(1)


def calls(text, names):
    """(line number, name) where one of the names is called or its address taken."""
    text = re.sub(r"__attribute__\s*\(\(.*?\)\)", "", text)
    pattern = re.compile(r"(?<![\w.>])(" + "|".join(names) + r")\b")
    for number, line in enumerate(without_comments(text).split("\n"), 1):
        if line.lstrip().startswith("#"):
            continue
        for match in pattern.finditer(line):
            yield number, match.group(1)


def finish(faults):
    """Prints the faults and ends with 1 when there are any."""
    for fault in faults:
        print(fault)
    print(f"{len(faults)} fault(s)")
    sys.exit(1 if faults else 0)
