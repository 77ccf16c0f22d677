"""Every test file is a test of ctest, and none is disabled.

Read from what CMake wrote: a ctest inside a ctest would overwrite the log of the outer one.
"""
import re
import sys

import source

if source.build_dir() is None:
    print("SKIP check_registration: no build to look at (NOFADE_BUILD_DIR)")
    sys.exit(77)
described = (source.build_dir() / "tests/CTestTestfile.cmake").read_text(encoding="utf-8")
names = set(re.findall(r"^add_test\(\[=\[(.+?)\]=\]", described, re.M))
folder = source.root() / "tests"
faults = ["a test is disabled"] if re.search(r'\bDISABLED "(?!FALSE|OFF|0)', described) else []
for prefix, pattern in (("", "unit/test_*.c"), ("", "parity/test_*.c"), ("", "conformance/test_*.c"),
                        ("cli_", "cli/test_*.py"), ("golden_", "golden/test_*.py"),
                        ("style_", "style/check_*")):
    faults += [f"{path.relative_to(folder)}: not registered with ctest"
               for path in sorted(folder.glob(pattern)) if prefix + path.stem not in names]
if (folder / "golden/run_golden.py").exists() and "golden" not in names:
    faults.append("golden/run_golden.py: not registered with ctest")
print(f"{len(names)} tests")
source.finish(faults)
