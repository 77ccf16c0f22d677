"""The sample set in its forms: the same pictures, whether binary or pickled."""
import gzip
import os
import pickle
import subprocess
import tarfile
import unittest

from support import CliTest, figures, needs_numpy

SAMPLE = os.environ.get("NOFADE_SAMPLE_BIN", "nofade-sample")


class SampleForms(CliTest):
    def make(self, name, *options):
        subprocess.run([SAMPLE, *options, self.path(name)], check=True)
        return name

    def test_the_python_form_has_the_figures_of_the_binary_one(self):
        for options in ([], ["--grain"]):
            binary = self.profile(self.make("b.tar", "--plain", "--images", "64", *options), "--split", "all")
            python = self.profile(self.make("p.tgz", "--python", "--images", "64", *options), "--split", "all")
            self.assertEqual(python["images"]["read"], 76)
            self.assertEqual(python["counts_digest"], binary["counts_digest"])
            self.assertEqual(figures(python)["classes"], figures(binary)["classes"])

    def test_grain_makes_it_compress_as_photographs_do(self):
        self.make("p.tgz", "--python", "--grain", "--images", "1000")
        with open(self.path("p.tgz"), "rb") as file:
            stored = file.read()
        share = len(stored) / len(gzip.decompress(stored))
        self.assertGreater(share, 0.90)
        self.assertLess(share, 0.95)

    @needs_numpy
    def test_python_reads_the_pickles(self):
        self.make("p.tar", "--plain", "--python", "--images", "64")
        self.make("b.tar", "--plain", "--images", "64")
        with tarfile.open(self.path("p.tar")) as python, tarfile.open(self.path("b.tar")) as binary:
            for stem, n in [("data_batch_1", 13), ("data_batch_5", 12), ("test_batch", 12)]:
                batch = pickle.load(python.extractfile(f"cifar-10-batches-py/{stem}"), encoding="bytes")
                records = binary.extractfile(f"cifar-10-batches-bin/{stem}.bin").read()
                self.assertEqual(batch[b"data"].shape, (n, 3072))
                self.assertEqual(len(batch[b"filenames"]), n)
                again = b"".join(bytes([label]) + row.tobytes() for label, row in zip(batch[b"labels"], batch[b"data"]))
                self.assertEqual(again, records)
            names = pickle.load(python.extractfile("cifar-10-batches-py/batches.meta"), encoding="bytes")
            self.assertEqual(names[b"label_names"][0], b"flat")


if __name__ == "__main__":
    unittest.main()
