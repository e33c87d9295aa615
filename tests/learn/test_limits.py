#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""What an answer cannot do, what is limited, and what a signal leaves.

    test_limits.py FERRULE EXERCISES NO_LANDLOCK

The answers are in attacks.c. They are graded while others are: each test is a
grading, most of which is waiting.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FERRULE, DATA, NO_LANDLOCK = sys.argv[1:4]
HERE = Path(__file__).resolve().parent
SOLUTION = HERE.parent.parent / "exercises/04-fix-the-free/solution/answer.c"
WORKERS = 4


def confined():
    """Does this kernel confine, and in full? Else most cannot be tested."""
    with tempfile.TemporaryDirectory() as folder:
        said = Learner(folder).grade("none")
    return said["confined"] and said["not_confined"] is None


def processes_with(word):
    """The commands of the processes that have @word in their environment.

    A process that was killed is still listed for a moment, until the kernel
    has taken it away. So this asks again, for as long as five seconds.
    """
    end = time.monotonic() + 5
    found = processes_now(word)
    while found and time.monotonic() < end:
        time.sleep(0.02)
        found = processes_now(word)
    return found


def processes_now(word):
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if word.encode() in path.read_bytes():
                found.append((path.parent / "cmdline").read_bytes())
        except OSError:
            continue
    return found


class Learner:
    """A folder of a learner, with folders that nothing may be written to."""

    def __init__(self, folder):
        self.dir = Path(folder)
        for name in ("tmp", "home", "outside"):
            (self.dir / name).mkdir()
        (self.dir / "outside/kept").write_text("kept")
        self.answers = self.dir / "answers"
        self.env = {
            **os.environ, "PORT": "1", "TMPDIR": str(self.dir / "tmp"),
            "HOME": str(self.dir / "home"),
            "OUTSIDE": str(self.dir / "outside"),
        }
        subprocess.run([FERRULE, "learn", "--exercises", DATA, "init",
                        self.answers], check=True, capture_output=True)

    def put(self, attack, *more):
        (self.answers / "04-fix-the-free/answer.c").write_text(
            "".join(f"#define {line}\n" for line in more)
            + f'#define SOLUTION "{SOLUTION}"\n#define ATTACK {attack}\n'
            + f'#include "{HERE / "attacks.c"}"\n')

    def command(self, *words):
        return [FERRULE, "learn", "--exercises", DATA, "--dir", self.answers,
                *words]

    def run(self, *words, **env):
        return subprocess.run(
            self.command("run", "04", *words), text=True, capture_output=True,
            check=False, timeout=60, env={**self.env, **env})

    def grade(self, attack, *words, more=(), **env):
        self.put(attack, *more)
        done = self.run("--json", *words, **env)
        if not done.stdout:
            raise AssertionError(done.stderr)
        return json.loads(done.stdout)

    def left(self):
        """What was written where nothing may be."""
        found = [path for name in ("tmp", "home")
                 for path in (self.dir / name).iterdir()]
        outside = list((self.dir / "outside").iterdir())
        if ([path.name for path in outside] != ["kept"]
                or outside[0].read_text() != "kept"
                or outside[0].stat().st_mode & 0o777 == 0):
            found += outside
        return found


