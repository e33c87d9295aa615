#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Each thing that tools/clauses.py checks is broken once, and has to be seen."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

CHECKER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       "..", "..", "tools", "clauses.py")

HEADER = """\
#ifndef SGZ_H
#define SGZ_H
#ifdef __cplusplus
extern "C" {
#endif
#define SGZ_IS_ERROR(status) ((status) < 0)

struct sgz_thing;

/* Not a doc comment; sgz_nowhere() is nobody's business here. */
struct sgz_source {
	/**
	 * Read.
	 *
	 * Ownership: borrows @data
	 * Lifetime: none
	 * Threads: any
	 * Errors: negated errno,
	 *   see SGZ_IS_ERROR()
	 * Re-entry: may not
	 */
	int (*read)(void *ctx, void *data);
	void *ctx;
};

/**
 * Open.
 *
 * Ownership: transfers the thing to the caller
 * Lifetime: until sgz_close()
 * Threads: any thread
 * Errors: NULL
 */
SGZ_API struct sgz_thing *
sgz_open(const char *path);

/**
 * Close.
 *
 * Ownership: transfers
 * Lifetime: dead
 * Threads: one
 * Errors: none
 */
SGZ_API void
sgz_close(struct sgz_thing *thing);

/**
 * Print.
 *
 * Ownership: borrows
 * Lifetime: none
 * Threads: one
 * Errors: none
 */
SGZ_API int
sgz_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * Halve.
 *
 * Ownership: none
 * Lifetime: none
 * Threads: any
 * Errors: none
 */
static inline int
sgz_half(int n)
{
	if (n < 0) {
		return 0;
	}
	return n / 2;
}
#ifdef __cplusplus
}
#endif
#endif
"""

RUST = """\
/// A thing.
///
/// # Invariants
///
/// `raw` is open.
#[derive(Debug)]
pub struct Thing { raw: *mut u8 }

/// # Safety
///
/// Call it on a Monday.
unsafe fn monday() {}

fn f(list: &[u8]) {
    // SAFETY: sgz_open/Lifetime: it is closed below. /Errors: it is tested.
    let raw = unsafe { sgz_open() };
    // SAFETY: Thing/Invariants: raw is open. sgz_close/Ownership: once.
    #[allow(clippy::all)]
    unsafe {
        sgz_close(raw)
    };
    // SAFETY: std slice::from_raw_parts: the pointer is of a slice.
    let s = call(
        1,
        unsafe { slice(list) },
    );
    // SAFETY: monday/Safety: it is Monday, and sgz_source.read/Re-entry: no.
    let text = "unsafe { not code }"; unsafe { monday() };
    let c = '"'; let life: &'static str = r#"unsafe impl "quoted" "#;
    /* unsafe { /* nested */ not code } */
    match c {
        // SAFETY: libc strlen: it ends in NUL.
        'a' => unsafe { strlen() },
        _ => 0,
    };
}

// SAFETY: sgz_open/Threads: any thread.
unsafe impl Send for Thing {}
unsafe extern "C" { fn sgz_open(); }
unsafe extern "C" fn no_block() {}
"""


