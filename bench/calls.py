#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The cost of a call: the same rows in each lane, linked in three ways.

Callgrind counts the instructions of two runs of a row, with few calls and with
many: the difference belongs to the calls. It also says to which function and
file each instruction belongs, so that what the safe lane takes more than C is
divided into named parts. Ratios are to C, linked the same way. Nanoseconds are
of this machine, now; no claim is about them.
"""

import argparse
import collections
import json
import os
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import textwrap

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
SOURCES = os.path.join(HERE, "calls")

LANES = ("c", "handwritten", "generated", "safe")
RAW = ("handwritten", "generated")
LINKS = {"static": "linked statically", "shared": "linked to shared objects",
         "lto": "optimised at link time, across the languages"}


class Row:
    """A row of the table; `why` says what the safe lane does more than C."""

    def __init__(self, title, why=None, most=None, inlined=(), function="",
                 wrapper="-"):
        self.title = title
        self.why = why
        self.most = most  # what its ratio to C may be in the safe lane
        # What is not called any more with "lto"; the function of the row, and
        # of the wrapper, in which a call could be left.
        self.inlined = inlined
        self.function = function
        self.wrapper = wrapper


# In the order of rows.h.
ROWS = {
    "empty": Row("empty call", most=1.05, inlined=("sgz_version_number",),
                 function="empty", wrapper="version_number"),
    "struct": Row("small struct by value", most=1.05,
                  inlined=("border_shift",), function="by_value"),
    "string-in": Row("string in, a &CStr", most=1.05,
                     inlined=("border_sum",), function="string_in"),
    "str-in": Row("string in, a &str",
                  "A &str does not end in NUL. The wrapper looks for a NUL in "
                  "it, allocates a copy that ends in one, and frees it."),
    "string-out": Row("string out",
                      "C's text becomes a &str: its length is counted, and "
                      "its bytes are checked, since a &str is UTF-8.",
                      inlined=("sgz_status_name",), function="string_out",
                      wrapper="name"),
    "read": Row("read of 64 bytes",
                "Each call makes an empty error for C to write to, and looks "
                "whether a callback left a panic.", most=1.05),
    "callback": Row("callback",
                    "The trampoline catches a panic of the closure, and the "
                    "wrapper looks for one after C has returned."),
    "error": Row("error path",
                 "The failure becomes a value of its own: a box, and a copy "
                 "of the text, which are freed with it."),
    "owned": Row("owned buffer handed over",
                 "The buffer goes to C in a box, with what carries a panic of "
                 "its drop. The trampoline frees both."),
    "export": Row("panic guard of an export",
                  "The guard keeps a frame, in which a panic would be "
                  "caught."),
}

# The parts of a cost: the first rule that fits an instruction's function and
# file is its part.
PARTS = (
    ("the library", r"", r"/csrc/|/libdeflate"),
    ("the loop and the wrapper", r"", r"bench/calls/(c\.c|rows\.h"
     r"|src/(raw|safe)\.rs)$"),
    ("the loop and the wrapper", r"^border_use_", r"bench/calls/border\.c$"),
    ("the library", r"", r"bench/calls/border\.c$"),
    ("allocate and free", r"^(__rustc::)?__(rdl|rust)_\w*alloc|__rust_no_alloc"
     r"|^_?_?(int_)?(malloc|calloc|realloc|free)$|^_int_|^unlink_chunk"
     r"|^malloc_consolidate|^tcache", r""),
    ("allocate and free", r"", r"malloc/(malloc|arena)\.c$|/alloc/src/(alloc"
     r"|boxed|raw_vec/mod)\.rs$|/core/src/alloc/|/std/src/(sys/alloc/\w+"
     r"|alloc)\.rs$"),
    ("catch a panic", r"", r"/(panic|panicking|trampoline)\.rs$"
     r"|/core/src/intrinsics|/core/src/sync/atomic\.rs$|/alloc/src/sync\.rs$"),
    ("catch a panic", r"border::(answer|guard)|^export_safe|safe::export"
     r"|catch_unwind|__rust_try", r""),
    ("check for UTF-8", r"from_utf8|CStr>::to_str|to_str$", r""),
    ("check for UTF-8", r"", r"/core/src/str/(validations|converts)\.rs$"),
    ("count a length", r"strlen", r""),
    ("look for a NUL", r"CString>?::|memchr", r""),
    ("look for a NUL", r"", r"/core/src/slice/memchr\.rs$"),
    ("copy", r"mem(cpy|move|set)", r""),
    ("details of an error", r"", r"safe-wrapper/src/error\.rs$"),
    ("details of an error", r"sgz::error::Error|^<sgz::error", r""),
    # what the wrapper is made of, and what it is inlined into
    ("the loop and the wrapper", r"", r"safe-wrapper/src/\w+\.rs$"
     r"|bindings/\w+/src/\w+\.rs$|bench/calls/src/\w+\.rs$"),
    ("the loop and the wrapper", r"^<?(calls|sgz|export_\w+|border_\w+)\b",
     r"/library/(core|alloc|std)/src/"),
    ("compare texts", r"str(cmp|chr)", r""),
    ("jumps between objects", r"^0x[0-9a-f]+$", r""),
)
LOOP = "the loop and the wrapper"
UNNAMED = "without a name"


def part_of(function, file):
    for name, of_function, of_file in PARTS:
        if re.search(of_function, function) and re.search(of_file, file):
            return name
    return UNNAMED


# --- Building ----------------------------------------------------------------

class NotRun(Exception):
    """What cannot be measured here, and why."""


def run(words, **how):
    """Run a program that says something only if it fails."""
    done = subprocess.run(words, capture_output=True, text=True, check=False,
                          **how)
    if done.returncode != 0:
        said = (done.stderr + done.stdout).strip()
        raise RuntimeError(f"{shlex.join(words)}: exit status "
                           f"{done.returncode}\n{said[-4000:]}")
    return done.stdout


def version(program):
    return run([program, "--version"]).splitlines()[0]


class Build:
    """Programs in `folder`/calls, from a Meson folder with libsgz."""

    LIBRARIES = ("-lz", "-lpthread", "-ldl", "-lm")

    def __init__(self, folder, archive=None):
        self.folder = folder
        self.out = os.path.join(folder, "calls")
        self.library = os.path.join(folder, "csrc")
        self.archive = archive
        # The same optimiser as rustc's, where there is a choice.
        self.cc = shutil.which("clang") or shutil.which("cc")
        self.alike = "clang" in version(self.cc)
        os.makedirs(self.out, exist_ok=True)

    # A call of rustc to a shared object goes through a pointer; C's would take
    # a jump more without -fno-plt. Valgrind 3.19 cannot read each DWARF 5.
    FLAGS = ("-std=c11", "-D_POSIX_C_SOURCE=200809L", "-O2", "-gdwarf-4",
             "-fPIC", "-fno-plt", "-Wall", "-Wextra", "-Werror",
             f"-I{ROOT}/csrc/include")

    def compile(self, name, *flags, prefix=""):
        out = os.path.join(self.out, f"{prefix}{name}.o")
        run([self.cc, *self.FLAGS, *flags, "-c",
             os.path.join(SOURCES, f"{name}.c"), "-o", out])
        return out

    def cargo(self, target, *words, flags=()):
        """The archive of the lanes in Rust."""
        environment = dict(os.environ, SGZ_LIB_DIR=self.library)
        if flags:
            environment["CARGO_ENCODED_RUSTFLAGS"] = "\x1f".join(flags)
        run(["cargo", "build", "--quiet", "--locked", "--profile", "lane",
             "-p", "calls", "--target-dir", target, *words], cwd=ROOT,
            env=environment)

    def rust(self):
        if self.archive is None:
            target = os.path.join(self.folder, "cargo")
            self.cargo(target)
            self.archive = os.path.join(target, "lane", "libcalls.a")
        return self.archive

    def objects(self):
        return [self.compile(name) for name in ("main", "c", "border")]

    def static(self):
        program = os.path.join(self.out, "calls-static")
        run([self.cc, *self.objects(), self.rust(),
             os.path.join(self.library, "libsgz.a"), *self.LIBRARIES,
             "-o", program])
        return program

    def shared(self):
        program = os.path.join(self.out, "calls-shared")
        *objects, border = self.objects()
        run([self.cc, "-shared", border, "-o",
             os.path.join(self.out, "libborder.so")])
        # -rdynamic: the border calls what the lanes export
        run([self.cc, "-rdynamic", *objects, self.rust(),
             f"-L{self.out}", "-lborder", f"-L{self.library}", "-lsgz",
             f"-Wl,-rpath,{self.out}", f"-Wl,-rpath,{self.library}",
             *self.LIBRARIES, "-o", program])
        return program

    def lto(self):
        """Both languages as LLVM's bitcode, linked by the lld of rustc."""
        if not shutil.which("clang"):
            raise NotRun("clang is not here, and the bitcode of C is "
                         "clang's")
        host = re.search(r"^host: (\S+)", run(["rustc", "-vV"]), re.M)[1]
        lld = os.path.join(run(["rustc", "--print", "sysroot"]).strip(),
                           "lib/rustlib", host, "bin/gcc-ld")
        if not os.path.exists(os.path.join(lld, "ld.lld")):
            raise NotRun("this rustc comes without lld")
        both = ("-flto=thin", f"--target={host}")
        objects = [self.compile("main"),
                   *(self.compile(name, *both, prefix="lto-")
                     for name in ("c", "border")), *self.bitcode(both)]
        target = os.path.join(self.folder, "cargo-lto")
        # --target: no build script is made so
        self.cargo(target, "--target", host, flags=("-Clinker-plugin-lto",))
        program = os.path.join(self.out, "calls-lto")
        try:
            run([self.cc, "-O2", *both, f"-B{lld}", "-fuse-ld=lld", *objects,
                 os.path.join(target, host, "lane", "libcalls.a"),
                 # of which its own bitcode leaves the codec
                 os.path.join(self.library, "libsgz.a"), *self.LIBRARIES,
                 "-o", program])
        except RuntimeError as e:
            if re.search("[Uu]nknown attribute|[Ii]nvalid record|Producer",
                         str(e)):
                raise NotRun("the LLVM of rustc cannot read the bitcode of "
                             f"{version(self.cc)}") from e
            raise
        return program

    def bitcode(self, flags):
        """libsgz once more, as Meson compiles it, but to bitcode."""
        with open(os.path.join(self.folder, "compile_commands.json"),
                  encoding="utf-8") as f:
            commands = json.load(f)
        made = []
        for entry in commands:
            if not entry["output"].startswith("csrc/libsgz.so"):
                continue
            words = shlex.split(entry["command"])
            # warnings and instrumentation are not for this compiler
            kept = [word for word in words[1:] if word.startswith(
                ("-I", "-D", "-isystem", "-std=", "-O", "-fvisibility"))]
            made.append(os.path.join(
                self.out, "lto-" + os.path.basename(entry["output"])))
            run([self.cc, *kept, *flags, "-gdwarf-4", "-fPIC", "-c",
                 entry["file"], "-o", made[-1]], cwd=entry["directory"])
        return made


