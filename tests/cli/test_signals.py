"""SIGINT and SIGTERM: the run ends soon, says so, and keeps what was done when an output was asked for."""
import contextlib
import csv
import json
import os
import signal
import struct
import subprocess
import time
import unittest
import zlib

from support import CliTest, HANG_S, chunk, environment, noise, tar_of, until_signals_are_caught

N_FED = 400


def endless_tar():
    """Four MiB of members and no end: more than the detection looks at before it decides."""
    members = {f"{'ab'[i % 2]}/{i:04}.png": noise(i % 8, 100) for i in range(N_FED)}
    return tar_of(members)[:-10240]


class Signals(CliTest):
    @classmethod
    def setUpClass(cls):
        cls.tar = endless_tar()

    def feed(self, run, data):
        with contextlib.suppress(BrokenPipeError):  # it may have read enough
            run.stdin.write(data)
            run.stdin.flush()
            time.sleep(0.3)  # for what was fed to be read

    def interrupted(self, number, *args):
        with self.started("-", "--batch-bytes", "64K", *args) as run:
            until_signals_are_caught(run)
            self.feed(run, self.tar)
            self.assertIsNone(run.poll())
            run.send_signal(number)
            return self.ended(run)

    def test_half_way_with_a_profile_asked_for(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(number=number):
                result = self.interrupted(number, "--json", "p.json", "--images", "i.csv")
                self.assertEqual((result.code, result.out), (code, b""))
                self.assert_sentence(result, r"interrupted after \d+ images")
                self.assertEqual(self.files(), ["i.csv", "p.json"])
                profile = json.loads(self.read("p.json"))
                self.assertIs(profile["complete"], False)
                self.assertEqual(profile["dataset"]["name"], "imagefolder")
                self.assertGreater(profile["images"]["read"], N_FED // 2)
                self.assertEqual(profile["images"]["failed"], 0)
                self.assertEqual(self.read("i.csv").count(b"\n"), profile["images"]["read"] + 1)

    def test_of_images_that_take_long_the_first_ones_are_kept(self):
        """All of them are read at once, and decoded one after the other; test_scan_batches holds that not all are waited for."""
        n, side = 60, 8000
        rows = zlib.compress(bytes(side * (side + 1)), 1)
        png = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)) + chunk(b"IDAT", rows) +
               chunk(b"IEND", b""))
        names = [f"{'ab'[i % 2]}/{i:02}.png" for i in range(n)]
        self.write("set.tar", tar_of({name: png for name in names}))
        with self.started("set.tar", "--threads", "2", "--batch-bytes", "64M", "--json", "p.json", "--images", "i.csv") as run:
            until_signals_are_caught(run)
            run.send_signal(signal.SIGINT)
            self.assertEqual(self.ended(run).code, 130)
        profile = json.loads(self.read("p.json"))
        self.assertEqual(profile["entropy"]["histogram"][0], profile["images"]["read"])
        with open(self.path("i.csv"), encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([row["member"] for row in rows], names[:profile["images"]["read"]])

    def test_half_way_without_outputs_leaves_nothing(self):
        result = self.interrupted(signal.SIGINT)
        self.assertEqual((result.code, result.out, self.files()), (130, b"", []))
        self.assert_sentence(result, "interrupted")

    def test_while_nothing_ever_comes(self):
        for args in ([], ["--json", "p.json"]):
            for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
                with self.subTest(args=args, number=number), self.started("-", *args) as run:
                    until_signals_are_caught(run)
                    time.sleep(0.1)  # for it to wait for its input
                    self.assertIsNone(run.poll())
                    run.send_signal(number)
                    result = self.ended(run)
                    self.assertEqual((result.code, result.out), (code, b""))
                    self.assert_sentence(result, "interrupted after 0 images")
        self.assertIs(json.loads(self.read("p.json"))["complete"], False)

    def test_while_a_fifo_has_no_writer(self):
        os.mkfifo(self.path("pipe"))
        with self.started("pipe") as run:
            until_signals_are_caught(run)
            time.sleep(0.1)  # for it to wait for a writer
            run.send_signal(signal.SIGINT)
            self.assertEqual(self.ended(run).code, 130)

    def test_a_fifo_that_is_written_later_is_read(self):
        os.mkfifo(self.path("pipe"))
        with self.started("pipe", "--json", "-") as run:
            time.sleep(0.2)
            with open(self.path("pipe"), "wb") as pipe:
                pipe.write(tar_of({"a/1.png": noise(1), "b/1.png": noise(2)}))
            result = self.ended(run)
        self.assertEqual((result.code, json.loads(result.out)["images"]["read"]), (0, 2))

    def test_inside_a_gzip_that_stalls(self):
        packed = subprocess.run(["gzip", "-1"], input=self.tar, capture_output=True, check=True).stdout
        with self.started("-", "--json", "p.json", "--batch-bytes", "64K") as run:
            self.feed(run, packed[:len(packed) // 8 * 7])
            run.send_signal(signal.SIGINT)
            self.assertEqual(self.ended(run).code, 130)
        profile = json.loads(self.read("p.json"))
        self.assertEqual((profile["complete"], profile["images"]["failed"], profile["damaged"]), (False, 0, False))

    def test_an_interrupted_profile_is_a_profile(self):
        self.interrupted(signal.SIGINT, "--json", "p.json")
        self.assertIs(self.profile("p.json")["complete"], False)

    def test_stopping_at_an_error_does_not_wait_for_the_pipe(self):
        with self.started("-", "--on-error", "stop", "--batch-bytes", "64K") as run:
            self.feed(run, tar_of({"a/bad.png": b"no image"})[:1024] + self.tar)
            self.assertEqual(self.ended(run).code, 1)

    def test_the_limit_does_not_wait_for_the_pipe(self):
        with self.started("-", "--limit", "5", "--json", "-") as run:
            self.feed(run, self.tar)
            result = self.ended(run)
        self.assertEqual((result.code, json.loads(result.out)["images"]["read"]), (0, 5))

    def test_a_slow_pipe_gives_the_same_as_a_fast_one(self):
        tar = tar_of({f"{'ab'[i % 2]}/{i}.png": noise(i) for i in range(20)})
        with self.started("-", "--json", "-") as run:
            for at in range(0, len(tar), 5000):
                run.stdin.write(tar[at:at + 5000])
                run.stdin.flush()
                time.sleep(0.01)
            run.stdin.close()
            slow = self.ended(run)
        self.assertEqual(json.loads(slow.out), self.profile("-", stdin=tar))

    def test_a_pipe_that_does_not_block_is_waited_for(self):
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        run = subprocess.Popen(self.arguments(["-", "--json", "-"]), stdin=reading, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, cwd=self.folder, env=environment())
        os.close(reading)
        time.sleep(0.2)
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(tar_of({"a/1.png": noise(1)}))
        out, err = run.communicate(timeout=HANG_S)
        self.assertEqual(self.check(run.returncode, out, err).code, 0, err)


if __name__ == "__main__":
    unittest.main()
