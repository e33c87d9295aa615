# SPDX-License-Identifier: MIT OR Apache-2.0
"""The stacks of a lane that does not end, and what is said without them.

    test_stacks.py FERRULE LANES LESSONS NO_PTRACE
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

FERRULE, LANES, LESSONS, NO_PTRACE = sys.argv[1:5]


def reasons(fault, **env):
    """Of a lane with this fault: why it is not as expected."""
    done = subprocess.run(
        [FERRULE, "compare", "--lanes", LANES, "--lessons", LESSONS,
         "--lesson", "01", "--timeout", "1", "--json", "-", "--lane-file",
         f"{LANES}/fault_{fault}.so", LESSONS],
        env={**os.environ, **env}, text=True, capture_output=True,
        timeout=60, check=False)
    return json.loads(done.stdout)["cells"][1]["reasons"]


class Stacks(unittest.TestCase):
    def test_both_sides_of_a_deadlock(self):
        found = [reason for reason in reasons("deadlock")
                 if reason.startswith("a thread is still running: in ")]
        self.assertEqual(len(found), 2, found)
        for stack in found:
            self.assertRegex(stack, r"mutex_lock.*, called by lock_from "
                             r"\(faults\.c:\d+\)")
        lesson, other = sorted(found, key=len, reverse=True)
        # from the innermost call to the lesson
        self.assertRegex(lesson, r"called by lock_both \(faults.c:\d+\), "
                         r"called by end_badly \(faults.c:\d+\), called by "
                         r"blocks \(faults.c:\d+\)$")
        # and without what is the same in every thread
        self.assertTrue(re.search(r"lock_from \(faults.c:\d+\)$", other))

    def without_ptrace(self, fault):
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:
            # LD_PRELOAD parts its files at spaces
            place = shutil.copy(NO_PTRACE, folder)
            return reasons(fault, LD_PRELOAD=place)

    def test_a_crash_where_that_is_not_permitted(self):
        crashed, stack = self.without_ptrace("segfault")
        self.assertIn("crashed: SIGSEGV", crashed)
        self.assertEqual(stack, "its stack cannot be read: ptrace() is not "
                         "permitted here: Operation not permitted")

    def test_what_is_not_permitted_is_said(self):
        found = self.without_ptrace("hang")
        self.assertIn("no stacks: ptrace() is not permitted here: "
                      "Operation not permitted", found)
        # what the thread told of itself is there nevertheless
        self.assertRegex("\n".join(found), r'a thread is still running, step '
                         r'"allocate": in end_badly \(faults.c:\d+\)')


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
