#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""What tools/reader.py reads and refuses, and that there is no other."""

import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import one_reader
import reader

ABOUT = """\
title = "One: a test"
minutes = 7
curriculum = []

[lanes]
c = "c.c"
safe = "safe.rs"
"""

DECLARED = """
[[declared]]
lane = "safe"
step = "open"
differs = ["prevented", "freed", "fact size of it"]
reason = "it cannot be said there"
"""

DIFFERS = '["prevented", "freed", "fact size of it"]'

C = """\
#include "lesson.h"

void
lesson(...)
{
	int x;

	rec_step(rec, "one");
	x = sgz_crc32(0);

	rec_step(rec,
		 "a \\"two\\"");
	no_rec_step(rec, "none");
	my_sgz_free(rec);
	rec_step(rec, "one");
}

static int after;
"""

RUST = """\
pub fn run(rec: &mut Recorder) {
    rec.step("open");
    let x = 1;
    rec.step("close");
}
"""

HEADER = """\
/**
 * Add.
 *
 *   x = sgz_add(1)
 *
 * Ownership: none
 * Lifetime: none
 * Threads: any
 * Errors: none,
 *   as ever
 */
static inline int
sgz_add(int x,
	int y)
{
	return x + y;
}
"""


class Steps(unittest.TestCase):
    def test_c_is_cut_into_steps(self):
        parts = reader.parts(C)
        self.assertEqual([name for name, _ in parts],
                         ["", "one", 'a "two"', "one", ""])
        self.assertEqual(parts[1][1],
                         '\trec_step(rec, "one");\n\tx = sgz_crc32(0);\n\n')
        self.assertTrue(parts[2][1].endswith("my_sgz_free(rec);\n"))
        self.assertEqual(parts[4][1], "}\n\nstatic int after;\n")
        self.assertEqual("".join(code for _, code in parts), C)

    def test_rust_is_cut_into_steps(self):
        self.assertEqual(reader.parts(RUST)[1:], [
            ("open", '    rec.step("open");\n    let x = 1;\n'),
            ("close", '    rec.step("close");\n'), ("", "}\n")])


