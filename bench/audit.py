#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the audit adds to a block that is allocated and freed.

    audit.py BUILD

A program allocates and frees on each side, with 64 blocks alive at a time:
plain, audited, and audited without stacks. Each number is the median of five
runs, in nanoseconds of a pair; what the audit adds is the difference to plain.
With several threads each of them does as much, so the number stays the same if
they do not wait for each other, up to the number of processors. A program that
starts no thread at all needs no locks.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TIMES = 5
PAIRS = 1_000_000
WAYS = {"plain": None, "audited": (), "--fast": ("--fast",)}


def pair(ferrule, options, program, *words):
    """Nanoseconds of a pair."""
    before = [] if options is None else [ferrule, "audit", "--quiet",
                                         *options, "--"]
    runs = [float(subprocess.run([*before, program, *words], check=True,
                                 text=True, stdout=subprocess.PIPE).stdout)
            for _ in range(TIMES)]
    return statistics.median(runs)


def main():
    ferrule = Path(sys.argv[1]).resolve() / "driver/ferrule"
    print("side  threads    plain  audited  (adds)   --fast  (adds)")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "audit"
        subprocess.run([*os.environ.get("RUSTC", "rustc").split(),
                        "--edition=2024", "-Copt-level=2", "-Clto=off",
                        "-Cdebuginfo=line-tables-only", "-o", program,
                        HERE / "audit.rs"], check=True)
        for side in ("c", "rust"):
            for threads in (0, 1, 2, 8):
                plain, audited, fast = (
                    pair(ferrule, options, program, side, str(threads),
                         str(PAIRS)) for options in WAYS.values())
                print(f"{side:5} {threads or 'none':>7} {plain:8.1f} "
                      f"{audited:8.1f} {audited - plain:7.1f} {fast:8.1f} "
                      f"{fast - plain:7.1f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
