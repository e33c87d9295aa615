#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""What chapters.py makes of a small repository, and what it refuses."""

import contextlib
import io
import json
import re
import sys
import tempfile
import types
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "docs"))
import chapters
import quotes

C = """\
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "lesson.h"

static int
helper(void)
{
	return 1;
}

void
lesson(struct ferrule_recorder *rec, const struct ferrule_input *in)
{
	rec_step(rec, "open");
	sgz_open(in->path);

	rec_step(rec, "close it");
	if (helper())
		sgz_close();
}
"""

RUST = """\
use super::prelude::*;

/// Says how many.
#[must_use]
pub fn count() -> usize {
    if true {
        1
    } else {
        2
    }
}

pub fn run(rec: &mut Recorder, input: &Input) {
    rec.step("open");
    open(input.path());

    rec.step("close it");
    close();
}
"""

HEADER = """\
struct sgz_source {
	/**
	 * Read @len bytes.
	 *
	 * Ownership: borrows @data
	 *   for the call
	 * Errors: none
	 */
	int64_t (*read)(void *ctx, void *data, size_t len);
};

#define SGZ_TWO \\
	2

/**
 * Open @path.
 *
 * Ownership: borrows *path_out
 * Lifetime: none
 */
SGZ_API enum sgz_status
sgz_open(const char *path);
"""

ABOUT = """\
title = "First: one"
minutes = 7
curriculum = []

[lanes]
c = "c.c"
typed = "raw.rs"
made = "raw.rs"
safe = "safe.rs"
"""

SUMMARY = """\
# Summary

- [Lessons](lessons.md)
- [Clauses](clauses.md)
"""

FILES = {
    "csrc/include/sgz/reader.h": HEADER,
    "lanes/safe/src/lib.rs": 'lane! {\n    order: 3,\n    name: c"safe",\n'
    '    title: c"Safe Rust",\n}\n',
    "lanes/safe/build.rs": "",
    "lanes/raw/src/lib.rs": 'lane! {\n    order: 1,\n    name: c"typed",\n'
    '    title: c"Typed",\n}\n',
    "lanes/raw/build.rs": "",
    "lanes/read/src/lib.rs": 'lane! {\n    order: 2,\n    name: c"made",\n'
    '    title: c"Made",\n}\n',
    "lanes/read/build.rs": "",
    "lanes/support/src/lib.rs": "no lane\n",
    "lessons/lesson.h": "",
    "lessons/01-first/lesson.toml": ABOUT,
    "lessons/01-first/c.c": C,
    "lessons/01-first/raw.rs": RUST,
    "lessons/01-first/safe.rs": RUST.replace("    open", "    Reader::open")
    .replace("    close", "    reader.close").replace("Says", "Tells"),
    "lessons/01-first/lesson.md": "# 01 First: one\n\nAbout 7 minutes.\n",
    "docs/src/SUMMARY.md": SUMMARY,
    "docs/src/lessons.md": "# Lessons\n\n{{lessons}}\n",
    "docs/src/clauses.md": "# Clauses\n\n"
    "{{clauses csrc/include/sgz/reader.h}}\n",
}


LANES = ("c", "typed", "made", "safe")


def found(declared=(), lessons=("01-first",), **steps):
    """What the driver says of a run in which each lane takes both steps.

    @steps: for a lane, the rows that it has instead.
    """
    rows = ["", "open", "close it"]
    cells = [
        {
            "lesson": lesson,
            "lane": lane,
            "steps": [
                {"row": row, "declared": dict(declared).get((lane, row))}
                for row in steps.get(lane, (1, 2))
            ],
        }
        for lesson in lessons
        for lane in LANES
    ]
    names = [{"name": name, "rows": rows} for name in lessons]
    return json.dumps({"lessons": names, "cells": cells})


FILES["build/results.json"] = found()


