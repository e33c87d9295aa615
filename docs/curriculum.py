#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Where each line of the course runs: checked, and as a table of the book.

curriculum.toml names a home for each line: "LESSON: STEP", "FILE: TEST", or
"exercises/NAME: the exercise". A home holds if the lesson has the step, and
every lane of it took the step and was judged as expected (build/results.json),
or if the test is in the file and nothing skips it, or if the exercise is for
this line and its answers are tested. A line that has no home yet says which
lesson it waits for.
"""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
import uses
from reader import Problem, lessons, read, read_toml

DATA = "docs/curriculum.toml"
# What the driver may find in a lesson that does what it should.
EXPECTED = ("same", "declared")
# A whole script is a test, too.
SCRIPT = "the script"
# So is a page of commands: uses.py runs it.
PAGE = "the page"
# A learner does it: tests/learn grades its solution and its wrong answers.
EXERCISE = "the exercise"
GRADED = [("test_learn.py", test) for test in (
    "test_starters", "test_solutions", "test_wrong_answers")]
# What these parts ask for has to be an exercise.
TASKS = ("Exercises", "Challenges")


@dataclass
class Line:
    part: str
    text: str
    homes: list = field(default_factory=list)
    # lines that stand beneath it: what they have for homes are its homes
    group: list = field(default_factory=list)
    # the lesson that will be its home
    waits_for: str = ""


def read_lines(root):
    """All lines of the course, in their order."""
    path = root / DATA
    found = []
    for part in read_toml(path)["part"]:
        for entry in part["line"]:
            try:
                line = Line(part["heading"], **entry)
            except TypeError as e:
                raise Problem(f"{path}: {entry}: {e}") from None
            if sum(map(bool, (line.homes, line.group, line.waits_for))) != 1:
                raise Problem(f"{path}: \"{line.text}\" needs one of homes, "
                              "group and waits_for")
            found.append(line)
    return found


# --- Does a home hold? --------------------------------------------------------

class Lessons:
    """What the lessons have, and what the driver found when it ran them."""

    def __init__(self, root, results):
        self.all = {each.name: each for each in lessons(root / "lessons")}
        self.cells = {}
        for cell in results["cells"]:
            self.cells.setdefault(cell["lesson"], {})[cell["lane"]] = cell
        self.rows = {each["name"]: each["rows"] for each in results["lessons"]}

    def fault(self, name, step):
        """Why @step of the lesson @name is no home, or None."""
        if name not in self.all:
            return f"there is no lesson {name}"
        if step not in self.all[name].steps():
            return f"{name} has no step \"{step}\""
        for lane in self.all[name].lanes:
            cell = self.cells.get(name, {}).get(lane)
            if cell is None or cell["verdict"] == "not run":
                return f"{name} was not run in the lane {lane}"
            if cell["verdict"] not in EXPECTED:
                return f"{name}, {lane}: {cell['verdict']}"
            if step not in [self.rows[name][each["row"]]
                            for each in cell["steps"]]:
                return f"{name}, {lane}: the step \"{step}\" was not taken"
        return None


def skipped_rust(text, test):
    """The attributes of a test in Rust decide."""
    found = re.search(rf"((?:^[ \t]*#\[[^\n]*\n)*)^[ \t]*(?:async )?fn {test}\b",
                      text, re.M)
    if not found:
        return "has no test"
    if "test]" not in found[1]:
        return "has a function that is not a test:"
    return "skips" if re.search(r"#\[(?:ignore|cfg\()", found[1]) else None


def skipped_c(text, test):
    """It has to be in the table that cmocka runs."""
    if not re.search(rf"^{test}\(void \*\*", text, re.M):
        return "has no test"
    if not re.search(rf"^\t\w+\(\s*{test}\b", text, re.M):
        return "does not run"
    return None


def skipped_python(text, test):
    found = re.search(rf"((?:^[ \t]*@[^\n]*\n)*)^[ \t]*def {test}\b", text, re.M)
    if not found:
        return "has no test"
    return "skips" if "skip" in found[1] else None


def test_fault(root, file, test):
    """Why @test of @file is no home, or None."""
    path = root / file
    if not path.is_file():
        return f"there is no file {file}"
    if test == SCRIPT:
        listed = read(path.parent / "meson.build")
        return None if re.search(rf"^(?!\s*#).*'{path.name}'", listed, re.M) \
            else f"{file} is not in {path.parent.name}/meson.build"
    if test == PAGE:
        return None if Path(file).parent == uses.PAGES.relative_to(uses.ROOT) \
            and uses.commands(file, read(path)) \
            else f"{file} is no page whose commands are run"
    look = {".rs": skipped_rust, ".c": skipped_c, ".py": skipped_python}
    if path.suffix not in look:
        return f"{file}: tests of this kind are not known here"
    fault = look[path.suffix](read(path), re.escape(test))
    return f"{file} {fault} {test}" if fault else None


def exercise_fault(root, folder, line):
    """Why the exercise in @folder is no home of the line @line, or None."""
    about = root / folder / "exercise.toml"
    if not about.is_file():
        return f"there is no exercise {folder}"
    if line not in read_toml(about)["curriculum"]:
        return f"{folder}/exercise.toml does not name it"
    for file, test in GRADED:
        fault = test_fault(root, f"tests/learn/{file}", test) \
            or test_fault(root, f"tests/learn/{file}", SCRIPT)
        if fault:
            return fault
    return None


def home_fault(root, known, text, each):
    """Why @each is no home of the line @text, or None."""
    first, second = home(each)
    if second == EXERCISE:
        return exercise_fault(root, first, text)
    if is_lesson(first):
        return known.fault(first, second)
    return test_fault(root, first, second)


def home(text):
    """A home's two halves."""
    first, separator, second = text.partition(": ")
    if not separator:
        raise Problem(f"{DATA}: \"{text}\" is not 'LESSON: STEP' or "
                      "'FILE: TEST'")
    return first, second


