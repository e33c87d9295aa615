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
    broken.py races BUILD           fail if ThreadSanitizer does not report the
                                    races that are in broken lanes, or reports
                                    one in lanes that are correct; 77 if it is
                                    not here

KIND is broken or cured. What the mistakes are, reader.py reads from each
lesson.toml.
"""

import json
import os
import re
import shutil
import signal
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
    return [lesson.about, broken.path, *lesson.helpers(),
            *lesson.plugins(), *lesson.programs(), __file__, reader.__file__]


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
                    "--extern", f"libc={self.built}/liblibc.rlib",
                    "--extern", f"bytes={self.built}/libbytes.rlib",
                    "--extern", f"first={self.built}/libfirst.rlib",
                    "--extern", f"sgzfile={self.built}/libsgzfile.rlib",
                    "--extern", f"tokio={self.built}/libtokio.rlib",
                    *options])

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
    """It ends in time, with all that it started."""
    with subprocess.Popen([str(word) for word in command], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          start_new_session=True, **options) as process:
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, out,
                                       err)


# Of one that does not end no tool says more after a longer time.
HANG = 3


def run_in_empty(command, broken=None, **options):
    """Lessons expect an empty folder. None: it does not end, as it should."""
    with tempfile.TemporaryDirectory() as folder:
        if broken is None or broken.verdict != "timeout":
            return run(command, cwd=folder, **options)
        try:
            return run(command, timeout=HANG, cwd=folder, **options)
        except subprocess.TimeoutExpired:
            return None


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

    def others(self, said):
        """Without ThreadSanitizer, which is a test of its own, and without
        what is not built here."""
        not_here = {TSAN} if self.has_audit() else {TSAN, AUDIT}
        return [words for words in said if words["tool"] not in not_here]

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
                      "said": self.valgrind(lane, lesson, broken)})
        said = self.audit(lane, lesson, broken)
        if said is not None:
            found.append({"tool": AUDIT, "version": "", "said": said})
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
                    f'-DFERRULE_PLUGINS="{self.build}/lanes"',
                    f"-I{ROOT / 'lessons'}", f"-I{ROOT / 'csrc/include'}",
                    f"-I{ROOT / 'host/include'}", f"-I{lesson.path}",
                    *options, "-o", out, source, table,
                    # a step that needs one in C++ is not run
                    *(file for file in lesson.helpers()
                      if file.suffix == ".c"),
                    f"-L{self.lib}", "-lsgz", "-lz",
                    f"-Wl,-rpath,{self.lib}", *self.exports()])
        if done.returncode != 0:
            raise Problem(f"{source} does not compile:\n{done.stderr}")
        return out, warnings(done.stderr)

    def exports(self):
        """What gcc is told so that it finds the libraries in Rust."""
        built = self.build / "exports"
        return ["-Wl,--as-needed", f"-L{built}", f"-Wl,-rpath,{built}",
                *(word for header in ROOT.glob("exports/*/include/*.h")
                  for word in (f"-I{header.parent}", f"-l{header.stem}"))]

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
            [plain, lane, lesson.name, self.input], broken,
            env={**os.environ,
                 "LD_LIBRARY_PATH": str(self.plain.parent / "asan"),
                 "LSAN_OPTIONS": "use_stacks=0:use_registers=0",
                 "ASAN_OPTIONS": "detect_leaks=1"})
        return "\n".join(filter(None, [
            direct_leaks(done),
            summary(done, r"^==\d+==ERROR: (AddressSanitizer: [^:\n]*? on|"
                    r"AddressSanitizer: [\w-]+).*?$")]))

    def valgrind(self, lane, lesson, broken):
        done = run_in_empty(
            # a child process of the lesson may die as it likes
            ["valgrind", "--child-silent-after-fork=yes",
             "--leak-check=full", "--show-leak-kinds="
             "definite,indirect", "--errors-for-leak-kinds=definite",
             self.plain, lane, lesson.name, self.input], broken,
            env={**os.environ, "LD_LIBRARY_PATH": str(self.lib)})
        return summary(done, r"^==\d+== (Invalid (?:read|write) of size \d+|"
                       r"Invalid free.*?|Mismatched free.*?|Conditional jump.*?"
                       r"|Use of uninitialised.*?)$|"
                       r"^==\d+== +(definitely lost: [1-9].*)$")

    def has_audit(self):
        """Is it built? It is for one kind of processors only."""
        return (self.build / "audit/libferrule_audit.so").exists()

    def audit(self, lane, lesson, broken):
        """None: it was not asked, or there is no Rust for it to look at."""
        if not self.has_audit():
            return None
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            done = run_in_empty(
                [self.build / "driver/ferrule", "audit", "--json", report,
                 "--", self.plain, lane, lesson.name, self.input], broken,
                env={**os.environ, "LD_LIBRARY_PATH": str(self.lib)})
            if done is None:
                return "nothing: the lesson does not end"
            found = json.loads(report.read_text(encoding="utf-8"))
        if any(one["id"] == "no-rust" for one in found["not_checked"]):
            return None
        return "\n".join(
            [one["message"] for one in found["findings"]]
            + [f"not checked: {one['reason']}"
               for one in found["not_checked"]])

    def runs_tsan(self):
        """Is it here? With some kernels its programs do not start."""
        plain = Path(f"{self.plain}_tsan")
        return plain.exists() and "LANE LESSON" in run([plain]).stderr

    def tsan(self, lane, lesson, broken=None):
        """What ThreadSanitizer reports first. Of Rust it knows only what Rust
        calls: the library, and POSIX."""
        done = run_in_empty(
            [f"{self.plain}_tsan", lane, lesson.name, self.input], broken,
            env={**os.environ,
                 "LD_LIBRARY_PATH": str(self.plain.parent / "tsan"),
                 "TSAN_OPTIONS": "halt_on_error=1:history_size=7"})
        if done is None:
            return ""
        if done.returncode not in (0, 66):
            raise Problem(f"{lane}: {lesson.name}: under ThreadSanitizer it "
                          f"ended with {done.returncode}:\n{done.stderr}")
        return done.stderr

    def correct_lanes(self, lesson):
        """Lanes that it can judge: in C, and, where races are the subject,
        with raw bindings."""
        found = [self.plain.parent / "tsan/ferrule_lane_c.so"]
        if b"__tsan_write" not in found[0].read_bytes():
            raise Problem(f"{found[0]} was not compiled for {TSAN}")
        if has_races(lesson):
            found += [self.build / f"lanes/ferrule_lane_{lane}.so"
                      for lane in ("handwritten", "generated")]
        return [lane for lane in found if lane.exists()]

    def race(self, lesson, broken):
        """What it says of a broken lane, for tools.json."""
        with tempfile.TemporaryDirectory() as folder:
            lane = self.build / f"lanes/broken/{lesson.name}.{broken.name}.so"
            if is_c(broken):
                lane, _ = self.compile_c(Path(folder), lesson, broken,
                                         ["-fsanitize=thread"])
            said = race(self.tsan(lane, lesson, broken), broken.path.name)
        for name in broken.race:
            if name not in re.findall(r"in (\w+)", said):
                raise Problem(
                    f"{lesson.about}: broken lane {broken.name!r}: "
                    f"ThreadSanitizer has to report a race of {name}, and "
                    f"says\n{said or 'nothing'}")
        return {"tool": TSAN, "version": version("gcc"), "said": said}

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
        return "\n".join(re.findall(r"^(?:breaks|letter): .*$", done.stdout, re.M))


def warnings(said):
    return "\n".join(re.findall(r"^(?:.*?: )?(warning: .*)$", said, re.M))


def summary(done, pattern):
    """The lines that say what is wrong, each once; with how it ended."""
    found = []
    if done is None:
        return "nothing: the lesson does not end"
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


def direct_leaks(done):
    """What leaked and is in no other leaked block, as valgrind's "definitely
    lost". The sum of all leaks differs from run to run: a block of more than
    128 KiB is mapped, and where the loader had a file mapped before, the
    loader's stale pointer to that hides the block."""
    found = re.findall(r"^Direct leak of (\d+) byte\(s\) in (\d+) object",
                       done.stderr if done else "", re.M)
    if not found:
        return ""
    size, count = (sum(map(int, numbers)) for numbers in zip(*found))
    return (f"AddressSanitizer: direct leaks: {size:,} bytes in "
            f"{count} block{'s' * (count != 1)}")


