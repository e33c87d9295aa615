# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the interop tests share: samples, programs to run, and how to say that
a tool is missing.

Each test file is run as `python test_NAME.py SGZ`, where SGZ is the command
under test, and exits 0, 1, or 77 with "not run: ..." on standard output.
"""

import functools
import importlib
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

NOT_RUN = 77

SGZ = None


def need(*, programs=(), modules=()):
    """End the test file, as not run, unless all of these are there."""
    missing = [name for name in programs if shutil.which(name) is None]
    for name in modules:
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(f"Python module {name}")
    if missing:
        print("not run:", ", ".join(missing), "missing")
        sys.exit(NOT_RUN)


def make_samples():
    """Data of all kinds by name: sizes around a block's, dense, and lines."""
    rng = random.Random(1)
    words = ["ferrule", "blade", "handle", "ring", "iron", "join"]
    lines = "".join(
        f"{i}\t{' '.join(rng.choices(words, k=rng.randrange(12)))}\n"
        for i in range(40000)
    ).encode()
    return {
        "empty": b"",
        "one": b"x",
        "block-less-one": lines[:65279],
        "block": lines[:65280],
        "block-and-one": lines[:65281],
        "64KiB": lines[:65536],
        "lines": lines,
        "noise": rng.randbytes(300_000),
        "zeros": bytes(3_000_000),
    }


SAMPLES = make_samples()


def offsets_in(data):
    """Places worth seeking to: block borders, both ends, some others."""
    rng = random.Random(2)
    size = len(data)
    places = {0, 1, 65279, 65280, 65281, 130560, size - 1, size}
    places |= {rng.randrange(size + 1) for _ in range(5)}
    return sorted(place for place in places if 0 <= place <= size)


def run(*args, data=None, code=0):
    """Run a program, check its exit code, return what it wrote."""
    done = subprocess.run(
        [os.fspath(arg) for arg in args],
        input=data,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode != code:
        raise AssertionError(
            f"{args} exits with {done.returncode}: {done.stderr.decode()}"
        )
    return done.stdout


def sgz(*args, data=None, code=0):
    """Run the command under test."""
    return run(SGZ, *args, data=data, code=code)


def each_sample(test):
    """Make `test(self, name, data)` a test that runs over every sample."""

    @functools.wraps(test)
    def over_all(self):
        for name, data in SAMPLES.items():
            with self.subTest(sample=name):
                test(self, name, data)

    return over_all


# Levels of sgz: stored, fast, the default, zlib's highest, libdeflate's highest.
LEVELS = ("0", "1", "6", "9", "12")


def each_way(test):
    """Make `test(self, level, threads)` a test that runs at each level, with
    one thread and with several."""

    @functools.wraps(test)
    def over_all(self):
        for level in LEVELS:
            for threads in ("1", "3"):
                with self.subTest(level=level, threads=threads):
                    test(self, level, threads)

    return over_all


class Case(unittest.TestCase):
    """A test in a directory of its own."""

    def setUp(self):
        self._dir = tempfile.TemporaryDirectory()
        self.dir = pathlib.Path(self._dir.name)
        self.addCleanup(self._dir.cleanup)

    def put(self, name, data):
        """A file of the directory that holds `data`."""
        path = self.dir / name
        path.write_bytes(data)
        return path

    def put_sgz(self, name, data, *options):
        """A file of that name, compressed by sgz, with its index beside it."""
        plain = self.put(name.removesuffix(".gz"), data)
        sgz("-f", "-i", *options, plain)
        return self.dir / name

    def same(self, got, wanted):
        """Byte for byte, without megabytes of message."""
        if got != wanted:
            at = next(
                (i for i, (a, b) in enumerate(zip(got, wanted)) if a != b),
                min(len(got), len(wanted)),
            )
            self.fail(
                f"{len(got)} bytes, wanted {len(wanted)}: differ at {at}"
            )


def main():
    """Run the tests of the file that calls this."""
    global SGZ
    module = sys.modules["common"]
    module.SGZ = SGZ = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main(verbosity=2)
