#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Tests of the parts of tools/front: test_front.py NINJA runs them."""

import io
import os
import pty
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

from checkout import ROOT, Checkout, ended, executable, wait_for

sys.path.insert(0, str(ROOT / "tools/front"))
import main
import needs
import steps
import suite
from suite import Count

NINJA = None


class Learning(unittest.TestCase):
    """Which command of learn it is, and in which folder."""

    def test_command_and_folder(self):
        for words, expected in (
            ("", ("watch", ".")),
            ("--manual", ("watch", ".")),
            ("watch 02", ("watch", ".")),
            ("--dir a run 02", ("run", "a")),
            ("--dir=a list", ("list", "a")),
            ("run --dir a", ("run", "a")),
            # no value of an option is a command
            ("--dir list", ("watch", "list")),
            ("--drift run hint 02", ("hint", ".")),
        ):
            self.assertEqual(main.learning(words.split()), expected, words)


class Counts(unittest.TestCase):
    """What a stage counts in what its programs say."""

    def test_junit(self):
        self.assertEqual(suite.count_junit(
            "<testsuites><testsuite name='a'><testcase/>"
            "<testcase><failure/></testcase><system-out>x</system-out>"
            "</testsuite><testsuite><testcase><error>e</error></testcase>"
            "<testcase><skipped/></testcase><testcase>"
            "<system-out>y</system-out></testcase></testsuite>"
            "</testsuites>"), Count(2, 2, 1))

    def test_cargo(self):
        text = """\
     Running unittests src/lib.rs (target/debug/deps/a-1)

running 3 tests
test a ... ok
test b ... FAILED
test c ... ignored

test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out

running 1 test
..
test result: ok. 20 passed; 0 failed; 0 ignored; 0 measured; 7 filtered out
"""
        self.assertEqual(suite.count_cargo(text), Count(21, 1, 1))
        # a program that died in its tests came to no result
        crash = "\nrunning 2 tests\nerror: test failed, to rerun ...\n"
        self.assertEqual(suite.count_cargo(text + crash), Count(21, 2, 1))
        self.assertEqual(suite.count_cargo(crash + text), Count(21, 2, 1))

    def test_python(self):
        for text, count in (
            ("Ran 4 tests in 0.1s\n\nOK\n", Count(4)),
            ("Ran 1 test in 0.1s\n\nOK (skipped=1)\n", Count(0, 0, 1)),
            ("Ran 9 tests in 0.1s\n\nFAILED (failures=1, errors=2, "
             "skipped=3)\n", Count(3, 3, 3)),
            ("Ran 4 tests in 1s\n\nOK\nRan 2 tests in 1s\n\nFAILED "
             "(errors=1)\n", Count(5, 1)),
        ):
            self.assertEqual(suite.count_python(text), count, text)

    def test_the_exit_code_counts_too(self):
        with tempfile.TemporaryDirectory() as folder:
            job = steps.Job(Path(folder) / "log",
                            steps.Show("", io.StringIO()))
            for kind in ("one", "meson", "cargo", "python"):
                self.assertEqual(suite.counted(kind, job, 0), Count(1))
                self.assertEqual(suite.counted(kind, job, 1), Count(0, 1))
                self.assertEqual(suite.counted(kind, job, 77), Count(0, 0, 1))
            # all passed, and then it crashed
            job.write("running 1 test\ntest result: ok. 1 passed; 0 failed\n")
            self.assertEqual(suite.counted("cargo", job, -11), Count(1, 1))
            # a report that was cut short
            job.results = Path(folder) / "junit.xml"
            job.results.write_text("<testsuites><testcase/>")
            self.assertEqual(suite.counted("meson", job, 1), Count(0, 1))

    def test_versions(self):
        self.assertEqual(needs.first_number("a b\nbgzip (htslib) 1.16\n2.0"),
                         "1.16")
        for version, least, enough in (
            ("1.85", "1.85", True), ("1.100.0", "1.85", True),
            ("1.84.9", "1.85", False), ("3.9.2", "3.11", False),
            ("4", "3.11", True),
        ):
            self.assertIs(needs.at_least(version, least), enough, version)


