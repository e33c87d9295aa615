// SPDX-License-Identifier: MIT OR Apache-2.0
//! Programs that must not compile: the files of `tests/misuse` in the crate
//! whose test this is.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Set for the process that compiles copies, without the expected words.
const COPIES: &str = "SGZ_MISUSE_COPIES";

/// Where `sgz-link` looks for libsgz before it builds it.
const LIBRARY: &str = "SGZ_LIB_DIR";

/// Where `sgz-link` had libsgz built for this test, if it had: `trybuild`
/// compiles `sgz-link` in a folder of its own, where it would build it again.
fn library() -> Option<PathBuf> {
    let program = env::current_exe().ok()?;
    let built = program.parent()?.parent()?.join("build").read_dir().ok()?;
    let found = built.flatten().filter_map(|entry| {
        let folder = entry.path().join("out/meson/csrc");
        let archive = fs::metadata(folder.join("libsgz.a")).ok()?;
        Some((archive.modified().ok()?, folder))
    });
    found.max().map(|(_, folder)| folder)
}

/// Each is refused: in the words beside it, if `recorded` is the version of the
/// compiler in use, else in whatever words.
pub fn misuse_does_not_compile(recorded: &str) {
    if let (None, Some(dir)) = (env::var_os(LIBRARY), library()) {
        // SAFETY: std env::set_var: this is the only test of its program, and
        // nothing in it is C.
        unsafe { env::set_var(LIBRARY, dir) };
    }
    if let Ok(copies) = env::var(COPIES) {
        trybuild::TestCases::new().compile_fail(format!("{copies}/*.rs"));
    } else if words_are_of_this_compiler(recorded.trim()) {
        trybuild::TestCases::new().compile_fail("tests/misuse/*.rs");
    } else {
        refused_in_whatever_words();
    }
}

fn words_are_of_this_compiler(recorded: &str) -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let running = Command::new(rustc).arg("--version").output();
    running.is_ok_and(|out| {
        let running = String::from_utf8_lossy(&out.stdout);
        println!("expected words of {recorded}; this is {running}");
        running.trim() == recorded
    })
}

/// Without expected words beside it, `trybuild` asks only that a file does
/// not compile, and writes down the words: to a copy, not here.
fn refused_in_whatever_words() {
    let copies = tempfile::tempdir().expect("a place for copies");
    for entry in fs::read_dir("tests/misuse").expect("the files") {
        let path = entry.expect("a file").path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            copy_to(copies.path(), &path);
        }
    }
    let status = Command::new(env::current_exe().expect("this test"))
        .env(COPIES, copies.path())
        .env("TRYBUILD", "overwrite")
        .status();
    assert!(status.expect("runs").success(), "one of them compiles");
}

fn copy_to(folder: &Path, file: &Path) {
    let name = file.file_name().expect("a file's path");
    fs::copy(file, folder.join(name)).expect("copies");
}
