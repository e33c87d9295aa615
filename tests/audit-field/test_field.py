#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The list of ./x audit-field, its record, the reading of it, and the book fit
each other."""

import json
import re
import statistics
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import audit_field


class Field(unittest.TestCase):
    def setUp(self):
        self.chosen = audit_field.crates()
        self.text = audit_field.RECORD.read_text(encoding="utf-8")
        self.crates = json.loads(self.text)["crates"]

    def test_the_record_is_of_the_listed_crates(self):
        self.assertEqual(
            {name: one["version"] for name, one in self.crates.items()},
            {name: one["version"] for name, one in self.chosen.items()})

    def test_each_crate_was_audited(self):
        for name, one in self.crates.items():
            self.assertEqual(
                audit_field.too_little(one, self.chosen[name]), "", name)
            self.assertGreater(one["tests"]["passed"], 0, name)

    def test_each_finding_was_read(self):
        read = audit_field.reading()
        found = {(name, finding["message"])
                 for name, one in self.crates.items()
                 for finding in one["findings"]}
        self.assertEqual(found, set(read))

    def test_others_said_nothing_of_frees(self):
        for name, one in self.crates.items():
            self.assertEqual(one["seconds"]["wrong_by_others"], 0, name)

    def test_the_cost_is_what_was_promised(self):
        ratios = [audit_field.ratio(one["seconds"], "audited")
                  for one in self.crates.values()]
        self.assertNotIn(None, ratios)
        self.assertLessEqual(statistics.median(ratios), 1.5)
        self.assertLessEqual(max(ratios), 3)

    def test_the_book_has_the_table(self):
        chapter = ROOT / "docs/src/audit-field.md"
        text = chapter.read_text(encoding="utf-8")
        self.assertIn("{{audit field}}", text)
        for crate in self.chosen.values():
            for key in ("without", "few"):
                if key in crate:
                    self.assertIn(crate[key], audit_field.remarks(self.chosen))

    def test_no_path_of_a_machine_is_recorded(self):
        self.assertEqual(re.findall(
            r'(?:/home/|/root/|/work/|/tmp/|\.cargo/|target/)[^"]*', self.text),
            [])

    def test_an_unknown_crate_is_refused(self):
        with self.assertRaises(audit_field.Stopped):
            audit_field.crates(["no-such-crate"])


if __name__ == "__main__":
    unittest.main()
