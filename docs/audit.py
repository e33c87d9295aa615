# SPDX-License-Identifier: MIT OR Apache-2.0
"""The tables of the chapters on the audit.

tests/audit/programs/*/case.toml says what each program is made after, what the
audit has to report of it, and what other tools print; tests/audit-field has
what `./x audit-field --record` found.
"""

import sys
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
import audit_field
from reader import ROOT

PROGRAMS = ROOT / "tests/audit/programs"
TOOLS = {"plain": "a plain run", "asan": "AddressSanitizer",
         "valgrind": "valgrind"}
SILENT = "silent"
FAULTS = {"wrong-side": "wrong side", "layout": "layout",
          "double-free": "double free", "not-allocated": "never allocated",
          "mismatched-delete": "mismatched delete"}


def programs():
    """{name: its case.toml}"""
    return {path.parent.name: tomllib.loads(path.read_text(encoding="utf-8"))
            for path in sorted(PROGRAMS.glob("*/case.toml"))}


def thread(name):
    """A published bug, with a link where its name says where it is."""
    if name.startswith("RUSTSEC-"):
        return f"[{name}](https://rustsec.org/advisories/{name})"
    return name


def table():
    """All programs, and what each tool says of them."""
    lines = [f"| program | after | {' | '.join(TOOLS.values())} | the audit |",
             "|---|---|---|---|---|---|"]
    for case in programs().values():
        said = [case["beside"][tool] for tool in TOOLS]
        faults = dict.fromkeys(FAULTS[find["fault"]] for find in case["find"])
        lines.append(f"| {case['about']} | {thread(case['thread'])} | "
                     + " | ".join("" if one == SILENT else one
                                  for one in said)
                     + f" | {', '.join(faults)} |")
    return "\n".join(lines) + "\n"


def sums():
    """Of how many programs each tool says something."""
    every = programs().values()
    said = {words: sum(case["beside"][tool] != SILENT for case in every)
            for tool, words in TOOLS.items()}
    return (f"There are {len(every)} programs. In a plain run "
            f"{said['a plain run']} of them end with an error. "
            f"AddressSanitizer reports {said['AddressSanitizer']}, valgrind "
            f"{said['valgrind']}, and the audit {len(every)}.\n")


PARTS = {"programs": table, "sums": sums, "field": audit_field.chapter}
