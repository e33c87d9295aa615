#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Audits a program and compares what is reported with what is expected.

    run.py --ferrule FERRULE --work DIR [--opt LEVELS] [--beside [--json FILE]]
           CASE...

A case is a folder with sources and a case.toml:

    about = "what it shows, in a sentence"
    thread = "owner/repo#n"         # the published bug that it is made after
    main = "main.rs"                # its language is that of the program
    libraries = ["lib.rs"]          # what it is linked with (see KINDS)
    [[find]]                        # what the audit has to report, all of it
    fault = "wrong-side"
    owner = "Rust"
    freed_by = "C"
    allocated = "make_name lib.rs:ALLOC"
    freed = "main main.c:FREE"
    count = 1

ALLOC is a mark in the source: a comment at the end of a line, `// ALLOC`. So
the line is where the mark is, and a mark that moves moves the expectation.

What has to be refused names `not_checked`, the reason's id, instead, and may
have the words of its `detail`.

With `twin = true` (the default) the same sources are built again, with
`--cfg twin` or -DTWIN: that is the correct program, and nothing may be found.

A mutant moves a fault to another line or function, and the report has to follow
(it is built at the first opt-level):

    [mutant]
    file = "main.c"
    old = "free(text); // FREE"     # what is replaced: it is there once
    new = "..."
    freed = "end main.c:FREE"       # entries of the first [[find]] that change

With --beside each faulty program is built at the first opt-level, and run
plainly, under AddressSanitizer and under valgrind too. What they have to print:

    [beside]
    plain = "silent"
    asan = "attempting double-free"
    valgrind = "Invalid free() / delete / delete[] / realloc()"
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from functools import partial
from pathlib import Path

import beside

# How a library is built and linked, by the key in case.toml.
CC = os.environ.get("CC", "cc").split()
CXX = os.environ.get("CXX", "c++").split()
RUSTC = os.environ.get("RUSTC", "rustc").split()
CLEAN = "no findings"
LIMIT = 60
# What of a finding has a place: its key in case.toml, and that in the report.
EVENTS = {"allocated": "allocated", "freed": "freed", "again": "freed_again"}


class Wrong(Exception):
    """A case is not as it should be."""


def run(command, **options):
    """Run a compiler; its words if it fails."""
    done = subprocess.run([str(word) for word in command], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=LIMIT, check=False, **options)
    if done.returncode != 0:
        raise Wrong(f"{command[0]} failed:\n{done.stdout}")


class Build:
    """One build of a case: at an opt-level, faulty or correct."""

    def __init__(self, case, folder, level, twin):
        self.case = case
        self.folder = folder
        self.level = level
        self.twin = twin
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    def rustc(self, source, kind, output, *options):
        """Compile Rust as a `kind` of crate."""
        twin = ["--cfg", "twin"] if self.twin else []
        run([*RUSTC, "--edition", "2024", "--crate-type", kind, "-g",
             "--check-cfg", "cfg(twin)", f"-Copt-level={self.level}",
             f"-Clink-arg=-Wl,-rpath,{self.folder}",
             *twin, *self.case.get("rustc", []), *options,
             "-L", self.folder, "-o", output, self.case.folder / source])

    def cc(self, source, output, *options):
        """Compile C or C++."""
        twin = ["-DTWIN"] if self.twin else []
        compiler = CC if source.endswith(".c") else CXX
        level = "-O" + ("2" if self.level == "z" else self.level)
        run([*compiler, "-g", level, "-pthread", "-fno-builtin", *twin,
             *self.case.get("cc", []), "-o", output,
             self.case.folder / source, *options,
             f"-Wl,-rpath,{self.folder}", "-ldl"])

    def object_of(self, source):
        """An object file of C or C++."""
        output = self.folder / (source + ".o")
        self.cc(source, output, "-c", "-fPIC")
        return output

    def library(self, name, kind):
        """Build a library; what the program has to be linked with."""
        stem = Path(name).stem
        if kind == "object":
            return [self.object_of(name)]
        if kind == "rlib":
            self.rustc(name, kind, self.folder / f"lib{stem}.rlib")
            return []
        if kind == "staticlib":
            output = self.folder / f"lib{stem}.a"
            self.rustc(name, kind, output)
            return [output]
        output = self.folder / f"lib{stem}.so"
        if name.endswith(".rs"):
            self.rustc(name, "cdylib", output)
        else:
            self.cc(name, output, "-shared", "-fPIC")
        return [] if kind == "plugin" else [output]

    def program(self):
        """Build all of it; the path of the program."""
        output = self.folder / self.case.name
        links = []
        for key, kind in (("rlibs", "rlib"), ("objects", "object"),
                          ("cdylibs", "cdylib"),
                          ("staticlibs", "staticlib"),
                          ("plugins", "plugin"), ("shared", "shared")):
            for name in self.case.get(key, []):
                links += self.library(name, kind)
        main = self.case.get("main")
        if main.endswith(".rs"):
            options = [f"-Clink-arg={link}" for link in links]
            if any(name.endswith(".cc")
                   for name in self.case.get("objects", [])):
                options.append("-lstdc++")
            self.rustc(main, "bin", output, *options)
        else:
            self.cc(main, output, *links)
        if "mode" in self.case.data:
            output.chmod(int(self.case.get("mode"), 8))
        for at, byte in self.case.get("bytes", {}).items():
            with open(output, "r+b") as file:
                file.seek(int(at))
                file.write(bytes([byte]))
        return output


