#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The exercises, for `ferrule learn`: what each folder in exercises/ has.

    exercises.py OUT DEPFILE BUILD       write them as JSON

docs/src/exercises.md says what the files of an exercise are.
"""

import functools
import hashlib
import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from reader import (ROOT, Problem, broken_lanes, check_keys, lessons, read,
                    read_toml, write, write_depfile)

FOLDER = ROOT / "exercises"
LESSONS = ROOT / "lessons"
HEADER = ROOT / "csrc/include/sgz.h"
# From these, besides its own folder, the lane of a solution is made.
SHARED = [FOLDER / "grade.h", LESSONS / "lesson.h",
          ROOT / "host/include/ferrule/lane.h", HEADER]
KEYS = {"title": str, "minutes": int, "curriculum": list, "format": str,
        "files": list, "read": str, "hints": list}
MORE = ["after", "header", "exports", "link", "predict", "parts", "archive"]
FORMATS = ["write", "fix-the-leak", "spot-the-mismatch",
           "make-it-not-compile", "predict-the-tool", "port-a-lane",
           "read-the-linker", "design-the-c-api"]
STAGES = ["compile", "link", "header", "run", "behaviour", "memory", "misuse"]
# What tests of values alone do not find: what is computed is right.
UNSEEN = ["header", "memory", "misuse"]
HINTS = 3
# The words that a prediction may have, and which recorded tool they are.
TOOLS = {"compiler": ("rustc", "gcc -Wall -Wextra"),
         "asan": ("AddressSanitizer",), "valgrind": ("valgrind",),
         "tsan": ("ThreadSanitizer",)}


def exercise(path):
    """One exercise, or what is wrong with its folder."""
    about = path / "exercise.toml"
    data = read_toml(about)
    check_keys(about, data, KEYS, more=MORE)
    for key in KEYS:
        if not data[key]:
            raise Problem(f"{about}: {key} is empty")
    if data["format"] not in FORMATS:
        raise Problem(f"{about}: format is one of {', '.join(FORMATS)}")
    if len(data["hints"]) != HINTS or not all(data["hints"]):
        raise Problem(f"{about}: there are to be {HINTS} hints")
    if not (ROOT / data["read"]).is_file():
        raise Problem(f"{about}: read: there is no file {data['read']}")
    check_files(path, data)
    if len(wrong_answers(path)) < 2:
        raise Problem(f"{path / 'wrong'}: there are to be two wrong answers")
    return {"name": path.name, "folder": str(path),
            **{key: data[key] for key in KEYS},
            "read": str(ROOT / data["read"]),
            "after": data.get("after", []), "link": data.get("link", []),
            "parts": data.get("parts", []),
            "archive": data.get("archive", []),
            **header(about, data), "grade": there(path / "grade.rs"),
            "reference": there(path / "reference.c"),
            "misuse": misuses(path), "hash": digest(path),
            "predict": [prediction(about, each)
                        for each in data.get("predict", [])]}


def check_files(path, data):
    needed = ["task.md", *data["files"], *data.get("parts", []),
              *data.get("archive", []),
              *(f"solution/{file}" for file in data["files"])]
    if not data.get("predict"):
        needed.append("grade.c")
    for name in needed:
        if not (path / name).is_file():
            raise Problem(f"{path / name} is missing")
    if not any("TODO" in read(path / file) for file in data["files"]):
        raise Problem(f"{path}: nothing in {', '.join(data['files'])} says "
                      "TODO")
    if (path / "misuse").exists() and not (path / "grade.rs").exists():
        raise Problem(f"{path}: misuse needs a grade.rs")


def there(path):
    return str(path) if path.is_file() else None


def header(about, data):
    """The header that the declarations in Rust are held against."""
    said = data.get("header")
    exports = bool(data.get("exports"))
    if said is None or said is True:
        found = str(HEADER) if said else None
    elif said in data["files"]:
        found = said
    else:
        found = there(about.parent / said)
        if found is None:
            raise Problem(f"{about}: header: there is no file {said}")
    return {"header": found, "partial": said is True, "exports": exports}


def digest(path):
    """Of everything from which the lane of the solution is made."""
    found = hashlib.sha256()
    for file in [*sorted(path.glob("*")), *sorted(path.glob("solution/*")),
                 *SHARED]:
        if file.is_file() and file.suffix != ".md":
            found.update(file.name.encode() + b"\0" + file.read_bytes())
    return found.hexdigest()[:16]


def misuses(path):
    """What uses the answer wrongly and must not compile, and right uses."""
    found = []
    for file in sorted((path / "misuse").glob("*.rs")):
        said = re.match(r"// (E\d{4}|right): (.+)\n", read(file))
        if not said:
            raise Problem(f"{file}: its first line is to be "
                          '"// ECODE: WHAT IT DOES", or "// right: ..."')
        found.append({"file": str(file), "what": said[2].strip(),
                      "code": None if said[1] == "right" else said[1]})
    if found and all(each["code"] is None for each in found):
        raise Problem(f"{path / 'misuse'}: nothing is misused")
    if found and all(each["code"] for each in found):
        raise Problem(f"{path / 'misuse'}: there is no right use")
    return found


@functools.cache
def every_lesson():
    return {each.name: each for each in lessons()}


def broken_lane(lesson, name):
    """A broken lane and what was recorded of it, or None."""
    known = every_lesson().get(lesson)
    found = zip(known.broken, broken_lanes(known)) if known else []
    return next((each for each in found if each[0].name == name), None)


def prediction(about, said):
    """What each tool says of a broken lane, as it was recorded."""
    check_keys(about, said, {"program": str, "broken": str})
    lesson, _, name = said["broken"].partition("/")
    pair = broken_lane(lesson, name)
    if not pair:
        raise Problem(f"{about}: there is no broken lane {said['broken']}")
    broken, data = pair
    recorded = {each["tool"]: each["said"] for each in data["tools"]}
    found = {}
    for word, tools in TOOLS.items():
        for tool in tools:
            if tool in recorded:
                found[word] = recorded[tool].split("\n")[0]
    # the process ended before the tool could say anything, or never
    if any(re.match(r"ended by|nothing", text) for text in found.values()):
        raise Problem(f"{about}: {said['broken']}: a tool saw no mistake, but "
                      "the end of the process: choose another one")
    for word, memory in (("values", False), ("ledger", True)):
        found[word] = next(
            (text for text in broken.says
             if memory == bool(re.search(r"\bleak|\bfree|allocated by", text))),
            "")
    task = read(about.parent / "task.md")
    if broken.mistake.strip().splitlines()[-1].strip() not in task:
        raise Problem(f"{about.parent / 'task.md'}: it does not show the "
                      f"mistake of {said['broken']}")
    return {"program": said["program"], "said": found}


def wrong_answers(path):
    """[(file, stage, words)]: what must fail, and how."""
    found = []
    for file in sorted((path / "wrong").iterdir()):
        said = re.match(r"(?://|#) fails: (\w+): (.*)\n", read(file))
        if not said or said[1] not in STAGES:
            raise Problem(f"{file}: its first line is to be "
                          "\"// fails: STAGE: WORDS\"")
        found.append((file, said[1], said[2].strip()))
    return found


def file_of(item, wrong):
    """Which file of the answer the wrong answer `wrong` replaces: the one that
    its name ends with, or the only one of its kind."""
    for file in item["files"]:
        if wrong.name.endswith(f".{file}"):
            return file
    found = [file for file in item["files"]
             if Path(file).suffix == wrong.suffix]
    if len(found) != 1:
        raise Problem(f"{wrong}: it is not clear which file it replaces")
    return found[0]


def exercises():
    found = [exercise(path.parent)
             for path in sorted(FOLDER.glob("*/exercise.toml"))]
    names = []
    for each in found:
        for name in each["after"]:
            if name not in names:
                raise Problem(f"{each['folder']}: after: {name} does not come "
                              "before it")
        names.append(each["name"])
    return found


def main(out, deps, build):
    found = exercises()
    write(out, json.dumps({
        "include": [str(ROOT / "csrc/include"), str(ROOT / "host/include")],
        "library": str(Path(build) / "csrc"), "front": str(ROOT / "x"),
        "exercises": found}, indent=1) + "\n")
    write_depfile(deps, out, [
        FOLDER, *sorted(FOLDER.glob("*/*")), *sorted(FOLDER.glob("*/*/*")),
        *SHARED, *(each.about for each in every_lesson().values()),
        *(each.path / "tools.json" for each in every_lesson().values()
          if (each.path / "tools.json").exists()), __file__])


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Problem as problem:
        sys.exit(f"exercises.py: {problem}")
