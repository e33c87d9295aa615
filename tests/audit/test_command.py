#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The command `ferrule audit`: its options, its exit codes, how it passes on
what the program does, and where it finds the object to preload.

    test_command.py FERRULE OBJECT LIBDIR
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ET
from pathlib import Path

FERRULE, OBJECT = (str(Path(sys.argv.pop(1)).resolve()) for _ in "12")
LIBDIR = sys.argv.pop(1)
SOURCE = """
use std::ffi::c_void;
use std::hint::black_box;
unsafe extern "C" { fn free(block: *mut c_void); }
fn main() {
    let what = std::env::args().nth(1).unwrap_or_default();
    let code = std::env::args().nth(2).map_or(0, |n| n.parse().unwrap());
    println!("said to the output");
    eprintln!("said to the errors");
    for _ in 0..3 {
        let block = black_box(Box::into_raw(Box::new(1_u64)));
        if what == "wrong" {
            unsafe { free(block.cast()) };
        } else {
            drop(unsafe { Box::from_raw(block) });
        }
    }
    if what == "abort" { std::process::abort(); }
    if what == "wait" { std::thread::sleep(std::time::Duration::MAX); }
    if what == "signals" {
        print!("{}", std::fs::read_to_string("/proc/self/status").unwrap());
    }
    if what == "environment" {
        for (name, _) in std::env::vars() { println!("{name}"); }
    }
    std::process::exit(code);
}
"""


def default_signals():
    """The tests themselves may run where some are ignored."""
    for number in signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM:
        signal.signal(number, signal.SIG_DFL)


