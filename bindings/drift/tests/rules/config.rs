// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a person says in `drift.toml` and in lists of known differences: it is
//! taken, it is no more than what was said, and a mistake in it is named.

use crate::case::Expected::{Breaks, Cannot, Clean, Letter, Note};
use crate::case::{Case, case};
use crate::common::libclang;

/// A case with a `drift.toml`.
fn said<'a>(header: &'a str, rust: &'a str, text: &'a str) -> Case<'a> {
    case(header, rust)
        .beside("drift.toml", text)
        .more(&["--config", "drift.toml"])
}

#[test]
fn an_allowed_difference_is_that_one_alone() {
    if libclang().is_none() {
        return;
    }
    let header = "int f(int, int);";
    let one = "extern \"C\" { fn f(a: i64, b: i32) -> i32; }";
    let two = "extern \"C\" { fn f(a: i64, b: i64) -> i32; }";
    let list = "# all of it\nsignature f | parameter 1 `a`: i64 in Rust, int \
                in C (8 and 4 bytes) | it was so | once\n";
    // A bar in the reason is one too many.
    case(header, one)
        .beside("list", list)
        .more(&["--allow", "list"])
        .is(Breaks(
            "f: the difference that the allow list lets pass is now",
        ));
    let list = list.replace(" | once", "");
    let allowed = |rust| {
        case(header, rust)
            .beside("list", &list)
            .more(&["--allow", "list"])
            .text()
    };
    let (code, text) = allowed(one);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("allowed: f [signature]: it was so"), "{text}");
    // What it becomes is not covered, also where the first part is the same.
    let (code, text) = allowed(two);
    assert_eq!(code, 1, "{text}");
    for words in [
        "breaks: f: parameter 1 `a`: i64",
        "it was `parameter 1 `a`: i64 in Rust, int in C (8 and 4 bytes)`, it \
         is `parameter 1 `a`: i64 in Rust, int in C (8 and 4 bytes); \
         parameter 2 `b`: i64",
        "\n       signature f | parameter 1 `a`: i64 in Rust, int in C (8 and \
         4 bytes); parameter 2 `b`: i64 in Rust, int in C (8 and 4 bytes) | \
         it was so\n",
    ] {
        assert!(text.contains(words), "no {words:?} in\n{text}");
    }
    let (code, text) = allowed("extern \"C\" { fn f(a: i32, b: i32) -> i32; }");
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("that is not needed"), "{text}");
}

#[test]
fn every_part_of_a_difference_is_in_its_text() {
    if libclang().is_none() {
        return;
    }
    let lists = [
        (
            "typedef void (*cb)(int, int); void f(cb);",
            "extern \"C\" { fn f(c: Option<unsafe extern \"C\" fn(i64, i32)>); }",
            "fn(i64, i32)",
            "fn(i64, i64)",
        ),
        (
            "struct s { int a; };",
            "#[repr(C, align(8))] pub struct s { pub a: i32 }",
            "align(8)",
            "align(16)",
        ),
        (
            "struct s { unsigned a : 3, b : 5; };",
            "#[repr(C)] pub struct s { bits: u32 } impl s { pub fn a(&self) -> \
             u32 { self.bits & 3 } pub fn b(&self) -> u32 { self.bits >> 3 & \
             31 } }",
            "& 3 }",
            "& 1 }",
        ),
    ];
    for (header, rust, from, to) in lists {
        let lines = case(header, rust).more(&["--allow-lines"]).text().1;
        assert!(lines.contains(" | REASON\n"), "{lines}");
        let list = lines.replace("REASON", "so it is");
        let run = |rust: &str, list: &str| {
            let case = case(header, rust).beside("list", list);
            case.more(&["--allow", "list"]).text()
        };
        let (code, text) = run(rust, &list);
        assert_eq!(code, 0, "{text}");
        let (code, text) = run(&rust.replace(from, to), &list);
        assert_eq!(code, 1, "{text}");
        // The reason is a person's.
        let (code, text) = run(rust, &lines);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains("say the reason"), "{text}");
    }
    let list = "signature f: it was so\n";
    case("int f(int);", "extern \"C\" { fn f(a: i64) -> i32; }")
        .beside("list", list)
        .more(&["--allow", "list"])
        .is(Breaks(
            "f: an entry of the allow list that does not say which",
        ));
    for (line, word) in [
        ("missing f", "list:1: an entry is `KIND ITEM | "),
        (
            "a f | b | c",
            "list:1: there is no kind a: it is one of missing",
        ),
        ("value f | b |  ", "list:1: an entry is"),
    ] {
        case("int f(int);", "extern \"C\" { fn f(a: i32) -> i32; }")
            .beside("list", line)
            .more(&["--allow", "list"])
            .is(Cannot(word));
    }
}

