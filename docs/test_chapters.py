#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""What chapters.py makes of a small repository, and what it refuses."""

import contextlib
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import chapters

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
    "lessons/01-first/safe.rs": RUST,
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

    def test_lanes_that_share_a_file_share_a_column(self):
        text = self.lesson()[2]
        self.assertIn("Typed and Made", text)
        self.put("lessons/01-first/made.rs", RUST)
        self.put("lessons/01-first/lesson.toml",
                 ABOUT.replace('made = "raw', 'made = "made'))
        text = self.lesson()[2]
        self.assertNotIn("Typed and Made", text)
        self.assertIn('<div class="lanes lanes-4">', text)

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


class TheBook(unittest.TestCase):
    def test_is_whole(self):
        with contextlib.redirect_stdout(io.StringIO()):
            chapters.check(Path(__file__).resolve().parent)


if __name__ == "__main__":
    unittest.main()
