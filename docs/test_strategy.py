#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""A row of a strategy that is changed fails, and so does a lesson that does
something else than its strategy says. The driver's results are those of this
build."""

import copy
import json
import sys
import unittest
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "docs"))
sys.path.insert(0, str(ROOT / "tools"))
import strategy
from reader import Problem, lessons

NAME = "18-sharing"
RESULTS = json.loads((ROOT / "build/results.json").read_text())


class Rows(unittest.TestCase):
    def setUp(self):
        self.model = next(each for each in lessons() if each.name == NAME)
        self.text = self.model.text()
        self.results = copy.deepcopy(
            {"cells": [cell for cell in RESULTS["cells"]
                       if cell["lesson"] == NAME]})

    def check(self):
        strategy.check(SimpleNamespace(
            name=NAME, path=self.model.path, file=self.model.file,
            text=lambda: self.text), self.results)

    def fails(self, *words):
        with self.assertRaises(Problem) as caught:
            self.check()
        for word in words:
            self.assertIn(word, str(caught.exception))

    def step(self, name):
        """The memory of that step in the C lane."""
        cell = next(c for c in self.results["cells"] if c["lane"] == "c")
        return next(step["memory"] for step in cell["steps"]
                    if step["name"].endswith(name))

    def test_as_it_is(self):
        self.check()
        self.assertGreaterEqual(len(strategy.rows(self.text)), 3)

    def test_each_cell_of_each_row_is_proved(self):
        """Whatever other word of the vocabulary stands there."""
        words = {"who allocates": strategy.SIDES, "who frees": strategy.SIDES,
                 "on which thread": strategy.THREADS}
        text = self.text
        for row in strategy.rows(text):
            line = "| " + " | ".join(row.values()) + " |"
            self.assertIn(line, text)
            for column in strategy.HEADER:
                for word in words.get(column, ("else",)):
                    if word == row[column]:
                        continue
                    changed = "| " + " | ".join(
                        {**row, column: word}.values()) + " |"
                    with self.subTest(row=row["resource"], column=column):
                        self.text = text.replace(line, changed)
                        self.fails("the strategy")

    def test_a_holder_is_left_out(self):
        self.text = self.text.replace(", thread (`sgz_index_unref`)", "")
        self.fails("row index", "the holders caller, reader, thread")

    def test_a_holder_too_many(self):
        self.text = self.text.replace(
            "caller (`sgz_buffer_release`)",
            "caller (`sgz_buffer_release`), thread (`sgz_buffer_release`)")
        self.fails("row buffer", "the holders caller")

    def test_a_holder_lets_go_by_another_function(self):
        self.text = self.text.replace("caller (`log_unref`)", "caller (`free`)")
        self.fails("row log", '"log, caller last" of c does not call free()')

    def test_a_row_is_left_out(self):
        self.text = "\n".join(line for line in self.text.split("\n")
                              if not line.startswith("| log |"))
        self.fails("rows for index, buffer; made are buffer, index, log")

    def test_a_row_is_there_twice(self):
        row = next(line for line in self.text.split("\n")
                   if line.startswith("| log |"))
        self.text = self.text.replace(row, f"{row}\n{row}")
        self.fails("rows for index, log, log, buffer")

    def test_the_table_is_gone(self):
        self.text = self.text.replace("| who may hold |", "| who holds |")
        self.fails("the strategy has rows for ;")

    def test_the_first_to_let_go_frees(self):
        self.step("index, caller first")["library"] = {"allocs": 0, "frees": 2}
        self.fails("row index", '"index, caller last" does not free the 2 of')

    def test_the_last_to_let_go_does_not_free(self):
        self.step("index, reader last")["library"]["frees"] -= 2
        self.fails("row index", '"index, reader last" does not free the 2 of')

    def test_it_is_made_of_another_side_s_memory(self):
        memory = self.step("log, made")
        memory["library"] = memory["c"]
        self.fails("row log", "of the caller alone in c")

    def test_no_thread_ran(self):
        for cell in self.results["cells"]:
            for step in cell["steps"]:
                step["name"] = step["name"].removeprefix("guest: ")
        self.fails("row index", "held by only one thread")

    def test_a_lesson_without_a_strategy(self):
        strategy.check(SimpleNamespace(
            name="04-handles", path=Path("04"), file=None,
            text=lambda: "# 04\n"), RESULTS)


if __name__ == "__main__":
    unittest.main()