class Command(unittest.TestCase):
    """One program, and many ways to audit it."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.at = Path(cls.folder.name)
        cls.program = cls.at / "program"
        subprocess.run([*os.environ.get("RUSTC", "rustc").split(), "--edition",
                        "2024", "-g", "-o", cls.program, "-"], check=True,
                       input=SOURCE, text=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def audit(self, *words, ferrule=FERRULE, **options):
        """Run it; exit code, output, errors."""
        done = subprocess.run([ferrule, "audit", *words], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=60, check=False, cwd=self.at, **options)
        return done.returncode, done.stdout, done.stderr

    def test_what_the_program_says_and_returns_passes_through(self):
        code, out, err = self.audit("--", self.program, "right", "5")
        self.assertEqual((code, out), (5, "said to the output\n"))
        self.assertTrue(err.startswith("said to the errors\n"))
        self.assertIn("no findings", err)
        self.assertIn("1 object with Rust, 4 of 4 allocator functions", err)

    def test_the_object_may_lie_in_any_folder(self):
        for name in ("a folder", "a:folder"):
            folder = self.at / name
            folder.mkdir()
            copy = folder / "libferrule_audit.so"
            shutil.copy(OBJECT, copy)
            code, out, err = self.audit("--object", copy, self.program, "wrong")
            self.assertEqual((code, out), (1, "said to the output\n"), err)
            self.assertIn("wrong-side free", err)
        # The link to it cannot lie there either.
        code, _, err = self.audit("--object", copy, self.program, "right",
                                  env={**os.environ, "TMPDIR": str(folder)})
        self.assertEqual(code, 2)
        self.assertIn("a:folder/libferrule_audit.so: an object cannot be", err)
        self.assertEqual(os.listdir(folder), [copy.name])

    def test_findings_make_a_success_a_failure(self):
        code, _, err = self.audit(self.program, "wrong")
        self.assertEqual(code, 1)
        self.assertIn("wrong-side free: 8 bytes of Rust (program), freed by C "
                      "(3 times)", err)
        self.assertIn("advice: give it back through the function of the "
                      "library that allocated it", err)

    def test_a_failure_of_the_program_stays_what_it_is(self):
        self.assertEqual(self.audit(self.program, "wrong", "9")[0], 9)

    def test_exit_code(self):
        for given, expected in (("42", 42), ("0", 9)):
            self.assertEqual(self.audit("--exit-code", given, self.program,
                                        "wrong", "9")[0], expected)
        self.assertEqual(self.audit("--exit-code", "42", self.program, "right",
                                    "9")[0], 9)
        code, _, err = self.audit("--exit-code", "x", self.program)
        self.assertEqual((code, "not a number" in err), (2, True))

    def test_a_signal(self):
        code, _, err = self.audit(self.program, "abort")
        self.assertEqual(code, 128 + 6)
        self.assertIn("ended by signal 6", err)
        self.assertIn("no findings, up to the signal that ended it", err)

    def test_a_signal_to_the_audit_alone(self):
        """As `kill` or a CI server sends it: the program ends by it, and is
        reported up to there."""
        scratch = self.at / "scratch"
        scratch.mkdir()
        for number in signal.SIGTERM, signal.SIGHUP:
            with subprocess.Popen(
                    [FERRULE, "audit", self.program, "wait"], text=True,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                    preexec_fn=default_signals,
                    env={**os.environ, "TMPDIR": str(scratch)}) as audit:
                self.assertIn("said", audit.stderr.readline())
                audit.send_signal(number)
                _, err = audit.communicate(timeout=60)
            self.assertEqual(audit.returncode, 128 + number, err)
            self.assertIn("no findings, up to the signal that ended it", err)
            self.assertEqual(os.listdir(scratch), [])

    def test_signals_are_as_without_the_audit(self):
        """One that is ignored, as by `nohup`, stays ignored."""
        def ignore():
            default_signals()
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.signal(signal.SIGINT, signal.SIG_IGN)

        def states(*words):
            said = subprocess.run(
                [*words, self.program, "signals"], text=True, check=True,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                preexec_fn=ignore)
            return re.findall(r"^(Sig(?:Ign|Blk)):\s+(\w+)$", said.stdout, re.M)

        self.assertEqual(states(FERRULE, "audit"), states())

    def test_quiet(self):
        _, _, err = self.audit("--quiet", self.program, "right")
        self.assertEqual(err, "said to the errors\n")
        self.assertIn("wrong-side", self.audit("--quiet", self.program,
                                               "wrong")[2])

    def test_fast(self):
        code, out, err = self.audit("--fast", "--json", "-", self.program,
                                    "wrong")
        report = json.loads(out.split("\n", 1)[1])
        self.assertEqual((code, report["fast"]), (1, True))
        self.assertEqual([finding["count"] for finding in
                          report["findings"]], [3])
        self.assertIn("no stacks are kept with --fast", err)

    def test_json_and_junit(self):
        self.audit("--json", "a.json", "--junit", "a.xml", self.program,
                   "wrong", "3")
        report = json.loads((self.at / "a.json").read_text())
        self.assertEqual(report["verdict"], "findings")
        self.assertEqual(report["status"],
                         {"ran": True, "exit": 3, "signal": None})
        self.assertEqual(report["checked"]["functions_patched"], 4)
        self.assertEqual(report["command"], [str(self.program), "wrong", "3"])
        finding, = report["findings"]
        self.assertEqual(finding["owner"], {"kind": "Rust",
                                            "object": str(self.program)})
        self.assertEqual(finding["freed_by"], {"kind": "C", "object": None})
        suite = ET.parse(self.at / "a.xml").getroot().find("testsuite")
        self.assertEqual((suite.get("failures"), suite.get("errors")),
                         ("1", "0"))
        self.assertIn("allocated by", suite.find("testcase/failure").text)

    def test_junit_of_a_refusal(self):
        code, _, _ = self.audit("--junit", "b.xml", "sh", "-c", ":")
        suite = ET.parse(self.at / "b.xml").getroot().find("testsuite")
        self.assertEqual((code, suite.get("errors")), (2, "1"))
        self.assertIn("remedy", suite.find("testcase/error").text)

    def test_a_shell_that_becomes_the_program(self):
        code, _, err = self.audit("sh", "-c", f"exec {self.program} wrong")
        self.assertEqual((code, "wrong-side" in err), (1, True))

    def test_a_script(self):
        script = self.at / "script"
        script.write_text(f"#!/usr/bin/env sh\nexec '{self.program}' wrong\n")
        script.chmod(0o755)
        code, _, err = self.audit(script)
        self.assertEqual((code, "wrong-side" in err), (1, True))

    def test_children_are_audited_if_they_are_followed(self):
        words = "sh", "-c", f"{self.program} wrong; true"
        code, _, err = self.audit(*words)
        self.assertEqual((code, "--follow" in err), (2, True))
        code, _, err = self.audit("--follow", *words)
        self.assertEqual((code, "(3 times)" in err), (1, True))

    def test_a_child_that_cannot_be_audited_runs(self):
        stripped = self.at / "stripped"
        subprocess.run(["strip", "-s", "-o", stripped, self.program],
                       check=True)
        code, out, err = self.audit("--follow", "sh", "-c", f"{stripped}; true")
        self.assertEqual((code, out), (2, "said to the output\n"), err)
        self.assertIn("it has Rust in it and no symbols", err)
        # it is the one that was named
        code, out, err = self.audit(stripped)
        self.assertEqual((code, out), (2, ""))
        self.assertIn("it did not run", err)

    def test_the_program_does_not_see_that_it_is_audited(self):
        env = {name: text for name, text in os.environ.items()
               if name != "LD_PRELOAD"}
        _, out, _ = self.audit(self.program, "environment", env=env)
        self.assertNotIn("LD_PRELOAD", out)
        self.assertNotIn("FERRULE_AUDIT", out)

    def test_what_is_preloaded_besides_stays(self):
        other = self.at / "other.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", other, "-xc", "-"],
                       check=True, input="int nothing;", text=True)
        code, out, err = self.audit(self.program, "environment",
                                    env={**os.environ,
                                         "LD_PRELOAD": str(other)})
        self.assertEqual(code, 0, err)
        self.assertIn("LD_PRELOAD", out)

    def test_the_report_in_the_book(self):
        """The first program of the chapter, and what is printed of it."""
        source = Path(__file__).resolve().parent / "programs/text-freed-by-c"
        library, program = self.at / "liblib.so", self.at / source.name
        subprocess.run([*os.environ.get("RUSTC", "rustc").split(), "--edition",
                        "2024", "-g", "--crate-type", "cdylib", "-o", library,
                        source / "lib.rs"], check=True)
        subprocess.run([*os.environ.get("CC", "cc").split(), "-g", "-o",
                        program, source / "main.c", library,
                        f"-Wl,-rpath,{self.at}"], check=True)
        _, _, said = self.audit("--", f"./{program.name}")
        said = re.sub(r"thread \d+", "thread N", said)
        self.assertEqual(
            said, (source / "report.txt").read_text(encoding="utf-8"))

    def test_what_is_no_program(self):
        for name in ("./nothing", "no-such-program", "/etc/passwd"):
            code, _, err = self.audit(name)
            self.assertEqual((code, "cannot be run" in err), (2, True), name)
        code, _, err = self.audit()
        self.assertEqual((code, "name a program" in err), (2, True))

    def test_a_report_that_cannot_be_written(self):
        code, out, err = self.audit("--json", "none/a.json", self.program)
        # before it runs
        self.assertEqual((code, out), (2, ""))
        self.assertIn("none/a.json: cannot write", err)

    def test_the_object_is_found_beside_the_program_and_installed(self):
        root = self.at / "root"
        # where its own library is, the build has written into it
        env = {**os.environ, "LD_LIBRARY_PATH":
               str(Path(FERRULE).parent.parent / "csrc")}
        for place in ("bin", LIBDIR):
            shutil.rmtree(root, ignore_errors=True)
            (root / "bin").mkdir(parents=True)
            (root / place).mkdir(parents=True, exist_ok=True)
            ferrule = shutil.copy(FERRULE, root / "bin")
            shutil.copy(OBJECT, root / place)
            code, _, err = self.audit(self.program, "wrong", ferrule=ferrule,
                                      env=env)
            self.assertEqual((code, "wrong-side" in err), (1, True), err)
        shutil.rmtree(root / LIBDIR)
        code, _, err = self.audit(self.program, ferrule=ferrule, env=env)
        self.assertEqual((code, "--object" in err), (2, True))
        self.assertEqual(self.audit("--object", OBJECT, self.program, "wrong",
                                    ferrule=ferrule, env=env)[0], 1)

    def test_several_programs_have_one_report(self):
        collected = self.at / "collected"
        collected.mkdir()
        copy = shutil.copy(self.program, self.at / "another")
        for words, code in (((self.program, "wrong", "4"), 4),
                            ((copy, "wrong"), 0), ((copy, "abort"), -6)):
            got, out, err = self.audit("--collect", collected, "--", *words)
            self.assertEqual((got, out), (code, "said to the output\n"))
            self.assertEqual(err, "said to the errors\n")
        # a doctest is removed before the report is written
        os.remove(copy)
        for status, expected in ("0", 1), ("7", 7), ("130", 130):
            code, out, err = self.audit(
                "--collected", collected, "--status", status, "--json", "-",
                "what", "ran")
            report = json.loads(out)
            self.assertEqual(code, expected, err)
            self.assertEqual(report["command"], ["what", "ran"])
            self.assertEqual(report["checked"]["rust_objects"], 3)
            self.assertEqual([one["count"] for one in report["findings"]], [6])
            self.assertIn("---- ferrule audit: what ran ----", err)

    def test_a_program_that_cannot_be_audited_is_in_the_common_report(self):
        collected = self.at / "refused"
        collected.mkdir()
        copy = shutil.copy(self.program, self.at / "special")
        os.chmod(copy, 0o4755)
        code, out, err = self.audit("--collect", collected, "--", copy)
        self.assertEqual((code, out, "set-uid" in err), (2, "", True))
        code, _, err = self.audit("--collected", collected, "what")
        self.assertEqual((code, "set-uid" in err), (2, True), err)

    def test_nothing_collected_is_not_checked(self):
        collected = self.at / "nothing"
        collected.mkdir()
        code, _, err = self.audit("--collected", collected, "what")
        self.assertEqual((code, "no program was run" in err), (2, True), err)
        code, _, err = self.audit("--collect", collected, "--json", "-", "what")
        self.assertEqual((code, "--collect writes no" in err), (2, True), err)

    def test_no_folder_is_left(self):
        left = self.at / "tmp"
        left.mkdir()
        self.audit(self.program, env={**os.environ, "TMPDIR": str(left)})
        self.assertEqual(list(left.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
