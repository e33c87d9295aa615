#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The speed table: libsgz beside the plain loop over the same blocks, and
beside the peers that are found here.

The programs of a group run in turns in this run, on the same file. A figure is
the best of the rounds: what disturbs a run only makes it slower. A row says what it measures: a command
from its start to its end, or a library from within a program. Rows with more
than one thread need an idle machine: while a program runs, the work of other
processes is measured, and a round that they disturbed does not count. The aims
are printed with the ratio that was found, met or not. Nothing passes or fails.
"""

import argparse
import copy
import filecmp
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from bench import MB, ROOT, corpus

sys.path.insert(0, os.path.join(ROOT, "tools"))
from reader import read_toml

# Other processes may use so much of a processor before a round is void.
DISTURBED = 0.10
BINARY_FOLDERS = ("/usr/bin", "/usr/lib/x86_64-linux-gnu", "/usr/lib/gcc")
# All groups, by the beginning of their titles; the last two are no tables.
TITLES = ("Decompress, text", "Decompress, binary", "Lines",
          "Compress, level 1", "Compress, level 6", "Compress, level 9",
          "Compress by ISA-L, level 1", "Build an index",
          "Load an index of a million blocks", "Random reads",
          "Random reads of 100 bytes, warm", "Peak memory of the commands",
          "model", "long")
# The keys of our own rows: the others are peers.
OURS = ("raw", "ours", "safe", "sgz")
# htslib's levels in terms of libdeflate's (bgzf.c, bgzf_compress()).
HTSLIB_LEVELS = {1: 1, 6: 7, 9: 12}


# --- Running -----------------------------------------------------------------

def busy_seconds():
    """The seconds that all processors have worked, for any process."""
    with open("/proc/stat", encoding="ascii") as f:
        fields = [int(field) for field in f.readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def run(row):
    """Run a row's program once: a dict of its seconds, what it did, and
    whether other processes left the processors alone."""
    busy, start = busy_seconds(), time.perf_counter()
    with subprocess.Popen(row["command"], stdout=subprocess.PIPE
                          if row["of"] == "library" else row["to"]) as process:
        out = process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, row["command"])
    # ticks are coarse: a short run cannot be judged, and counts as quiet
    others = busy_seconds() - busy - usage.ru_utime - usage.ru_stime - 0.03
    ran = {"seconds": wall, "did": None,
           "quiet": row["threads"] < 2 or others / wall <= DISTURBED}
    if row["of"] == "library":
        said = out.split()
        ran.update(seconds=float(said[0]), did=int(said[1]))
    return ran


def size_of(command):
    """How many bytes a command prints."""
    with tempfile.TemporaryFile() as f:
        subprocess.run(command, stdout=f, check=True)
        return f.tell()


def peak_memory(programs, command):
    """The peak of a command, in bytes."""
    return int(subprocess.run([programs.peak, *command], check=True,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE).stderr.split()[-1])


def measure(group, rounds):
    """Run the rows of `group` in turns, and store the figures in them."""
    rows = group["rows"]
    for row in rows:
        if row.get("sized"):
            row["bytes"] = size_of(row["command"])
    runs = [[] for _ in rows]
    for _ in range(rounds):
        for row, own in zip(rows, runs):
            ran = run(row)
            if ran["did"] is not None and row["bytes"] not in (
                    None, ran["did"]):
                sys.exit(f"bench: {row['name']} made {ran['did']} bytes, "
                         f"not {row['bytes']}")
            own.append(ran)
    for row, own in zip(rows, runs):
        quiet = [r["seconds"] for r in own if r["quiet"]]
        row["all_seconds"] = [r["seconds"] for r in own]
        row["seconds"] = min(quiet or row["all_seconds"])
        row["did"] = own[0]["did"] or row["bytes"]
        row.pop("to")
        row["rounds"] = len(own)
        row["quiet"] = sum(r["quiet"] for r in own)
        row["valid"] = row["quiet"] * 2 > len(own)
    for row in rows:
        row["ratios"] = {base["key"]: base["seconds"] / row["seconds"]
                         for base in rows}


# --- Programs ----------------------------------------------------------------

def output(*command):
    try:
        said = subprocess.run(command, capture_output=True, text=True,
                              check=False)
    except OSError:
        return ""
    return said.stdout + said.stderr


def number(text):
    found = re.search(r"(\d+\.\d+(\.\d+)?)", text)
    return found[1] if found else "?"


def quietly(*command, **how):
    """Whether a program could be built; if not, its last words are printed."""
    ran = subprocess.run(command, capture_output=True, text=True, check=False,
                         **how)
    if ran.returncode:
        print((ran.stderr.strip().splitlines() or ["?"])[-1])
    return ran.returncode == 0


def locked(folder=os.path.join(ROOT, "bench", "peers")):
    """The versions of the peers that are crates. There may be several of a
    crate: the highest one is used, the others are shims of it."""
    def parts(version):
        return [int(part) for part in re.findall(r"\d+", version)]

    versions = {}
    for package in read_toml(os.path.join(folder, "Cargo.lock"))["package"]:
        name, version = package["name"], package["version"]
        versions[name] = max(versions.get(name, "0"), version, key=parts)
    return versions


class Programs:
    """What is compared: our programs, and the peers that are here."""

    def __init__(self, folder, more, codec=None):
        self.folder = folder
        self.versions = locked()
        # an argument of ours, or none: the default codec
        self.codec_given = self.find_codec(codec) if codec else None
        self.ours = os.path.join(folder, "bench", "throughput")
        self.peak = os.path.join(folder, "bench", "peak")
        self.sgz = os.path.join(folder, "csrc", "tool", "sgz")
        self.safe = self.build_safe()
        self.peers = self.build_peers()
        self.hts = self.build_htslib()
        with open(os.path.join(folder, "meson-info/intro-projectinfo.json"),
                  encoding="utf-8") as f:
            parts = {p["name"]: p["version"]
                     for p in json.load(f)["subprojects"]}
        self.codec = (f"libdeflate {parts['libdeflate']}"
                      if "libdeflate" in parts else "zlib")
        if self.codec_given:
            self.codec = self.name_codec(self.codec_given)
        self.bgzips = {}
        for i, path in enumerate(filter(None, [shutil.which("bgzip"), *more])):
            linked = "libdeflate" in output("ldd", path)
            self.bgzips[f"bgzip{i or ''}"] = (path, (
                f"bgzip {number(output(path, '--version'))} "
                f"({'libdeflate' if linked else 'zlib'})"))
        if "bgzip" not in self.bgzips:
            print("not run: bgzip, which is not here")

    def find_codec(self, name):
        """A codec for our programs: a plugin of this build by its path."""
        built = self.plugin(name)
        if built:
            return built
        return os.path.abspath(name) if "/" in name else name

    def plugin(self, name):
        path = os.path.join(self.folder, "csrc", "codecs", f"{name}.so")
        return path if os.path.isfile(path) else None

    def name_codec(self, codec):
        said = subprocess.run([self.ours, "codec", codec], check=False,
                              capture_output=True, text=True)
        if said.returncode:
            sys.exit(f"bench: {said.stderr.strip()}")
        return said.stdout.strip()

    def with_codec(self, path):
        """The same programs, but ours use the codec at `path`."""
        other = copy.copy(self)
        other.codec_given = path
        other.codec = self.name_codec(path)
        return other

    def build_safe(self):
        target = os.path.join(self.folder, "cargo")
        library = os.path.join(self.folder, "csrc")
        # Cargo does not tell a program where the library is
        os.environ["LD_LIBRARY_PATH"] = library
        subprocess.run(
            ["cargo", "build", "--quiet", "--release", "--locked", "-p",
             "ferrule-bench", "--target-dir", target], cwd=ROOT, check=True,
            env=dict(os.environ, SGZ_LIB_DIR=library))
        return os.path.join(target, "release", "throughput-safe")

    def build_peers(self):
        target = os.path.join(self.folder, "peers")
        if quietly("cargo", "build", "--quiet", "--release", "--locked",
                   "--target-dir", target,
                   cwd=os.path.join(ROOT, "bench", "peers")):
            return os.path.join(target, "release", "ferrule-bench-peers")
        print("not run: noodles-bgzf, gzp and bgzip, which could not be built")
        return None

    def build_htslib(self):
        flags = output("pkg-config", "--cflags", "--libs", "htslib")
        program = os.path.join(self.folder, "bench", "htslib")
        if "-lhts" in flags and quietly(
                "cc", "-O2", "-o", program,
                os.path.join(ROOT, "bench/peers/htslib.c"), *flags.split()):
            self.hts_name = "htslib " + number(
                output("pkg-config", "--modversion", "htslib"))
            return program
        print("not run: htslib, whose headers are not here "
              "(Debian: libhts-dev)")
        return None

    @staticmethod
    def row(key, name, threads, command, of="library", size=None):
        return {"key": f"{key}@{threads}", "name": name, "of": of,
                "threads": threads, "command": [str(w) for w in command],
                "bytes": size, "to": subprocess.DEVNULL}

    def ours_codec(self):
        return [self.codec_given] if self.codec_given else []

    def raw(self, mode, path, threads, level, size=None):
        return self.row("raw", f"plain loop ({self.codec})", threads,
                        [self.ours, "raw-" + mode, path, threads, level,
                         *self.ours_codec()], size=size)

    def lanes(self, mode, path, threads, level, size=None):
        return [self.row(key, f"{name} ({self.codec})", threads,
                         [program, mode, path, threads, level,
                          *self.ours_codec()], size=size)
                for key, name, program in (
                    ("ours", "libsgz", self.ours),
                    ("safe", "libsgz, safe lane", self.safe))]

    def others(self, mode, path, threads, level, size=None, full=0):
        """The libraries of others; htslib has no row that encodes."""
        rows = []
        codec = "libdeflate " + ".".join(
            self.versions["libdeflate-sys"].split(".")[:2])
        for key, name in (
                ("noodles", f"noodles-bgzf {self.versions['noodles-bgzf']}"),
                ("crate", f"bgzip crate {self.versions['bgzip']}"),
                ("gzp", f"gzp {self.versions['gzp']}")):
            # the bgzip crate fails at the end of a file that is read by lines
            if self.peers and (mode, key) != ("lines", "crate"):
                rows.append(self.row(
                    key, f"{name} ({codec})", threads,
                    ["env", f"RAYON_NUM_THREADS={threads}", self.peers,
                     key.replace("crate", "bgzip"), mode, path, threads,
                     level], size=size))
        if self.hts and mode != "encode":
            rows.append(self.row("htslib", self.hts_name, threads,
                                 [self.hts, mode, path, threads, level, full],
                                 size=size))
        return rows

    def commands(self, path, threads, level=None):
        """sgz and the bgzips: decompressing, or at a level of bgzip's."""
        def options(l):
            return ["-c", "-l", l] if level else ["-d", "-c"]
        # with another codec a level is that codec's
        ours = level if self.codec_given else HTSLIB_LEVELS.get(level)
        rows = [self.row("sgz", f"sgz ({self.codec})", threads,
                         [self.sgz, *options(ours), "-@", threads,
                          *(["--codec", self.codec_given]
                            if self.codec_given else []), path], "command")]
        for key, (program, name) in self.bgzips.items():
            rows.append(self.row(key, name, threads,
                                 [program, *options(level), "-@", threads,
                                  path], "command"))
        for row in rows if level else []:
            row["sized"] = True
            row["name"] += f" -l {row['command'][3]}"
        return rows


