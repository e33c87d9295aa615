// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command, on headers and Rust that are not this project's: what it finds
//! in them, and what it says where it cannot.

use std::fs;
use std::process::Command;

mod common;
use common::{Ran, libclang};

/// Run it on a header and a Rust file; nothing where there is no libclang.
fn run(header: &str, rust: &str, more: &[&str]) -> Option<Ran> {
    if let Err(why) = ferrule_drift::read::clang::load() {
        if libclang().is_none() {
            println!("not run: libclang: {why}");
            return None;
        }
    }
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("x.h"), header).unwrap();
    fs::write(dir.path().join("x.rs"), rust).unwrap();
    fs::write(dir.path().join("text.so"), "no library").unwrap();
    fs::write(dir.path().join("list.txt"), "missing f\n").unwrap();
    let files = ["--header", "x.h", "--rust", "x.rs"];
    let words = files.iter().chain(more);
    let program = env!("CARGO_BIN_EXE_ferrule-drift");
    Some(common::run(program, dir.path(), words))
}

/// Both say the same, as far as `rust` goes.
fn clean(header: &str, rust: &str) {
    if let Some(ran) = run(header, rust, &[]) {
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    }
}

/// They differ, and the report has all of `words`.
fn drifts(header: &str, rust: &str, words: &[&str]) {
    if let Some(ran) = run(header, rust, &[]) {
        assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
        for word in words {
            assert!(ran.out.contains(word), "no {word:?} in\n{}", ran.out);
        }
    }
}

/// What Rust exports differs from the header, in `words`; nothing does if
/// there are none.
fn exports(header: &str, rust: &str, words: &[&str]) {
    if let Some(ran) = run(header, rust, &["--exports"]) {
        let code = i32::from(!words.is_empty());
        assert_eq!(ran.code, code, "{}{}", ran.out, ran.err);
        for word in words {
            assert!(ran.out.contains(word), "no {word:?} in\n{}", ran.out);
        }
    }
}

/// It cannot run, and says why.
fn refuses(header: &str, rust: &str, more: &[&str], word: &str) {
    if let Some(ran) = run(header, rust, more) {
        assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
        assert!(ran.err.contains(word), "no {word:?} in\n{}", ran.err);
        assert!(!ran.err.contains("panicked"), "{}", ran.err);
    }
}

#[test]
fn a_report_has_both_places_a_mark_and_a_consequence() {
    drifts(
        "#include <stddef.h>\n\nvoid f(const void *data,\n       size_t len);",
        "unsafe extern \"C\" {\n    \
         pub fn f(data: *const core::ffi::c_void, len: u32);\n}",
        &[
            "f: parameter 2 `len`: u32 in Rust, size_t in C (4 and 8 bytes)",
            "Rust x.rs:2",
            "x.h:3",
            "void f(const void *data, size_t len)",
            "                                ^^^",
            "so   Rust passes 4 bytes and C reads 8",
        ],
    );
}

#[test]
fn what_cannot_be_read_is_said_and_no_panic() {
    let (header, rust) = ("void f(void);", "extern \"C\" { fn f(); }");
    refuses("int f(;", rust, &[], "x.h:1");
    refuses("#include <nothing.h>\n", rust, &[], "nothing.h");
    refuses(header, "extern \"C\" { fn f( }", &[], "x.rs:1: not Rust");
    refuses(header, "mod gone;", &[], "no file for mod gone");
    refuses(
        header,
        rust,
        &["--header", "y.h"],
        "y.h: there is no such file",
    );
    refuses(header, rust, &["--rust", "y.rs"], "y.rs");
    refuses(
        header,
        rust,
        &["--lib", "./gone.so"],
        "there is no ./gone.so",
    );
    refuses(header, rust, &["--lib", "gone"], "there is no gone");
    refuses(header, rust, &["--lib", "text.so"], "no library");
    refuses(header, rust, &["--cc", "gone-cc"], "gone-cc");
    refuses(header, rust, &["--allow", "gone.txt"], "gone.txt");
    refuses(header, rust, &["--allow", "list.txt"], "list.txt:1");
    refuses(header, rust, &["--target", "pdp11"], "pdp11");
    refuses(header, rust, &["--cflags", "-fnonsense"], "nonsense");
    refuses(header, rust, &["--cflags", "'-I a b"], "a quote is open");
    refuses(header, rust, &["--nonsense"], "--nonsense");
    refuses(header, rust, &["--lib"], "takes a value");
}