def is_lesson(name):
    """A lesson is named by its folder alone, a file by its path."""
    return "/" not in name


def check(root, results):
    """All lines. Raises a Problem that names each line that lost its home."""
    found = read_lines(root)
    known = Lessons(root, results)
    texts = [line.text for line in found]
    faults = []
    for line in found:
        for text in line.group:
            if text not in texts:
                faults.append(f"\"{line.text}\": no line \"{text}\"")
        if line.waits_for in known.all:
            faults.append(f"\"{line.text}\": {line.waits_for} is there, so "
                          "name the step that shows it")
        for each in line.homes:
            fault = home_fault(root, known, line.text, each)
            if fault:
                faults.append(f"\"{line.text}\": {fault}")
        if line.part in TASKS and not line.group and not any(
                home(each)[1] == EXERCISE for each in line.homes):
            faults.append(f"\"{line.text}\": no exercise is its home")
    faults += unknown_lines(root, found)
    for lesson in known.all.values():
        faults += disagreements(lesson, found)
    if faults:
        raise Problem("lines of the course without what they name:\n  "
                      + "\n  ".join(faults))
    return found


def unknown_lines(root, found):
    """Lines that an exercise says it is for, and that are not, or that do not
    name it."""
    homes = {line.text: line.homes for line in found}
    faults = []
    for about in sorted((root / "exercises").glob("*/exercise.toml")):
        name = f"exercises/{about.parent.name}"
        for text in read_toml(about)["curriculum"]:
            if text not in homes:
                faults.append(f"{name}: the course has no line \"{text}\"")
            elif any(line.text == text and line.part in TASKS
                     for line in found) \
                    and f"{name}: {EXERCISE}" not in homes[text]:
                faults.append(f"\"{text}\": {name} says that it is its "
                              f"exercise, and {DATA} does not")
    return faults


def disagreements(lesson, found):
    """Lines that lesson.toml says it teaches, and that have no home there."""
    here = [line.text for line in found
            if any(home(each)[0] == lesson.name for each in line.homes)]
    return [f"\"{text}\": {lesson.name}/{lesson.about.name} says that the lesson "
            f"teaches it, and {DATA} names no step of it"
            for text in lesson.curriculum if text not in here]


# --- The page ----------------------------------------------------------------

def link(each, slug):
    first, second = home(each)
    if is_lesson(first):
        return f"[{first}](lessons/{first}.md), [{second}]" \
               f"(lessons/{first}.md#{slug(second)})"
    if second == EXERCISE:
        return f"[exercise](exercises.md) `{Path(first).name}`"
    if second == PAGE:
        return f"[uses/{Path(first).name}](uses/{Path(first).name})"
    if second == SCRIPT:
        return f"`{first}`"
    return f"`{first}`:<br>`{second}`"


def table(found, slug):
    """The page's tables: a line, and where it runs."""
    out, part = [], None
    for line in found:
        if line.part != part:
            part = line.part
            out.append(f"\n## {part}\n\n| | Where it runs |\n|---|---|")
        if line.group:
            out.append(f"| **{line.text}** | |")
            continue
        if line.waits_for:
            shown = f"not yet: {line.waits_for}"
        else:
            shown = "<br>".join(link(each, slug) for each in line.homes)
        out.append(f"| {line.text} | {shown} |")
    waiting = sum(bool(line.waits_for) for line in found)
    count = len(found)
    out.append(f"\n{count} lines, of which {count - waiting} run here"
               + (f" and {waiting} wait.\n" if waiting else ".\n"))
    return "\n".join(out)
