# SPDX-License-Identifier: MIT OR Apache-2.0
"""What stands in the cell of a step: its proof, its reasons, its column.

    test_cells.py FERRULE LANES LESSONS
"""

import concurrent.futures
import os
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


LEDGER = (
    ("wrong_free", "free", "wrong-side free: 100 bytes of library, allocated "
     "by sgz_alloc, called by blocks (faults.c:", "freed as c by free_wrongly "
     "(faults.c:"),
    ("wrong_dealloc", "free", "allocated by misuse_rust (faults.c:",
     "freed as rust by misuse_rust (faults.c:"),
    ("layout", "free", "allocated by misuse_rust (faults.c:",
     "as one of 57 and 8 by misuse_rust (faults.c:"),
    ("double_free", "free", "called by blocks (faults.c:",
     "freed again as library by sgz_free, called by free_wrongly (faults.c:"),
    ("bad_free", "free", "bad free: ",
     "freed as c by free_what_is_none (faults.c:"),
    ("write_after_free", "free", "allocated by write_late (faults.c:",
     "freed by write_late (faults.c:"),
    ("leak_library", "allocate", "leak: 1 block, 100 bytes of library, "
     "allocated by sgz_alloc, called by blocks (faults.c:"),
    ("leak_c", "free", "leak: 1 block, 11 bytes of c, allocated by "
     "forget_c_block (faults.c:"),
    ("leak_rust", "free", "leak: 1 block, 13 bytes of rust, allocated by "
     "forget_rust_block (faults.c:"),
)
OTHERS = (
    ("killed", "allocate", "crashed: SIGKILL"),
    ("hang", "allocate", "timeout: still running after "),
    ("byte", "allocate", 'bytes "copy" 16 bytes, CRC-32 '),
    ("step_extra", "more", 'extra step "more"'),
)


class Reasons(unittest.TestCase):
    """What is wrong stands in the step that it concerns, in all reports."""

    @classmethod
    def setUpClass(cls):
        # some are not built for AddressSanitizer
        there = [fault for fault, *_ in LEDGER + OTHERS
                 if os.path.exists(f"{LANES}/fault_{fault}.so")]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            runs = pool.map(lambda fault: run(fault, "--timeout", "1"), there)
        cls.runs = dict(zip(there, runs))

    def check(self, fault, step, *words):
        if fault not in self.runs:
            return
        done = self.runs[fault]
        lesson, lane = done.json["lessons"][0], done.json["cells"][1]
        at = [lesson["rows"][row] for row in lane["reason_rows"] if row]
        self.assertEqual(at, [step] * len(lane["reasons"]))
        marked = {each["name"] for each in lane["steps"] if each["differs"]}
        self.assertEqual(marked, {step})
        # where each stands in the page, and nowhere else in full
        for name, cells in done.page.results():
            text = " ".join(
                bad.text for cell in cells for bad in cell.all("bad"))
            for word in words:
                self.assertEqual(word in text, name == step, (name, text))
        failed = [
            case.get("name") for suite in done.junit.getroot()
            for case in suite if case.find("failure") is not None
            or case.find("error") is not None
        ]
        self.assertEqual(failed, [step])
        said = "".join(done.text.split())
        for word in words:
            self.assertIn("".join(word.split()), said)
        self.assertIn("".join(f'step "{step}"'.split()), said)

    def test_ledger(self):
        for each in LEDGER:
            with self.subTest(fault=each[0]):
                self.check(*each)

    def test_others(self):
        for each in OTHERS:
            with self.subTest(fault=each[0]):
                self.check(*each)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