#[test]
fn without_libclang_it_says_so() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("x.h"), "void f(void);").unwrap();
    fs::write(dir.path().join("x.rs"), "").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_ferrule-drift"))
        .args(["--header", "x.h", "--rust", "x.rs"])
        .env("LIBCLANG_PATH", dir.path())
        .current_dir(dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.starts_with("ferrule-drift: libclang: "), "{said}");
}

#[test]
fn what_is_not_compared_is_named() {
    let header = "void f(void);";
    let rust = "\
        some_crate::declare! { fn f(); }\n\
        extern \"C\" { fn f(); #[cfg(windows)] fn g(); }\n\
        #[cfg(feature = \"more\")] extern \"C\" { fn h(); }\n\
        pub const X: u32 = other::X;\n\
        pub struct Opaque { _x: other::Thing }\n";
    let Some(ran) = run(header, rust, &[]) else {
        return;
    };
    for word in [
        "unchecked: x.rs:1: some_crate::declare!",
        "unchecked: x.rs:2: g: it is behind cfg(windows)",
        "unchecked: x.rs:3: h: it is behind cfg(feature = \"more\")",
        "note: exported symbols: no --lib",
    ] {
        assert!(ran.out.contains(word), "no {word:?} in\n{}", ran.out);
    }
    // With the feature it is there, and not in the header.
    if let Some(ran) = run(header, rust, &["--feature", "more"]) {
        assert!(ran.out.contains("h: the header declares no such function"));
    }
}

#[test]
fn a_type_of_another_crate_is_named() {
    let Some(ran) = run(
        "struct s; void f(struct s *s); void g(int);",
        "extern \"C\" { fn f(s: *mut other::s); fn g(x: i32); }",
        &["--partial"],
    ) else {
        return;
    };
    assert_eq!(ran.code, 0, "{}", ran.out);
    let word = "unchecked: x.rs:1: f: a type of another crate: other::s";
    assert!(ran.out.contains(word), "{}", ran.out);
}

#[test]
fn a_macro_of_the_same_file_is_expanded() {
    let header = "int f(int a, long b); void g(void);";
    let rust = |ty: &str| {
        format!(
            "macro_rules! declare {{
                ($($(#[$m:meta])* fn $n:ident($($a:ident: $t:ty),*) $(-> $r:ty)?;)*) => {{
                    extern \"C\" {{ $(pub fn $n($($a: $t),*) $(-> $r)?;)* }}
                }}
            }}
            declare! {{ fn f(a: i32, b: {ty}) -> i32; fn g(); }}"
        )
    };
    clean(header, &rust("core::ffi::c_long"));
    drifts(header, &rust("i16"), &["f: parameter 2 `b`"]);
}

#[test]
fn anonymous_members_are_their_owners() {
    let header = "struct s { int a; union { int b; float c; }; int d; };";
    let rust = |ty: &str| {
        format!(
            "#[repr(C)] pub struct s {{
                pub a: i32, pub anon: s_anon, pub d: i32,
            }}
            #[repr(C)] pub union s_anon {{ pub b: i32, pub c: {ty} }}"
        )
    };
    clean(header, &rust("f32"));
    drifts(header, &rust("f64"), &["s.c: f64 in Rust, float in C"]);
}

#[test]
fn a_function_that_never_returns() {
    let header = "_Noreturn void f(int); void g(int);";
    clean(header, "extern \"C\" { fn f(x: i32) -> !; fn g(x: i32); }");
    drifts(
        header,
        "extern \"C\" { fn f(x: i32) -> !; fn g(x: i32) -> !; }",
        &["g: it never returns in Rust, and C does not say so"],
    );
}

#[test]
fn const_is_the_pointees_at_every_depth() {
    let header = "void f(const char *const *a, char *const *b, \
                  const char **c);";
    let rust = |a: &str, b: &str, c: &str| {
        format!(
            "use core::ffi::c_char;
            extern \"C\" {{ fn f(a: {a} c_char, b: {b} c_char, \
            c: {c} c_char); }}"
        )
    };
    let (a, b, c) = ("*const *const", "*const *mut", "*mut *const");
    clean(header, &rust(a, b, c));
    for (a, b, c, at) in [
        (b, b, c, "parameter 1"),
        (c, b, c, "parameter 1"),
        (a, a, c, "parameter 2"),
        (a, c, c, "parameter 2"),
        (a, b, a, "parameter 3"),
        (a, b, b, "parameter 3"),
    ] {
        drifts(header, &rust(a, b, c), &[at]);
    }
}

