# SPDX-License-Identifier: MIT OR Apache-2.0
"""What stands in the cell of a step: its proof, its reasons, its column.

    test_cells.py FERRULE LANES LESSONS
"""

import sys
import unittest

from page import Run

FERRULE, LANES, LESSONS = sys.argv[1:4]


def run(fault, *options):
    """C, and beside it a lane with this fault."""
    return Run(FERRULE, LANES, LESSONS, "--lesson", "01", "--lane-file",
               f"{LANES}/fault_{fault}.so", *options)


class Proof(unittest.TestCase):
    """A step that is prevented shows the program that rustc refuses."""

    @classmethod
    def setUpClass(cls):
        cls.done = run("meant", "--declared")

    def test_json(self):
        lane = self.done.json["cells"][1]
        proofs = {step["name"]: step.get("proof") for step in lane["steps"]}
        self.assertIsNone(proofs["allocate"])
        self.assertEqual(proofs["free"]["code"], "E0382")
        self.assertEqual(proofs["free"]["file"],
                         "safe-wrapper/tests/misuse/close_twice.rs")

    def test_html(self):
        (proof,) = self.done.page.root.all("proof")
        cell = proof.parent.parent
        self.assertIn("meant", cell.classes)
        self.assertIn("reader.close();\n", proof.text)
        self.assertIn("error[E0382]: use of moved value: `reader`", proof.text)
        self.assertIn("value used here after move", proof.text)
        self.assertIn("In C: sgz_reader_close() twice", proof.text)
        self.assertEqual(
            proof.first("a").attrs["href"],
            "https://doc.rust-lang.org/error_codes/E0382.html",
        )

    def test_text(self):
        said = " ".join(self.done.text.split())
        self.assertIn("refused: safe-wrapper/tests/misuse/close_twice.rs: "
                      "error[E0382]: use of moved value: `reader`", said)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
