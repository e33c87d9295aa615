#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Audits each lesson in each lane: the driver finds no block there that the
wrong side frees, and neither does the audit. What it says of broken lanes is in
tools.json of the lessons.

    test_lessons.py FERRULE PLAIN LANES INPUT
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FERRULE, PLAIN, LANES, INPUT = (Path(sys.argv.pop(1)).resolve()
                                for _ in "1234")
ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import reader

LESSONS = [lesson.name for lesson in reader.lessons()]
# Meson's leads to libraries for sanitizers, too
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if name != "LD_LIBRARY_PATH"}
RUST = ("handwritten", "generated", "safe")


def audit(lane, lesson):
    """Its report."""
    # lessons expect an empty folder
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder).with_suffix(".json")
        done = subprocess.run(
            [FERRULE, "audit", "--json", report, "--", PLAIN,
             LANES / f"ferrule_lane_{lane}.so", lesson, INPUT], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
            check=False, cwd=folder, env=ENVIRONMENT)
        if not report.is_file():
            raise AssertionError(f"no report:\n{done.stdout}")
        found = json.loads(report.read_text(encoding="utf-8"))
        report.unlink()
        return done, found


class Lessons(unittest.TestCase):
    def check(self, lane, lesson):
        done, report = audit(lane, lesson)
        self.assertEqual(report["findings"], [], done.stdout)
        reasons = [one["id"] for one in report["not_checked"]]
        if lane in RUST:
            self.assertEqual(reasons, [], done.stdout)
            self.assertGreater(report["checked"]["rust_objects"], 0)
        else:
            # with a library in Rust or without
            self.assertLessEqual(set(reasons), {"no-rust"}, done.stdout)

    def test_each_lane_frees_what_is_its_own(self):
        self.assertGreater(len(LESSONS), 0)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            every = [(lane, lesson, pool.submit(self.check, lane, lesson))
                     for lane in ("c", *RUST) for lesson in LESSONS]
            for lane, lesson, checked in every:
                with self.subTest(lane=lane, lesson=lesson):
                    checked.result()


if __name__ == "__main__":
    unittest.main()
