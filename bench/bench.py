#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Speed as ratios, and the cost of a call in instructions.

Every figure is a ratio between programs that ran in turns in this very run:
absolute times say little about another machine. Nothing here passes or fails.
"""

import argparse
import hashlib
import os
import random
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
MB = 1_000_000

# Where real text lies on most machines: sources, headers, documents.
TEXT_FOLDERS = ("/usr/include", "/usr/lib/python3", "/usr/lib/python3.11",
                "/usr/lib/gcc", "/usr/share/common-licenses",
                "/usr/share/perl", "/usr/share/doc", "/usr/share/vim",
                os.path.join(ROOT, "csrc"), os.path.join(ROOT, "bindings"))
TEXT_NAME = re.compile(
    r"\.(h|hh|hpp|c|cc|rs|py|pl|pm|pod|txt|md|html|vim|tcc)$|^[A-Z][A-Z0-9.-]+$")


# --- The input ---------------------------------------------------------------

def text_files():
    found = []
    for folder in TEXT_FOLDERS:
        for place, below, names in os.walk(folder):
            below.sort()
            for name in sorted(names):
                path = os.path.join(place, name)
                if TEXT_NAME.search(name) and os.path.isfile(path):
                    found.append(path)
    return found


def make_corpus(path, size):
    """`size` bytes of text, the same on every run on one machine.

    Files in a seeded order, then again in another, until it is enough. What
    comes again is megabytes away, and deflate looks back 32 KiB.
    """
    texts = {}
    for name in text_files():
        with open(name, "rb") as f:
            data = f.read(1 << 20)
        if data and b"\0" not in data:
            texts.setdefault(hashlib.sha256(data).digest(), data)
    pieces = list(texts.values())
    total = sum(map(len, pieces))
    if total < MB:
        sys.exit("bench: not a megabyte of text on this machine")
    rng = random.Random(1952)
    left = size
    with open(path + ".part", "wb") as f:
        while left:
            rng.shuffle(pieces)
            for piece in pieces:
                left -= f.write(piece[:left])
    os.replace(path + ".part", path)
    print(f"Input: {size / MB:.0f} MB of text, from {len(pieces)} files of "
          f"{total / MB:.0f} MB together.")


def corpus(cache, size):
    path = os.path.join(cache, f"text-{size}")
    if not os.path.exists(path):
        make_corpus(path, size)
    else:
        print(f"Input: {size / MB:.0f} MB of text.")
    return path


# --- Time --------------------------------------------------------------------

def run(command):
    """Seconds on the clock and seconds of processor that a command takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    with open(os.devnull, "wb") as null:
        subprocess.run(command, stdout=null, check=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, (after.ru_utime + after.ru_stime
                  - before.ru_utime - before.ru_stime)


def race(title, commands, baseline, target, rounds, size):
    """Run all commands in turns; print each against the baseline."""
    times = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            times[name].append(run(command))
    print(f"\n{title} ({rounds} rounds in turns)")
    print(f"  {'':<10} {'MB/s':>6}  {'× ' + baseline:>9}  {'least':>6} "
          f"{'most':>6}  {'by CPU time':>11}")
    for name, own in times.items():
        base = times[baseline]
        ratios = [b[0] / o[0] for b, o in zip(base, own)]
        cpu = [b[1] / o[1] for b, o in zip(base, own)]
        speed = size / MB / statistics.median(t[0] for t in own)
        line = (f"  {name:<10} {speed:>6.0f}  "
                f"{statistics.median(ratios):>8.2f}×  {min(ratios):>6.2f} "
                f"{max(ratios):>6.2f}  {statistics.median(cpu):>10.2f}×")
        if name == "sgz":
            line += f"   (aim: {target}×)"
        print(line)


def races(sgz, cache, path, size, rounds):
    bgzip = shutil.which("bgzip")
    gz, bgz = path + ".gz", path + ".bgz"
    for out, command in ((gz, ["gzip", "-6", "-c", path]),
                         (bgz, [sgz, "-l", "6", "-c", path])):
        with open(out, "wb") as f:
            subprocess.run(command, stdout=f, check=True)
    if not bgzip:
        print("not run: bgzip, which is not here")

    commands = {"gzip": ["gzip", "-6", "-c", path],
                "sgz": [sgz, "-l", "6", "-c", path]}
    if bgzip:
        commands["bgzip"] = [bgzip, "-c", path]
    race("Compress, level 6", commands, "gzip", "1.30", rounds, size)
    print(f"  Compressed size: gzip {os.path.getsize(gz) / size:.1%}, "
          f"sgz {os.path.getsize(bgz) / size:.1%} of the text.")

    commands = {"gzip": ["gzip", "-d", "-c", bgz],
                "sgz": [sgz, "-d", "-c", bgz]}
    if bgzip:
        commands["bgzip"] = [bgzip, "-d", "-c", bgz]
    race("Decompress what sgz wrote", commands, "gzip", "1.80", rounds, size)
    race("Decompress what gzip wrote",
         {"gzip": ["gzip", "-d", "-c", gz], "sgz": [sgz, "-d", "-c", gz]},
         "gzip", "1.80", rounds, size)


# --- Instructions ------------------------------------------------------------

def instructions(command, cache):
    """(what the program printed, the instructions that it took)"""
    out = os.path.join(cache, "callgrind.out")
    ran = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + out,
         *command], capture_output=True, text=True, check=True)
    counted = re.search(r"Collected\s*:\s*(\d+)", ran.stderr)
    return ran.stdout.split(), int(counted[1])


