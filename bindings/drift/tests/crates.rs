// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names of other crates: known by reading those crates, and nothing is known
//! of one that is not there.

use std::fs;
use std::path::Path;

mod common;
use common::libclang;

/// A run: exit status, and all that it said.
struct Ran(i32, String);

impl Ran {
    fn clean(&self) {
        assert!(self.0 == 0 && !self.1.contains("unchecked: "), "{}", self.1);
    }

    /// The exit status, and a line that starts so and has these words.
    fn says(&self, code: i32, start: &str, words: &str) {
        let mut lines = self.1.lines();
        let found =
            lines.any(|line| line.starts_with(start) && line.contains(words));
        assert!(
            self.0 == code && found,
            "no {start}...{words}, or not {code}: {}\n{}",
            self.0,
            self.1
        );
    }
}

/// Hold `rust` against `header`, with crates that it may name, each after those
/// that it names itself. Nothing where there is no libclang.
fn run(header: &str, rust: &str, crates: &[(&str, &str)]) -> Option<Ran> {
    libclang()?;
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        fs::write(dir.path().join(name), text).unwrap();
    };
    write("x.h", header);
    write("x.rs", rust);
    let mut words =
        ["--header", "x.h", "--rust", "x.rs", "--partial"].map(str::to_owned);
    let mut words: Vec<String> = words.iter_mut().map(std::mem::take).collect();
    for (name, text) in crates {
        write(&format!("{name}.rs"), text);
        words.extend(["--crate".to_owned(), format!("{name}={name}.rs")]);
    }
    Some(command(dir.path(), &words))
}

fn command(dir: &Path, words: &[String]) -> Ran {
    let ran = common::run(env!("CARGO_BIN_EXE_ferrule-drift"), dir, words);
    Ran(ran.code, ran.out + &ran.err)
}

/// What is right is clean, and with `right` replaced by `wrong` in the crates,
/// it breaks.
fn both(
    header: &str,
    rust: &str,
    crates: &[(&str, &str)],
    (right, wrong, words): (&str, &str, &str),
) {
    if let Some(ran) = run(header, rust, crates) {
        ran.clean();
    }
    let changed: Vec<(&str, String)> = crates
        .iter()
        .map(|(name, text)| (*name, text.replace(right, wrong)))
        .collect();
    let changed: Vec<(&str, &str)> = changed
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    assert!(changed != crates, "{right} is not there");
    if let Some(ran) = run(header, rust, &changed) {
        ran.says(1, "breaks: ", words);
    }
}

const FLAGS: (&str, &str, &str) = ("u64", "u32", "f: parameter 1");

#[test]
fn a_type_is_what_its_crate_says() {
    let header = "unsigned long f(unsigned long);";
    for rust in [
        "extern \"C\" { pub fn f(a: foo::flags) -> u64; }",
        "use foo::flags; extern \"C\" { pub fn f(a: flags) -> u64; }",
        "use foo::flags as F; extern \"C\" { pub fn f(a: F) -> u64; }",
        "use foo::*; extern \"C\" { pub fn f(a: flags) -> u64; }",
        "use foo as bar; extern \"C\" { pub fn f(a: bar::flags) -> u64; }",
        "extern crate foo as b; extern \"C\" { pub fn f(a: b::flags) -> u64; }",
        "pub use foo::flags; mod m { extern \"C\" { \
         pub fn f(a: crate::flags) -> u64; } }",
        "pub use foo::*; mod m { extern \"C\" { \
         pub fn f(a: crate::flags) -> u64; } }",
        "mod m { pub use foo::flags; } use self::m::flags; \
         extern \"C\" { pub fn f(a: self::m::flags) -> u64; }",
    ] {
        let foo = "mod deep { pub type flags = u64; } pub use deep::*;";
        both(header, rust, &[("foo", foo)], FLAGS);
    }
}