class Case(unittest.TestCase):
    def learner(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return Learner(folder.name)

    def each(self, cases, check):
        """Check all @cases at the same time; all failures are told."""
        with ThreadPoolExecutor(WORKERS) as pool:
            for case, future in [(case, pool.submit(check, *case))
                                 for case in cases]:
                with self.subTest(case[0]):
                    future.result()


class Limits(Case):
    def check_passed(self, attack, **env):
        learner = self.learner()
        said = learner.grade(attack, **env)
        self.assertTrue(said["passed"], said)
        self.assertEqual(learner.left(), [])

    def test_not_possible(self):
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)
        server.settimeout(0)
        port = str(server.getsockname()[1])
        self.each([(name,) for name in
                   ("files", "network", "processes", "allowed", "close_all")],
                  lambda name: self.check_passed(name, PORT=port))
        self.assertRaises(BlockingIOError, server.accept)

    def check_failed(self, attack, stage, words, *options, more=()):
        learner = self.learner()
        said = learner.grade(attack, *options, more=more)
        self.assertIn(said["stage"], stage.split(), said)
        self.assertIn(words, said["output"] + "\n".join(said["reasons"]))
        self.assertEqual(learner.left(), [])

    def test_limits(self):
        ended = "ended with exit code 0 instead of returning"
        late = "timeout: still running after 1 s"
        soon = ("--time", "1")
        self.each([
            ("print", "run", "ended: it printed more than 16 MiB"),
            ("one_file", "run", "ended: it wrote a file of 16 MiB"),
            ("many_bytes", "run", "ended: it wrote more than 64 MiB"),
            ("many_files", "run", "ended: it made more than 1,000 files"),
            ("allocate", "run", "memory: a request for 16,777,216 bytes "
             "failed; it may use at most 1 GiB"),
            ("sleep_long", "run", late, *soon),
            ("fork_bomb", "run", late, *soon),
            ("exit_0", "run", ended),
            ("print_bytes", "run", r"\xff\xfe"),
            ("exit_at_once", "run", ended),
        ], self.check_failed)

    def test_ends_before_the_first_call(self):
        self.check_failed("none", "run", "ended with exit code 0",
                          more=("CONSTRUCTOR",))

    @unittest.skipIf(os.geteuid() == 0, "root may look into every folder")
    def test_hidden_files(self):
        self.check_failed("hidden_files", "run", "cannot be looked into")

    def test_facts_without_work(self):
        self.each([
            ("say_facts", "behaviour", "result"),
            ("overwrite_ones", "run", "overwrote its own log"),
            ("overwrite_zeros", "run behaviour", ""),
        ], self.check_failed)

    def test_facts_of_the_steps_that_are_known(self):
        learner = self.learner()
        (learner.answers / "04-fix-the-free/answer.c").write_text("""
            #include <sgz.h>
            #include <string.h>
            int upper(const struct sgz_header *header, char *out, size_t size)
            {
                (void)header;
                if (size < strlen("NAME A.TXT") + 1)
                    return -1;
                strcpy(out, "NAME A.TXT");
                return 0;
            }""")
        said = json.loads(learner.run("--json").stdout)
        self.assertEqual(said["stage"], "behaviour", said)

    def test_no_name_to_record_with(self):
        learner = self.learner()
        (learner.answers / "04-fix-the-free/answer.c").write_text("""
            #include <sgz.h>
            void rec_int(void *, const char *, long);
            int upper(const struct sgz_header *header, char *out, size_t size)
            {
                (void)header, (void)out, (void)size;
                rec_int(0, "result", 0);
                return 0;
            }""")
        said = json.loads(learner.run("--json").stdout)
        self.assertEqual(said["stage"], "link", said)


class Kernels(Case):
    """Kernels that have no Landlock, or an old one."""

    def setUp(self):
        # LD_PRELOAD parts its files at spaces, which a build folder may have
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.preload = shutil.copy(NO_LANDLOCK, place.name)

    def test_without_it(self):
        learner = self.learner()
        said = learner.grade("files", LD_PRELOAD=self.preload, LANDLOCK="0")
        self.assertFalse(said["confined"])
        self.assertEqual(said["not_confined"], "this kernel has no Landlock")
        # the attack is a real one
        self.assertEqual(said["stage"], "behaviour")
        self.assertNotEqual(learner.left(), [])
        learner.put("none")
        done = learner.run(LD_PRELOAD=self.preload, LANDLOCK="0")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("\nNot confined: this kernel has no Landlock.\n",
                      done.stdout)

    def check_old(self, version, attack, words):
        learner = self.learner()
        said = learner.grade(attack, LD_PRELOAD=self.preload, LANDLOCK=version)
        self.assertTrue(said["passed"], said)
        self.assertTrue(said["confined"])
        self.assertIn(f"(version {version}) {words}", said["not_confined"])
        self.assertEqual(learner.left(), [])

    def test_old_ones(self):
        self.each([
            ("1", "allowed", "does not prevent truncate(), TCP, ioctl() of "
             "devices, signals to other processes"),
            ("3", "files", "does not prevent TCP,"),
            ("5", "network", "does not prevent signals to other processes"),
        ], self.check_old)


