// SPDX-License-Identifier: MIT OR Apache-2.0
//! Each rule by which the command is silent, next to a neighbour where it has
//! to speak; and what it must not be silent about.
//!
//! Without libclang there is nothing to run.

use std::fs;
use std::path::Path;
use std::process::Command;

mod common;
use common::libclang;

use Expected::{Breaks, Cannot, Clean, Letter, Note, Unchecked};

/// What a run must come to.
#[derive(Debug, Clone, Copy)]
enum Expected {
    /// Exit status 0, and nothing noted about the item.
    Clean,
    /// Exit status 0, and a note with these words.
    Note(&'static str),
    /// Exit status 1, and 0 with `--level breaks`.
    Letter(&'static str),
    /// Exit status 1 with any level.
    Breaks(&'static str),
    /// An item that was not looked at; `--strict` makes it 1.
    Unchecked(&'static str),
    /// Exit status 2.
    Cannot(&'static str),
}

struct Case<'a> {
    header: &'a str,
    rust: &'a str,
    more: &'a [&'a str],
    /// A second file, and what is in it.
    beside: Option<(&'a str, &'a str)>,
    /// The C of a library, for `--lib`.
    library: Option<&'a str>,
}

impl<'a> Case<'a> {
    fn new(header: &'a str, rust: &'a str) -> Self {
        Self {
            header,
            rust,
            more: &[],
            beside: None,
            library: None,
        }
    }

    fn more(self, more: &'a [&'a str]) -> Self {
        Self { more, ..self }
    }

    fn beside(self, name: &'a str, text: &'a str) -> Self {
        let beside = Some((name, text));
        Self { beside, ..self }
    }

    fn library(self, text: &'a str) -> Self {
        let library = Some(text);
        Self { library, ..self }
    }

    fn write(&self, dir: &Path) {
        fs::write(dir.join("x.h"), self.header).unwrap();
        fs::write(dir.join("x.rs"), self.rust).unwrap();
        if let Some((name, text)) = self.beside {
            let path = dir.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        if let Some(text) = self.library {
            fs::write(dir.join("lib.c"), text).unwrap();
            let built = Command::new("cc")
                .args(["-w", "-shared", "-fPIC", "-o", "libx.so", "lib.c"])
                .current_dir(dir)
                .status();
            assert!(built.unwrap().success());
        }
    }

    fn run(&self, dir: &Path, level: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ferrule-drift"));
        if let Some(path) = libclang() {
            command.env("LIBCLANG_PATH", path);
        }
        command.args(["--header", "x.h", "--rust", "x.rs"]);
        if self.library.is_some() {
            command.args(["--lib", "./libx.so"]);
        }
        let done = command
            .args(self.more)
            .args(level)
            .current_dir(dir)
            .output()
            .unwrap();
        let text = [done.stdout, done.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        (done.status.code().unwrap_or(-1), text)
    }

    fn is(self, expected: Expected) {
        if libclang().is_none() {
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        self.write(dir.path());
        let (code, said) = self.run(dir.path(), &[]);
        let has = |start: &str, words: &str| {
            said.lines()
                .any(|line| line.starts_with(start) && line.contains(words))
        };
        let right = match expected {
            Clean => code == 0 && !said.contains("unchecked: "),
            Note(words) => code == 0 && has("note: ", words),
            Letter(words) => {
                let (lax, _) = self.run(dir.path(), &["--level", "breaks"]);
                code == 1 && lax == 0 && has("letter: ", words)
            }
            Breaks(words) => {
                let (lax, _) = self.run(dir.path(), &["--level", "breaks"]);
                code == 1 && lax == 1 && has("breaks: ", words)
            }
            Unchecked(words) => {
                let (strict, _) = self.run(dir.path(), &["--strict"]);
                strict == 1 && has("unchecked: ", words)
            }
            Cannot(words) => code == 2 && said.contains(words),
        };
        assert!(
            right,
            "expected {expected:?}, exit status {code}, for\n{}\n{}\n\n{said}",
            self.header, self.rust
        );
    }
}

fn case<'a>(header: &'a str, rust: &'a str) -> Case<'a> {
    Case::new(header, rust)
}

// --- Nothing is silent --------------------------------------------------------

#[test]
fn assertions_that_cannot_be_judged_are_no_success() {
    let (header, rust) =
        ("int f(int);", "extern \"C\" { fn f(a: i64) -> i32; }");
    case(header, rust).is(Breaks("f: parameter 1"));
    for flags in ["-nostdinc", "-std=c99 -pedantic-errors", "-m32 -march=nope"]
    {
        case(header, rust)
            .more(&["--cflags", flags])
            .is(Cannot("ferrule-drift: "));
    }
}

#[test]
fn nothing_to_check_is_no_success() {
    case("int f(int);", "fn own() {}")
        .more(&["--partial"])
        .is(Cannot("nothing was checked"));
}

#[test]
fn how_many_of_how_many() {
    let rust = "extern \"C\" { fn f(a: i32) -> i32; } extern \"C\" { fn g(x: \
                other::T); } ";
    case("int f(int); void g(struct t *);", rust)
        .more(&["--partial"])
        .is(Unchecked("g: a type of another crate"));
}

#[test]
fn what_is_behind_other_words_is_read() {
    let header = "int f(int);";
    let wrong = "extern \"C\" { pub fn f(a: i64) -> i32; }";
    let breaks = Breaks("f: parameter 1");
    case(header, "include!(\"inner.rs\");")
        .beside("inner.rs", wrong)
        .is(breaks);
    let generated = "include!(concat!(env!(\"OUT_DIR\"), \"/inner.rs\"));";
    case(header, generated)
        .beside("out/inner.rs", wrong)
        .more(&["--out-dir", "out"])
        .is(breaks);
    case(header, generated)
        .beside("Cargo.toml", "")
        .more(&["--out-dir", "gone"])
        .is(Cannot("--out-dir gone"));
    case(header, generated)
        .more(&["--partial"])
        .is(Cannot("nothing was checked"));
    case(header, "#[path = \"deep\"] mod m { mod inner; }")
        .beside("deep/inner.rs", wrong)
        .is(breaks);
    let cfg_if = format!(
        "cfg_if::cfg_if! {{ if #[cfg(windows)] {{ }} else if #[cfg(unix)] \
         {{ {wrong} }} else {{ }} }}"
    );
    case(header, &cfg_if).is(breaks);
    let safe = "unsafe extern \"C\" { pub safe fn f(a: i64) -> i32; }";
    case(header, safe).is(breaks);
    let exported = "#[export_name = \"f\"] pub extern \"C\" fn other(a: i64) \
                    -> i32 { 0 }";
    case(header, exported).is(Breaks("other: parameter 1"));
    let generic = "#[repr(C)] pub struct G<const N: usize> { n: [i32; N] } \
                   pub type s = G<3>;";
    case("struct s { int n[4]; };", generic).is(Breaks("s: 12 bytes in Rust"));
    case("struct s { int n[3]; };", generic).is(Clean);
    let names = "pub use core::ffi::c_long; \
                 extern \"C\" { fn f(a: crate::c_long) -> i32; }";
    case(header, names).is(breaks);
    case("int f(long);", names).is(Clean);
}

#[test]
fn functions_that_are_looked_up_by_name_are_compared() {
    let rust = "pub struct Api { pub f: unsafe extern \"C\" fn(i32) -> i32 }";
    case("int f(int);", rust).is(Clean);
    case("int f(long);", rust).is(Breaks("f: its parameter 1"));
}

#[test]
fn a_symbol_is_what_c_links_to() {
    let header = "int f(int) __asm__(\"f_v2\");";
    let both = "int f(int a) { return a; } int f_v2(int a) { return a; }";
    case(header, "extern \"C\" { fn f(a: i32) -> i32; }")
        .library(both)
        .is(Breaks("f: Rust links to f, and C to f_v2"));
    let named = "extern \"C\" { #[link_name = \"f_v2\"] fn f(a: i32) -> i32; }";
    case(header, named).library(both).is(Clean);
    case(
        "extern __thread int t;",
        "extern \"C\" { static mut t: i32; }",
    )
    .is(Breaks("t: each thread has its own"));
    let chosen = "static int one(int a) { return a; } static void *pick(void) \
                  { return one; } int f(int) \
                  __attribute__((ifunc(\"pick\")));";
    case("int f(int);", "extern \"C\" { fn f(a: i32) -> i32; }")
        .library(chosen)
        .is(Clean);
}

#[test]
fn options_that_would_leave_something_out_are_refused() {
    let (header, rust) =
        ("int f(int);", "extern \"C\" { fn f(a: i32) -> i32; }");
    case(header, rust)
        .more(&["--own", "gone"])
        .is(Cannot("--own gone"));
    case(header, rust)
        .beside("Cargo.toml", "[features]\na = []\n")
        .more(&["--feature", "a,b"])
        .is(Cannot("--feature b"));
    case(header, rust)
        .beside("Cargo.toml", "[features]\na = []\n")
        .more(&["--feature", "a"])
        .is(Clean);
    case(header, rust)
        .more(&["--level", "all"])
        .is(Cannot("--level all"));
}

// --- And no noise -------------------------------------------------------------

#[test]
fn conventions_that_are_one_here() {
    let header = "typedef int (*cb)(int); void f(cb);";
    let rust = "extern \"system\" { fn f(c: Option<unsafe extern \"system\" \
                fn(i32) -> i32>); } pub type cb = Option<unsafe extern \
                \"C\" fn(i32) -> i32>;";
    case(header, rust).is(Clean);
    let rust = rust.replace("\"system\" fn", "\"win64\" fn");
    case(header, &rust).is(Breaks("f: "));
    let own = "extern \"win64\" { fn f(a: i32) -> i32; }";
    case("__attribute__((ms_abi)) int f(int);", own).is(Clean);
    case("int f(int);", own).is(Breaks("f: ABI \"win64\""));
}

#[test]
fn an_inline_function_is_rusts_own() {
    let header = "static inline int add(int a, int b) { return a + b; }";
    case(header, "pub fn add(a: i32, b: i32) -> i32 { a + b }").is(Clean);
    case(header, "pub fn add(a: i32, b: i64) -> i32 { a }")
        .is(Breaks("add: parameter 2"));
}

#[test]
fn a_type_of_libc_has_the_size_that_the_header_says() {
    let header = "#include <stddef.h>\nstruct s { size_t n; int type; };";
    let rust = |ty: &str| {
        format!(
            "#[repr(C)] pub struct s {{ pub n: libc::size_t, pub kind: {ty} }}"
        )
    };
    case(header, &rust("i32")).is(Note("C calls it type"));
    case(header, &rust("i16")).is(Breaks("s.type: a field that Rust lacks"));
    case(header, &rust("f32")).is(Breaks("s."));
}

#[test]
fn the_same_memory_under_another_name() {
    let one = "struct s { int kind; short b; };";
    let note = Note("C calls it");
    case(one, "#[repr(C)] pub struct s { pub ty: i32, pub b: i16 }").is(note);
    case(one, "#[repr(C)] pub struct s { pub ty: u32, pub b: i16 }")
        .is(Breaks("s.ty: u32 in Rust"));
    case(one, "#[repr(C)] pub struct s { pub b: i16, pub ty: i32 }")
        .is(Breaks("s.b: it lies elsewhere"));
    let xyz = "struct s { float x, y, z; };";
    case(xyz, "#[repr(C)] pub struct s { pub v: [f32; 3] }").is(note);
    case(xyz, "#[repr(C)] pub struct s(pub f32, pub f32, pub f32);").is(note);
    case(xyz, "#[repr(C)] pub struct s { pub v: [f32; 2] }")
        .is(Breaks("s: 8 bytes in Rust"));
    case(xyz, "#[repr(C)] pub struct s { pub v: [i32; 3] }")
        .is(Breaks("s.v: i32 in Rust"));
    let inner = "struct s { int x; struct { char *t, *p; } in; };";
    let flat = "#[repr(C)] pub struct s { pub x: i32, \
                pub in_t: *mut core::ffi::c_char, \
                pub in_p: *mut core::ffi::c_char }";
    case(inner, flat).is(note);
    case(inner, &flat.replace("in_p: *mut", "in_p: *mut *mut"))
        .is(Breaks("s.in_p: "));
    let head = "struct head { int a, b; }; struct s { int a, b; long c; };";
    let nested = "#[repr(C)] pub struct head { pub a: i32, pub b: i32 } \
                  #[repr(C)] pub struct s { pub h: head, pub c: i64 }";
    case(head, nested).is(note);
    case(head, &nested.replace("h: head", "h: [i16; 4]")).is(Breaks("s"));
}

#[test]
fn what_has_no_value_below_zero_may_have_a_sign() {
    let rust = "#[repr(C)] pub struct s { pub e: i32 }";
    case("enum e { A, B }; struct s { enum e e; };", rust)
        .more(&["--partial"])
        .is(Letter("s.e: "));
    case(
        "enum e { A = -1, B }; struct s { enum e e; };",
        "#[repr(C)] pub struct s { pub e: u32 }",
    )
    .more(&["--partial"])
    .is(Breaks("s.e: "));
}

#[test]
fn a_const_is_by_the_letter_and_what_is_behind_it_is_not() {
    let header = "int f(const char *a, const void *b);";
    let rust = |a: &str, b: &str| {
        format!("extern \"C\" {{ fn f(a: {a}, b: {b}) -> i32; }}")
    };
    let (text, any) = ("*const core::ffi::c_char", "*const core::ffi::c_void");
    case(header, &rust(text, any)).is(Clean);
    case(header, &rust("*mut core::ffi::c_char", any)).is(Letter("f: "));
    case(header, &rust(text, "*const u8")).is(Letter("f: "));
    case(header, &rust("*mut i16", any)).is(Breaks("f: parameter 1"));
    case(header, &rust("*mut core::ffi::c_char", "usize"))
        .is(Breaks("f: parameter 2"));
    case(header, &rust(text, "*const *const u8")).is(Breaks("f: "));
}

#[test]
fn a_value_is_a_value_however_it_is_written() {
    case("#define N 5UL", "pub const N: core::ffi::c_int = 5;").is(Clean);
    case("#define N 5UL", "pub const N: core::ffi::c_int = 6;")
        .is(Breaks("N: 6 in Rust, 5 in C"));
    case("#define N ((unsigned long)5)", "pub const N: i32 = 5;")
        .is(Breaks("N: i32 in Rust"));
    for header in [
        "#define T \"x\"",
        "typedef char c; #define T ((const c *)\"x\")",
    ] {
        let header = header.replace("; #", ";\n#");
        for rust in [
            "pub const T: &str = \"x\";",
            "pub const T: &str = \"x\\0\";",
            "pub const T: &[u8] = b\"x\\0\";",
            "pub const T: *const core::ffi::c_char = b\"x\\0\".as_ptr() as _;",
        ] {
            case(&header, rust).is(Clean);
            case(&header, &rust.replace('x', "y").replace("c_y", "c_x"))
                .is(Breaks("T: \"y"));
        }
    }
    let max = "#define N ((unsigned long)-1)";
    case(max, "pub const N: usize = usize::max_value();").is(Clean);
    case(max, "pub const N: usize = usize::min_value();").is(Breaks("N: 0"));
}

#[test]
fn what_is_rusts_own() {
    let header = "#include \"sub.h\"\nint f(int);";
    let rust = "extern \"C\" { fn f(a: i32) -> i32; } pub const OWN: u8 = 1; \
                pub const SUB: i32 = 5; pub(crate) const IN: u8 = 2;";
    case(header, rust)
        .beside("sub.h", "#define SUB 5\n")
        .is(Note("OWN: a constant of Rust's own"));
    case(header, rust)
        .beside("sub.h", "#define SUB 6\n")
        .is(Breaks("SUB: 5 in Rust, 6 in C"));
    // Called as the header's are, it was one of them.
    let rust = "pub const LIB_A: i32 = 1; pub const LIB_B: i32 = 2;";
    case("#define LIB_A 1", rust).is(Letter("LIB_B: the header has no"));
}

#[test]
fn an_array_parameter_is_a_pointer() {
    let rust = "extern \"C\" { fn f(a: *const [i32; 4]) -> i32; }";
    case("int f(const int a[4]);", rust).is(Clean);
    case("int f(const int a[5]);", rust).is(Breaks("f: parameter 1"));
    case("int f(const long a[4]);", rust).is(Breaks("f: parameter 1"));
}

#[test]
fn a_handle_may_have_another_tag() {
    let header = "typedef struct handle_ *handle; int f(handle);";
    let rust = "#[repr(C)] pub struct Handle { _p: [u8; 0] } \
                pub type handle = *mut Handle; \
                extern \"C\" { fn f(h: handle) -> i32; }";
    case(header, rust).is(Note("Handle: an opaque type of Rust's own"));
    case(header, &rust.replace("f(h: handle)", "f(h: *mut handle)"))
        .is(Breaks("f: parameter 1"));
    let void = "pub type s = core::ffi::c_void; \
                extern \"C\" { fn f(s: *mut s) -> i32; }";
    case("typedef struct s s; int f(s *);", void).is(Clean);
    case("typedef struct s s; int f(s **);", void).is(Breaks("f: parameter 1"));
}