TSAN = "ThreadSanitizer"
AUDIT = "ferrule audit"
# gcc writes "#0 sgz_reader_seek ../csrc/seek.c:40 (libsgz.so.0+0x1)"; a path may
# have spaces
FRAME = re.compile(r"^ +#\d+ (\S+) (.+):(\d+) \(", re.M)


def race(report, source):
    """The first race in what ThreadSanitizer says: both functions, and where
    they are or, if they are the library's, where the lesson called them."""
    found = re.search(r"^WARNING: ThreadSanitizer: (.*?) \(pid", report, re.M)
    if not found:
        return ""
    words = []
    for m in re.finditer(r"^  (?:Previous )?(?:atomic )?(read|write) of .*\n"
                         r"((?: +#.*\n)+)", report, re.M | re.I):
        frames = [(name, Path(path), line)
                  for name, path, line in FRAME.findall(m[2])]
        words.append(f"{m[1].lower()} in {place(frames, source)}")
    return f"{found[1]}: " + "\nand ".join(words)


def place(frames, source):
    """The public function of the library, and who in the lesson called it."""
    for i, (name, path, line) in enumerate(frames):
        if path.name == source:
            own = f"{plain_name(name)} ({source}:{line})"
            if i == 0:
                return own
            called, at, _ = frames[i - 1]
            return f"{called} ({at.parent.name}/{at.name}), called by {own}"
    raise Problem(f"ThreadSanitizer names no line of {source}: {frames}")