#[test]
fn items_may_have_other_names_in_c() {
    let header = "struct lib_point { int x; int y_pos; };\n\
                  enum lib_kind { LIB_KIND_A, LIB_KIND_B };\n\
                  int lib_f(struct lib_point *p, enum lib_kind k);\n\
                  #define LIB_MAX 3\n";
    let rust = "#[repr(C)] pub struct Point { pub x: i32, pub y: i32 }\n\
                pub type Kind = u32;\n\
                pub const ONE: Kind = 0;\n\
                pub const TWO: Kind = 1;\n\
                pub const MAX: i32 = 3;\n\
                pub const TWICE: i32 = MAX * 2;\n\
                extern \"C\" { #[link_name = \"lib_f\"]\n\
                pub fn lib_f(p: *mut Point, k: Kind) -> i32; }\n";
    let names = "[rename]\nPoint = \"lib_point\"\n\
                 [rename.types]\nKind = \"lib_kind\"\n\
                 [rename.constants]\nMAX = \"LIB_MAX\"\n\
                 [rename.enumerators]\nONE = \"LIB_KIND_A\"\n\
                 \"lib_kind::TWO\" = \"LIB_KIND_B\"\n\
                 [rename.fields]\n\"y\" = \"y_*\"\n";
    // There is no * for that of y_*.
    said(header, rust, names).is(Cannot("drift.toml:11: y: there is no *"));
    let names = names.replace("y_*", "y_pos");
    said(header, rust, &names).is(Clean);
    for (from, to, found) in [
        ("pub y: i32", "pub y: i16", "lib_point.y_pos: i16 in Rust"),
        ("TWO: Kind = 1", "TWO: Kind = 2", "TWO: 2 in Rust, 1 in C"),
        ("Kind = u32", "Kind = u64", "lib_kind: u64"),
        ("MAX: i32 = 3", "MAX: i32 = 4", "LIB_MAX: 4 in Rust, 3 in C"),
        ("p: *mut Point", "p: *mut Kind", "lib_f: parameter 1"),
    ] {
        let wrong = rust.replace(from, to);
        said(header, &wrong, &names).is(Breaks(found));
    }
    // A function under another name does not link for that.
    let header = "int LIB_open(int);";
    let rust = "extern \"C\" { pub fn lib_open(a: i32) -> i32; }";
    let names = "[rename.functions]\n\"lib_*\" = \"LIB_*\"\n";
    said(header, rust, names).is(Letter("LIB_open: "));
    let linked = rust.replace("pub fn", "#[link_name = \"LIB_open\"] pub fn");
    said(header, &linked, names).is(Clean);
}

#[test]
fn types_of_other_crates_are_what_the_map_says() {
    let header = "typedef struct Display Display; typedef unsigned long XID;\n\
                  int f(Display *d, XID x);";
    let rust = "use x11::xlib; extern \"C\" { pub fn f(d: *mut \
                xlib::Display, x: x11::XID) -> i32; }";
    let types = "[types]\n\"x11::xlib::*\" = \"*\"\n\"x11::XID\" = \"XID\"\n";
    said(header, rust, types).is(Clean);
    said(
        header,
        &rust.replace("x: x11::XID", "x: *mut x11::XID"),
        types,
    )
    .is(Breaks("f: "));
    said(
        header,
        &rust.replace("d: *mut xlib::Display", "d: x11::XID"),
        types,
    )
    .is(Cannot("x11::xlib::*: nothing has this name"));
    said(header, rust, &types.replace("= \"XID\"", "= \"Xid\""))
        .is(Cannot("drift.toml:3: x11::XID: the header has no type Xid"));
}