class Repository(unittest.TestCase):
    """A small one, with the reader in it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve() / "a b"
        for file in ("reader.py", "one_reader.py"):
            self.put(f"tools/{file}", (ROOT / "tools" / file).read_text())
        self.put("lessons/01-one/lesson.toml", ABOUT + DECLARED)
        self.put("lessons/01-one/c.c", C)
        self.put("lessons/01-one/safe.rs", RUST)
        self.put("csrc/include/sgz/add.h", HEADER)

    def put(self, path, text):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run_it(self, *words):
        return subprocess.run(
            [sys.executable, self.root / "tools/reader.py", *words],
            capture_output=True, text=True, check=False)

    def says(self, *words):
        done = self.run_it(*words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def refused(self, words, *command):
        done = self.run_it(*command or ("list",))
        self.assertEqual(done.returncode, 1)
        self.assertIn(words, done.stderr)
        self.assertNotIn("Traceback", done.stderr)

    def about(self, text):
        self.put("lessons/01-one/lesson.toml", text)


class Lessons(Repository):
    def test_folders_are_the_list(self):
        for name in ("drafts", "4-digits", "04extra"):
            self.put(f"lessons/{name}/lesson.toml", "nonsense")
        self.put("lessons/lesson.h", "")
        self.put("lessons/02-two/lesson.toml",
                 ABOUT.replace("c = ", "typed = ").replace("c.c", "raw.rs"))
        self.put("lessons/02-two/raw.rs", RUST)
        self.put("lessons/02-two/safe.rs", RUST)
        self.assertEqual(self.says("list"), "01-one\n02-two\n")
        self.assertEqual(self.says("list", "c"),
                         f"01-one\t{self.root}/lessons/01-one/c.c\n")
        self.assertEqual(self.says("list", "typed"),
                         f"02-two\t{self.root}/lessons/02-two/raw.rs\n")
        self.assertEqual(self.says("check", "safe", "01-one", "02-two"), "")
        self.refused("meson setup --reconfigure", "check", "c")
        self.refused("meson setup", "table", "t", "d", "01-one", "02-two")

    def test_a_description_that_is_wrong_is_refused(self):
        for text, words in (
            ("title = ", "lesson.toml: "),
            (ABOUT.replace("minutes", "seconds"), "minutes is missing"),
            (ABOUT.replace("7", '"7"'),
             "minutes is missing, or is not of type int"),
            ("more = 1\n" + ABOUT, "more: no such key"),
            (ABOUT.replace("c.c", "d.c"), "01-one/d.c: no such file"),
            (ABOUT.replace('safe = "safe.rs"', ""), "belongs to no lane"),
            (ABOUT + DECLARED.replace("reason", "cause"), "no reason"),
            (ABOUT + DECLARED.replace("open", ""), "has no step"),
            (ABOUT + DECLARED + DECLARED, "open is declared twice for the"),
            *((ABOUT + DECLARED.replace(DIFFERS, differs), words)
              for differs, words in (
                  ('"memory"', "has no differs"), ("[]", "has no differs"),
                  ('["fact "]', "not 'fact '"), ('["all"]', "not 'all'"),
                  ("[1]", "not 1"))),
            (ABOUT + DECLARED + "line = 1\n", "line: no such key"),
            (ABOUT + DECLARED.replace('"safe"', '"sage"'), "no lane sage"),
        ):
            self.about(text)
            self.refused(words)
        (self.root / "lessons/01-one/lesson.toml").unlink()
        self.refused("lesson.toml: no such file")

    def test_the_table_of_the_c_lane(self):
        out, deps = str(self.root / "t.c"), str(self.root / "t.d")
        self.says("table", out, deps, "01-one")
        table = Path(out).read_text()
        self.assertIn("\nlesson_01_one(struct ferrule_recorder *rec,", table)
        self.assertIn(f'{{ "01-one", "{self.root}/lessons/01-one/c.c",', table)
        self.assertIn("a\\ b/lessons/01-one/lesson.toml",
                      Path(deps).read_text())

    def test_json_has_lessons_code_and_functions(self):
        out, deps = str(self.root / "j"), str(self.root / "d")
        self.says("json", out, deps)
        said = json.loads(Path(out).read_text())
        self.assertEqual(said["lessons"], [{
            "name": "01-one", "title": "01 One: a test", "minutes": 7,
            "curriculum": [], "declared": [{
                "lane": "safe", "step": "open",
                "differs": {"prevented": True, "memory": False,
                            "freed": True, "facts": ["size of it"]},
                "reason": "it cannot be said there"}]}])
        c = said["sources"][f"{self.root}/lessons/01-one/c.c"]
        self.assertEqual(c["calls"], ["sgz_crc32"])
        self.assertEqual(c["parts"][1], {
            "step": "one",
            "text": '\trec_step(rec, "one");\n\tx = sgz_crc32(0);'})
        self.assertEqual(said["functions"], [{
            "name": "sgz_add", "header": "sgz/add.h",
            # of an inline function the body is left out
            "code": "static inline int\nsgz_add(int x,\n        int y);",
            "comment": "Add.\n\nx = sgz_add(1)\n\nOwnership: none\n"
            "Lifetime: none\nThreads: any\nErrors: none,\nas ever"}])
        self.assertIn("a\\ b/csrc/include/sgz/add.h", Path(deps).read_text())
        self.assertEqual(
            json.loads(self.says("source", f"{self.root}/lessons/01-one/c.c")),
            c)

    def test_what_cannot_be_read_is_said(self):
        self.refused("nowhere.c: no such file", "source", "nowhere.c")
        (self.root / "lessons/01-one/c.c").write_bytes(b"\xff")
        self.refused("reader.py: ", "json", str(self.root / "j"))
        self.refused("reader.py lanes", "what")

    def test_an_old_python_is_told_what_is_needed(self):
        text = (self.root / "tools/reader.py").read_text()
        self.put("tools/reader.py", text.replace("(3, 11)", "(99, 0)"))
        self.refused("Python 3.11 or later is needed, and this is ")


class One(Repository):
    """No second reader is planted anywhere."""

    def test_there_is_one(self):
        self.assertEqual(list(one_reader.others(ROOT)), [])

    def test_another_is_found(self):
        for file, line in (
            ("docs/a.py", 'HEADINGS = ("Ownership", "Lifetime", "Threads")'),
            ("docs/a.py", 'p = re.compile(r"^(\\t?)/\\*\\*\\n(.*?)")'),
            ("driver/a.c", 'at = strstr(at, "\\n/**\\n");'),
            ("tests/a/src/lib.rs", 'text.find("Re-entry")'),
            ("driver/a.c", 'strncmp(at, "rec_step(", 9) == 0'),
            ("driver/a.c", 'strncmp(at, ".step(", 6) == 0'),
            ("docs/a.py", "STEP = re.compile(r'\\brec_step\\(rec,\\s*')"),
            ("tests/report/a.py", "re.findall(r'rec\\.step\\(\"([^\"]+)\"', t)"),
            ("lanes/a.sh", 'for source in "$1"/[0-9][0-9]-*/c.c; do'),
            ("lanes/a.rs", "for entry in fs::read_dir(lessons)? {"),
            ("docs/a.py", 'for path in (root / "lessons").iterdir():'),
            ("docs/a.py", 'if re.match(r"\\d\\d-", path.name)'),
            ("x", "ls lessons/*/c.c"),
            ("tools/a.py", 'ROOT.glob("lessons/*/lesson.md")'),
            ("driver/a.c", 'xasprintf("%s/%s/lesson.md", dir, name)'),
            ("docs/a.py", 'title = read(lesson / "lesson.md")'),
            ("tests/a.rs", '.join("declared.json")'),
            ("docs/a.py", "import tomllib"),
            ("lanes/build.rs", 'folder.join("lesson.toml")'),
            ("lanes/a.sh", "grep '^crate-type *=.*\"cdylib\"'"),
            ("meson.build", "run_command('ls', 'lessons/*')"),
        ):
            with self.subTest(file=file, line=line):
                self.put(file, f"one line\n{line}\n")
                found = list(one_reader.others(self.root))
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(f"{file}:2: reads "))
                (self.root / file).unlink()

    def test_another_host_is_found(self):
        for file, line in (
            ("tests/a.c", "static const struct ferrule_recorder_ops ops = {"),
            ("driver/a.c", "void *p = __libc_malloc(size);"),
        ):
            with self.subTest(file=file, line=line):
                self.put(file, f"one line\n{line}\n")
                found = list(one_reader.others(self.root))
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(f"{file}:2: hosts a lane"))
                (self.root / file).unlink()

    def test_another_matcher_of_steps_is_found(self):
        for file, line in (
            ("driver/report_a.c", "strcmp(cell->steps[i].name, name) == 0"),
            ("driver/compare.c", "if (strcmp(a->steps[i].name, b->name))"),
            ("tests/lessons/src/lib.rs", "if c.name != lane.name {"),
            ("tests/a.rs", "let s = steps.find(|s| s.name == other.name);"),
            ("docs/a.py", "if list(steps) != order:"),
            ("docs/a.py", "for c, lane in zip(c.steps, lane.steps):"),
        ):
            with self.subTest(file=file, line=line):
                self.put(file, f"one line\n{line}\n")
                found = list(one_reader.others(self.root))
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(f"{file}:2: pairs steps"))
                (self.root / file).unlink()


if __name__ == "__main__":
    unittest.main()
