# SPDX-License-Identifier: MIT OR Apache-2.0
"""pysam: a newer htslib than the system's, as Python programs use it."""

import struct

import common
from common import SAMPLES, each_sample, each_way, offsets_in, sgz

common.need(modules=["pysam"])

import pysam  # noqa: E402


class Pysam(common.Case):
    @each_sample
    def test_pysam_reads_what_sgz_writes(self, name, data):
        path = self.put_sgz(f"{name}.gz", data)
        with pysam.BGZFile(str(path), "rb") as file:
            self.same(file.read(len(data) + 1), data)

    @each_way
    def test_pysam_reads_every_level(self, level, threads):
        for name in ("lines", "noise"):
            data = SAMPLES[name]
            path = self.put_sgz("a.gz", data, "-l", level, "-@", threads)
            with pysam.BGZFile(str(path), "rb") as file:
                self.same(file.read(len(data) + 1), data)

    def test_sgz_reads_every_level_of_pysam(self):
        sizes = []
        for level in ("0", "1", "6", "9"):
            path = self.dir / f"{level}.gz"
            for name in ("noise", "lines"):
                data = SAMPLES[name]
                with pysam.BGZFile(str(path), f"wb{level}") as file:
                    file.write(data)
                for threads in ("1", "3"):
                    with self.subTest(level=level, threads=threads):
                        self.same(sgz("-dc", "-@", threads, path), data)
            sizes.append(path.stat().st_size)
        # the levels took effect
        self.assertEqual(sizes, sorted(set(sizes), reverse=True))

    def test_pysam_iterates_lines(self):
        data = SAMPLES["lines"]
        path = self.put_sgz("a.gz", data)
        with pysam.BGZFile(str(path), "rb") as file:
            # it gives lines without their ends
            self.assertEqual(list(file), data.splitlines())

    @each_sample
    def test_sgz_reads_what_pysam_writes(self, name, data):
        path = self.dir / f"{name}.gz"
        with pysam.BGZFile(str(path), "wb") as file:
            file.write(data)
        self.same(sgz("-dc", path), data)
        sgz("-t", path)
        if data:
            sgz("-r", path)

    def test_sgz_reads_what_pysam_compresses(self):
        data = SAMPLES["lines"]
        plain = self.put("a", data)
        pysam.tabix_compress(str(plain), str(self.dir / "a.gz"))
        self.same(sgz("-dc", self.dir / "a.gz"), data)

    def test_pysam_seeks_by_our_index(self):
        for name in ("lines", "noise", "block-and-one"):
            data = SAMPLES[name]
            path = self.put_sgz(f"{name}.gz", data)
            gzi = (self.dir / f"{name}.gz.gzi").read_bytes()
            numbers = struct.unpack(f"<{len(gzi) // 8}Q", gzi)
            index = [(0, 0), *zip(numbers[1::2], numbers[2::2])]
            with pysam.BGZFile(str(path), "rb") as file:
                for at in offsets_in(data):
                    start, begin = max(e for e in index if e[1] <= at)
                    if at - begin >= 65280:
                        continue
                    file.seek(start << 16 | (at - begin))
                    self.same(file.read(1000), data[at : at + 1000])

    def test_pysam_writes_the_same_index(self):
        data = SAMPLES["lines"]
        path = self.dir / "a.gz"
        with pysam.BGZFile(
            str(path), "wb", index=str(self.dir / "theirs")
        ) as file:
            file.write(data)
        sgz("-r", path)
        self.assertEqual(
            (self.dir / "a.gz.gzi").read_bytes(),
            (self.dir / "theirs").read_bytes(),
        )

    def test_faidx_makes_the_same_index_and_takes_ours(self):
        """Compressed FASTA is what .gzi files are for."""
        rows = [b">one\n"]
        rows += [line.replace(b"\t", b" ")[:50].ljust(50, b"A") + b"\n"
                 for line in SAMPLES["lines"].splitlines()]
        data = b"".join(rows).replace(b" ", b"N")
        path = self.put_sgz("a.fa.gz", data)
        ours = (self.dir / "a.fa.gz.gzi").read_bytes()
        (self.dir / "a.fa.gz.gzi").unlink()
        pysam.faidx(str(path))
        theirs = (self.dir / "a.fa.gz.gzi").read_bytes()
        self.assertEqual(ours, theirs)
        (self.dir / "a.fa.gz.gzi").unlink()
        sgz("-r", path)
        sequence = data.split(b"\n", 1)[1].replace(b"\n", b"").decode()
        with pysam.FastaFile(str(path)) as fasta:
            for at in (0, 1000, 65280, 500_000, 1_500_000):
                self.assertEqual(
                    fasta.fetch("one", at, at + 200),
                    sequence[at : at + 200],
                )

    def test_tabix_index_of_what_sgz_writes(self):
        rows = [f"chr1\t{at}\t{at + 5}\n" for at in range(0, 900_000, 30)]
        path = self.put_sgz("a.bed.gz", "".join(rows).encode())
        pysam.tabix_index(str(path), preset="bed", force=True)
        with pysam.TabixFile(str(path)) as file:
            self.assertEqual(
                list(file.fetch("chr1", 600_000, 600_100)),
                [f"chr1\t{at}\t{at + 5}" for at in range(600_000, 600_100, 30)],
            )


if __name__ == "__main__":
    common.main()
