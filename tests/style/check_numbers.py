"""Numbers: none parsed by a locale, no unchecked product in an allocation, no flag that changes arithmetic."""
import re

import source

PARSERS = ["strtod", "strtof", "strtold", "atof", "atoi", "atol", "atoll", "sscanf", "fscanf", "scanf", "setlocale",
           "uselocale", "strtol", "strtoll", "strtoul", "strtoull"]
# number.c turns text into numbers, with everything checked; out.c reads back what it has just printed.
PARSERS_ALLOWED = {"src/base/number.c", "src/base/out.c"}
UNSAFE_FLAGS = re.compile(r"-ffast-math|-Ofast|-funsafe-math|-fassociative-math|-freciprocal-math|-ffinite-math|"
                          r"-ffp-contract=(on|fast)|STDC\s+FP_CONTRACT\s+ON|GCC\s+optimize|__optimize__|\(optimize")


def allocation_faults(path, text):
    code = source.without_comments(text)
    for match in re.finditer(r"\b(malloc|realloc|aligned_alloc|alloca)\s*\(([^;{]*)", code):
        size = re.sub(r"sizeof\s*(\([^()]*\)|\*+\s*[\w.>\[\]-]+|[\w.>\[\]-]+)", "1", match.group(2))
        size = re.sub(r"\(\s*(const\s+)?\w+\s*\*+\s*\)", "", size)
        line = code.count("\n", 0, match.start()) + 1
        said = "".join(text.split("\n")[max(0, line - 2):line])
        is_product = re.search(r"[\w)\]]\s*\*\s*[\w(]", size) and "/* fits: " not in said
        if match.group(1) == "alloca" or is_product:
            yield (f"{path}:{line}: {match.group(1)} of a product: use calloc, nf_array_reserve, nf_mul_overflows, "
                   "or say why it cannot overflow: /* fits: ... */")


faults = []
for file_path, file_text in source.product_files():
    if file_path not in PARSERS_ALLOWED:
        # How text is encoded does not touch numbers.
        file_text = re.sub(r"\bsetlocale\(LC_CTYPE,", "(", file_text)
        faults += [f"{file_path}:{line}: {name}: numbers are parsed in {', '.join(PARSERS_ALLOWED)} alone"
                   for line, name in source.calls(file_text, PARSERS)]
    faults += allocation_faults(file_path, file_text)
    if UNSAFE_FLAGS.search(source.without_comments(file_text, keep_strings=True)):
        faults.append(f"{file_path}: changes the arithmetic")
for name in ("CMakeLists.txt", "CMakePresets.json", "tests/CMakeLists.txt"):
    described = source.root() / name
    if described.exists() and UNSAFE_FLAGS.search(described.read_text(encoding="utf-8")):
        faults.append(f"{name}: a flag that changes the arithmetic")
source.finish(faults)
