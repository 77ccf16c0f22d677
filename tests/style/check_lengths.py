"""Functions of about 15 lines (60 questioned, 100 refused), files of about 200 (500 refused)."""
import re

import source

FUNCTION_QUESTIONED, FUNCTION_REFUSED, FILE_REFUSED = 60, 100, 500


def functions(text):
    """(first line number, name, lines) of each body that begins with a brace in the first column."""
    lines = source.without_comments(text).split("\n")
    start = None
    for number, line in enumerate(lines, 1):
        if start is None and line.startswith("{"):
            start = number
        elif start is not None and line.startswith("}"):
            above = " ".join(lines[max(0, start - 8):start - 1])
            names = re.findall(r"(\w+)\s*\([^;{}]*\)\s*$", above)
            yield start, names[-1] if names else "?", number - start + 1
            start = None


faults, counted = [], []
for path, text in source.product_files():
    n_lines = text.count("\n")
    if n_lines > FILE_REFUSED:
        faults.append(f"{path}: {n_lines} lines, more than {FILE_REFUSED}")
    for number, name, length in functions(text):
        counted.append(length)
        if length > FUNCTION_REFUSED:
            faults.append(f"{path}:{number}: {name}: {length} lines, more than {FUNCTION_REFUSED}")
        elif length > FUNCTION_QUESTIONED:
            print(f"question: {path}:{number}: {name}: {length} lines")
if counted:
    print(f"{len(counted)} functions, median {sorted(counted)[len(counted) // 2]} lines")
source.finish(faults)
