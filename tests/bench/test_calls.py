#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Tests of bench/calls.py: test_calls.py BUILD-FOLDER ARCHIVE GROUP.

What it does with figures, on some that nobody counted; and that its claims
hold for those that it counts. The clock is not looked at."""

import copy
import os
import shutil
import sys
import unittest
import unittest.mock
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bench"))
import calls

DUMP = """
fl=/src/csrc/reader.c
fn=sgz_reader_read
10 40
fi=/src/csrc/reader.h
11 7
cfn=memcpy
calls=3 0
12 33
fe=/src/csrc/reader.c
13 2

fn=memcpy
1 33
"""

# The disassembly of two rows: one is inlined, and one is not.
CODE = """\
0000000000000010 <empty>:
  10:	mov    $0x100,%eax

0000000000000020 <calls::safe::rows::TABLE::empty>:
  20:	lea    0x5a3(%rip),%r15        # 1ba00 <sgz_version_number>
  27:	call   *%r15

0000000000000030 <by_value>:
  30:	add    $0x1,%rax

0000000000000040 <calls::raw::rows::TABLE::by_value>:
  40:	call   *0x5a3(%rip)        # 1ba00 <border_shift@Base>
"""


def table():
    """One whose claims hold: each lane takes what C takes."""
    lanes = {lane: {"the library": 90.0, "the loop and the wrapper": 10.0}
             for lane in calls.LANES}
    return {row: copy.deepcopy(lanes) for row in calls.ROWS}


class Judged(unittest.TestCase):
    def test_what_a_function_calls_is_not_its_own(self):
        self.assertEqual(calls.read_dump(DUMP), {
            ("sgz_reader_read", "/src/csrc/reader.c"): 42,
            ("sgz_reader_read", "/src/csrc/reader.h"): 7,
            ("memcpy", "/src/csrc/reader.c"): 33})

    def test_few_and_many_calls_give_the_cost_of_one(self):
        found = [("read", "c", 100, 1, 0.0), ("read", "c", 900, 9, 0.0)]
        dumps = [calls.read_dump(f"fl=/s/csrc/a.c\nfn=f\n1 {n}\n")
                 for n in (1005, 9005)]
        self.assertEqual(calls.per_call(found, dumps),
                         {"read": {"c": {"the library": 10.0}}})

    def test_a_function_that_no_rule_knows_has_no_name(self):
        for function, file in (("frobnicate", "/x/y.c"),
                               ("frobnicate", "???"),
                               # what is called, not what is inlined
                               ("<std::io::Stdout>::lock",
                                "/rustc/1/library/std/src/io/stdio.rs")):
            self.assertEqual(calls.part_of(function, file), calls.UNNAMED)
        self.assertEqual(calls.part_of(
            "calls::safe::rows::TABLE::owned",
            "/rustc/1/library/core/src/option.rs"),
            "the loop and the wrapper")

    def test_claims_that_hold(self):
        self.assertEqual(list(calls.judge(table())), [])

    def broken(self, change):
        changed = table()
        change(changed)
        return list(calls.judge(changed))

    def test_a_raw_lane_takes_what_c_takes(self):
        for lane in calls.RAW:
            said = self.broken(lambda t, lane=lane: t["owned"][lane].update(
                {"the library": 91.0}))
            self.assertEqual(len(said), 1)
            self.assertIn(lane, said[0])

    def test_with_another_compiler_the_loops_of_raw_lanes_may_differ(self):
        changed = table()
        changed["export"]["generated"][calls.LOOP] += 2.0
        self.assertEqual(list(calls.judge(changed, alike=False)), [])
        [said] = calls.judge(changed)
        self.assertIn(f"generated is 1.02 × C, which should be 1.00: "
                      f"{calls.LOOP} +2.0", said)
        changed["export"]["generated"]["copy"] = 2.0
        [said] = calls.judge(changed, alike=False)
        self.assertIn("copy +2.0", said)

    def test_the_safe_lane_has_a_limit_on_some_rows(self):
        # this row has its sentence: the limit is another claim
        said = self.broken(lambda t: t["read"]["safe"].update(
            {"details of an error": 5.5}))
        self.assertIn("at most 1.05", said[0])
        self.assertEqual(self.broken(lambda t: t["read"]["safe"].update(
            {"details of an error": 4.5})), [])

    def test_a_row_above_one_has_its_sentence(self):
        for row in ("struct", "string-in"):
            said = self.broken(lambda t, row=row: t[row]["safe"].update(
                {"copy": 1.0}))
            self.assertIn("nothing says why", said[0])
        self.assertEqual(self.broken(lambda t: t["callback"]["safe"].update(
            {"catch a panic": 50.0})), [])

    def test_no_part_of_what_is_more_is_without_a_name(self):
        said = self.broken(lambda t: t["callback"]["safe"].update(
            {"catch a panic": 50.0, calls.UNNAMED: 2.0}))
        self.assertIn("+2.0 instructions have no name", said[0])

    def test_the_parts_are_together_what_is_more(self):
        changed = table()
        changed["owned"]["safe"] = {"the library": 90.0, "copy": 20.0,
                                    "the loop and the wrapper": 7.5}
        [row] = [row for row in calls.as_json(changed, None)
                 if row["name"] == "owned"]
        self.assertEqual(sum(p["instructions"] for p in row["more"]),
                         row["lanes"]["safe"]["instructions"]
                         - row["lanes"]["c"]["instructions"])
        self.assertEqual(row["why"], calls.ROWS["owned"].why)

    def test_lanes_that_come_to_another_result_are_not_compared(self):
        found = [("read", lane, 100, 7, 0.0) for lane in calls.LANES]
        calls.check_results(found)
        with self.assertRaises(SystemExit):
            calls.check_results([*found, ("read", "safe", 100, 8, 0.0)])

    def test_a_call_that_is_left_is_found_and_a_row_that_is_missing(self):
        said = "\n".join(calls.judge_inlining(CODE))
        self.assertIn("calls::safe::rows::TABLE::empty still calls "
                      "sgz_version_number", said)
        self.assertIn("calls::raw::rows::TABLE::by_value still calls "
                      "border_shift", said)
        self.assertNotIn(" empty still", said)
        self.assertNotIn(" by_value still", said)
        for language in ("C", "Rust"):
            self.assertIn(f"string out: {language} has no function", said)

    def test_the_rows_are_those_of_the_program(self):
        text = (ROOT / "bench/calls/main.c").read_text(encoding="utf-8")
        names = text.split("row_names[", 1)[1].split("};", 1)[0]
        self.assertEqual([part.split('"')[1] for part in
                          names.split("= ")[2:]], list(calls.ROWS))


@unittest.skipUnless(shutil.which("valgrind"), "valgrind is not here")
class Counted(unittest.TestCase):
    folder = archive = None

    @classmethod
    def setUpClass(cls):
        build = calls.Build(cls.folder, cls.archive)
        cls.alike = build.alike
        cls.static = build.static()
        cls.shared = build.shared()

    def test_claims_hold_and_counts_are_the_same_again(self):
        with unittest.mock.patch.dict(os.environ):
            os.environ.pop("MALLOC_PERTURB_", None)  # of `meson test`
            first = calls.count(self.static)
        self.assertEqual(list(calls.judge(first, self.alike)), [])
        # nor does the environment matter: what is above the stack, and how
        # the heap works
        changed = {"CALLS_TEST": "x" * 1003, "MALLOC_PERTURB_": "7"}
        with unittest.mock.patch.dict(os.environ, changed):
            self.assertEqual(calls.count(self.static), first)

    def test_claims_hold_for_shared_objects(self):
        self.assertEqual(list(calls.judge(calls.count(self.shared),
                                          self.alike)), [])

    @unittest.skipUnless(shutil.which("objdump"), "objdump is not here")
    def test_what_is_not_inlined_is_seen_in_the_code(self):
        said = "\n".join(calls.judge_inlining(calls.run(
            ["objdump", "-d", "-C", "--no-show-raw-insn", self.static])))
        for row in calls.ROWS.values():
            for called in row.inlined:
                self.assertRegex(said, f"{row.title}: \\w+ still calls "
                                 f"{called}")
                self.assertRegex(said, f"{row.title}: (calls|sgz)::.* still "
                                 f"calls {called}")
        self.assertNotIn("has no function", said)


if __name__ == "__main__":
    Counted.folder, Counted.archive = sys.argv[1:3]
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
