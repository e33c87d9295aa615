# SPDX-License-Identifier: MIT OR Apache-2.0
"""Programs that take a while: their logs, and what is shown meanwhile."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TOOLS = ROOT / ".tools"
LOGS = TOOLS / "log"


class Stopped(Exception):
    """It cannot go on, and why: exit code 2."""


class NotRun(Exception):
    """A stage of the tests cannot run here, and why."""


def say(text):
    print(f"x: {text}", file=sys.stderr, flush=True)


# --- Programs ----------------------------------------------------------------

def ends_with_us():
    """What starts a program so that it ends when we do, if that can be had."""
    words = ["setpriv", "--pdeathsig", "TERM"]
    try:
        works = subprocess.run([*words, "true"], check=False,
                               stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        works = False
    return words if works else []


def spawn(words, **how):
    if not hasattr(spawn, "before"):
        spawn.before = ends_with_us()
    # What Python has open, locks for instance, no program inherits.
    return subprocess.Popen([*spawn.before, *map(str, words)], **how)


def wait(process, tick=None):
    """Its exit code. tick() is called again and again meanwhile."""
    try:
        while True:
            try:
                return process.wait(0.25 if tick else None)
            except subprocess.TimeoutExpired:
                tick()
    except BaseException:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
        raise


def run(*words, **how):
    """Run a program in the foreground: its exit code, as a shell has it."""
    try:
        code = wait(spawn(words, **how))
    except OSError as e:
        say(f"{words[0]}: cannot run: {e.strerror}")
        return 127
    return code if code >= 0 else 128 - code


def output(*words, **how):
    """What a program prints; "" if it fails, or is not there."""
    how = {"stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL, **how}
    try:
        done = subprocess.run([*map(str, words)], check=False, text=True,
                              errors="replace", stdout=subprocess.PIPE, **how)
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""


# --- Showing that something happens ------------------------------------------

# Ninja, and meson test.
COUNTED = re.compile(r"\[(\d+)/(\d+)\]|\s*(\d+)/(\d+) ")
# Cargo, pip and apt-get.
NAMED = re.compile(r"\s*(Compiling|Checking|Downloaded|Downloading|Running"
                   r"|Collecting|Installing|Unpacking|Setting up)\b:? (\S+)")


def progress(text):
    """How far it is, by the end of its log: "" if the log does not say."""
    for line in reversed(text.splitlines()):
        if m := COUNTED.match(line):
            return f"{m[1] or m[3]} of {m[2] or m[4]}"
        if m := NAMED.match(line):
            return f"{m[1]} {m[2]}"[:30]
    return ""


class Show:
    """A line on a stream: a name, how far it is, and what came of it.

    On a terminal the line is written again and again. Elsewhere a line is
    added every ten seconds, and the name stands again at its end.
    """

    def __init__(self, name, stream, every=10):
        self.name = name
        self.stream = stream
        self.moving = stream.isatty() and os.environ.get("TERM") != "dumb"
        self.every = 0.5 if self.moving else every
        self.begun = self.last = time.monotonic()
        self.alone = True  # nothing stands behind the name
        self.width = 0
        self.write(name)

    def write(self, text):
        self.stream.write(text)
        self.stream.flush()

    def over(self, text):
        """What writes over the line."""
        written = text.ljust(self.width)
        self.width = len(text)
        return f"\r{self.name}{written}"

    def tick(self, what):
        """It goes on; what() says how far it is."""
        now = time.monotonic()
        if now - self.last < self.every:
            return
        self.last = now
        text = ", ".join(t for t in (what(), f"{self.seconds()} s") if t)
        if self.moving:
            self.write(self.over(f" {text}"))
        else:
            before = "\n" if self.alone else ""
            self.write(f"{before}    {self.name.strip()} {text}\n")
            self.alone = False

    def end(self, text):
        if self.moving:
            self.write(f"{self.over(text)}\n")
        else:
            self.write(f"{text}\n" if self.alone else f"{self.name}{text}\n")

    def seconds(self):
        return int(time.monotonic() - self.begun)


class Job:
    """What takes a while: programs that write to one log, each started with
    the words in `before`."""

    def __init__(self, log, show, before=()):
        self.log = log
        self.show = show
        self.before = before
        self.results = None  # a JUnit report, if there is one
        # What an older run said is not this one's.
        try:
            log.parent.mkdir(parents=True, exist_ok=True)
            log.unlink(missing_ok=True)
            log.touch()
        except OSError:
            raise Stopped(f"cannot write {log}") from None

    def write(self, text):
        with self.log.open("a", encoding="utf-8") as log:
            log.write(text)

    def end_of_log(self, size=4096):
        with self.log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - size))
            return log.read().decode(errors="replace")

    def tick(self):
        self.show.tick(lambda: progress(self.end_of_log()))

    def run(self, *words, **how):
        """Run a program: whether it ended with 0."""
        with self.log.open("ab") as log:
            try:
                code = wait(spawn([*self.before, *words], stdout=log,
                                  stderr=subprocess.STDOUT, **how), self.tick)
            except OSError as e:
                self.write(f"{words[0]}: cannot run: {e.strerror}\n")
                code = 127
        if code < 0:
            name = signal.Signals(-code).name
            self.write(f"{words[0]}: ended by {name}\n")
        return code == 0

    def step(self, name, work, hint=""):
        """A part of it that has no log of its own."""
        self.write(f"{name} ...\n")
        if not work(self):
            raise Stopped(f"{name} failed{f': {hint}' if hint else ''}")


def step(name, work, hint=""):
    """One line with its time. `work` gets a job, and says whether it did it;
    what it prints goes to a log, whose end is shown if it fails."""
    log = LOGS / f"{re.sub('[^A-Za-z0-9]', '-', name)}.log"
    show = Show(f"{name} ...".ljust(34), sys.stderr)
    try:
        job = Job(log, show)
        done = work(job)
    except BaseException:
        show.end(" stopped")
        raise
    if done:
        show.end(f"{show.seconds():4d} s")
        return
    show.end(f" failed after {show.seconds()} s")
    for line in job.end_of_log(100_000).splitlines()[-25:]:
        print(f"    {line}", file=sys.stderr)
    if hint:
        say(hint)
    raise Stopped(f"{name} failed; all it said is in {log}")


class Steps:
    """Where steps are shown: on the terminal, each by itself."""

    step = staticmethod(step)