def plain_name(name):
    """Of a path in Rust the type and its function, without the hash."""
    parts = re.sub(r"::h[0-9a-f]{16}$", "", name).split("::")
    return "::".join(parts[-2:])


def has_races(lesson):
    return any(broken.race for broken in lesson.broken)


def is_judged(lesson, broken):
    """By ThreadSanitizer: it would take std's own locks for none at all."""
    return has_races(lesson) and broken.lane != "safe"


def chosen(names):
    return [lesson for lesson in reader.lessons()
            if lesson.broken and (not names or lesson.name in names)]


def record(build, *names):
    tools = Tools(build)
    missing = tools.missing() + ([] if tools.runs_tsan() else [TSAN])
    if missing:
        raise Problem(f"not here: {', '.join(missing)}")
    done = run(["ninja", "-C", build, "meson-test-prereq"], timeout=600)
    if done.returncode != 0:
        raise Problem(f"{build} cannot be built:\n{done.stdout}")
    for lesson in chosen(names):
        said = {}
        for broken in lesson.broken:
            print(f"{lesson.name}, {broken.name} ...", flush=True)
            said[broken.name] = tools.words(lesson, broken)
            if is_judged(lesson, broken):
                said[broken.name].append(tools.race(lesson, broken))
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
                                 tools.others(kept[broken.name]), strict=True):
                compare(build, lesson, broken, now, then)


def compare(build, lesson, broken, now, then):
    if now["said"] != then["said"]:
        raise Problem(
            f"{lesson.path}/tools.json: {broken.name}: "
            f"{now['tool']} {now['version']} says\n{now['said']}\n"
            f"and {then['tool']} {then['version']} said\n"
            f"{then['said']}\nRenew it: tools/broken.py record "
            f"{build}")


def races(build):
    """Those of broken lanes are reported, and correct lanes have none."""
    tools = Tools(build)
    if not tools.runs_tsan():
        print(f"not run: {TSAN} is not here")
        sys.exit(SKIPPED)
    for lesson in reader.lessons():
        for lane in tools.correct_lanes(lesson):
            said = tools.tsan(lane, lesson)
            # a lesson may say something, too: of a panic, for instance
            if TSAN in said:
                raise Problem(f"{lane}: {lesson.name}: {TSAN} says:\n{said}")
        for broken in lesson.broken:
            if not is_judged(lesson, broken) or not (
                    is_c(broken) or tools.cargo.exists()):
                continue
            then = [words for words
                    in reader.recorded(lesson).get(broken.name, [])
                    if words["tool"] == TSAN]
            now = tools.race(lesson, broken)
            compare(build, lesson, broken, now,
                    then[0] if then else {**now, "said": "nothing"})


COMMANDS = {"list": print_list, "c": write_c, "rust": write_rust,
            "record": record, "fresh": fresh, "races": races}


if __name__ == "__main__":
    reader.main("broken.py", __doc__, COMMANDS, *sys.argv[1:])