#[test]
fn platform_types_are_the_targets() {
    let header = "#include <stdint.h>\n#include <sys/types.h>\n\
                  void f(int64_t a, long b, off_t c, char d, size_t e);";
    clean(
        header,
        "extern \"C\" { fn f(a: i64, b: core::ffi::c_long, c: libc::off_t, \
         d: core::ffi::c_char, e: usize); }",
    );
    drifts(
        header,
        "extern \"C\" { fn f(a: i64, b: core::ffi::c_longlong, \
         c: libc::off_t, d: core::ffi::c_char, e: usize); }",
        &["parameter 2 `b`"],
    );
}

#[test]
fn callbacks_are_compared_inside() {
    let header = "typedef int (*cb)(void *ctx, long n); void f(cb call);";
    let rust = |n: &str| {
        format!(
            "use core::ffi::*;
            pub type cb = Option<unsafe extern \"C\" fn(*mut c_void, {n}) \
             -> c_int>;
            extern \"C\" {{ fn f(call: cb); }}"
        )
    };
    clean(header, &rust("c_long"));
    drifts(
        header,
        &rust("c_int"),
        &["cb: its parameter 2", "f: parameter 1"],
    );
}

#[test]
fn enums_of_three_kinds() {
    let header = "typedef enum { RED = 1, BLUE = 4 } color;";
    clean(
        header,
        "pub type color = u32; pub const RED: color = 1; \
         pub const BLUE: color = 4;",
    );
    clean(header, "#[repr(C)] pub enum color { RED = 1, BLUE = 4 }");
    clean(
        header,
        "#[repr(transparent)] pub struct color(pub u32); \
         impl color { pub const RED: Self = Self(1); \
         pub const BLUE: Self = Self(4); }",
    );
    drifts(
        header,
        "#[repr(u8)] pub enum color { RED = 1, BLUE = 4 }",
        &[],
    );
    drifts(
        header,
        "#[repr(C)] pub enum color { RED, BLUE = 4 }",
        &["RED: 0 in Rust, 1 in C"],
    );
}

#[test]
fn a_byte_is_no_bool() {
    let header = "struct s { _Bool on; }; _Bool f(struct s *s, _Bool b);";
    let rust = "#[repr(C)] pub struct s { pub on: bool } unsafe extern \"C\" \
                { fn f(s: *mut s, b: bool) -> bool; }";
    clean(header, rust);
    drifts(
        header,
        &rust.replace("-> bool", "-> u8"),
        &["u8 in Rust, _Bool"],
    );
    drifts(
        header,
        &rust.replace("b: bool", "b: u8"),
        &["`b`: u8 in Rust"],
    );
    drifts(
        header,
        &rust.replace("on: bool", "on: u8"),
        &["s.on: u8 in Rust"],
    );
}

#[test]
fn an_array_is_told_by_its_element() {
    let header = "struct s { char a[4]; short b[2][3]; };";
    let rust = "#[repr(C)] pub struct s { pub a: [core::ffi::c_char; 4], \
                pub b: [[i16; 3]; 2] }";
    clean(header, rust);
    drifts(
        header,
        &rust.replace("core::ffi::c_char", "u8"),
        &["s.a: u8 in Rust, char in C"],
    );
    drifts(
        header,
        &rust.replace("i16", "u16"),
        &["s.b: u16 in Rust, short in C"],
    );
}

#[test]
fn a_number_is_no_struct_of_its_size() {
    let header = "struct s { unsigned char a, b; }; union u { short a; };\n\
                  struct s f(struct s s, union u u);";
    let rust = "#[repr(C)] pub struct s { pub a: u8, pub b: u8 } \
                #[repr(C)] pub union u { pub a: i16 } \
                unsafe extern \"C\" { fn f(s: s, u: u) -> s; }";
    clean(header, rust);
    drifts(
        header,
        &rust.replace("f(s: s", "f(s: u16"),
        &["`s`: u16 in Rust"],
    );
    drifts(
        header,
        &rust.replace("u: u)", "u: i16)"),
        &["`u`: i16 in Rust"],
    );
    drifts(
        header,
        &rust.replace("-> s", "-> u16"),
        &["result: u16 in Rust"],
    );
}