class Clauses(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="clauses ")
        self.addCleanup(self.folder.cleanup)

    def check(self, header=HEADER, rust=RUST, place="lessons/01-x/safe.rs",
              options=()):
        root = self.folder.name
        for path, text in (("csrc/include/sgz.h", header), (place, rust)):
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as f:
                f.write(text)
        return subprocess.run(
            [sys.executable, CHECKER, "--root", root, *options],
            capture_output=True, text=True, check=False)

    def passes(self, **files):
        ran = self.check(**files)
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        return ran.stdout

    def fails(self, *expected, **files):
        ran = self.check(**files)
        self.assertEqual(ran.returncode, 1, ran.stdout + ran.stderr)
        self.assertEqual(ran.stderr.splitlines(), list(expected))

    def header_fails(self, old, new, expected):
        self.assertIn(old, HEADER)
        self.fails(expected, header=HEADER.replace(old, new, 1))

    def rust_fails(self, old, new, expected):
        self.assertIn(old, RUST)
        self.fails(expected, rust=RUST.replace(old, new, 1))

    def test_all_is_well(self):
        out = self.passes()
        self.assertIn("5 functions and callbacks with 21 clauses, "
                      "6 unsafe with 7 citations, 0 problems.", out)

    def test_uncited_clauses_are_listed(self):
        out = self.passes()
        self.assertIn("Clauses that no lane and no wrapper cites:", out)
        self.assertRegex(out, r"\n  sgz_source\.read +Ownership, Threads, "
                              r"Errors\n")
        self.assertRegex(out, r"\n  sgz_open +Ownership\n")
        self.assertIn("5 of 14 clauses with a requirement are cited", out)

    def test_a_citation_elsewhere_is_no_lanes(self):
        out = self.passes(place="tests/x.rs")
        self.assertIn("0 of 14 clauses", out)

    # the headers

    def test_missing_heading(self):
        self.header_fails(" * Threads: any thread\n", "",
                          "csrc/include/sgz.h:26: sgz_open lacks the heading "
                          "Threads")

    def test_misspelt_heading(self):
        self.header_fails(" * Threads: any thread\n",
                          " * Thread: any thread\n",
                          "csrc/include/sgz.h:26: sgz_open lacks the heading "
                          "Threads")

    def test_empty_heading(self):
        self.header_fails(" * Lifetime: dead", " * Lifetime:",
                          "csrc/include/sgz.h:37: sgz_close: Lifetime is "
                          "empty")

    def test_heading_twice(self):
        self.header_fails(" * Threads: one\n", " * Threads: one\n"
                          " * Threads: two\n",
                          "csrc/include/sgz.h:37: sgz_close has Threads twice")

    def test_headings_out_of_order(self):
        self.header_fails(" * Ownership: transfers\n * Lifetime: dead\n",
                          " * Lifetime: dead\n * Ownership: transfers\n",
                          "csrc/include/sgz.h:37: sgz_close: its headings are "
                          "not in order")

    def test_no_doc_comment(self):
        self.header_fails("/**\n * Close", "/*\n * Close",
                          "csrc/include/sgz.h:46: sgz_close has no doc "
                          "comment")

    def test_a_comment_is_not_inherited(self):
        self.header_fails("/**\n * Halve.",
                          "SGZ_API int\nsgz_more(void);\n\n/**\n * Halve.",
                          "csrc/include/sgz.h:60: sgz_more has no doc comment")

    def test_inline_function(self):
        self.header_fails(" * Threads: any\n * Errors: none\n */\nstatic",
                          " * Threads: any\n */\nstatic",
                          "csrc/include/sgz.h:59: sgz_half lacks the heading "
                          "Errors")

    def test_callback_needs_re_entry(self):
        self.header_fails("\t * Re-entry: may not\n", "",
                          "csrc/include/sgz.h:12: sgz_source.read lacks the "
                          "heading Re-entry")

    def test_function_has_no_re_entry(self):
        self.header_fails(" * Errors: NULL\n",
                          " * Errors: NULL\n * Re-entry: none\n",
                          "csrc/include/sgz.h:26: sgz_open is not a callback, "
                          "but has the heading Re-entry")

    def test_callback_type(self):
        self.header_fails("/**\n * Open.",
                          "typedef void (*sgz_hook)(void *ctx);\n\n/**\n"
                          " * Open.",
                          "csrc/include/sgz.h:26: sgz_hook has no doc comment")

    def test_mention_of_nothing(self):
        self.header_fails("until sgz_close()", "until sgz_clsoe()",
                          "csrc/include/sgz.h:30: sgz_clsoe() is mentioned, "
                          "but there is no such function")

    def test_library_that_is_written_in_rust(self):
        path = os.path.join(self.folder.name, "exports/a/include/a.h")
        os.makedirs(os.path.dirname(path))
        with open(path, "w", encoding="utf-8") as f:
            f.write("/**\n * Add.\n *\n * Ownership: none\n"
                    " * Lifetime: none\n * Threads: any thread; sgza_sub()\n"
                    " */\nint sgza_add(int a);\n")
        self.fails("exports/a/include/a.h:1: sgza_add lacks the heading "
                   "Errors",
                   "exports/a/include/a.h:6: sgza_sub() is mentioned, but "
                   "there is no such function",
                   "exports/a/src/lib.rs:17: sgza_sub/Ownership: the headers "
                   "have no function sgza_sub",
                   place="exports/a/src/lib.rs",
                   rust=RUST.replace("sgz_close/Ownership",
                                     "sgza_sub/Ownership"))

    # the Rust

    def test_no_comment(self):
        self.rust_fails("    // SAFETY: monday/Safety: it is Monday, and "
                        "sgz_source.read/Re-entry: no.\n", "",
                        "lessons/01-x/safe.rs:27: this unsafe block has no "
                        "SAFETY comment above it")

    def test_no_comment_on_impl(self):
        self.rust_fails("// SAFETY: sgz_open/Threads: any thread.\n", "\n",
                        "lessons/01-x/safe.rs:39: this unsafe impl has no "
                        "SAFETY comment above it")

    def test_blank_line_between(self):
        self.rust_fails("/Errors: it is tested.\n",
                        "/Errors: it is tested.\n\n",
                        "lessons/01-x/safe.rs:17: this unsafe block has no "
                        "SAFETY comment above it")

    def test_other_statement_between(self):
        self.rust_fails("    let raw = unsafe",
                        "    let n = 1;\n    let raw = unsafe",
                        "lessons/01-x/safe.rs:17: this unsafe block has no "
                        "SAFETY comment above it")

    def test_next_match_arm(self):
        self.rust_fails("        _ => 0,", "        _ => unsafe { zero() },",
                        "lessons/01-x/safe.rs:34: this unsafe block has no "
                        "SAFETY comment above it")

    def test_cites_nothing(self):
        self.rust_fails("// SAFETY: std slice::from_raw_parts: the pointer",
                        "// SAFETY: trust me, the pointer",
                        "lessons/01-x/safe.rs:22: this SAFETY comment cites "
                        "no clause: start with name/Heading: or std path:")

    def test_no_such_function(self):
        self.fails("lessons/01-x/safe.rs:15: sgz_opne/Lifetime: the headers "
                   "have no function sgz_opne",
                   "lessons/01-x/safe.rs:15: sgz_opne/Errors: the headers "
                   "have no function sgz_opne",
                   rust=RUST.replace("sgz_open/Lifetime",
                                     "sgz_opne/Lifetime"))

    def test_no_such_heading(self):
        self.rust_fails("sgz_close/Ownership", "sgz_close/Owner",
                        "lessons/01-x/safe.rs:17: sgz_close/Owner: sgz_close "
                        "has no heading Owner")

    def test_no_such_further_heading(self):
        self.rust_fails("/Errors: it is tested", "/Error: it is tested",
                        "lessons/01-x/safe.rs:15: sgz_open/Error: sgz_open "
                        "has no heading Error")

    def test_re_entry_of_a_function(self):
        self.rust_fails("sgz_close/Ownership", "sgz_close/Re-entry",
                        "lessons/01-x/safe.rs:17: sgz_close/Re-entry: "
                        "sgz_close has no heading Re-entry")

    def test_struct_without_member(self):
        self.rust_fails("sgz_source.read/Re-entry", "sgz_source/Re-entry",
                        "lessons/01-x/safe.rs:27: sgz_source/Re-entry: the "
                        "headers have no function sgz_source (name its "
                        "member)")

    def test_none_is_for_planted_faults(self):
        rust = RUST.replace("std slice::from_raw_parts: the", "none: the")
        self.fails("lessons/01-x/safe.rs:22: this SAFETY comment cites "
                   "no clause: start with name/Heading: or std path:",
                   rust=rust)
        os.remove(os.path.join(self.folder.name, "lessons/01-x/safe.rs"))
        self.passes(rust=rust, place="tests/faults/fault.rs")

    def test_no_such_header(self):
        self.rust_fails("// SAFETY: libc strlen: it", "// SAFETY: lain.h: it",
                        "lessons/01-x/safe.rs:32: lain.h: the project has no "
                        "such header")

    def test_the_helper_of_a_lesson_is_a_header(self):
        rust = RUST.replace("// SAFETY: libc strlen: it",
                            "// SAFETY: helper.h: it", 1)
        self.fails("lessons/01-x/safe.rs:32: helper.h: the project has no "
                   "such header", rust=rust)
        os.makedirs(os.path.join(self.folder.name, "lessons/01-x"),
                    exist_ok=True)
        with open(os.path.join(self.folder.name, "lessons/01-x/helper.h"),
                  "w", encoding="utf-8") as f:
            f.write("")
        self.passes(rust=rust)

    def test_no_such_invariants(self):
        self.rust_fails("SAFETY: Thing/Invariants", "SAFETY: Thong/Invariants",
                        "lessons/01-x/safe.rs:17: Thong/Invariants: nothing "
                        "of that name has a section # Invariants")

    def test_no_such_safety_section(self):
        self.rust_fails("/// # Safety\n", "/// # Safe\n",
                        "lessons/01-x/safe.rs:27: monday/Safety: nothing of "
                        "that name has a section # Safety")

    # the command

    def test_generated_code_is_not_ours(self):
        self.passes(rust="/* automatically generated by rust-bindgen 0.73 */\n"
                         "fn f() { unsafe { g() } }\n")

    def test_json(self):
        out = os.path.join(self.folder.name, "out.json")
        ran = self.check(rust=RUST.replace("sgz_close/Ownership",
                                           "sgz_close/Owner"),
                         options=("--json", out))
        self.assertEqual(ran.returncode, 1)
        with open(out, encoding="utf-8") as f:
            report = json.load(f)
        self.assertEqual(len(report["clauses"]), 21)
        cited = {(c["function"], c["heading"]): c["cited"]
                 for c in report["clauses"]}
        self.assertEqual(cited["sgz_open", "Lifetime"],
                         {"lanes": 1, "wrapper": 0, "other": 0})
        self.assertEqual([p["line"] for p in report["problems"]], [17])

    def test_nothing_to_check(self):
        ran = subprocess.run(
            [sys.executable, CHECKER, "--root", self.folder.name],
            capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 2)
        self.assertIn("no function in", ran.stderr)


if __name__ == "__main__":
    unittest.main()
