"""What terminals show: lines as wide as they are, characters as wide as they are drawn, colour that can be left out."""
import contextlib
import json
import os
import pty
import re
import select
import subprocess
import termios
import time
import unicodedata
import unittest

from support import BINARY, CliTest, HANG_S, bad_crc_png, constant, environment, four_classes, noise, tar_of

ESCAPE = re.compile(r"\x1b\[[\d;]*[mK]")
WIDTHS = (60, 80, 120)
CAT, DOTTED, DEVANAGARI = "\u732b\u306e\u5199\u771f", "Ka\u0308tzchen", "\u092c\u093f\u0932\u094d\u0932\u0940"
WIDE_NAMES = [CAT, DOTTED, "\U0001f600 faces", "\uff21\uff22\uff23", "\ud55c\uad6d\uc5b4", "plain"]
# A model table: long names, wide names, several datasets.
TABLE = ("model,variant,dataset,accuracy_pct,gmacs,energy_kwh,source\n" +
         "".join(f"{name}{' long' * (4 * i)},v{i},imagenet,{70 + i}.5,{i + 1}.25,{100 * (i + 1)},{'where it is said; ' * 12}\n"
                 for i, name in enumerate(WIDE_NAMES)))


def columns(text):
    """By the Unicode data of Python, which shares nothing with libc's."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.category(c) in ("Mn", "Me") for c in text)


def lines_of(shown):
    """What stands on the screen in the end: no colour, and of a line that was taken back only its last form."""
    return [ESCAPE.sub("", line.split("\r")[-1]) for line in shown.decode("utf-8").split("\n")]


class TerminalTest(CliTest):
    def arguments(self, args):
        return [BINARY, *args]

    def setUp(self):
        super().setUp()
        members = {**four_classes(3), "few/bad.png": bad_crc_png(1), "few/" + "long" * 40 + "/x.png": b"\x89PNG\r\n\x1a\n"}
        members.update({f"{name}/{i}.png": noise(40 * n + i, 12) for n, name in enumerate(WIDE_NAMES) for i in range(3)})
        members.update({f"{name}/copy.png": noise(1) for name in WIDE_NAMES})
        members.update({f"{'name' * 12}{i}/{i}.png": noise(i) for i in range(3)})
        members["read/me.txt"] = b"x"
        self.write("set.tar", tar_of(members))
        self.write("deep/" * 12 + "constant/1.png", constant())
        self.write_tree("flat", {f"{i}{CAT}.png": noise(i) for i in range(8)})
        self.write("t.csv", TABLE)
        names = [[f"n{i:08}", f"{CAT} {'a name ' * 30}"] for i in range(3)]
        self.write("own.json", json.dumps({
            "schema": 1, "id": "own", "title": "Ours " + "in many words " * 12, "task": "classification", "labels": "one",
            "homepage": "https://example.org/" + "long/" * 30,
            "archives": [{"name": "set.tar", "bytes": 1, "md5": "0" * 32, "sha256": "0" * 64, "source": "said " * 40}],
            "splits": [{"name": "train", "images": 12, "source": "said " * 40}],
            "classes": {"count": 3, "source": "counted", "list": names}, "loader": "layout",
            "layout": {"images": [{"path": "{class}/{key}.png", "split": "train"}]},
        }))
        self.commands = [
            (1, "dataset", "set.tar"), (1, "dataset", "--entropy-unit", "nat", "--grey", "luma", "set.tar"),
            (0, "dataset", "--limit", "7", "--name", "own " * 30, "set.tar"),
            (1, "dataset", "--split", "all", "--name", CAT, "set.tar", "deep"),
            (0, "dataset", "flat"), (0, "dataset", "--sample", "0.5", "flat"),
            (0, "score", "t.csv"), (0, "score", "t.csv", "--stability", "--frontier", "--complexity", "imagenet=11.9"),
            (0, "score", "t.csv", "--by", "sam"), (0, "score", "t.csv", "--stats"),
            (0, "score", "--dataset", "imagenet", "--stability", "--frontier", "--complexity", "imagnet=3"),
            (0, "models"), (0, "models", "--dataset", "coco"), (0, "datasets"), (0, "datasets", "imagenet"),
            (0, "datasets", "--manifest", "own.json"), (0, "datasets", "--manifest", "own.json", "own"),
            (0, "explain", "resnet50", "--region", "Germany"), (0, "explain", CAT, "t.csv"),
            (1, "verify", "--manifest", "own.json", "--as", "own", "--deep", "set.tar"),
        ]


class Widths(TerminalTest):
    def assert_fits(self, lines, width, command):
        for line in lines:
            if line.startswith("nofade"):  # a sentence is one line, so that it can be searched for
                continue
            self.assertLessEqual(columns(line), width, (command, line))
            self.assertEqual(line, line.rstrip(" "), command)
            self.assertNotRegex(line, r"[\x00-\x1f\x7f-\x9f\ufffd]")

    def test_no_line_is_wider_than_the_terminal(self):
        for code, *command in self.commands:
            for width in WIDTHS:
                with self.subTest(command=command, width=width):
                    self.assert_fits(lines_of(self.terminal(*command, columns=width, code=code)), width, command)

    def test_from_60_columns_down_and_120_up_nothing_changes(self):
        for narrow, wide in ((60, 20), (120, 1000)):
            self.assertEqual(lines_of(self.terminal("score", "t.csv", columns=narrow)),
                             lines_of(self.terminal("score", "t.csv", columns=wide)))

    def test_without_a_size_there_are_80(self):
        self.assertEqual(lines_of(self.terminal("score", "t.csv", columns=0)), lines_of(self.terminal("score", "t.csv", columns=80)))

    def test_a_pipe_gets_80_where_no_single_word_is_longer(self):
        for code, *command in self.commands:
            for line in self.expect(code, *command).text.split("\n"):
                if len(max(line.split(), key=len, default="")) < 48:
                    self.assertLessEqual(columns(line), 80, (command, line))

    def test_a_path_is_whole_in_a_pipe_and_in_parts_on_a_terminal(self):
        path = "deep/" * 12
        self.write(path + "more/" * 20 + "x.png", noise(1))
        self.assertIn(path + "more/" * 20, self.expect(0, "dataset", path + "more/" * 20).text)
        shown = "".join(line.strip() for line in lines_of(self.terminal("dataset", path + "more/" * 20, columns=60)))
        self.assertIn(path + "more/" * 20, shown)

    def test_a_checksum_is_whole_on_a_narrow_terminal(self):
        lines = lines_of(self.terminal("datasets", "cifar10", columns=60))
        self.assertRegex("".join(line.strip() for line in lines), r"sha256 +[0-9a-f]{64}")

    def test_columns_stand_under_each_other_whatever_the_names(self):
        for width in WIDTHS:
            lines = lines_of(self.terminal("dataset", "set.tar", columns=width))
            rows = [line for line in lines if re.search(r" \d  +\d\.\d{4} +(\d\.\d{4}|-)", line)]
            self.assertGreaterEqual(len(rows), 8, lines)
            ends = {columns(re.match(r".* \d  +\d\.\d{4} ", row).group()) for row in rows}
            self.assertEqual(len(ends), 1, rows)
            lines = lines_of(self.terminal("score", "t.csv", columns=width))
            ends = {columns(line[:re.search(r" \d\d\.50 ", line).end()]) for line in lines if re.match(r" +\d+ ", line)}
            self.assertEqual(len(ends), 1, lines)

    def test_long_names_are_cut_with_a_mark(self):
        lines = lines_of(self.terminal("score", "t.csv", columns=60))
        self.assertTrue(any(re.match(r" +\d .{8,}\u2026 ", line) for line in lines), lines)
        self.assertTrue(any(re.match(r" +\d .{8,}~ ", line) for line in lines_of(self.terminal("score", "t.csv", columns=60,
                                                                                             env={"LC_ALL": "C"}))), lines)

    def test_a_thousand_classes_are_told_by_their_ends(self):
        members = {f"class {i:04}/{i}.png": noise(i, 6, 4 + i % 200) for i in range(1000)}
        self.write("many.tar", tar_of(members))
        lines = lines_of(self.terminal("dataset", "many.tar", "--null", "0", columns=60, code=0))
        self.assert_fits(lines, 60, "many.tar")
        self.assertIn("  ... 990 more ...", lines)
        self.assertLess(len(lines), 60)


class Names(TerminalTest):
    def shown_as(self, name, env=None):
        self.write_tree("names", {f"{name}/1.png": noise(1), "other/2.png": noise(2, 16, 3)})
        return lines_of(self.terminal("dataset", "names", env=env, code=0))

    def test_what_would_steer_the_terminal_is_shown_as_text(self):
        for name, told in (("\x1b[31mred", r"\x1b[31mred"), ("a\rb", r"a\x0db"), ("a\nb", r"a\x0ab"), ("a\u009bb", r"a\xc2\x9bb"),
                           ("a\u202eb", r"a\xe2\x80\xaeb"), ("a\u2067b", r"a\xe2\x81\xa7b"), ("a\u061cb", r"a\xd8\x9cb"),
                           ("a\u00adb", r"a\xc2\xadb"), ("a\U000e0041b", r"a\xf3\xa0\x81\x81b"), ("\u0301a", r"\xcc\x81a")):
            with self.subTest(name=name):
                self.assertTrue(any(line.startswith("  " + told + " ") for line in self.shown_as(name)), self.shown_as(name))

    def test_letters_and_their_marks_are_shown(self):
        for name in (*WIDE_NAMES, DEVANAGARI, "\u05e9\u05dc\u05d5\u05dd", "\u0645\u0631\u062d\u0628\u0627"):
            self.assertTrue(any(line.startswith(f"  {name} ") for line in self.shown_as(name)), name)

    def test_a_heap_of_marks_is_not(self):
        told = "\n".join(self.shown_as("a" + "\u0301" * 40))
        self.assertIn("a" + "\u0301" * 4 + "\\xcc\\x81", told)
        self.assertNotIn("\u0301" * 5, told)


class Plain(TerminalTest):
    def test_a_pipe_gets_no_escape_codes(self):
        for code, *command in self.commands:
            result = self.expect(code, *command, env={"TERM": "xterm-256color"})
            self.assertNotIn(b"\x1b", result.out + result.err, command)

    def test_no_color_and_a_dumb_terminal_get_no_colour(self):
        for code, *command in self.commands:
            for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
                shown = self.terminal(*command, env=env, code=code)
                self.assertNotRegex(shown, rb"\x1b\[[\d;]*m", command)
        self.assertNotIn(b"\x1b", self.terminal("dataset", "set.tar", env={"TERM": "dumb"}))

    def test_an_empty_no_color_is_none(self):
        self.assertIn(b"\x1b[1m", self.terminal("score", "t.csv", env={"NO_COLOR": ""}))

    def test_ascii_only_where_the_locale_is_plain(self):
        for code, *command in self.commands:
            shown = self.terminal(*command, env={"LC_ALL": "C"}, code=code)
            self.assertTrue(all(byte < 127 for byte in shown), command)

    def test_utf8_of_a_locale_that_is_not_installed_is_believed(self):
        for env in ({"LC_ALL": "xx_XX.UTF-8"}, {"LC_ALL": None, "LANG": "xx_XX.utf8"}, {"LC_ALL": "", "LC_CTYPE": "xx_XX.UTF-8"}):
            self.assertIn(CAT, self.expect(1, "dataset", "set.tar", env=env).text)
        for env in ({"LC_ALL": "xx_XX"}, {"LC_ALL": "C", "LANG": "xx_XX.UTF-8"}):
            self.assertNotIn(CAT, self.expect(1, "dataset", "set.tar", env=env).text)


class Colour(TerminalTest):
    FAULT, STRONG = rb"\x1b\[1;31m%s\x1b\[0m", rb"\x1b\[1m%s\x1b\[0m"

    def test_failures_differences_the_frontier_and_the_result_stand_out(self):
        self.assertRegex(self.terminal("dataset", "set.tar"), self.FAULT % rb"2 failed")
        self.assertRegex(self.terminal("dataset", "set.tar"), rb"Complexity\x1b\[0m\n  " + self.STRONG % rb"\d+\.\d{6}")
        self.assertRegex(self.terminal("dataset", "set.tar", "--limit", "3"), self.FAULT % b"INCOMPLETE")
        self.assertRegex(self.terminal("score", "t.csv"), self.STRONG % rb"\*\+")
        self.assertRegex(self.terminal("verify", "--manifest", "own.json", "--as", "own", "set.tar"), self.FAULT % b"DIFFERS")

    def test_none_failed_is_not_coloured(self):
        self.write("good.tar", tar_of(four_classes(2)))
        self.assertIn(b"8 read, 0 failed\n", self.terminal("dataset", "good.tar", code=0))

    def test_a_table_that_goes_to_a_file_has_none(self):
        self.terminal("score", "t.csv", "-o", "ranks.txt", code=0)
        self.assertNotIn(b"\x1b", self.read("ranks.txt"))

    def test_colour_is_always_ended(self):
        for _, *command in self.commands:
            codes = re.findall(rb"\x1b\[[\d;]*m", self.terminal(*command))
            self.assertEqual(len(codes) % 2, 0, command)
            self.assertNotIn(b"\x1b[0m", codes[0::2], command)
            self.assertEqual({*codes[1::2]} - {b"\x1b[0m"}, set(), command)


class Progress(CliTest):
    @contextlib.contextmanager
    def reading(self, **env):
        """A run that reads a pipe, its standard error a terminal: (run, the terminal's two ends)."""
        try:
            master, slave = pty.openpty()
        except OSError as fault:
            self.skipTest(f"no pseudo-terminal here: {fault}")
        run = subprocess.Popen([BINARY, "dataset", "--batch-bytes", "1K", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                               stderr=slave, cwd=self.folder, env=environment({"TERM": "xterm", **env}))
        try:
            yield run, master, slave
        finally:
            if run.poll() is None:
                run.kill()
            run.stdin.close()
            run.wait()
            os.close(slave)
            os.close(master)

    def feed_until_shown(self, run, master, numbers):
        """Gives images until the terminal shows something; what it shows."""
        end = time.monotonic() + HANG_S
        while time.monotonic() < end:
            i = next(numbers)
            run.stdin.write(tar_of({f"a/{i}.png": noise(i, 24)})[:2 * 512 + 512 * (len(noise(i, 24)) // 512)])
            run.stdin.flush()
            if select.select([master], [], [], 0.05)[0]:
                return os.read(master, 65536).decode()
        self.fail("no progress was shown")

    def test_it_is_as_wide_as_the_terminal_is_now_and_is_taken_back(self):
        with self.reading() as (run, master, slave):
            numbers = iter(range(100000))
            for width in (100, 40, 12, 60):
                termios.tcsetwinsize(slave, (50, width))
                self.feed_until_shown(run, master, numbers)  # may have been measured before
                shown = self.feed_until_shown(run, master, numbers)
                for line in ESCAPE.sub("", shown).split("\r"):
                    self.assertLess(len(line), width, line)
                self.assertIn("images", shown)
            run.stdin.write(bytes(1024))
            run.stdin.close()
            run.wait(HANG_S)
            self.assertTrue(os.read(master, 65536).endswith(b"\r\x1b[K"))

    def test_a_dumb_terminal_gets_none(self):
        with self.reading(TERM="dumb") as (run, master, _):
            run.stdin.write(tar_of({f"a/{i}.png": noise(i, 24) for i in range(200)}))
            run.stdin.close()
            self.assertEqual(run.wait(HANG_S), 0)
            self.assertEqual(select.select([master], [], [], 0)[0], [])


class Commands(CliTest):
    def arguments(self, args):
        return [BINARY, *args]

    def test_an_unknown_command_is_told_with_near_ones(self):
        for typed, near in (("datset", "dataset"), ("Dataset", "dataset"), ("modles", "models"), ("verfy", "verify"), ("rank", "")):
            told = f"did you mean {near}[a-z, ]*\\?" if near else 'unknown command "rank"; nofade --help'
            self.refuse(2, told, typed)

    def test_a_path_instead_of_a_command_is_known_as_one(self):
        self.write("photos.zip", b"")
        self.refuse(2, '"photos.zip" is a path, no command; nofade dataset PATH reads it', "photos.zip")

    def test_a_hostile_command_is_shown_as_text(self):
        self.refuse(2, r"\\x1b\[31m", "\x1b[31m")

    def test_help_of_a_command_is_its_help(self):
        for command in ("dataset", "score", "verify", "models", "explain", "datasets"):
            self.assertEqual(self.expect(0, "help", command).out, self.expect(0, command, "--help").out)
        self.assertEqual(self.expect(0, "help").out, self.expect(0, "--help").out)
        self.refuse(2, "did you mean models", "help", "modles")


if __name__ == "__main__":
    unittest.main()
