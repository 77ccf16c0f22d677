"""Every option of a command stands in the manual page, and the manual page names no other."""
import re
import sys

import source

root = source.root()
table = "".join(path.read_text(encoding="utf-8") for path in sorted((root / "src/cli").glob("*.[ch]")))
manual = (root / "src/cli/nofade.1").read_text(encoding="utf-8")
options = set(re.findall(r'\{NF_OPTION_(?:FLAG|TEXT|CHOICE|NUMBER|BYTES|REAL|LIST), "([a-z-]+)"', table))
described = set(re.findall(r"Fl -([a-z-]+)", manual)) - {"help", "version"} | set(re.findall(r"Fl ([a-z])\b", manual))
faults = [f"--{name}: not in src/cli/nofade.1" for name in sorted(options - described)]
faults += [f"src/cli/nofade.1: --{name} is no option" for name in sorted(described - options)]
if not options:
    faults.append("no option was found: the table has changed its looks")
print("\n".join(faults + [f"{len(options)} options, {len(faults)} fault(s)"]))
sys.exit(1 if faults else 0)
