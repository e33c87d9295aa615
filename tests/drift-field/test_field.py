#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The list of ./x drift-field, its record, and the reading of it fit each
other; and how findings become questions to the compilers."""

import json
import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "docs")]
import drift_ctest
import drift_field
import drift_proofs
import field


class Lists(unittest.TestCase):
    def setUp(self):
        self.chosen = drift_field.crates()
        self.text = drift_field.RECORD.read_text(encoding="utf-8")
        self.record = json.loads(self.text)

    def test_the_record_is_of_the_listed_crates(self):
        recorded = {name: one["version"]
                    for name, one in self.record["crates"].items()}
        listed = {name: one["version"] for name, one in self.chosen.items()}
        self.assertEqual(recorded, listed)
        judged = [one for one in self.record["crates"].values()
                  if "reason" not in one]
        self.assertGreaterEqual(len(judged), 30)

    def test_each_finding_was_read(self):
        reading = drift_proofs.Reading()
        for name, one in self.record["crates"].items():
            for finding in one.get("found", ()):
                self.assertIn(field.read(reading, name, finding)["verdict"],
                              field.VERDICTS)

    def test_what_was_read_is_found(self):
        found = [(name, finding["item"])
                 for name, one in self.record["crates"].items()
                 for finding in one.get("found", ())]
        reading = drift_proofs.Reading()
        used = {id(reading.of(*one)) for one in found}
        stale = [entry["items"] for entry in reading.entries
                 if id(entry) not in used]
        self.assertEqual(stale, [])

    def test_no_path_of_a_machine_is_recorded(self):
        self.assertEqual(re.findall(
            r'(?:/home/|/root/|/work/|/tmp/|\.cargo/|target/)[^"]*', self.text),
            [])

    def test_crates_are_beside_ctest(self):
        self.assertEqual(set(self.record["ctest"]), set(drift_ctest.CRATES))


class Questions(unittest.TestCase):
    def test_parameters_are_counted(self):
        def count(text):
            return drift_proofs.arity(text, "f")
        self.assertEqual(count("pub fn f();"), (0, False))
        self.assertEqual(count("pub fn f(a: i32, b: *mut c_void) -> i32;"),
                         (2, False))
        self.assertEqual(count("fn f(a: i32, ...);"), (1, True))
        self.assertEqual(count(
            "fn f(a: Option<unsafe extern \"C\" fn(i32, i32) -> i32>, "
            "b: [u8; 4],);"), (2, False))
        self.assertIsNone(count("pub type f = i32;"))

    def test_places_of_this_machine_are_left_out(self):
        said = drift_field.without_places(
            "in /root/.cargo/registry/src/index-1/a-1.0/src/lib.rs")
        self.assertEqual(said, "in a-1.0/src/lib.rs")

    def test_an_unknown_crate_is_refused(self):
        with self.assertRaises(drift_field.Stopped):
            drift_field.crates(["no-such-crate"])


if __name__ == "__main__":
    unittest.main()
