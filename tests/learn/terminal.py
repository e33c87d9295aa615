# SPDX-License-Identifier: MIT OR Apache-2.0
"""A program in a terminal, whose screen is text."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

CLEAR = "\x1b[H\x1b[2J"
KEYS = re.compile(r"(quit|help|scroll|chooses|answer|\.\.\.)$")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Terminal:
    def __init__(self, words, cwd, env, rows=24, columns=80):
        self.said = ""
        self.height = rows
        self.code = None
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(cwd)
                self.size(rows, columns, 0)
                os.execvpe(words[0], [*map(str, words)], env)
            finally:
                os._exit(127)
        os.set_blocking(self.master, False)

    def size(self, rows, columns, fd=None):
        self.height = rows
        fcntl.ioctl(self.master if fd is None else fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))

    def mode(self):
        return termios.tcgetattr(self.master)

    def press(self, keys):
        os.write(self.master, keys.encode())

    def read(self, seconds):
        """Read what comes within that time. False: nobody writes any more."""
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            got = os.read(self.master, 65536)
        except OSError:  # nobody has the terminal any more
            return False
        self.said += got.decode(errors="replace")
        return bool(got)

    @property
    def screen(self):
        last = self.said.rpartition(CLEAR)[2]
        return COLOUR.sub("", last).replace("\r\n", "\n")

    @property
    def rows(self):
        return self.screen.split("\n")

    def whole(self):
        """Has all of the screen come? It ends with a line of keys."""
        return (CLEAR not in self.said or len(self.rows) == self.height
                and KEYS.search(self.rows[-1]))

    def wait(self, *words, absent=(), seconds=10, whole=True):
        """Until the screen has all these words, and none of the others."""
        end = time.monotonic() + seconds

        def there():
            screen = self.screen
            return ((not whole or self.whole())
                    and all(word in screen for word in words)
                    and not any(word in screen for word in absent))

        while not there():
            if time.monotonic() > end or not self.read(0.05):
                raise AssertionError(
                    f"{words} (without {absent}) did not come:\n"
                    f"{self.screen}")
        return self.screen

    def quiet(self, seconds):
        """The screen after this time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.read(0.02):
            pass
        return self.screen

    def end(self, seconds=5):
        """Its exit code, or minus a signal, once it has ended."""
        limit = time.monotonic() + seconds
        while self.code is None:
            self.read(0.01)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > limit:
                raise AssertionError(f"it does not end:\n{self.screen}")
        return self.code

    def close(self):
        if self.code is None:
            os.kill(self.pid, signal.SIGTERM)
            try:
                self.end()
            except AssertionError:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        os.close(self.master)