class Compilers(Case):
    """A compiler reads what an answer says, so it is limited too."""

    def tool(self, learner, script):
        path = learner.dir / "my-cc"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)

    def check(self, script, words, *options):
        learner = self.learner()
        said = learner.grade("none", *options, CC=self.tool(learner, script))
        self.assertEqual(said["stage"], "compile", said)
        self.assertIn(words, said["output"])
        self.assertEqual(learner.left(), [])
        self.assertEqual(processes_with(str(learner.dir)), [])

    def test_limits(self):
        late = ("--build-time", "0.5")
        self.each([
            ("sleep 600", "my-cc did not end within 0.5 s\n", *late),
            ("sleep 600 & setsid sleep 600 & wait",
             "my-cc did not end within 0.5 s\n", *late),
            ("echo x >\"$HOME/new\" || exit 1", "ermission denied"),
            ("kill -ABRT $$",
             "my-cc was ended by SIGABRT; it may use at most 4 GiB of memory"),
            ("echo 'cc1: out of memory allocating 9 bytes'; exit 1",
             "my-cc may use at most 4 GiB of memory"),
            ("head -c 300000000 /dev/zero >\"$TMPDIR/x\"; echo; ls -l $TMPDIR;"
             "exit 1", " 268435456 "),
            ("test $(ulimit -v) != unlimited && kill -ILL $$", "SIGILL"),
        ], self.check)

    def test_a_file_that_does_not_end(self):
        """The answer includes a FIFO that nobody writes to."""
        learner = self.learner()
        os.mkfifo(learner.answers / "04-fix-the-free/fifo")
        (learner.answers / "04-fix-the-free/answer.c").write_text(
            '#include "fifo"\n')
        done = learner.run("--build-time", "0.5")
        self.assertIn("compile    FAILS", done.stdout)
        self.assertIn("did not end within 0.5 s", done.stdout)


class Signals(Case):
    """Whenever a signal comes, nothing is left, and it is not hidden."""

    def check(self, nth):
        number = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)[nth % 3]
        learner = self.learner()
        learner.put("sleep_long" if nth % 2 else "none")
        process = subprocess.Popen(
            learner.command("run", "04"), env=learner.env,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.02 + nth * 0.05)
        process.send_signal(number)
        self.assertIn(process.wait(30), (0, -number) if nth % 2 == 0 else
                      (-number,))
        self.assertEqual(learner.left(), [])
        self.assertEqual(processes_with(str(learner.dir)), [])
        return process.returncode

    def test_at_any_time(self):
        with ThreadPoolExecutor(WORKERS) as pool:
            codes = list(pool.map(self.check, range(20)))
        self.assertGreater(sum(code < 0 for code in codes), 9, codes)

    def test_a_driver_that_is_killed(self):
        learner = self.learner()
        learner.put("sleep_long")
        process = subprocess.Popen(learner.command("run", "04"),
                                   env=learner.env)
        end = time.monotonic() + 20
        while (not list(learner.dir.glob("tmp/ferrule-*/1"))
               and time.monotonic() < end):
            time.sleep(0.01)
        process.kill()
        process.wait()
        end = time.monotonic() + 20
        while learner.left() and time.monotonic() < end:
            time.sleep(0.01)
        self.assertEqual(learner.left(), [])
        self.assertEqual(processes_with(str(learner.dir)), [])


if __name__ == "__main__":
    # What ignores them, as nohup and the background jobs of a shell do, has
    # what is tested ignore them too.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    if not confined():
        Limits.test_not_possible = unittest.skip("this kernel does not "
                                                 "confine")(
            Limits.test_not_possible)
        Kernels = Compilers = None
    unittest.main(argv=sys.argv[:1] + sys.argv[4:])