/// C often gives an enum a tag and no typedef.
#[test]
fn an_enum_without_a_typedef_is_an_alias_as_well() {
    let header = "enum color { RED = -1, BLUE = 4 }; enum color f(void);";
    let rust = "pub type color = i32; pub const RED: color = -1; \
                pub const BLUE: color = 4; \
                unsafe extern \"C\" { fn f() -> color; }";
    clean(header, rust);
    drifts(header, &rust.replace("i32", "u32"), &["color: u32 is not"]);
    drifts(header, &rust.replace("i32", "i16"), &["color: i16 is not"]);
    drifts(
        header,
        "pub const RED: i32 = -1; pub const BLUE: i32 = 4; \
         unsafe extern \"C\" { fn f() -> i32; }",
        &["an enum that Rust lacks"],
    );
}

#[test]
fn text_and_its_nul() {
    let header = "#define NAME \"caf\\xc3\\xa9\"";
    clean(header, "pub const NAME: &core::ffi::CStr = c\"café\";");
    clean(header, "pub const NAME: &[u8; 6] = b\"caf\\xc3\\xa9\\0\";");
    clean(header, "pub const NAME: &str = \"café\";");
    drifts(
        header,
        "pub const NAME: &core::ffi::CStr = c\"cafe\";",
        &["NAME: \"cafe\" in Rust"],
    );
}

#[test]
fn numbers_at_the_edges() {
    let header = "#define A 0xffffffffffffffffULL\n#define B (-0x7fffffff-1)\n\
                  #define C 'x'\n#define D 1.5";
    clean(
        header,
        "pub const A: u64 = u64::MAX; pub const B: i32 = i32::MIN; \
         pub const C: u8 = b'x'; pub const D: f64 = 1.5;",
    );
    drifts(
        header,
        "pub const A: i64 = -1; pub const B: i32 = i32::MIN; \
         pub const C: u8 = b'y'; pub const D: f64 = 1.25;",
        &[
            "A: -1 in Rust",
            "C: 121 in Rust, 120 in C",
            "D: 1.25 in Rust, 1.5 in C",
        ],
    );
}

#[test]
fn statics_and_their_mutability() {
    let header = "extern int count; extern const int limit;";
    clean(
        header,
        "extern \"C\" { static mut count: i32; static limit: i32; }",
    );
    drifts(
        header,
        "extern \"C\" { static count: i32; static mut limit: i32; }",
        &["count: static in Rust", "limit: static mut in Rust"],
    );
}

/// Rust 1.82 lets an `unsafe extern` block say which items are safe to use.
#[test]
fn safe_and_unsafe_items_are_looked_at() {
    let header = "int f(int a); void g(void); int h(void); \
                  extern int count; extern const int limit;";
    let rust = "unsafe extern \"C\" { \
        #[doc = \"safe\"] pub safe fn f(a: i32) -> i32; \
        pub(crate) unsafe fn g(); safe fn h() -> i32; \
        pub unsafe static mut count: i32; pub safe static limit: i32; }";
    clean(header, rust);
    for (right, wrong, item) in [
        ("f(a: i32)", "f(a: i64)", "f: parameter 1"),
        ("fn g()", "fn g() -> i64", "g: "),
        ("fn h() -> i32", "fn h()", "h: "),
        ("mut count: i32", "mut count: i16", "count: "),
        ("mut count", "count", "count: static in Rust"),
        ("limit: i32", "limit: u32", "limit: "),
        ("safe static limit", "safe static limits", "limits: "),
    ] {
        assert!(rust.contains(right), "{right}");
        drifts(header, &rust.replace(right, wrong), &[item]);
    }
    // In what a macro declares, too.
    let rust = "macro_rules! d { ($n:ident) => { unsafe extern \"C\" { \
        pub safe fn $n(a: i64) -> i32; } } } d!(f);";
    drifts(header, rust, &["f: parameter 1"]);
}

#[test]
fn an_item_that_is_not_understood_is_named() {
    let rust = "extern \"C\" { fn f() {} type T: Sized; }";
    if let Some(ran) = run("void f(void);", rust, &[]) {
        for word in ["unchecked: x.rs:1: fn f", "unchecked: x.rs:1: type T"] {
            assert!(ran.out.contains(word), "no {word:?} in\n{}", ran.out);
        }
    }
}

#[test]
fn what_the_library_exports() {
    // Every C library has these, and none exports `f_nowhere`.
    let header = "double cos(double); void f_nowhere(void);";
    let rust = "extern \"C\" { fn cos(x: f64) -> f64; fn f_nowhere(); }";
    let Some(ran) = run(header, rust, &["--lib", "z"]) else {
        return;
    };
    assert_eq!(ran.code, 1);
    let word = "f_nowhere: the library does not export f_nowhere";
    assert!(ran.out.contains(word), "{}", ran.out);
}

