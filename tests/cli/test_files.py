"""Directories and files as they lie about: links, FIFOs, folders without permission."""
import json
import os
import resource
import shutil
import subprocess
import tempfile
import unittest

from support import BINARY, HANG_S, CliTest, environment, noise, tar_of, until_signals_are_caught

NOBODY = 65534


def drops_privileges():
    """Can another user run the program at all?"""
    if os.getuid() != 0:
        return True
    try:
        done = subprocess.run([BINARY, "--version"], user=NOBODY, group=NOBODY, capture_output=True, env=environment(),
                              check=False)
    except OSError:
        return False
    return done.returncode == 0


class Folders(CliTest):
    def test_links_to_files_and_directories_are_followed(self):
        self.write("elsewhere/1.png", noise(1))
        self.write("elsewhere/dog/2.png", noise(2))
        self.write("set/cat/0.png", noise(0))
        os.symlink("../../elsewhere/1.png", self.path("set/cat/1.png"))
        os.symlink("../elsewhere/dog", self.path("set/dog"))
        profile = self.profile("set")
        self.assertEqual([(item["id"], item["images"]) for item in profile["classes"]], [("cat", 2), ("dog", 1)])

    def test_loops_and_dangling_links_are_counted_as_links(self):
        self.write("set/cat/1.png", noise(1))
        os.symlink("..", self.path("set/cat/loop"))
        os.symlink("self.png", self.path("set/cat/self.png"))
        os.symlink("nowhere.png", self.path("set/cat/2.png"))
        profile = self.profile("set")
        self.assertEqual((profile["images"]["read"], profile["images"]["passed_over"]), (1, {"link": 3}))
        self.assertIs(profile["complete"], True)

    def test_a_fifo_is_not_opened(self):
        self.write("set/cat/1.png", noise(1))
        os.mkfifo(self.path("set/cat/2.png"))
        profile = self.profile("set")
        self.assertEqual((profile["images"]["read"], profile["images"]["passed_over"]), (1, {"special": 1}))

    def test_archives_in_a_folder_are_entered(self):
        self.write("set/a.tar", tar_of({"1.png": noise(1), "2.png": noise(2)}))
        self.write("set/b/3.png", noise(3))
        self.assertEqual(self.profile("set")["images"]["read"], 3)

    def test_the_order_of_creation_does_not_matter(self):
        for name in ("one", "two"):
            for i in (range(20) if name == "one" else reversed(range(20))):
                self.write(f"{name}/c/{i}.png", noise(i))
        first, second = self.profile("one"), self.profile("two")
        self.assertEqual(first["dataset"]["sources"][0]["digest"], second["dataset"]["sources"][0]["digest"])

    def test_one_file_is_a_set_of_one(self):
        self.write("1.png", noise(1))
        self.assertEqual(self.profile("1.png")["images"]["read"], 1)

    def test_deep_folders(self):
        self.write("set/" + "d/" * 100 + "1.png", noise(1))
        self.assertEqual(self.profile("set")["images"]["read"], 1)
        self.write("set2/a/1.png", noise(1))
        self.write("set2/" + "d/" * 300 + "1.png", noise(1))
        profile = self.profile("set2", code=1)
        self.assertEqual((profile["images"]["read"], profile["complete"]), (1, False))


class ClosedStreams(CliTest):
    def test_no_file_takes_the_place_of_a_closed_standard_stream(self):
        """Or what is said would be written into an output."""
        os.mkfifo(self.path("pipe"))
        with self.started("pipe", "--json", "o.json", "--quiet", preexec_fn=lambda: os.closerange(0, 3)) as run:
            until_signals_are_caught(run)
            places = [os.path.realpath(f"/proc/{run.pid}/fd/{fd}") for fd in range(3)]
            with open(self.path("pipe"), "wb") as pipe:  # waits for the program to open it
                pipe.write(tar_of({"a/1.png": noise(1), "b/2.png": noise(2)}))
            self.assertEqual(run.wait(HANG_S), 0)
        self.assertEqual(places, ["/dev/null"] * 3)
        self.assertEqual(json.loads(self.read("o.json"))["images"]["read"], 2)

    def test_a_closed_stream_fails_as_one(self):
        self.write("a.tar", tar_of({"a/1.png": noise(1)}))
        for closed, args, code in ((1, ("a.tar",), 4), (1, ("a.tar", "--json", "-"), 4), (0, ("-",), 3), (2, ("a.tar",), 0)):
            result = self.nofade(*args, preexec_fn=lambda closed=closed: os.close(closed))
            self.assertEqual(result.code, code, (closed, args))