# --- Counting ----------------------------------------------------------------

def read_dump(text):
    """One dump of callgrind: {(function, file): instructions of its own}."""
    costs = collections.Counter()
    function = file = ""
    inclusive = False
    for line in text.splitlines():
        if m := re.match(r"(fn|fl|fi|fe)=(.*)", line):
            if m[1] == "fn":
                function = m[2]
            else:
                file = m[2]
        elif line.startswith("calls="):
            inclusive = True  # the next line is of what was called
        elif m := re.match(r"\d+ (\d+)$", line):
            if not inclusive:
                costs[function, file] += int(m[1])
            inclusive = False
    return costs


def measurements(said):
    """What the program says: (row, lane, calls, result, nanoseconds)."""
    for line in said.splitlines():
        row, lane, calls, result, ns = line.split()
        yield row, lane, int(calls), int(result), float(ns)


def check_results(found):
    """Each lane of a row comes to the same results as C."""
    results = collections.defaultdict(set)
    for row, _, calls, result, _ in found:
        results[row, calls].add(result)
    for (row, calls), different in results.items():
        if len(different) > 1:
            sys.exit(f"calls: {row}, {calls} calls: the lanes do not come to "
                     f"the same result: {sorted(different)}")


def per_call(found, dumps):
    """{row: {lane: {part: instructions of a call}}}"""
    counted = collections.defaultdict(list)
    for (row, lane, calls, _, _), dump in zip(found, dumps, strict=True):
        counted[row, lane].append((calls, dump))
    table = {}
    for (row, lane), ((few, less), (many, more)) in counted.items():
        parts = collections.Counter()
        for where in less.keys() | more.keys():
            parts[part_of(*where)] += (more[where] - less[where])
        table.setdefault(row, {})[lane] = {
            part: n / (many - few) for part, n in parts.items() if n}
    return table


