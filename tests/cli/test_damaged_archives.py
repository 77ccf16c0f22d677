"""Damage: what lies outside it is counted, and the run says that there was some."""
import csv
import gzip
import io
import random
import struct
import tarfile
import unittest
import zipfile
import zlib

from support import CliTest, noise, tar_of, zip_of


def members_of_the_set():
    return {f"{'abcd'[i % 4]}/{i:02}.png": noise(i, 16 + i % 5, 40 + 50 * (i % 4)) for i in range(48)}


def runs(data, seed):
    """One per cent of the bytes replaced, in runs of up to 64 bytes."""
    source, left, data = random.Random(seed), len(data) // 100, bytearray(data)
    while left > 0:
        n = min(left, source.randrange(1, 65))
        at = source.randrange(len(data) - n)
        data[at:at + n] = bytes(source.randrange(256) for _ in range(n))
        left -= n
    return bytes(data)


def scattered(data, seed):
    """One byte in two thousand flipped, each on its own: one per cent would leave no member whole."""
    source, data = random.Random(seed), bytearray(data)
    for _ in range(max(1, len(data) // 2000)):
        data[source.randrange(len(data))] ^= 1 << source.randrange(8)
    return bytes(data)


def tar_spans(data):
    """{name: (first byte of the header, end of the data)}"""
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {info.name: (info.offset, info.offset_data + info.size) for info in tar}


def zip_spans(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: (info.header_offset,
                                info.header_offset + 30 + sum(struct.unpack("<HH", data[info.header_offset + 26:][:4])) +
                                info.compress_size) for info in archive.infolist()}


class Damaged(CliTest):
    def setUp(self):
        super().setUp()
        self.members = members_of_the_set()

    def rows(self, name):
        """{member: row} of what was read, and the exit code."""
        result = self.nofade(name, "--images", "-")
        self.assertIn(result.code, (0, 1))
        if result.code:
            self.assertRegex(result.talk, r"\A(nofade: [^\n]*[^\n.]\n){1,2}\Z")
        table = csv.DictReader(io.StringIO(result.text, newline=""))
        return {row["member"]: row for row in table if row["status"] in ("ok", "warned")}, result.code

    def hold_against(self, whole, spans, damaged, name):
        self.write("whole-" + name, whole)
        self.write(name, damaged)
        right, code = self.rows("whole-" + name)
        self.assertEqual((len(right), code), (48, 0))
        found, code = self.rows(name)
        intact = [member for member, (start, end) in spans.items() if damaged[start:end] == whole[start:end]]
        missing = [member for member in intact if member not in found]
        self.assertEqual(missing, [], f"{len(intact)} are intact")
        for member in intact:
            self.assertEqual(found[member]["entropy_bits"], right[member]["entropy_bits"])
        if len(intact) < len(spans):
            self.assertEqual(code, 1)

    def test_every_intact_member_of_a_damaged_tar_is_counted(self):
        whole = tar_of(self.members)
        for seed in range(5):
            for damage in (runs, scattered):
                with self.subTest(seed=seed, damage=damage.__name__):
                    self.hold_against(whole, tar_spans(whole), damage(whole, seed), "set.tar")

    def test_every_intact_member_of_a_damaged_zip_is_counted(self):
        for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            whole = zip_of(self.members, method)
            for seed in range(3):
                for damage in (runs, scattered):
                    with self.subTest(seed=seed, damage=damage.__name__, method=method):
                        self.hold_against(whole, zip_spans(whole), damage(whole, seed), "set.zip")

    def test_a_zip_without_its_directory_is_read_by_its_headers(self):
        whole = zip_of(self.members)
        self.write("set.zip", whole[:whole.index(b"PK\1\2")])
        profile = self.profile("set.zip", code=1)
        self.assertEqual((profile["images"]["read"], profile["images"]["failed"], profile["complete"]), (48, 0, False))

    def test_a_tar_cut_in_the_middle_keeps_what_came_before(self):
        whole = tar_of(self.members)
        spans = tar_spans(whole)
        for at in (spans["c/30.png"][0] + 100, spans["c/30.png"][1] - 1, spans["c/30.png"][0] + 513):
            self.write("set.tar", whole[:at])
            profile = self.profile("set.tar", code=1)
            complete = sum(end <= at for _, end in spans.values())
            self.assertEqual((profile["images"]["read"], profile["complete"]), (complete, False))
            self.assertLessEqual(profile["images"]["failed"], 1)

    def test_a_tar_without_an_end_marker_is_whole_with_a_warning(self):
        whole = tar_of(self.members)
        self.write("set.tar", whole[:tar_spans(whole)["d/47.png"][1] + 511 & ~511])
        profile = self.profile("set.tar")
        self.assertEqual((profile["images"]["read"], profile["complete"]), (48, True))
        self.assertRegex(profile["warnings"][0], "end marker")

    def stream_holds_at_least(self, name, compressed, inflated_before):
        """What of a solid stream comes before its damage is counted."""
        spans = tar_spans(tar_of(self.members))
        self.write(name, compressed)
        profile = self.profile(name, code=1)
        self.assertFalse(profile["complete"])
        self.assertTrue(profile["damaged"])
        least = sum(end <= inflated_before for _, end in spans.values())
        self.assertGreater(least, 5)
        self.assertGreaterEqual(profile["images"]["read"], least)
        self.assertLess(profile["images"]["read"], 48)

    def test_a_tar_gz_damaged_half_way_keeps_every_image_before_it(self):
        packed = gzip.compress(tar_of(self.members))
        half = len(packed) // 2
        before = len(zlib.decompressobj(31).decompress(packed[:half]))
        self.stream_holds_at_least("cut.tar.gz", packed[:half], before)
        broken = packed[:half] + bytes(b ^ 0x55 for b in packed[half:half + 200]) + packed[half + 200:]
        self.stream_holds_at_least("broken.tar.gz", broken, before)

    def test_other_compressions_that_are_cut_keep_what_came_before(self):
        for mode, suffix in (("w:bz2", "bz2"), ("w:xz", "xz")):
            members = {f"{'abcd'[i % 4]}/{i:03}.png": noise(i, 90) for i in range(160)}
            packed = tar_of(members, mode)
            name = "set.tar." + suffix
            self.write(name, packed[:len(packed) * 4 // 5])
            profile = self.profile(name, code=1)
            self.assertGreater(profile["images"]["read"], 60)
            self.assertFalse(profile["complete"])

    def test_only_the_check_sum_of_a_tar_gz_is_wrong(self):
        packed = gzip.compress(tar_of(self.members))
        for at in (-8, -1):
            damaged = bytearray(packed)
            damaged[at] ^= 1
            self.write("set.tar.gz", bytes(damaged))
            profile = self.profile("set.tar.gz", code=1)
            self.assertEqual((profile["images"]["read"], profile["images"]["failed"], profile["complete"]), (48, 0, False))

    def test_bytes_behind_a_gzip_stream_are_told(self):
        self.write("set.tar.gz", gzip.compress(tar_of(self.members)) + b"\0" * 700)
        self.assertEqual(self.profile("set.tar.gz")["images"]["read"], 48)
        self.write("set.tar.gz", gzip.compress(tar_of(self.members)) + gzip.compress(b"\0" * 9000))
        self.assertEqual(self.profile("set.tar.gz")["images"]["read"], 48)

    def test_two_tars_one_after_the_other_are_both_read(self):
        items = list(self.members.items())
        self.write("set.tar", tar_of(items[:24]) + tar_of(items[24:]))
        self.assertEqual(self.profile("set.tar")["images"]["read"], 48)

    def test_random_bytes_are_refused(self):
        for seed in range(6):
            data = random.Random(seed).randbytes(5000)
            for i, head in enumerate([b"", b"PK\3\4", b"\x1f\x8b\x08\0", b"BZh9", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"\x89PNG\r\n\x1a\n"]):
                self.write("noise", head + data)
                output = f"{seed}-{i}.json"
                result = self.nofade("noise", "--json", output)
                self.assertIn(result.code, (1, 3), head)
                if result.code == 3:
                    self.assert_sentence(result, "noise")
                    self.assertNotIn(output, self.files())


if __name__ == "__main__":
    unittest.main()
