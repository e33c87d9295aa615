#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Check that each kind of text is read at one place, that steps of two lanes
are paired at one, and that one library hosts lanes: one_reader.py [ROOT]

Two readers of one text have two sets of rules, and what one of them refuses
the other takes. So the marks of a reader are looked for in all code, and
allowed in tools/reader.py alone.

Exit code: 0 there is one of each, 1 there is another.
"""

import os
import re
import sys
from pathlib import Path

# What is read, and what gives its reader away.
MARKS = {
    "clauses": r"""["'(|](Ownership|Lifetime|Re-entry)["'|)]"""
               r"""|["'^ ](\\n|\\t|\(\\t\?\)|)/(\*|\\\*){2}(\\n|["'])""",
    "steps": r"""["'][^"']*(rec_step|\.step)\\*\(""",
    "which lessons there are":
        r"(glob|iterdir|read_dir|listdir|scandir|opendir)\b.*lessons"
        r"|lessons\b.*\b(glob|iterdir|listdir|scandir)\("
        r"|lessons\"?/\*|\[0-9\]\[0-9\]-|\\d\\d-",
    "what a lesson says of itself":
        r"""["'/]lesson\.toml|declared\.json|tomllib|\btoml::"""
        r"|(read|open|read_text|read_file|xasprintf|join)\b.*lesson\.md",
    "which lanes there are":
        r"crate-type *\*?=.*cdylib|lanes\b.*\.(glob|iterdir)\(",
}
CODE = (".py", ".sh", ".c", ".h", ".rs", "meson.build")
# The reader, what holds such text, and the tests that give it to the reader;
# and what reads the settings of cbindgen and Cargo, the cases of the audit, and
# the crates of the field run, which are TOML as well.
ALLOWED = ("tools/reader.py", "tools/one_reader.py", "lessons/",
           "tests/reader/", "tests/clauses/", "tests/frontdoor/",
           "docs/test_chapters.py", "docs/test_curriculum.py",
           "tests/driver/test_parts.c", "tests/audit/run.py",
           "tools/field_run.py", "tools/drift_proofs.py",
           "tools/audit_field.py", "docs/audit.py", "bindings/drift/src/",
           "cargo-ferrule/src/config.rs")
# Steps of two lanes are paired at one place too, and their names compared.
PAIRS = (r"strn?cmp\([^;]*\bsteps\[[^;]*\.name"
         r"|\bsteps\b.*\bname\b *[!=]= .*\bname\b|\bc\.name *[!=]= *lane"
         r"|list\((\w+\.)?steps\) *[!=]=|zip\([^)]*steps")
# What pairs, and what looks for the one step that a text names.
PAIRING = ("driver/pair.c", "driver/judge.c", "tests/lessons/src/hosted.c")
# What a lane records to, and what stands before the heap: a host of lanes.
HOSTS = r"struct ferrule_recorder_ops \w+ *=|\b__libc_(malloc|calloc|free)\b"
# The plain one hosts nothing: it shows what is seen without a host.
HOSTING = ("host/", "tools/one_reader.py", "tests/broken/plain.c")
SKIPPED = {"target", "book", "__pycache__", "subprojects"}


def code(root):
    """All code under `root`, as paths from there."""
    for folder, below, names in os.walk(root):
        top = Path(folder).relative_to(root)
        below[:] = [d for d in below if d not in SKIPPED and d[0] != "."
                    and not (top == Path() and d.startswith("build"))]
        for name in names:
            if name.endswith(CODE) or (top / name) == Path("x"):
                yield (top / name).as_posix()


def others(root):
    """Where something else than the reader reads, as lines to print."""
    for file in sorted(code(root)):
        if file.startswith(ALLOWED):
            continue
        text = (root / file).read_text(encoding="utf-8")
        for number, line in enumerate(text.split("\n"), 1):
            if file not in PAIRING and re.search(PAIRS, line):
                yield (f"{file}:{number}: pairs steps, as only driver/pair.c "
                       "may: read its rows")
            if not file.startswith(HOSTING) and re.search(HOSTS, line):
                yield (f"{file}:{number}: hosts a lane, as only host/ may: "
                       "use its recorder and ledger")
            for what, marks in MARKS.items():
                if re.search(marks, line):
                    yield (f"{file}:{number}: reads {what}, as only "
                           "tools/reader.py may: ask that")


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else
                Path(__file__).resolve().parent.parent)
    found = list(others(root))
    print("\n".join(found) or "Each kind of text has one reader, steps have one "
          "matcher, and lanes one host.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