class Chapters(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        for path, text in FILES.items():
            self.put(path, text)

    def put(self, path, text):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def check(self):
        with contextlib.redirect_stdout(io.StringIO()):
            chapters.check(self.root / "docs")

    def refused(self, words):
        with self.assertRaisesRegex(chapters.Problem, words):
            self.check()

    def lesson(self):
        return chapters.Book(self.root).lessons()[0]

    def test_a_lesson_becomes_a_chapter_with_a_row_per_step(self):
        self.check()
        title, path, text = self.lesson()
        self.assertEqual(title, "01 First: one")
        self.assertEqual(path, "lessons/01-first.md")
        self.assertLess(text.index("### open"), text.index("### close it"))
        self.assertIn("[`sgz_open`](../clauses.md#sgz_open)", text)
        # three rows: two steps, and what is around them
        self.assertEqual(text.count('<div class="lanes lanes-3">'), 3)

    def test_lanes_with_the_same_code_share_a_cell(self):
        self.assertIn("Typed and Made", self.lesson()[2])
        made = RUST.replace("    close", "    shut").replace("Says", "Knows")
        self.put("lessons/01-first/made.rs", made)
        self.put("lessons/01-first/lesson.toml",
                 ABOUT.replace('made = "raw', 'made = "made'))
        one, other = self.lesson()[2].split("### close it")
        self.assertIn("Typed and Made", one)
        self.assertNotIn("Typed and Made", other)
        # this step, and what is around the steps
        self.assertEqual(other.count('<div class="lanes lanes-4">'), 2)

    def test_a_step_ends_with_its_function(self):
        around, steps = chapters.split(self.root / "lessons/01-first/c.c")
        self.assertEqual(
            steps["close it"],
            'rec_step(rec, "close it");\nif (helper())\n        sgz_close();',
        )
        self.assertIn("return 1;", around)
        self.assertNotIn("SPDX", around)

    def test_a_missing_step_is_refused(self):
        self.put("lessons/01-first/safe.rs", RUST.replace("close it", "end"))
        self.refused(r"safe\.rs: no step 'close it', which its lane took")

    def test_a_step_in_no_row_is_refused(self):
        more = RUST.replace("    close();", '    rec.step("more");')
        self.put("lessons/01-first/safe.rs", more)
        self.refused(r"safe\.rs: the step 'more' is in no row")

    def test_no_results_are_refused(self):
        (self.root / "build/results.json").unlink()
        self.refused(r"results\.json: no such file: './x book'")

    def test_a_row_is_what_the_driver_paired(self):
        only = RUST.replace('    rec.step("close it");\n', "")
        self.put("lessons/01-first/safe.rs", only)
        self.put("build/results.json", found(safe=(1,)))
        text = self.lesson()[2]
        row = text[text.index("### close it"):text.index("### Around")]
        self.assertEqual(row.count("(no such step)"), 1)
        self.assertLess(row.index("Typed and"), row.index("(no such step)"))

    def test_a_thread_that_is_a_task_has_rows_of_its_own(self):
        result = json.loads(found(**{lane: (1, 2, 3, 4) for lane in LANES}))
        result["lessons"][0]["rows"] += ["task other", "other: open"]
        self.put("build/results.json", json.dumps(result))
        text = self.lesson()[2]
        row = text[text.index("### task other"):text.index("### other: open")]
        self.assertIn("(a thread: its code stands around the steps)", row)
        row = text[text.index("### other: open"):text.index("### Around")]
        self.assertIn("Reader::open", row)
        result["lessons"][0]["rows"][-1] = "other: shut"
        self.put("build/results.json", json.dumps(result))
        self.refused("no step 'other: shut', which its lane took")

    def test_a_missing_file_is_refused(self):
        (self.root / "lessons/01-first/safe.rs").unlink()
        self.refused("01-first/safe.rs: no such file")
        self.put("lessons/01-first/lesson.toml",
                 ABOUT.replace('safe = "safe.rs"\n', ""))
        self.refused("lesson.toml: no lane safe")

    def test_a_missing_text_is_refused(self):
        (self.root / "lessons/01-first/lesson.md").unlink()
        self.refused("lesson.md: no such file")

    def test_a_text_without_title_is_refused(self):
        self.put("lessons/01-first/lesson.md", "About 7 minutes.\n")
        self.refused("lesson.md: does not begin with the title")

    def test_a_declaration_stands_at_its_step(self):
        declared = {("safe", 1): "no such thing"}
        self.put("build/results.json", found(declared))
        text = self.lesson()[2]
        self.assertIn("for the lane *safe*: no such thing", text)
        self.assertLess(text.index("no such thing"), text.index("### close"))

    def test_what_is_prevented_shows_what_rustc_refuses(self):
        declared = {("safe", 1): "no such thing"}
        self.put("build/results.json", found(declared))
        self.put("lessons/01-first/lesson.toml", ABOUT + """
[[declared]]
lane = "safe"
step = "open"
differs = ["prevented"]
proof = "close_twice"
reason = "no such thing"
""")
        text = self.lesson()[2]
        row = text[text.index("### open"):text.index("### close")]
        self.assertIn("rustc refuses `safe-wrapper/tests/misuse/close_twice.rs`",
                      row)
        self.assertIn("```rust\nlet reader = sgz::Reader::open(", row)
        self.assertIn("```text\nerror[E0382]: use of moved value", row)
        self.assertIn("[E0382](https://doc.rust-lang.org/error_codes/E0382.html)",
                      row)

    def test_what_is_said_of_a_step_stands_in_its_row(self):
        self.put("lessons/01-first/lesson.md",
                 FILES["lessons/01-first/lesson.md"] + """
## What to look at

- **open**, **close it**: watch `this`; [c](c.c).

## The trap
""")
        text = self.lesson()[2]
        first, row = text.split("### open\n")
        self.assertNotIn("watch", first.lower())
        self.assertNotIn("What to look at", first)
        self.assertTrue(row.startswith("\nWatch `this`; c.\n"))
        self.assertIn('### close it\n\nSee step ["open"](#open).', row)
        self.check()

    def test_results_stand_beneath_the_code(self):
        run = json.loads(found())
        events = [{"kind": "integer", "label": "there", "value": "<1>"},
                  {"kind": "prevented", "label": "", "value": "E0382, so"}]
        memory = {"library": {"allocs": 2, "frees": 1, "bytes": 66112}}
        for cell in run["cells"]:
            cell["steps"][0].update(events=events, memory=memory)
        self.put("build/results.json", json.dumps(run))
        one, other = self.lesson()[2].split("### close it")
        self.assertEqual(one.count("<li><b>there</b> &lt;1&gt;</li>"), 3)
        self.assertIn("<li><b>prevented</b> <a href=\"https://doc.rust-lang."
                      "org/error_codes/E0382.html\">E0382</a>, so</li>", one)
        self.assertIn("<li>library: +2 (66,112 B), \N{MINUS SIGN}1</li>", one)
        self.assertIn("<li>nothing recorded</li>", other)
        # one file, and two results
        run["cells"][2]["steps"][0]["events"] = []
        self.put("build/results.json", json.dumps(run))
        one = self.lesson()[2].split("### close it")[0]
        self.assertEqual(one.count("<li><b>there</b>"), 3)
        self.assertEqual(one.count("<li>nothing recorded</li>"), 1)
        self.assertIn('<p class="lane-name">Made</p>', one)

    def test_error_codes_are_links(self):
        at = "https://doc.rust-lang.org/error_codes/E0793.html"
        for text, linked in (
            ("(E0793)", f"([E0793]({at}))"),
            ("`E0793`", f"[`E0793`]({at})"),
            ("[E0793](x)", "[E0793](x)"),
            ("`let E0793`", "`let E0793`"),
            ("<li>E0793</li>", "<li>E0793</li>"),
            ("`RUSTSEC-2025-0022`", "[`RUSTSEC-2025-0022`]"
             "(https://rustsec.org/advisories/RUSTSEC-2025-0022.html)"),
            ("```\nE0793\n```", "```\nE0793\n```"),
            ("SIZE0793 E07931", "SIZE0793 E07931"),
        ):
            self.assertEqual(chapters.link_references(text), linked)

    def test_links_to_nowhere_are_refused(self):
        for link in ("nowhere.md", "clauses.md#sgz_nothing", "#nothing"):
            self.put("docs/src/lessons.md", f"# Lessons\n\n[x]({link})\n")
            self.refused("lessons.md: links to")
        self.put("docs/src/lessons.md", "# A b\n\n[x](clauses.md#sgz_open)"
                 "[y](#a-b)[z](lessons/01-first.md#close-it)\n")
        self.check()

    def test_links_between_lessons_become_links_between_chapters(self):
        text = FILES["lessons/01-first/lesson.md"]
        text += "[a](../02-second/lesson.md) [c](c.c)\n"
        self.put("lessons/01-first/lesson.md", text)
        self.refused("no ../02-second/lesson.md")
        both = found(lessons=("01-first", "02-second"))
        self.put("build/results.json", both)
        self.put("lessons/02-second/lesson.toml",
                 ABOUT.replace("First: one", "Second"))
        self.put("lessons/02-second/lesson.md",
                 "# 02 Second\n\nAbout 7 minutes.\n")
        for name in ("c.c", "raw.rs", "safe.rs"):
            self.put(f"lessons/02-second/{name}", C if name == "c.c" else RUST)
        self.check()
        self.assertIn("[a](02-second.md) c\n", self.lesson()[2])

    def test_code_is_taken_by_name(self):
        for directive, code in (
            ("code lessons/01-first/c.c helper", "static int\nhelper(void)\n{"),
            ("code lessons/01-first/raw.rs count", "#[must_use]\npub fn count"),
            ("code csrc/include/sgz/reader.h SGZ_TWO", "TWO \\\n        2\n"),
            ("code csrc/include/sgz/reader.h sgz_source", "struct sgz_source {"),
            ("code csrc/include/sgz/reader.h sgz_open", "/**\n * Open @path."),
            ("step lessons/01-first/raw.rs close it", "close();"),
            ("file lessons/01-first/lesson.md", "About 7 minutes."),
        ):
            text = chapters.Book(self.root).expand(f"{{{{{directive}}}}}", "x")
            self.assertIn(code, text)
            self.assertEqual(text.count("```"), 2)

    def test_what_is_not_there_is_refused(self):
        for directive, words in (
            ("code lessons/01-first/c.c nothing", "no item 'nothing'"),
            ("code nowhere.c main", "no such file"),
            ("step lessons/01-first/c.c nothing", "no step 'nothing'; there "),
            ("clauses lessons/01-first/c.c", "no function with clauses"),
            ("code nowhere.c", "too few words"),
            ("surprise", "no such directive"),
        ):
            self.put("docs/src/lessons.md", f"# Lessons\n\n{{{{{directive}}}}}\n")
            self.refused(words)

    def test_clauses_are_read_from_a_header(self):
        read, open_ = chapters.Book(self.root).functions.values()
        self.assertEqual(read.name, "sgz_source.read")
        self.assertEqual(read.clauses["Ownership"],
                         "borrows @data for the call")
        self.assertEqual(open_.name, "sgz_open")
        text = chapters.Book(self.root).expand(
            "{{clauses csrc/include/sgz/reader.h}}", "x")
        self.assertIn("### `sgz_source.read` {#sgz_source.read}", text)
        self.assertIn("| **Ownership** | borrows `*path_out` |", text)

    def test_mdbook_gets_the_lessons_under_their_chapter(self):
        chapter = {
            "name": "Lessons", "path": "lessons.md", "number": [4],
            "content": FILES["docs/src/lessons.md"], "sub_items": [],
        }
        clauses = dict(chapter, path="clauses.md", content=
                       FILES["docs/src/clauses.md"], sub_items=[])
        book = {"items": [{"Chapter": chapter}, "Separator",
                          {"Chapter": clauses}]}
        chapters.preprocess({"root": str(self.root / "docs")}, book)
        first = chapter["sub_items"][0]["Chapter"]
        self.assertEqual((first["name"], first["number"]), ("First: one", [4, 1]))
        self.assertIn("| [01 First: one](lessons/01-first.md) | 7 |",
                      chapter["content"])


class Known(unittest.TestCase):
    """What has a page of its own is linked to it, in prose."""

    def test_ids_become_links(self):
        for text, target in (
            ("see RFC 1952.", "https://www.rfc-editor.org/rfc/rfc1952"),
            ("a BGZF block", "https://samtools.github.io/hts-specs/"
             "SAMv1.pdf"),
            ("CVE-2018-25032", "https://www.cve.org/CVERecord?id="
             "CVE-2018-25032"),
        ):
            found = chapters.link_references(text)
            self.assertIn(f"]({target})", found)
            # once is enough
            self.assertEqual(chapters.link_references(text + " " + text),
                             found + " " + text)

    def test_code_and_headings_stay(self):
        for text in ("`BGZF`", "# A BGZF file", "```\nRFC 1952\n```",
                     "[RFC 1951](x.md)", "<td>BGZF</td>", "XBGZF"):
            self.assertEqual(chapters.link_references(text), text)


LESSON = """\
# 01 One: a test

About 3 minutes.
It takes 12 bytes, or 1,024; see lesson 99, `7777` and RUSTSEC-2020-1234.

```text
01-one, raw: leaked
  leak: 2 blocks, 12 bytes of library, allocated by sgz_new, called by
    … (raw.rs:…)
```
"""


class Clauses(unittest.TestCase):
    """The page of all clauses."""

    def test_it_has_every_header_in_the_order_in_which_they_are_read(self):
        wanted = re.findall(r"#include <(sgz/\w+\.h)>",
                            (ROOT / "csrc/include/sgz.h").read_text())
        page = (ROOT / "docs/src/clauses.md").read_text()
        self.assertEqual(re.findall(r"^## (\S+)$", page, re.M), wanted)
        self.assertEqual(re.findall(r"\{\{clauses csrc/include/(\S+)}}", page),
                         wanted)


class Quotes(unittest.TestCase):
    """What a lesson.md quotes is what a run gave."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        lane = self.root / "c.c"
        lane.write_text("x = 1024;")
        self.text = LESSON
        self.lesson = types.SimpleNamespace(
            name="01-one", path=self.root, lanes=["c"],
            file=lambda _: lane, text=lambda: self.text)
        reason = ("leak: 2 blocks, 12 bytes of library, allocated by sgz_new, "
                  "called by run (raw.rs:31)")
        self.found = {"cells": [], "broken": [{
            "lesson": "01-one", "name": "one", "cell": {
                "lane": "raw", "verdict": "leaked", "reasons": [reason]}}]}

    def stale(self, right, wrong, words):
        self.text = LESSON.replace(right, wrong)
        with self.assertRaises(chapters.Problem) as caught:
            quotes.check(self.root, self.lesson, self.found)
        self.assertIn(words, str(caught.exception))

    def test_what_a_run_gave_may_be_quoted(self):
        quotes.check(self.root, self.lesson, self.found)

    def test_a_number_that_no_run_gave_is_stale(self):
        self.stale("takes 12 ", "takes 760 ", "lesson.md:4: 760 stands in no")
        self.stale("1,024", "1,025", "lesson.md:4: 1,025 stands in no")

    def test_a_name_that_is_not_there_is_stale(self):
        self.stale("`7777`", "`lanes/raw/gone.rs`", "4: there is no file")
        self.stale("`7777`", "`sgz_gone`", "4: no header has sgz_gone")
        self.stale("`7777`", "the broken lane `gone`", "4: no broken lane")

    def test_a_report_that_no_run_gave_is_stale(self):
        words = "lesson.md:6: no broken lane of raw is leaked"
        self.stale("12 bytes of", "13 bytes of", words)
        self.stale("sgz_new", "sgz_open", words)
        self.stale("(raw.rs:…)", "(lib.rs:…)", words)
        self.stale("raw: leaked", "raw: diverged", "lane of raw is diverged")
        self.stale("01-one, raw", "02-two, raw", "does not begin as a report")


class TheBook(unittest.TestCase):
    def test_is_whole(self):
        with contextlib.redirect_stdout(io.StringIO()):
            chapters.check(Path(__file__).resolve().parent)


if __name__ == "__main__":
    unittest.main()
