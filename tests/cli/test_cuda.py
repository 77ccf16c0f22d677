"""nofade dataset --device, on a driver that runs the kernels on the CPU (fake_cuda/fake_cuda.c), and the kernels as PTX."""
import os
import re
import shutil
import struct
import subprocess
import unittest

import test_record_sets
from support import CliTest, four_classes, tar_of

BUILD = os.environ.get("NOFADE_BUILD_DIR", "")
SOURCE = os.environ.get("NOFADE_SOURCE_DIR", "")
DRIVER = os.path.join(BUILD, "tests", "fake_cuda")
OLD_DRIVER = os.path.join(BUILD, "tests", "old_cuda")
SAMPLE = os.environ.get("NOFADE_SAMPLE_ARCHIVE", "")


def cifar_binary(n):
    source = test_record_sets.random.Random(3)
    return b"".join(bytes([i % 10]) + bytes(source.randrange(1 + 20 * (i % 10)) for _ in range(3072)) for i in range(n))


def idx(n, side=28):
    source = test_record_sets.random.Random(4)
    pixels = b"".join(bytes(source.randrange(2 + 17 * (i % 10)) for _ in range(side * side)) for i in range(n))
    return (struct.pack(">IIII", 0x803, n, side, side) + pixels, struct.pack(">II", 0x801, n) + bytes(i % 10 for i in range(n)))


class Cuda(CliTest):
    def setUp(self):
        super().setUp()
        result = self.nofade("nothing", "--device", "cuda", env=self.driver())
        if "built without CUDA" in result.talk:
            self.skipTest("built without CUDA (neither nvcc nor clang)")

    def driver(self, **settings):
        words = " ".join(f"{key}={value}" for key, value in settings.items())
        return {"LD_LIBRARY_PATH": DRIVER, "NOFADE_FAKE_CUDA": words}


class Results(Cuda):
    def compare(self, *paths, raw=True):
        """Counts are the CPU's, distances within 1e-12, all else the same."""
        cpu = self.profile(*paths, "--device", "cpu")
        cuda = self.profile(*paths, "--device", "cuda", env=self.driver())
        self.assertEqual(cpu["counts_digest"], cuda["counts_digest"])
        self.assertEqual(cpu["parameters"].pop("device"), "cpu")
        told = "raw pixels, class distances" if raw else "class distances"
        self.assertEqual(cuda["parameters"].pop("device"), f"cuda: {told} (CPU in place of device 0)")
        a, b = cpu.pop("distances"), cuda.pop("distances")
        self.assertEqual((a["classes"], a["pairs"]), (b["classes"], b["pairs"]))
        self.assertAlmostEqual(a["sum"], b["sum"], delta=1e-12 * a["pairs"])
        for end in ("min", "max"):
            self.assertAlmostEqual(a[end]["value"], b[end]["value"], delta=1e-12)
            self.assertEqual((a[end]["a"], a[end]["b"]), (b[end]["a"], b[end]["b"]))
        self.assertAlmostEqual(cpu.pop("complexity")["value"], cuda.pop("complexity")["value"], delta=1e-12)
        self.assertEqual(cpu, cuda)

    def test_the_sample(self):
        self.compare(SAMPLE)

    def test_cifar_binary(self):
        self.write("c.tar", tar_of({f"cifar-10-batches-bin/data_batch_{i}.bin": cifar_binary(40) for i in range(1, 6)}))
        self.compare("c.tar")
        self.compare("c.tar", "--batch-bytes", "4K")

    def test_idx(self):
        images, labels = idx(300)
        self.write("train-images-idx3-ubyte", images)
        self.write("train-labels-idx1-ubyte", labels)
        self.compare("train-images-idx3-ubyte")

    def test_svhn_and_stl10(self):
        self.write("train_32x32.mat", test_record_sets.svhn(40))
        self.compare("train_32x32.mat")
        self.write("stl10.tar", tar_of(test_record_sets.stl10()))
        self.compare("stl10.tar")

    def test_encoded_images_are_counted_by_the_cpu(self):
        self.write("a.tar", tar_of(four_classes(2)))
        self.compare("a.tar", raw=False)

    def test_a_saved_profile_can_be_measured_there(self):
        self.expect(0, SAMPLE, "--device", "cpu", "--quiet", "--json", "p.json")
        cuda = self.profile("p.json", "--device", "cuda", env=self.driver())
        self.assertEqual(cuda["parameters"]["device"], "cuda: class distances (CPU in place of device 0)")

    def test_the_summary_says_what_was_done_where(self):
        told = self.expect(0, SAMPLE, "--device", "cuda", env=self.driver()).text
        self.assertRegex(told, r"\n  device +cuda: raw pixels, class distances")
        self.assertNotIn("device", self.expect(0, SAMPLE, "--device", "cpu").text)

    def test_auto_leaves_a_small_set_to_the_cpu(self):
        """Not even the driver is asked: its first call would fail."""
        plain = self.profile(SAMPLE, "--device", "cpu")
        self.assertEqual(self.profile(SAMPLE, "--device", "auto", env=self.driver(fail=1)), plain)
        self.assertEqual(self.profile(SAMPLE, env=self.driver()), plain)