class Case:
    """What stands in case.toml."""

    def __init__(self, folder):
        self.name = folder.name
        with open(folder / "case.toml", "rb") as file:
            self.data = tomllib.load(file)
        # other cases may be built from the same sources
        self.folder = folder / self.data.get("sources", ".")
        self.read_marks()

    def read_marks(self):
        """Find the marks in the sources."""
        self.marks = {}
        for path in self.folder.iterdir():
            lines = path.read_text(encoding="utf-8").splitlines()
            for number, line in enumerate(lines, 1):
                mark = re.search(r"// ([A-Z][A-Z0-9_]+)$", line)
                if mark:
                    self.marks[f"{path.name}:{mark[1]}"] = \
                        f"{path.name}:{number}"

    def become_mutant(self, folder):
        """Move the fault as [mutant] says, in a copy of the sources."""
        mutant = dict(self.data["mutant"])
        before = {key: self.place(self.data["find"][0][key])
                  for key in mutant if key in EVENTS}
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
        self.folder = folder
        path = folder / mutant.pop("file")
        old, new = mutant.pop("old"), mutant.pop("new")
        text = path.read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise Wrong(f"\"{old}\" is not once in {path.name}")
        path.write_text(text.replace(old, new), encoding="utf-8")
        self.read_marks()
        self.data["find"][0].update(mutant)
        if not before or any(place == self.place(mutant[key])
                             for key, place in before.items()):
            raise Wrong("the mutant does not move the fault")

    def get(self, key, default=None):
        """An entry, or `default`."""
        return self.data.get(key, default)

    def place(self, text):
        """The function and the line of "make lib.rs:ALLOC"."""
        function, where = text.rsplit(" ", 1)
        if where not in self.marks:
            raise Wrong(f"no line of {self.name} has the mark {where}")
        return function, self.marks[where]


def shown(stack):
    """"function file:line" of all frames that have a line."""
    return [f"{frame['function']} {Path(frame['file']).name}:{frame['line']}"
            for frame in stack if frame["file"]]


def has_frame(case, stack, expected):
    """Whether a frame is in the function and line that are expected."""
    function, place = case.place(expected)
    return any(frame.endswith(" " + place) and function in frame
               for frame in shown(stack))


def is_as_expected(case, finding, want):
    """Whether a finding is the one that case.toml describes."""
    for key in ("fault", "size", "align", "given_size", "given_align",
                "form", "given_form", "place", "count"):
        if key in want and finding.get(key) != want[key]:
            return False
    for key in ("owner", "freed_by"):
        side = finding[key]
        name = side["kind"]
        if "(" in want.get(key, ""):
            name += f" ({Path(side['object'] or '').name})"
        if key in want and want[key] != name:
            return False
    for key, event in EVENTS.items():
        if key in want and not has_frame(
                case, finding.get(event, {"stack": []})["stack"], want[key]):
            return False
    return True


def audit(wanted, case, program):
    """Run the audit; its exit code, JSON and text."""
    options = ["--object", wanted.object.resolve()] if wanted.object else []
    report = program.with_suffix(".json")
    env = {**os.environ, **case.get("env", {})}
    done = subprocess.run(
        [wanted.ferrule.resolve(), "audit", *options, *case.get("options", []),
         "--json", report, "--", program, *case.get("arguments", [])],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=LIMIT, check=False, cwd=program.parent, env=env)
    if not report.is_file():
        raise Wrong(f"no report:\n{done.stdout}")
    return done, json.loads(report.read_text(encoding="utf-8"))


