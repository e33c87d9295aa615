#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Check that what the front documents quote and link to is there.

A block of code below `<!-- FILE -->` has to stand in FILE as it is, but for
its indentation; so in the lessons' texts, too. A link to a file has to lead
to one (those of the lessons are the book's to check).

Exit code: 0 all is well, 1 something is not.
"""

import re
import sys
import textwrap
from pathlib import Path

from reader import lessons

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md",
             "CHANGELOG.md")
QUOTE = re.compile(r"^<!-- (\S+) -->\n```\w*\n(.*?)^```$", re.M | re.S)
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")
FOLDER = re.compile(r"^\| `([\w./-]+/)`", re.M)


def even(text):
    """Without what a quotation may change: tabs and common indentation."""
    return textwrap.dedent(text.expandtabs(8))


def quoted(code, text):
    """Whether the lines of `code` follow each other in `text`."""
    lines = [line.rstrip() for line in text.expandtabs(8).split("\n")]
    wanted = [line.rstrip() for line in even(code).rstrip("\n").split("\n")]
    for start in range(len(lines) - len(wanted) + 1):
        part = even("\n".join(lines[start:start + len(wanted)])).split("\n")
        if part == wanted:
            return True
    return False


def misquotes(name, text):
    for m in QUOTE.finditer(text):
        file = ROOT / m[1]
        if not file.is_file():
            yield f"{name}: quotes {m[1]}, which is not there"
        elif not quoted(m[2], file.read_text(encoding="utf-8")):
            first = m[2].strip().split("\n", 1)[0]
            yield f"{name}: {m[1]} has no such lines: {first} ..."


def problems(name, text):
    yield from misquotes(name, text)
    for m in LINK.finditer(text):
        if not (ROOT / m[1]).exists():
            yield f"{name}: links to {m[1]}, which is not there"
    for m in FOLDER.finditer(text):
        if not (ROOT / m[1]).is_dir():
            yield f"{name}: there is no folder {m[1]}"


def main():
    said = [p for name in DOCUMENTS for p in
            problems(name, (ROOT / name).read_text(encoding="utf-8"))]
    for lesson in lessons():
        said += misquotes(f"lessons/{lesson.name}/lesson.md", lesson.text())
    print("\n".join(said) or "What the front documents quote is there.")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
