# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a lesson.md quotes, held against a run and the repository: numbers,
names, and what the driver says.

A number of two digits or more must stand in what the driver found for the
lesson, in a file of one of its lanes, or in a public header. What stands in a
```text fence is the driver's report of a broken lane: its verdict, and of its
reasons some, whole, with … for what may vary.
"""

import re

from reader import Problem, read

# What has digits and is no number that a run could give.
NAMES = re.compile(
    r"(RUSTSEC|CVE)-\d[\d-]*|\bE0\d{3}\b|\b[Ll]essons? \d\d( to \d\d)?\b"
    r"|^# \d\d|^About \d+ minutes|--lesson \d\d|\b[iuf](8|16|32|64|128)\b"
    r"|\bC(11|89|99|17|23)\b|[\w-]+#\d+|\bRust \d+\.\d+|[Ee]dition \d{4}|\bRFC \d+"
    r"|\]\([^)]*\)|`[^`]*`|²³|\b(8|16|32|64)[- ]bits?\b|\b(16|32|64)-bit\b",
    re.M)
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*\d")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


def digits(text):
    """All numbers in a text, without their commas and underscores."""
    return {re.sub(r"[,_]", "", n) for n in re.findall(r"\d[\d,_]*", text)}


def in_run(found):
    """All numbers in a part of the driver's JSON."""
    if isinstance(found, dict):
        return set().union(*map(in_run, found.values()))
    if isinstance(found, list):
        return set().union(*map(in_run, found))
    return digits(str(found))


def known(root, lesson, results):
    numbers = in_run([part for part in
                      results["cells"] + results.get("broken", [])
                      if part["lesson"] == lesson.name])
    files = [lesson.file(lane) for lane in lesson.lanes]
    files += (root / "csrc/include/sgz").glob("*.h")
    return numbers.union(*(digits(read(path)) for path in files))


def check_numbers(root, lesson, results):
    text = FENCE.sub(lambda m: "\n" * m[0].count("\n"), lesson.text())
    numbers = known(root, lesson, results)
    for line, words in enumerate(text.split("\n"), 1):
        for number in NUMBER.findall(NAMES.sub("", words)):
            if number.replace(",", "") not in numbers:
                raise Problem(
                    f"{lesson.path}/lesson.md:{line}: {number} stands in no "
                    "result of this lesson, none of its lanes and no header")


SPAN = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"[\w./-]+/[\w./-]+\.(?:c|h|rs|md|toml|py)")


def check_names(root, lesson, results):
    """Files, functions of the library and broken lanes have to be there."""
    text = FENCE.sub(lambda m: "\n" * m[0].count("\n"), lesson.text())
    headers = "".join(read(path) for path in
                      sorted((root / "csrc/include/sgz").glob("*.h")))
    mistakes = {b["name"] for b in results.get("broken", [])
                if b["lesson"] == lesson.name}
    for line, words in enumerate(text.split("\n"), 1):
        where = f"{lesson.path}/lesson.md:{line}"
        for span in SPAN.findall(words):
            if FILE.fullmatch(span) and not (root / span).exists():
                raise Problem(f"{where}: there is no file {span}")
            name = re.fullmatch(r"(sgz_\w+)(\(\))?", span)
            if name and not re.search(rf"\b{name[1]}\b", headers):
                raise Problem(f"{where}: no header has {name[1]}")
        for name in re.findall(r"broken lane `([^`]+)`", words):
            if name not in mistakes:
                raise Problem(f"{where}: no broken lane is called {name}")


def matches(quoted, reason):
    parts = [re.escape(part) for part in re.split(r"…|\.\.\.", quoted)]
    return re.fullmatch(".*".join(parts), reason)


def check_fence(lesson, line, text, results):
    """A report of a broken lane, as the driver prints it."""
    where = f"{lesson.path}/lesson.md:{line}"
    head = re.match(r"([\w-]+), ([\w-]+): (\w+)\n", text)
    if not head or head[1] != lesson.name:
        raise Problem(f"{where}: does not begin as a report does: "
                      f"\"{lesson.name}, LANE: VERDICT\"")
    cells = [b["cell"] for b in results.get("broken", [])
             if b["lesson"] == lesson.name and "cell" in b]
    cells = [c for c in cells if (c["lane"], c["verdict"]) == head.groups()[1:]]
    quoted = []
    for row in text[head.end():].splitlines():
        if re.match(r"  \S", row):
            quoted.append(row.strip())
        elif quoted:
            quoted[-1] += " " + row.strip()
    if not any(all(any(matches(q, r) for r in c["reasons"]) for q in quoted)
               for c in cells):
        said = "\n".join("\n".join(c["reasons"]) for c in cells)
        raise Problem(f"{where}: no broken lane of {head[2]} is {head[3]} and "
                      f"says all of it; what they say:\n{said}")


def check(root, lesson, results):
    """Raise a Problem for what `lesson` quotes and `results` does not say."""
    check_numbers(root, lesson, results)
    check_names(root, lesson, results)
    text = lesson.text()
    for fence in FENCE.finditer(text):
        if fence[1] == "text":
            check_fence(lesson, text.count("\n", 0, fence.start()) + 1,
                        fence[2], results)
