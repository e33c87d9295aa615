# SPDX-License-Identifier: MIT OR Apache-2.0
"""htslib's bgzip and tabix: files and indexes, in both directions."""

import common
from common import SAMPLES, each_sample, offsets_in, run, sgz

common.need(programs=["bgzip", "tabix"])


def index_of(path):
    """What bgzip wrote at `path`, as it writes it since htslib 1.23: it counted
    -1 entries for a file without data, and now none."""
    content = path.read_bytes()
    return bytes(8) if content == b"\xff" * 8 else content


class Bgzip(common.Case):
    @each_sample
    def test_bgzip_reads_what_sgz_writes(self, name, data):
        path = self.put_sgz(f"{name}.gz", data)
        self.same(run("bgzip", "-dc", path), data)
        run("bgzip", "-t", path)

    def test_bgzip_reads_every_level(self):
        for level in range(-1, 13):
            with self.subTest(level=level):
                for name in ("lines", "noise"):
                    data = SAMPLES[name]
                    for threads in ("1", "3"):
                        path = self.put_sgz("a.gz", data, "-l", str(level),
                                            "-@", threads)
                        self.same(run("bgzip", "-dc", "-@", threads, path),
                                  data)

    @each_sample
    def test_sgz_reads_what_bgzip_writes(self, name, data):
        for level in ("-1", "0", "1", "9"):
            path = self.put(f"{name}.gz", b"")
            path.write_bytes(run("bgzip", "-c", "-l", level, "-@",
                                 "3" if level == "1" else "1", data=data))
            for threads in ("1", "3"):
                self.same(sgz("-dc", "-@", threads, path), data)
                self.same(sgz("-d", "-@", threads, data=path.read_bytes()),
                          data)
            sgz("-t", path)

    def test_joined_files_are_a_file(self):
        parts = [SAMPLES["lines"], b"", SAMPLES["noise"], b"x"]
        whole = b"".join(parts)
        for one, other in (("sgz", "bgzip"), ("bgzip", "sgz")):
            writers = {
                "sgz": lambda data: sgz(data=data),
                "bgzip": lambda data: run("bgzip", "-c", data=data),
            }
            joined = b"".join(
                writers[one if i % 2 else other](part)
                for i, part in enumerate(parts)
            )
            self.same(run("bgzip", "-dc", data=joined), whole)
            self.same(sgz("-d", data=joined), whole)

    @each_sample
    def test_indexes_are_the_same_bytes(self, name, data):
        # of what sgz wrote: by sgz as it wrote, by both afterwards
        path = self.put_sgz(f"{name}.gz", data)
        written = (self.dir / f"{name}.gz.gzi").read_bytes()
        sgz("-r", "-f", "-I", self.dir / "scanned", path)
        sgz("-r", "-t", "-f", "-I", self.dir / "verified", path)
        run("bgzip", "-r", path)
        theirs = index_of(self.dir / f"{name}.gz.gzi")
        self.assertEqual(written, theirs)
        self.assertEqual((self.dir / "scanned").read_bytes(), theirs)
        self.assertEqual((self.dir / "verified").read_bytes(), theirs)
        # of what bgzip wrote
        plain = self.put("b", data)
        run("bgzip", "-f", "-i", plain)
        theirs = index_of(self.dir / "b.gz.gzi")
        sgz("-r", "-f", "-I", self.dir / "ours", self.dir / "b.gz")
        self.assertEqual((self.dir / "ours").read_bytes(), theirs)

    def test_indexes_of_joined_files_are_the_same_bytes(self):
        """With empty blocks at the start, in the middle, and many at the end."""
        empty = sgz(data=b"")
        one, two = sgz(data=SAMPLES["lines"]), sgz(data=SAMPLES["noise"])
        for parts in (
            [one, two],
            [empty, one],
            [one, empty, empty, two],
            [one, empty, empty, empty],
            [empty, empty],
        ):
            path = self.put("a.gz", b"".join(parts))
            run("bgzip", "-r", "-I", self.dir / "theirs", path)
            sgz("-r", "-f", "-I", self.dir / "ours", path)
            self.assertEqual(
                (self.dir / "ours").read_bytes(),
                index_of(self.dir / "theirs"),
            )

    def test_an_index_of_either_serves_the_other(self):
        for name in ("lines", "noise", "zeros", "block-and-one"):
            data = SAMPLES[name]
            ours = self.put_sgz(f"{name}.gz", data)
            run("bgzip", "-f", "-i", self.put("b", data))
            theirs = self.dir / "b.gz"
            run("bgzip", "-r", "-I", self.dir / "theirs.gzi", ours)
            sgz("-r", "-f", "-I", self.dir / "ours.gzi", theirs)
            for at in offsets_in(data):
                if at == len(data):
                    continue  # bgzip fails there
                want = data[at : at + 70000]
                place = ("-b", str(at), "-s", "70000")
                with self.subTest(sample=name, at=at):
                    # bgzip, by our index, and by its own, in our file
                    self.same(run("bgzip", *place, ours), want)
                    # bgzip, by our index, in its own file
                    self.same(
                        run("bgzip", *place, "-I", self.dir / "ours.gzi",
                            theirs),
                        want,
                    )
                    # sgz, by their index, in both
                    self.same(
                        sgz(*place, "-I", self.dir / "theirs.gzi", ours),
                        want,
                    )
                    self.same(sgz(*place, theirs), want)

    def test_sgz_seeks_to_the_very_end(self):
        data = SAMPLES["lines"]
        run("bgzip", "-i", self.put("b", data))
        self.same(sgz("-b", str(len(data)), self.dir / "b.gz"), b"")

    def test_tabix_finds_regions_in_what_sgz_writes(self):
        rows = [
            f"chr{c}\t{at}\t{at + 10}\tname{at}\n"
            for c in (1, 2)
            for at in range(0, 400_000, 20)
        ]
        path = self.put_sgz("a.bed.gz", "".join(rows).encode())
        run("tabix", "-p", "bed", path)
        got = run("tabix", path, "chr2:200001-200100").decode()
        self.assertEqual(
            got.splitlines(True),
            [r for r in rows if r.startswith("chr2\t2000")
             and 200000 <= int(r.split("\t")[1]) < 200100],
        )


if __name__ == "__main__":
    common.main()
