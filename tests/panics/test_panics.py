#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""What lesson 11 claims of panics, on each version of Rust.

    test_panics.py [--install]

With --install, or with CI=true, versions that are not there are installed in
.tools/rustup. Those that are not there after that are skipped, and a line
`not run: ...` says what to type.
"""

import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import toolchains

HERE = Path(__file__).resolve().parent
CXX = os.environ.get("CXX", "c++")
CC = os.environ.get("CC", "cc")
LEVELS = ("0", "3")

CANNOT = "panic in a function that cannot unwind"
NOT_BEGUN = "failed to initiate panic, error 3"
UNCAUGHT = 101  # the exit code of a panic that nobody catches
FOREIGN = "Rust cannot catch foreign exceptions"


def command(*words, env=None):
    """What a compiler says; it has to succeed."""
    done = subprocess.run(
        [str(word) for word in words], check=False, text=True, cwd=HERE,
        capture_output=True, timeout=300, env={
            **os.environ, **(env or {}), "RUSTUP_AUTO_INSTALL": "0"})
    if done.returncode != 0:
        raise AssertionError(f"{words}: {done.stderr}")
    return done.stderr


class Ended:
    """How a child process ended, and what it said."""

    def __init__(self, program, *words):
        def no_core():
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

        done = subprocess.run(
            [program, *words], check=False, text=True, timeout=60,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, preexec_fn=no_core)
        self.words = (program.parent.name, program.name, *words)
        self.code = done.returncode
        self.said = done.stdout

    def __str__(self):
        return f"{self.words} ended with {self.code} and said:\n{self.said}"


class Objects:
    """What the C and C++ compilers make, once for all versions."""

    def __init__(self, folder):
        self.frames, self.bare = folder / "frames.o", folder / "bare.o"
        self.throw = None
        command(CC, "-O2", "-c", HERE / "frames.c", "-o", self.frames)
        command(CC, "-O2", "-fno-asynchronous-unwind-tables", "-c",
                HERE / "frames.c", "-o", self.bare)
        if shutil.which(CXX):
            self.throw = folder / "throw.o"
            command(CXX, "-O2", "-c", HERE / "throw.cc", "-o", self.throw)

    def arguments(self, frames):
        cpp = ["--cfg", "cpp", f"-Clink-arg={self.throw}",
               "-Clink-arg=-lstdc++"] if self.throw else []
        return [f"-Clink-arg={frames}", *cpp]


class Claims:
    """The tests of one version; each runs without and with optimisation."""

    toolchain = objects = None

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="ferrule-panics-")
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.programs = {level: Path(cls.scratch.name) / level
                        for level in LEVELS}
        cls.warned = {level: cls.build(level) for level in LEVELS}

    @classmethod
    def rustc(cls, *words):
        return command(*cls.toolchain.rustc, "--edition=2024", *words,
                       env=cls.toolchain.env)

    @classmethod
    def build(cls, level):
        """What rustc says to both.rs."""
        folder = cls.programs[level]
        folder.mkdir()
        optimise = f"-Copt-level={level}"
        other = folder / "libother.so"
        cls.rustc(optimise, "--crate-type", "cdylib", "-o", other,
                  HERE / "other.rs")
        said = {}
        for program, source, frames in (
                ("cases", "cases.rs", cls.objects.frames),
                ("bare", "cases.rs", cls.objects.bare),
                ("both", "both.rs", cls.objects.frames)):
            said[program] = cls.rustc(
                optimise, *cls.objects.arguments(frames),
                f"-Clink-arg={other}", f"-Clink-arg=-Wl,-rpath,{folder}",
                "-o", folder / program, HERE / source)
        return said["both"]

    def each(self, *words, program="cases"):
        """(level, how it ended) for each level."""
        return [(level, Ended(self.programs[level] / program, *words))
                for level in LEVELS]

    def aborts(self, ended):
        self.assertEqual(ended.code, -signal.SIGABRT, ended)

    def says(self, ended, *texts):
        """All of them, in this order."""
        at = 0
        for text in texts:
            found = ended.said.find(text, at)
            self.assertGreaterEqual(found, 0, f"no {text!r}: {ended}")
            at = found + len(text)

    def says_not(self, ended, *texts):
        for text in texts:
            self.assertNotIn(text, ended.said, ended)

    def needs_cpp(self):
        if not self.objects.throw:
            self.skipTest("there is no compiler for C++")

    CALLERS = ("plainly", "with-guard", "caught")

    def test_a_panic_in_extern_c_ends_the_process(self):
        """Whoever called C, and whatever the callback does besides: nothing
        behind the call runs."""
        for caller in self.CALLERS:
            for which in ("always", "always+guard",
                          "sometimes", "sometimes+guard"):
                for _, ended in self.each(f"{caller}/{which}"):
                    self.aborts(ended)
                    self.says(ended, which.partition("+")[0])
                    self.says_not(ended, "C cleaned up", "caller dropped",
                                  "caught:")

    def test_a_callback_with_nothing_to_drop_cannot_unwind(self):
        """The same words with optimisation, and if it does nothing else."""
        for caller in self.CALLERS:
            for which in ("always", "sometimes"):
                for _, ended in self.each(f"{caller}/{which}"):
                    self.says(ended, which, CANNOT)
                    self.says_not(ended, NOT_BEGUN)

    def test_without_optimisation_a_callback_drops_and_cannot_unwind(self):
        for caller in self.CALLERS:
            for which in ("always", "sometimes"):
                for level, ended in self.each(f"{caller}/{which}+guard"):
                    if level == "0":
                        self.says(ended, which, "callback dropped", CANNOT)

    def test_with_optimisation_a_callback_may_drop_nothing(self):
        """Either it drops and cannot unwind, or the panic does not begin and
        nothing is dropped. Which one depends on the callers, not on whether
        the callback panics always; both happen."""
        said = {}
        for caller in self.CALLERS:
            for which in ("always", "sometimes"):
                for level, ended in self.each(f"{caller}/{which}+guard"):
                    if level == "0":
                        continue
                    if NOT_BEGUN in ended.said:
                        self.says_not(ended, "callback dropped", CANNOT)
                    else:
                        self.says(ended, "callback dropped", CANNOT)
                    said[caller, which] = NOT_BEGUN in ended.said
        self.assertEqual(set(said.values()), {True, False}, said)
        for caller in self.CALLERS:
            self.assertEqual(said[caller, "always"],
                             said[caller, "sometimes"], said)

    def test_c_unwind_lets_a_panic_through_and_c_does_not_clean_up(self):
        for which in ("always", "sometimes"):
            for _, ended in self.each(f"unwinding/{which}"):
                self.assertEqual(ended.code, 0, ended)
                self.says(ended, which, "callback dropped", "caller dropped",
                          f"caught: {which}")
                self.says_not(ended, "C cleaned up")

    def test_without_unwind_tables_in_c_no_panic_begins(self):
        """Nothing is dropped, under neither ABI, and at no level. A callback
        with nothing to drop stops the panic itself."""
        for case in ("unwinding/always", "unwinding/sometimes",
                     "caught/always+guard", "caught/sometimes+guard"):
            for _, ended in self.each(case, program="bare"):
                self.aborts(ended)
                self.says(ended, "failed to initiate panic, error 5")
                self.says_not(ended, "dropped", "caught:")
        for _, ended in self.each("caught/sometimes", program="bare"):
            self.aborts(ended)
            self.says(ended, CANNOT)

    def test_a_jump_over_a_frame_drops_nothing(self):
        for _, ended in self.each("jump"):
            self.assertEqual((ended.code, ended.said), (0, "arrived\n"))

    def test_an_exception_of_cpp_cannot_be_caught(self):
        """What lies on its way is dropped, and then the process ends."""
        self.needs_cpp()
        for _, ended in self.each("throw"):
            self.aborts(ended)
            self.says(ended, "caller dropped", FOREIGN)
            self.says_not(ended, "caught:")

    def test_a_panic_of_another_shared_object_is_foreign(self):
        for _, ended in self.each("other"):
            self.aborts(ended)
            self.says(ended, "of the other", "caller dropped", FOREIGN)
            self.says_not(ended, "caught:")

    def test_noexcept_ends_the_process(self):
        self.needs_cpp()
        for _, ended in self.each("noexcept"):
            self.aborts(ended)
            self.says(ended, "callback dropped", "terminate called")
            self.says_not(ended, "caught:")

    def test_a_panic_that_is_carried_is_resumed_with_its_payload(self):
        for _, ended in self.each("carry"):
            self.assertEqual(ended.code, 0, ended)
            self.says(ended, "caught: carried")

    def test_two_panics_at_a_time_end_the_process(self):
        for _, ended in self.each("two"):
            self.aborts(ended)
            self.says(ended, "first", "second",
                      "panic in a destructor during cleanup")

    def test_rustc_warns_of_a_function_under_both_abis(self):
        for level in LEVELS:
            self.assertIn("`call_both` redeclared with a different signature",
                          self.warned[level])

    def lost(self, ended):
        """The panic left catch_unwind and main(), or did not begin."""
        self.says_not(ended, "caught:")
        if ended.code != UNCAUGHT:
            self.aborts(ended)
            self.says(ended, NOT_BEGUN)

    def test_both_abis_lose_the_catch(self):
        """Called as "C": without optimisation it is caught, but the caller's
        guard is not dropped; with it, it is not even caught."""
        for level, ended in self.each("C", program="both"):
            self.says(ended, "sometimes")
            self.says_not(ended, "caller dropped")
            if level == "0":
                self.assertEqual(ended.code, 0, ended)
                self.says(ended, "callback dropped", "caught: sometimes")
            else:
                self.lost(ended)

    def test_both_abis_may_spoil_the_right_one(self):
        """Called as "C-unwind" it is caught, unless the compiler believes the
        other declaration."""
        for level, ended in self.each("C-unwind", program="both"):
            if level == "0" or ended.code == 0:
                self.assertEqual(ended.code, 0, ended)
                self.says(ended, "callback dropped", "caller dropped",
                          "caught: sometimes")
            else:
                self.lost(ended)


def tests_of(toolchain, objects):
    """A class for unittest; all of it is skipped if the version is missing."""
    name = f"Rust {toolchain.name}"
    made = type(name, (Claims, unittest.TestCase),
                {"toolchain": toolchain, "objects": objects,
                 "__qualname__": name})
    if toolchain.missing:
        made = unittest.skip(toolchain.missing)(made)
    return unittest.defaultTestLoader.loadTestsFromTestCase(made)


def report(text):
    print(text, file=sys.stderr, flush=True)


def main():
    found = toolchains.all_of(toolchains.may_install(sys.argv[1:]), report)
    for one in found:
        if one.version:
            report(f"{one.name}: {one.version}")
    with tempfile.TemporaryDirectory(prefix="ferrule-panics-") as folder:
        objects = Objects(Path(folder))
        suite = unittest.TestSuite(tests_of(one, objects) for one in found)
        done = unittest.TextTestRunner(verbosity=2).run(suite)
    for one in found:
        if one.missing:
            report(f"not run: on Rust {one.name}: {one.missing}")
    if not objects.throw:
        report("not run: what C++ throws: there is no compiler for C++")
    return 0 if done.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
