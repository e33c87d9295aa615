#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Check that nothing in C is there for nobody: test_unused.py SOURCE BUILD NM

A function or variable that other files can see has to be used by another
file: else it is static, or nobody calls it. What a header declares has to be
defined, and a macro or an inline function has to be used somewhere.

The objects say what is defined; the sources say what is used. So it does not
matter which of the tests have been built.
"""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

FOLDERS = ("audit", "csrc", "host", "driver")
# The library's headers for its users: what they declare is for others.
PUBLIC = "csrc/include/"
# The ledger replaces these for all libraries in the process.
REPLACED = {"aligned_alloc", "calloc", "free", "malloc", "malloc_usable_size",
            "memalign", "posix_memalign", "pvalloc", "realloc", "valloc"}
# Neither a comment nor a text uses what it mentions.
NO_CODE = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"", re.S)
# A macro that says what to use instead is there to be used by nobody.
DEFINE = re.compile(r"^#\s*define\s+(\w+)(?!\w|\(\.\.\.\) use_)", re.M)
INLINE = re.compile(r"^static inline[^;{]*?(\w+)\(", re.M)
# The name of a function stands at the start of a line, its type above it.
DECLARED = re.compile(r"^(?!typedef)\S.*\n(\w+)\([^{}]*?\);", re.M)


def sources(root):
    """Path from `root` -> its code, of all that could use something."""
    found = {}
    for folder in (*FOLDERS, "bench", "bindings", "lanes", "lessons",
                   "safe-wrapper", "tests"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".c", ".h", ".rs"):
                text = path.read_text(encoding="utf-8", errors="replace")
                found[path.relative_to(root).as_posix()] = \
                    NO_CODE.sub(" ", text)
    return found


def symbols(nm, *options):
    """(file, name, kind) of each symbol that `nm` prints."""
    said = subprocess.run([nm, "-P", "-A", *options], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    for line in said.splitlines():
        file, rest = line.split(": ", 1)
        yield file, *rest.split()[:2]


def sources_of(folder, file):
    """The paths that an object may come from: Meson writes / as _."""
    stem = Path(file).name.removesuffix(".o")
    return {f"{folder}/{stem}", f"{folder}/{stem.replace('_', '/', 1)}",
            f"{folder}/tool/{stem}"}


def defined(build, nm):
    """name -> paths of the source, of what the objects show to others."""
    found = {}
    for folder in FOLDERS:
        files = sorted((build / folder).rglob("*.o"))
        for file, name, kind in symbols(nm, "-g", *files) if files else ():
            if kind in "TDBRVWC":
                found.setdefault(name, set()).update(sources_of(folder, file))
    return found


def mentions(texts):
    """name -> path -> how often it stands there."""
    found = {}
    for path, text in texts.items():
        for name in re.findall(r"\w+", text):
            at = found.setdefault(name, {})
            at[path] = at.get(path, 0) + 1
    return found


def problems(texts, shown, exported):
    """What is there for nobody. `shown`: what defined() found."""
    used = mentions(texts)
    for name, homes in sorted(shown.items()):
        # a header declares it at the start of a line, and may use it too
        others = [path for path in used.get(name, {}) if path not in homes
                  and (not path.endswith(".h") or re.search(
                      rf"(?m)^(?!{name}\b).*\b{name}\b", texts[path]))]
        if not others and name not in exported and name not in REPLACED \
                and name != "main":
            yield (f"{name} ({min(homes, key=len)}): no other file uses it: "
                   "make it static, or delete it")
    for path, text in texts.items():
        if not path.startswith(FOLDERS) or path.startswith(PUBLIC):
            continue
        for name in DEFINE.findall(text) + INLINE.findall(text):
            if sum(used[name].values()) < 2:
                yield f"{name} ({path}): nobody uses it: delete it"
        if path.endswith(".h"):
            for name in DECLARED.findall(text):
                if name not in shown and not name.startswith("__"):
                    yield f"{name} ({path}): it is defined nowhere"


class Planted(unittest.TestCase):
    """It finds what is planted."""

    TEXTS = {
        "host/a.h": "int\nshared(void);\nint\nalone(void);\n"
                    "#define TAKEN 1\n",
        "host/a.c": "int\nshared(void)\n{ return TAKEN; }\n"
                    "int\nalone(void)\n{ return shared(); }\n",
        "host/b.c": "void\nb(void)\n{ shared(); /* alone() */ }\n",
    }
    SHOWN = {"shared": {"host/a.c"}, "alone": {"host/a.c"}}

    def found(self, texts=(), shown=()):
        texts = {path: NO_CODE.sub(" ", text) for path, text in
                 {**self.TEXTS, **dict(texts)}.items()}
        return [text.split()[0] for text in problems(
            texts, {**self.SHOWN, **dict(shown)}, {"sgz_open"})]

    def test_a_function_that_its_own_file_uses_alone(self):
        self.assertEqual(self.found(), ["alone"])

    def test_one_that_a_test_uses_is_used(self):
        self.assertEqual(self.found({"tests/t.c": "void\ntest(void)\n{ alone(); b(); }"}), [])

    def test_a_public_function_is_for_others(self):
        self.assertEqual(self.found(shown={"sgz_open": {"csrc/o.c"}}),
                         ["alone"])

    def test_a_variable(self):
        self.assertIn("table", self.found({"host/a.c": "int table[3];"},
                                          {"table": {"host/a.c"}}))

    def test_a_macro_and_an_inline_function(self):
        self.assertEqual(
            self.found({"host/c.h": "#define LEFT 2\n"
                        "static inline int\nhelp(void)\n{\n}\n"})[1:],
            ["LEFT", "help"])

    def test_a_declaration_of_nothing(self):
        self.assertIn("gone", self.found({"host/d.h": "int\ngone(int a,\n"
                                          "     int b);\n"}))

    def test_objects_are_read(self):
        with tempfile.TemporaryDirectory() as folder:
            build = Path(folder)
            (build / "host").mkdir()
            (build / "host/a.c").write_text("int one; static int two;\n"
                                            "int f(void) { return two; }\n")
            subprocess.run(["cc", "-c", build / "host/a.c", "-o",
                            build / "host/a.c.o"], check=True)
            self.assertEqual(set(defined(build, NM)), {"one", "f"})


def main(root, build):
    # what a program calls that is linked with one, or has one preloaded
    libraries = [build / name for name in ("csrc/libsgz.so",
                                           "audit/libferrule_audit.so")]
    exported = {name for _, name, _ in symbols(
        NM, "-D", "--defined-only",
        *(path for path in libraries if path.exists()))}
    said = list(problems(sources(root), defined(build, NM), exported))
    print("\n".join(said) or "What other files can see, other files use.")
    tested = unittest.main(argv=["test_unused.py"], exit=False).result
    return 1 if said or not tested.wasSuccessful() else 0


if __name__ == "__main__":
    NM = sys.argv[3]
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
