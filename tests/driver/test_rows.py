# SPDX-License-Identifier: MIT OR Apache-2.0
"""Which steps stand side by side: compare says it, and all reports say so.

    test_rows.py FERRULE LANES LESSONS

C's steps are b, a; the other lane's are a, b, a, c. Only the last a is C's.
"""

import html.parser
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

FERRULE, LANES, LESSONS = sys.argv[1:4]


class Page(html.parser.HTMLParser):
    """The rows of the page: (heading, for each lane class and text)."""

    def __init__(self, text):
        super().__init__()
        self.rows = []
        self.path = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag in ("meta", "br"):
            return
        classes = dict(attrs).get("class", "").split()
        self.path.append((tag, classes))
        if tag == "section":
            self.rows.append(("", []))
        elif "cell" in classes and self.inside("section"):
            self.rows[-1][1].append([set(classes) - {"cell"}, ""])

    def handle_endtag(self, tag):
        while self.path and self.path.pop()[0] != tag:
            pass

    def inside(self, tag):
        return any(tag == name for name, _ in self.path)

    def handle_data(self, data):
        if not self.inside("section"):
            return
        name, cells = self.rows[-1]
        if self.path[-1][0] == "h3":
            self.rows[-1] = (name + data, cells)
        elif cells:
            cells[-1][1] += data


class Rows(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            files = {
                kind: pathlib.Path(folder, kind)
                for kind in ("json", "junit", "html")
            }
            options = [f"--{kind}={path}" for kind, path in files.items()]
            done = subprocess.run(
                [FERRULE, "compare", "--lanes", LANES, "--lessons", LESSONS,
                 "--lane-file", f"{LANES}/fault_step_before.so",
                 "--lesson", "05", *options, __file__],
                capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
            assert done.returncode == 1, done.stderr
            cls.text = done.stdout
            cls.json = json.loads(files["json"].read_text())
            cls.junit = xml.etree.ElementTree.parse(files["junit"])
            cls.page = Page(files["html"].read_text())

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
            self.assertIn(f"  {reason}\n", self.text)

    def test_html(self):
        names = [name.lstrip("0123456789") for name, _ in self.page.rows]
        self.assertEqual(names, ["a", "b", "a", "c"])
        rows = [cells for _, cells in self.page.rows]
        classes = [[cell[0] for cell in cells] for cells in rows]
        self.assertEqual(
            classes,
            [
                [{"absent"}, {"differs"}],
                [set(), set()],
                [set(), {"differs"}],
                [{"absent"}, {"differs"}],
            ],
        )
        self.assertIn("has no such step here", rows[0][0][1])
        self.assertIn("early", rows[0][1][1])
        self.assertIn("first difference", rows[2][1][1])

    def test_junit(self):
        suites = {
            suite.get("name"): {
                (at, case.get("name")): [child.tag for child in case]
                for at, case in enumerate(suite)
            }
            for suite in self.junit.getroot()
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
