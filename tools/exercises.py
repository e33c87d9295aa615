#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The exercises, for `ferrule learn`: what each folder in exercises/ has.

    exercises.py OUT DEPFILE BUILD       write them as JSON
"""

import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from reader import (ROOT, Problem, check_keys, read, read_toml, write,
                    write_depfile)

FOLDER = ROOT / "exercises"
SUFFIX = {"rust": "rs", "c": "c"}
KEYS = {"title": str, "minutes": int, "curriculum": list, "language": str,
        "read": str, "hints": list}
HINTS = 3


def exercise(path):
    """One exercise, or what is wrong with its folder."""
    about = path / "exercise.toml"
    data = read_toml(about)
    check_keys(about, data, KEYS, more=["header"])
    for key in KEYS:
        if not data[key]:
            raise Problem(f"{about}: {key} is empty")
    if data["language"] not in SUFFIX:
        raise Problem(f"{about}: language is one of "
                      f"{', '.join(sorted(SUFFIX))}")
    if len(data["hints"]) != HINTS or not all(data["hints"]):
        raise Problem(f"{about}: there are to be {HINTS} hints")
    if not (ROOT / data["read"]).is_file():
        raise Problem(f"{about}: read: there is no file {data['read']}")
    answer = f"answer.{SUFFIX[data['language']]}"
    for name in (answer, f"solution/{answer}", "task.md", "grade.c"):
        if not (path / name).is_file():
            raise Problem(f"{path / name} is missing")
    if "TODO" not in read(path / answer):
        raise Problem(f"{path / answer}: nothing in it says TODO")
    if len(wrong_answers(path)) < 2:
        raise Problem(f"{path / 'wrong'}: there are to be two wrong answers")
    return {"name": path.name, "folder": str(path), "answer": answer,
            "header": bool(data.get("header")),
            **{key: data[key] for key in KEYS},
            "read": str(ROOT / data["read"])}


def wrong_answers(path):
    """[(file, stage, words)]: what must fail, and how."""
    found = []
    for file in sorted((path / "wrong").glob("answer.*")):
        raise Problem(f"{file}: a wrong answer is called by its mistake")
    for file in sorted((path / "wrong").iterdir()):
        said = re.match(r"// fails: (\w+): (.*)\n", read(file))
        if not said:
            raise Problem(f"{file}: its first line is to be "
                          "\"// fails: STAGE: WORDS\"")
        found.append((file, said[1], said[2].strip()))
    return found


def exercises():
    return [exercise(path.parent)
            for path in sorted(FOLDER.glob("*/exercise.toml"))]


def main(out, deps, build):
    found = exercises()
    write(out, json.dumps({
        "include": [str(ROOT / "csrc/include"), str(ROOT / "host/include")],
        "header": str(ROOT / "csrc/include/sgz.h"),
        "library": str(Path(build) / "csrc"), "front": str(ROOT / "x"),
        "exercises": found}, indent=1) + "\n")
    write_depfile(deps, out, [
        FOLDER, *sorted(FOLDER.glob("*/*")), *sorted(FOLDER.glob("*/*/*")),
        __file__])


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Problem as problem:
        sys.exit(f"exercises.py: {problem}")