def check_report(case, done, report, level, twin):
    """Compare a report with the expectation."""
    said = f"exit code {done.returncode}\n{done.stdout}"
    refused = case.get("not_checked")
    if isinstance(refused, dict):
        refused = refused.get(level)
    if refused:
        ids = [entry["id"] for entry in report["not_checked"]]
        if refused not in ids:
            raise Wrong(f"not refused as {refused}, but {ids}:\n{said}")
        if case.get("detail", "") not in done.stdout:
            raise Wrong(f"its detail is not {case.get('detail')}:\n{said}")
        if done.returncode != 2 or "remedy: " not in done.stdout:
            raise Wrong(f"a refusal without exit code 2 or remedy:\n{said}")
        if CLEAN in done.stdout:
            raise Wrong(f"refused, and it says \"{CLEAN}\":\n{said}")
        return
    if report["not_checked"]:
        raise Wrong(f"something was not checked:\n{said}")
    wanted = [] if twin else list(case.get("find", []))
    for finding in report["findings"]:
        for want in wanted:
            if is_as_expected(case, finding, want):
                wanted.remove(want)
                break
        else:
            raise Wrong(f"not expected: {finding['message']}\n{said}")
    if wanted:
        raise Wrong(f"not found: {wanted[0]}\n{said}")
    status = case.get("twin_status" if twin else "status", 0)
    found = report["findings"]
    expected = status if status != 0 or not found else 1
    if done.returncode != expected:
        raise Wrong(f"not exit code {expected}:\n{said}")
    for key, least in case.get("checked", {}).items():
        if report["checked"][key] < least:
            raise Wrong(f"{key} is {report['checked'][key]}, and not at least "
                        f"{least}:\n{said}")


def levels_of(case, wanted):
    """The opt-levels that a case is built at."""
    return case.get("levels", wanted.opt.split(","))


def check(case, wanted, level, twin, name):
    """Build a case, audit it, and compare."""
    build = Build(case, wanted.work.resolve() / name, level, twin)
    program = build.program()
    for _ in range(wanted.repeat):
        done, report = audit(wanted, case, program)
        check_report(case, done, report, level, twin)
    shutil.rmtree(build.folder)


def check_mutant(case, wanted, level, name):
    """Check a case after its fault was moved."""
    sources = wanted.work.resolve() / f"{name}-sources"
    case.become_mutant(sources)
    check(case, wanted, level, False, name)
    shutil.rmtree(sources)


def check_beside(case, wanted, level, name):
    """See what the other tools print, and compare; a row of the table."""
    build = Build(case, wanted.work.resolve() / name, level, False)
    program = build.program()
    said = beside.observe(program)
    done, report = audit(wanted, case, program)
    check_report(case, done, report, level, False)
    shutil.rmtree(build.folder)
    differences = beside.differences(said, case.data["beside"])
    if differences:
        raise Wrong("; ".join(differences))
    faults = sorted({finding["fault"] for finding in report["findings"]})
    return {"program": case.name, "thread": case.get("thread"), **said,
            "audit": ", ".join(faults)}


def steps_of(folder, wanted, rows):
    """What has to be done for a case: names and functions."""
    case = Case(folder)
    levels = levels_of(case, wanted)
    if wanted.beside:
        name = f"{case.name}-{levels[0]}-beside"
        yield name, lambda: rows.append(
            check_beside(case, wanted, levels[0], name))
        return
    for level in levels:
        for twin in (False, True) if case.get("twin", True) else (False,):
            name = f"{case.name}-{level}{'-twin' if twin else ''}"
            yield name, partial(check, case, wanted, level, twin, name)
    if case.get("mutant"):
        name = f"{case.name}-{levels[0]}-mutant"
        yield name, partial(check_mutant, Case(folder), wanted, levels[0],
                            name)


def is_done(name, step):
    """Do a step, and say how it went."""
    try:
        step()
    except (Wrong, subprocess.TimeoutExpired) as error:
        print(f"not ok {name}: {error}")
        return False
    print(f"ok {name}")
    return True


def write_table(rows, path):
    """Print what all tools said, and write it as JSON."""
    if rows:
        print(beside.table(rows))
    if path:
        path.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def main():
    """Run the cases that are named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--ferrule", required=True, type=Path)
    parser.add_argument("--object", type=Path,
                        help="what is preloaded, if not that beside ferrule")
    parser.add_argument("--repeat", type=int, default=1,
                        help="audit each program so many times")
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--opt", default="0,3,s,z")
    parser.add_argument("--beside", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("cases", nargs="+", type=Path)
    wanted = parser.parse_args()
    failed, rows = 0, []
    for folder in wanted.cases:
        needs = Case(folder).get("needs")
        if needs and not shutil.which(needs):
            print(f"not run: {folder.name} needs {needs}")
            continue
        for name, step in steps_of(folder, wanted, rows):
            failed += not is_done(name, step)
    write_table(rows, wanted.json)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
