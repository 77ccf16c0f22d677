"""Every row of the exit table, and every way to say it wrong."""
import os
import re
import subprocess
import unittest

from support import BINARY, CliTest, HANG_S, bad_crc_png, environment, four_classes, gradient, noise, tar_of


class ExitCodes(CliTest):
    def test_0_when_every_image_was_read(self):
        self.write("set.tar", tar_of(four_classes(1)))
        result = self.expect(0, "set.tar")
        self.assertEqual(result.err, b"")
        self.assertIn("4 read, 0 failed", result.text)

    def test_1_when_an_image_failed_and_results_are_written(self):
        self.write("set.tar", tar_of({"a/1.png": noise(1), "a/2.png": bad_crc_png(2)}))
        result = self.expect(1, "set.tar", "--json", "p.json")
        self.assert_sentence(result, "1 image failed")
        self.assertIn("1 read, 1 failed", result.text)
        self.assertIn("p.json", self.files())

    def test_max_bad_allows_so_many_failures(self):
        self.write("set.tar", tar_of({"a/1.png": noise(1), "a/2.png": bad_crc_png(2), "a/3.png": bad_crc_png(3)}))
        self.expect(0, "set.tar", "--max-bad", "2")
        self.expect(1, "set.tar", "--max-bad", "1")

    def test_1_when_every_image_failed_whatever_max_bad(self):
        self.write("set.tar", tar_of({"a/1.png": bad_crc_png(1)}))
        self.expect(1, "set.tar", "--max-bad", "9")

    def test_1_when_damaged_after_the_first_image_whatever_max_bad(self):
        whole = tar_of({f"a/{i}.png": noise(i) for i in range(9)})
        self.write("set.tar", whole[:len(whole) // 3])
        result = self.expect(1, "set.tar", "--max-bad", "9", "--json", "p.json")
        self.assert_sentence(result, "not read whole")

    def test_2_without_a_path(self):
        self.refuse(2, "needs a PATH")

    def test_2_for_an_unknown_option_with_a_suggestion(self):
        self.refuse(2, r"unknown option --splt \(did you mean --split\?\)", "--splt", "all", "x.tar")
        self.refuse(2, "unknown option --nothing-like-it;", "--nothing-like-it", "x.tar")
        self.refuse(2, "unknown option -x", "-x", "x.tar")
        self.refuse(2, "unknown option --" + "y" * 70, "--" + "y" * 70, "x.tar")

    def test_2_for_a_missing_empty_or_needless_value(self):
        self.refuse(2, r"--json needs a value \(FILE\)", "x.tar", "--json")
        self.refuse(2, "--json .*must not be empty", "x.tar", "--json", "")
        self.refuse(2, "--quiet takes no value", "x.tar", "--quiet=yes")

    def test_2_for_an_option_where_a_value_is_missing(self):
        self.write("set.tar", tar_of(four_classes(1)))
        self.refuse(2, r"--json needs a value \(FILE\), and --quiet is an option", "--json", "--quiet", "set.tar")
        self.refuse(2, "--split needs a value .* -- is an option", "--split", "--", "set.tar")
        self.expect(0, "set.tar", "--json=--quiet")
        self.assertIn("--quiet", self.files())

    def test_2_for_a_name_that_is_given_twice(self):
        self.write("set.tar", tar_of(four_classes(1)))
        for option, first, second in (("--json", "a.json", "b.json"), ("--include", "a/*", "b/*"), ("--split", "all", "all")):
            with self.subTest(option=option):
                self.refuse(2, f"{option} is given twice", "set.tar", option, first, f"{option}={second}")
        self.expect(0, "set.tar", "--quiet", "--quiet")
        twice = self.profile("set.tar", "--bins", "16", "--jsd-base", "e", "--bins", "32", "--jsd-base", "2")
        self.assertEqual((twice["parameters"]["bins"], twice["parameters"]["jsd_base"]), (32, "2"))

    def test_2_for_an_option_without_the_one_that_it_goes_with(self):
        self.write("set.tar", tar_of(four_classes(1)))
        for option, other in (("--no-figures", "--report"), ("--thumbnails=1M", "--report"), ("--plot-format=svg", "--plots"),
                              ("--seed=2", "--sample or --until-ci")):
            with self.subTest(option=option):
                self.refuse(2, f"{option.partition('=')[0]} (needs|goes with) {other}", "set.tar", option)

    def test_2_for_an_empty_argument(self):
        self.write("set.tar", tar_of(four_classes(1)))
        self.refuse(2, "argument 4 is empty", "set.tar", "")  # behind --threads 2

    def test_2_for_numbers_that_are_none_or_out_of_range(self):
        for option, value in (("--bins", "many"), ("--bins", "63"), ("--bins", "0"), ("--bins", "1024"), ("--limit", "-1"),
                              ("--limit", "0"), ("--threads", "0"), ("--max-bad", "1.5"), ("--max-pixels", "1e6"),
                              ("--null", "99999999999999999999"), ("--batch-bytes", "12Q"), ("--label-memory", "1K"),
                              ("--threads", " 2"), ("--threads", "0x2")):
            with self.subTest(option=option, value=value):
                self.refuse(2, f"{option} .?{re.escape(value)}.* must be", "x.tar", option, value)

    def test_2_for_words_that_are_no_choice(self):
        for option in ("--as", "--grey", "--class-distribution", "--jsd-base", "--sum-log", "--entropy-unit", "--on-error",
                       "--task", "--labels-level", "--device"):
            with self.subTest(option=option):
                self.refuse(2, f"{option} .?nonsense.* must be one of", "x.tar", option, "nonsense")

    def test_a_value_may_follow_an_equals_sign(self):
        self.write("set.tar", tar_of(four_classes(1)))
        self.assertEqual(self.profile("set.tar", "--bins=32")["parameters"]["bins"], 32)

    def test_paths_may_begin_with_a_dash_after_two_dashes(self):
        self.write("--odd.tar", tar_of(four_classes(1)))
        self.expect(0, "--", "--odd.tar")

    def test_2_for_two_outputs_to_one_file_also_by_two_names(self):
        self.write("set.tar", tar_of(four_classes(1)))
        self.write("old.out", b"")
        os.symlink("old.out", self.path("link.out"))
        for first, second in (("a.out", "a.out"), ("-", "-"), ("a.out", "./a.out"), ("old.out", "link.out")):
            with self.subTest(first=first, second=second):
                self.refuse(2, "two outputs", "set.tar", "--json", first, "--images", second)
        self.expect(0, "set.tar", "--json", "/dev/null", "--images", "/dev/null")

    def test_2_for_an_output_onto_its_own_input(self):
        before = tar_of(four_classes(1))
        self.write("set.tar", before)
        os.link(self.path("set.tar"), self.path("same.tar"))
        for output in ("set.tar", "./set.tar", "same.tar"):
            self.refuse(2, "would be written over", "set.tar", "--json", output)
        self.assertEqual(self.read("set.tar"), before)

    def test_2_for_an_output_onto_a_file_that_an_input_directory_holds(self):
        self.write_tree("set", {"deep/a.tar": tar_of(four_classes(1)), "b.png": noise(1)})
        os.symlink("set", self.path("linked"))
        before = self.read("set/deep/a.tar"), self.read("set/b.png")
        for folder, output in (("set", "set/deep/a.tar"), ("set/", "./set/b.png"), (".", "set/b.png"), ("set", "linked/b.png"),
                               ("linked", "set/deep/a.tar")):
            with self.subTest(folder=folder, output=output):
                self.refuse(2, r"would be written over", folder, "--json", output)
                self.refuse(2, r"would be written over", folder, "--quality", output)
        self.assertEqual((self.read("set/deep/a.tar"), self.read("set/b.png")), before)
        for _ in range(2):  # results may lie there, and be made anew
            self.expect(0, "set", "--json", "set/p.json", "--images", "set/images.csv", "--histogram", "set/h.csv")
        self.expect(0, "set/deep", "--json", "set/new.out")

    def test_2_for_an_output_onto_the_labels_or_the_manifest(self):
        self.write("set.tar", tar_of(four_classes(1)))
        self.write("labels.csv", "member,class\nflat/0.png,x\n")
        self.refuse(2, "labels.csv would be written over", "set.tar", "--labels", "labels.csv", "--images", "./labels.csv")
        self.write("own.json", "{}")
        self.refuse(2, "own.json would be written over", "set.tar", "--manifest", "own.json", "--json", "own.json")

    def test_3_for_what_cannot_be_opened(self):
        self.refuse(3, "missing.tar: cannot open: No such file", "missing.tar", "--json", "p.json")
        self.refuse(3, "missing/deep.tar: cannot open", "missing/deep.tar")

    def test_3_for_what_is_no_dataset(self):
        self.write("empty", b"")
        self.write("text", b"just words\n" * 50)
        os.mkdir(self.path("nothing"))
        self.write("readme/README.md", b"no image here\n")
        self.refuse(3, "empty: is empty", "empty", "--json", "p.json", "--images", "i.csv")
        self.refuse(3, "text: .*no image", "text")
        self.refuse(3, "nothing: .*no image", "nothing")
        self.refuse(3, r"readme: .*no image.*md 1", "readme")
        self.refuse(3, "empty", "-", stdin=b"")

    def test_3_when_damaged_before_the_first_image(self):
        whole = tar_of({"readme.txt": b"x" * 4000, "a/1.png": noise(1)})
        self.write("set.tar", whole[:1500])
        self.refuse(3, "damaged before its first image", "set.tar", "--json", "p.json")

    def test_4_when_an_output_cannot_be_written(self):
        self.write("set.tar", tar_of(four_classes(1)))
        os.mkdir(self.path("taken"))
        self.refuse(4, "cannot write no/such/p.json: No such file", "set.tar", "--json", "no/such/p.json")
        self.refuse(4, "cannot write taken: Is a directory", "set.tar", "--matrix", "taken")
        for option in ("--json", "--images", "--histogram", "--matrix"):
            self.refuse(4, "cannot write /dev/full: No space left", "set.tar", option, "/dev/full")

    def test_4_when_standard_output_cannot_be_written(self):
        self.write("set.tar", tar_of(four_classes(1)))
        for extra in ([], ["--json", "-"], ["--images", "-"]):
            with open("/dev/full", "wb") as full:
                done = subprocess.run(self.arguments(["set.tar", *extra]), stdout=full, stderr=subprocess.PIPE,
                                      cwd=self.folder, env=environment(), check=False)
            self.assert_sentence(self.check(done.returncode, b"", done.stderr), "No space left")
            self.assertEqual(done.returncode, 4)

    def test_4_with_one_sentence_for_a_closed_pipe(self):
        self.write("set.tar", tar_of(four_classes(1)))
        for extra in ([], ["--json", "-"], ["--matrix", "-"]):
            reading, writing = os.pipe()
            os.close(reading)
            done = subprocess.run(self.arguments(["set.tar", *extra]), stdout=writing, stderr=subprocess.PIPE,
                                  cwd=self.folder, env=environment(), check=False)
            os.close(writing)
            self.assert_sentence(self.check(done.returncode, b"", done.stderr), "Broken pipe")
            self.assertEqual(done.returncode, 4)

    def test_outputs_are_refused_before_the_long_work(self):
        reading, writing = os.pipe()  # nothing ever comes: only an early refusal ends
        done = subprocess.run(self.arguments(["-", "--json", "no/such/p.json"]), stdin=reading, capture_output=True,
                              timeout=HANG_S, cwd=self.folder, env=environment(), check=False)
        os.close(reading)
        os.close(writing)
        self.assertEqual(done.returncode, 4)

    def test_an_earlier_output_stays_when_the_run_fails(self):
        self.write("p.json", b"what was there")
        self.refuse(3, "cannot open", "missing.tar", "--json", "p.json")
        self.assertEqual(self.read("p.json"), b"what was there")


class Front(CliTest):
    def front(self, *args):
        done = subprocess.run([BINARY, *args], capture_output=True, timeout=HANG_S, env=environment(), check=False)
        return self.check(done.returncode, done.stdout, done.stderr)

    def test_help_and_version_go_to_standard_output(self):
        for args in (["--help"], ["-h"], ["help"], ["dataset", "--help"], ["dataset", "-h"], ["--version"]):
            result = self.front(*args)
            self.assertEqual((result.code, result.err), (0, b""), args)
            self.assertGreater(len(result.out), 5)
        self.assertRegex(self.front("--version").text, r"\Anofade \d+\.\d+\.\d+\n\Z")

    def test_help_of_a_command_is_had_in_three_ways(self):
        told = self.front("score", "--help").text
        self.assertEqual([self.front("help", "score").text, self.front("--help", "score").text], [told, told])
        self.assertEqual(self.front("--help", "scroe").code, 2)

    def test_an_option_before_the_command_is_called_one(self):
        for args, pattern in ((["--versio"], r'unknown option "--versio" \(did you mean --version\?\); a command comes first'),
                              (["-V"], 'unknown option "-V"'), (["--quiet", "dataset", "x"], 'unknown option "--quiet"')):
            result = self.front(*args)
            self.assertEqual((result.code, result.out), (2, b""), args)
            self.assert_sentence(result, pattern)

    def test_letters_take_one_dash_and_words_two(self):
        for args, pattern in ((["models", "--o", "x"], r"unknown option --o \(did you mean -o\?\)"), (["score", "-ox"], "option -ox")):
            result = self.front(*args)
            self.assertEqual((result.code, result.out), (2, b""), args)
            self.assert_sentence(result, pattern)

    def test_3_for_a_folder_where_a_file_is_meant(self):
        for args in (["score", self.folder], ["report", "-o", "-", self.folder],
                     ["score", "--dataset", "mnist", "--profile", self.folder], ["dataset", "--labels", self.folder, self.folder]):
            with self.subTest(args=args):
                result = self.front(*args)
                self.assertEqual((result.code, result.out), (3, b""))
                self.assert_sentence(result, "cannot read .*: Is a directory")

    def test_help_of_every_command_fits_eighty_columns(self):
        top = self.front("--help").text
        commands = re.findall(r"^  ([a-z]+)(?: |$)", top.partition("Commands\n")[2].partition("\n\n")[0], re.MULTILINE)
        self.assertGreaterEqual(set(commands), {"dataset", "datasets", "verify"})
        for told in [top, *(self.front(command, "--help").text for command in commands)]:
            for line in told.split("\n"):
                self.assertLessEqual(len(line), 80, line)

    def test_without_a_command_the_usage_goes_to_standard_error(self):
        result = self.front()
        self.assertEqual((result.code, result.out), (2, b""))
        self.assertIn("Commands", result.talk)

    def test_an_unknown_command_is_named_and_escaped(self):
        result = self.front("data\x1b[31mset\n")
        self.assertEqual(result.code, 2)
        self.assert_sentence(result, r"unknown command \"data\\x1b\[31mset\\x0a\"")

    def test_every_option_is_in_the_help(self):
        told = self.front("dataset", "--help").text
        for option in ("as", "name", "task", "split", "labels", "labels-level", "label-memory", "subset", "include", "exclude",
                       "limit", "grey", "class-distribution", "bins", "jsd-base", "sum-log", "null", "entropy-unit", "json",
                       "images", "matrix", "histogram", "quiet", "on-error", "max-bad", "max-pixels", "threads",
                       "batch-bytes", "device"):
            self.assertRegex(told, rf"\n  --{option}\b")
        self.assertLessEqual(max(len(line) for line in told.split("\n")), 132)


class Names(CliTest):
    def test_hostile_names_never_reach_the_terminal_raw(self):
        name = "a\x1b]0;x\x07\n\xff"
        result = self.nofade(name)
        self.assertEqual(result.code, 3)
        self.assert_sentence(result, r"a\\x1b\]0;x\\x07\\x0a")

    def test_a_tar_whose_first_name_begins_with_a_brace_is_no_profile(self):
        self.write("set.tar", tar_of({"{a}/1.png": noise(1), "{\"b\"/2.png": gradient(1)}))
        self.assertEqual(self.profile("set.tar")["images"]["read"], 2)


if __name__ == "__main__":
    unittest.main()
