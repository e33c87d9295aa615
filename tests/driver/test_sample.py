#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The sample file has the same bytes everywhere, and what lessons are about:
test_sample.py FILE"""

import hashlib
import sys
import unittest
from pathlib import Path

BLOCK = 65280


class Sample(unittest.TestCase):
    def setUp(self):
        self.data = Path(FILE).read_bytes()
        self.lines = self.data.split(b"\n")

    def test_has_the_same_bytes_everywhere(self):
        self.assertEqual(
            hashlib.sha256(self.data).hexdigest(),
            "1303e9ccc1486967b32b6dbe3b80e653b750cfa0a3bed10106532f55a4eb6ef4",
            "lessons and documents quote numbers of the old sample: "
            "renew them from a run, then this sum")

    def test_has_several_blocks_and_is_small(self):
        self.assertGreater(len(self.data), 4 * BLOCK)
        self.assertLess(len(self.data), 10 * BLOCK)

    def test_has_lines_of_all_kinds(self):
        lengths = sorted(map(len, self.lines))
        self.assertEqual(lengths[0], 0)
        self.assertGreater(lengths[-1], BLOCK)
        self.assertIn(b"\0\0", self.data)
        self.assertFalse(self.data.endswith(b"\n"))

    def test_has_bytes_that_are_not_ascii_and_no_utf_8(self):
        self.assertIn("é".encode(), self.data)
        with self.assertRaises(UnicodeDecodeError):
            self.data.decode()
        self.assertGreater(
            sum(line.decode(errors="replace").encode() == line
                for line in self.lines), len(self.lines) / 2)


if __name__ == "__main__":
    FILE = sys.argv.pop(1)
    unittest.main()
