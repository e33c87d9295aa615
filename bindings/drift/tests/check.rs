// SPDX-License-Identifier: MIT OR Apache-2.0
//! The check as a test calls it.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;
use std::sync::Once;

use ferrule_drift::{Check, Error, Level};

#[path = "common/libclang.rs"]
mod common;

/// Whether there is a libclang; from here on this process finds it.
fn libclang() -> bool {
    static LIBCLANG: Once = Once::new();
    let path = common::libclang();
    LIBCLANG.call_once(|| {
        if let Some(path) = &path {
            // SAFETY: std env::set_var: each test here waits for this, and
            // nothing has read the environment before.
            unsafe { std::env::set_var("LIBCLANG_PATH", path) };
        }
    });
    path.is_some()
}

fn write(dir: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// What a test fails with.
fn message(check: &Check) -> String {
    let check = check.clone();
    let failed = catch_unwind(move || check.assert_equal());
    match failed {
        Ok(()) => String::new(),
        Err(what) => *what.downcast::<String>().unwrap(),
    }
}

#[test]
fn a_crate_is_one_line() {
    if !libclang() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let manifest = "[package]\nname = \"thing-sys\"\nversion = \"1.2.3\"\n\
                    edition = \"2021\"\n[features]\nmore = []\n[workspace]\n";
    let rust = "extern \"C\" { pub fn f(a: i32) -> i32; }\n\
                #[cfg(feature = \"more\")] \
                extern \"C\" { pub fn g(a: i64) -> i32; }";
    write(
        dir.path(),
        &[
            ("Cargo.toml", manifest),
            ("src/lib.rs", rust),
            ("thing.h", "int f(int a); int g(int a);"),
            ("drift.toml", "headers = [\"thing.h\"]\npartial = true\n"),
        ],
    );
    let flag = format!("-I{}", dir.path().display());
    let check = Check::package(dir.path()).cflag(&flag);
    check.assert_equal();
    Check::package(dir.path().join("Cargo.toml"))
        .cflag(&flag)
        .assert_equal();
    let said = message(&check.clone().feature("more"));
    for word in [
        "Rust and C differ",
        "thing-sys 1.2.3 with ",
        "breaks: g: parameter 1 `a`: i64 in Rust, int in C",
        "1 that breaks",
    ] {
        assert!(said.contains(word), "no {word:?} in\n{said}");
    }
    let said = message(&check.clone().strict());
    assert!(said.contains("g: it is behind cfg"), "{said}");
    let said = message(&check.feature("gone"));
    assert!(
        said.contains("the drift check could not run: cargo"),
        "{said}"
    );
}

#[test]
fn a_header_and_a_file_are_one_line() {
    if !libclang() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let rust = "extern \"C\" { pub fn f(a: *mut i32) -> i32; }";
    write(
        dir.path(),
        &[("x.h", "int f(const int *a); int g(void);"), ("x.rs", rust)],
    );
    let check = Check::files(at("x.h"), at("x.rs"));
    assert!(message(&check).contains("letter: g: a function that Rust lacks"));
    let partial = check.clone().partial();
    let said = message(&partial);
    assert!(
        said.contains("letter: f: parameter 1 `a`: *mut i32"),
        "{said}"
    );
    partial.level(Level::Breaks).assert_equal();
    let checked = check.run().unwrap();
    assert!(!checked.is_equal());
    assert_eq!(checked.report.items(), 1);
    assert!(checked.judged.is_empty());
}

#[test]
fn what_cannot_be_checked_is_an_error() {
    if !libclang() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    write(dir.path(), &[("x.h", "int f(int a);"), ("x.rs", "")]);
    let nothing = Check::files(at("x.h"), at("x.rs")).partial();
    assert!(matches!(nothing.run(), Err(Error::Nothing(0))));
    assert!(message(&nothing).contains("nothing was checked"));
    let gone = Check::files(at("y.h"), at("x.rs")).run();
    assert!(matches!(gone, Err(Error::NoFile(_))));
    let gone = Check::files(at("x.h"), at("y.rs")).run();
    assert!(matches!(gone, Err(Error::Read(..))));
    let both = Check::package(dir.path()).rust(at("x.rs")).run();
    assert!(matches!(both, Err(Error::Package(_))));
    let gone = Check::package(dir.path()).run();
    assert!(matches!(gone, Err(Error::NoFile(_))));
}