class NoTurns:
    """Nobody else is there."""

    class build:
        release = staticmethod(lambda: None)


class Stages(unittest.TestCase):
    """What ./x test does with stages that end in all ways."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="front-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_all(self, *stages, beside=()):
        out = io.StringIO()
        well = suite.run_all(stages, NoTurns, out, self.folder, beside)
        return well, out.getvalue()

    GOOD = ("good", "one", lambda job: job.run("true"))

    def test_all_is_well(self):
        well, said = self.run_all(self.GOOD, self.GOOD)
        self.assertTrue(well)
        self.assertIn("good              1 passed     0 failed     0 s\n", said)
        self.assertTrue(said.endswith("Took 0 min 0 s.\n2 passed, 0 failed\n"))

    def bad(self, function, *words):
        """A stage that fails: it says so, and the next one runs."""
        well, said = self.run_all(("bad", "one", function), self.GOOD)
        self.assertFalse(well)
        for text in ("Failed: bad\n", "1 passed, 1 failed\n",
                     f"    All of it: {self.folder}/test-bad.log\n", *words):
            self.assertIn(text, said)

    def test_one_that_fails(self):
        self.bad(lambda job: job.run("sh", "-c", "echo why; exit 3"),
                 "    why\n")

    def test_one_whose_program_crashes(self):
        self.bad(lambda job: job.run("sh", "-c", "kill -SEGV $$"),
                 "sh: ended by SIGSEGV")

    def test_one_whose_program_is_not_there(self):
        self.bad(lambda job: job.run("/nonexistent/program"), "nonexistent")

    def test_one_that_is_broken_itself(self):
        self.bad(lambda job: job.nothing, "this stage is broken itself",
                 "AttributeError")

    def test_one_that_cannot_be_built(self):
        self.bad(lambda job: job.step("build", lambda j: j.run("false")),
                 "build failed")

    def test_one_that_is_not_run(self):
        def function(job):
            raise suite.NotRun("there is no clang")
        well, said = self.run_all(("cannot", "one", function))
        self.assertTrue(well)
        self.assertIn("    0 passed     0 failed     1 skipped", said)
        self.assertIn("    not run: there is no clang\n", said)
        self.assertTrue(said.endswith("0 passed, 0 failed, 1 skipped\n"))

    def test_one_of_which_a_part_is_not_run(self):
        """Each line that says so is shown, though all that ran went well."""
        def function(job):
            job.write("not run: on a: get a\nx\nnot run: on b\n"
                      "Ran 3 tests in 1s\n\nOK (skipped=2)\n")
            return True
        well, said = self.run_all(("part", "python", function), self.GOOD)
        self.assertTrue(well)
        self.assertIn("    1 passed     0 failed     2 skipped", said)
        self.assertIn("    not run: on a: get a\n    not run: on b\n", said)
        self.assertNotIn("    x\n", said)
        self.assertTrue(said.endswith("2 passed, 0 failed, 2 skipped\n"))

    def test_one_that_fails_says_the_end_of_its_log_once(self):
        well, said = self.run_all(("bad", "one", lambda job: job.run(
            "sh", "-c", "echo 'not run: on a'; exit 1")))
        self.assertFalse(well)
        self.assertEqual(said.count("not run: on a"), 1)

    def test_one_that_is_unknown(self):
        stages = [self.GOOD]
        self.assertEqual(suite.chosen(stages, []), stages)
        with self.assertRaisesRegex(steps.Stopped, "no stage b; .* are: good"):
            suite.chosen(stages, ["good", "b"])

    def test_one_that_is_interrupted(self):
        def function(job):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(5)
        out = io.StringIO()
        with self.assertRaises(KeyboardInterrupt):
            suite.run_all([("slow", "one", function)], NoTurns, out,
                          self.folder)
        self.assertIn("slow           interrupted after 0 s\n", out.getvalue())

    def test_one_beside_others(self):
        """It runs at the same time, and its lines stand together."""
        met = self.folder / "met"

        def here(job):
            return job.run("sh", "-c", f"""for i in 1 2 3 4 5 6 7 8 9 10; do
                test -e {met} && exit 0; sleep 0.2; done; exit 1""")
        well, said = self.run_all(
            ("aside", "one", lambda job: job.run(
                "sh", "-c", f"nice; touch {met}; sleep 0.5; "
                "echo 'not run: on a'")),
            ("here", "one", here), self.GOOD, beside=["aside"])
        self.assertTrue(well, said)
        self.assertRegex(said, r"(?m)^aside  .* 1 passed     0 failed .*\n"
                               r"    not run: on a$")
        self.assertTrue(said.endswith("3 passed, 0 failed\n"))
        log = (self.folder / "test-aside.log").read_text(encoding="utf-8")
        self.assertEqual(int(log.split()[0]), os.nice(0) + 5)

    def test_one_beside_others_that_fails(self):
        """Whichever ends first, both failures are reported."""
        for wait in ("true", "sleep 0.5"):
            well, said = self.run_all(
                ("aside", "one", lambda job, wait=wait: job.run(
                    "sh", "-c", f"{wait}; echo why; exit 3")),
                ("bad", "one", lambda job: job.nothing), self.GOOD,
                beside=["aside"])
            self.assertFalse(well)
            self.assertRegex(said, "Failed: .*aside")
            self.assertRegex(said, "Failed: .*bad")
            for text in ("    why\n", "1 passed, 2 failed\n"):
                self.assertIn(text, said)

    def test_all_beside_others(self):
        """There is nothing to be beside of."""
        well, said = self.run_all(self.GOOD, beside=["good"])
        self.assertTrue(well)
        self.assertTrue(said.endswith("1 passed, 0 failed\n"))

    def test_one_beside_others_ends_if_they_are_interrupted(self):
        def here(job):
            while not (self.folder / "pid").exists():
                time.sleep(0.05)
            raise KeyboardInterrupt
        with self.assertRaises(KeyboardInterrupt):
            self.run_all(("aside", "one", lambda job: job.run(
                "sh", "-c", f"echo $$ >{self.folder}/new; "
                f"mv {self.folder}/new {self.folder}/pid; exec sleep 60")),
                ("here", "one", here), beside=["aside"])
        pid = int((self.folder / "pid").read_text(encoding="utf-8"))
        with self.assertRaises(ProcessLookupError):
            os.kill(pid, 0)

    def test_a_log_that_cannot_be_written(self):
        (self.folder / "test-good.log").mkdir()
        with self.assertRaisesRegex(steps.Stopped, "cannot write .*good.log"):
            self.run_all(self.GOOD)

    def test_an_older_report_is_not_counted(self):
        logs = self.folder / "meson-logs"
        logs.mkdir()
        (logs / "testlog.junit.xml").write_text(
            "<a><testcase/><testcase/></a>")
        executable(self.folder / "bin/meson", "#!/bin/sh\nexit 1\n")
        path = os.environ["PATH"]
        os.environ["PATH"] = f"{self.folder}/bin:{path}"
        self.addCleanup(os.environ.__setitem__, "PATH", path)
        said = self.run_all(("meson", "meson", lambda job: suite.Stages(
            NoTurns).meson_test(job, self.folder)))[1]
        self.assertIn("\n0 passed, 1 failed\n", said)


class CargoC(unittest.TestCase):
    """Which cargo-c is used, and which is built where there is none."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="front-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        for patch in (mock.patch.object(needs, "CARGO_C", self.folder / "own"),
                      mock.patch.dict(os.environ,
                                      PATH=f"{self.folder}/bin:/bin")):
            patch.start()
            self.addCleanup(patch.stop)

    def test_its_version_is_one_that_rustc_builds(self):
        for rustc, version in (("1.85.0", "0.10.13"), ("1.94.1", "0.10.13"),
                               ("1.95.0", "0.10.24"), ("1.102.0", "0.10.24")):
            executable(self.folder / "bin/rustc",
                       f"#!/bin/sh\necho 'rustc {rustc} (a)'\n")
            self.assertIn(f"={version}", needs.build_cargo_c())

    def test_without_it_its_stage_is_not_run_and_says_what_builds_it(self):
        with self.assertRaises(steps.NotRun) as caught:
            suite.Stages(NoTurns).cargo_c(None)
        said = str(caught.exception)
        self.assertIn("./x cargo-c builds it", said)
        self.assertIn(f"--locked --root {self.folder}/own", said)

    def test_the_systems_is_used_and_else_our_own(self):
        self.assertIsNone(needs.find_cargo_c())
        for folder in ("own/bin", "bin"):
            executable(self.folder / folder / "cargo-cinstall",
                       "#!/bin/sh\necho 'cargo-c 99.1+cargo-0.9'\n")
            self.assertEqual(needs.find_cargo_c(),
                             str(self.folder / folder))
            self.assertEqual(needs.version_of("cargo-c"), "99.1")


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Shows(unittest.TestCase):
    """A step that takes a while shows that something happens."""

    def test_how_far_it_is(self):
        for text, far in (
            ("[1/9] Compiling C object a.o\n[3/9] Linking b\n", "3 of 9"),
            ("[1/9] x\n   Compiling syn v2.0.1\n", "Compiling syn"),
            ("  7/158 csrc - ferrule:io   OK   0.5s\nnote\n", "7 of 158"),
            ("158/158 csrc - ferrule:io   OK   0.5s\n", "158 of 158"),
            ("Collecting meson==1.12.1\n", "Collecting meson==1.12.1"),
            ("Setting up zlib1g-dev (1:1.2)\n", "Setting up zlib1g-dev"),
            ("nothing of the sort\n", ""), ("", ""),
        ):
            self.assertEqual(steps.progress(text), far, text)

    def test_elsewhere_a_line_now_and_then(self):
        out = io.StringIO()
        show = steps.Show("build ...  ", out, every=0)
        show.tick(lambda: "3 of 9")
        show.tick(lambda: "")
        show.end("  1 s")
        self.assertEqual(out.getvalue(), "build ...  \n"
                         "    build ... 3 of 9, 0 s\n    build ... 0 s\n"
                         "build ...    1 s\n")

    def test_nothing_between_if_it_is_fast(self):
        out = io.StringIO()
        show = steps.Show("build ...  ", out)
        show.tick(lambda: self.fail("not asked"))
        show.end("  0 s")
        self.assertEqual(out.getvalue(), "build ...    0 s\n")

    def test_on_a_terminal_one_line_that_moves(self):
        out = Terminal()
        show = steps.Show("build ...  ", out)
        show.every = 0
        show.tick(lambda: "3 of 9")
        show.end(" 1 s")
        self.assertEqual(out.getvalue(), "build ...  \rbuild ...   3 of 9, 0 s"
                         "\rbuild ...   1 s        \n")
        before = os.environ.get("TERM", "")
        self.addCleanup(os.environ.__setitem__, "TERM", before)
        os.environ["TERM"] = "dumb"
        self.assertFalse(steps.Show("", Terminal()).moving)

    def test_a_job_ticks_while_it_runs(self):
        out = io.StringIO()
        with tempfile.TemporaryDirectory() as folder:
            job = steps.Job(Path(folder) / "log",
                            steps.Show("build ...", out, every=0))
            self.assertTrue(job.run("sh", "-c", "echo '[2/4] a'; sleep 0.6"))
        self.assertIn("    build ... 2 of 4, 0 s\n", out.getvalue())