#[test]
fn json_says_the_same() {
    let header = "void f(long);";
    let rust = "extern \"C\" { fn f(x: i16); }";
    let Some(ran) = run(header, rust, &["--json"]) else {
        return;
    };
    assert_eq!(ran.code, 1);
    let value: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let drift = &value["drift"][0];
    assert_eq!(drift["item"], "f");
    assert_eq!(drift["kind"], "signature");
    assert_eq!(drift["rust"]["line"], 1);
    assert_eq!(
        drift["c"]["file"].as_str().map(|f| f.ends_with("x.h")),
        Some(true)
    );
    assert_eq!(value["checked"]["functions"], 1);
}

#[test]
fn a_clean_run_is_quiet_and_zero() {
    let Some(ran) = run("void f(void);", "extern \"C\" { fn f(); }", &[])
    else {
        return;
    };
    assert_eq!(ran.code, 0);
    let summary = "1 of 1 items checked: 0 that breaks, 0 by the letter, \
                   1 notes, 0 allowed, 0 unchecked";
    assert!(ran.out.contains(summary), "{}", ran.out);
}

#[test]
fn what_never_ends_is_left() {
    let header = "struct list { struct list *next; }; void f(void);";
    for rust in [
        "#[repr(C)] pub struct a { x: *mut a, y: *mut a } \
         #[repr(C)] pub struct list { next: *mut a }",
        "#[repr(transparent)] pub struct list(*mut list);",
        "pub type list = list;",
        "pub const A: u32 = B; pub const B: u32 = A;",
        "macro_rules! m { () => { m!(); } } m!();",
        "macro_rules! m { () => { m!() } } pub type T = m!(); \
         extern \"C\" { #[link_name = m!()] fn f(x: T); }",
        "pub const fn g(x: u32) -> u32 { g(x) } pub const A: u32 = g(1);",
        "pub const A: u32 = 1 / 0; pub const B: u32 = 1 << 200;",
        "pub const A: [u8; 99999999999] = [0; 99999999999];",
        "extern \"C\" { fn f(x: [u8; u64::MAX as usize]); }",
    ] {
        let Some(ran) = run(header, rust, &[]) else {
            return;
        };
        let nothing = ran.err.contains("nothing was checked");
        assert!(
            matches!(ran.code, 0 | 1) || nothing,
            "{rust}\n{}{}",
            ran.out,
            ran.err
        );
        assert!(!ran.err.contains("panicked"), "{rust}\n{}", ran.err);
    }
}

/// One of everything, and all of it right.
const SHAPES_H: &str = r"
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#define FLAG_A 0x01u
#define FLAG_B (1u << 3)
#define FLAG_AB (FLAG_A | FLAG_B)
#define NEG (-5L)
#define BIG 5000000000
typedef struct node node;
struct node { node *next; int kind : 3; unsigned int on : 1; long value; union { double d; void *p; } u; struct { int a, b; } in; char type; };
typedef void (*visit)(const node *n, void *arg);
typedef int compare(const void *, const void *);
void walk(node *root, visit v, void *arg);
void sort_all(void *base, size_t n, compare *cmp);
FILE *log_to(FILE *f, time_t when, ...);
extern char **names;
extern volatile int ticks;
struct opaque;
struct opaque *make(int (*)[4], const char *argv[], double m[3][4]);
uint8_t *bytes(const uint8_t buf[static 4], _Bool b);
enum { ANON_A = 3, ANON_B };
enum mode { OFF = -1, ON };
static inline int twice(int x) { return 2 * x; }
";

