"""What people see on standard output."""
import re
import unittest

from support import CliTest, bad_crc_png, four_classes, noise, tar_of


class Summary(CliTest):
    def setUp(self):
        super().setUp()
        self.write("set.tar", tar_of({**four_classes(4), "read me.txt": b"x", "few/bad.png": bad_crc_png(1)}))

    def test_it_says_what_was_read_and_what_came_of_it(self):
        told = self.expect(1, "set.tar").text
        profile = self.profile("set.tar", code=1)
        for expected in ("imagefolder", "set.tar (tar, ", "16 read, 1 failed", "txt 1", profile["definition"],
                         f"mean {profile['entropy']['mean']:.4f}", f"{profile['distances']['sum']:.6f}",
                         f"{profile['complexity']['value']:.6f}", "by chance", "damaged", "few/bad.png"):
            self.assertIn(expected, told)

    def test_it_fits_eighty_columns(self):
        for line in self.expect(1, "set.tar").text.split("\n"):
            self.assertLessEqual(len(line), 80, line)

    def test_plain_ascii_where_the_locale_is_plain(self):
        self.write("named.tar", tar_of({"K\u00e4tzchen/1.png": noise(1), "Hund\u732b/1.png": noise(2)}))
        for env in ({"LC_ALL": "C"}, {"LC_ALL": None, "LANG": "C"}, {"LC_ALL": None, "LANG": None}):
            told = self.expect(0, "named.tar", env=env)
            self.assertTrue(all(byte < 127 for byte in told.out), told.out)
            self.assertIn("K\\xc3\\xa4tzchen", told.text)
        self.assertIn("K\u00e4tzchen", self.expect(0, "named.tar").text)
        self.assertRegex(self.expect(0, "named.tar").text, "[\u2581-\u2588]")

    def test_no_colour_in_a_pipe(self):
        self.assertNotIn(b"\x1b", self.expect(1, "set.tar", env={"TERM": "xterm-256color"}).out)

    def test_colour_on_a_terminal_unless_no_color(self):
        self.assertIn(b"\x1b[1m", self.terminal("set.tar"))
        for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            self.assertNotRegex(self.terminal("set.tar", env=env), rb"\x1b\[[\d;]*m")

    def test_the_terminal_shows_the_same_words(self):
        shown = re.sub(rb"\r|\x1b\[[\d;]*[mK]", b"", self.terminal("set.tar"))
        for line in self.expect(1, "set.tar").out.split(b"\n"):
            self.assertIn(line, shown)

    def test_quiet_shows_nothing_but_errors(self):
        result = self.expect(1, "set.tar", "--quiet")
        self.assertEqual(result.out, b"")
        self.assert_sentence(result, "1 image failed")

    def test_splits_that_are_not_counted_are_told(self):
        self.write("split.tar", tar_of({**four_classes(2, "train/"), **four_classes(1, "test/")}))
        told = self.expect(0, "split.tar").text
        self.assertRegex(told, r"not counted +test 4 +\(--split chooses\)")
        self.assertIn("split: train", told)

    def test_numbers_do_not_follow_the_locale(self):
        self.assertEqual(self.expect(1, "set.tar", env={"LC_ALL": "de_DE.UTF-8"}).text.count(","),
                         self.expect(1, "set.tar", env={"LC_ALL": "C"}).text.count(","))

    def test_no_image_read_has_no_figures(self):
        self.write("bad.tar", tar_of({"a/1.png": bad_crc_png(1)}))
        told = self.expect(1, "bad.tar").text
        self.assertIn("no image was read", told)
        self.assertNotIn("nan", told)


if __name__ == "__main__":
    unittest.main()
