"""The manifests that are compiled in: what the build makes of a broken one, and of one that is taken away."""
import os
import shutil
import subprocess
import unittest

from support import HANG_S, CliTest

SOURCE = os.environ.get("NOFADE_SOURCE_DIR")
MADE = ("built_in_manifests.c", "embedded.c")


@unittest.skipUnless(SOURCE and shutil.which("cmake") and shutil.which("make"), "cmake, make or the sources are not there")
class Build(CliTest):
    def run_in(self, folder, *args):
        return subprocess.run(args, cwd=self.path(folder), capture_output=True, text=True, timeout=HANG_S, check=False)

    def made(self):
        """What is generated of the manifests, after a build that begins as each does, by looking at which files there are."""
        self.assertEqual(self.run_in(".", "cmake", "-S", "source", "-B", "build", "-G", "Unix Makefiles",
                                     "-DNOFADE_TESTS=OFF").returncode, 0)
        done = self.run_in("build", "make", "-f", "CMakeFiles/nofade_core.dir/build.make", *MADE)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [self.read(f"build/{name}") for name in MADE]

    def test_a_manifest_that_is_no_json_or_no_manifest_is_named(self):
        for text in ('{"schema": 1, "id": "x"', '{"schema": 1}', "[]", ""):
            self.write("data-manifests/datasets/x.json", text.encode())
            done = self.run_in(".", "cmake", f"-DOUT={self.path('out.c')}", f"-DROOT={self.path('.')}", "-P",
                               os.path.join(SOURCE, "scripts/manifests.cmake"))
            self.assertNotEqual(done.returncode, 0, text)
            self.assertIn("data-manifests/datasets/x.json", done.stderr)
            self.assertFalse(os.path.exists(self.path("out.c")))

    def test_a_manifest_that_is_taken_away_is_compiled_in_no_more(self):
        os.mkdir(self.path("source"))
        for name in os.listdir(SOURCE):
            if name not in ("build", "data-manifests") and not name.startswith("."):
                os.symlink(os.path.join(SOURCE, name), self.path(f"source/{name}"))
        os.makedirs(self.path("source/data-manifests/datasets"))
        for name in ("coco", "voc"):
            shutil.copy(os.path.join(SOURCE, f"data-manifests/datasets/{name}.json"), self.path("source/data-manifests/datasets"))
        for text in self.made():
            self.assertTrue(b"data-manifests/datasets/voc.json" in text)
        os.remove(self.path("source/data-manifests/datasets/voc.json"))
        for text in self.made():
            self.assertFalse(b"data-manifests/datasets/voc.json" in text)
            self.assertTrue(b"data-manifests/datasets/coco.json" in text)


if __name__ == "__main__":
    unittest.main()
