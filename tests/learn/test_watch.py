#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The watch of `ferrule learn`, in a terminal of its own.

    test_watch.py FERRULE EXERCISES

Most tests have a compiler that refuses each answer and prints what is in it:
that takes a few milliseconds. FERRULE_SCREENS_WRITE=1 writes the screens that
are compared, tests/learn/screens/.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import time
import unittest
from pathlib import Path

from terminal import COLOUR, Terminal

FERRULE, DATA = map(os.path.abspath, sys.argv[1:3])
SCREENS = Path(__file__).resolve().parent / "screens"
NAME = "04-fix-the-free"
TITLE = "Two blocks"

# Its last argument is the answer. Each call leaves a line in the log.
# It is confined and can write no file of ours, but it can send to a socket.
SAY = """python3 -c 'import socket, sys
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"x", sys.argv[1])' \\
	'{log}'"""
COMPILER = f"""#!/bin/sh
for file; do :; done
{SAY}
case $(cat "$file") in *slow*) while :; do sleep 0.1; done ;; esac
cat "$file"
exit 1
"""


def processes(tmp, name=""):
    """Those that have this TMPDIR, or one below it, and this name."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "environ").read_bytes().split(b"\0")
            about = (path / "stat").read_text()
        except OSError:
            continue
        if f"({name}" in about and ") Z " not in about and any(
                word.startswith(f"TMPDIR={tmp}".encode()) for word in words):
            found.append(int(path.name))
    return found


class Watch(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        root = Path(folder.name)
        self.dir = root / "my answers"
        self.tmp = root / "tmp"
        self.tmp.mkdir()
        self.log = root / "log"
        self.begun = 0
        self.box = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.box.close)
        self.box.bind(str(self.log))
        self.box.setblocking(False)
        self.compiler = root / "cc"
        self.compiler.write_text(COMPILER.format(log=self.log))
        self.compiler.chmod(0o755)
        self.data = root / "exercises.json"
        self.courses(NAME, "05-again", "06-and-again")

    def courses(self, *names):
        """Exercise 04 under several names: that course does not grow."""
        data = json.loads(Path(DATA).read_text())
        one = next(e for e in data["exercises"] if e["name"] == NAME)
        self.folder = Path(one["folder"])
        data["exercises"] = [{**one, "name": name} for name in names]
        self.data.write_text(json.dumps(data))
        self.learn("init", self.dir)
        self.answer = self.dir / names[0] / "answer.c"

    def words(self, *words):
        return [FERRULE, "learn", "--exercises", self.data, *words]

    def learn(self, *words, **more):
        more = {"cwd": self.dir if self.dir.exists() else None, **more}
        done = subprocess.run(self.words(*words), text=True, check=False,
                              capture_output=True, **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def watch(self, *words, real=False, rows=24, columns=80, first="h l",
              **env):
        env = {**os.environ, "TMPDIR": str(self.tmp), "TERM": "xterm",
               "LC_ALL": "C", **env}
        for name in ("NO_COLOR", "FERRULE_POLL"):
            if name not in env or name in os.environ:
                env.pop(name, None)
        if not real:
            env["CC"] = str(self.compiler)
        terminal = Terminal(self.words(*words), self.dir, env, rows, columns)
        self.addCleanup(terminal.close)
        terminal.wait("h")
        return terminal

    def gradings(self):
        while True:
            try:
                self.begun += len(self.box.recv(1))
            except BlockingIOError:
                return self.begun

    def put(self, name):
        """Make one of the exercise's files the answer."""
        shutil.copy(self.folder / name, self.answer)

    def compare(self, name, screen):
        """Is it the screen that is kept? Lines of an answer may move."""
        path = SCREENS / f"{name}.txt"
        lines = [line.rstrip() for line in screen.split("\n")]
        text = re.sub(r"answer\.c:\d+", "answer.c:N", "\n".join(lines)) + "\n"
        if os.environ.get("FERRULE_SCREENS_WRITE"):
            path.write_text(text)
        self.assertEqual(text, path.read_text(), name)
        self.assertEqual(len(lines), 24)
        self.assertLessEqual(max(map(len, lines)), 80)

    # ---- screens ----

    def test_screens_of_a_learner(self):
        watch = self.watch(real=True)
        self.compare("first", watch.wait("In another window open ",
                                          "Waiting for a save."))
        watch.press("?")
        self.compare("help", watch.wait("the next exercise"))
        watch.press("q")
        watch.wait("Waiting", absent=["the next exercise"])
        watch.press("n")
        watch.wait("is not solved yet; l lets you")
        watch.press("h")
        watch.wait("1. ", absent=["2. "])
        watch.press("h")
        self.compare("hint", watch.wait("2. "))
        self.put("wrong/one_exit_leaks.c")
        screen = watch.wait("memory FAILS")
        if "upper" in screen:  # where there are names
            self.compare("memory", screen)
        self.put("solution/answer.c")
        self.compare("solved", watch.wait("n goes on to 05-again"))
        # Neither wrote over what the other had written.
        kept = json.loads((self.dir / ".ferrule-learn.json").read_text())
        self.assertEqual(kept, {"passed": [NAME], "hints": {NAME: 2},
                                "current": NAME})
        watch.press("n")
        watch.wait("05-again: ", "In another window open ", "1/3")
        watch.press("l")
        self.compare("list", watch.wait("06-and-again"))
        watch.press("x")
        self.compare("reset", watch.wait("Begin 05-again again?"))

    def test_compile_error(self):
        self.compiler.write_text(
            "#!/bin/sh\n"
            "echo './04-fix-the-free/answer.c:28:19: error: expected a "
            "semicolon'\n"
            "printf '   28 |\\t return 0\\n      |\\t         ^\\n'\n"
            "exit 1\n")
        watch = self.watch()
        self.answer.write_text("mine\n")
        self.compare("compile", watch.wait("Not solved yet"))

    def test_after_the_last(self):
        self.courses(NAME)
        watch = self.watch(real=True)
        self.put("solution/answer.c")
        watch.wait("Solved, as all 1 are. Next: ")
        watch.press("n")
        self.assertIn("Solved, as all", watch.quiet(0.1))
        # Also what is solved can become wrong.
        self.answer.write_text("int mistake\n")
        watch.wait("It was solved before, and is not now.", "compile FAILS")
        self.put("solution/answer.c")
        watch.wait("Solved, as all 1 are. Next: ")
        watch.press("q")
        self.assertEqual(watch.end(), 0)
        # Who comes back sees where it was.
        self.watch(real=True).wait("Solved, as all 1 are. Next: ")

    # ---- saves ----

    def save_in_place(self, text):
        self.answer.write_text(text)

    def save_by_rename(self, text):
        new = self.answer.with_name("answer.c.new")
        new.write_text(text)
        new.rename(self.answer)

    def save_as_vim(self, text):
        self.answer.rename(f"{self.answer}~")
        self.answer.write_text(text)

    def test_ways_to_save(self):
        watch = self.watch()
        ways = [self.save_in_place, self.save_by_rename, self.save_as_vim]
        for number, save in enumerate(ways * 2):
            with self.subTest(save.__name__):
                save(f"text {number}\n")
                watch.wait(f"text {number}", "Not solved yet")
                self.assertEqual(self.gradings(), number + 1)

    def test_nothing_new(self):
        self.answer.write_text("mine\n")
        watch = self.watch()
        watch.wait("mine")
        os.utime(self.answer)
        subprocess.run(["touch", self.answer], check=True)
        self.save_by_rename("mine\n")
        self.answer.with_name("notes.txt").write_text("other\n")
        watch.quiet(0.3)
        self.assertEqual(self.gradings(), 1)

    def test_quick_saves(self):
        watch = self.watch()
        for number in range(20):
            self.answer.write_text(f"text {number}\n")
            time.sleep(0.005)
        watch.wait("text 19", "Not solved yet")
        self.assertLessEqual(self.gradings(), 2)

    def test_save_while_grading(self):
        watch = self.watch()
        self.answer.write_text("slow\n")
        watch.wait("Grading ...")
        self.until(lambda: self.gradings() == 1)
        # It is ended, and what it has made is gone.
        self.answer.write_text("quick\n")
        watch.wait("quick", "Not solved yet")
        self.until(lambda: processes(f"{self.tmp}/") == [])
        self.until(lambda: list(self.tmp.iterdir()) == [])

    def test_keys_while_grading(self):
        self.answer.write_text("slow\n")
        watch = self.watch()
        watch.wait("Grading ...")
        self.until(lambda: self.gradings() == 1)
        watch.press("l")
        watch.wait("06-and-again", "Grading ...")
        self.assertEqual(self.gradings(), 1)
        watch.press("r")
        self.until(lambda: self.gradings() == 2)
        watch.wait("Grading ...", absent=["06-and-again"])
        # Another exercise has another verdict.
        watch.press("ljj\r")
        watch.wait("06-and-again: ", "Waiting for a save.",
                   "In another window open ")
        self.until(lambda: processes(f"{self.tmp}/") == [])

    def test_what_does_not_end(self):
        self.compiler.write_text(
            f"#!/bin/sh\ntrap '' TERM\n{SAY.format(log=self.log)}\n"
            "echo 'it said this'\nsleep 0.3\n"
            "while :; do sleep 0.1; done\n")
        self.answer.write_text("mine\n")
        watch = self.watch()
        self.until(lambda: self.gradings() == 1)
        watch.press("q")
        self.assertEqual(watch.end(), 0)
        self.until(lambda: processes(self.tmp) == [])
        self.until(lambda: list(self.tmp.iterdir()) == [])

    def test_file_is_gone(self):
        watch = self.watch()
        before = self.answer.read_text()
        self.answer.unlink()
        watch.quiet(0.3)
        self.assertNotIn("gone", watch.screen)
        watch.wait("answer.c is gone.")
        self.answer.write_text(before)
        watch.wait("Waiting for a save.")
        # Also its folder.
        shutil.rmtree(self.answer.parent)
        watch.wait("answer.c is gone.")
        self.answer.parent.mkdir()
        self.answer.write_text("other\n")
        watch.wait("other", "Not solved yet")
        shutil.rmtree(self.answer.parent)
        watch.wait("answer.c is gone.")
        watch.press("x")
        watch.wait("Begin 04-fix-the-free again?")
        watch.press("y")
        watch.wait("It is as it was at first.")
        self.assertIn("TODO", self.answer.read_text())
        self.answer.write_text("new\n")
        watch.wait("new", "Not solved yet")

    def test_several_files(self):
        data = json.loads(self.data.read_text())
        folder = self.dir.parent / "exercise"
        shutil.copytree(self.folder, folder)
        (folder / "more.h").write_text("/* TODO */\n")
        data["exercises"] = [{**data["exercises"][0], "folder": str(folder),
                              "files": ["answer.c", "more.h"]}]
        self.data.write_text(json.dumps(data))
        self.learn("init", self.dir)
        watch = self.watch()
        watch.wait(f"Your answer: {NAME}/answer.c, {NAME}/more.h", "Waiting")
        more = self.answer.with_name("more.h")
        more.write_text("/* mine */\n")
        watch.wait("compile FAILS")
        self.assertEqual(self.gradings(), 1)
        more.unlink()
        watch.wait("more.h is gone.")
        watch.press("x")
        watch.wait("Begin ")
        watch.press("y")
        watch.wait("It is as it was at first.")
        self.assertIn("TODO", more.read_text())

    def test_polling(self):
        # What is written to the target of a link, its folder does not say.
        target = self.dir / "elsewhere.c"
        self.answer.rename(target)
        self.answer.symlink_to(target)
        watch = self.watch()
        watch.wait("(polls: a file is a link)")
        for text in ("one", "two"):
            target.write_text(f"{text}\n")
            watch.wait(text, "Not solved yet")
        watch.press("q")
        watch.end()
        for words, env, why in ((["--poll"], {}, "--poll was given"),
                                ([], {"FERRULE_POLL": "1"},
                                 "FERRULE_POLL is set")):
            watch = self.watch(*words, **env)
            watch.wait(f"(polls: {why})")
            target.write_text(f"{why}\n")
            watch.wait("    " + why, "Not solved yet")
            watch.press("q")
            watch.end()

    def test_manual(self):
        self.answer.write_text("mine\n")
        watch = self.watch("--manual")
        watch.wait("r grades your answer.")
        self.answer.write_text("other\n")
        watch.quiet(0.2)
        self.assertEqual(self.gradings(), 0)
        watch.press("r")
        watch.wait("other", "Not solved yet")
        watch.press("\r")
        self.until(lambda: self.gradings() == 2)
        self.compare("manual", watch.wait("other", "Not solved yet"))

    # ---- keys ----

    def test_reset(self):
        self.answer.write_text("mine\n")
        watch = self.watch()
        watch.wait("mine", "Not solved yet")
        for keys in ("n", "\x1b", "q"):
            watch.press("x")
            watch.wait("y or n")
            watch.press(keys)
            watch.wait("mine", "Not solved yet", absent=["y or n"])
        # What is pasted is no answer to the question in it.
        watch.press("a foxy y")
        watch.wait("y or n")
        watch.quiet(0.1)
        self.assertEqual(self.answer.read_text(), "mine\n")
        watch.press("n")
        watch.wait("mine", "Not solved yet", absent=["y or n"])
        old = self.answer.with_name("answer.c.old")
        for _ in range(2):  # the second time there is no answer to keep
            watch.press("x")
            watch.wait("y or n")
            watch.press("y")
            watch.wait("It is as it was at first.", "In another window open ")
            self.assertEqual(self.answer.read_text(),
                             (self.folder / "answer.c").read_text())
            self.assertEqual(old.read_text(), "mine\n")
        watch.quiet(0.2)
        self.assertEqual(self.gradings(), 1)

    def test_list_scrolls(self):
        self.courses(*(f"{number:02}-more" for number in range(40)))
        watch = self.watch()
        watch.press("l")
        watch.wait("> ", "00-more ", "-- lines 1 to 18 of 40", "0/40")
        watch.press("\x1b[B\x1b[B\x1bOBk")
        watch.wait(">        02-more ")
        watch.press("G")
        watch.wait(">        39-more ", absent=["21-more"])
        watch.press("\x1b[A")
        watch.wait(">        38-more ")
        watch.press("\x1b[5~")
        watch.wait(">        21-more ")
        watch.press("\x1b")
        watch.wait("In another window open 00-more", absent=["21-more"])
        watch.press("lGk\r")
        watch.wait("38-more: ", "In another window open ")
        watch.press("q")
        self.assertEqual(watch.end(), 0)
        # It goes on there, if no name is given. What was added since comes.
        shutil.rmtree(self.dir / "38-more")
        self.watch().wait("38-more: ", "In another window open ",
                          "Waiting for a save.")
        self.assertTrue((self.dir / "38-more/answer.c").exists())
        self.watch("watch", "07").wait("07-more: ", "In another window open ")

    def test_all_can_be_read(self):
        watch = self.watch()
        self.answer.write_text(
            "".join(f"line {i}\n" for i in range(25)) + "x" * 200 + "\n")
        watch.wait("line 5", "-- lines 1 to 18 of 30")
        watch.press("jj")
        watch.wait("line 17\n", absent=["compile FAILS"])
        watch.press("G")
        watch.wait("xxxx", "to 30 of 30")
        self.assertEqual(sum(row.count("x") for row in watch.rows
                             if "xxx" in row), 200)
        watch.press("g")
        watch.wait("compile FAILS")

    def test_ways_to_end(self):
        for keys in ("q", "Q", "\x03", "\x1c", "hq" + "q", "l\x03"):
            with self.subTest(keys):
                watch = self.watch()
                watch.press(keys)
                self.assertEqual(watch.end(), 0)

    # ---- the terminal ----

    def test_signals(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            with self.subTest(number):
                self.gradings()
                self.begun = 0
                self.answer.write_text("slow\n")
                watch = self.watch()
                self.until(lambda: self.gradings() == 1)
                self.assertFalse(watch.mode()[3] & termios.ECHO)
                os.kill(watch.pid, number)
                code = watch.end()
                self.assertEqual(
                    code, 0 if number == signal.SIGINT else -number)
                self.assertTrue(watch.mode()[3] & termios.ECHO)
                self.assertTrue(watch.mode()[3] & termios.ICANON)
                self.until(lambda: processes(self.tmp) == [])
                self.assertEqual(list(self.tmp.iterdir()), [])

    def test_it_dies(self):
        watch = self.watch()
        shutil.rmtree(self.dir)
        watch.press("l\r")
        self.assertEqual(watch.end(), 2)
        self.assertIn("cannot make a folder", watch.said)
        self.assertTrue(watch.mode()[3] & termios.ECHO)

    def test_killed(self):
        self.answer.write_text("slow\n")
        watch = self.watch()
        self.until(lambda: self.gradings() == 1)
        os.kill(watch.pid, signal.SIGKILL)
        self.assertEqual(watch.end(), -signal.SIGKILL)
        self.until(lambda: processes(self.tmp, "ferrule") == [])
        for pid in processes(self.tmp):  # the compiler
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def test_suspend(self):
        # A shell in few words: it has the terminal while the watch is stopped.
        shell = (
            "import os, signal, sys, time\n"
            "signal.signal(signal.SIGTTOU, signal.SIG_IGN)\n"
            "pid = os.fork()\n"
            "os.setpgid(pid, 0)\n"
            "if pid == 0:\n"
            "    signal.signal(signal.SIGTTOU, signal.SIG_DFL)\n"
            "    time.sleep(0.2)\n"
            "    os.execv(sys.argv[1], sys.argv[1:])\n"
            "os.tcsetpgrp(0, pid)\n"
            "while not os.WIFEXITED(os.waitpid(pid, os.WUNTRACED)[1]):\n"
            "    os.tcsetpgrp(0, os.getpgrp())\n"
            "    print('it is stopped', flush=True)\n"
            "    sys.stdin.readline()\n"
            "    os.tcsetpgrp(0, pid)\n"
            "    os.killpg(pid, signal.SIGCONT)\n")
        # As ./x has it, another program of its group waits for it.
        waits = "import subprocess, sys; subprocess.call(sys.argv[1:])"
        watch = Terminal([sys.executable, "-c", shell, sys.executable, "-c",
                          waits, *self.words()],
                         self.dir, {**os.environ, "TERM": "xterm",
                                    "TMPDIR": str(self.tmp),
                                    "CC": str(self.compiler)})
        self.addCleanup(watch.close)
        watch.wait("Waiting for a save.")
        watch.press("\x1a")
        watch.wait("it is stopped", whole=False)
        self.assertTrue(watch.mode()[3] & termios.ICANON)
        self.answer.write_text("mine\n")
        watch.press("\n")
        watch.wait("mine", "Not solved yet", absent=["it is stopped"])
        self.assertFalse(watch.mode()[3] & termios.ICANON)
        watch.press("q")
        self.assertEqual(watch.end(), 0)

    def test_sizes(self):
        self.answer.write_text("a b c d e f g h i j k l m n o p q r s t u v w "
                               "x y z " * 5 + "\n" + "y" * 100 + "\n")
        watch = self.watch(rows=10, columns=40)
        watch.wait("compile FAILS", "Not solved yet")
        for rows, columns in ((10, 40), (24, 80), (5, 20), (3, 10), (2, 4),
                              (1, 1), (50, 200), (10, 40)):
            for key in ("", "l", "?", "t", "x", "n"):
                with self.subTest((rows, columns, key)):
                    before = len(watch.said)
                    watch.size(rows, columns)
                    watch.press(key)
                    watch.quiet(0.03)
                    if len(watch.said) == before:
                        continue  # it was so before
                    self.assertEqual(len(watch.rows), rows, watch.screen)
                    self.assertLessEqual(max(map(len, watch.rows)), columns)
        watch.press("q")
        watch.wait("? help")

    def test_colour(self):
        self.answer.write_text("mine\n")
        for env, coloured in (({}, True), ({"NO_COLOR": "1"}, False),
                              ({"NO_COLOR": ""}, True),
                              ({"TERM": "dumb"}, False)):
            with self.subTest(env):
                watch = self.watch(**env)
                watch.wait("mine", "Not solved yet")
                self.assertEqual(bool(COLOUR.search(watch.said)), coloured)
                if "TERM" in env:
                    self.assertNotIn("\x1b", watch.said)

    def test_an_answer_cannot_write_to_the_terminal(self):
        attack = "\x1b]0;title\x07\x1b[2J\x1b[31m\x9b\r\b\u202e\u200b\tend"
        watch = self.watch(NO_COLOR="1")
        self.answer.write_text(attack + "\n")
        watch.wait("\\x1b]0;title\\x07\\x1b[2J", "\\x0d\\x08\\u202e\\u200b",
                   "end", "Not solved yet")
        self.assertEqual(set(re.findall(r"\x1b\[?.?.", watch.said)),
                         {"\x1b[H\x1b", "\x1b[2J"}
                         & set(re.findall(r"\x1b\[?.?.", watch.said)))
        for bad in ("\x07", "\x08", "\x9b", "\u202e", "\u200b", "\t"):
            self.assertNotIn(bad, watch.said)

    def test_a_crash_of_an_answer(self):
        watch = self.watch(real=True)
        self.answer.write_text(
            "#include <fcntl.h>\n#include <stdio.h>\n#include <stdlib.h>\n"
            "#include <sgz.h>\n#include <unistd.h>\n"
            "int upper(const struct sgz_header *, char *, size_t);\n"
            "int upper(const struct sgz_header *h, char *o, size_t n)\n{\n"
            "int fd = open(\"/dev/tty\", O_WRONLY);\n"
            "(void)h; (void)o; (void)n;\n"
            "if (fd >= 0) dprintf(fd, \"\\x1b[2Jgot you\");\n"
            "dprintf(2, \"\\x1b[2Jgot you\\n\"); abort(); }\n")
        screen = watch.wait("run FAILS", "Not solved yet")
        self.assertIn("\\x1b[2Jgot you", screen)
        self.assertNotIn("\x1b[2Jgot you", watch.said)

    def test_no_terminal(self):
        for words in ((), ("watch",), ("--manual",)):
            done = subprocess.run(self.words(*words), text=True, check=False,
                                  cwd=self.dir, stdin=subprocess.DEVNULL,
                                  capture_output=True)
            self.assertEqual(done.returncode, 2)
            self.assertIn("'learn run' grades", done.stderr)

    def test_no_folder(self):
        watch = Terminal(self.words(), self.tmp, os.environ)
        self.addCleanup(watch.close)
        self.assertEqual(watch.end(), 2)
        self.assertIn("Begin with 'ferrule learn init FOLDER'", watch.said)

    def until(self, true, seconds=30):
        end = time.monotonic() + seconds
        while not true():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)


if __name__ == "__main__":
    # What ignores them, as nohup and the background jobs of a shell do, has
    # what is tested ignore them too.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