# --- Groups ------------------------------------------------------------------

def aim(row, least, base):
    return {"row": row, "least": least, "base": base}


def decode_groups(programs, files):
    for kind, path, size in files:
        rows = []
        for threads in (1, 2):
            rows += [programs.raw("decode", path, threads, 6, size),
                     *programs.lanes("decode", path, threads, 6, size),
                     *programs.others("decode", path, threads, 6, size),
                     *programs.commands(path, threads)]
        yield {"title": f"Decompress, {kind}", "size": size, "rows": rows,
               "aims": [aim("ours@1", 0.92, "raw@1"),
                        aim("ours@2", 0.80, "raw@2"),
                        aim("ours@2", 1.15, "noodles@2"),
                        aim("ours@2", 1.15, "crate@2"),
                        aim("sgz@2", 1.5, "bgzip@2"),
                        aim("safe@1", 0.98, "ours@1"),
                        aim("safe@2", 0.98, "ours@2")]}


def line_groups(programs, path, size):
    rows = []
    for threads in (1, 2):
        rows += [*programs.lanes("lines", path, threads, 6, size),
                 *programs.others("lines", path, threads, 6)]
    yield {"title": "Lines", "size": size, "rows": rows,
           "aims": [aim(f"{lane}@{threads}", least, f"{peer}@{threads}")
                    for threads, least, peer in ((1, 1.3, "htslib"),
                                                 (2, 1.5, "noodles"))
                    for lane in ("ours", "safe")]
           + [aim("safe@1", 0.98, "ours@1")]}


