#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Exercises: no starter passes, each solution does, and each wrong answer fails
in the stage and with the words that it names.

    test_learn.py FERRULE EXERCISES [NAME...]     names: only these exercises

Without Cargo or libclang there is no drift check. Then what needs it has to say
that it was not checked.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import exercises

FERRULE, DATA, *ONLY = sys.argv[1:]
EXERCISES = [each for each in exercises.exercises()
             if not ONLY or each["name"] in ONLY]


def find_drift():
    """The program ferrule-drift, if it can look at anything here."""
    if not shutil.which("cargo"):
        return None
    subprocess.run(["cargo", "build", "--quiet", "--locked", "-p",
                    "ferrule-drift"], cwd=ROOT, check=True)
    program = ROOT / "target/debug/ferrule-drift"
    include = ROOT / "csrc/include"
    done = subprocess.run(
        [program, "--partial", "--header", include / "sgz.h", "--cflags",
         f"-I'{include}'", "--rust",
         ROOT / "exercises/01-call/solution/answer.rs"],
        capture_output=True, check=False)
    return program if done.returncode == 0 else None


DRIFT = find_drift()


class Learn(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = Path(folder.name) / "my answers"
        self.assertEqual(self.learn("init", self.dir).returncode, 0)

    def learn(self, *words, **more):
        drift = ["--drift", DRIFT] if DRIFT else []
        return subprocess.run(
            [FERRULE, "learn", "--exercises", DATA, *drift, "--dir", self.dir,
             *words], text=True, capture_output=True, check=False, **more)

    def put(self, exercise, file=None):
        """Our solution; with a file, a wrong answer, which replaces one of
        its files."""
        folder = self.dir / exercise["name"]
        for name in exercise["files"]:
            shutil.copy(Path(exercise["folder"]) / "solution" / name, folder)
        if file:
            shutil.copy(file, folder / exercises.file_of(exercise, file))

    def grade(self, exercise):
        done = self.learn("run", exercise["name"], "--json")
        self.assertEqual(done.stderr, "")
        said = json.loads(done.stdout)
        self.assertEqual(done.returncode == 0, said["passed"])
        if not DRIFT and exercise["header"] and said["stage"] is None:
            self.assertIsNotNone(said["not_checked"])
            self.assertEqual(done.returncode, 2)
            said["passed"] = True
        return said

    def each(self, work):
        """work(exercise) for all exercises, on all processors: each has a
        folder of its own. What it returns is wrong."""
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            jobs = [(each["name"], pool.submit(work, each))
                    for each in EXERCISES]
        for name, job in jobs:
            with self.subTest(name):
                self.assertIn(job.result(), (None, []))

    def test_starters(self):
        """They fail, and what is said fits in one screen."""
        def starter(exercise):
            done = self.learn("run", exercise["name"])
            self.assertNotEqual(done.returncode, 0)
            self.assertLessEqual(len(done.stdout.splitlines()), 24, done.stdout)
        self.each(starter)

    def test_solutions(self):
        def solution(exercise):
            for file in [None, *sorted(Path(exercise["folder"]).glob(
                    "roads/*"))]:
                self.put(exercise, file)
                said = self.grade(exercise)
                self.assertTrue(said["passed"], f"{file}: {said}")
        self.each(solution)

    def test_solutions_have_no_warning(self):
        rust = ["rustc", "--edition=2024", "--crate-type=lib", "-Dwarnings",
                "-Dunsafe_op_in_unsafe_fn", "--emit=metadata", "-o",
                self.dir / "x.rmeta"]
        c = ["cc", "-std=c11", "-D_XOPEN_SOURCE=700", "-Wall", "-Wextra",
             "-Wpedantic", "-Werror", "-fsyntax-only",
             f"-I{ROOT / 'csrc/include'}"]
        for exercise in EXERCISES:
            folder = Path(exercise["folder"])
            for name in exercise["files"]:
                if not name.endswith((".rs", ".c")):
                    continue
                strict = rust if name.endswith(".rs") else [*c, f"-I{folder}"]
                done = subprocess.run([*strict, folder / "solution" / name],
                                      text=True, check=False,
                                      capture_output=True)
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_wrong_answers(self):
        def wrong(exercise):
            faults = []
            for file, stage, words in exercises.wrong_answers(
                    Path(exercise["folder"])):
                if stage == "header" and not DRIFT:
                    continue
                self.put(exercise, file)
                said = self.grade(exercise)
                text = said["output"] + "\n".join(said["reasons"])
                if said["stage"] != stage or words not in text:
                    faults.append((file.name, stage, words, said))
            return faults
        self.each(wrong)
        stages = [stage for exercise in EXERCISES for _, stage, _ in
                  exercises.wrong_answers(Path(exercise["folder"]))]
        unseen = sum(stage in exercises.UNSEEN for stage in stages)
        print(f"{len(stages)} wrong answers; of {unseen} the results are "
              "right, so that tests of results alone would pass them")

    def test_a_learner(self):
        first = exercises.exercises()[0]
        name, answer = first["name"], first["files"][0]
        self.assertIn("0 of", self.learn("list").stdout)
        self.assertEqual(self.learn("solution", name).returncode, 1)
        one = self.learn("hint", name).stdout
        two = self.learn("hint", name).stdout
        self.assertTrue(two.startswith(one) and "2. " in two)
        self.assertEqual(self.learn("run").returncode, 1)
        mine = self.dir / name / answer
        self.put(first)
        solved = self.learn("run")
        if DRIFT:
            self.assertEqual(solved.returncode, 0, solved.stdout)
            self.assertIn("Solved.", solved.stdout)
            self.assertIn(f"solved {name}", self.learn("list").stdout)
            self.assertEqual(self.learn("solution", name).stdout,
                             mine.read_text())
        # what is there stays, also if the exercises are put there again
        mine.write_text("// mine\n")
        self.learn("init", self.dir)
        self.assertEqual(mine.read_text(), "// mine\n")
        self.assertEqual(self.learn("reset", name).returncode, 2)
        self.assertEqual(self.learn("reset", name, "--yes").returncode, 0)
        self.assertIn("TODO", mine.read_text())
        self.assertEqual((mine.parent / f"{answer}.old").read_text(),
                         "// mine\n")

    def test_output_that_is_not_text(self):
        by_name = {each["name"]: each for each in exercises.exercises()}
        for name, source, words in (
            ("03-export",
             b'#[unsafe(no_mangle)]\nextern "C" fn count_lines(_: *const u8, '
             b'_: usize) -> usize {\n    use std::io::Write;\n    '
             b'std::io::stderr().write_all(b"a\\xff\\x1b[31m\\tb\\n").unwrap();\n'
             b'    std::process::abort()\n}\n', "a\\xff\\x1b[31m\tb\n"),
            # gcc shows the line as it is
            ("04-fix-the-free", b"int x = y; /* \xff\x1b */\n",
             "/* \\xff"),
        ):
            with self.subTest(name):
                exercise = by_name[name]
                self.put(exercise)
                file = self.dir / name / exercise["files"][0]
                file.write_bytes(source)
                self.assertIn(words, self.grade(exercise)["output"])
                # nor does a terminal get them
                self.assertNotIn("\x1b", self.learn("run", name).stdout)

    def test_a_helper_may_have_any_name(self):
        """Also one that libc has, or a library of the driver."""
        exercise = next(each for each in exercises.exercises()
                        if each["name"] == "04-fix-the-free")
        for helper in ("listen", "crc32"):
            with self.subTest(helper):
                self.put(exercise)
                file = self.dir / exercise["name"] / exercise["files"][0]
                text = file.read_text()
                self.assertIn("strdup(text)", text)
                file.write_text(text.replace("strdup(text)", f"{helper}(text)")
                                .replace("#include <string.h>", f"""
#include <string.h>
char *{helper}(const char *text) {{ return strdup(text); }}"""))
                said = self.grade(exercise)
                self.assertTrue(said["passed"], said)

    def test_predictions(self):
        for exercise in EXERCISES:
            if not exercise["predict"]:
                continue
            with self.subTest(exercise["name"]):
                self.put(exercise)
                said = self.learn("run", exercise["name"]).stdout.splitlines()
                self.assertLessEqual(len(said), 24, "\n".join(said))
                for each in exercise["predict"]:
                    self.assertTrue(any(each["program"] in line
                                        for line in said), said)
                # as an editor on Windows writes it
                file = self.dir / exercise["name"] / exercise["files"][0]
                text = file.read_text()
                file.write_text(text, encoding="utf-8-sig", newline="\r\n")
                self.assertTrue(self.grade(exercise)["passed"])

    def test_mistakes_of_the_command(self):
        for words, text in (
            (("run", "99"), 'no exercise begins with "99"'),
            (("run", "0"), "both "),
            (("frobnicate",), "there is no command frobnicate"),
            ((), "needs a terminal"),
            (("--dir", "/nonexistent", "list"), "no exercises here"),
        ):
            done = self.learn(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn(text, done.stderr)

    def test_nothing_is_left(self):
        tmp = self.dir / "tmp"
        tmp.mkdir()
        self.learn("run", "02", env={**os.environ, "TMPDIR": str(tmp)})
        self.assertEqual(list(tmp.iterdir()), [])
        # nor if there is no compiler
        done = self.learn("run", "02", env={
            **os.environ, "TMPDIR": str(tmp), "RUSTC": "/nonexistent"})
        self.assertIn("/nonexistent: cannot be started", done.stderr)
        self.assertEqual(list(tmp.iterdir()), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
