#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Write the sample file, the input of ./x compare if none is named:
sample.py OUTPUT

It has the same bytes on every system, so that the numbers which the lessons
quote hold everywhere. And it has what the lessons are about: several blocks of
64 KiB, short and long lines, one longer than a block, empty ones, NULs, text
that is not ASCII, bytes that are no UTF-8, and no newline at its end.
"""

import sys
from pathlib import Path

SUBJECTS = """the reader|the writer|the caller|the library|a callback
the wrapper|an observer|the index|a block|the handle|each lane
the Größe of a büffer|la mémoire empruntée|память|メモリ""".replace(
    "\n", "|").split("|")
VERBS = """owns|borrows|copies|frees|returns|keeps|fills|seeks in|opens|closes
compares|checks|waits for""".replace("\n", "|").split("|")
ENDS = [".", ".", ".", ";", ", and", ", but"]
LINES = 4200
# Longer than the 65,280 bytes that go into a block.
LONG_LINE = 70_000


class Numbers:
    """Numbers that look random. Python's own may change with its version."""

    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        self.state = (self.state * 6364136223846793005
                      + 1442695040888963407) % 2**64
        return (self.state >> 33) % limit

    def of(self, choices):
        return choices[self.below(len(choices))]


def clause(numbers):
    return (f"{numbers.of(SUBJECTS)} {numbers.of(VERBS)} "
            f"{numbers.of(SUBJECTS)}{numbers.of(ENDS)}")


def line(numbers, at):
    """Line `at`, without its newline."""
    if at == LINES // 2:
        text = ""
        while len(text) < LONG_LINE:
            text += f"{clause(numbers)} "
        return text.encode()
    kind = numbers.below(40)
    if kind == 0:
        return b""
    if kind == 1:  # as a table of a C program
        return b"\0".join(b"%d" % numbers.below(1000) for _ in range(5)) + b"\0"
    if kind == 2:  # no UTF-8
        return f"café, {numbers.below(1000)} à la fois".encode("latin-1")
    if kind == 3:
        return b"%x" % numbers.below(2**31)
    return " ".join(clause(numbers)
                    for _ in range(1 + numbers.below(3))).encode()


def sample():
    numbers = Numbers(1)
    head = [b"This is the sample file of Ferrule.", b"",
            "Its lines are short and long; some are in no language that "
            "anybody speaks: naïve, ещё, 鉄の輪.".encode(),
            b"Here are three NULs: \0\0\0.", b""]
    lines = [line(numbers, at) for at in range(LINES)]
    return b"\n".join([*head, *lines, b"The last line has no newline."])


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(sample())