def encode_groups(programs, path, size):
    for level in (1, 6, 9):
        rows = []
        for threads in (1, 2):
            rows += [programs.raw("encode", path, threads, level),
                     *programs.lanes("encode", path, threads, level),
                     *programs.others("encode", path, threads, level),
                     *programs.commands(path, threads, level)]
        yield {"title": f"Compress, level {level}", "size": size,
               "rows": rows, "shrinks": True,
               "aims": [aim("ours@1", 0.97, "raw@1"),
                        aim("ours@2", 1.9, "ours@1"),
                        *(aim(f"ours@{n}", 0.98, f"{peer}@{n}")
                          for n in (1, 2) for peer in ("noodles", "gzp")),
                        aim("sgz@1", 1.0, "bgzip@1"),
                        aim("sgz@2", 1.0, "bgzip@2"),
                        aim("safe@1", 0.98, "ours@1")]}


def isal_groups(programs, path, size):
    """ISA-L at its own game: the lowest level, against the peers at theirs."""
    plugin = programs.plugin("isal")
    if plugin is None:
        print("not run: ISA-L, whose plugin could not be built (Debian: "
              "libisal-dev)")
        return
    isal, rows = programs.with_codec(plugin), []
    for threads in (1, 2):
        rows += [isal.raw("encode", path, threads, 1),
                 *isal.lanes("encode", path, threads, 1),
                 *isal.others("encode", path, threads, 1),
                 *isal.commands(path, threads, 1)]
    yield {"title": "Compress by ISA-L, level 1", "size": size, "rows": rows,
           "shrinks": True,
           "aims": [aim("ours@1", 0.97, "raw@1"),
                    aim("ours@1", 1.9, "best@1"),
                    aim("safe@1", 0.98, "ours@1")]}


