"""Bad images: each is counted, named and passed by; every other image still counts."""
import io
import json
import os
import struct
import subprocess
import tarfile
import unittest
import zipfile
import zlib

from support import (BINARY, SANITIZED, CliTest, bad_crc_png, chunk, constant, environment, four_classes, jpeg,
                     needs_pillow, noise, tar_link, tar_of, zip_of)

GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"


def huge_png():
    head = struct.pack(">IIBBBBB", 60000, 60000, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


class BadImages(CliTest):
    def failures_of(self, bad, **options):
        """{member: code} of the bad members among good ones, the same in a tar, a zip and a folder."""
        members = {**four_classes(1), **bad}
        self.write("set.tar", tar_of(members))
        self.write("set.zip", zip_of(members))
        self.write_tree("folder", members)
        found = []
        for name in ("set.tar", "set.zip", "folder"):
            profile = self.profile(name, code=1, **options)
            self.assertEqual((profile["images"]["read"], profile["complete"]), (4, True), name)
            self.assertEqual(profile["images"]["failed"], len(bad))
            found.append({item["member"]: item["code"] for item in profile["failures"]})
        self.assertEqual(found[0], found[1])
        self.assertEqual(found[0], found[2])
        return found[0]

    def test_each_is_named_by_what_is_wrong(self):
        whole = noise(5, 64)
        bad = {
            "few/empty.jpg": (b"", "empty"),
            "few/gif.jpg": (GIF, "unsupported-kind"),
            "few/text.png": (b"this is no image\n", "not-an-image"),
            "few/crc.png": (bad_crc_png(1), "damaged"),
            "few/huge.png": (huge_png(), "too-many-pixels"),
            "few/cut.png": (whole[:len(whole) // 2], "cut-short"),
            "few/signature.png": (whole[:8], "cut-short"),
            "few/gif.gif": (GIF, "unsupported-kind"),
        }
        codes = self.failures_of({name: data for name, (data, _) in bad.items()})
        self.assertEqual(codes, {name: code for name, (_, code) in bad.items()})

    @needs_pillow
    def test_jpegs_that_are_cut_or_not_decodable(self):
        whole = jpeg(1, 64)
        codes = self.failures_of({"few/half.jpg": whole[:len(whole) // 2], "few/head.jpg": whole[:4],
                                  "few/no_tables.jpg": whole[:2] + whole[whole.index(b"\xff\xc0"):]})
        self.assertEqual(codes["few/half.jpg"], "cut-short")
        self.assertEqual(set(codes), {"few/half.jpg", "few/head.jpg", "few/no_tables.jpg"})

    def test_content_counts_and_not_the_name(self):
        self.write("set.tar", tar_of({"a/picture": noise(1), "a/picture.txt": noise(2), "a/notes.text": b"words",
                                      "a/wrong.jpg": noise(3)}))
        profile = self.profile("set.tar")
        self.assertEqual((profile["images"]["read"], profile["images"]["passed_over"]), (3, {"text": 1}))

    def test_too_many_pixels_is_told_from_the_header(self):
        self.write("set.tar", tar_of({"a/1.png": constant(side=100), "a/2.png": constant(side=10)}))
        profile = self.profile("set.tar", "--max-pixels", "9999", code=1)
        self.assertEqual([(item["member"], item["code"]) for item in profile["failures"]], [("a/1.png", "too-many-pixels")])
        self.assertEqual(self.profile("set.tar", "--max-pixels", "10000")["images"]["read"], 2)

    def test_on_error_stop_ends_at_the_first(self):
        members = {"a/0.png": noise(1), "a/1.png": bad_crc_png(1), **{f"a/{i}.png": noise(i) for i in range(2, 90)},
                   "a/read_ahead.txt": b"words"}
        self.write("set.tar", tar_of(members))
        profile = self.profile("set.tar", "--on-error", "stop", "--max-bad", "5", code=1)
        self.assertEqual((profile["images"]["read"], profile["images"]["failed"], profile["complete"]), (1, 1, False))
        self.assertRegex(profile["why_incomplete"], "on-error stop")
        self.assertEqual(profile["images"]["passed_over"], {})

    def test_more_than_a_thousand_failures_are_counted_and_the_first_listed(self):
        self.write("set.tar", tar_of([("a/ok.png", constant())] + [(f"a/{i:04}.png", b"no") for i in range(1500)]))
        profile = self.profile("set.tar", code=1)
        self.assertEqual((profile["images"]["failed"], len(profile["failures"])), (1500, 1000))
        self.assertEqual([item["member"] for item in profile["failures"]], [f"a/{i:04}.png" for i in range(1000)])
        told = self.expect(1, "set.tar")
        self.assertIn("1,500 failed", told.text)
        self.assertIn("and 1,490 more", told.text)


class Members(CliTest):
    def test_a_member_stored_twice_counts_once(self):
        members = [("a/1.png", noise(1)), ("a/2.png", noise(2)), ("a/1.png", noise(3)), ("./a/2.png", noise(4))]
        for name, data in (("set.tar", tar_of(members)), ("set.zip", zip_of(members[:3]))):
            self.write(name, data)
            profile = self.profile(name, code=1)
            self.assertEqual(profile["images"]["read"], 2)
            self.assertEqual({item["code"] for item in profile["failures"]}, {"repeated-member"})
        self.assertEqual(self.profile("set.tar", code=1)["images"]["failed"], 2)

    def test_a_damaged_member_of_a_zip_is_said_to_be_so_also_where_it_comes_twice(self):
        members = [("a/1.png", noise(1)), ("a/2.png", noise(2)), ("a/2.png", noise(3)), ("b/4.png", noise(4))]
        for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            whole = bytearray(zip_of(members, method))
            with zipfile.ZipFile(io.BytesIO(bytes(whole))) as archive:
                twice, last = (archive.infolist()[i].header_offset for i in (2, 3))
            whole[twice + 30 + 7 + 60] ^= 0x10
            whole[last + 30 + 7 + 60] ^= 0x10
            self.write("set.zip", bytes(whole))
            for threads in ("1", "3"):
                profile = self.profile("set.zip", "--threads", threads, code=1)
                self.assertEqual(profile["images"]["read"], 2)
                self.assertEqual([(item["member"], item["code"]) for item in profile["failures"]],
                                 [("a/2.png", "damaged"), ("b/4.png", "damaged")])
                if method == zipfile.ZIP_STORED:
                    self.assertEqual(profile["failures"][1]["reason"], "the check sum of the data is wrong")

    def test_parents_in_a_path_are_refused_and_absolute_paths_taken_as_relative(self):
        members = {"a/1.png": noise(1), "../a/2.png": noise(2), "a/../../3.png": noise(3), "/a/4.png": noise(4),
                   "a/5../6.png": noise(6), "../readme.txt": b"x"}
        for name, data in (("set.tar", tar_of(members)), ("set.zip", zip_of(members))):
            self.write(name, data)
            profile = self.profile(name, code=1)
            self.assertEqual({item["member"]: item["code"] for item in profile["failures"]},
                             {"../a/2.png": "unsafe-path", "a/../../3.png": "unsafe-path"})
            self.assertEqual((profile["images"]["read"], profile["images"]["passed_over"]), (3, {"txt": 1}))

    def test_links_and_devices_in_a_tar_are_counted_and_not_followed(self):
        self.write("set.tar", tar_of([("a/1.png", noise(1)), tar_link("a/2.png", "1.png", tarfile.SYMTYPE),
                                      tar_link("a/3.png", "a/1.png", tarfile.LNKTYPE),
                                      tar_link("a/4.png", "", tarfile.FIFOTYPE), tar_link("a/5.png", "", tarfile.CHRTYPE)]))
        profile = self.profile("set.tar")
        self.assertEqual((profile["images"]["read"], profile["images"]["passed_over"]), (1, {"link": 2, "special": 2}))

    def test_what_systems_leave_behind_is_passed_over(self):
        self.write("set.tar", tar_of({"a/1.png": noise(1), "__MACOSX/a/._1.png": b"x", "a/.hidden.png": b"x",
                                      ".git/2.png": noise(2)}))
        self.assertEqual(self.profile("set.tar")["images"]["passed_over"], {"dot-file": 2, "macosx": 1})

    def test_a_hundred_kinds_are_named_up_to_the_bound(self):
        members = {f"a/x.kind{i}": b"text" for i in range(100)}
        self.write("set.tar", tar_of({"a/0.other": b"text", **members, "a/1.png": noise(1)}))
        self.expect(0, "set.tar", "--json", "p.json")
        passed_over = self.profile("p.json")["images"]["passed_over"]
        self.assertEqual(sum(passed_over.values()), 101)
        self.assertLessEqual(len(passed_over), 64)
        self.assertGreater(passed_over["other"], 1)


class Bombs(CliTest):
    def peak_kib_and_profile(self, name, code):
        """The run's largest resident set."""
        with open(self.path("out.json"), "wb") as out:
            run = subprocess.Popen([BINARY, "dataset", name, "--json", "-", "--quiet", "--threads", "2"], stdout=out,
                                   stderr=subprocess.DEVNULL, cwd=self.folder, env=environment())
            _, status, usage = os.wait4(run.pid, 0)
            run.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(run.returncode, code)
        return usage.ru_maxrss, json.loads(self.read("out.json"))

    @staticmethod
    def deflated(head, zeros_16m):
        """A member's data: head, then so many times 16 MiB of zeros; a full flush lets the same bytes stand again."""
        packer, block = zlib.compressobj(9, zlib.DEFLATED, -15), b"\0" * (16 << 20)
        first = packer.compress(head + block) + packer.flush(zlib.Z_FULL_FLUSH)
        again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
        return first + again * (zeros_16m - 1) + packer.flush()

    @staticmethod
    def zip_of_deflated(members):
        """members: (name, deflated data, size, crc)."""
        local, central = b"", b""
        for name, data, size, crc in members:
            size = min(size, 0xffffffff - 1)
            fields = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, crc, len(data), size, len(name), 0)
            central += b"PK\1\2" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, len(local)) + name
            local += b"PK\3\4" + fields + name + data
        end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(central), len(local), 0)
        return local + central + b"PK\5\6" + end

    def test_a_zip_bomb_stays_small(self):
        zeros, png = self.deflated(b"", 640), noise(1)
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        self.write("set.zip", self.zip_of_deflated([
            (b"a/bomb.png", zeros, 10 << 30, 0), (b"a/bomb.txt", zeros, 10 << 30, 0),
            (b"a/1.png", packer.compress(png) + packer.flush(), len(png), zlib.crc32(png))]))
        peak_kib, profile = self.peak_kib_and_profile("set.zip", 1)
        self.assertEqual(profile["images"]["read"], 1)
        self.assertEqual([item["code"] for item in profile["failures"]], ["not-an-image"])
        self.assertLess(peak_kib, (300 if SANITIZED else 150) << 10)

    def test_a_bomb_behind_a_png_signature_is_not_kept(self):
        self.write("set.zip", self.zip_of_deflated([(b"a/bomb.png", self.deflated(noise(1)[:-12], 20), 320 << 20, 0)]))
        peak_kib, profile = self.peak_kib_and_profile("set.zip", 1)
        self.assertEqual([item["code"] for item in profile["failures"]], ["too-large"])
        self.assertLess(peak_kib, (800 if SANITIZED else 400) << 10)

    def test_archives_nested_too_deep_are_files(self):
        inner = tar_of({"a/1.png": noise(1)})
        for depth in range(9):
            inner = tar_of({f"level{depth}.tar": inner, f"a/{depth}.png": noise(10 + depth)})
        self.write("deep.tar", inner)
        profile = self.profile("deep.tar")
        self.assertIn(profile["images"]["read"], (4, 5))
        self.assertEqual(sum(profile["images"]["passed_over"].values()), 1)

    def test_gzip_over_gzip_over_gzip_ends(self):
        data = b"text"
        for _ in range(50):
            data = zlib.compress(data, 9, 31)
        self.write("deep.gz", data)
        self.refuse(3, "no image", "deep.gz")


if __name__ == "__main__":
    unittest.main()
