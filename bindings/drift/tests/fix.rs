// SPDX-License-Identifier: MIT OR Apache-2.0
//! `--fix`: what it corrects and how, and what it leaves alone.
//!
//! Without libclang there is nothing to run.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

mod common;
use common::{Ran, libclang};

const HEADER: &str = r#"
#include <stddef.h>
#include <stdint.h>
#define N 0x20
#define NAME "abc"
#define MINUS -3
struct point { int x; uint16_t y; const char *name; int (*cb)(void *, size_t); };
typedef int (*sign_cb)(void *a, const char *b);
int f(const struct point *p, size_t n, unsigned char *buf);
void g(sign_cb cb);
"#;

const WRONG: &str = r#"
use std::os::raw::{c_char, c_int, c_uchar, c_void};

pub const N: c_int = 3; // a comment
pub const NAME: &std::ffi::CStr = c"abd";
pub const MINUS: u32 = 3;

/// A point.
#[repr(C)]
pub struct point {
    // about x
    pub x: u8, // trailing x
    pub cb: unsafe extern "C" fn(*mut c_void, u32),
    /// About y.
    pub y: u32
}
pub type sign_cb = extern "C" fn(a: *mut c_void, b: *mut c_char);

extern "C" {
    /// Docs.
    pub fn f(p: *mut point,
             n: u32, /* n */
             buf: *mut c_uchar);
    pub fn g(cb: sign_cb);
}
"#;

const RIGHT: &str = r#"
use std::os::raw::{c_char, c_int, c_uchar, c_void};

pub const N: c_int = 0x20; // a comment
pub const NAME: &std::ffi::CStr = c"abc";
pub const MINUS: c_int = -3;

/// A point.
#[repr(C)]
pub struct point {
    // about x
    pub x: c_int, // trailing x
    /// About y.
    pub y: u16,
    pub name: *const c_char,
    pub cb: Option<unsafe extern "C" fn(*mut c_void, usize) -> c_int>,
}
pub type sign_cb = extern "C" fn(a: *mut c_void, b: *const c_char) -> c_int;

extern "C" {
    /// Docs.
    pub fn f(p: *const point,
             n: usize, /* n */
             buf: *mut c_uchar) -> c_int;
    pub fn g(cb: sign_cb);
}
"#;

fn write(dir: &Path, header: &str, rust: &str) {
    fs::create_dir_all(dir.join("src")).unwrap();
    fs::write(dir.join("x.h"), header).unwrap();
    fs::write(dir.join("src/x.rs"), rust).unwrap();
}

/// Run it on the two files of `dir`.
fn run(dir: &Path, more: &[&str]) -> Ran {
    let files = ["--header", "x.h", "--rust", "src/x.rs"];
    let words = files.iter().chain(more);
    common::run(env!("CARGO_BIN_EXE_ferrule-drift"), dir, words)
}

#[test]
fn a_diff_is_shown_that_patch_and_git_take() {
    if libclang().is_none() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), HEADER, WRONG);
    let ran = run(dir.path(), &["--fix"]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains(" 0 not"), "{}", ran.err);
    let now = fs::read_to_string(dir.path().join("src/x.rs")).unwrap();
    assert_eq!(now, WRONG, "written without being told to");
    for (name, words) in [
        ("patch", &["-p0", "-i", "../x.diff"][..]),
        ("git", &["apply", "../x.diff"]),
    ] {
        fs::write(dir.path().join("x.diff"), &ran.out).unwrap();
        let copy = dir.path().join(name);
        write(&copy, HEADER, WRONG);
        let done = Command::new(name)
            .args(words)
            .env("GIT_CEILING_DIRECTORIES", dir.path())
            .current_dir(&copy)
            .output();
        let Ok(done) = done else {
            println!("not run: {name} is not there");
            continue;
        };
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{name}: {said}");
        let now = fs::read_to_string(copy.join("src/x.rs")).unwrap();
        assert_eq!(now, RIGHT, "{name}");
    }
}

#[test]
fn a_file_is_written_when_told_and_keeps_its_mode() {
    if libclang().is_none() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), HEADER, WRONG);
    let file = dir.path().join("src/x.rs");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let ran = run(dir.path(), &["--fix=write"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(ran.out, "");
    assert_eq!(fs::read_to_string(&file).unwrap(), RIGHT);
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    let left = fs::read_dir(dir.path().join("src")).unwrap().count();
    assert_eq!(left, 1, "something else was left there");
    let again = run(dir.path(), &[]);
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);
    // Nothing to do is no failure.
    let again = run(dir.path(), &["--fix"]);
    assert_eq!((again.code, &*again.out), (0, ""), "{}", again.err);
}