#[test]
fn what_is_left_out_is_counted_and_has_a_reason() {
    let header = "int f(int);\nint g(int);\nint h(int);\n#define H_N 3\n";
    let rust = "extern \"C\" { pub fn f(a: i32) -> i32; }\n\
                pub mod inner {\npub mod deep {\n\
                extern \"C\" { pub fn g(a: i64) -> i32; }\n}\n}\n\
                extern \"C\" { pub fn h(a: i64) -> i32; }\n";
    let both = "[[leave-out]]\nmodules = [\"inner\"]\nreason = \"made\"\n\
                [[leave-out]]\nitems = [\"h\", \"H_*\"]\nreason = \"old\"\n";
    said(header, rust, both).is(Note("1 items left out: made"));
    said(header, rust, &both.replace("\"h\", ", ""))
        .is(Breaks("h: parameter 1"));
    said(header, &rust.replace("a: i32", "a: i64"), both)
        .is(Breaks("f: parameter 1"));
    let only = "partial = true\n[only]\nitems = [\"f\"]\n";
    said(header, rust, only).is(Note("2 items left out: they are not"));
    said(header, rust, &only.replace("\"f\"", "\"f\", \"g\""))
        .is(Breaks("g: parameter 1"));
    let file = "partial = true\n[only]\nfiles = [\"x.rs\"]\n";
    said(header, rust, file).is(Breaks("h: parameter 1"));
    said(header, rust, &file.replace("x.rs", "y.rs"))
        .is(Cannot("drift.toml:3: y.rs: nothing has this name"));
    // A type that is left out is there for what is not.
    let header = "struct s { int a; }; int f(struct s *s);";
    let rust = "#[repr(C)] pub struct s { pub a: i64 } \
                extern \"C\" { pub fn f(s: *mut s) -> i32; }";
    let out = "[[leave-out]]\nitems = [\"s\"]\nreason = \"old\"\n";
    said(header, rust, out).is(Note("1 items left out: old"));
    said(header, &rust.replace("s: *mut s", "s: *mut i16"), out)
        .is(Breaks("f: parameter 1"));
}

#[test]
fn a_mistake_is_named_with_its_line() {
    let (header, rust) =
        ("int f(int);", "extern \"C\" { pub fn f(a: i32) -> i32; }");
    for (text, word) in [
        (
            "\nheader = []",
            "drift.toml:2: header: no such key; the known keys",
        ),
        ("partial = 1", "drift.toml:1: partial: true or false"),
        ("cflags = 1", "drift.toml:1: cflags: no list of texts"),
        ("cflags = [\"a\", 1]", "drift.toml:1: cflags: no text"),
        (
            "include = [\"gone\"]",
            "drift.toml:1: include: gone is no folder",
        ),
        ("a = ", "drift.toml:1: "),
        (
            "[rename]\n\n\"a*b*\" = \"c\"",
            "drift.toml:3: a*b*: a pattern has",
        ),
        (
            "[rename.macros]\na = \"b\"",
            "drift.toml:1: macros: no such key; ",
        ),
        (
            "[rename]\n\"g_*\" = \"h_*\"",
            "drift.toml:2: g_*: nothing has",
        ),
        ("[types]\na = 1", "drift.toml:2: a: no text"),
        (
            "[only]\nreason = \"x\"",
            "reason: no such key; the known keys are f",
        ),
        ("[only]", "drift.toml:1: only: no files, modules or items"),
        (
            "[leave-out]\nitems = []",
            "leave-out: write each as a table [[",
        ),
        (
            "[[leave-out]]\nitems = [\"f\"]",
            "leave-out: say the reason",
        ),
        (
            "[[leave-out]]\nitems = [\"g\"]\nreason = \"x\"",
            "drift.toml:2: g: nothing has this name",
        ),
        ("[[allowed]]\nkind = \"value\"", "allowed: it has no item"),
        (
            "[[allowed]]\nwhy = \"x\"",
            "why: no such key; the known keys are k",
        ),
    ] {
        said(header, rust, text).is(Cannot(word));
    }
}

#[test]
fn a_table_of_the_file_is_as_an_entry_of_a_list() {
    if libclang().is_none() {
        return;
    }
    let header = "#define N 3\n";
    let rust = "pub const N: i32 = 4;";
    let table = "[[allowed]]\nkind = \"value\"\nitem = \"N\"\ndifference = \
                 \"4 in Rust, 3 in C\"\nreason = \"\\\"old\\\"\"\n";
    let (code, text) = said(header, rust, table).text();
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("allowed: N [value]: \"old\""), "{text}");
    let (code, text) = said(header, "pub const N: i32 = 5;", table).text();
    assert_eq!(code, 1, "{text}");
    for words in [
        "it was `4 in Rust, 3 in C`, it is `5 in Rust, 3 in C`",
        "drift.toml:1",
        "       [[allowed]]\n       kind = \"value\"\n       item = \"N\"\n       \
         difference = \"5 in Rust, 3 in C\"\n",
    ] {
        assert!(text.contains(words), "no {words:?} in\n{text}");
    }
}
