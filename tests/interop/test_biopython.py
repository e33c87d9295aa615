# SPDX-License-Identifier: MIT OR Apache-2.0
"""Biopython's Bio.bgzf: written in Python alone, so a third opinion."""

import struct

import common
from common import SAMPLES, each_sample, each_way, offsets_in, sgz

common.need(modules=["Bio.bgzf"])

from Bio import bgzf  # noqa: E402


def entries(path):
    """The blocks that a .gzi file lists, the first included."""
    data = path.read_bytes()
    numbers = struct.unpack(f"<{len(data) // 8}Q", data)
    return [(0, 0), *zip(numbers[1::2], numbers[2::2])]


class Biopython(common.Case):
    @each_sample
    def test_bgzf_reads_what_sgz_writes(self, name, data):
        path = self.put_sgz(f"{name}.gz", data)
        with bgzf.BgzfReader(path, "rb") as file:
            self.same(file.read(len(data) + 1), data)

    @each_way
    def test_bgzf_reads_every_level(self, level, threads):
        for name in ("lines", "noise"):
            data = SAMPLES[name]
            path = self.put_sgz("a.gz", data, "-l", level, "-@", threads)
            with bgzf.BgzfReader(path, "rb") as file:
                self.same(file.read(len(data) + 1), data)

    def test_sgz_reads_every_level_of_bgzf(self):
        data = SAMPLES["lines"]
        for level in (1, 6, 9):
            path = self.dir / f"{level}.gz"
            with bgzf.BgzfWriter(str(path), "wb",
                                 compresslevel=level) as file:
                file.write(data)
            for threads in ("1", "3"):
                with self.subTest(level=level, threads=threads):
                    self.same(sgz("-dc", "-@", threads, path), data)

    def test_bgzf_iterates_lines(self):
        data = SAMPLES["lines"]
        path = self.put_sgz("a.gz", data)
        with bgzf.BgzfReader(path, "rb") as file:
            self.assertEqual(list(file), data.splitlines(True))

    @each_sample
    def test_sgz_reads_what_bgzf_writes(self, name, data):
        if name == "noise":
            return  # it cannot write what cannot be compressed
        path = self.dir / f"{name}.gz"
        with bgzf.BgzfWriter(str(path), "wb") as file:
            file.write(data)
        self.same(sgz("-dc", path), data)
        sgz("-t", path)
        if not data:
            return
        sgz("-r", path)
        for at in offsets_in(data):
            self.same(
                sgz("-b", str(at), "-s", "100", path),
                data[at : at + 100],
            )

    def test_blocks_are_those_of_the_index(self):
        for name in ("lines", "noise", "zeros", "block-and-one"):
            path = self.put_sgz(f"{name}.gz", SAMPLES[name])
            with open(path, "rb") as file:
                blocks = [
                    (start, data_start)
                    for start, _, data_start, length in bgzf.BgzfBlocks(file)
                    if length > 0
                ]
            self.assertEqual(entries(self.dir / f"{name}.gz.gzi"), blocks)

    def test_bgzf_seeks_by_our_index(self):
        data = SAMPLES["lines"]
        path = self.put_sgz("a.gz", data)
        index = entries(self.dir / "a.gz.gzi")
        with bgzf.BgzfReader(path, "rb") as file:
            for at in offsets_in(data):
                start, begin = max(e for e in index if e[1] <= at)
                if at - begin > 65280:
                    continue
                file.seek(bgzf.make_virtual_offset(start, at - begin))
                self.same(file.read(1000), data[at : at + 1000])


if __name__ == "__main__":
    common.main()
