// SPDX-License-Identifier: MIT OR Apache-2.0
//! As Cargo calls it, in a crate's folder and beneath it.

use std::fs;
use std::path::Path;

#[path = "../../bindings/drift/tests/common/mod.rs"]
mod common;
use common::libclang;

fn run(dir: &Path, words: &[&str]) -> (i32, String, String) {
    let program = env!("CARGO_BIN_EXE_cargo-ferrule");
    let ran = common::run(program, dir, words);
    (ran.code, ran.out, ran.err)
}

/// A workspace of two packages: one declares a library, one does not.
fn workspace() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let package = |name: &str| {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"1.0.0\"\n\
             edition = \"2021\"\n[features]\nmore = []\n"
        )
    };
    let (thing, other) = (package("thing-sys"), package("other"));
    for (name, text) in [
        ("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n"),
        ("a/Cargo.toml", &*thing),
        (
            "a/src/lib.rs",
            "extern \"C\" { pub fn f(a: i32) -> i32; }\n\
             #[cfg(feature = \"more\")] \
             extern \"C\" { pub fn g(a: i64) -> i32; }",
        ),
        ("a/thing.h", "int f(int a); int g(int a);"),
        (
            "a/drift.toml",
            "headers = [\"thing.h\"]\npartial = true\ncflags = [\"-I.\"]\n",
        ),
        ("b/Cargo.toml", &*other),
        ("b/src/lib.rs", ""),
    ] {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

#[test]
fn it_checks_the_package_of_the_current_folder() {
    if libclang().is_none() {
        println!("not run: no libclang");
        return;
    }
    let dir = workspace();
    let a = dir.path().join("a");
    let flags = format!("-I{}", a.display());
    for (folder, more, code, word) in [
        ("a", &[][..], 0, "1 of 2 items checked"),
        ("a/src", &[], 0, "1 of 2 items checked"),
        ("a", &["--features", "more"], 1, "breaks: g: parameter 1"),
        ("a", &["-F", "more"], 1, "breaks: g: parameter 1"),
        ("a", &["--all-features"], 1, "breaks: g: parameter 1"),
        ("b", &["-p", "thing-sys"], 0, "1 of 2 items checked"),
        ("", &["-p", "thing-sys"], 0, "1 of 2 items checked"),
        (
            "b",
            &["--manifest-path", "../a/Cargo.toml"],
            0,
            "1 of 2 items checked",
        ),
        ("b", &[], 2, "which headers does it bind?"),
        ("", &[], 2, "the workspace has 2 packages"),
        ("a", &["--nonsense"], 2, "there is no option --nonsense"),
        ("a", &["--features", "gone"], 2, "cargo check failed"),
    ] {
        let folder = dir.path().join(folder);
        let words = ["ferrule", "drift", "--cflags", &flags];
        let words = [&words[..], more].concat();
        let (got, out, err) = run(&folder, &words);
        assert_eq!(got, code, "{words:?}: {out}{err}");
        assert!(
            out.contains(word) || err.contains(word),
            "{words:?}: no {word:?} in\n{out}{err}"
        );
    }
}

#[test]
fn it_says_what_it_is_for() {
    let dir = tempfile::tempdir().unwrap();
    for (words, code, word) in [
        (
            &["ferrule", "--help"][..],
            0,
            "Usage: cargo ferrule COMMAND",
        ),
        (&["ferrule"], 2, "Usage: cargo ferrule COMMAND"),
        (&["--version"], 0, "cargo-ferrule "),
        (
            &["ferrule", "drift", "--help"],
            0,
            "Usage: cargo ferrule drift",
        ),
        (&["drift", "--version"], 0, "cargo ferrule drift "),
        (&["ferrule", "drift"], 2, "there is no Cargo.toml here"),
        (&["ferrule", "nothing"], 2, "there is no command nothing"),
    ] {
        let (got, out, err) = run(dir.path(), words);
        assert_eq!(got, code, "{words:?}: {out}{err}");
        let said = if code == 0 { &out } else { &err };
        assert!(said.contains(word), "{words:?}: no {word:?} in\n{out}{err}");
    }
}
