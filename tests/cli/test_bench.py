"""tests/bench/run as on another's machine: one core, no sample files, no device, peers that are missing."""
import importlib
import os
import pathlib
import subprocess
import sys
import unittest
from unittest import mock

from support import BINARY, CliTest, HANG_S, needs_numpy, tar_of

BENCH = pathlib.Path(__file__).resolve().parents[1] / "bench"
BUILD = pathlib.Path(BINARY).parent
SMALL = ("--runs", "1", "--images", "100", "--jpegs", "2", "--pngs", "1", "--models", "50", "--megabytes", "0", "--as-is")


def module(name):
    """A part of the bench, which is in no package."""
    sys.path.insert(0, str(BENCH))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.pop(0)


@needs_numpy
class Run(CliTest):
    def test_a_row_for_all_that_can_be_measured_and_a_status_that_follows_from_them(self):
        samples = self.path("my samples")
        os.makedirs(samples + "/coco-cc")
        subprocess.run([BUILD / "tests/bench_make_jpegs", samples + "/coco-cc", "2"], check=True)
        core = min(os.sched_getaffinity(0))
        done = subprocess.run([BENCH / "run", "--build", BUILD, *SMALL], capture_output=True, text=True, timeout=HANG_S, check=False,
                              env=dict(os.environ, NOFADE_SAMPLES=samples, CUDA_VISIBLE_DEVICES=""),
                              preexec_fn=lambda: os.sched_setaffinity(0, {core}))
        missed = "MISSED" in done.stdout
        self.assertEqual(done.returncode, 1 if missed else 0, done.stdout + done.stderr)
        for what in ("JPEG, `--grey luma`, drawn", "JPEG, `--grey bt601`, coco-cc", "PNG, 2048 x 1024", "CIFAR binary", "the same arrays",
                     "CIFAR python", "distances of 1,000 classes", "`score` of 50 models", "`nofade --version`"):
            self.assertIn("| " + what, done.stdout)
        self.assertIn("whole command on 1 core against `gzip -dc`", done.stdout)
        self.assertIn("SKIP isic-thumbs: no such sample files", done.stderr)
        self.assertIn("SKIP scaling: this machine has one core", done.stdout)
        self.assertRegex(done.stdout, "SKIP .*CUDA")

    def test_a_bench_that_is_not_built_is_told(self):
        done = subprocess.run([BENCH / "run", "--build", self.path("nowhere")], capture_output=True, text=True, timeout=HANG_S, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("nofade is not built in", done.stderr)


class Bare(CliTest):
    def test_what_raw_pixels_are_compared_with_is_no_work_of_nofades_own(self):
        """Neither its reader nor its digests: the bytes of the file are added up, and no member is looked for."""
        data = tar_of({"a.bin": bytes(range(256)) * 700 + b"x"})
        self.write("any", data)
        done = subprocess.run([BUILD / "tests/bench_sum", self.path("any")], capture_output=True, text=True, timeout=HANG_S, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, f"{len(data)} bytes, sum {sum(data)}\n"))
        for arguments, status in (([], 2), ([self.path("none")], 3)):
            done = subprocess.run([BUILD / "tests/bench_sum", *arguments], capture_output=True, timeout=HANG_S, check=False)
            self.assertEqual((done.returncode, done.stdout), (status, b""))


class Peers(unittest.TestCase):
    def test_what_is_installed_is_said_and_why_a_peer_is_missing(self):
        ratios = module("ratios")
        said = subprocess.CompletedProcess([], 1, "", "installing libvips42\nE: no network\n")
        for as_is, reason, shown in ((False, "E: no network", 1), (True, "it is not installed", 0)):
            with mock.patch.object(ratios.subprocess, "run", return_value=said) as run, \
                    mock.patch.object(ratios.measure, "version", return_value=""), mock.patch("builtins.print") as show:
                missing = ratios.install_peers(as_is)
            with self.subTest(as_is=as_is):
                self.assertEqual(missing, dict.fromkeys(("pillow", "skimage", "vips", "magick"), reason))
                self.assertEqual(sum("installing libvips42" in str(call) for call in show.call_args_list), shown)
                self.assertEqual(any("install-packages" in str(call) for call in run.call_args_list), not as_is)


class Scale(unittest.TestCase):
    def test_the_tables_stand_also_where_no_model_can_be_fitted(self):
        scale = module("scale")
        with mock.patch.object(scale, "table", return_value=[(10, 2, 1.0, 1.0, 1.0)]), mock.patch.dict(sys.modules, {"numpy": None}), \
                mock.patch.object(scale.measure, "skip") as skip:
            scale.run_all(None, None)
        self.assertIn("NumPy", skip.call_args[0][0])


if __name__ == "__main__":
    unittest.main()
