"""Headers: a guard named after the file, an opening comment; each function of the public API (src/nofade.h) documented."""
import re

import source

PUBLIC = "src/nofade.h"


def guard_of(path):
    """A pattern: loaders/source/stream.h has NF_STREAM_H or NF_LOADERS_STREAM_H."""
    if path == PUBLIC:
        return "NOFADE_H"
    *folders, name = re.sub(r"^src/", "", path).removesuffix(".h").upper().split("/")
    return "NF_" + "".join(f"({folder}_)?" for folder in folders) + name + "_H"


def undocumented(text):
    """Prototypes with no comment in their block (the lines around them without a blank one between)."""
    for block in re.split(r"\n\s*\n", text):
        if "/*" in block:
            continue
        for match in re.finditer(r"^\w[\w\s*]*?\b(nf_\w+)\s*\(", block, re.M):
            yield match.group(1)


faults = []
for path, text in source.product_files(".h"):
    if path.endswith(".list.h"):
        continue
    if not text.startswith("/* nofade"):
        faults.append(f"{path}: must open with a comment that begins \"/* nofade\" and says what it is for")
    guard = guard_of(path)
    if not re.search(rf"#ifndef (?P<guard>{guard})\n#define (?P=guard)\n", text):
        faults.append(f"{path}: the guard must be {guard}")
    if path == PUBLIC:
        faults += [f"{path}: {name} has no comment" for name in undocumented(text)]
source.finish(faults)
