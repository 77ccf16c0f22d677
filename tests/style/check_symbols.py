"""Objects of the build: no mutable globals outside mutable_globals.txt, and every external name starts with nf_."""
import pathlib
import re
import subprocess
import sys

import source

WRITABLE = re.compile(r"^(\.data(?!\.rel\.ro)|\.bss|\.tbss|\.tdata|\*COM\*)")
# Not ours: what sanitizers, the coverage runtime and the compiler add.
COMPILERS = re.compile(r"^(__|\.L|_GLOBAL_|\.omp|\.gomp|\.kmpc|\.coverage|DW\.ref)")


def allowed():
    """file:symbol -> reason."""
    lines = (pathlib.Path(__file__).parent / "mutable_globals.txt").read_text(encoding="utf-8").split("\n")
    pairs = [line.split(None, 1) for line in lines if line.strip() and not line.startswith("#")]
    return {name: reason for name, reason in pairs}


def symbols(object_file):
    """(name, class, type, section) by nm's System V table."""
    table = subprocess.run(["nm", "-f", "sysv", object_file], capture_output=True, text=True, check=True).stdout
    for line in table.split("\n"):
        fields = [field.strip() for field in line.split("|")]
        if len(fields) == 7:
            yield fields[0], fields[2], fields[3], fields[6]


def objects():
    if len(sys.argv) > 1:
        return sorted(pathlib.Path(sys.argv[1]).rglob("*.o"))
    if source.build_dir() is None:
        print("SKIP check_symbols: no build to look at (NOFADE_BUILD_DIR)")
        sys.exit(77)
    folders = source.build_dir() / "CMakeFiles"
    return [path for target in ("nofade_core", "nofade", "nofade_sample")
            for path in sorted((folders / f"{target}.dir").rglob("*.o"))]


faults, used, reasons = [], set(), allowed()
for path in objects():
    for name, kind, symbol_type, section in symbols(path):
        if kind == "U" or not name or COMPILERS.match(name) or symbol_type in ("FILE", "SECTION"):
            continue
        # A static inside a function is name.0 to gcc, function.name to clang.
        bare = re.sub(r"\.\d+$", "", name).split(".")[-1]
        if WRITABLE.match(section):
            listed = f"{path.stem}:{bare}"
            used.add(listed)
            if listed not in reasons:
                faults.append(f"{listed}: mutable ({section})")
        if kind.isupper() and not bare.startswith("nf_") and bare != "main":
            faults.append(f"{path.name}: {name}: an external name must start with nf_")
if len(sys.argv) == 1:
    faults += [f"mutable_globals.txt: {name} is not in the build" for name in sorted(set(reasons) - used)]
source.finish(faults)
