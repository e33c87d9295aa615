// SPDX-License-Identifier: MIT OR Apache-2.0
//! A crate that Cargo builds: what its build script says is taken.

use std::fs;
use std::path::Path;

mod common;
use common::libclang;

const MANIFEST: &str = "\
[package]
name = \"thing-sys\"
version = \"1.2.3\"
edition = \"2021\"
links = \"thing\"
[features]
default = [\"more\"]
more = []
[workspace]
";

/// It has a folder of headers, a cfg, and a file of declarations.
const BUILD: &str = r#"
fn main() {
    let out = std::env::var("OUT_DIR").unwrap();
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    std::fs::write(
        format!("{out}/made.rs"),
        "extern \"C\" { pub fn made(a: i64) -> i32; }",
    )
    .unwrap();
    println!("cargo:include={here}/vendor");
    println!("cargo:rustc-cfg=has_extra");
    println!("cargo::rustc-check-cfg=cfg(has_extra)");
}
"#;

const LIB: &str = r#"
include!(concat!(env!("OUT_DIR"), "/made.rs"));
#[cfg(has_extra)]
extern "C" { pub fn extra(a: i64) -> i32; }
#[cfg(feature = "more")]
extern "C" { pub fn more(a: i64) -> i32; }
"#;

const HEADER: &str = "int made(int); int extra(int); int more(int);";

/// The crate, with files of it replaced.
fn write(dir: &Path, changed: &[(&str, &str)]) {
    let files = [
        ("Cargo.toml", MANIFEST),
        ("build.rs", BUILD),
        ("src/lib.rs", LIB),
        ("vendor/thing.h", HEADER),
        ("drift.toml", "headers = [\"thing.h\"]\npartial = true\n"),
    ];
    for (name, text) in files.iter().chain(changed) {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn run(dir: &Path, more: &[&str]) -> (i32, String, String) {
    let words = ["--manifest-path", "Cargo.toml"];
    let words = words.iter().chain(more);
    let ran = common::run(env!("CARGO_BIN_EXE_ferrule-drift"), dir, words);
    (ran.code, ran.out, ran.err)
}

#[test]
fn what_cargo_knows_is_taken() {
    if libclang().is_none() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[]);
    let (code, out, err) = run(dir.path(), &[]);
    assert_eq!(code, 1, "{out}{err}");
    for item in ["made", "extra", "more"] {
        let words = format!("breaks: {item}: parameter 1 `a`: i64 in Rust");
        assert!(out.contains(&words), "no {words:?} in\n{out}{err}");
    }
    assert!(err.contains("thing-sys 1.2.3 with "), "{err}");
    assert!(err.contains("vendor/thing.h"), "{err}");
    // Nothing is written but what Cargo writes.
    let names = fs::read_dir(dir.path()).unwrap().flatten();
    let mut names: Vec<_> = names.map(|one| one.file_name()).collect();
    names.sort();
    let known = [
        "Cargo.lock",
        "Cargo.toml",
        "build.rs",
        "drift.toml",
        "src",
        "target",
        "vendor",
    ];
    assert_eq!(names, known);
    let without = run(dir.path(), &["--no-default-features"]);
    assert!(
        without.1.contains("more: it is behind cfg"),
        "{}",
        without.1
    );
    let right = LIB.replace("i64", "i32");
    let build = BUILD.replace("i64", "i32");
    write(dir.path(), &[("src/lib.rs", &right), ("build.rs", &build)]);
    let (code, out, err) = run(dir.path(), &[]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("3 of 3 items checked"), "{out}");
}

#[test]
fn what_only_a_person_knows_is_taken() {
    if libclang().is_none() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let text = "headers = [\"other.h\"]\ninclude = [\"more\"]\n\
                libraries = [\"./more/gone.so\"]\npartial = true\n";
    let other = ("more/other.h", HEADER);
    write(dir.path(), &[("drift.toml", text), other]);
    let (code, _, err) = run(dir.path(), &[]);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("more/gone.so"), "{err}");
    let text = text.replace("libraries", "# libraries");
    write(dir.path(), &[("drift.toml", &text), other]);
    let (code, out, err) = run(dir.path(), &["--allow-lines"]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(err.contains("more/other.h"), "{err}");
    // What is printed can be pasted, but for the reason.
    let allowed = format!("{text}{out}");
    write(dir.path(), &[("drift.toml", &allowed), other]);
    let (code, out, err) = run(dir.path(), &[]);
    assert_eq!(code, 2, "{out}{err}");
    assert!(err.contains("say the reason"), "{err}");
    let allowed = allowed.replace("REASON", "so it is");
    write(dir.path(), &[("drift.toml", &allowed), other]);
    let (code, out, err) = run(dir.path(), &[]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("3 allowed"), "{out}");
}

#[test]
fn what_is_missing_is_said() {
    if libclang().is_none() {
        return;
    }
    let own = "fn main() { let out = std::env::var(\"OUT_DIR\").unwrap(); \
               std::fs::write(format!(\"{out}/libthing.a\"), \"\").unwrap(); \
               println!(\"cargo:rustc-link-search=native={out}\"); \
               println!(\"cargo:rustc-link-lib=static=thing\"); \
               std::fs::write(format!(\"{out}/made.rs\"), \"\").unwrap(); }";
    let member = "[package]\nname = \"other\"\nversion = \"1.0.0\"\n";
    let two = "[workspace]\nmembers = [\"other\", \"third\"]\n";
    let third = "[package]\nname = \"third\"\nversion = \"1.0.0\"\n";
    for (changed, more, word) in [
        (
            &[("drift.toml", "")][..],
            &[][..],
            "which headers does it bind?",
        ),
        // It is said before anything is built.
        (
            &[
                ("drift.toml", ""),
                ("build.rs", "fn main() { panic!(\"no\") }"),
            ],
            &[],
            "which headers does it bind?",
        ),
        (&[("drift.toml", "header = 1")], &[], "header: no such key"),
        (&[("drift.toml", "headers = 1")], &[], "headers: no list"),
        (&[], &["--header", "gone.h"], "does not find gone.h"),
        (&[], &["--package", "gone"], "there is no package gone"),
        (&[], &["--config", "gone.toml"], "gone.toml: "),
        (&[], &["--rust", "x.rs"], "not both"),
        (&[("src/lib.rs", "fn f( {")], &[], "cargo check failed"),
        (
            &[("build.rs", "fn main() { panic!(\"no\") }")],
            &[],
            "cargo check",
        ),
        (
            &[("build.rs", own), ("drift.toml", "headers = [\"stdio.h\"]")],
            &[],
            "belongs to another copy of it",
        ),
        (
            &[
                ("Cargo.toml", two),
                ("other/Cargo.toml", member),
                ("other/src/lib.rs", ""),
                ("third/Cargo.toml", third),
                ("third/src/lib.rs", ""),
            ],
            &[],
            "the workspace has 2 packages",
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), changed);
        let (code, out, err) = run(dir.path(), more);
        assert_eq!(code, 2, "{word}: {out}{err}");
        assert!(err.contains(word), "no {word:?} in\n{err}");
    }
}