def plain_environment():
    """Without what makes the heap of libc work in another way."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("MALLOC_", "GLIBC_TUNABLES"))}


def count(program):
    if not shutil.which("valgrind"):
        raise NotRun("valgrind is not here")
    out = program + ".callgrind"
    said = run(["valgrind", "--tool=callgrind", "--collect-atstart=no",
                "--toggle-collect=measured", "--dump-after=measured",
                "--combine-dumps=yes", "--compress-strings=no",
                "--compress-pos=no", f"--callgrind-out-file={out}",
                program, "count"], env=plain_environment())
    with open(out, encoding="utf-8", errors="replace") as f:
        # the last one is of the end of the program
        dumps = re.split(r"^part: \d+$", f.read(), flags=re.M)[1:-1]
    found = list(measurements(said))
    check_results(found)
    return per_call(found, [read_dump(dump) for dump in dumps])


def clock(program):
    """{row: {lane: nanoseconds of a call}}: the median of the rounds."""
    found = list(measurements(run([program, "time"],
                                  env=plain_environment())))
    check_results(found)
    times = collections.defaultdict(list)
    for row, lane, calls, _, ns in found:
        times[row, lane].append(ns / calls)
    table = {}
    for (row, lane), each in times.items():
        table.setdefault(row, {})[lane] = statistics.median(each)
    return table


# --- Judging -----------------------------------------------------------------

def total(parts):
    return sum(parts.values())


def ratio(lanes, lane):
    return total(lanes[lane]) / total(lanes["c"])


def excess(lanes, lane="safe"):
    """The parts of what a lane takes more than C, the largest first."""
    more = {part: lanes[lane].get(part, 0) - lanes["c"].get(part, 0)
            for part in lanes[lane].keys() | lanes["c"].keys()}
    return dict(sorted(((part, n) for part, n in more.items()
                        if abs(n) >= 0.005), key=lambda item: -abs(item[1])))


def judge(table, alike=True):
    """Which claims do not hold for a table of one way to link.

    Unless the compilers are alike, a loop of a few instructions may have one
    more or less: then those of C and of the raw lanes are not compared.
    """
    for key, row in ROWS.items():
        lanes = table[key]
        for lane in RAW:
            more = excess(lanes, lane)
            if not alike:
                more.pop(LOOP, 0)
            if round(1 + total(more) / total(lanes["c"]), 2) > 1:
                yield (f"{row.title}: {lane} is {ratio(lanes, lane):.2f} × "
                       f"C, which should be 1.00: {listed(more)}")
        of_c = ratio(lanes, "safe")
        if row.most and of_c > row.most:
            yield (f"{row.title}: safe is {of_c:.3f} × C, which should be at "
                   f"most {row.most}")
        if total(lanes["safe"]) - total(lanes["c"]) < 0.005:
            continue
        if not row.why:
            yield (f"{row.title}: safe is {of_c:.3f} × C, and nothing says "
                   "why (ROWS)")
        parts = excess(lanes)
        if UNNAMED in parts:
            yield (f"{row.title}: {parts[UNNAMED]:+.1f} instructions have no "
                   "name (PARTS)")


def direct_rows(text):
    """Of a disassembly, the functions of the rows that are to be inlined:
    [(row, function, its code)]."""
    for block in text.strip().split("\n\n"):
        head = re.match(r"\s*[0-9a-f]+ <(.*)>:$", block.split("\n", 1)[0])
        for key, row in ROWS.items() if head else ():
            if row.inlined and re.fullmatch(
                    rf"{row.function}|calls::.*::{row.function}(::h\w+)?"
                    rf"|sgz::.*::{row.wrapper}(::h\w+)?", head[1]):
                yield key, head[1], block


def judge_inlining(text):
    """Which rows still call C: `text` is a disassembly."""
    found = list(direct_rows(text))
    for key, row in ROWS.items():
        if not row.inlined:
            continue
        # lanes whose code is the same may have one function together
        of_row = [function for of, function, _ in found if of == key]
        for language, begin in (("C", row.function), ("Rust", "calls::")):
            if not any(function.startswith(begin) for function in of_row):
                yield f"{row.title}: {language} has no function of this row"
    for key, function, code in found:
        for called in ROWS[key].inlined:
            if re.search(rf"<{called}(@[\w.]*)?>", code):
                yield f"{ROWS[key].title}: {function} still calls {called}"


def show_inlining(program):
    """The code of those rows, in a file; and which claims do not hold."""
    if not shutil.which("objdump"):
        print("  not run: the disassembly, since objdump is not here")
        return []
    text = run(["objdump", "-d", "-C", "--no-show-raw-insn", program])
    shown = program + ".s"
    with open(shown, "w", encoding="utf-8") as f:
        f.write("\n\n".join(code for _, _, code in direct_rows(text)) + "\n")
    broken = list(judge_inlining(text))
    if not broken:
        say("No call is left in these rows: " + "; ".join(
            row.title for row in ROWS.values() if row.inlined) + ".", "  ")
        say(f"Their code: {shown}", "  ")
    return broken


# --- Printing ----------------------------------------------------------------

def say(text, indent=""):
    """In 80 columns. It takes minutes: what is known is shown at once."""
    print(textwrap.fill(text, 80, initial_indent=indent,
                        subsequent_indent=indent and indent + "  ",
                        break_long_words=False, break_on_hyphens=False),
          flush=True)


def listed(parts):
    return ", ".join(f"{part} {n:+.1f}" for part, n in parts.items())


def figure(n):
    return f"{n:.0f}" if abs(n - round(n)) < 0.05 else f"{n:.1f}"


def print_table(table, times):
    heads = ("C", "hand-written", "generated", "safe")
    print(f"  {'':<25}" + "".join(f"{head:>13}" for head in heads))
    for key, row in ROWS.items():
        lanes = table[key]
        cells = [f"{figure(total(lanes[lane]))}"
                 + ("" if lane == "c" else f" {ratio(lanes, lane):5.2f}×")
                 for lane in LANES]
        print(f"  {row.title:<25}" + "".join(f"{cell:>13}" for cell in cells))
        if times:
            cells = [f"{times[key][lane]:.2f} ns" for lane in LANES]
            print(f"  {'':<25}" + "".join(f"{cell:>13}" for cell in cells))
    print("  What the safe lane takes more than C:")
    for key, row in ROWS.items():
        more = total(table[key]["safe"]) - total(table[key]["c"])
        if more >= 0.005:
            say(f"{row.title}: {more:+.1f} = {listed(excess(table[key]))}",
                "    ")


def as_json(table, times):
    rows = []
    for key, row in ROWS.items():
        lanes = {}
        for lane in LANES:
            lanes[lane] = {
                "instructions": round(total(table[key][lane]), 3),
                "ratio": round(ratio(table[key], lane), 4)}
            if times:
                lanes[lane]["ns"] = round(times[key][lane], 3)
        rows.append({
            "name": key, "title": row.title, "lanes": lanes,
            "more": [{"part": part, "instructions": round(n, 3)}
                     for part, n in excess(table[key]).items()],
            **({"why": row.why} if row.why and ratio(table[key], "safe") > 1
               else {})})
    return rows


def main():
    parser = argparse.ArgumentParser(prog="./x bench calls",
                                     description=__doc__)
    parser.add_argument("folder", help="a Meson build folder")
    parser.add_argument("--archive", metavar="FILE",
                        help="the lanes in Rust, built already")
    parser.add_argument("--link", choices=tuple(LINKS), action="append",
                        help="only this way to link (repeatable)")
    parser.add_argument("--runs", type=int, default=1, metavar="N",
                        help="count N times, and compare (1)")
    parser.add_argument("--no-time", action="store_true",
                        help="no nanoseconds")
    parser.add_argument("--json", metavar="FILE",
                        help="write the table for programs "
                        "(FOLDER/calls.json)")
    options = parser.parse_args()
    build = Build(os.path.abspath(options.folder), options.archive)
    report = {"c_compiler": version(build.cc), "rustc": version("rustc"),
              "links": {}}
    broken = []
    say("The cost of a call, in instructions (callgrind); × is the ratio to "
        "C, linked the same way.")
    say(f"C by {report['c_compiler']}; Rust by {report['rustc']}.")
    if not build.alike:
        say("C is not by clang: the loops of C and of the raw lanes may "
            "differ, and are not judged.")
    for link in options.link or LINKS:
        print(f"\n{link}: {LINKS[link]}", flush=True)
        try:
            program = getattr(build, link)()
            table = count(program)
            for _ in range(options.runs - 1):
                if count(program) != table:
                    broken.append(f"{link}: two runs differ")
            times = None if options.no_time else clock(program)
        except NotRun as e:
            print(f"  not run: {e}")
            report["links"][link] = {"title": LINKS[link],
                                     "not_run": str(e)}
            continue
        print_table(table, times)
        report["links"][link] = {"title": LINKS[link],
                                 "rows": as_json(table, times)}
        broken += [f"{link}: {claim}"
                   for claim in judge(table, build.alike)]
        if link == "lto":
            broken += [f"{link}: {claim}"
                       for claim in show_inlining(program)]
    print("\nWhy the safe lane takes more:")
    for row in ROWS.values():
        if row.why:
            say(f"{row.title}: {row.why}", "  ")
    report["broken"] = broken
    out = options.json or os.path.join(build.folder, "calls.json")
    # complete, or as it was: ./x compare reads it
    with open(out + ".new", "w", encoding="utf-8") as f:
        json.dump(report, f, indent=1)
        f.write("\n")
    os.replace(out + ".new", out)
    for claim in broken:
        print(f"calls: {claim}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as e:
        sys.exit(f"calls: {e}")
