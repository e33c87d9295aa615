// SPDX-License-Identifier: MIT OR Apache-2.0
//! What comes with compilers and systems: libraries that are linker scripts,
//! headers of processor instructions.
//!
//! Without libclang there is nothing to run.

use std::fs;
use std::path::Path;
use std::process::Command;

mod common;
use common::libclang;

/// Exit status and output, on `x.h` and `x.rs` of `dir`.
fn run(dir: &Path, more: &[&str]) -> (i32, String) {
    let files = ["--header", "x.h", "--rust", "x.rs"];
    let words = files.iter().chain(more);
    let ran = common::run(env!("CARGO_BIN_EXE_ferrule-drift"), dir, words);
    (ran.code, ran.out + &ran.err)
}

fn folder(header: &str, rust: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("x.h"), header).unwrap();
    fs::write(dir.path().join("x.rs"), rust).unwrap();
    dir
}

fn library(dir: &Path, name: &str, text: &str) {
    let source = dir.join("lib.c");
    fs::write(&source, text).unwrap();
    let built = Command::new("cc")
        .args(["-w", "-shared", "-fPIC", "-o", name, "lib.c"])
        .current_dir(dir)
        .status();
    assert!(built.unwrap().success());
}

#[test]
fn a_linker_script_stands_for_what_it_names() {
    if libclang().is_none() {
        return;
    }
    let dir = folder(
        "int f(void); int g(void); int h(void);",
        "extern \"C\" { fn f() -> i32; fn g() -> i32; fn h() -> i32; }",
    );
    library(dir.path(), "liba.so.1", "int f(void) { return 1; }");
    library(dir.path(), "libb.so", "int g(void) { return 1; }");
    library(dir.path(), "libh.so", "int h(void) { return 1; }");
    let b = dir.path().join("libb.so");
    let all = format!(
        "/* GNU ld script */\nOUTPUT_FORMAT(elf64-x86-64)\n\
         GROUP ( liba.so.1 {} AS_NEEDED ( ./libh.so ) )\n",
        b.display()
    );
    for (text, code, word) in [
        (&*all, 0, "0 that breaks"),
        ("INPUT(liba.so.1 libb.so inner.so)", 0, "0 that breaks"),
        // One is not among them.
        ("INPUT(liba.so.1 libb.so)", 1, "does not export h"),
        ("INPUT(liba.so.1 gone.so)", 2, "there is no gone.so"),
        ("INPUT(liba.so.1 -lgone)", 2, "there is no gone"),
        ("INPUT(x.so)", 2, "name each other"),
    ] {
        fs::write(dir.path().join("x.so"), text).unwrap();
        fs::write(dir.path().join("inner.so"), "INPUT(libh.so)").unwrap();
        let (got, said) = run(dir.path(), &["--lib", "./x.so"]);
        assert_eq!(got, code, "{text}: {said}");
        assert!(said.contains(word), "{text}: no {word:?} in\n{said}");
    }
}

#[test]
fn an_archive_without_members_needs_no_index() {
    if libclang().is_none() {
        return;
    }
    let dir = folder("int f(void);", "extern \"C\" { fn f() -> i32; }");
    library(dir.path(), "libf.so", "int f(void) { return 1; }");
    let empty = b"!<arch>\n".to_vec();
    // A header of a member, which holds two bytes.
    let member = format!(
        "{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n\n\n",
        "a/", 0, 0, 0, 644, 2
    );
    let full = [&empty, member.as_bytes()].concat();
    for (archive, code, word) in [
        (empty, 0, "0 that breaks"),
        (full, 2, "an archive without an index"),
    ] {
        fs::write(dir.path().join("libe.a"), archive).unwrap();
        let libraries = ["--lib", "./libe.a", "--lib", "./libf.so"];
        let (got, said) = run(dir.path(), &libraries);
        assert_eq!(got, code, "{said}");
        assert!(said.contains(word), "no {word:?} in\n{said}");
    }
}

#[test]
fn the_c_library_is_known_by_its_name() {
    if libclang().is_none() {
        return;
    }
    let header = "#include <stddef.h>\nsize_t strlen(const char *);\
                  int atexit(void (*)(void));";
    let rust = "extern \"C\" { fn strlen(s: *const core::ffi::c_char) \
                -> usize; fn atexit(f: Option<unsafe extern \"C\" fn()>) \
                -> i32; }";
    let dir = folder(header, rust);
    let (code, said) = run(dir.path(), &["--lib", "c"]);
    assert_eq!(code, 0, "{said}");
    let more = rust.replace("strlen(", "strlenx(");
    fs::write(dir.path().join("x.rs"), more).unwrap();
    let more = header.replace("strlen(", "strlenx(");
    fs::write(dir.path().join("x.h"), more).unwrap();
    let (code, said) = run(dir.path(), &["--lib", "c"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("does not export strlenx"), "{said}");
}

const VECTORS_H: &str = "
#include <immintrin.h>
struct v { int a; __m128i x; __m256d y; };
__m128 f(struct v *p, __m128i n);
static inline __m128i twice(__m128i a) { return _mm_add_epi32(a, a); }
#define HINT _MM_HINT_T0
#define SIZE 3
";

const VECTORS_RS: &str = "
use core::arch::x86_64::*;
#[repr(C)] pub struct v { pub a: i32, pub x: __m128i, pub y: __m256d }
extern \"C\" { pub fn f(p: *mut v, n: __m128i) -> __m128; }
pub const SIZE: i32 = 3;
";

#[cfg(target_arch = "x86_64")]
#[test]
fn headers_of_processor_instructions_are_read() {
    if libclang().is_none() {
        return;
    }
    let dir = folder(VECTORS_H, VECTORS_RS);
    let (code, said) = run(dir.path(), &["--partial", "--cflags", "-mavx"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("6 of 6 items checked"), "{said}");
    for (from, to, item) in [
        ("pub x: __m128i", "pub x: __m128", "v.x"),
        ("pub x: __m128i", "pub x: [u64; 2]", "v.x"),
        ("pub a: i32", "pub a: i64", "v.a"),
        ("n: __m128i", "n: __m128d", "f"),
        ("-> __m128;", "-> __m128i;", "f"),
    ] {
        let mutant = VECTORS_RS.replace(from, to);
        assert_ne!(mutant, VECTORS_RS);
        fs::write(dir.path().join("x.rs"), mutant).unwrap();
        let flags = ["--partial", "--cflags", "-mavx"];
        let (code, said) = run(dir.path(), &flags);
        assert_eq!(code, 1, "{from} -> {to}: {said}");
        let words = format!("breaks: {item}: ");
        assert!(said.contains(&words), "{from} -> {to}: {said}");
    }
    // What the stand-ins leave out is not checked, and counted.
    let more = format!("{VECTORS_RS}pub const HINT: i32 = 3;");
    fs::write(dir.path().join("x.rs"), more).unwrap();
    let flags = ["--partial", "--cflags", "-mavx", "--strict"];
    let (code, said) = run(dir.path(), &flags);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("unchecked: x.rs:6: HINT"), "{said}");
    assert!(said.contains("6 of 7 items checked"), "{said}");
}