#[test]
fn what_is_not_mechanical_is_left_and_listed() {
    if libclang().is_none() {
        return;
    }
    for (header, rust, why) in [
        (
            "int f(int a, int b);",
            "extern \"C\" { fn f(a: i32) -> i32; }",
            "the number of parameters",
        ),
        (
            "int f(int a);",
            "extern \"C\" { fn f(a: i32) -> i32; fn g(); }",
            "is for a person to say",
        ),
        (
            "int f(int a); int g(void);",
            "extern \"C\" { fn f(a: i32) -> i32; }",
            "is for a person to say",
        ),
        (
            "int f(int a);",
            "extern \"win64\" { fn f(a: i32) -> i32; }",
            "how it is called",
        ),
        (
            "struct s { int a; }; void f(struct s *s);",
            "#[repr(C)] pub struct s { pub a: i32, pub b: i32 }\nextern \"C\" { fn f(s: *mut s); }",
            "whether it goes",
        ),
        (
            "struct t; void f(struct t *t);",
            "extern \"C\" { fn f(t: i32); }",
            "Rust has no type for struct t",
        ),
        (
            "long double f(void);",
            "extern \"C\" { fn f() -> f64; }",
            "Rust has no long double",
        ),
        // What a macro makes is no text of its own.
        (
            "int f(int a); long g(long a);",
            "macro_rules! m { ($n:ident) => { extern \"C\" { fn $n(a: i32) -> i32; } } }\nm!(f); m!(g);",
            "a macro makes it",
        ),
        (
            "struct s { int a : 3; int b : 5; int c; };",
            "#[repr(C)] pub struct s { pub c: i32 }",
            "not corrected",
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), header, rust);
        let ran = run(dir.path(), &["--fix=write"]);
        assert_eq!(ran.code, 1, "{rust}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains(why), "{rust}: no {why:?} in\n{}", ran.err);
        let now = fs::read_to_string(dir.path().join("src/x.rs")).unwrap();
        assert_eq!(now, rust, "changed, and not right");
    }
}

#[test]
fn a_struct_that_names_itself_goes_on_doing_so() {
    if libclang().is_none() {
        return;
    }
    let rust = "#[repr(C)]\npub struct n<'a> {\n    pub next: *const Self,\n    \
                pub v: i64,\n    of: core::marker::PhantomData<&'a u8>,\n}\n";
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "struct n { struct n *next; int v; };", rust);
    let ran = run(dir.path(), &["--fix=write"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let now = fs::read_to_string(dir.path().join("src/x.rs")).unwrap();
    let right = rust.replace("*const Self", "*mut Self");
    assert_eq!(now, right.replace("i64", "core::ffi::c_int"));
}

#[test]
fn names_are_those_of_the_file() {
    if libclang().is_none() {
        return;
    }
    for (header, wrong, right) in [
        // As it is imported.
        (
            "int f(void);",
            "use libc::c_int; extern \"C\" { fn f() -> i64; fn g(a: c_int); }",
            "fn f() -> c_int;",
        ),
        (
            "int f(void);",
            "use std::os::raw::*; extern \"C\" { fn f() -> i64; }",
            "fn f() -> c_int;",
        ),
        // By its whole name, where nothing is imported.
        (
            "int f(void);",
            "extern \"C\" { fn f() -> i64; }",
            "fn f() -> core::ffi::c_int;",
        ),
        // As it is written elsewhere.
        (
            "int f(void); int h(int a);",
            "extern \"C\" { fn f() -> i64; fn h(a: libc::c_int) -> libc::c_int; }",
            "fn f() -> libc::c_int;",
        ),
        // Another module's import is none of this one: its path is.
        (
            "int f(void);",
            "mod a { use libc::c_int; } mod b { extern \"C\" { pub fn f() -> i64; } }",
            "fn f() -> libc::c_int;",
        ),
        // The crate's own name for it.
        (
            "typedef unsigned int uInt; uInt f(void);",
            "pub type uInt = u32; extern \"C\" { fn f() -> u64; }",
            "fn f() -> uInt;",
        ),
        (
            "enum e { A = -1 }; enum e f(void);",
            "#[repr(transparent)] pub struct e(pub i32); impl e { pub const A: Self = Self(-1); } extern \"C\" { fn f() -> u64; }",
            "fn f() -> e;",
        ),
        (
            "struct s { int a, type; };",
            "#[repr(C)] pub struct s { pub a: i32 }",
            "r#type: core::ffi::c_int",
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), header, wrong);
        let ran = run(dir.path(), &["--partial", "--fix=write"]);
        let now = fs::read_to_string(dir.path().join("src/x.rs")).unwrap();
        assert!(now.contains(right), "no {right:?} in {now}{}", ran.err);
    }
}

#[test]
fn it_goes_with_no_other_output() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), HEADER, WRONG);
    for (words, why) in [
        (&["--fix", "--json"][..], "--fix goes with no"),
        (&["--fix", "--exports"], "--fix goes with no"),
        (&["--fix=all"], "--fix, or --fix=write"),
    ] {
        let ran = run(dir.path(), words);
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains(why), "{}", ran.err);
    }
}