def read_groups(programs, path, size):
    def ours(key, mode, what):
        return programs.row(key, f"libsgz: {what}", 1,
                            [programs.ours, mode, path, 1, 6,
                             *programs.ours_codec()])

    def htslib(key, mode, what):
        return [programs.row(key, f"{programs.hts_name}: {what}", 1,
                             [programs.hts, mode, path, 1, 6, size])] \
            if programs.hts else []

    yield {"title": "Random reads", "each": True, "rows": [
        ours("at", "at", "100 bytes, cold"),
        ours("early", "at-early", "100 bytes, cold, early stop"),
        programs.row("safe-at", "libsgz, safe lane: 100 bytes, cold", 1,
                     [programs.safe, "at", path, 1, 6,
                      *programs.ours_codec()]),
        ours("seek", "seek", "100 bytes, cold, one handle"),
        *htslib("hts", "seek", "100 bytes, cold"),
        ours("at-64k", "at-64k", "64 KiB, cold"),
        ours("seek-64k", "seek-64k", "64 KiB, cold, one handle"),
        *htslib("hts-64k", "seek-64k", "64 KiB, cold")],
        "aims": [aim("at@1", 1 / 0.95, "hts@1"),
                 aim("early@1", 1 / 0.6, "hts@1"),
                 aim("safe-at@1", 0.98, "at@1"),
                 aim("at-64k@1", 1 / 0.95, "hts-64k@1")]}
    yield {"title": "Random reads of 100 bytes, warm", "each": True, "rows": [
        ours("block", "seek-block", "same block"),
        *htslib("hts-block", "seek-block", "same block"),
        ours("hit", "at-hit", "in the block cache"),
        programs.row("safe-hit", "libsgz, safe lane: in the block cache", 1,
                     [programs.safe, "at-hit", path, 1, 6,
                      *programs.ours_codec()]),
        *htslib("hts-hit", "seek-cache", "in the block cache")],
        "aims": [aim("block@1", 0.05, "µs"), aim("hit@1", 0.5, "µs")]}


def million_entries(folder):
    """An index of a million blocks, as a file."""
    path = os.path.join(folder, "million.gzi")
    if not os.path.exists(path):
        with open(path, "wb") as f:
            f.write(struct.pack("<Q", 1_000_000) + b"".join(
                struct.pack("<QQ", i * 20_011, i * 65_280)
                for i in range(1, 1_000_001)))
    return path