def counts_elsewhere(test):
    """For a run that cannot leave a coverage build's counts where they belong: they, and what is said of them, go elsewhere."""
    counts = tempfile.mkdtemp()
    test.addCleanup(shutil.rmtree, counts)
    os.chmod(counts, 0o777)
    return {"GCOV_PREFIX": counts, "GCOV_ERROR_FILE": os.devnull}


class Limits(CliTest):
    def test_an_output_that_may_not_grow_is_an_error_and_leaves_nothing(self):
        self.write("a.tar", tar_of({f"{i % 3}/{i}.png": noise(i) for i in range(6)}))
        for limit in (0, 1024):
            result = self.nofade("a.tar", "--json", "o.json", "--quiet", env=counts_elsewhere(self),
                                 preexec_fn=lambda limit=limit: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
            self.assertEqual(result.code, 4)
            self.assert_sentence(result, "cannot write")
            self.assertEqual(self.files(), ["a.tar"])


@unittest.skipUnless(drops_privileges(), "the program lies where another user cannot run it")
class Permissions(CliTest):
    def setUp(self):
        super().setUp()
        self.user = {"user": NOBODY, "group": NOBODY, "env": counts_elsewhere(self)} if os.getuid() == 0 else {}
        os.chmod(self.folder, 0o777)

    def test_a_file_that_may_not_be_read_is_a_failed_image(self):
        for i in range(3):
            self.write(f"set/cat/{i}.png", noise(i))
        os.chmod(self.path("set/cat/1.png"), 0)
        profile = self.profile("set", code=1, **self.user)
        self.assertEqual((profile["images"]["read"], profile["images"]["failed"]), (2, 1))
        self.assertEqual(profile["failures"][0]["code"], "unreadable")
        self.assertRegex(profile["failures"][0]["reason"], "Permission denied")

    def test_a_folder_that_may_not_be_read_is_damage_and_the_rest_counts(self):
        for i in range(3):
            self.write(f"set/{i}/1.png", noise(i))
        os.chmod(self.path("set/1"), 0)
        self.addCleanup(os.chmod, self.path("set/1"), 0o755)
        profile = self.profile("set", code=1, **self.user)
        self.assertEqual((profile["images"]["read"], profile["complete"]), (2, False))
        self.assertRegex(profile["why_incomplete"], "Permission denied")

    def test_a_source_that_may_not_be_read(self):
        self.write("set.tar", tar_of({"a/1.png": noise(1)}))
        os.mkdir(self.path("folder"))
        for name in ("set.tar", "folder"):
            os.chmod(self.path(name), 0)
            self.addCleanup(os.chmod, self.path(name), 0o755)
            self.refuse(3, f"{name}: .*Permission denied", name, **self.user)

    def test_an_output_that_may_not_be_written(self):
        self.write("set.tar", tar_of({"a/1.png": noise(1)}))
        self.write("p.json", b"kept")
        os.mkdir(self.path("closed"))
        os.chmod(self.path("p.json"), 0o444)
        os.chmod(self.path("closed"), 0o555)
        self.addCleanup(os.chmod, self.path("closed"), 0o755)
        for name in ("p.json", "closed/p.json"):
            self.refuse(4, f"cannot write .*{name}: Permission denied", "set.tar", "--json", name, **self.user)
        self.assertEqual(self.read("p.json"), b"kept")


if __name__ == "__main__":
    unittest.main()
