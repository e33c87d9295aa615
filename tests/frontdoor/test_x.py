#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Tests of the front door, `x`: test_x.py NINJA runs them."""

import contextlib
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from checkout import (Checkout, alive, as_nobody, ended, executable, python,
                      wait_for)

NINJA = None

# Keeps something in its home, as Cargo does.
CARGO_KEEPS = """#!/bin/sh
case $1 in
--version) echo 'cargo 99.1' ;;
*) mkdir -p "${CARGO_HOME:-$HOME/.cargo}/registry" ;;
esac
"""


class Front(unittest.TestCase):
    """A fresh checkout for each test; `built` has been compared in once."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="frontdoor-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.folder.chmod(0o755)
        self.at = Checkout(self.folder, NINJA)

    def build(self):
        self.good(self.at.x("compare"))

    def nobody(self):
        """What starts x without the rights of root, as owner of all here."""
        before = as_nobody()
        if before is None:
            self.skipTest("not run: root cannot become another user here")
        self.at.env["PYTHON"] = python(before)
        if self.at.env["PYTHON"] is None:
            self.skipTest("not run: no Python that another user may run")
        if before:
            for path in [self.folder, *self.folder.rglob("*")]:
                os.chown(path, 65534, 65534, follow_symlinks=False)
        return before

    def good(self, result, version=1):
        """It ran the whole driver, as it is in this version."""
        code, said = result[:2]
        self.assertEqual(code, 0, said)
        self.assertIn(f"ferrule: version {version}\ndone\n", said)
        self.assertIn("The report is at ", said)


@contextlib.contextmanager
def read_only(folder):
    """Nobody writes to `folder` meanwhile, root apart."""
    paths = [p for p in [folder, *folder.rglob("*")] if not p.is_symlink()]
    modes = {path: path.stat().st_mode for path in paths}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


class Turns(Front):
    """The builds of one checkout take turns."""

    def test_two_compare_at_once_after_a_change(self):
        self.build()
        for version in (2, 3):
            self.at.change(version)
            both = [self.at.start("compare") for _ in range(2)]
            for process in both:
                self.good(ended(process), version)
        self.assertEqual(os.listdir(self.at.root / "build/driver"),
                         ["ferrule"])

    def test_test_and_compare_at_once(self):
        self.build()
        self.at.x("test", "meson")
        self.at.change(2)
        tests = self.at.start("test", "meson")
        wait_for(lambda: (self.at.root / ".tools/log/test-meson.log").exists()
                 and "done" in (self.at.root / ".tools/log/test-meson.log")
                 .read_text())
        self.at.change(3)
        self.good(self.at.x("compare"), 3)
        code, said = ended(tests)
        self.assertEqual(code, 0, said)
        self.assertIn("3 passed", said)

    def test_two_first_times_at_once_set_up_once(self):
        both = [self.at.start("compare") for _ in range(2)]
        for process in both:
            self.good(ended(process))
        self.assertEqual(self.at.calls("venv"), 1)

    def test_who_waits_says_so(self):
        self.build()
        linking, go = self.at.stand_in / "linking", self.at.stand_in / "go"
        (self.at.stand_in / "link-first").write_text(
            f"touch {linking}; n=0; while [ ! -e {go} ] && [ $n -lt 200 ]; "
            "do n=$((n + 1)); sleep 0.1; done")
        self.at.change(2)
        first = self.at.start("compare")
        wait_for(linking.exists)
        clean = self.at.start("clean")
        said = ""
        if select.select([clean.stdout], [], [], 15)[0]:
            said = clean.stdout.readline()
        go.touch()
        self.assertIn("waiting for another ./x", said)
        self.good(ended(first), 2)
        self.assertEqual(ended(clean)[0], 0)
        self.assertFalse((self.at.root / "build").exists())

    def test_a_killed_one_keeps_nobody_waiting(self):
        self.build()
        (self.at.stand_in / "link-first").write_text(
            'echo $$ >"$STAND_IN/pid"; sleep 20')
        self.at.change(2)
        first = self.at.start("compare")
        wait_for((self.at.stand_in / "pid").exists)
        first.send_signal(signal.SIGKILL)
        linker = int((self.at.stand_in / "pid").read_text())
        wait_for(lambda: not alive(linker))
        (self.at.stand_in / "link-first").unlink()
        first.communicate()
        code, said, seconds = self.at.x("compare")
        self.good((code, said), 2)
        self.assertLess(seconds, 5)
        self.assertNotIn("waiting", said)

    def test_what_a_build_leaves_running_keeps_nobody_waiting(self):
        pid = self.at.stand_in / "pid"
        (self.at.stand_in / "link-first").write_text(
            f"sleep 20 </dev/null >/dev/null 2>&1 & echo $! >{pid}")
        self.build()
        self.addCleanup(lambda: os.kill(int(pid.read_text()), signal.SIGKILL))
        self.assertTrue(alive(int(pid.read_text())))
        (self.at.stand_in / "link-first").unlink()
        self.at.change(2)
        code, said, seconds = self.at.x("compare")
        self.good((code, said), 2)
        self.assertLess(seconds, 5)

    def test_the_lock_is_not_what_the_caller_has_open(self):
        self.build()
        with open(self.at.root / "source", encoding="utf-8") as other:
            fcntl = ["sh", "-c", 'exec 9<&0 && exec "$@"', "sh"]
            held = subprocess.run(
                [*fcntl, "flock", "-n", "-x", "9"], stdin=other, check=False)
            self.assertEqual(held.returncode, 0)
            self.good(self.at.x("compare", before=fcntl))


class Surroundings(Front):
    """What x is not told, or is told wrongly, by its environment."""

    def without(self, *names, **told):
        env = {k: v for k, v in self.at.env.items() if k not in names}
        return {**env, **told}

    def test_nothing_but_a_path(self):
        self.good(self.at.x("compare", env=self.without("HOME")))
        for command in ("doctor", "help", "clean"):
            _, said, _ = self.at.x(command, env=self.without("HOME"))
            self.assertNotIn("parameter not set", said)

    def test_without_cargo_the_rust_help(self):
        (self.at.bin / "cargo").unlink()
        for env in (self.without("HOME"), self.without(HOME=""),
                    self.without(HOME="/nonexistent"),
                    self.without("HOME", CARGO_HOME="/nonexistent")):
            for command in ("compare", "test", "book", "drift"):
                code, said, _ = self.at.x(command, env=env)
                self.assertEqual(code, 2, said)
                self.assertIn("there is no cargo", said)
                self.assertIn("https://rustup.rs", said)
                self.assertNotIn("parameter not set", said)
            code, said, _ = self.at.x("doctor", env=env)
            self.assertEqual(code, 1, said)
            self.assertRegex(said, "cargo +MISSING")
            self.assertNotIn("What installs all of it", said)

    def test_cargo_in_its_own_home(self):
        home = self.folder / "elsewhere"
        (home / "bin").mkdir(parents=True)
        (self.at.bin / "cargo").rename(home / "bin/cargo")
        env = self.without("HOME", CARGO_HOME=str(home))
        self.good(self.at.x("compare", env=env))

    def test_a_rustc_that_does_not_run_says_why(self):
        executable(self.at.bin / "rustc",
                   "#!/bin/sh\necho 'error: no default toolchain' >&2\n"
                   "exit 1\n")
        code, said, _ = self.at.x("compare")
        self.assertEqual(code, 2, said)
        self.assertIn("does not run: error: no default toolchain", said)

    def test_a_python_that_is_too_old(self):
        executable(self.at.bin / "python3", "#!/bin/sh\necho Python 3.9.2\n")
        code, said, _ = self.at.x("compare")
        self.assertEqual(code, 2, said)
        self.assertIn("Python 3.11 or later is needed; python3 is 3.9.2", said)
        self.assertIn("(3.11 or later)", self.at.x("doctor")[1])

    def test_a_home_that_cannot_be_written(self):
        executable(self.at.bin / "cargo", CARGO_KEEPS)
        home = self.folder / "home"
        (home / ".cargo").mkdir(parents=True)
        (home / ".cargo/config.toml").write_text("# a mirror\n")
        with read_only(home):
            for value in (str(home), "/nonexistent"):
                shutil.rmtree(self.at.root / ".tools", ignore_errors=True)
                self.good(self.at.x("compare", before=self.nobody(),
                                    env=self.without(HOME=value)))
        self.assertFalse(Path("/nonexistent").exists())

    def test_a_folder_for_temporary_files_that_is_not_there(self):
        env = self.without(TMPDIR="/nonexistent")
        result = self.at.x("compare", env=env)
        self.good(result)
        self.assertIn("TMPDIR is /nonexistent", result[1])


class ReadOnly(Front):
    """A checkout that somebody else has built, or has not."""

    def setUp(self):
        super().setUp()
        self.tmp = self.folder / "tmp"
        self.tmp.mkdir()
        self.at.env["TMPDIR"] = str(self.tmp)

    def visit(self, *args):
        """Run x in a checkout that cannot be written."""
        before = self.nobody()
        with read_only(self.at.root):
            return self.at.x(*args, before=before)

    def report(self, said):
        return Path(re.search("^The report is at (.*)$", said, re.M)[1])

    def test_compares_where_it_is_built(self):
        self.build()
        (self.at.bin / "cargo").unlink()
        self.at.x("compare", "--html", str(self.tmp / "kept.html"))
        before = sorted(self.at.root.rglob("*"))
        for _ in range(2):
            result = self.visit("compare")
            self.good(result)
            report = self.report(result[1])
            self.assertEqual(report.parent.parent, self.tmp)
            self.assertEqual(report.read_text(), "report\n")
            self.assertEqual(report.parent.stat().st_mode & 0o777, 0o700)
        self.assertEqual(sorted(self.at.root.rglob("*")), before)

    def test_what_the_bench_has_counted_is_in_the_report(self):
        self.build()
        report = self.at.root / "build/report.html"
        self.assertEqual(report.read_text(), "report\n")
        counted = self.at.root / "build-bench/calls.json"
        counted.parent.mkdir()
        counted.write_text("{}")
        self.good(self.at.x("compare"))
        self.assertEqual(report.read_text(), f"report with {counted}\n")
        # of somebody else who does not show it
        counted.chmod(0)
        self.good(self.visit("compare"))

    def test_a_report_goes_where_it_is_asked_to_go(self):
        self.build()
        code, said, _ = self.visit(
            "compare", "--html", str(self.tmp / "mine.html"))
        self.assertEqual(code, 0, said)
        self.assertEqual(os.listdir(self.tmp), ["mine.html"])

    def test_built_with_other_tools_on_the_path(self):
        self.build()
        (self.at.bin / "valgrind").unlink()
        self.good(self.visit("compare"))

    def refused(self, result, *words):
        code, said = result[:2]
        self.assertEqual(code, 2, said)
        for text in (*words, "cannot be written", "cp -R"):
            self.assertIn(text, said)

    def test_not_built_says_what_to_do(self):
        self.refused(self.visit("compare"), "is not built")

    def test_changed_says_what_to_do_and_shows_no_old_log(self):
        self.build()
        (self.at.root / ".tools/log/build.log").write_text("of old\n")
        self.at.change(2)
        result = self.visit("compare")
        self.refused(result, "has changed since it was built")
        self.assertNotIn("of old", result[1])

    def test_other_commands_say_what_to_do(self):
        self.build()
        self.at.x("test", "meson")
        for command in ("test", "book", "drift", "bench", "clean"):
            self.refused(self.visit(command), "is read-only")

    def test_an_old_log_is_not_counted(self):
        self.build()
        log = self.at.root / ".tools/log"
        code, said, _ = self.at.x("test", "meson")
        self.assertEqual((code, "3 passed" in said), (0, True), said)
        before = self.nobody()
        with read_only(log):
            code, said, _ = self.at.x("test", "meson", before=before)
        self.assertEqual(code, 2, said)
        self.assertNotIn("3 passed", said)
        self.assertIn(f"cannot write {log}/test-meson.log", said)


class Network(Front):
    """What is fetched, with a network and without."""

    def setUp(self):
        super().setUp()
        # a port at which nobody listens
        self.at.env["PIP_INDEX_URL"] = "http://127.0.0.1:9/simple"
        (self.at.stand_in / "no-network").touch()

    def lacks(self, result, *words):
        """It said so at once, named these, and tried to fetch nothing."""
        code, said, _ = result
        self.assertEqual(code, 2, said)
        self.assertIn("there is no network", said)
        self.assertEqual(
            [line.split()[1] for line in said.splitlines()
             if line.startswith("     - ")], [*words], said)
        self.assertEqual(self.at.calls(""), 0)

    def test_a_fresh_clone(self):
        for command in ("compare", "test", "book", "drift", "bench"):
            self.lacks(self.at.x(command), "Meson,", "the")

    def test_in_a_network_of_its_own(self):
        alone = [shutil.which("unshare") or "false", "-n"]
        if subprocess.run([*alone, "true"], check=False,
                          stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("not run: no network of its own can be had here")
        self.at.env.pop("PIP_INDEX_URL")
        self.lacks(self.at.x("compare", before=alone), "Meson,", "the")

    def test_only_the_crates_are_missing(self):
        for what in ("modules", "venv"):
            (self.at.stand_in / f"fetched-{what}").touch()
        python = self.at.root / ".tools/venv/bin"
        shutil.copytree(self.at.stand_in / "venv", python)
        (self.at.root / ".tools/venv/x-root").write_text(str(self.at.root))
        self.lacks(self.at.x("compare"), "the")

    def test_packages_are_missing(self):
        executable(self.at.bin / "apt-get", "#!/bin/sh\nsleep 3\nexit 1\n")
        executable(self.at.bin / "sudo", "#!/bin/sh\n")
        (self.at.bin / "pkg-config").unlink()
        result = self.at.x("compare")
        self.lacks(result, "the", "Meson,", "the")
        self.assertIn("the packages pkg-config zlib1g-dev", result[1])

    def test_none_is_needed_once_all_is_there(self):
        (self.at.stand_in / "no-network").unlink()
        self.good(self.at.x("compare", env={**self.at.env,
                                            "PIP_INDEX_URL": "file:///"}))
        self.assertEqual(self.at.calls("crates"), 1)
        self.assertEqual(self.at.calls("wraps"), 1)
        (self.at.stand_in / "no-network").touch()
        # what is looked at again is found to be there
        (self.at.root / ".tools/ready-build").unlink()
        self.at.change(2)
        self.good(self.at.x("compare"), 2)

    def test_without_libdeflate_it_says_so_and_goes_on(self):
        (self.at.stand_in / "no-network").unlink()
        (self.at.stand_in / "no-wraps").touch()
        result = self.at.x("compare", env={**self.at.env,
                                           "PIP_INDEX_URL": "file:///"})
        self.good(result)
        self.assertIn("libdeflate could not be fetched", result[1])
        # it is not tried again each time
        self.assertNotIn("libdeflate", self.at.x("compare")[1])
        self.assertEqual(self.at.calls("wraps"), 1)

    def test_where_pip_finds_files_it_is_asked(self):
        (self.folder / "wheels").mkdir()
        (self.folder / "wheels/a.whl").touch()
        self.at.env["PIP_FIND_LINKS"] = str(self.folder / "wheels")
        code, said, _ = self.at.x("compare")
        self.assertEqual(code, 2, said)
        self.assertIn("This needs a network, this once.", said)


if __name__ == "__main__":
    NINJA = sys.argv.pop(1)
    done = unittest.main(exit=False).result
    sys.exit(1 if not done.wasSuccessful() else 77 if done.skipped else 0)