def index_groups(programs, path):
    link = path + ".copy.gz"
    if not os.path.exists(link):
        os.link(path, link)
    if "bgzip" in programs.bgzips:
        bgzip, name = programs.bgzips["bgzip"]
        made = link + ".gzi"
        subprocess.run([bgzip, "-r", link], check=True)
        os.replace(made, made + ".bgzip")
        subprocess.run([programs.sgz, "-r", "-f", link], check=True)
        same = filecmp.cmp(made, made + ".bgzip", shallow=False)
        yield {"title": "Build an index; sgz's and bgzip's files are "
                        + ("the same" if same else "NOT THE SAME"),
               "each": True, "rows": [
            programs.row("library", "libsgz: from block headers", 1,
                         [programs.ours, "index", path, 1, 6]),
            programs.row("sgz", "sgz -r", 1,
                         [programs.sgz, "-r", "-f", link], "command"),
            programs.row("bgzip", f"{name} -r", 1, [bgzip, "-r", link],
                         "command")],
            "aims": [aim("sgz@1", 20, "bgzip@1"),
                     aim("library@1", 20, "bgzip@1")]}
    if programs.hts:
        million = million_entries(os.path.dirname(path))
        yield {"title": "Load an index of a million blocks", "each": True,
               "rows": [
                   programs.row("ours", "libsgz", 1,
                                [programs.ours, "load-index", million, 1, 6]),
                   programs.row("hts", programs.hts_name, 1,
                                [programs.hts, "load-index", million, 1, 6,
                                 0])],
               "aims": [aim("ours@1", 1.0, "hts@1")]}


def memory_groups(programs, text, packed, size):
    rows = []
    for threads in (1, 2):
        for level in (1, 6):
            rows += programs.commands(text, threads, level)
        rows += programs.commands(packed, threads)
    for i, row in enumerate(rows):
        row["name"] += " -d" if "-d" in row["command"] else ""
        row["key"] = f"{i}.{row['key']}"
    yield {"title": "Peak memory of the commands", "memory": True,
           "size": size, "rows": rows,
           "aims": [aim(row["key"], {1: 3.5, 2: 7}[row["threads"]], "MB")
                    for row in rows if ".sgz@" in row["key"]]}


