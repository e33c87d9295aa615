#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Tests of the front door, `x`: test_x.py NINJA runs them."""

import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from checkout import Checkout, alive, ended, wait_for

NINJA = None


class Front(unittest.TestCase):
    """A fresh checkout for each test; `built` has been compared in once."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="frontdoor-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.folder.chmod(0o755)
        self.at = Checkout(self.folder, NINJA, sys.executable)

    def build(self):
        self.good(self.at.x("compare"))

    def good(self, result, version=1):
        """It ran the whole driver, as it is in this version."""
        code, said = result[:2]
        self.assertEqual(code, 0, said)
        self.assertIn(f"ferrule: version {version}\ndone\n", said)
        self.assertIn("The report is at ", said)


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
        (self.at.stand_in / "link-first").write_text("sleep 2")
        self.at.change(2)
        first = self.at.start("compare")
        wait_for((self.at.root / ".tools/log/build.log").exists)
        said = self.at.x("clean")
        self.assertEqual(said[0], 0)
        self.assertIn("waiting for another ./x", said[1])
        self.good(ended(first), 2)
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


if __name__ == "__main__":
    NINJA = sys.argv.pop(1)
    unittest.main()
