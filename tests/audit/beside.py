# SPDX-License-Identifier: MIT OR Apache-2.0
"""What other tools print of a faulty program: a plain run, AddressSanitizer
(gcc's, preloaded, because the Rust is not built with it) and valgrind."""

import os
import re
import shutil
import subprocess
from pathlib import Path

SILENT = "silent"
NOT_RUN = "not run"
TOOLS = ("plain", "asan", "valgrind")
LIMIT = 60
# How each tool begins a report; what it says is the group.
REPORTS = {
    "asan": re.compile(r"AddressSanitizer: (.+?)"
                       r"(?: on (?:unknown )?(?:address )?0x|: 0x|$)", re.M),
    "valgrind": re.compile(r"^==\d+== +(\S.*)$", re.M),
}


def libasan():
    """The runtime of gcc's AddressSanitizer, or None."""
    if not shutil.which("gcc"):
        return None
    done = subprocess.run(["gcc", "-print-file-name=libasan.so"], text=True,
                          stdout=subprocess.PIPE, timeout=LIMIT, check=True)
    path = Path(done.stdout.strip())
    # gcc prints the bare name of what it has not
    return path if path.is_absolute() else None


def start(command, **variables):
    """Run a program under a tool; its exit code and all that was printed."""
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=LIMIT, check=False,
                          env={**os.environ, **variables})
    return done.returncode, done.stdout


def ended(code):
    """In words how a program ended that printed nothing."""
    if code < 0:
        return f"signal {-code}"
    return f"exit code {code}" if code > 0 else SILENT


def said_by_plain(program):
    """The first line that the C library prints, or the signal."""
    code, output = start([program])
    return output.splitlines()[0] if output else ended(code)


def said_by(tool, command, **variables):
    """The first thing that a tool reports."""
    code, output = start(command, **variables)
    found = REPORTS[tool].search(output)
    return found[1] if found else ended(code)


def observe(program):
    """What each tool says of a program, by the tool's name."""
    runtime = libasan()
    said = dict.fromkeys(TOOLS, NOT_RUN)
    said["plain"] = said_by_plain(program)
    if runtime:
        # its dlopen() does not know the caller's RUNPATH
        said["asan"] = said_by("asan", [program], LD_PRELOAD=str(runtime),
                               ASAN_OPTIONS="detect_leaks=0",
                               LD_LIBRARY_PATH=str(program.parent))
    if shutil.which("valgrind"):
        said["valgrind"] = said_by("valgrind", ["valgrind", "-q",
                                                "--leak-check=no", program])
    return said


def differences(said, expected):
    """What is not as case.toml says; a tool that did not run differs not."""
    return [f"{tool} printed \"{said[tool]}\", and not \"{expected[tool]}\""
            for tool in TOOLS
            if said[tool] not in (NOT_RUN, expected[tool])]


def table(rows):
    """Rows, all with the same keys, as lines of text."""
    keys = list(rows[0])
    lines = [keys, *([str(row[key]) for key in keys] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(keys))]
    return "\n".join("  ".join(
        word.ljust(width) for word, width in zip(line, widths)).rstrip()
        for line in lines)