/// The same in Rust.
const SHAPES_RS: &str = r#"
use std::os::raw::*;
pub const FLAG_A: c_uint = 1;
pub const FLAG_B: c_uint = 1 << 3;
pub const FLAG_AB: c_uint = FLAG_A | FLAG_B;
pub const NEG: c_long = -5;
pub const BIG: c_long = 5_000_000_000;
#[repr(C)] pub struct node { pub next: *mut node, pub bits: c_int, pub value: c_long, pub u: node_u, pub in_: node_in, pub type_: c_char }
#[repr(C)] pub union node_u { pub d: f64, pub p: *mut c_void }
#[repr(C)] pub struct node_in { pub a: c_int, pub b: c_int }
impl node { pub const KIND_MASK: c_int = 7; pub const KIND_SHIFT: u32 = 0; pub const ON_MASK: c_int = 8; pub const ON_SHIFT: u32 = 3; }
pub type visit = Option<unsafe extern "C" fn(*const node, *mut c_void)>;
pub type compare = unsafe extern "C" fn(*const c_void, *const c_void) -> c_int;
pub enum opaque {}
#[repr(i32)] pub enum mode { OFF = -1, ON }
pub const ANON_A: c_uint = 3; pub const ANON_B: c_int = 4;
extern "C" {
 pub fn walk(root: *mut node, v: visit, arg: *mut c_void);
 pub fn sort_all(base: *mut c_void, n: usize, cmp: Option<compare>);
 pub fn log_to(f: *mut libc::FILE, when: libc::time_t, ...) -> *mut libc::FILE;
 pub static mut names: *mut *mut c_char;
 pub static mut ticks: c_int;
 pub fn make(a: *mut [c_int; 4], argv: *mut *const c_char, m: *mut [f64; 4]) -> *mut opaque;
 pub fn bytes(buf: *const u8, b: bool) -> *mut u8;
}
pub extern "C" fn twice(x: c_int) -> c_int { 2 * x }
"#;

#[test]
fn one_of_everything_and_no_false_alarm() {
    clean(SHAPES_H, SHAPES_RS);
    // And what is right is not simply passed.
    for (right, wrong, item) in [
        (
            "FLAG_B: c_uint = 1 << 3",
            "FLAG_B: c_uint = 1 << 4",
            "FLAG_AB",
        ),
        ("NEG: c_long", "NEG: c_ulong", "NEG"),
        ("p: *mut c_void }", "p: f32 }", "node_u.p"),
        ("b: c_int }", "b: c_uint }", "node_in.b"),
        ("KIND_MASK: c_int = 7", "KIND_MASK: c_int = 3", "node.kind"),
        ("when: libc::time_t", "when: i32", "log_to"),
        (
            "static mut names: *mut *mut",
            "static mut names: *mut",
            "names",
        ),
        ("m: *mut [f64; 4]", "m: *mut [f64; 3]", "make"),
        ("b: bool", "b: c_int", "bytes"),
        ("fn twice(x: c_int)", "fn twice(x: c_long)", "twice"),
        (
            "*const c_void) -> c_int",
            "*mut c_void) -> c_int",
            "compare",
        ),
        ("ANON_B: c_int = 4", "ANON_B: c_int = 5", "ANON_B"),
        ("enum mode { OFF = -1", "enum mode { OFF = -2", "OFF"),
        ("type_: c_char", "type_: c_uchar", "node.type_"),
    ] {
        assert!(SHAPES_RS.contains(right), "{right}");
        let mutant = SHAPES_RS.replace(right, wrong);
        drifts(SHAPES_H, &mutant, &[&format!(": {item}: ")]);
    }
}

#[test]
fn what_rust_exports_is_compared_the_other_way_round() {
    let header = "struct s; struct r { int a; };\n\
                  extern const int count;\n\
                  void f(struct s *s, const struct r *r);\n\
                  unsigned short by_name(void (*call)(int));\n\
                  static inline int two(void) { return 2; }\n";
    let rust = "use core::ffi::c_int;\n\
        pub struct s { words: Vec<String> }\n\
        #[repr(C)] pub struct r { pub a: c_int }\n\
        struct Own(Vec<s>);\n\
        #[unsafe(no_mangle)] pub static count: c_int = 7;\n\
        #[no_mangle] pub extern \"C\" fn f(_: Option<Box<s>>, \
        _: Option<&r>) {}\n\
        #[unsafe(export_name = \"by_name\")] extern \"C\" fn other(\
        _: Option<extern \"C\" fn(c_int)>) -> u16 { 2 }\n\
        pub fn own() {}\n";
    exports(header, rust, &[]);
    for (from, to, word) in [
        // on one side alone
        ("#[no_mangle] ", "", "f: it is not exported"),
        (
            "= \"by_name\"",
            "= \"named\"",
            "other: it is exported as named",
        ),
        (
            "= \"by_name\"",
            "= \"two\"",
            "an inline function of the header",
        ),
        (
            "pub fn own",
            "#[no_mangle] pub extern \"C\" fn own",
            "own: it is",
        ),
        // another type
        ("u16", "u32", "C reads 2 of 4 bytes"),
        ("u16", "u8", "C reads 2 bytes and Rust gives 1"),
        ("extern \"C\" fn f", "fn f", "ABI \"Rust\""),
        ("a: c_int", "a: u64", "r.a: u64 in Rust, int in C"),
        ("#[repr(C)] ", "", "no repr(C)"),
        ("static count", "static mut count", "static mut in Rust"),
        ("count: c_int", "count: u8", "count: u8 in Rust"),
        (
            "static count",
            "static counter",
            "declares no variable counter",
        ),
        // what C may pass
        ("Option<Box<s>>", "Box<s>", "C may pass NULL"),
        ("Option<&r>", "core::ptr::NonNull<r>", "C may pass NULL"),
        (
            "Option<extern \"C\" fn(c_int)>",
            "extern \"C\" fn(c_int)",
            "NULL",
        ),
    ] {
        assert!(rust.contains(from), "{from}");
        exports(header, &rust.replacen(from, to, 1), &[word]);
    }
    let never = rust
        .replace("fn(c_int)>) -> u16 { 2 }", "fn(c_int)>) -> ! { loop {} }");
    exports(
        &header.replace("unsigned short by", "_Noreturn void by"),
        &never,
        &[],
    );
    exports(
        &header.replace("unsigned short by", "_Noreturn unsigned short by"),
        rust,
        &["C runs code"],
    );
}

