#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Broken lanes: cured they are as expected, and not found they are an error.

    test_broken.py FERRULE LANES INPUT
"""

import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import broken
import reader

FERRULE, LANES, INPUT = sys.argv[1], Path(sys.argv[2]), sys.argv[3]


def compare(*words):
    return subprocess.run([FERRULE, "compare", *words, INPUT], text=True,
                          capture_output=True, check=False)


class Broken(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.lanes = Path(self.folder.name)
        (self.lanes / "broken").mkdir()
        shutil.copy(LANES / "ferrule_lane_c.so", self.lanes)

    def first(self):
        """A broken lane in C: it is there without Rust, too."""
        return next((lesson, broken) for lesson in reader.lessons()
                    for broken in lesson.broken if broken.lane == "c")

    def test_each_is_as_expected_once_it_is_cured(self):
        for lesson in reader.lessons():
            for broken in lesson.broken:
                cured = (LANES / "broken"
                         / f"{lesson.name}.{broken.name}.cured.so")
                if not cured.exists() and broken.lane != "c":
                    continue  # without Rust
                with self.subTest(lesson=lesson.name, broken=broken.name):
                    name = f"ferrule_lane_{broken.lane}_cured.so"
                    shutil.copy(cured, self.lanes / name)
                    done = compare("--no-broken", "--lanes", str(self.lanes),
                                   "--lesson", lesson.name, "--json", "-")
                    (self.lanes / name).unlink()
                    self.assertEqual(done.returncode, 0,
                                     done.stdout + done.stderr)

    def test_a_block_that_the_loader_hides_changes_no_leak(self):
        """A report without and one with a mapped block in another leak."""
        report = ("Direct leak of 992 byte(s) in 1 object(s) allocated from:\n"
                  "Direct leak of 8 byte(s) in 2 object(s) allocated from:\n"
                  "{}SUMMARY: AddressSanitizer: {} byte(s) leaked in {}"
                  " allocation(s).\n")
        hidden = ("Indirect leak of 131584 byte(s) in 1 object(s) allocated"
                  " from:\n")
        for said in (report.format("", 1000, 3),
                     report.format(hidden, 132584, 4)):
            done = subprocess.CompletedProcess([], 1, "", said)
            self.assertEqual(
                broken.direct_leaks(done),
                "AddressSanitizer: direct leaks: 1,000 bytes in 3 blocks")

    def tour(self, *words):
        done = subprocess.run([FERRULE, "tour", *words, INPUT], text=True,
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_the_tour(self):
        rust = (LANES / "broken/02-strings.freed-by-rust.so").exists()
        said = self.tour()
        for words in (
            "-        sgz_free(text.cast());" if rust else "-\tsgz_free(text);",
            "wrong-side free: 128 bytes of library",
            "rust by" if rust else "c by",
            "The lane without the mistake: same.",
            "./x compare --lesson 02 --broken",
        ):
            self.assertIn(words, said)
        self.assertEqual("error[E0133]" in said, rust)
        self.assertNotIn("\033", said)
        self.assertIn("\033", self.tour("--color", "always"))

    def test_the_tour_in_c(self):
        said = " ".join(self.tour("--lane", "c").split())
        self.assertIn("were freed as c by lesson_02_strings (c.c:", said)

    def test_no_tour_without_its_lane(self):
        done = subprocess.run([FERRULE, "tour", "--lanes", self.lanes, INPUT],
                              text=True, capture_output=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("a broken lane of 02-strings, and none was built",
                      done.stderr)

    def test_every_lesson_has_one(self):
        for lesson in reader.lessons():
            self.assertTrue(lesson.broken, f"{lesson.name} has no broken lane")

    def test_one_whose_mistake_is_gone_is_not_found(self):
        lesson, broken = self.first()
        name = f"{lesson.name}.{broken.name}"
        shutil.copy(LANES / "broken" / f"{name}.cured.so",
                    self.lanes / "broken" / f"{name}.so")
        done = compare("--lanes", str(self.lanes), "--lesson", lesson.name)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(f"{broken.name}: same", done.stdout)
        self.assertIn("NOT as lesson.toml says", done.stdout)

    def test_what_is_not_built_is_counted(self):
        lesson, _ = self.first()
        done = compare("--lanes", str(self.lanes), "--lesson", lesson.name)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"broken lanes: 0 mistakes, 0 found, "
                      f"{len(lesson.broken)} not run (not built)", done.stdout)

    def test_they_can_be_left_out(self):
        done = compare("--no-broken", "--lanes", str(LANES), "--lesson", "04")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotIn("broken lanes", done.stdout)

    def test_json_says_all_of_them(self):
        done = compare("--lanes", str(LANES), "--json", "-")
        found = json.loads(done.stdout)["broken"]
        wanted = [(lesson.name, broken.name) for lesson in reader.lessons()
                  for broken in lesson.broken]
        self.assertEqual([(b["lesson"], b["name"]) for b in found], wanted)
        for broken in found:
            self.assertIsNotNone(broken["row"], broken["name"])
            self.assertIn("\n-", broken["diff"] + "\n-")
            if "cell" in broken:
                self.assertTrue(broken["found"], broken)


REPORT = """\
WARNING: ThreadSanitizer: data race (pid=7)
  Atomic write of size 8 at 0x7b by thread T1 (mutexes: write M2):
    #0 inner ../csrc/decode.c:8 (libsgz.so.0+0x1)
    #1 sgz_turn ../csrc/seek.c:9 (libsgz.so.0+0x2)
    #2 lane::lesson::Both::turn::h0123456789abcdef /a b/raw.rs:5 (l.so+0x3)
    #3 lane::lesson::run::h0123456789abcdef /a b/raw.rs:6 (l.so+0x4)

  Previous read of size 8 at 0x7b by main thread:
    #0 other /a b/{} (l.so+0x5)

  Location is heap block of size 8 at 0x7b allocated by main thread:
    #0 malloc ../tsan.cpp:6 (libtsan.so.2+0x6)

SUMMARY: ThreadSanitizer: data race ../csrc/decode.c:8 in inner
"""


class Race(unittest.TestCase):
    def test_it_is_said_who_met_whom_and_where(self):
        self.assertEqual(
            broken.race(REPORT.format("raw.rs:9"), "raw.rs"),
            "data race: write in sgz_turn (csrc/seek.c), "
            "called by Both::turn (raw.rs:5)\n"
            "and read in other (raw.rs:9)")

    def test_silence_is_no_race(self):
        self.assertEqual(broken.race("", "raw.rs"), "")

    def test_a_race_without_its_place_is_refused(self):
        for gone in ("<null> (l.so+0x5)", "other.rs:9"):
            with self.assertRaisesRegex(reader.Problem, "no line of raw.rs"):
                broken.race(REPORT.format(gone), "raw.rs")

    def test_one_that_is_not_reported_is_a_problem(self):
        """And one that is reported in the place of another."""
        lesson, lane = next((lesson, lane) for lesson in reader.lessons()
                            for lane in lesson.broken
                            if lane.race and lane.lane != "c")
        tools = broken.Tools("build")
        for report in ("", REPORT.format("raw.rs:9")):
            tools.tsan = lambda *_, said=report: said
            lane.path = Path("raw.rs")
            with self.assertRaisesRegex(
                    reader.Problem, f"a race of {lane.race[0]}, and says"):
                tools.race(lesson, lane)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
