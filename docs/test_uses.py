# SPDX-License-Identifier: MIT OR Apache-2.0
"""The pages of docs/src/uses run as they say; and a page that says something
else is found."""

import unittest

import uses

PAGE = """
text

```console
$ echo one; echo two
one
t…
$ false
[1]
```

```sh
$ not run
```
"""


class Uses(unittest.TestCase):
    def wrong(self, old, new):
        return [said for command in uses.commands(
            "page.md", PAGE.replace(old, new)) if (said := uses.run(command))]

    def test_a_page_that_is_right(self):
        self.assertEqual(self.wrong("", ""), [])

    def test_other_output(self):
        said, = self.wrong("one\nt…", "one\nx…")
        self.assertIn("page.md:5: $ echo one; echo two", said)
        self.assertIn("it says:  two", said)

    def test_output_that_the_page_does_not_have(self):
        self.assertEqual(len(self.wrong("one\nt…\n", "one\n")), 1)

    def test_output_that_is_missing(self):
        self.assertEqual(len(self.wrong("t…\n", "t…\nthree\n")), 1)

    def test_a_failure_that_the_page_does_not_have(self):
        self.assertEqual(len(self.wrong("[1]\n", "")), 1)

    def test_output_before_a_command(self):
        with self.assertRaisesRegex(ValueError, "page.md:5: output before"):
            self.wrong("$ echo one; echo two\n", "")

    def test_each_page(self):
        self.assertEqual(uses.main([]), 0)


if __name__ == "__main__":
    unittest.main()
