#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Tests of bench/throughput.py, which measure nothing: its groups, its names,
its arguments. test_throughput.py NINJA GROUP runs one group of them."""

import contextlib
import io
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from checkout import ROOT

SCRIPT = ROOT / "bench/throughput.py"
sys.path.insert(0, str(SCRIPT.parent))
import throughput


def programs(**given):
    """Programs that nobody built."""
    made = throughput.Programs.__new__(throughput.Programs)
    vars(made).update(
        folder="/none", ours="ours", safe="safe", sgz="sgz", peers="peers",
        hts="hts", hts_name="htslib 1", codec="libdeflate 1",
        codec_given=None, versions=throughput.locked(),
        bgzips={"bgzip": ("bgzip", "bgzip 1")}, **given)
    return made


class WithIsal(throughput.Programs):
    def plugin(self, name):
        return f"/plugins/{name}.so"

    def name_codec(self, codec):
        return Path(codec).stem + " 2"


def isal_group():
    with_isal = WithIsal.__new__(WithIsal)
    vars(with_isal).update(vars(programs()))
    [group] = throughput.isal_groups(with_isal, "text", 100)
    return group


def only(word):
    return subprocess.run(
        [sys.executable, "-B", SCRIPT, "/none/build", "--only", word],
        capture_output=True, text=True, check=False)


class Throughput(unittest.TestCase):
    def test_a_word_that_no_group_has_is_refused_before_any_work(self):
        for word in ("decompres,", "ISA-M"):
            ran = only(word)
            self.assertEqual(ran.returncode, 2)
            self.assertIn(word, ran.stderr)
            for title in throughput.TITLES:
                self.assertIn(title, ran.stderr)
        self.assertFalse(Path("/none").exists())

    def test_a_word_chooses_in_upper_and_lower_case(self):
        for word in ("isa-l", "ISA-L", "Isa-L"):
            self.assertEqual([title for title in throughput.TITLES
                              if throughput.chosen(word, title)],
                             ["Compress by ISA-L, level 1"])
        self.assertTrue(all(throughput.chosen(None, title)
                            for title in throughput.TITLES))

    def test_each_group_is_in_the_list_of_titles(self):
        p = programs()
        found = [group["title"] for groups in (
            throughput.decode_groups(p, [("text", "t", 1), ("binary", "b", 1)]),
            throughput.line_groups(p, "t", 1),
            throughput.encode_groups(p, "t", 1), [isal_group()],
            throughput.read_groups(p, "t", 1),
            throughput.memory_groups(p, "t", "t", 1)) for group in groups]
        # these two do some work before they have a title
        work = ["Build an index", "Load an index of a million blocks"]
        self.assertEqual(sorted([*found, *work, "model", "long"]),
                         sorted(throughput.TITLES))

    def test_versions_of_peers_are_those_of_the_lock_file(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "Cargo.lock").write_text("".join(
                f'[[package]]\nname = "{name}"\nversion = "{version}"\n'
                for name, version in (
                    ("gzp", "9.8.7"), ("bgzip", "6.5.4"),
                    ("noodles-bgzf", "3.2.1"), ("libdeflate-sys", "0.12.0"),
                    ("libdeflate-sys", "1.30.1"),
                    ("libdeflate-sys", "1.4.0"))), encoding="utf-8")
            p = programs()
            p.versions = throughput.locked(folder)
        names = [row["name"] for row in p.others("encode", "t", 1, 1)]
        self.assertEqual(names, ["noodles-bgzf 3.2.1 (libdeflate 1.30)",
                                 "bgzip crate 6.5.4 (libdeflate 1.30)",
                                 "gzp 9.8.7 (libdeflate 1.30)"])

    def test_a_codec_is_that_of_each_row_of_ours_and_of_no_other(self):
        group = isal_group()
        for row in group["rows"]:
            ours = row["key"].partition("@")[0] in throughput.OURS
            self.assertEqual("/plugins/isal.so" in row["command"], ours)
            self.assertEqual("isal 2" in row["name"], ours)
        p = programs()
        p.codec_given = "zlib"
        [random, warm] = throughput.read_groups(p, "t", 1)
        for row in random["rows"] + warm["rows"]:
            ours = row["command"][0] in ("ours", "safe")
            self.assertEqual("zlib" in row["command"], ours)

    def test_isal_is_held_against_the_best_peer(self):
        group = isal_group()
        for i, row in enumerate(group["rows"]):
            peer = row["key"].partition("@")[0] not in throughput.OURS
            row.update(seconds=10 + i if peer else 4.0, valid=True)
        for row in group["rows"]:
            row["ratios"] = {base["key"]: base["seconds"] / row["seconds"]
                             for base in group["rows"]}
        peers = [row for row in group["rows"] if row["threads"] == 1
                 and row["key"].partition("@")[0] not in throughput.OURS]
        self.assertEqual(len(peers), 4)
        best = min(peers, key=lambda row: row["seconds"])
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            missed = throughput.judge(group)
        self.assertEqual(missed, [])
        self.assertIn(f"ours@1 is {best['seconds'] / 4:.2f} × {best['key']}, "
                      f"at least 1.90 (the best peer: {best['name']}): met",
                      said.getvalue())
        best["seconds"] = 7.0
        group["rows"][1]["ratios"][best["key"]] = 7.0 / 4
        with contextlib.redirect_stdout(said):
            self.assertEqual(len(throughput.judge(group)), 1)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