#[test]
fn a_crate_may_name_another() {
    let header = "unsigned long f(unsigned long);";
    let rust = "use foo::flags; extern \"C\" { pub fn f(a: flags) -> u64; }";
    for foo in [
        "pub use base::flags;",
        "pub use base::*;",
        "pub type flags = base::flags;",
        "pub mod m { pub use base::flags as other; } pub use m::other as flags;",
    ] {
        let base = "pub type flags = u64;";
        both(header, rust, &[("base", base), ("foo", foo)], FLAGS);
    }
}

#[test]
fn a_platforms_type_is_reexported() {
    let header = "int f(int);";
    let rust = "pub use std::ffi::c_int; mod m { extern \"C\" { \
                pub fn f(a: crate::c_int) -> crate::c_int; } }";
    if let Some(ran) = run(header, rust, &[]) {
        ran.clean();
    }
    let wrong = rust.replace("std::ffi::c_int", "std::ffi::c_long as c_int");
    if let Some(ran) = run(header, &wrong, &[]) {
        ran.says(1, "breaks: ", "f: parameter 1");
    }
    let of = "mod prims { pub use core::ffi::{c_int, c_long}; } \
              pub use prims::*;";
    let rust = "use of::c_int; extern \"C\" { pub fn f(a: c_int) -> i32; }";
    if let Some(ran) = run(header, rust, &[("of", of)]) {
        ran.clean();
    }
    let wrong = rust.replace("c_int", "c_long");
    if let Some(ran) = run(header, &wrong, &[("of", of)]) {
        ran.says(1, "breaks: ", "f: parameter 1");
    }
}

#[test]
fn what_is_not_known_is_not_checked() {
    let header = "int f(unsigned long);";
    let rust = "extern \"C\" { pub fn f(a: foo::flags) -> i32; }";
    let own = format!("type flags = u64; {rust}");
    for (rust, crates, words) in [
        // The name of another crate's type is none of this one's.
        (&*own, &[][..], "a type of another crate: foo::flags"),
        (rust, &[("foo", "type flags = u64;")], "of the crate foo"),
        (
            rust,
            &[("foo", "pub(crate) type flags = u64;")],
            "the crate foo",
        ),
        (
            rust,
            &[("foo", "#[cfg(windows)] pub type flags = u64;")],
            "of the crate foo",
        ),
        (rust, &[("foo", "pub type flags = (")], "foo cannot be read"),
        (
            rust,
            &[("foo", "mod gone;")],
            "there is no file for mod gone",
        ),
        (
            "mod a { use foo::t; } mod b { use bar::t; \
             extern \"C\" { pub fn f(a: t) -> i32; } }",
            &[("foo", "pub type t = u64;"), ("bar", "pub type t = u32;")],
            "one type in one module and another in another",
        ),
    ] {
        if let Some(ran) = run(header, rust, crates) {
            assert_ne!(ran.0, 0, "{}", ran.1);
            ran.says(2, "unchecked: ", words);
        }
    }
}

#[test]
fn a_struct_is_as_large_as_cs() {
    let header = "struct s { long a; int b; }; void f(struct s *);";
    let rust = "extern \"C\" { pub fn f(a: *mut foo::s); }";
    let foo = "#[repr(C)] pub struct s { pub a: i64, pub b: i32 }";
    let wrong = ("b: i32", "b: i64, pub c: i64", "foo::s: a type of another");
    both(header, rust, &[("foo", foo)], wrong);
    // By value in a struct of this one's own.
    let header = "struct s { long a; int b; }; struct t { struct s in; };";
    let rust = "use foo::s; #[repr(C)] pub struct t { pub r#in: s }";
    both(header, rust, &[("foo", foo)], wrong);
    // Another one, which C has, too.
    let header =
        "struct s { int a; }; struct u { int a; }; void f(struct u *);";
    let rust = "extern \"C\" { pub fn f(a: *mut foo::s); }";
    let foo = "#[repr(C)] pub struct s { pub a: i32 }";
    if let Some(ran) = run(header, rust, &[("foo", foo)]) {
        ran.says(1, "breaks: ", "f: parameter 1");
    }
}

