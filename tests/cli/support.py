"""What the tests of the command line share: running nofade, and images and archives made at run time.

NOFADE_BIN names the program (ctest sets it); NOFADE_SANITIZE is not empty in an instrumented build.
"""
import contextlib
import io
import json
import os
import pty
import random
import re
import select
import shutil
import signal
import struct
import subprocess
import tarfile
import tempfile
import termios
import time
import unittest
import warnings
import zipfile
import zlib

try:
    from PIL import Image
except ImportError:
    Image = None
try:
    import numpy
except ImportError:
    numpy = None

BINARY = os.environ.get("NOFADE_BIN", "nofade")
HANG_S = 300  # after which a run is taken for one that never ends; no bound on how fast it is
SANITIZED = bool(os.environ.get("NOFADE_SANITIZE"))
needs_pillow = unittest.skipUnless(Image, "python3-pil is not installed")
needs_numpy = unittest.skipUnless(numpy, "python3-numpy is not installed")


# --- images -----------------------------------------------------------------------------------------------------------

def chunk(kind, data, crc=None):
    """One PNG chunk; crc overrides the right one."""
    crc = zlib.crc32(kind + data) if crc is None else crc
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


def png_of(rows, width, colour=0, level=6):
    """A PNG of 8-bit rows (bytes): colour 0 grey, 2 RGB, 6 RGBA."""
    head = struct.pack(">IIBBBBB", width, len(rows), 8, colour, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows), level)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def noise(seed, side=16, levels=256, colour=0):
    """Random grey values below levels."""
    source, samples = random.Random(seed), {0: 1, 2: 3, 6: 4}[colour]
    rows = [bytes(source.randrange(levels) for _ in range(side * samples)) for _ in range(side)]
    return png_of(rows, side, colour)


def constant(grey=128, side=8):
    return png_of([bytes([grey]) * side] * side, side)


def gradient(step, side=16):
    return png_of([bytes((x * step + y) % 256 for x in range(side)) for y in range(side)], side)


def jpeg(seed, side=32, **options):
    source = random.Random(seed)
    image = Image.frombytes("RGB", (side, side), bytes(source.randrange(256) for _ in range(side * side * 3)))
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


def warned_png(grey=200, side=6):
    """Decodes whole, with a warning: pixels name a colour that the palette lacks."""
    head = struct.pack(">IIBBBBB", side, side, 8, 3, 0, 0, 0)
    rows = b"".join(b"\0" + bytes((x + y) % 3 for x in range(side)) for y in range(side))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"PLTE", bytes([0, 0, 0] + [grey] * 3)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def bad_crc_png(seed):
    whole = noise(seed)
    at = whole.index(b"IDAT")
    length = struct.unpack(">I", whole[at - 4:at])[0]
    return whole[:at + 4 + length] + b"\xde\xad\xbe\xef" + whole[at + 8 + length:]


def four_classes(each=6, root=""):
    """{path: bytes}: classes that differ in their entropies."""
    members = {}
    for i in range(each):
        members[f"{root}flat/{i}.png"] = gradient(i % 3, 12)
        members[f"{root}few/{i}.png"] = noise(100 + i, 14, 4 + i)
        members[f"{root}many/{i}.png"] = noise(200 + i, 20, 60 + 10 * i)
        members[f"{root}rgb/{i}.png"] = noise(300 + i, 18, 256, 2)
    return members


# --- archives -----------------------------------------------------------------------------------------------------------

