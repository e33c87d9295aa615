// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the report says: no more than what was computed, the worst first, and
//! the same once.

use crate::case::case;
use crate::common::libclang;

/// What is said has `words`, and not `others`.
fn says(header: &str, rust: &str, words: &[&str], others: &[&str]) {
    if libclang().is_none() {
        return;
    }
    let text = case(header, rust).text().1;
    for word in words {
        assert!(text.contains(word), "no {word:?} in\n{text}");
    }
    for word in others {
        assert!(!text.contains(word), "{word:?} in\n{text}");
    }
}

#[test]
fn what_is_alike_is_one_finding_unless_it_breaks() {
    let header = "int f(char *a); int g(char *a); int h(char *a);";
    let rust = |ty: &str| {
        let all = ["f", "g", "h"]
            .map(|name| format!("pub fn {name}(a: *const {ty}) -> i32;"));
        format!("extern \"C\" {{ {} }}", all.concat())
    };
    let two = "extern \"C\" { pub fn k(a: *const i8); }";
    says(
        header,
        &rust("core::ffi::c_char"),
        &[
            "letter: f, g, h: 3 items alike [signature]\n  f: parameter 1",
            "0 that breaks, 1 by the letter",
        ],
        &["letter: g: "],
    );
    says(
        header,
        &rust("i32"),
        &[
            "breaks: f: ",
            "breaks: g: ",
            "3 that breaks, 0 by the letter",
        ],
        &["alike"],
    );
    says(
        "int f(char *a); int g(char *a); void k(long *a);",
        &(rust("core::ffi::c_char").replace(
            "pub fn h(a: *const \
          core::ffi::c_char) -> i32;",
            "",
        ) + two),
        &[
            "letter: f: ",
            "letter: g: ",
            "1 that breaks, 2 by the letter",
        ],
        &["alike"],
    );
}

#[test]
fn what_lies_elsewhere_comes_first() {
    if libclang().is_none() {
        return;
    }
    let header = "int f(int); struct s { int a; short b; int c; };";
    let rust = "extern \"C\" { pub fn f(a: i64) -> i32; } #[repr(C)] pub \
                struct s { pub a: i32, pub b: i32, pub c: i32, pub d: i32 }";
    let text = case(header, rust).text().1;
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("breaks"))
        .collect();
    assert!(lines[0].starts_with("breaks: s.b: i32 in Rust"), "{text}");
    assert!(
        lines[1].starts_with("breaks: s: 16 bytes in Rust, 12"),
        "{text}"
    );
    assert!(lines[2].starts_with("breaks: f: parameter 1"), "{text}");
}

#[test]
fn only_what_was_computed_is_said() {
    let header = "int f(int a, const char *b);";
    let swapped = "in each other's place, the two would be right";
    let rust = "extern \"C\" { pub fn f(a: *const core::ffi::c_char, b: i32) \
                -> i32; }";
    says(header, rust, &[swapped], &[]);
    says(
        header,
        &rust.replace("b: i32", "b: i64"),
        &["f: "],
        &[swapped],
    );
    let header = "struct s { char a; char b; int c; };";
    let one = "#[repr(C)] pub struct s { pub a: i8, pub c: i32 }";
    says(header, one, &["the structs have one size"], &["shorter"]);
    says(
        header,
        "#[repr(C)] pub struct s { pub a: i8, pub b: i8 }",
        &["Rust's struct is 6 bytes shorter"],
        &[],
    );
    // In the same struct, nothing else is overwritten.
    let header = "struct s { char a; short b; };";
    let rust = "#[repr(C, align(2))] pub struct s { pub a: i8, pub x: i8, pub \
                b: u8 }";
    says(
        header,
        rust,
        &["C reads and writes 2 bytes where Rust has 1"],
        &["overwritten"],
    );
}
