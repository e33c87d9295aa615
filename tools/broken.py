#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Builds broken lanes: copies of a lane with one lesson and one mistake.

    broken.py list                  LESSON, NAME and c or rust, a line for each
    broken.py c OUT.c TABLE.c DEPFILE LESSON NAME KIND
                                    what Meson compiles of one in C
    broken.py rust OUT.so DEPFILE CARGO LIB LESSON NAME KIND
                                    one in Rust; CARGO is where Cargo built the
                                    lanes, LIB where libsgz is
    broken.py record BUILD [LESSON...]
                                    write down in tools.json of the lessons
                                    what other tools say of their broken lanes
    broken.py fresh BUILD LESSON    fail if tools.json is not what they say;
                                    77 if not all of them are here

KIND is broken or cured. What the mistakes are, reader.py reads from each
lesson.toml.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import reader
from reader import ROOT, Problem

SKIPPED = 77


def find(lesson_name, name):
    for lesson in reader.lessons():
        for broken in lesson.broken:
            if (lesson.name, broken.name) == (lesson_name, name):
                return lesson, broken
    raise Problem(f"{lesson_name} has no broken lane {name}")


def is_c(broken):
    return broken.lane == "c"


def print_list():
    for lesson in reader.lessons():
        for broken in lesson.broken:
            print(lesson.name, broken.name, "c" if is_c(broken) else "rust",
                  sep="\t")


def lane_name(lesson, broken, kind):
    """A cured lane stands in for its model; one in C is beside it."""
    if kind == "broken" or is_c(broken):
        return f"{lesson.name}.{broken.name}"
    return broken.lane


def depends(lesson, broken):
    return [lesson.about, broken.path, __file__, reader.__file__]


# --- In C --------------------------------------------------------------------

def write_c(out, table, deps, lesson_name, name, kind):
    lesson, broken = find(lesson_name, name)
    reader.write(out, f"#line 1 {json.dumps(str(broken.path))}\n"
                 + broken.text(kind))
    reader.write(table, reader.lane_table(
        [lesson], order=1, name=lane_name(lesson, broken, kind), title="C"))
    reader.write_depfile(deps, out, depends(lesson, broken))


# --- In Rust -----------------------------------------------------------------

# The part of a lane's crate that every lane has.
CRATE = """\
#![allow(dead_code, unused_imports)]
{prelude}
#[path = {source}]
mod {module};
static LESSONS: &[ferrule_lane::Lesson] =
    &[ferrule_lane::lesson!({module}, c{lesson}, c{source})];
ferrule_lane::lane! {{
    order: 1,
    name: c{name},
    title: c"Rust",
    lessons: LESSONS,
}}
"""

# lane -> its crate's name, the folder of that crate, and its prelude
BINDINGS = {
    "handwritten": ("sgz_sys_handwritten", "bindings/handwritten",
                    "lanes/raw/prelude.rs"),
    "generated": ("sgz_sys_generated", "bindings/generated",
                  "lanes/raw/prelude.rs"),
    "safe": ("sgz", "safe-wrapper", "lanes/safe/src/prelude.rs"),
}

# lane -> the crate by which its lesson on zlib uses it
ZLIB = {
    "handwritten": "zlib_sys_handwritten",
    "generated": "zlib_sys_generated",
    "safe": "ferrule_zlib",
}


def quoted(text):
    """A string literal of Rust."""
    return json.dumps(str(text), ensure_ascii=False)


class Rust:
    """One broken lane in Rust, compiled by rustc alone: what it needs, Cargo
    has built for the lanes."""

    def __init__(self, folder, cargo, lib, **env):
        self.folder = Path(folder)
        self.built = Path(cargo)
        self.lib = Path(lib)
        self.env = {**os.environ, **env}
        # what the compiler said
        self.said = ""

    def rustc(self, crate, source, out, kind, options=()):
        command = [
            os.environ.get("RUSTC", "rustc"), "--edition=2024",
            f"--crate-type={kind}", f"--crate-name={crate}",
            # as the profile "lane" has it
            "-Copt-level=3", "-Cdebuginfo=limited", "-Cstrip=none",
            "--extern", f"sgz_link={self.built}/libsgz_link.rlib",
            "-L", f"dependency={self.built}/deps", "-L", f"native={self.lib}",
            f"-Clink-arg=-Wl,-rpath,{self.lib}",
            *options, "-o", str(out), str(source)]
        done = subprocess.run(command, capture_output=True, text=True,
                              check=False, env=self.env)
        self.said += done.stderr
        if done.returncode != 0:
            raise Problem(f"{source} does not compile:\n{done.stderr}")

    def build(self, out, lesson, broken, kind, options=()):
        crate, home, prelude = BINDINGS[broken.lane]
        rlib = self.built / f"lib{crate}.rlib"
        source = lesson.file(broken.lane)
        copy = self.folder / broken.path.name
        if broken.path == source:
            copy.write_text(broken.text(kind), encoding="utf-8")
            source = copy
        else:
            rlib = self.bindings(crate, ROOT / home, broken, kind, options)
        root = self.folder / "lib.rs"
        also = ZLIB[broken.lane]
        use = ("" if broken.lane == "safe" else
               f"use {crate} as sys;\nuse {also} as zlib;\n")
        root.write_text(CRATE.format(
            prelude=f"{use}#[path = {quoted(ROOT / prelude)}]\nmod prelude;",
            source=quoted(source), module=lesson.identifier,
            lesson=quoted(lesson.name),
            name=quoted(lane_name(lesson, broken, kind))), encoding="utf-8")
        # as its model: reports name functions with it
        self.rustc(f"ferrule_lane_{broken.lane}", root, out, "cdylib",
                   ["--extern", f"{crate}={rlib}",
                    "--extern", f"{also}={self.built}/lib{also}.rlib",
                    "--extern",
                    f"ferrule_lane={self.built}/libferrule_lane.rlib",
                    "--extern", f"libc={self.built}/liblibc.rlib", *options])

    def bindings(self, crate, home, broken, kind, options):
        """A copy of the raw crate, with the mistake in it."""
        copy = self.folder / crate
        shutil.copytree(home / "src", copy)
        (copy / broken.path.relative_to(home / "src")).write_text(
            broken.text(kind), encoding="utf-8")
        out = self.folder / f"lib{crate}.rlib"
        self.rustc(crate, copy / "lib.rs", out, "rlib", options)
        return out


