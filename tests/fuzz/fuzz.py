#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Run the fuzz targets, two at a time, from the seeds that the project makes.

What a target learns stays in FOLDER/corpus, and the next run goes on from
there. Exit status: 0 if nothing was found, 1 if something was.
"""

import argparse
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TARGETS = ("codec", "header", "index", "reader", "writer")


def run(folder, target, seconds):
    """Run one: (whether nothing was found, what to say of it)."""
    corpus = folder / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    found = folder / "found"
    found.mkdir(exist_ok=True)
    program = folder / "tests" / "fuzz" / f"fuzz_{target}"
    ran = subprocess.run(
        [program, f"-max_total_time={seconds}", "-timeout=25",
         "-rss_limit_mb=3000", "-max_len=65536", "-print_final_stats=1",
         f"-artifact_prefix={found}/{target}-", corpus,
         folder / "seeds" / target], capture_output=True, text=True,
        errors="replace", check=False)
    runs = re.search(r"number_of_executed_units: (\d+)", ran.stderr)
    edges = re.findall(r" cov: (\d+)", ran.stderr)
    text = (f"{target:8} {int(runs[1]) if runs else 0:>10,} runs  "
            f"{edges[-1] if edges else 0:>5} edges")
    if ran.returncode == 0:
        return True, text
    kept = re.search(r"Test unit written to (\S+)", ran.stderr)
    said = [line for line in ran.stderr.splitlines()
            if re.match(r"\S+\.c:\d+: |SUMMARY|==\d+==\s*ERROR", line)]
    return False, "\n    ".join([f"{text}  FOUND", *said, *(
        [f"the input: {kept[1]}", f"again: {program} {kept[1]}"]
        if kept else ran.stderr.splitlines()[-10:])])


def main():
    parser = argparse.ArgumentParser(prog="./x fuzz", description=__doc__)
    parser.add_argument("folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("targets", nargs="*", metavar="TARGET",
                        help=", ".join(TARGETS) + " (all)")
    parser.add_argument("--seconds", type=int, default=60,
                        help="for each target (60)")
    options = parser.parse_intermixed_args()
    for target in options.targets:
        if target not in TARGETS:
            parser.error(f"there is no target {target}; "
                         f"there are: {', '.join(TARGETS)}")
    folder = options.folder.resolve()
    seeds = folder / "seeds"
    seeds.mkdir(exist_ok=True)
    subprocess.run([folder / "tests" / "fuzz" / "seeds", seeds], check=True)
    failed = 0
    with ThreadPoolExecutor(max(1, min(2, os.cpu_count() or 1))) as pool:
        for good, text in pool.map(
                lambda target: run(folder, target, options.seconds),
                options.targets or TARGETS):
            print(text, flush=True)
            failed += not good
    passed = len(options.targets or TARGETS) - failed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except subprocess.CalledProcessError as e:
        sys.exit(f"fuzz: {e}")