#[test]
fn the_libc_crate_is_read_or_the_summary_says_so() {
    let header = "#include <sys/types.h>\nvoid f(off_t);";
    let rust = "use libc::off_t; extern \"C\" { pub fn f(a: off_t); }";
    let said = "because the libc crate was not read";
    if let Some(ran) = run(header, rust, &[]) {
        ran.says(0, "by a fixed list", said);
    }
    let libc = "pub type off_t = i64;";
    if let Some(ran) = run(header, rust, &[("libc", libc)]) {
        ran.clean();
        assert!(!ran.1.contains(said), "{}", ran.1);
    }
    // What the list takes on trust is what the crate says.
    let libc = "pub type off_t = i32;";
    if let Some(ran) = run(header, rust, &[("libc", libc)]) {
        ran.says(1, "breaks: ", "f: parameter 1");
    }
}

#[test]
fn a_constant_of_another_crate_has_its_value() {
    let header = "#define A 7\n#define B 9\nstruct s { char a[7]; };\n\
                  #define C 14\n";
    let rust = "use foo::SIX; pub const A: i32 = SIX + 1; \
                pub const B: i32 = foo::SIX + foo::three(0); \
                pub const C: i32 = foo::twice(A); \
                #[repr(C)] pub struct s { pub a: [std::ffi::c_char; foo::N] }";
    let foo = "pub const SIX: i32 = BASE * 2; const BASE: i32 = 3; \
               pub const N: usize = 7; \
               pub const fn three(a: i32) -> i32 { assert!(a == 0); \
               let b: i32 = BASE; if cfg!(windows) { 0 } else { b } } \
               pub const fn twice(a: i32) -> i32 { a * 2 }";
    for (right, wrong, words) in [
        ("BASE: i32 = 3", "BASE: i32 = 4", "A: 9 in Rust, 7 in C"),
        (
            "let b: i32 = BASE",
            "let b: i32 = 4",
            "B: 10 in Rust, 9 in C",
        ),
        ("cfg!(windows)", "cfg!(unix)", "B: 6 in Rust, 9 in C"),
        ("a * 2", "a * 3", "C: 21 in Rust, 14 in C"),
        ("usize = 7", "usize = 8", "s: "),
    ] {
        both(header, rust, &[("foo", foo)], (right, wrong, words));
    }
}

#[test]
fn chains_of_constants_have_no_end() {
    let constants = (1..2_000).map(|at| {
        let before = at - 1;
        format!("pub const C{at}: i32 = (C{before} + 1) as i32;")
    });
    let types = (1..100).map(|at| format!("pub type T{at} = T{};", at - 1));
    let mut all = vec!["pub const C0: i32 = 5; pub type T0 = i32;".to_owned()];
    all.extend(constants.chain(types));
    let mut rust = all.join("\n");
    rust += "extern \"C\" { pub fn f(a: T99); }\n";
    let header = "#define C1999 2004\nvoid f(int);\n";
    if let Some(ran) = run(header, &rust, &[]) {
        ran.clean();
    }
    let wrong = rust.replace("C7: i32 = (C6 + 1)", "C7: i32 = (C6 + 2)");
    if let Some(ran) = run(header, &wrong, &[]) {
        ran.says(1, "breaks: ", "C1999: 2005 in Rust, 2004 in C");
    }
    let wrong = rust.replace("T0 = i32", "T0 = i64");
    if let Some(ran) = run(header, &wrong, &[]) {
        ran.says(1, "breaks: ", "f: parameter 1");
    }
    let circle = "pub const A: i32 = B; pub const B: i32 = A + 1;";
    if let Some(ran) = run("#define A 1\nint f(int);", circle, &[]) {
        ran.says(2, "unchecked: ", "A: A is computed from itself");
    }
}