def cost(c, safe, sgz, cache, size):
    if not shutil.which("valgrind"):
        print("\nnot run: instruction counts, since valgrind is not here")
        return
    path = corpus(cache, size)
    bgz = path + ".bgz"
    nothing = os.path.join(cache, "nothing.bgz")
    for out, source in ((bgz, path), (nothing, os.devnull)):
        with open(source, "rb") as i, open(out, "wb") as o:
            subprocess.run([sgz, "-c"], stdin=i, stdout=o, check=True)

    def count(program, mode):
        """What it did, and its instructions without those to start and end."""
        did, whole = instructions([program, mode, bgz], cache)
        return did, whole - instructions([program, mode, nothing], cache)[1]

    print("\nSafe Rust against C, instructions (callgrind, start-up not "
          "counted)")
    print(f"  {'':<22} {'C':>14} {'safe':>14} {'safe / C':>9}  "
          f"{'more per call':>13}")
    for mode, what, target in (("read", "read of 64 KiB", "1.03"),
                               ("next-line", "lines, borrowed in place", "1.10"),
                               ("read-line", "lines, into a buffer", "1.10")):
        did_c, in_c = count(c, mode)
        did_safe, in_safe = count(safe, mode)
        if did_c != did_safe:
            sys.exit(f"bench: {mode}: C did {did_c}, safe did {did_safe}")
        calls = int(did_c[0])
        print(f"  {what:<22} {in_c:>14,} {in_safe:>14,} "
              f"{in_safe / in_c:>9.4f}  {(in_safe - in_c) / calls:>13.1f}"
              f"   (aim: {target})")


def build(folder):
    """The two small programs, against one and the same libsgz."""
    subprocess.run(["ninja", "-C", folder, "bench/cost-c"], check=True,
                   stdout=subprocess.DEVNULL)
    target = os.path.join(folder, "cargo")
    library = os.path.join(folder, "csrc")
    environment = dict(os.environ, SGZ_LIB_DIR=library)
    # Cargo says nothing about where a program finds it when it runs.
    os.environ["LD_LIBRARY_PATH"] = library
    subprocess.run(["cargo", "build", "--quiet", "--release", "--locked",
                    "-p", "ferrule-bench", "--target-dir", target],
                   cwd=ROOT, env=environment, check=True)
    return (os.path.join(folder, "bench", "cost-c"),
            os.path.join(target, "release", "cost-safe"))


def main():
    parser = argparse.ArgumentParser(prog="./x bench", description=__doc__)
    parser.add_argument("folder", help="a Meson build folder")
    parser.add_argument("--size", type=int, default=200, metavar="MB",
                        help="size of the text (200)")
    parser.add_argument("--rounds", type=int, default=5,
                        help="how often each program runs (5)")
    parser.add_argument("--counted", type=int, default=10, metavar="MB",
                        help="size of the text for counting instructions (10)")
    parser.add_argument("--only", choices=("time", "instructions"))
    options = parser.parse_args()
    folder = os.path.abspath(options.folder)
    cache = os.path.join(folder, "corpus")
    os.makedirs(cache, exist_ok=True)
    sgz = os.path.join(folder, "csrc", "tool", "sgz")

    if options.only != "instructions":
        size = options.size * MB
        races(sgz, cache, corpus(cache, size), size, options.rounds)
    if options.only != "time":
        c, safe = build(folder)
        cost(c, safe, sgz, cache, options.counted * MB)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as e:
        sys.exit(f"bench: {e}")