class Refusals(Cuda):
    def test_no_device_and_no_driver(self):
        self.refuse(2, "--device cuda: there is no CUDA device", SAMPLE, "--device", "cuda", "--json", "p.json",
                    env=self.driver(devices=0))
        self.write("libcuda.so.1", b"not a library" * 100)
        self.refuse(2, "--device cuda: there is no CUDA driver", SAMPLE, "--device", "cuda", "--json", "p.json",
                    env={"LD_LIBRARY_PATH": self.folder})

    def test_a_driver_that_is_too_old(self):
        self.refuse(2, "--device cuda: the CUDA driver .libcuda.so.1. is too old: it has no cuGetErrorName", SAMPLE, "--device",
                    "cuda", "--json", "p.json", env={"LD_LIBRARY_PATH": OLD_DRIVER})
        for at, code, told in ((1, 803, "CUDA cannot start: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH: system has unsupported "),
                               (7, 222, "CUDA cannot load the kernels: CUDA_ERROR_UNSUPPORTED_PTX_VERSION: the provided PTX "),
                               (7, 209, "CUDA cannot load the kernels: CUDA_ERROR_NO_BINARY_FOR_GPU: no kernel image ")):
            self.refuse(2, f"--device cuda: {told}", SAMPLE, "--device", "cuda", "--json", "p.json",
                        env=self.driver(fail=at, code=code))

    def test_too_little_memory(self):
        self.refuse(4, "CUDA cannot pin memory: CUDA_ERROR_OUT_OF_MEMORY: out of memory", SAMPLE, "--device", "cuda", "--json",
                    "p.json", env=self.driver(fail=13, code=2))

    def test_calls_that_fail(self):
        """In steps: tests/parity/test_cuda_device.c tries each. The last ones close what is done with."""
        codes = []
        for at in range(1, 90, 7):
            result = self.nofade(SAMPLE, "--device", "cuda", "--json", "p.json", env=self.driver(fail=at))
            codes.append(result.code)
            self.assertIn(result.code, (0, 2, 4))
            if result.code != 0:
                self.assert_sentence(result, "CUDA_ERROR_LAUNCH_FAILED")
                self.assertEqual(self.files(), [])
            else:
                os.remove(self.path("p.json"))
        self.assertLessEqual({2, 4, 0}, set(codes))


class Built(CliTest):
    def test_without_kernels_cuda_is_refused(self):
        result = self.nofade(SAMPLE, "--device", "cuda", "--json", "p.json", env={"LD_LIBRARY_PATH": DRIVER})
        if result.code == 0:
            self.skipTest("built with CUDA")
        self.assertEqual(result.code, 2)
        self.assert_sentence(result, "built without CUDA")

    def test_clang_makes_ptx_that_has_each_kernel(self):
        clang = shutil.which("clang")
        if clang is None:
            self.skipTest("clang is not installed")
        ptx = self.path("kernels.ptx")
        command = [clang, "-x", "cuda", "--cuda-device-only", "--cuda-gpu-arch=sm_75", "-nocudainc", "-nocudalib", "-O2", "-Wall",
                   "-Wextra", "-Werror", "-Wno-unknown-cuda-version", "-ffp-contract=off", "-S", "-I", SOURCE,
                   os.path.join(SOURCE, "cuda", "kernels.cu"), "-o", ptx]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        with open(ptx, encoding="ascii") as file:
            text = file.read()
        entries = {name: re.findall(r"\.param (.+?) \w+_param", body)
                   for name, body in re.findall(r"\.visible \.entry (\w+)\((.*?)\n\)", text, re.S)}
        pointer, strip = ".u64", ".align 8 .b8"
        self.assertEqual(entries, {"nf_count": [pointer] * 3, "nf_tile": [pointer, strip, pointer], "nf_row": [strip, pointer, pointer]})
        self.assertIn("atom.shared.add.u32", text)
        self.assertNotIn("fma", text, "fused operations would not give the host's bits")
        self.assemble(ptx)

    def assemble(self, ptx):
        assembler = shutil.which("ptxas") or shutil.which("ptxas", path="/usr/local/cuda/bin")
        if assembler is None:
            self.skipTest("ptxas is not installed: the PTX was made, not assembled")
        for architecture in (75, 80, 86, 89, 90):
            subprocess.run([assembler, f"-arch=sm_{architecture}", ptx, "-o", self.path("kernels.cubin")], check=True)


if __name__ == "__main__":
    unittest.main()