# What rustc said of a lane, beside its source.
SAID = "rustc.txt"


def source_folder(out):
    return Path(f"{out}.src")


def write_rust(out, deps, cargo, lib, lesson_name, name, kind):
    lesson, broken = find(lesson_name, name)
    # the path is in the debug information, and so in reports
    folder = source_folder(out)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    rust = Rust(folder.resolve(), Path(cargo).resolve(), Path(lib).resolve())
    new = Path(f"{out}.new").resolve()
    rust.build(new, lesson, broken, kind)
    (folder / SAID).write_text(rust.said, encoding="utf-8")
    new.replace(out)
    reader.write_depfile(deps, out, [
        *depends(lesson, broken), ROOT / BINDINGS[broken.lane][2],
        lesson.file(broken.lane)])


# --- What other tools say ----------------------------------------------------

def run(command, timeout=120, **options):
    return subprocess.run([str(word) for word in command], text=True,
                          capture_output=True, check=False, timeout=timeout,
                          **options)


def run_in_empty(command, **options):
    """Lessons expect an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        return run(command, cwd=folder, **options)


def version(command):
    found = re.search(r"\d+(\.\d+)+", run([command, "--version"]).stdout)
    return found[0] if found else ""


class Tools:
    """A build folder, and what other tools say of broken lanes there."""

    def __init__(self, build):
        self.build = Path(build).resolve()
        self.cargo = self.build / "lanes/cargo/lane"
        self.lib = self.build / "csrc"
        # loads a lane and runs its lesson, and knows nothing of memory
        self.plain = self.build / "tests/broken/plain"
        self.input = self.build / "sample.txt"

    def missing(self):
        return [tool for tool in ("valgrind", "gcc", "rustc")
                if not shutil.which(tool)]

    def words(self, lesson, broken):
        with tempfile.TemporaryDirectory() as folder:
            return self.words_in(Path(folder), lesson, broken)

    def words_in(self, folder, lesson, broken):
        found = []
        lane = self.build / f"lanes/broken/{lesson.name}.{broken.name}.so"
        if is_c(broken):
            lane, said = self.compile_c(folder, lesson, broken)
            found.append({"tool": "gcc -Wall -Wextra",
                          "version": version("gcc"), "said": said})
        else:
            said = reader.read(source_folder(lane) / SAID)
            found.append({"tool": "rustc", "version": version("rustc"),
                          "said": warnings(said)})
        found.append({"tool": "AddressSanitizer",
                      "version": version("gcc" if is_c(broken) else "rustc"),
                      "said": self.asan(folder, lesson, broken)})
        found.append({"tool": "valgrind", "version": version("valgrind"),
                      "said": self.valgrind(lane, lesson)})
        if broken.path.is_relative_to(ROOT / "bindings"):
            found.append({"tool": "ferrule-drift", "version": "",
                          "said": self.drift(folder, broken)})
        return found

    def compile_c(self, folder, lesson, broken, options=()):
        source, table = folder / "c.c", folder / "table.c"
        out = folder / "lane.so"
        write_c(source, table, folder / "deps", lesson.name, broken.name,
                "broken")
        done = run(["gcc", "-std=c11", "-D_XOPEN_SOURCE=700", "-O2", "-g",
                    "-fno-omit-frame-pointer", "-Wall", "-Wextra", "-shared",
                    "-fPIC", f"-Dlesson={lesson.identifier}",
                    f"-I{ROOT / 'lessons'}", f"-I{ROOT / 'csrc/include'}",
                    f"-I{ROOT / 'host/include'}", *options, "-o", out, source,
                    table, f"-L{self.lib}", "-lsgz", "-lz",
                    f"-Wl,-rpath,{self.lib}"])
        if done.returncode != 0:
            raise Problem(f"{source} does not compile:\n{done.stderr}")
        return out, warnings(done.stderr)

    def asan(self, folder, lesson, broken):
        """Both sides instrumented, and the library."""
        at = folder / "asan"
        at.mkdir()
        if is_c(broken):
            lane, _ = self.compile_c(at, lesson, broken,
                                     ["-fsanitize=address"])
        else:
            lane = at / "asan.so"
            # a sanitizer in Rust is behind a gate
            Rust(at, self.cargo, self.lib, RUSTC_BOOTSTRAP="1").build(
                lane, lesson, broken, "broken",
                ["-Zsanitizer=address", "-Clink-arg=-Wl,--unresolved-symbols="
                 "ignore-all"])
        plain = f"{self.plain}_asan"
        done = run_in_empty(
            [plain, lane, lesson.name, self.input],
            env={**os.environ,
                 "LD_LIBRARY_PATH": str(self.plain.parent / "asan"),
                 "LSAN_OPTIONS": "use_stacks=0",
                 "ASAN_OPTIONS": "detect_leaks=1"})
        return summary(done, r"^==\d+==ERROR: (AddressSanitizer: [^:\n]*? on|"
                       r"AddressSanitizer: [\w-]+).*?$|"
                       r"^SUMMARY: (AddressSanitizer: \d+ byte\(s\) leaked.*)$")

    def valgrind(self, lane, lesson):
        done = run_in_empty(
            ["valgrind", "--leak-check=full", "--show-leak-kinds="
             "definite,indirect", "--errors-for-leak-kinds=definite",
             self.plain, lane, lesson.name, self.input],
            env={**os.environ, "LD_LIBRARY_PATH": str(self.lib)})
        return summary(done, r"^==\d+== (Invalid (?:read|write) of size \d+|"
                       r"Invalid free.*?|Mismatched free.*?|Conditional jump.*?"
                       r"|Use of uninitialised.*?)$|"
                       r"^==\d+== +(definitely lost: [1-9].*)$")

    def drift(self, folder, broken):
        copy = folder / "drift"
        home = broken.path.parent
        shutil.copytree(home, copy)
        (copy / broken.path.name).write_text(broken.text("broken"))
        done = run(["cargo", "run", "--quiet", "--locked", "-p",
                    "ferrule-drift", "--", "--header",
                    ROOT / "csrc/include/sgz.h", "--cflags",
                    f"-I'{ROOT / 'csrc/include'}'", "--lib",
                    self.lib / "libsgz.so", "--rust", copy / "lib.rs"],
                   cwd=ROOT, timeout=600)
        return "\n".join(re.findall(r"^drift: .*$", done.stdout, re.M))


def warnings(said):
    return "\n".join(re.findall(r"^(?:.*?: )?(warning: .*)$", said, re.M))


def summary(done, pattern):
    """The lines that say what is wrong, each once; with how it ended."""
    found = []
    for m in re.finditer(pattern, done.stderr, re.M):
        line = next(word for word in m.groups() if word)
        line = re.sub(r" on$", "", line.strip())
        if line not in found:
            found.append(line)
    if done.returncode == 2:
        raise Problem(done.stderr)
    if done.returncode < 0:
        found.append(f"ended by signal {-done.returncode}")
    return "\n".join(found)


def chosen(names):
    return [lesson for lesson in reader.lessons()
            if lesson.broken and (not names or lesson.name in names)]


def record(build, *names):
    tools = Tools(build)
    if tools.missing():
        raise Problem(f"not here: {', '.join(tools.missing())}")
    done = run(["ninja", "-C", build, "meson-test-prereq"], timeout=600)
    if done.returncode != 0:
        raise Problem(f"{build} cannot be built:\n{done.stdout}")
    for lesson in chosen(names):
        said = {}
        for broken in lesson.broken:
            print(f"{lesson.name}, {broken.name} ...", flush=True)
            said[broken.name] = tools.words(lesson, broken)
        reader.write(lesson.path / "tools.json",
                     json.dumps(said, indent=1, ensure_ascii=False) + "\n")


def fresh(build, name):
    """Versions may differ; what is said may not."""
    tools = Tools(build)
    if tools.missing():
        print(f"not run: there is no {', '.join(tools.missing())}")
        sys.exit(SKIPPED)
    for lesson in chosen([name]):
        kept = reader.recorded(lesson)
        if kept.keys() != {broken.name for broken in lesson.broken}:
            raise Problem(f"{lesson.path}/tools.json is of other broken lanes;"
                          f" renew it: tools/broken.py record {build}")
        for broken in lesson.broken:
            for now, then in zip(tools.words(lesson, broken),
                                 kept[broken.name], strict=True):
                if now["said"] != then["said"]:
                    raise Problem(
                        f"{lesson.path}/tools.json: {broken.name}: "
                        f"{now['tool']} {now['version']} says\n{now['said']}\n"
                        f"and {then['tool']} {then['version']} said\n"
                        f"{then['said']}\nRenew it: tools/broken.py record "
                        f"{build}")


COMMANDS = {"list": print_list, "c": write_c, "rust": write_rust,
            "record": record, "fresh": fresh}


if __name__ == "__main__":
    reader.main("broken.py", __doc__, COMMANDS, *sys.argv[1:])
