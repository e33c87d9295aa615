# SPDX-License-Identifier: MIT OR Apache-2.0
"""The strategy of a lesson, as a table in its lesson.md, held against a run.

A row of the table is a resource, and what it says is proved by steps that are
named after it. "R, made" makes as many of it as it has holders; for each holder
H there is "R, H last", in which it lets go after all others, and, if there are
others, "R, H first". The memory of these steps proves the row in each lane:

    who allocates   only its blocks are more after "R, made" than before
    who frees       "R, H last" frees its blocks, the share of one made, more
                    than "R, H first" does
    who may hold    the holders are those of the steps; each lets go in C by
                    the function that stands beside it
    on which thread "any": a holder ran on a thread of its own, a task; "the
                    caller's": none did
"""

import re

from reader import Problem, parts, read

HEADER = ("resource", "who allocates", "who frees", "who may hold",
          "on which thread")
SIDES = ("the library", "the caller")
THREADS = ("any", "the caller's")
MADE = re.compile(r"(\w+), made")
LETS_GO = re.compile(r"(\w+), (\w+) (first|last)")


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def rows(text):
    """The rows of the strategy in a lesson.md, each as a dictionary."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if line.startswith("|") and tuple(cells(line)) == HEADER:
            body = lines[at + 2:]
            end = next((i for i, row in enumerate(body)
                        if not row.startswith("|")), len(body))
            return [dict(zip(HEADER, cells(row), strict=True))
                    for row in body[:end]]
    return []


class Lane:
    """What the driver found in one lane of the lesson."""

    def __init__(self, cell):
        self.name = cell["lane"]
        # the name of a step -> its memory; and the steps of other tasks
        self.memory = {}
        self.elsewhere = set()
        for step in cell["steps"]:
            task, _, name = step["name"].rpartition(": ")
            self.memory[name] = step["memory"]
            if task:
                self.elsewhere.add(name)

    def owner(self, side):
        """Whose the blocks of @side are in the ledger."""
        if side == "the library":
            return "library"
        return "c" if self.name == "c" else "rust"

    def grown(self, step, side):
        """How many blocks of @side are more after the step than before."""
        if step not in self.memory:
            raise Problem(f"no step \"{step}\" in {self.name}")
        usage = self.memory[step].get(self.owner(side))
        return usage["allocs"] - usage["frees"] if usage else 0


def check_words(row):
    for column, words in (("who allocates", SIDES), ("who frees", SIDES),
                          ("on which thread", THREADS)):
        if row[column] not in words:
            raise Problem(f"{column}: {row[column]!r} is none of "
                          f"{', '.join(words)}")


def holders(row):
    """holder -> the function of C by which it lets go."""
    found = {}
    for words in row["who may hold"].split(", "):
        holder = re.fullmatch(r"(\w+) \(`(\w+)`\)", words)
        if not holder:
            raise Problem(f"who may hold: {words!r} is no \"HOLDER "
                          "(`function of C`)\"")
        found[holder[1]] = holder[2]
    return found


def check_memory(row, lane):
    name, who = row["resource"], holders(row)
    made = lane.grown(f"{name}, made", row["who allocates"])
    others = [side for side in SIDES if side != row["who allocates"]
              and lane.grown(f"{name}, made", side) > 0]
    share, rest = divmod(made, len(who))
    if others or share < 1 or rest:
        raise Problem(f"\"{name}, made\" does not make {len(who)} of it from "
                      f"the memory of {row['who allocates']} alone in "
                      f"{lane.name}")
    for holder in who:
        last = lane.grown(f"{name}, {holder} last", row["who frees"])
        first = 0 if len(who) == 1 else lane.grown(
            f"{name}, {holder} first", row["who frees"])
        if first - last != share:
            raise Problem(
                f"\"{name}, {holder} last\" does not free the {share} of "
                f"{row['who frees']} that \"{name}, {holder} first\" leaves "
                f"in {lane.name}")


def check_holders(row, lane):
    """The steps name the holders; and the threads on which they ran."""
    name, who = row["resource"], holders(row)
    steps = [LETS_GO.fullmatch(step) for step in lane.memory]
    there = {m[2] for m in steps if m and m[1] == name}
    if there != set(who):
        raise Problem(f"the steps of {lane.name} have the holders "
                      f"{', '.join(sorted(there))}")
    threads = any(step.startswith(f"{name}, ") for step in lane.elsewhere)
    if threads != (row["on which thread"] == "any"):
        raise Problem(f"in {lane.name} it is held by "
                      f"{'more than' if threads else 'only'} one thread")


def check_functions(row, lesson):
    """In C each holder lets go by the function that its cell names."""
    code = dict(parts(read(lesson.file("c"))))
    for holder, function in holders(row).items():
        step = f"{row['resource']}, {holder} last"
        if not re.search(rf"\b{function}\(", code.get(step, "")):
            raise Problem(f"\"{step}\" of c does not call {function}()")


def check(lesson, results):
    """Raise a Problem for a row that the run of @lesson does not prove."""
    lanes = [Lane(cell) for cell in results["cells"]
             if cell["lesson"] == lesson.name]
    table = rows(lesson.text())
    named = [row["resource"] for row in table]
    made = {m[1] for lane in lanes for m in map(MADE.fullmatch, lane.memory)
            if m}
    if set(named) != made or len(named) != len(made):
        raise Problem(f"{lesson.path}/lesson.md: the strategy has rows for "
                      f"{', '.join(named)}; made are "
                      f"{', '.join(sorted(made))}")
    for row in table:
        try:
            check_words(row)
            for lane in lanes:
                check_holders(row, lane)
                check_memory(row, lane)
            check_functions(row, lesson)
        except Problem as problem:
            raise Problem(f"{lesson.path}/lesson.md: the strategy, row "
                          f"{row['resource']}: {problem}") from None