/// A macro that hands on to another one of its crate, as dlib's does.
const LIBRARY: &str = "
#[macro_export]
macro_rules! linked {
    ($(functions: $(fn $name:ident($($arg:ty),*) -> $ret:ty),+,)|*) => {
        extern \"C\" { $($(pub fn $name($(_: $arg),*) -> $ret;)+)* }
    };
}
#[macro_export]
macro_rules! library {
    (feature = $feature:expr, $($rest:tt)*) => {
        #[cfg(not(feature = $feature))]
        $crate::linked! { $($rest)* }
        #[cfg(feature = $feature)]
        use none_of_c::*;
    };
    ($($rest:tt)*) => { $crate::library! { feature = \"open\", $($rest)* } };
}
macro_rules! own { () => { extern \"C\" { pub fn f(a: i32) -> i32; } } }
";

#[test]
fn a_macro_of_another_crate_is_expanded() {
    let header = "int f(int);";
    for rust in [
        "#[macro_use] extern crate lib; \
         library! { functions: fn f(i64) -> i32, }",
        "library! { functions: fn f(i64) -> i32, } use lib::library;",
        "use lib::library as l; l! { functions: fn f(i64) -> i32, }",
        "use lib::*; library! { functions: fn f(i64) -> i32, }",
        "lib::library! { functions: fn f(i64) -> i32, }",
        "lib::library! { feature = \"open\", functions: fn f(i64) -> i32, }",
        "again::library! { functions: fn f(i64) -> i32, }",
    ] {
        let crates = [
            ("lib", LIBRARY),
            ("again", "pub use lib::{library, linked};"),
        ];
        if let Some(ran) = run(header, rust, &crates) {
            ran.says(1, "breaks: f: parameter 1", "i64 in Rust, int in C");
        }
        let right = rust.replace("i64", "i32");
        if let Some(ran) = run(header, &right, &crates) {
            ran.clean();
            assert!(ran.1.contains("1 of 1 items checked"), "{}", ran.1);
        }
    }
    let inner = "macro_rules! a { () => { $crate::b!(); } }\n\
                 macro_rules! b { () => { extern \"C\" { \
                 pub fn f(a: i64); } } }\na!();";
    if let Some(ran) = run(header, inner, &[]) {
        ran.says(1, "breaks: ", "f: parameter 1");
    }
}

#[test]
fn a_macro_that_is_not_known_is_not_checked() {
    let header = "int f(int);";
    for (rust, words) in [
        ("lib::own! {}", "what the macro own! declares is not known"),
        (
            "#[macro_use] extern crate lib; own! {}",
            "macro own! declares",
        ),
        ("other::library! {}", "the macro other::library! declares"),
        (
            "library! { functions: fn f(i64) -> i32, }",
            "macro library! decl",
        ),
    ] {
        if let Some(ran) = run(header, rust, &[("lib", LIBRARY)]) {
            ran.says(2, "unchecked: ", words);
        }
    }
}

/// A workspace in which a crate names four others, one of them under another
/// name, and one of them a procedural macro.
fn workspace(dir: &Path, changed: &[(&str, &str)]) {
    let package = |name: &str, more: &str| {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \
             \"2021\"\n{more}"
        )
    };
    let root = package(
        "thing-sys",
        "[workspace]\nmembers = [\"base\", \"raw\", \"mac\", \"make\"]\n\
         [dependencies]\nraw = { path = \"raw\", features = [\"wide\"] }\n\
         other = { path = \"base\", package = \"base-sys\" }\n\
         mac = { path = \"mac\" }\nmake = { path = \"make\" }\n",
    );
    let raw = package(
        "raw",
        "[features]\nwide = []\n\
         [dependencies]\nbase-sys = { path = \"../base\" }\n",
    );
    let base = package("base-sys", "links = \"base\"\n");
    let make = package("make", "[lib]\nproc-macro = true\n");
    for (name, text) in [
        ("Cargo.toml", &*root),
        ("drift.toml", "headers = [\"thing.h\"]\npartial = true\n"),
        (
            "src/lib.rs",
            "use mac::mac; extern \"C\" { \
             pub fn f(a: raw::flags, b: other::word) -> raw::set; }\n\
             mac! { fn g(i32); }\n#[make::keep] extern \"C\" { pub fn h(); }\n\
             make::make! {}",
        ),
        ("raw/Cargo.toml", &*raw),
        (
            "raw/src/lib.rs",
            "#[cfg(feature = \"wide\")] pub type flags = u64;\n\
             #[cfg(not(feature = \"wide\"))] pub type flags = u32;\n\
             #[cfg(base)] pub type set = u16;\n\
             #[cfg(not(base))] pub type set = base_sys::word;",
        ),
        ("base/Cargo.toml", &*base),
        (
            "base/build.rs",
            "fn main() { \
             let here = std::env::var(\"CARGO_MANIFEST_DIR\").unwrap(); \
             println!(\"cargo::metadata=KEY={here}/headers\"); \
             println!(\"cargo::rustc-check-cfg=cfg(base)\"); \
             println!(\"cargo::rustc-cfg=base\"); }",
        ),
        (
            "base/src/lib.rs",
            "#[cfg(base)] pub type word = u8;\n\
             #[cfg(not(base))] pub type word = u64;",
        ),
        ("base/headers/include/base.h", ""),
        ("base/headers/thing.h", HEADER),
        ("mac/Cargo.toml", &*package("mac", "")),
        (
            "mac/src/lib.rs",
            "#[macro_export] macro_rules! mac { (fn $name:ident($ty:ty);) => \
             { extern \"C\" { pub fn $name(a: $ty); } } }",
        ),
        ("make/Cargo.toml", &*make),
        (
            "make/src/lib.rs",
            "use proc_macro::TokenStream;\n#[proc_macro] pub fn make(_: \
             TokenStream) -> TokenStream { TokenStream::new() }\n\
             #[proc_macro_attribute] pub fn keep(_: TokenStream, a: \
             TokenStream) -> TokenStream { a }",
        ),
    ]
    .iter()
    .chain(changed)
    {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

const HEADER: &str = "unsigned char f(unsigned long, unsigned char); \
                      void g(long); void h(int);";

#[test]
fn cargo_knows_the_crates() {
    if libclang().is_none() {
        return;
    }
    for key in ["INCLUDE", "include_dirs", "HEADER_DIR", "includes"] {
        let dir = tempfile::tempdir().unwrap();
        workspace(dir.path(), &[]);
        let build = fs::read_to_string(dir.path().join("base/build.rs"));
        let build = build.unwrap().replace("KEY", key);
        workspace(dir.path(), &[("base/build.rs", &build)]);
        let words = ["--manifest-path", "Cargo.toml", "--package", "thing-sys"];
        let ran = command(dir.path(), &words.map(str::to_owned));
        ran.says(1, "breaks: ", "g: parameter 1");
        ran.says(1, "unchecked: ", "h: the attribute make::keep is a proc");
        ran.says(1, "unchecked: ", "make!: what the macro make! declares");
        assert!(!ran.1.contains("breaks: f: parameter"), "{}", ran.1);
        if key != "INCLUDE" {
            continue;
        }
        // What a build script sets is for its own crate alone.
        assert!(!ran.1.contains("f: the result"), "{}", ran.1);
        let narrow =
            "pub type flags = u32; #[cfg(not(base))] pub type set = u64;";
        let changed = [("raw/src/lib.rs", narrow), ("base/build.rs", &build)];
        workspace(dir.path(), &changed);
        let ran = command(dir.path(), &words.map(str::to_owned));
        ran.says(1, "breaks: ", "f: parameter 1 `a`: raw::flags in Rust");
    }
}

#[test]
fn what_is_the_same_in_c_is_no_drift() {
    // Each with a neighbour that is one.
    for (header, rust, wrong) in [
        (
            "void f(void) __attribute__((__nothrow__)) \
             __attribute__((__noreturn__));",
            "extern \"C\" { pub fn f() -> !; }",
            ("__noreturn__", "__cold__", "f: it never returns"),
        ),
        (
            "struct s { int a; };",
            "#[repr(C)] pub struct s { pub a: i32, pub none: () }",
            ("int a", "int a, b", "s: "),
        ),
        (
            "#define A ((void *)-1)\n",
            "pub const A: *mut std::ffi::c_void = !0 as *mut _;",
            (")-1)", ")-2)", "A: -1 in Rust"),
        ),
        (
            "union u { long a; char b[12]; }; struct t { union u u; };",
            "#[repr(C, align(8))] pub struct u { bytes: [u8; 16] } \
             #[repr(C)] pub struct t { pub u: u }",
            ("b[12]", "b[20]", "u: 16 bytes in Rust, 24 in C"),
        ),
        (
            "int f(long);",
            "extern \"C\" { pub fn f(#[cfg(unix)] a: i64, \
             #[cfg(windows)] a: i32) -> i32; }",
            ("long", "int", "f: parameter 1"),
        ),
        (
            "#include <stdarg.h>\nint f(va_list);",
            "pub type va_list = [__va_list_tag; 1]; \
             #[repr(C)] pub struct __va_list_tag { pub a: [u64; 3] } \
             extern \"C\" { pub fn f(a: *mut __va_list_tag) -> i32; }",
            ("int f", "long f", "f: the result"),
        ),
    ] {
        if let Some(ran) = run(header, rust, &[]) {
            assert_eq!(ran.0, 0, "{header}\n{}", ran.1);
        }
        let changed = header.replace(wrong.0, wrong.1);
        assert_ne!(changed, header);
        if let Some(ran) = run(&changed, rust, &[]) {
            ran.says(1, "breaks: ", wrong.2);
        }
    }
}

#[test]
fn the_same_bits_as_another_number_differ_by_the_letter() {
    let header = "#define A 0x80000000\n#define B (3U << 4)\n";
    let rust = "pub const A: i32 = 0x80000000u32 as i32; \
                pub const B: i32 = 48;";
    if let Some(ran) = run(header, rust, &[]) {
        ran.says(1, "letter: ", "A: -2147483648 in Rust, 2147483648 in C");
        ran.says(1, "letter: ", "B: i32 in Rust, unsigned int in C");
        assert!(!ran.1.contains("breaks: "), "{}", ran.1);
    }
    for (right, wrong, words) in [
        (
            "0x80000000u32 as",
            "0x80000001u32 as",
            "A: -2147483647 in Rust",
        ),
        (
            "A: i32 = 0x80000000u32 as i32",
            "A: i64 = -0x80000000",
            "A: -214",
        ),
        ("B: i32 = 48", "B: i32 = 49", "B: 49 in Rust"),
    ] {
        let changed = rust.replace(right, wrong);
        assert_ne!(changed, rust);
        if let Some(ran) = run(header, &changed, &[]) {
            ran.says(1, "breaks: ", words);
        }
    }
}

#[test]
fn what_is_not_compiled_and_not_cs_is_no_item() {
    let header = "int f(int);";
    let rust = "#[cfg(feature = \"no\")] use gone::*; \
                #[cfg(feature = \"no\")] impl Clone for S {} \
                #[cfg(feature = \"no\")] pub fn helper() {} \
                extern \"C\" { pub fn f(a: i32) -> i32; }";
    if let Some(ran) = run(header, rust, &[]) {
        ran.clean();
        ran.says(0, "note: ", "helper: it is behind cfg");
    }
    let rust = format!(
        "{rust} #[cfg(feature = \"no\")] #[no_mangle] pub extern \"C\" fn g() {{}}"
    );
    if let Some(ran) = run(header, &rust, &[]) {
        ran.says(0, "unchecked: ", "g: it is behind cfg");
    }
}

#[test]
fn a_name_that_leads_nowhere_ends() {
    let header = "int f(int *); int g(int);";
    let modules = (0..12).map(|at| {
        format!(
            "mod m{at} {{ pub use crate::m{}::gone; pub use super::gone; \
             pub use crate::gone as other; pub use self::other as gone; }}",
            (at + 1) % 12
        )
    });
    let rust = modules.collect::<String>()
        + "extern \"C\" { pub fn f(a: *mut m3::gone) -> i32; \
           pub fn g(a: i32) -> i32; }";
    if let Some(ran) = run(header, &rust, &[]) {
        ran.says(0, "unchecked: ", "f: a type of another crate: m3::gone");
    }
    let known = rust + " pub type gone = i64;";
    if let Some(ran) = run(header, &known, &[]) {
        ran.says(1, "breaks: ", "f: parameter 1");
    }
}