/// The risk: C passes a number, and Rust has no name for it.
#[test]
fn no_enum_of_rusts_comes_from_c() {
    let header = "enum e { A, B }; struct s { enum e e; };\n\
                  enum e f(int a, const struct s *s);\n\
                  void g(struct s *s, enum e (*call)(void));\n";
    let rust = "#[repr(C)] pub enum e { A, B }\n\
        #[repr(C)] pub struct s { pub e: e }\n\
        #[no_mangle] pub extern \"C\" fn f(a: i32, s: *const X) -> e \
        { e::A }\n\
        #[no_mangle] pub extern \"C\" fn g(s: *mut s, \
        call: Option<extern \"C\" fn() -> Y>) {}\n";
    let with = |x: &str, y: &str| rust.replace('X', x).replace('Y', y);
    exports(
        header,
        &with("s", "u32"),
        &["`s`: e is an enum of Rust's, e"],
    );
    let opaque = header.replace(" { enum e e; }", "");
    let rust =
        with("s", "u32").replace("#[repr(C)] pub struct s", "pub struct s");
    exports(&opaque, &rust, &[]);
    exports(
        &opaque,
        &rust.replace("-> u32", "-> e"),
        &["`call`: its result is"],
    );
    exports(
        &opaque.replace("int a", "enum e a"),
        &rust.replace("a: i32", "a: e"),
        &["`a` is an enum"],
    );
}

#[test]
fn names_are_cbindgens() {
    let header = "enum lib_state { LIB_STATE_NOT_YET = 3 };\n\
                  struct lib; enum lib_state lib_open(struct lib *lib);\n";
    let rust = "#[repr(C)] pub enum State { NotYet = 3 }\n\
        pub struct Lib; pub const LEVEL: i32 = 1;\n\
        #[no_mangle] pub extern \"C\" fn lib_open(_: Option<&mut Lib>) -> \
        State { State::NotYet }\n";
    let names = "[export]\nexclude = [\"LEVEL\"]\n\
        [export.rename]\nLib = \"lib\"\nState = \"lib_state\"\n\
        [enum]\nrename_variants = \"ScreamingSnakeCase\"\n\
        prefix_with_name = true\n";
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cbindgen.toml");
    let more = ["--exports", "--names", path.to_str().unwrap()];
    for (names, code, word) in [
        (names.to_owned(), 0, "0 that breaks, 0 by the letter"),
        (
            names.replace("LEVEL", "X"),
            1,
            "LEVEL: the header has no constant",
        ),
        (names.replace("_with", "_without"), 1, "NOT_YET"),
        (names.replace("lib_state", "lib_states"), 1, "lib_states"),
        (
            names.replace("Screaming", "Flying"),
            2,
            "FlyingSnakeCase is not",
        ),
        (names.replace('[', "("), 2, "cbindgen.toml: "),
    ] {
        fs::write(&path, names).unwrap();
        if let Some(ran) = run(header, rust, &more) {
            let said = format!("{}{}", ran.out, ran.err);
            assert_eq!(ran.code, code, "{said}");
            assert!(said.contains(word), "no {word:?} in\n{said}");
        }
    }
}

