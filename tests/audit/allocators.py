#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Audits a program whose allocator is that of a crate: mimalloc, jemalloc.

    allocators.py FERRULE TARGET_DIR

Cargo builds allocators/ with each of them, in the profiles dev and release. The
block of Rust's that C frees has to be found, and a correct run has to be clean;
or the program has to be refused. It needs the registry, and some minutes to
compile jemalloc, so it is a command of its own.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent / "allocators"
FOUND = "found"
# Features and profile; then what is expected: FOUND, or why it is refused.
BUILDS = (
    ("mimalloc", "dev", FOUND),
    # the optimizer copies what the allocator's functions do to their callers
    ("mimalloc", "release", "called-around"),
    ("mimalloc,override", "dev", "own-malloc"),
    ("jemalloc", "dev", FOUND),
    ("jemalloc", "release", "called-around"),
    ("jemalloc,unprefixed", "dev", "own-malloc"),
)


def build(features, profile, target):
    """Let Cargo build the program; its path."""
    subprocess.run(["cargo", "build", "--quiet", "--locked", "--features",
                    features, "--profile", profile, "--manifest-path",
                    HERE / "Cargo.toml"], check=True, timeout=1200,
                   env={**os.environ, "CARGO_TARGET_DIR": str(target)})
    folder = "debug" if profile == "dev" else profile
    return target / folder / "allocators"


def audit(ferrule, program, *words):
    """Exit code and report of one run."""
    report = program.with_suffix(".json")
    done = subprocess.run([ferrule, "audit", "--quiet", "--json", report,
                           program, *words], timeout=60, check=False,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return done.returncode, json.loads(report.read_text(encoding="utf-8"))


def is_in(function, stack):
    """Whether a function of the program is in a stack."""
    return any(f"::{function}" in (frame["function"] or "")
               for frame in stack)


def is_the_fault(finding):
    """Whether a finding is the one that the program has."""
    return finding["fault"] == "wrong-side" \
        and finding["owner"]["kind"] == "Rust" \
        and finding["freed_by"]["kind"] == "C" \
        and is_in("give", finding["allocated"]["stack"]) \
        and is_in("free_by_c", finding["freed"]["stack"])


def as_expected(ferrule, program, expected):
    """Whether the correct and the faulty run are reported as expected."""
    code, right = audit(ferrule, program)
    failed, wrong = audit(ferrule, program, "wrong")
    if expected != FOUND:
        ids = [entry["id"] for entry in right["not_checked"]]
        return code == failed == 2 and expected in ids
    return code == 0 and failed != 0 and not right["findings"] \
        and not right["not_checked"] and not wrong["not_checked"] \
        and [is_the_fault(finding) for finding in wrong["findings"]] == [True]


def main():
    """Build and audit all of them."""
    ferrule, target = (Path(word).resolve() for word in sys.argv[1:3])
    failed = 0
    for features, profile, expected in BUILDS:
        program = build(features, profile, target)
        good = as_expected(ferrule, program, expected)
        failed += not good
        print(f"{'ok' if good else 'not ok'} {features} {profile}: {expected}",
              flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
