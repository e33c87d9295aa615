// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo ferrule audit` on a small package, whose C is the system's libc.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

const MANIFEST: &str = "\
[package]
name = \"small\"
version = \"1.0.0\"
edition = \"2021\"
[features]
wrong = []
fails = []
dies = []
# The audit has to put this right.
[profile.release]
lto = true
strip = true
";

/// With the feature, Rust frees what C allocated; without it, C does. Both
/// test programs and the program do the same.
const LIBRARY: &str = "\
use std::ffi::{c_char, c_void, CStr};
extern \"C\" {
    fn strdup(text: *const c_char) -> *mut c_char;
    fn free(block: *mut c_void);
}
/// ```
/// assert_eq!(small::copied(), 5);
/// ```
#[inline(never)]
pub fn copied() -> usize {
    let text = unsafe { strdup(c\"hello\".as_ptr()) };
    let len = unsafe { CStr::from_ptr(text) }.to_bytes().len();
    give_back(text);
    len
}
#[inline(never)]
fn give_back(text: *mut c_char) {
    if cfg!(feature = \"wrong\") {
        drop(unsafe { std::ffi::CString::from_raw(text) });
    } else {
        unsafe { free(text.cast()) };
    }
}
#[test]
fn inside() {
    assert_eq!(copied(), if cfg!(feature = \"fails\") { 6 } else { 5 });
}
";
const TEST: &str = "\
#[test]
fn outside() {
    assert_eq!(small::copied(), 5);
    if cfg!(feature = \"dies\") {
        std::process::abort();
    }
}
";
const PROGRAM: &str = "\
fn main() {
    println!(\"{}\", small::copied());
    let word = std::env::args().nth(1).unwrap_or(\"0\".into());
    if word == \"wait\" {
        std::thread::sleep(std::time::Duration::MAX);
    }
    std::process::exit(word.parse().unwrap());
}
";

fn package() -> tempfile::TempDir {
    // A space in the path is no hindrance.
    let dir = tempfile::Builder::new().prefix("a b").tempdir().unwrap();
    for (name, text) in [
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", LIBRARY),
        ("src/main.rs", PROGRAM),
        ("tests/outside.rs", TEST),
    ] {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

/// What came of a run: its exit code, and what it printed.
struct Ran(i32, String, String);

fn audit(dir: &Path, words: &[&str], environment: &[(&str, &str)]) -> Ran {
    let done = Command::new(env!("CARGO_BIN_EXE_cargo-ferrule"))
        .args(["ferrule", "audit"])
        .args(words)
        .current_dir(dir)
        .env_remove("CARGO_TARGET_DIR")
        .env("CARGO_NET_OFFLINE", "true")
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = done.status.code().unwrap_or(-1);
    Ran(code, text(&done.stdout), text(&done.stderr))
}

/// Whether this build has the audit; it says why not.
fn is_here(dir: &Path) -> bool {
    let Ran(_, _, said) = audit(dir, &["test", "--target=none"], &[]);
    if said.contains("was built without it") {
        println!("not run: {said}");
        return false;
    }
    true
}

fn report(dir: &Path) -> serde_json::Value {
    let text = fs::read(dir.join("report.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

fn said(ran: &Ran, words: &[&str]) {
    for word in words {
        assert!(ran.2.contains(word), "no {word:?} in\n{}{}", ran.1, ran.2);
    }
}

#[test]
fn what_is_right_is_clean() {
    let dir = package();
    if !is_here(dir.path()) {
        return;
    }
    let ran = audit(dir.path(), &["--json=report.json", "test"], &[]);
    said(
        &ran,
        &[
            "with LTO=off STRIP=none DEBUG=1",
            "no findings",
            "allocator functions patched",
        ],
    );
    assert_eq!(ran.0, 0);
    let report = report(dir.path());
    assert_eq!(report["verdict"], "no findings");
    let checked = &report["checked"];
    let objects = checked["rust_objects"].as_u64().unwrap();
    // the library's tests, the program's (there are none), those outside, and
    // the doctest, where Cargo runs it so
    assert!((3..=4).contains(&objects), "{checked}");
    assert_eq!(checked["functions_patched"], 4 * objects);
    assert!(checked["blocks"]["c"]["allocated"].as_u64().unwrap() >= objects);
}

#[test]
fn a_fault_of_several_programs_is_one_finding() {
    let dir = package();
    if !is_here(dir.path()) {
        return;
    }
    let words = ["test", "--features=wrong", "--tests", "--json=report.json"];
    let ran = audit(dir.path(), &words, &[]);
    assert_eq!(ran.0, 1, "{}", ran.2);
    said(
        &ran,
        &[
            "wrong-side free: 6 bytes of C, freed by Rust",
            "small::copied (lib.rs:11)",
            "small::give_back (lib.rs:19)",
        ],
    );
    let report = report(dir.path());
    let findings = report["findings"].as_array().unwrap();
    let tests: u64 = findings
        .iter()
        .map(|one| one["count"].as_u64().unwrap())
        .sum();
    assert_eq!(tests, 2);
    // They are called by two tests.
    assert!(findings.len() <= 2);
}

#[test]
fn a_program_is_run_with_its_words_and_its_status() {
    let dir = package();
    if !is_here(dir.path()) {
        return;
    }
    for (words, code, word) in [
        (&["run", "-q", "--", "3"][..], 3, "no findings"),
        (&["run", "-qr", "--", "0"], 0, "no findings"),
        (&["run", "-qrFwrong"], 1, "small::give_back (lib.rs:19)"),
        (&["run", "-qrFwrong", "--", "7"], 7, "1 finding,"),
        (&["--exit-code=9", "run", "-qrFwrong"], 9, "1 finding,"),
        (&["run", "-qrFwrong", "--exit-code", "0"], 0, "1 finding,"),
        (&["run", "-qrFwrong", "--fast"], 1, "no stacks are kept"),
    ] {
        let ran = audit(dir.path(), words, &[]);
        assert_eq!(ran.0, code, "{words:?}: {}", ran.2);
        said(&ran, &[word]);
        assert_eq!(ran.1, "5\n", "{words:?}");
    }
}

#[test]
fn tests_that_fail_are_passed_on() {
    let dir = package();
    if !is_here(dir.path()) {
        return;
    }
    let words = ["test", "--features=fails", "--junit=report.xml"];
    let ran = audit(dir.path(), &words, &[]);
    assert_eq!(ran.0, 101, "{}", ran.2);
    said(&ran, &["no findings", "cargo: it ended with exit code 101"]);
    let xml = fs::read_to_string(dir.path().join("report.xml")).unwrap();
    assert!(xml.contains("failures=\"0\""), "{xml}");
    let ran = audit(dir.path(), &["test", "-Fdies", "--test=outside"], &[]);
    assert_eq!(ran.0, 101, "{}", ran.2);
    said(&ran, &["signal: 6, SIGABRT", "no findings"]);
}

/// As Ctrl-C does, to all, and as `kill` does, to one: what was noted until
/// then is reported, and no file is left.
#[test]
fn a_signal_ends_cargo_and_not_the_report() {
    let dir = package();
    if !is_here(dir.path()) {
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    for (name, number, to_all) in
        [("INT", 2, true), ("TERM", 15, true), ("TERM", 15, false)]
    {
        // The tests may run where they are ignored.
        let mut child = Command::new("env")
            .args([
                "--default-signal=INT,TERM",
                "timeout",
                "--foreground",
                "99",
            ])
            .arg(env!("CARGO_BIN_EXE_cargo-ferrule"))
            .args(["ferrule", "audit", "run", "-qFwrong", "--", "wait"])
            .current_dir(dir.path())
            .env_remove("CARGO_TARGET_DIR")
            .env("CARGO_NET_OFFLINE", "true")
            .env("TMPDIR", scratch.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        assert_eq!(line, "5\n");
        let to = if to_all { "-" } else { "" };
        let killed = Command::new("kill")
            .args(["-s", name, "--", &format!("{to}{}", child.id())])
            .status();
        assert!(killed.unwrap().success());
        let done = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(128 + number), "{said}");
        for words in ["1 finding,", &format!("ended by signal {number}")] {
            assert!(said.contains(words), "no {words:?} in\n{said}");
        }
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
    }
}

#[test]
fn what_cannot_be_audited_is_said() {
    let dir = package();
    if !is_here(dir.path()) {
        return;
    }
    let runner = "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER";
    for (words, environment, word) in [
        (&[][..], &[][..], "name test, run, bench or nextest"),
        (&["build"], &[], "bench and nextest, not build"),
        (
            &["--nonsense", "test"],
            &[],
            "there is no option --nonsense",
        ),
        (&["test", "--json"], &[], "--json needs a value"),
        (
            &["test", "--target=wasm32-wasip1"],
            &[],
            "not for wasm32-wasip1",
        ),
        (&["test", "--target-dir=x"], &[], "CARGO_TARGET_DIR"),
        (&["test"], &[(runner, "env")], "sets a runner"),
        (&["test", "--no-run"], &[], "no program was run"),
        (&["test", "-Fgone"], &[], "no program was run"),
        (&["run"], &[("TMPDIR", "/a b")], "set TMPDIR"),
    ] {
        let ran = audit(dir.path(), words, environment);
        assert_eq!(ran.0, 2, "{words:?}: {}", ran.2);
        said(&ran, &[word]);
    }
}

#[test]
fn a_runner_of_the_configuration_is_not_replaced() {
    let dir = package();
    if !is_here(dir.path()) {
        return;
    }
    let file = dir.path().join(".cargo/config.toml");
    fs::create_dir(file.parent().unwrap()).unwrap();
    for (target, code) in [
        ("x86_64-unknown-linux-gnu", 2),
        ("cfg(unix)", 2),
        ("cfg(windows)", 0),
    ] {
        let text = format!("[target.'{target}']\nrunner = \"env\"\n");
        fs::write(&file, text).unwrap();
        let ran = audit(dir.path(), &["run", "-q"], &[]);
        assert_eq!(ran.0, code, "{target}: {}", ran.2);
        said(&ran, &[if code == 2 { target } else { "no findings" }]);
    }
}

/// Both builds of the object are of the same files.
#[test]
fn its_sources_are_those_of_meson() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |name: &str| fs::read_to_string(root.join(name)).unwrap();
    let list = |text: &str, start: &str, end: &str| -> BTreeSet<String> {
        let text = text.split(start).nth(1).unwrap();
        let text = text.split(end).next().unwrap();
        let quotes: &[char] = &['"', '\''];
        let is_c =
            |word: &&str| Path::new(word).extension() == Some("c".as_ref());
        let names = text.split(quotes).filter(is_c);
        let file = |name: &str| name.rsplit('/').next().unwrap().to_owned();
        names.map(file).collect()
    };
    let (build, meson) = (read("cargo-ferrule/build.rs"), "meson.build");
    assert_eq!(
        list(&build, "const OBJECT", "];"),
        list(
            &read(&format!("audit/{meson}")),
            "audit_sources = files(",
            "audit_object"
        ),
    );
    let wrap = read("subprojects/packagefiles/zydis/meson.build");
    assert_eq!(
        list(&build, "const DECODER:", "];"),
        list(&wrap, "static_library(", "c_args"),
    );
    for flag in wrap.split('\'').filter(|word| word.starts_with("-D")) {
        assert!(build.contains(flag), "{flag}");
    }
}

/// A Cargo that says that it is another version than it is.
#[test]
fn doctests_are_audited_or_it_is_said() {
    let dir = package();
    if !is_here(dir.path()) {
        return;
    }
    let cargo = dir.path().join("cargo");
    let real = env!("CARGO");
    let text = format!(
        "#!/bin/sh\ncase $1 in\n--version) echo 'cargo 1.85.0' ;;\n\
         *) exec '{real}' \"$@\" ;;\nesac\n"
    );
    fs::write(&cargo, text).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let old = [("CARGO", cargo.to_str().unwrap())];
    let not = "doctests: not audited";
    let ran = audit(dir.path(), &["test"], &old);
    said(&ran, &[not]);
    let ran = audit(dir.path(), &["test", "--tests"], &old);
    assert!(!ran.2.contains(not), "{}", ran.2);

    let words = ["test", "--doc", "-Fwrong"];
    let ran = audit(dir.path(), &words, &[("CARGO", real)]);
    if !ran.2.contains(not) {
        assert_eq!(ran.0, 1, "{}", ran.2);
        said(&ran, &["small::give_back (lib.rs:19)"]);
    }
}