/// The command, where its output goes to `shell`'s idea of it.
fn in_shell(shell: &str) -> String {
    let output = Command::new("sh")
        .args(["-c", shell, env!("CARGO_BIN_EXE_ferrule-drift")])
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_reader_that_has_read_enough_is_no_failure() {
    for word in ["--help", "--version"] {
        // the pipe has no reader when it writes
        let said = in_shell(&format!(
            "{{ sleep 0.2; \"$0\" {word}; echo $? >&2; }} | :"
        ));
        assert_eq!(said, "0\n");
    }
}

#[test]
fn output_that_cannot_be_written_is_said() {
    for word in ["--help", "--version"] {
        let said = in_shell(&format!("\"$0\" {word} >/dev/full; echo $? >&2"));
        assert!(
            said.starts_with("ferrule-drift: standard output: No space"),
            "{said}"
        );
        assert!(said.ends_with("2\n"), "{said}");
    }
}

#[test]
fn what_a_macro_makes_is_shown_with_call_and_macro() {
    let rust = "\
macro_rules! inner {
    ($(#[$m:meta])* pub fn $name:ident $($rest:tt)*) => {
        extern \"C\" { $(#[$m])* pub fn $name $($rest)*; }
    };
}
macro_rules! links {
    ($($(#[$m:meta])* fn $name:ident($($p:ident: $t:ty),*) -> $r:ty,)*) => {
        $(inner!($(#[$m])* pub fn $name($($p: $t),*) -> $r);)*
    };
}
links! {
    fn right(a: i32) -> i32,
    /// Not this.
    #[must_use] fn wrong(one: *const u8, two: i64, three: i32) -> i32,
}
";
    let header = "int right(int a);
int wrong(const unsigned char *one, int two, int three);";
    drifts(
        header,
        rust,
        &["  Rust x.rs:14
       pub fn wrong(one: *const u8, two: i64, three: i32) -> i32;
                                         ^^^
  by   inner!, x.rs:1
  C    "],
    );
    // What is in the macro alone has the line of the call.
    let rust = "\
macro_rules! all { () => { extern \"C\" { fn right(a: i64) -> i32; } }; }

all! {}
";
    drifts(
        "int right(int a);",
        rust,
        &["  Rust x.rs:3
       fn right(a: i64) -> i32;
                   ^^^
  by   all!, x.rs:1
"],
    );
}

#[test]
fn a_declaration_is_shown_in_one_line() {
    let names: Vec<String> =
        (0..300).map(|n| format!("name{n}: i32")).collect();
    let rust =
        format!("extern \"C\" {{ fn f({}, last: i64); }}", names.join(", "));
    let header = format!("void f({} int);", "int,".repeat(300));
    let Some(ran) = run(&header, &rust, &[]) else {
        return;
    };
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    assert!(
        ran.out.contains("name299: i32, last: i64);\n"),
        "{}",
        ran.out
    );
    for line in ran.out.lines().filter(|line| line.starts_with("     ")) {
        assert!(line.len() <= 80, "{line}");
    }
}

#[test]
fn types_without_end_do_not_end_the_run() {
    clean(
        "struct A { int x; }; void f(struct A a);",
        "pub mod inner { #[repr(C)] pub struct A { x: i32 } }
pub type A = inner::A; extern \"C\" { fn f(a: A); }",
    );
    for rust in [
        "#[repr(C)] pub struct A { x: B } #[repr(C)] pub struct B { x: A }",
        "pub type A = B; pub type B = A;",
        "pub type A = *mut B; pub type B = *mut A;",
        "#[repr(C)] pub struct A(A);",
        "#[repr(C)] pub union A { a: [A; 3] } pub type B = Option<fn(B)>;",
        "#[repr(transparent)] pub struct A(B); #[repr(transparent)] pub struct B(A);",
        "pub type A = [B; 2]; pub type B = Option<A>;",
        "pub const A: i32 = B; pub const B: i32 = A + 1;",
        "macro_rules! a { ($($t:tt)*) => { a!($($t)* x); }; } a!();",
    ] {
        let rust = format!("{rust} extern \"C\" {{ fn f(a: A, b: *mut B); }}");
        let header = "struct A { int x; }; struct B { struct A x; };
void f(struct A a, struct B *b);";
        let Some(ran) = run(header, &rust, &["--strict"]) else {
            return;
        };
        assert_ne!(ran.code, -1, "{rust}\n{}{}", ran.out, ran.err);
        assert!(ran.code != 0, "{rust}\n{}{}", ran.out, ran.err);
    }
}
