#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The speed table: what libsgz does against the plain loop over the same blocks,
and against the peers that are found.

All programs of a group run in turns in this very run, on the same file; a row's
figure is the median of its ratios, round by round. A row says whether it is of
a command (from its start to its end) or of a library (from within a program).
Rows of two threads need an idle machine: while a program runs, what other
processes take is measured, and a round that was disturbed does not count.
Nothing here passes or fails, and nothing is edited.
"""

import argparse
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time

from bench import MB, ROOT, corpus

# Others may take so much of a processor before a round of two threads is void.
DISTURBED = 0.10


# --- Running -----------------------------------------------------------------

def busy_seconds():
    """Seconds that all processors have worked, for whomever."""
    with open("/proc/stat", encoding="ascii") as f:
        fields = [int(field) for field in f.readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def own_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(row):
    """(seconds, what it did, how much of a processor others took)"""
    busy, own, start = busy_seconds(), own_seconds(), time.perf_counter()
    did = None
    if row["of"] == "command":
        with open(os.devnull, "wb") as null:
            subprocess.run(row["command"], stdout=null, check=True)
        seconds = time.perf_counter() - start
    else:
        out = subprocess.run(row["command"], stdout=subprocess.PIPE, text=True,
                             check=True).stdout.split()
        seconds, did = float(out[0]), int(out[1])
    wall = time.perf_counter() - start
    # ticks are coarse: a short run cannot be judged, and counts as quiet
    others = busy_seconds() - busy - (own_seconds() - own)
    return seconds, did, max(0.0, others - 0.03) / wall


def measure(group, rounds):
    """Run the rows of `group` in turns, and put the figures into them."""
    rows = group["rows"]
    times = [[] for _ in rows]
    for _ in range(rounds):
        for i, row in enumerate(rows):
            seconds, did, others = run(row)
            if did is not None and row["bytes"] not in (None, did):
                sys.exit(f"bench: {row['name']} made {did} bytes, "
                         f"not {row['bytes']}")
            row["did"] = did
            quiet = row["threads"] < 2 or others <= DISTURBED
            times[i].append((seconds, quiet))
    for row, own in zip(rows, times):
        row["seconds"] = statistics.median(s for s, _ in own)
        row["rounds"] = len(own)
        row["quiet"] = sum(q for _, q in own)
        row["valid"] = row["quiet"] * 2 > len(own)
        row["ratios"] = {}
        for base, others in zip(rows, times):
            ratios = [b / s for (s, q), (b, p) in zip(own, others)
                      if q and p or not row["valid"]]
            if ratios:
                row["ratios"][base["key"]] = statistics.median(ratios)


# --- Rows --------------------------------------------------------------------

def version(command, pattern=r"(\d+\.\d+(\.\d+)?)"):
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(pattern, said.stdout + said.stderr)
    return found[1] if found else "?"


class Programs:
    """What is to be compared, and where it lies."""

    def __init__(self, folder):
        self.ours = os.path.join(folder, "bench", "throughput")
        self.sgz = os.path.join(folder, "csrc", "tool", "sgz")
        self.bgzip = shutil.which("bgzip")
        self.noodles = self.build_peers(folder)
        with open(os.path.join(folder, "meson-info", "intro-projectinfo.json"),
                  encoding="utf-8") as f:
            parts = {p["name"]: p["version"] for p in json.load(f)["subprojects"]}
        self.codec = (f"libdeflate {parts['libdeflate']}"
                      if "libdeflate" in parts else "zlib")
        if self.bgzip:
            linked = subprocess.run(["ldd", self.bgzip], capture_output=True,
                                    text=True, check=False).stdout
            codec = "libdeflate" if "libdeflate" in linked else "zlib"
            self.bgzip_name = f"bgzip {version(['bgzip', '--version'])} ({codec})"

    @staticmethod
    def build_peers(folder):
        peers = os.path.join(ROOT, "bench", "peers")
        built = subprocess.run(
            ["cargo", "build", "--quiet", "--release", "--locked",
             "--target-dir", os.path.join(folder, "peers")],
            cwd=peers, check=False)
        if built.returncode != 0:
            print("not run: noodles-bgzf, which could not be built")
            return None
        return os.path.join(folder, "peers", "release", "noodles")

    def row(self, key, name, of, threads, command, size=None):
        return {"key": key, "name": name, "of": of, "threads": threads,
                "command": [str(word) for word in command], "bytes": size}

    def library(self, key, mode, path, threads, level, size=None):
        name = {"raw": "plain loop"}.get(key, "libsgz")
        return self.row(key, f"{name} ({self.codec})", "library", threads,
                        [self.ours, mode, path, threads, level], size)

    def peers(self, mode, path, threads, level, size=None):
        if not self.noodles:
            return []
        return [self.row("noodles", "noodles-bgzf 0.52.0 (libdeflate 1.26)",
                         "library", threads,
                         [self.noodles, mode, path, threads, level], size)]

    def commands(self, path, threads, options):
        rows = [self.row("sgz", f"sgz ({self.codec})", "command", threads,
                         [self.sgz, *options, "-@", threads, path])]
        if self.bgzip:
            rows.append(self.row("bgzip", self.bgzip_name, "command", threads,
                                 [self.bgzip, *options, "-@", threads, path]))
        return rows


def groups(programs, text, packed, size):
    """Each group is a question; its first row is what the others are held
    against."""
    for threads in (1, 2):
        yield {"title": f"Decompress, {threads} thread(s)", "rows": [
            programs.library("raw", "raw-decode", packed, threads, 6, size),
            programs.library("ours", "decode", packed, threads, 6, size),
            *programs.peers("decode", packed, threads, 6, size),
            *programs.commands(packed, threads, ["-d", "-c"])]}
    for threads in (1, 2):
        yield {"title": f"Lines, {threads} thread(s)", "rows": [
            programs.library("ours", "lines", packed, threads, 6, size),
            *programs.peers("lines", packed, threads, 6, size)]}
    for level in (1, 6, 9):
        for threads in (1, 2):
            yield {"title": f"Compress, level {level}, {threads} thread(s)",
                   "rows": [
                       programs.library("raw", "raw-encode", text, threads,
                                        level),
                       programs.library("ours", "encode", text, threads, level),
                       *programs.peers("encode", text, threads, level),
                       *programs.commands(text, threads,
                                          ["-c", "-l", str(level)])]}
    yield {"title": "Random reads and the index, of the library, seconds each",
           "each": True, "rows": [
               dict(programs.library(mode, mode, packed, 1, 6), name=name)
               for mode, name in (("at", "100 bytes, cold"),
                                  ("at-early", "100 bytes, cold, early stop"),
                                  ("at-64k", "64 KiB, cold"),
                                  ("at-hit", "100 bytes, in the block cache"),
                                  ("index", "index from block headers"))]}
    if programs.bgzip:
        link = packed + ".copy.gz"
        if not os.path.exists(link):
            os.link(packed, link)
        yield {"title": "Index, of the command", "rows": [
            programs.row("bgzip", programs.bgzip_name, "command", 1,
                         [programs.bgzip, "-r", link]),
            programs.row("sgz", f"sgz ({programs.codec})", "command", 1,
                         [programs.sgz, "-r", "-f", link])]}


# --- Printing ----------------------------------------------------------------

def show(group, size):
    rows = group["rows"]
    first = rows[0]["key"]
    print(f"\n{group['title']}")
    for row in rows:
        speed = (f"{row['seconds'] * 1e6:>10.2f} µs" if group.get("each") else
                 f"{size / MB / row['seconds']:>8.0f} MB/s")
        against = "".join(
            f"  {row['ratios'][base]:>5.2f} × {base}" for base in
            dict.fromkeys([first, "noodles", "bgzip"])
            if base != row["key"] and base in row["ratios"])
        made = (f"  {row['did'] / size:.1%}"
                if row["did"] and "Compress" in group["title"] else "")
        note = "" if row["valid"] else "  INVALID: the machine was not idle"
        print(f"  {row['name']:<40} {row['of']:<8} {speed}{against}{made}"
              f"{note}")


def main():
    parser = argparse.ArgumentParser(prog="./x bench throughput",
                                     description=__doc__)
    parser.add_argument("folder", help="a Meson build folder")
    parser.add_argument("--size", type=int, default=200, metavar="MB",
                        help="size of the text (200)")
    parser.add_argument("--rounds", type=int, default=5,
                        help="how often each program runs (5)")
    parser.add_argument("--json", metavar="FILE", help="write the figures, too")
    parser.add_argument("--only", metavar="WORD",
                        help="the groups with this word in their title")
    options = parser.parse_args()
    folder = os.path.abspath(options.folder)
    cache = os.path.join(folder, "corpus")
    os.makedirs(cache, exist_ok=True)
    subprocess.run(["ninja", "-C", folder, "bench/throughput"], check=True,
                   stdout=subprocess.DEVNULL)
    programs = Programs(folder)
    size = options.size * MB
    text = corpus(cache, size)
    packed = text + ".bgz.gz"
    with open(packed, "wb") as f:
        subprocess.run([programs.sgz, "-l", "6", "-c", text], stdout=f,
                       check=True)
    print(f"{options.rounds} rounds in turns; × is how often as fast, "
          f"median of the rounds. {os.cpu_count()} processors.")
    done = []
    for group in groups(programs, text, packed, size):
        if options.only and options.only not in group["title"]:
            continue
        measure(group, options.rounds)
        show(group, size)
        done.append(group)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as f:
            json.dump({"size": size, "rounds": options.rounds,
                       "processors": os.cpu_count(), "groups": done}, f,
                      indent=1)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as e:
        sys.exit(f"bench: {e}")
