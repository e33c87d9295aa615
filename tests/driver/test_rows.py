# SPDX-License-Identifier: MIT OR Apache-2.0
"""Which steps stand side by side: compare says it, and all reports say so.

    test_rows.py FERRULE LANES LESSONS

C's steps are b, a; the other lane's are a, b, a, c. Only the last a is C's.
"""

import sys
import unittest

from page import Run

FERRULE, LANES, LESSONS = sys.argv[1:4]


class Rows(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.done = Run(FERRULE, LANES, LESSONS, "--lane-file",
                      f"{LANES}/fault_step_before.so", "--lesson", "05")
        assert cls.done.failed
        cls.json = cls.done.json

    def test_json(self):
        (lesson,) = self.json["lessons"]
        self.assertEqual(lesson["rows"], ["", "a", "b", "a", "c"])
        c, lane = self.json["cells"]
        self.assertEqual(
            [(s["name"], s["row"]) for s in c["steps"]], [("b", 2), ("a", 3)]
        )
        self.assertEqual(
            [(s["name"], s["row"], s["differs"]) for s in lane["steps"]],
            [("a", 1, True), ("b", 2, False), ("a", 3, True), ("c", 4, True)],
        )
        self.assertEqual(
            dict(zip(lane["reason_rows"], lane["reasons"])),
            {
                1: 'extra step "a": the C lane does not have it there',
                3: 'step "a": integer "a" 2; in c 1',
                4: 'extra step "c": the C lane does not have it there',
            },
        )

    def test_text(self):
        for reason in self.json["cells"][1]["reasons"]:
            self.assertIn(f"  {reason}\n", self.done.text)

    def test_html(self):
        rows = list(self.done.page.results())
        self.assertEqual([name for name, _ in rows], ["a", "b", "a", "c"])
        classes = [
            [set(lane.classes) - {"cell", "result"} for lane in lanes]
            for _, lanes in rows
        ]
        # one file is one column: only b is the same in both
        self.assertEqual(
            classes,
            [
                [{"absent"}, {"differs"}],
                [set()],
                [set(), {"differs"}],
                [{"absent"}, {"differs"}],
            ],
        )
        rows = [[lane.text for lane in lanes] for _, lanes in rows]
        self.assertIn("has no such step here", rows[0][0])
        self.assertIn("early", rows[0][1])
        self.assertIn("first difference", rows[2][1])

    def test_junit(self):
        suites = {
            suite.get("name"): {
                (at, case.get("name")): [child.tag for child in case]
                for at, case in enumerate(suite)
            }
            for suite in self.done.junit.getroot()
        }
        self.assertEqual(
            suites["c"], {(0, "b"): [], (1, "a"): [], (2, "the lesson"): []}
        )
        self.assertEqual(
            suites["step_before"],
            {
                (0, "a"): ["failure"],
                (1, "b"): [],
                (2, "a"): ["failure"],
                (3, "c"): ["failure"],
                (4, "the lesson"): [],
            },
        )


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
