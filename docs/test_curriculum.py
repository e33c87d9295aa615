#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""A line of the course that loses its home is named. Tried on copies of what
curriculum.py reads; the driver's results are those of this build."""

import copy
import json
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "docs"))
import curriculum
from reader import Problem

RESULTS = json.loads((ROOT / "build/results.json").read_text())


class Homes(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.root = Path(self.scratch.name)
        shutil.copytree(ROOT / "lessons", self.root / "lessons")
        for name in ("exercises", "lanes/raw", "safe-wrapper/tests/misuse",
                     "tests/learn"):
            shutil.copytree(ROOT / name, self.root / name)
        for line in curriculum.read_lines(ROOT):
            for each in line.homes:
                first, second = curriculum.home(each)
                if second != curriculum.EXERCISE \
                        and not curriculum.is_lesson(first):
                    to = self.root / first
                    to.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(ROOT / first, to)
                    build = Path(first).parent / "meson.build"
                    if (ROOT / build).exists():
                        shutil.copy(ROOT / build, self.root / build)
        (self.root / "docs").mkdir(exist_ok=True)
        shutil.copy(ROOT / curriculum.DATA, self.root / curriculum.DATA)
        self.results = copy.deepcopy(RESULTS)

    def change(self, path, old, new):
        text = (self.root / path).read_text()
        self.assertIn(old, text)
        (self.root / path).write_text(text.replace(old, new))

    def lost(self, *words):
        """The check fails, and names each of @words."""
        with self.assertRaises(Problem) as caught:
            curriculum.check(self.root, self.results)
        for word in words:
            self.assertIn(word, str(caught.exception))
        return str(caught.exception)

    def test_as_it_is(self):
        curriculum.check(self.root, self.results)

    def test_a_lesson_is_taken_away(self):
        shutil.rmtree(self.root / "lessons/06-enums")
        self.lost('"Enums and unions": there is no lesson 06-enums')

    def test_a_step_is_taken_away(self):
        for file in ("c.c", "raw.rs", "safe.rs"):
            self.change(f"lessons/02-strings/{file}", '"NUL inside"', '"gone"')
        said = self.lost('"Null termination and safety": 02-strings has no '
                         'step "NUL inside"')
        self.assertEqual(len(said.splitlines()), 2, said)

    def test_a_step_is_not_taken(self):
        for cell in self.results["cells"]:
            if (cell["lesson"], cell["lane"]) == ("02-strings", "safe"):
                row = self.results["lessons"][1]["rows"].index("NUL inside")
                cell["steps"] = [step for step in cell["steps"]
                                 if step["row"] != row]
        self.lost('02-strings, safe: the step "NUL inside" was not taken')

    def test_a_lesson_is_not_run(self):
        self.results["cells"] = [cell for cell in self.results["cells"]
                                 if cell["lesson"] != "06-enums"
                                 or cell["lane"] != "generated"]
        self.lost('"Enums and unions": 06-enums was not run in the lane '
                  'generated')

    def test_a_lesson_fails(self):
        for cell in self.results["cells"]:
            if cell["lesson"] == "06-enums":
                cell["verdict"] = "diverged"
        self.lost('"Enums and unions": 06-enums, c: diverged')

    def test_a_test_is_taken_away_or_skipped(self):
        test = "it_reads_and_is_read_with_any_number_of_threads"
        path = "exports/codec-zlib-rs/tests/round_trip.rs"
        self.change(path, f"#[test]\nfn {test}", f"#[test]\n#[ignore]\nfn {test}")
        self.lost('"Gradual migration from C/C++ to Rust"', "skips")
        self.change(path, f"#[test]\n#[ignore]\nfn {test}", f"fn {test}")
        self.lost("is not a test")
        self.change(path, test, "another")
        self.lost("has no test")

    def test_a_test_in_c_leaves_the_table(self):
        test = "test_codec_load__each_codec_makes_the_same_bytes_of_it"
        path = "tests/test_codec_load.c"
        text = (self.root / path).read_text()
        at = text.rindex(test)
        (self.root / path).write_text(text[:at] + text[at + len(test):])
        self.lost('"Hardware acceleration via C libraries"', "does not run")

    def test_a_page_runs_nothing(self):
        page = "docs/src/uses/plugins.md"
        self.change(page, "```console", "```sh")
        self.lost("Plugin systems across language boundaries",
                  f"{page} is no page whose commands are run")
        (self.root / page).unlink()
        self.lost(f"there is no file {page}")

    def test_a_script_is_not_listed(self):
        self.change("tests/meson.build", "'test_subproject.sh'", "''")
        self.lost("test_subproject.sh is not in tests/meson.build")

    def test_an_exercise_is_taken_away(self):
        shutil.rmtree(self.root / "exercises/13-handle")
        self.lost('"Create a wrapper around a C API that provides a safe Rust '
                  'interface": there is no exercise exercises/13-handle')

    def test_the_exercises_are_not_graded(self):
        line = "Create a simple Rust function that can be called from C"
        path = "tests/learn/test_learn.py"
        self.change(path, "    def test_solutions(",
                    "    @unittest.skip\n    def test_solutions(")
        self.lost(line, "skips test_solutions")
        self.change(path, "def test_solutions(", "def solutions(")
        self.lost(line, "has no test test_solutions")

    def test_the_test_of_exercises_is_not_listed(self):
        self.change("tests/learn/meson.build", "'test_learn.py'", "''")
        self.lost("test_learn.py is not in learn/meson.build")

    def test_an_exercise_is_for_no_line(self):
        self.change("exercises/13-handle/exercise.toml",
                    "Create a wrapper around", "Create a sculpture around")
        said = self.lost("exercises/13-handle: the course has no line")
        self.assertIn("does not name it", said)

    def test_a_task_has_no_exercise(self):
        self.change(curriculum.DATA, '"exercises/03-export: the exercise", ', "")
        self.lost("no exercise is its home", "says that it is its exercise")

    def test_a_line_waits_for_what_is_there(self):
        self.change(curriculum.DATA, 'homes = ["06-enums: a later code", '
                    '"06-enums: one memory"]', 'waits_for = "06-enums"')
        self.lost('"Enums and unions": 06-enums is there')

    def test_a_line_has_nothing(self):
        self.change(curriculum.DATA, 'homes = ["06-enums: a later code", '
                    '"06-enums: one memory"]\n', "")
        self.lost('"Enums and unions" needs one of')

    def test_a_lesson_says_more(self):
        self.change("lessons/06-enums/lesson.toml", '"Enums and unions"',
                    '"Enums and unions", "Slices and arrays"')
        self.lost('"Slices and arrays": 06-enums/lesson.toml says')

    def test_a_home_is_not_understood(self):
        self.change(curriculum.DATA, '"06-enums: one memory"', '"06-enums"')
        self.lost("is not 'LESSON: STEP' or 'FILE: TEST'")


if __name__ == "__main__":
    unittest.main()
