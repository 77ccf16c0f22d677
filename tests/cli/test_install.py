"""What `cmake --install` puts where, and that it works from there."""
import os
import shutil
import subprocess
import unittest

from support import HANG_S, CliTest, environment, four_classes, tar_of

BUILD = os.environ.get("NOFADE_BUILD_DIR")
SOURCE = os.environ.get("NOFADE_SOURCE_DIR")
EMULATOR = os.environ.get("NOFADE_EMULATOR", "").split()


@unittest.skipUnless(BUILD and SOURCE and shutil.which("cmake"), "cmake, or the build folder, is not there")
class Install(CliTest):
    def setUp(self):
        super().setUp()
        done = subprocess.run(["cmake", "--install", BUILD, "--prefix", self.path("a prefix")], capture_output=True,
                              timeout=HANG_S, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        shutil.move(self.path("a prefix"), self.path("moved"))

    def arguments(self, args):
        return [*EMULATOR, self.path("moved/bin/nofade"), *args]

    def test_the_program_runs_wherever_it_is_moved(self):
        self.write("set.tar", tar_of(four_classes(1)))
        self.assertIn("4 read, 0 failed", self.expect(0, "dataset", "set.tar").text)
        self.assertIn("ImageNet", self.expect(0, "datasets", env=environment({"PATH": "/nonexistent"})).text)

    def test_the_manual_the_licence_and_what_they_point_to_are_there(self):
        for installed, source in (("share/man/man1/nofade.1", "src/cli/nofade.1"), ("share/doc/nofade/LICENSE", "LICENSE"),
                                  ("share/doc/nofade/README.md", "README.md"),
                                  ("share/doc/nofade/data-manifests/README.md", "data-manifests/README.md"),
                                  ("share/doc/nofade/data-manifests/examples/eurosat.json", "data-manifests/examples/eurosat.json")):
            with open(os.path.join(SOURCE, source), "rb") as file:
                self.assertEqual(self.read(os.path.join("moved", installed)), file.read(), installed)

    def test_nothing_else_is_installed_than_what_users_run_and_read(self):
        tops = {os.path.dirname(name).partition("moved/")[2] for name in self.files()}
        self.assertEqual(tops - {"bin", "share/man/man1"}, {top for top in tops if top.startswith("share/doc/nofade")})
        self.assertEqual(os.listdir(self.path("moved/bin")), ["nofade"])


if __name__ == "__main__":
    unittest.main()
