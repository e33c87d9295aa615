# SPDX-License-Identifier: MIT OR Apache-2.0
"""The builds of one checkout take turns.

Who changes .tools or a build folder holds the lock alone; those who run what
was built share it, so that nothing is replaced under them. ./x test has a lock
of its own beside, since it has build folders and logs of its own. The system
gives up a lock when its holder ends, however that ends.
"""

import fcntl
import os
import sys
import time

from steps import ROOT, TOOLS, Stopped, say

BUILD = ROOT / "build"
FERRULE = BUILD / "driver/ferrule"


def unwritable():
    """The folder that is needed and cannot be written; None if all can."""
    for place in (TOOLS, BUILD):
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError:
            return place
        if not os.access(place, os.W_OK):
            return place
    return None


def must_write(command):
    """Where nothing can be built, say so, and what to do."""
    place = unwritable()
    if place is None:
        return
    if not FERRULE.is_file():
        why = "is not built, and"
    elif command == "compare":
        why = "has changed since it was built, and"
    else:
        why = "is read-only:"
    raise Stopped(f"""this checkout {why} {place} cannot be written.
   Let its owner run ./x {command} in it, or make a copy of your own:

     cp -R '{ROOT}' COPY && chmod -R u+w COPY && COPY/x {command}
""")


class Lock:
    def __init__(self, path, command):
        self.path = path
        self.command = command
        self.file = None

    def hold(self, alone):
        """Hold it, alone or with others; or say that we wait for it."""
        if alone:
            must_write(self.command)
        if self.file is None:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                if not self.path.exists():
                    self.path.touch()
                # for reading, so that others than the owner can share it
                self.file = self.path.open("rb")
            except OSError:
                return
        how = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
        end = time.monotonic() + 1
        while time.monotonic() < end:
            try:
                fcntl.flock(self.file, how | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                time.sleep(0.02)
        sys.stdout.flush()
        say("waiting for another ./x in this checkout")
        fcntl.flock(self.file, how)

    def release(self):
        if self.file is not None:
            self.file.close()
            self.file = None


class Turns:
    """The two locks of a command."""

    def __init__(self, command):
        self.build = Lock(TOOLS / "lock", command)
        self.test = Lock(TOOLS / "lock-test", command)
