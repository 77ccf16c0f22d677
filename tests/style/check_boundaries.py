"""Who may include and call what: the "Never" rules about the rooms of the house."""
import re

import source

# Room (longest prefix wins) -> what its quoted includes may begin with.
INCLUDES = {
    "metrics/": ("base/", "metrics/"),
    "loaders/": ("base/", "loaders/", "metrics/", "decode/decode.h", "manifest/manifest.h"),
    "cuda/": ("base/", "cuda/"),
    "src/base/": ("base/",),
    "src/device/": ("base/", "cuda/", "device/", "metrics/"),
    "src/cli/": ("nofade.h", "base/", "cli/"),
    "src/sample/": ("base/", "sample/"),
    "src/": ("",),
}
ARCHIVE_ALLOWED = re.compile(r"loaders/source/(archive_stream|tar_index)\.c|src/sample/.*")
DECODERS = re.compile(r"<(jpeglib|turbojpeg|png)\.h>")
PRINTS = ["printf", "fprintf", "vprintf", "vfprintf", "puts", "fputs", "putchar", "perror", "stdout", "stderr"]
ENDS = ["exit", "_exit", "abort", "quick_exit", "getenv", "secure_getenv", "environ", "isatty"]
OPENS = ["fopen", "open", "openat", "freopen", "fdopen"]
DECODES = ["nf_decode", "jpeg_read_scanlines", "png_read_row", "png_read_image"]


def room_of(path):
    return max((room for room in INCLUDES if path.startswith(room)), key=len)


def include_faults(path, text):
    allowed = INCLUDES[room_of(path)]
    for line, name in source.includes(text):
        where = f"{path}:{line}: {name}: "
        bare = name.strip('"<>')
        if name[0] == '"' and not bare.startswith(allowed):
            yield where + f"{room_of(path)} may include only {', '.join(allowed)}"
        if re.match(r"<archive(_entry)?\.h>", name) and not ARCHIVE_ALLOWED.fullmatch(path):
            yield where + "only loaders/source/archive_stream.c, tar_index.c (and the sample's writer) may include it"
        if path.startswith(("loaders/", "metrics/", "src/cli/")) and DECODERS.match(name):
            yield where + "pixels are decoded in src/decode/ alone"
        if path.startswith("loaders/") and re.match(r"loaders/(.*/)?(loader_.*|.*\.c)$", bare):
            yield where + "loaders never include each other"
        if name[0] == '"' and bare.startswith(("cli/", "sample/")) and not path.startswith(("src/cli/", "src/sample/")):
            yield where + "the library knows neither its command line nor the sample"


def call_faults(path, text):
    forbidden = []
    if not path.startswith(("src/cli/", "src/sample/")):
        forbidden += PRINTS + ENDS
    if path.startswith("metrics/"):
        forbidden += OPENS
    if path.startswith("loaders/"):
        forbidden += DECODES
    if forbidden:
        for line, name in source.calls(text, forbidden):
            yield f"{path}:{line}: {name}: not in this room"


def cuda_faults(path, text):
    """The plain C path is never conditional on CUDA; only the driver's table of functions is empty without it."""
    if path.startswith("cuda/"):
        return
    for number, line in enumerate(source.without_comments(text).split("\n"), 1):
        if re.match(r"\s*#\s*(el)?if.*CUDA", line):
            yield f"{path}:{number}: plain C is never conditional on CUDA"


faults = []
for file_path, file_text in source.product_files():
    for check in (include_faults, call_faults, cuda_faults):
        faults += check(file_path, file_text)
source.finish(faults)
