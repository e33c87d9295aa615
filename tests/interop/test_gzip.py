# SPDX-License-Identifier: MIT OR Apache-2.0
"""GNU gzip and Python's gzip module: plain gzip files, in both directions."""

import gzip
import io
import struct
import zlib

import common
from common import SAMPLES, each_sample, offsets_in, run, sgz

common.need(programs=["gzip"])


def member(data, *, name=b"", comment=b"", extra=b"", check=False):
    """A gzip member with any of the optional header fields."""
    flags = (
        (2 if check else 0)
        | (4 if extra else 0)
        | (8 if name else 0)
        | (16 if comment else 0)
    )
    head = struct.pack("<BBBBIBB", 0x1F, 0x8B, 8, flags, 1, 0, 255)
    if extra:
        head += struct.pack("<H", len(extra)) + extra
    if name:
        head += name + b"\0"
    if comment:
        head += comment + b"\0"
    if check:
        head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = packer.compress(data) + packer.flush()
    return head + body + struct.pack(
        "<II", zlib.crc32(data), len(data) & 0xFFFFFFFF
    )


class Gzip(common.Case):
    @each_sample
    def test_gzip_reads_what_sgz_writes(self, name, data):
        path = self.put_sgz(f"{name}.gz", data)
        run("gzip", "-t", path)
        self.same(run("gzip", "-dc", path), data)
        self.same(gzip.decompress(path.read_bytes()), data)

    @each_sample
    def test_sgz_reads_what_gzip_writes(self, name, data):
        for options in (["-1"], ["-6"], ["-9"], ["-n"], ["--rsyncable"]):
            plain = self.put(name, data)
            run("gzip", "-f", *options, plain)
            path = self.dir / f"{name}.gz"
            self.same(sgz("-dc", path), data)
            sgz("-t", path)

    @each_sample
    def test_sgz_reads_what_python_writes(self, _, data):
        whole = io.BytesIO()
        with gzip.GzipFile("a name", "wb", fileobj=whole) as file:
            file.write(data)
        self.same(sgz("-d", data=whole.getvalue()), data)

    def test_joined_members_are_a_file(self):
        parts = [SAMPLES["lines"], b"", SAMPLES["noise"], b"x"]
        joined = b"".join(gzip.compress(part) for part in parts)
        self.same(sgz("-d", data=joined), b"".join(parts))
        mixed = gzip.compress(parts[0]) + sgz(data=parts[2])
        self.same(sgz("-d", data=mixed), parts[0] + parts[2])
        self.same(run("gzip", "-dc", data=mixed), parts[0] + parts[2])

    def test_all_header_fields_are_read_over(self):
        data = SAMPLES["lines"]
        fields = {
            "name": b"caf\xe9.txt",
            "comment": b"a remark",
            "extra": b"ab\x03\0xyz" + b"BC\x02\0\xff\xff",
            "check": True,
        }
        for mask in range(16):
            chosen = {
                key: value
                for i, (key, value) in enumerate(fields.items())
                if mask >> i & 1
            }
            if "extra" in chosen:
                # a BC subfield would make it a block, which it is not
                chosen["extra"] = b"ab\x03\0xyz"
            with self.subTest(fields=sorted(chosen)):
                file = member(data, **chosen)
                self.same(sgz("-d", data=file), data)
                self.same(run("gzip", "-dc", data=file), data)

    def test_sgz_seeks_in_what_gzip_writes(self):
        data = SAMPLES["lines"]
        run("gzip", self.put("a", data))
        for at in offsets_in(data):
            self.same(
                sgz("-b", str(at), "-s", "500", self.dir / "a.gz"),
                data[at : at + 500],
            )

    def test_trailing_garbage_is_an_error(self):
        """gzip warns of it and goes on; sgz fails, and says where."""
        file = gzip.compress(b"data")
        sgz("-t", data=file + b"garbage", code=1)
        sgz("-t", data=file)


if __name__ == "__main__":
    common.main()