class ThroughX(unittest.TestCase):
    """The same, through the real x among its stand-ins."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="frontdoor-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.at = Checkout(self.folder, NINJA)

    def on_a_terminal(self, *args, **env):
        """All that x writes to a terminal."""
        ours, its = pty.openpty()
        process = subprocess.Popen(
            [self.at.root / "x", *args], stdin=its, stdout=its, stderr=its,
            env={**self.at.env, **env})
        os.close(its)
        said = b""
        while True:
            try:
                said += os.read(ours, 65536)
            except OSError:  # it has ended
                break
        os.close(ours)
        self.assertEqual(process.wait(), 0, said)
        return said.decode()

    def test_a_build_on_a_terminal_moves(self):
        self.at.x("compare")
        (self.at.stand_in / "link-first").write_text("sleep 1.2")
        self.at.change(2)
        said = self.on_a_terminal("compare", NO_COLOR="1")
        self.assertRegex(said, r"\rbuild \.\.\. +[^\r]*\d s *\rbuild \.\.\.")
        self.assertNotIn("\x1b", said)

    def test_a_build_elsewhere_stays_one_line(self):
        code, said, _ = self.at.x("compare")
        self.assertEqual(code, 0, said)
        self.assertRegex(said, r"(?m)^build \.\.\. +\d s$")
        self.assertNotIn("\r", said)
        self.assertNotIn("\x1b", said)

    def test_a_stage_that_is_unknown_is_said_before_anything_is_done(self):
        code, said, _ = self.at.x("test", "meson", "nothing")
        self.assertEqual(code, 2, said)
        self.assertIn("x: there is no stage nothing; there are: meson", said)
        self.assertFalse((self.at.root / "build").exists())

    def test_a_stage_that_fails(self):
        self.at.x("compare")
        meson = self.at.root / ".tools/venv/bin/meson"
        meson.write_text(meson.read_text().replace(
            "<testcase/>", "<testcase><failure/></testcase>", 1).replace(
            "meson-logs/testlog.junit.xml\" ;;",
            "meson-logs/testlog.junit.xml\"; exit 1 ;;"))
        code, said, _ = self.at.x("test", "meson")
        self.assertEqual(code, 1, said)
        self.assertIn("    2 passed     1 failed", said)
        self.assertIn("Failed: meson\n", said)

    def stopped_by(self, number, code, *words):
        """x test is stopped in a stage: what it runs is stopped too."""
        self.at.x("test", "meson")
        (self.at.root / "source").write_text(
            f"#!/bin/sh\necho $$ >{self.folder}/pid\nexec sleep 30\n"
            "exit # ")
        tests = self.at.start("test", "meson")
        wait_for((self.folder / "pid").exists)
        tests.send_signal(number)
        self.assertEqual((got := ended(tests))[0], code, got)
        for text in words:
            self.assertIn(text, got[1])
        pid = int((self.folder / "pid").read_text())
        os.kill(pid, signal.SIGKILL)  # meson would: the stand-in does not

    def test_interrupted(self):
        self.stopped_by(signal.SIGINT, 130, "meson          interrupted after",
                        "x: interrupted")

    def test_terminated(self):
        self.stopped_by(signal.SIGTERM, 143, "stopped")

    def test_no_python_at_all(self):
        (self.at.bin / "python3").unlink()
        code, said, _ = self.at.x("compare")
        self.assertEqual(code, 2, said)
        self.assertIn("Python 3.11 or later is needed; python3 is not there",
                      said)
        code, said, _ = self.at.x("doctor")
        self.assertEqual(code, 1, said)
        self.assertRegex(said, r"python3 +MISSING +python3 \(3.11 or later\)")
        self.assertEqual(self.at.x("help")[0], 0)

    def test_python_is_installed_where_it_may_be(self):
        python = self.at.bin / "python3"
        python.rename(self.folder / "python3")
        executable(self.at.bin / "apt-get", '#!/bin/sh\ncase $* in\n'
                   f'*install*python3*) cp "{self.folder}/python3" '
                   f'"{python}" ;;\nesac\n')
        executable(self.at.bin / "sudo", '#!/bin/sh\nshift\nexec "$@"\n')
        code, said, _ = self.at.x("clauses")
        self.assertIn("Installing Debian packages: python3 python3-venv", said)
        self.assertTrue(python.exists())

    def test_what_compare_is_given_is_passed_on_as_it_is(self):
        (self.at.root / "source").write_text(
            '#!/bin/sh\nshift 5\nprintf "<%s>" "$@"\necho\n')
        given = ["--json", "a b", "--lane=x", "--", "-f"]
        code, said, _ = self.at.x("compare", *given)
        self.assertEqual(code, 0, said)
        self.assertIn("".join(f"<{word}>" for word in given) + "\n", said)


if __name__ == "__main__":
    NINJA = sys.argv.pop(1)
    unittest.main()
