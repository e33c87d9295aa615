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
proof = "open_twice"
reason = "it cannot be said there"
"""

BROKEN = """
[[broken]]
name = "two-ones"
lane = "safe"
step = "open"
summary = "It is two."
cure = "One."
was = "let x = 1;"
mistake = "let x = 2;"
verdict = "diverged"
says = ["2; in c 1"]
"""

MISUSE = """\
// In C: a leak.
use sgz::Reader;

fn main() -> sgz::Result<()> {
    let reader = Reader::open("in.gz")?;
    reader.open();
    Ok(())
}
"""

REFUSED = """\
error[E0599]: no method named `open` found
 --> tests/misuse/open_twice.rs:6:12
  |
6 |     reader.open();
  |            ^^^^ method not found
  |
  = note: found the following

warning: unused
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


TEXT = """\
# 01 One: a test

About 7 minutes.

## What to look at

All of it.

- **open**, **close**: they are `two`
  and *one*.
- **one**: see <b>.

Twice.

## The trap

- **no step** here
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
        self.put("safe-wrapper/tests/misuse/open_twice.rs", MISUSE)
        self.put("safe-wrapper/tests/misuse/open_twice.stderr", REFUSED)

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

    def test_a_lesson_may_need_rust(self):
        self.put("lessons/03-three/lesson.toml",
                 'needs = "rust"\ntitle = "Three"\nminutes = 1\n'
                 'curriculum = []\n[lanes]\nc = "c.c"\n')
        self.put("lessons/03-three/c.c", "")
        self.assertIn("03-three", self.says("list"))
        self.assertIn("03-three", self.says("list", "c"))
        self.assertNotIn("03-three", self.says("--no-rust", "list"))
        self.assertNotIn("03-three", self.says("--no-rust", "list", "c"))
        self.assertIn("01-one", self.says("--no-rust", "list", "c"))
        self.put("lessons/03-three/lesson.toml",
                 'needs = "go"\ntitle = "Three"\nminutes = 1\n'
                 'curriculum = []\n[lanes]\nc = "c.c"\n')
        self.refused("`needs` is \"rust\" or not there")

    def test_helpers_belong_to_all_lanes(self):
        self.assertEqual(self.says("helpers"), "")
        for name in ("helper.c", "helper.cc", "helper.h"):
            self.put(f"lessons/01-one/{name}", "")
        self.assertEqual(self.says("helpers"),
                         f"{self.root}/lessons/01-one/helper.c\n"
                         f"{self.root}/lessons/01-one/helper.cc\n")
        self.put("lessons/01-one/other.cc", "")
        self.refused("other.cc belongs to no lane")

    def test_plugins_and_programs_are_files_of_their_folders(self):
        for what in ("plugins", "programs"):
            self.assertEqual(self.says(what), "")
            for name in ("one.c", "two.rs", "three.h", "parts/four.c"):
                self.put(f"lessons/01-one/{what}/{name}", "")
            self.assertEqual(self.says(what),
                             f"{self.root}/lessons/01-one/{what}/one.c\n"
                             f"{self.root}/lessons/01-one/{what}/two.rs\n")

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

    def test_a_broken_lane_that_is_wrong_is_refused(self):
        for right, wrong, words in (
            ('lane = "safe"\nstep', 'lane = "sage"\nstep', "no lane sage"),
            ("two-ones", "two ones", "a name is made of a-z"),
            ("let x = 1", "let y = 1", "its lines are 0 times in"),
            ("let x = 1;", "rec.", "its lines are 2 times in"),
            ("let x = 2", "let x = 1", "the mistake changes nothing"),
            ('step = "open"\nsum', 'step = "shut"\nsum', "no step 'shut'"),
            ('"diverged"', '"odd"', "'odd' is no verdict"),
            ('["2; in c 1"]', "[]", "says what the driver says"),
            ('"diverged"', '"same"', "says what the driver says"),
            ("cure =", "cures =", "cure is missing, or is no str"),
            ("verdict", 'more = ""\nverdict', "more: no such key"),
            ("lane =", 'file = "csrc/no.h"\nlane =', "csrc/no.h: no such"),
            ("says =", 'race = "a"\nsays =', "race is missing, or is no list"),
            ("says =", 'race = ["a"]\nsays =', "between two functions"),
        ):
            self.about(ABOUT + BROKEN.replace(right, wrong))
            self.refused(words)
        self.about(ABOUT + BROKEN + BROKEN)
        self.refused("two broken lanes are called two-ones")

    def test_a_broken_lane_is_shown_as_a_diff(self):
        self.about(ABOUT + BROKEN)
        self.put("lessons/01-one/tools.json", '{"two-ones": ["said"]}')
        out = str(self.root / "j")
        self.says("json", out)
        broken = json.loads(Path(out).read_text())["lessons"][0]["broken"][0]
        self.assertEqual(broken["file"], "lessons/01-one/safe.rs")
        self.assertEqual(broken["diff"].split("\n")[1:], [
            '     rec.step("open");', "-    let x = 1;", "+    let x = 2;",
            '     rec.step("close");'])
        self.assertIn("-    let x = 2;\n+    let x = 1;", broken["cure_diff"])
        self.assertEqual(broken["tools"], ["said"])
        self.put("lessons/01-one/tools.json", "{")
        self.refused("01-one/tools.json: ", "json", out)

    def test_what_is_prevented_has_a_proof(self):
        line = 'proof = "open_twice"\n'
        for text, words in (
            (DECLARED.replace(line, ""), '"open" of safe is declared to be '
             "prevented, and names no proof"),
            (DECLARED.replace(line, "proof = 1\n"), "names no proof"),
            (DECLARED.replace(line, 'proof = "open"\n'),
             "misuse/open.rs: no such file"),
            (DECLARED.replace(line, 'proof = "../misuse/open_twice"\n'),
             "misuse/open_twice.rs: no such file"),
            (DECLARED.replace('"prevented", ', ""),
             "has a proof, and is not declared to be prevented"),
        ):
            self.about(ABOUT + text)
            self.refused(words)

    def test_a_proof_is_a_program_that_rustc_refuses(self):
        message = "safe-wrapper/tests/misuse/open_twice.stderr"
        self.put(message, "warning: unused variable\n")
        self.refused("open_twice.stderr has no error of rustc")
        (self.root / message).unlink()
        self.refused("misuse/open_twice.stderr: no such file")

    def test_the_lane_names_the_error_of_the_proof(self):
        for code, words in (("E0599", ""), ("E0382", "names E0382, and its "
                                            "proof is E0599")):
            self.put("lessons/01-one/safe.rs", RUST.replace(
                "let x = 1;", f'rec.prevented("{code}, no such method");'))
            if words:
                self.refused(words)
            else:
                self.says("list")

    def test_of_a_proof_the_lines_that_matter_are_shown(self):
        for text, shown in (
            ("// In C: x.\nfn main() {\n    one();\n}\n", "one();"),
            ("fn one() {\n    two();\n}\n\nfn main() {}\n",
             "fn one() {\n    two();\n}"),
            ("struct A;\n\nfn main() {\n    A;\n}\n",
             "struct A;\n\nfn main() {\n    A;\n}"),
        ):
            self.assertEqual(reader.lines_that_matter(text), shown)
        two = REFUSED.replace("warning: ", "error[E0002]: ")
        self.assertNotIn("E0002", reader.first_error(two))

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
                "reason": "it cannot be said there", "proof": {
                    "name": "open_twice", "code": "E0599",
                    "file": "safe-wrapper/tests/misuse/open_twice.rs",
                    "in_c": "a leak.",
                    "program": 'let reader = Reader::open("in.gz")?;\n'
                    "reader.open();",
                    "error": "error[E0599]: no method named `open` found",
                    "message": REFUSED.partition("  |\n  = ")[0].rstrip(),
                }}], "broken": [], "looks": []}])
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


class Looks(Repository):
    """What a lesson says of its steps, and where it says it."""

    def setUp(self):
        super().setUp()
        self.text = "lessons/01-one/lesson.md"
        self.put(self.text, TEXT)

    def looks(self):
        return [
            {"steps": look.steps, "spans": reader.spans(look)} for look in
            reader.looks(self.root / self.text, ["one", "open", "close"])[0]]

    def spans(self, markdown):
        self.put(self.text, TEXT.replace("see <b>.", markdown))
        return [(s["text"], s["as"], s["href"])
                for s in self.looks()[1]["spans"]]

    def in_json(self):
        self.says("json", str(self.root / "j"))
        said = json.loads((self.root / "j").read_text())
        return said["lessons"][0]["looks"]

    def test_a_bullet_belongs_to_its_steps(self):
        self.assertEqual(self.in_json(), self.looks())
        self.assertEqual([look["steps"] for look in self.looks()],
                         [["open", "close"], ["one"]])
        self.assertEqual(self.looks()[0]["spans"], [
            {"text": "They are ", "as": "", "href": ""},
            {"text": "two", "as": "code", "href": ""},
            {"text": " and ", "as": "", "href": ""},
            {"text": "one", "as": "em", "href": ""},
            {"text": ".", "as": "", "href": ""}])

    def test_a_lesson_without_a_text_says_nothing(self):
        (self.root / self.text).unlink()
        self.assertEqual(self.in_json(), [])

    def test_markdown_of_a_line(self):
        for markdown, spans in (
            ("see <b> & c", [("See <b> & c", "", "")]),
            ("a **b `c`**", [("A ", "", ""), ("b ", "strong", ""),
                             ("c", "code", "")]),
            ("2 * 3 * 4", [("2 * 3 * 4", "", "")]),
            ("a \\*b\\*", [("A *b*", "", "")]),
            ("`*x*` [`z`](https://z.org/)", [
                ("*x*", "code", ""), (" ", "", ""),
                ("z", "code", "https://z.org/")]),
            ("``a`b``", [("a`b", "code", "")]),
            ("`open", [("`open", "", "")]),
            ("[one](../01-one/lesson.md) [c](c.c)", [
                ("one", "", "#01-one"), (" c", "", "")]),
            ("E0382 (`RUSTSEC-2026-0029`)", [
                ("E0382", "",
                 "https://doc.rust-lang.org/error_codes/E0382.html"),
                (" (", "", ""),
                ("RUSTSEC-2026-0029", "code",
                 "https://rustsec.org/advisories/RUSTSEC-2026-0029.html"),
                (")", "", "")]),
        ):
            with self.subTest(markdown=markdown):
                self.assertEqual(self.spans(markdown), spans)

    def test_what_is_no_bullet_of_a_step_is_refused(self):
        for old, new, words in (
            ("**one**", "**on**", 'lesson.md:11: no step "on"; there are: '),
            ("**close**", "**shut**", 'lesson.md:9: no step "shut"'),
            ("- **one**: see", "- see", "lesson.md:11: a bullet of "),
            ("**one**: ", "**one** ", "lesson.md:11: a bullet of "),
            ("**one**: see <b>.", "**one**: ", "lesson.md:11: a bullet of "),
            ("**one**", "**close**", 'the step "close" has a bullet already'),
            ("\nTwice.", "\n  Twice.", "lesson.md:13: a bullet of "),
            ("  and *one*", "  - and", "lesson.md:10: a bullet of "),
            ("see <b>", "[x](nowhere.md)", "the link to nowhere.md leads now"),
            ("see <b>", "[x](javascript:x)", "lesson.md:11: the link to java"),
        ):
            with self.subTest(new=new):
                self.put(self.text, TEXT.replace(old, new, 1))
                with self.assertRaises(reader.Problem) as raised:
                    self.looks()
                self.assertIn(words, str(raised.exception))
        self.refused("lesson.md:11: the link", "json", str(self.root / "j"))

    def test_the_text_around_the_bullets(self):
        each = reader.Lesson(self.root / "lessons/01-one", "One: a test", 7, [],
                             {"c": "c.c", "safe": "safe.rs"})
        self.assertEqual(each.text_around(), """\
# 01 One: a test

About 7 minutes.

## What to look at

All of it.

Twice.

## The trap

- **no step** here
""")
        self.put(self.text, TEXT.replace("\nAll of it.\n", "")
                 .replace("\nTwice.\n", ""))
        self.assertIn("minutes.\n\n## The trap", each.text_around())


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
