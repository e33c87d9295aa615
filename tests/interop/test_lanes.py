# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the lessons write, in every lane: other programs read it, and all lanes
write the same. Run as `test_lanes.py SGZ LANE_FILES LANE...`."""

import gzip
import os
import pathlib
import sys

import common
from common import SAMPLES, offsets_in, run, sgz

common.need(programs=["bgzip", "gzip"], modules=["Bio.bgzf", "pysam"])

import pysam  # noqa: E402
from Bio import bgzf  # noqa: E402

LANE_FILES, *LANES = [
    str(pathlib.Path(arg).resolve())
    for arg in sys.argv[2:]
    if not arg.startswith("-")
]
del sys.argv[2:]


def is_bgzf(data):
    """As bgzip sees it: an extra field that starts with BC."""
    return data[3:4] == b"\4" and data[12:16] == b"BC\2\0"


class Lanes(common.Case):
    def files_of(self, lane, data):
        """Every gzip file that the lane's lessons leave, by name."""
        path = self.put("input", data)
        folder = self.dir / pathlib.Path(lane).name
        folder.mkdir()
        here = os.getcwd()
        os.chdir(folder)
        try:
            run(LANE_FILES, lane, path)
        finally:
            os.chdir(here)
        found = {}
        for file in sorted(folder.rglob("*")):
            content = file.read_bytes() if file.is_file() else b""
            # damaged on purpose: lessons show what reading it gives
            if content[:2] != b"\x1f\x8b" or not self.is_whole(content):
                continue
            found[os.fsencode(file.relative_to(folder))] = (file, content)
        return found

    @staticmethod
    def is_whole(content):
        try:
            gzip.decompress(content)
        except (OSError, EOFError):
            return False
        return True

    def check_readers(self, file, content):
        """Each reader that can read such a file gives the same data."""
        data = gzip.decompress(content)
        run("gzip", "-t", data=content)
        self.same(run("gzip", "-dc", data=content), data)
        self.same(run("bgzip", "-dc", data=content), data)
        self.same(sgz("-d", data=content), data)
        # under a name that is text, as some of these want it
        path = str(self.put("copy.gz", content))
        with pysam.BGZFile(path, "rb") as reader:
            self.same(reader.read(len(data) + 1), data)
        if is_bgzf(content):
            with bgzf.BgzfReader(path, "rb") as reader:
                self.same(reader.read(len(data) + 1), data)

    def check_index(self, content, index):
        """bgzip writes the same index, and seeks by it."""
        path = self.put("seek.gz", content)
        run("bgzip", "-r", "-I", self.dir / "theirs", path)
        data = gzip.decompress(content)
        if data:  # of an empty file bgzip counted -1 blocks until htslib 1.23
            self.assertEqual(index, (self.dir / "theirs").read_bytes())
        place = self.put("ours", index)
        for at in offsets_in(data):
            if at < len(data):  # where bgzip can seek to
                got = run(
                    "bgzip", "-b", str(at), "-s", "999", "-I", place, path
                )
                self.same(got, data[at : at + 999])

    def check_input(self, data):
        wanted = None
        self.indexes = 0
        for lane in LANES:
            found = self.files_of(lane, data)
            with self.subTest(lane=pathlib.Path(lane).stem):
                # lesson 04 writes the whole input
                out = found[b"04-handles/out.gz"][1]
                self.same(gzip.decompress(out), data)
                contents = {name: one[1] for name, one in found.items()}
                wanted = wanted or contents
                self.assertEqual(contents.keys(), wanted.keys())
                for name, content in contents.items():
                    self.same(content, wanted[name])
                for name, (file, content) in found.items():
                    with self.subTest(file=name):
                        self.check_readers(file, content)
                        index = file.with_name(file.name + ".gzi")
                        if index.exists():
                            self.check_index(content, index.read_bytes())
                            self.indexes += 1

        # lesson 07 saves one, in each lane
        self.assertEqual(self.indexes, len(LANES))

    def test_of_lines(self):
        self.check_input(SAMPLES["lines"][: 1 << 20])

    def test_of_noise(self):
        self.check_input(SAMPLES["noise"])

    def test_of_nothing(self):
        self.check_input(b"")


if __name__ == "__main__":
    common.main()
