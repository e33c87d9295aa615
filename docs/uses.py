# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs the pages of docs/src/uses: each command in a block "console", in the
repository's root, after ./x compare has built.

    uses.py [PAGE...]

A line "$ COMMAND" is run by a shell. What it prints, on both outputs, has to
be the lines that follow, in which "…" stands for any text of one line. A last
line "[N]" is its exit status, which is 0 otherwise.
"""

import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs/src/uses"
LONGEST = 600  # seconds: the first one builds the examples


@dataclass
class Command:
    page: str
    line: int
    text: str
    prints: list = field(default_factory=list)


def commands(page, text):
    """The commands of a page, in their order."""
    found, inside = [], False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            inside = line == "```console"
        elif inside and line.startswith("$ "):
            found.append(Command(page, number, line[2:]))
        elif inside and not found:
            raise ValueError(f"{page}:{number}: output before any command")
        elif inside:
            found[-1].prints.append(line)
    return found


def agrees(expected, line):
    pattern = ".*".join(map(re.escape, expected.split("…")))
    return re.fullmatch(pattern, line) is not None


def differs(command, printed, status):
    """What is not as the page says, or None."""
    got = printed.splitlines() + ([f"[{status}]"] if status else [])
    wants = command.prints
    if len(got) == len(wants) and all(map(agrees, wants, got)):
        return None
    return (f"{command.page}:{command.line}: $ {command.text}\n"
            + "".join(f"  the page: {line}\n" for line in wants)
            + "".join(f"  it says:  {line}\n" for line in got))


def run(command, root=ROOT):
    done = subprocess.run(
        ["sh", "-c", command.text], cwd=root, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LONGEST,
        text=True, errors="replace", check=False)
    return differs(command, done.stdout, done.returncode)


def main(names):
    pages = [PAGES / f"{name}.md" for name in names] or sorted(
        PAGES.glob("*.md"))
    count = wrong = 0
    for page in pages:
        for command in commands(page.name, page.read_text(encoding="utf-8")):
            count += 1
            said = run(command)
            if said:
                wrong += 1
                print(said, file=sys.stderr)
    print(f"{count} commands on {len(pages)} pages, {wrong} not as they say")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
