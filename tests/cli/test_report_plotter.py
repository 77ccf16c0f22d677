"""`nofade report` and a gnuplot that does not do what it should: nothing of it is left behind, nothing that is no figure is kept."""
import contextlib
import os
import shutil
import signal
import subprocess
import time
import unittest

from support import BINARY, HANG_S, CliTest, environment, four_classes, tar_of
from test_report import needs_gnuplot

REAL = shutil.which("gnuplot")


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class Plotter(CliTest):
    def arguments(self, args):
        return [BINARY, *args]

    def setUp(self):
        super().setUp()
        self.write("a.tar", tar_of(four_classes()))
        self.expect(0, "dataset", "a.tar", "--name", "own", "--json", "a.json", "--quiet")

    def plotter(self, script):
        """The environment in which gnuplot is this shell script."""
        os.chmod(self.path(self.write("bin/gnuplot", "#!/bin/sh\n" + script)), 0o755)
        return environment({"PATH": self.path("bin") + ":/usr/bin:/bin"})

    def test_one_that_hangs_ends_with_us(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
            env = self.plotter(f"echo $$ >'{self.path('pid.part')}'\nmv '{self.path('pid.part')}' '{self.path('pid')}'\nexec sleep 1000\n")
            end = time.monotonic() + HANG_S
            command = [BINARY, "report", "-o", "r.html", "a.json", "--plots", "p"]
            with subprocess.Popen(command, cwd=self.path("."), env=env, start_new_session=True, stderr=subprocess.DEVNULL) as run:
                while not os.path.exists(self.path("pid")) and run.poll() is None and time.monotonic() < end:
                    time.sleep(0.01)
                pid = int(self.read("pid"))
                self.assertTrue(is_running(pid))
                run.send_signal(number)
                run.wait(HANG_S)
            while is_running(pid) and time.monotonic() < end:
                time.sleep(0.01)
            left = is_running(pid)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            self.assertFalse(left, number)
            self.assertFalse(os.path.exists(self.path("r.html")))
            os.remove(self.path("pid"))

    def refuse_plots(self, script, pattern, formats):
        result = self.expect(4, "report", "-o", "r.html", "a.json", "--plots", "p", "--plot-format", formats, "--quiet",
                             env=self.plotter(script))
        self.assert_sentence(result, pattern)
        self.assertFalse(os.path.exists(self.path("r.html")))
        pictures = os.listdir(self.path("p")) if os.path.exists(self.path("p")) else []
        self.assertEqual([name for name in pictures if not name.endswith((".csv", ".svg"))], [])

    def test_what_is_no_svg_with_its_marks_is_refused(self):
        for text in ("", "rubbish", "<html><p>page</p></html>", "<svg></svg>"):
            self.refuse_plots(f"cat >/dev/null; echo '{text}'\n", "figure entropy: gnuplot's SVG", "svg")
        self.assertFalse(os.path.exists(self.path("p/entropy.svg")))

    @needs_gnuplot
    def test_a_picture_that_is_cut_or_none_is_refused(self):
        for formats, terminal in (("png", "pngcairo"), ("pdf", "pdfcairo")):
            for command in ("true", "echo rubbish", f"'{REAL}' --default-settings script | head -c 1000"):
                script = f"cat >script\nif grep -q {terminal} script; then {command}; else exec '{REAL}' --default-settings script; fi\n"
                self.refuse_plots(script, f"figure entropy: gnuplot wrote no whole {formats.upper()}", formats)


if __name__ == "__main__":
    unittest.main()