def tar_of(members, mode="w", kind=tarfile.GNU_FORMAT):
    """members: {name: bytes}, or a list of (name, bytes) and TarInfo."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=kind, errors="surrogateescape") as tar:
        for member in members.items() if isinstance(members, dict) else members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
                continue
            info = tarfile.TarInfo(member[0])
            info.size = len(member[1])
            tar.addfile(info, io.BytesIO(member[1]))
    return out.getvalue()


def tar_link(name, target, kind):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def zip_of(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", method) as archive:
        warnings.simplefilter("ignore")  # of repeated names
        for name, data in members.items() if isinstance(members, dict) else members:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


# --- running ------------------------------------------------------------------------------------------------------------

def environment(changes=None):
    values = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TERM": "dumb", "OMP_WAIT_POLICY": "passive",
              "ASAN_OPTIONS": "exitcode=86:allocator_may_return_null=1", "UBSAN_OPTIONS": "print_stacktrace=1"}
    values.update(changes or {})
    return {key: value for key, value in values.items() if value is not None}


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def text(self):
        return self.out.decode("utf-8")

    @property
    def words(self):
        """The text with single blanks, however its lines are broken."""
        return " ".join(self.text.split())

    @property
    def talk(self):
        return self.err.decode("utf-8")


class CliTest(unittest.TestCase):
    """Each test runs in a folder of its own, self.folder."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="nofade-cli-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, data):
        """Writes a file below the folder; its name."""
        path = os.path.join(os.fsencode(self.folder), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
        return name

    def write_tree(self, name, members):
        for path, data in members.items():
            self.write(os.path.join(name, path), data)
        return name

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def files(self):
        return sorted(os.path.relpath(os.path.join(top, name), self.folder)
                      for top, _, names in os.walk(self.folder) for name in names)

    def arguments(self, args):
        return [BINARY, "dataset", "--threads", "2", *args]

    def check(self, code, out, err):
        """What no run may do: crash, leak, hit a sanitizer."""
        self.assertNotRegex(err, rb"Sanitizer|runtime error:", err.decode("utf-8", "replace"))
        self.assertGreaterEqual(code, 0, f"killed by signal {-code}")
        self.assertNotEqual(code, 86, err)
        return Result(code, out, err)

    def nofade(self, *args, stdin=b"", env=None, cwd=None, **options):
        done = subprocess.run(self.arguments(args), input=stdin, capture_output=True, timeout=HANG_S, cwd=cwd or self.folder,
                              env=environment(env), check=False, **options)
        return self.check(done.returncode, done.stdout, done.stderr)

    def expect(self, code, *args, **options):
        result = self.nofade(*args, **options)
        self.assertEqual(result.code, code, result.err.decode("utf-8", "replace"))
        return result

    def profile(self, *args, code=0, **options):
        """The profile, from standard output."""
        return json.loads(self.expect(code, *args, "--json", "-", **options).out)

    def refuse(self, code, pattern, *args, **options):
        """The run ends with code, one sentence that matches, and writes nothing."""
        before = self.files()
        result = self.expect(code, *args, **options)
        self.assert_sentence(result, pattern)
        self.assertEqual(result.out, b"")
        self.assertEqual(self.files(), before)
        return result

    def assert_sentence(self, result, pattern=""):
        """One line of printable text to standard error, without a full stop."""
        self.assertRegex(result.talk, r"\Anofade( [a-z]+)?: [^\n]*[^\n.]\n\Z")
        self.assertRegex(result.talk, pattern)
        self.assertNotRegex(result.talk[:-1], r"[\x00-\x1f\x7f]")

    def terminal(self, *args, columns=0, env=None, code=None):
        """What a terminal of so many columns (0: it does not say) gets, from both streams; lines end in \\n."""
        try:
            master, slave = pty.openpty()
        except OSError as fault:
            self.skipTest(f"no pseudo-terminal here: {fault}")
        termios.tcsetwinsize(slave, (50, columns))
        run = subprocess.Popen(self.arguments(args), stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, cwd=self.folder,
                               env=environment({"TERM": "xterm", **(env or {})}))
        os.close(slave)
        shown, end = b"", time.monotonic() + HANG_S
        while time.monotonic() < end:
            if select.select([master], [], [], 0.1)[0]:
                try:
                    shown += os.read(master, 65536)
                except OSError:  # the other end was closed
                    break
        os.close(master)
        result = self.check(run.wait(), b"", shown)
        if code is not None:
            self.assertEqual(result.code, code, shown)
        return shown.replace(b"\r\n", b"\n")

    @contextlib.contextmanager
    def started(self, *args, **options):
        """A run with a pipe as standard input."""
        run = subprocess.Popen(self.arguments(args), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               cwd=self.folder, env=environment(), **options)
        try:
            yield run
        finally:
            if run.poll() is None:
                run.kill()
            for stream in (run.stdin, run.stdout, run.stderr):
                with contextlib.suppress(OSError):
                    stream.close()
            run.wait()

    def ended(self, run):
        """What a started run left, which must end although its input stays open."""
        try:
            code = run.wait(HANG_S)
        except subprocess.TimeoutExpired:
            self.fail("still running")
        return self.check(code, run.stdout.read(), run.stderr.read())


def until_signals_are_caught(run):
    """Waits for a run that has just been started to be one that Ctrl-C does not simply kill."""
    end, caught = time.monotonic() + HANG_S, 0
    while not caught & 1 << signal.SIGINT - 1 and time.monotonic() < end:
        with open(f"/proc/{run.pid}/status", encoding="ascii", errors="replace") as status:
            caught = int(re.search(r"^SigCgt:\s*(\w+)$", status.read(), re.M)[1], 16)
        time.sleep(0.01)


def figures(profile):
    """All of a profile that is about the images, not about where they lie."""
    kept = {key: profile.get(key) for key in ("definition", "counts_digest", "entropy", "classes", "distances", "complexity",
                                              "images", "undefined")}
    for key in ("failures", "warned"):
        kept[key] = sorted((item["member"], item["code"], item["reason"]) for item in profile[key])
    return kept