def all_groups(programs, cache, size):
    text, binary = corpus(cache, size), binaries(cache, size)
    files = []
    for kind, path in (("text", text), ("binary", binary)):
        packed = path + ".bgz.gz"
        with open(packed, "wb") as f:
            subprocess.run([programs.sgz, "-l", "6", "-c", path], stdout=f,
                           check=True)
        files.append((kind, packed, size))
    packed = files[0][1]
    yield from decode_groups(programs, files)
    yield from line_groups(programs, packed, size)
    yield from encode_groups(programs, corpus(cache, size // 4), size // 4)
    yield from isal_groups(programs, corpus(cache, size // 4), size // 4)
    yield from index_groups(programs, packed)  # makes the index for htslib
    if programs.hts:
        shutil.copy(packed + ".copy.gz.gzi", packed + ".gzi")
    yield from read_groups(programs, packed, size)
    yield from memory_groups(programs, corpus(cache, size // 4),
                             packed, size // 4)


def binaries(cache, size):
    """`size` bytes of programs and libraries of this machine."""
    path = os.path.join(cache, f"binary-{size}")
    if os.path.exists(path):
        return path
    found = []
    for folder in BINARY_FOLDERS:
        for place, _, names in os.walk(folder):
            found += [os.path.join(place, name) for name in names]
    found.sort()
    random.Random(1952).shuffle(found)
    left = size
    with open(path + ".part", "wb") as f:
        while left:
            before = left
            for name in found:
                if os.path.islink(name) or not os.path.isfile(name):
                    continue
                with open(name, "rb") as program:
                    data = program.read(4 << 20)
                if data.startswith(b"\x7fELF") and left:
                    left -= f.write(data[:left])
            if left == before:
                sys.exit("bench: there are no programs in "
                         + ", ".join(BINARY_FOLDERS))
    os.replace(path + ".part", path)
    return path


# --- The model ---------------------------------------------------------------

def model(programs, packed, size):
    """How far one thread that hands out and takes back can feed others."""
    def seconds(mode, threads=1):
        return min(
            run(programs.row("", "", threads, [programs.ours, mode, packed,
                                               threads, 6,
                                               *programs.ours_codec()]))[
                                                   "seconds"]
            for _ in range(3))

    compressed = os.path.getsize(packed)
    blocks = size / 65280
    work = seconds("raw-decode") / blocks
    hand = seconds("hand-over", 2) / 8
    read = seconds("read") * compressed / blocks
    copy = seconds("copy") * 65280
    print("\nDecompressing with more threads than here: a model, from figures "
          "of this run")
    print(f"""\
  One block of 65280 bytes takes a thread {work * 1e6:.1f} µs to inflate and check.
  The thread that uses the reader does, for each block, one after the other:
    hand over and take back, under a lock, 8 at a time  {hand * 1e6:7.2f} µs
    read from the system's cache                        {read * 1e6:7.2f} µs
    copy to the caller (not for lines and chunks)       {copy * 1e6:7.2f} µs
  So at most {work / (hand + read + copy):.0f} threads are of use with the \
copy, and {work / (hand + read):.0f} without it.""")


# --- Time and memory against size --------------------------------------------

def long_runs(programs, text, sizes):
    """Compress and decompress the text again and again."""
    print("\nTime and memory against size (level 1, 2 threads, commands; "
          "INVALID if others worked)")
    unit = os.path.getsize(text)
    for size in sizes:
        times = max(1, size // unit)
        busy, start = busy_seconds(), time.perf_counter()
        with tempfile.TemporaryFile() as up, tempfile.TemporaryFile() as down:
            first = subprocess.Popen(
                ["sh", "-c", 'while [ $3 -gt 0 ]; do cat "$2"; '
                 'set -- "$1" "$2" $(($3 - 1)); done | '
                 '"$0" "$1" -l 1 -c -@ 2',
                 programs.peak, programs.sgz, text, str(times)],
                stdout=subprocess.PIPE, stderr=up)
            last = subprocess.Popen(
                [programs.peak, programs.sgz, "-d", "-c", "-@", "2"],
                stdin=first.stdout, stdout=subprocess.DEVNULL, stderr=down)
            first.stdout.close()
            usages, peaks = [], []
            for process, said in ((first, up), (last, down)):
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
                usages.append(usage)
                said.seek(0)
                words = said.read().split()
                if process.returncode or not words:
                    sys.exit("bench: a long run failed")
                peaks.append(int(words[-1]) / MB)
        wall = time.perf_counter() - start
        others = busy_seconds() - busy - sum(
            u.ru_utime + u.ru_stime for u in usages)
        valid = "" if others / wall <= DISTURBED else "  INVALID"
        print(f"  {times * unit / 1e9:>6.2f} GB  {wall:>7.2f} s  "
              f"{times * unit / MB / wall:>6.0f} MB/s  peak memory "
              f"{peaks[0]:.1f} MB to compress, {peaks[1]:.1f} MB to "
              f"decompress{valid}")


# --- Printing ----------------------------------------------------------------

def figure(group, row):
    if group.get("memory"):
        return f"{row['memory'] / MB:>7.1f} MB  "
    if group.get("each"):
        return f"{row['seconds'] * 1e6:>9.2f} µs"
    return f"{group['size'] / MB / row['seconds']:>7.0f} MB/s"


def base_of(group, row):
    """What a row is held against: the plain loop, else libsgz."""
    keys = [other["key"] for other in group["rows"]]
    for base in ("raw", "ours"):
        if f"{base}@{row['threads']}" in keys:
            return f"{base}@{row['threads']}"
    return None


def show(group):
    print(f"\n{group['title']}")
    for row in group["rows"]:
        base = None if group.get("memory") else base_of(group, row)
        ratio = (f"{row['ratios'][base]:>6.2f} × {base[:-2]:<4}"
                 if base not in (None, row["key"]) else " " * 13)
        made = (f" {row['did'] / group['size']:>6.1%}"
                if group.get("shrinks") and row["did"] else "")
        note = "" if row["valid"] else "  INVALID: the machine was not idle"
        print(f"  {row['name']:<38} {row['threads']}T {row['of']:<7} "
              f"{figure(group, row)} {ratio}{made}{note}".rstrip())


def best_peer(group, threads):
    """The fastest row with so many threads that is none of ours."""
    peers = [row for row in group["rows"] if row["threads"] == threads
             and row["key"].partition("@")[0] not in OURS]
    return min(peers, key=lambda row: row["seconds"], default=None)


def judge(group):
    """Print the aims of a group, and give those that are not met."""
    rows = {row["key"]: row for row in group["rows"]}
    for wanted in group["aims"]:
        name, _, threads = wanted["base"].partition("@")
        if name == "best":
            rows[wanted["base"]] = best_peer(group, int(threads))
    missed = []
    for wanted in group["aims"]:
        row, base = rows.get(wanted["row"]), rows.get(wanted["base"])
        if row is None or (base is None and "@" in wanted["base"]):
            continue
        least = wanted["least"]
        if base is None:
            found = (row["memory"] / MB if wanted["base"] == "MB"
                     else row["seconds"] * 1e6)
            text = f"{row['name']}: {found:.2f} {wanted['base']}, " \
                   f"at most {least:g}"
            met, valid = found <= least, True
        else:
            found = row["ratios"][base["key"]]
            text = (f"{row['key']} is {found:.2f} × {base['key']}, "
                    f"at least {least:.2f}")
            if wanted["base"] != base["key"]:
                text += f" (the best peer: {base['name']})"
            met, valid = found >= least, row["valid"] and base["valid"]
        verdict = ("met" if met else "NOT MET") if valid else "INVALID"
        print(f"    aim: {text}: {verdict}")
        wanted.update(found=found, verdict=verdict)
        if verdict != "met":
            missed.append(f"{group['title']}: {text}: {verdict}")
    return missed


def chosen(word, title):
    """Does `--only word` choose the group? Case does not matter."""
    return word is None or word.lower() in title.lower()


def main():
    parser = argparse.ArgumentParser(prog="./x bench throughput",
                                     description=__doc__)
    parser.add_argument("folder", help="a Meson build folder")
    parser.add_argument("--size", type=int, default=200, metavar="MB",
                        help="size of each corpus (200); a quarter of it is "
                        "compressed")
    parser.add_argument("--rounds", type=int, default=5,
                        help="how often each program runs (5)")
    parser.add_argument("--json", metavar="FILE",
                        help="write the figures as JSON, too")
    parser.add_argument("--only", metavar="WORD",
                        help="only groups with this word in their title, "
                        "in upper or lower case; 'model' and 'long' are "
                        "groups, too")
    parser.add_argument("--bgzip", action="append", default=[],
                        metavar="PATH", help="compare with this bgzip, too")
    parser.add_argument("--codec", metavar="NAME|PATH",
                        help="libsgz's rows use this codec: one that is built "
                        "in, a plugin of this build, or another plugin")
    parser.add_argument("--zlib", action="store_true",
                        help="build libsgz with zlib alone, in a folder of "
                        "its own")
    parser.add_argument("--long", action="store_true",
                        help="also compress and decompress up to 10 GB")
    options = parser.parse_args()
    if not any(chosen(options.only, title) for title in TITLES):
        print(f"bench: no group has '{options.only}' in its title. "
              "The groups are:", *TITLES, sep="\n  ", file=sys.stderr)
        return 2
    folder = os.path.abspath(options.folder)
    cache = os.path.join(folder, "corpus")
    os.makedirs(cache, exist_ok=True)
    subprocess.run(["ninja", "-C", folder, "bench/throughput", "bench/peak"], check=True,
                   stdout=subprocess.DEVNULL)
    programs = Programs(folder, options.bgzip, options.codec)
    size = options.size * MB
    print(f"{options.rounds} rounds in turns, best of them, {os.cpu_count()} processors. "
          "nT: n threads.")
    done, missed = [], []
    for group in all_groups(programs, cache, size):
        if not group["title"].startswith(TITLES):
            sys.exit(f"bench: TITLES lacks the group '{group['title']}'")
        if not chosen(options.only, group["title"]):
            continue
        if group.get("memory"):
            for row in group["rows"]:
                row["memory"] = peak_memory(programs, row["command"])
                row["valid"] = True
                row.pop("to")
        else:
            measure(group, options.rounds)
        show(group)
        missed += judge(group)
        done.append(group)
    if chosen(options.only, "model"):
        model(programs, corpus(cache, size) + ".bgz.gz", size)
    if options.long or options.only and chosen(options.only, "long"):
        long_runs(programs, corpus(cache, size),
                  [100 * MB, 1000 * MB, 10000 * MB])
    if done:
        print("\nAims that are not met:" if missed else "\nAll aims are met.")
    for text in missed:
        print(f"  {text}")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as f:
            json.dump({"size": size, "rounds": options.rounds,
                       "processors": os.cpu_count(),
                       "codec": programs.codec, "groups": done}, f,
                      indent=1)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as e:
        sys.exit(f"bench: {e}")
