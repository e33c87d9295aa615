// SPDX-License-Identifier: MIT OR Apache-2.0
//! Each rule by which the command is silent, next to a neighbour where it has
//! to speak; and what it must not be silent about.
//!
//! Without libclang there is nothing to run.

#[path = "common/case.rs"]
mod case;
mod common;
#[path = "rules/config.rs"]
mod config;
#[path = "rules/enums.rs"]
mod enums;
#[path = "rules/report.rs"]
mod report;
#[path = "rules/types.rs"]
mod types;

use case::{Expected, case};

use Expected::{Breaks, Cannot, Clean, Letter, Note, Unchecked};

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
    let inside = "macro_rules! all { () => { }; ($one:item $($more:tt)*) => { \
                  $one all! { $($more)* } } } extern \"C\" { all! { pub fn \
                  f(a: i64) -> i32; pub fn g(); } #[cfg(windows)] gone!(); }";
    case("int f(int); void g(void);", inside).is(breaks);
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
    let own = "unsafe extern \"C\" fn(i32) -> i32";
    for held in [
        own.to_owned(),
        format!("Result<{own}, libloading::Error>"),
        format!("libloading::Symbol<'a, {own}>"),
        format!("Option<Symbol<'a, {own}>>"),
    ] {
        let rust = format!("pub struct Api<'a> {{ pub f: {held} }}");
        case("int f(int);", &rust).is(Clean);
        case("int f(long);", &rust).is(Breaks("f: its parameter 1"));
    }
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
    // By a macro.
    let header = "int f(int);\nint f_v2(int);\n#define f f_v2\n";
    case(header, named)
        .more(&["--partial"])
        .library(both)
        .is(Clean);
    case(&header.replace("#define f f_v2", ""), named)
        .more(&["--partial"])
        .library(both)
        .is(Breaks("f: it links to f_v2"));
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
        .is(Letter("add: parameter 2"));
    case(
        header,
        "extern \"C\" { pub fn add(a: i32, b: i64) -> i32; }",
    )
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
        .is(Letter("N: i32 in Rust"));
    case("#define N ((unsigned long)5)", "pub const N: i32 = 6;")
        .is(Breaks("N: 6 in Rust"));
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

// --- What the crates of the registry taught -----------------------------------

#[test]
fn what_does_not_link_is_by_the_letter() {
    let rust = "extern \"C\" { fn f(a: i32) -> i32; fn g(a: i32) -> i32; } \
                #[repr(C)] pub struct later { pub a: i32 }";
    case("int f(int);", rust).is(Letter("g: the header declares no such"));
    case("int f(int);", rust).is(Letter("later: the header has no type"));
    case("int f(int); int g(int);", &rust.replace("later", "f"))
        .library("int f(int a) { return a; }")
        .is(Letter("g: the library does not export g"));
    case("int f(long); int g(int);", rust).is(Breaks("f: parameter 1"));
}

#[test]
fn a_version_of_a_symbol_is_that_symbol() {
    let rust = |ty: &str| {
        format!(
            "extern \"C\" {{ #[link_name = \"f@GLIBC_2.2.5\"] \
             fn f(a: {ty}) -> i32; }}"
        )
    };
    case("int f(int);", &rust("i32")).is(Clean);
    case("int f(int);", &rust("i64")).is(Breaks("f: parameter 1"));
    case("int f(int);", &rust("i32").replace("f@", "g@"))
        .is(Letter("f: it links to g"));
}

#[test]
fn a_field_is_no_function_of_another_header() {
    let rust = "pub struct Api { pub sync: Option<extern \"C\" fn(i32)>, \
                pub f: unsafe extern \"C\" fn(i32) -> i32 }";
    case("#include <unistd.h>\nint f(int);", rust)
        .more(&["--partial"])
        .is(Clean);
    case("#include <unistd.h>\nint f(long);", rust)
        .more(&["--partial"])
        .is(Breaks("f: its parameter 1"));
}

#[test]
fn a_type_under_another_name_is_found_by_its_use() {
    let header = "struct archive; struct entry; struct info { int a; };\n\
                  struct archive *open1(struct info *);\n\
                  int close1(struct archive *); void free1(struct entry *);\n\
                  int last(struct info *, struct entry *);";
    let rust = "pub enum Archive {} pub enum Struct_entry {} \
                #[repr(C)] pub struct Info { pub a: i32 } extern \"C\" { \
                fn open1(i: *mut Info) -> *mut Archive; \
                fn close1(a: *mut Archive) -> i32; \
                fn free1(e: *mut Struct_entry); \
                fn last(i: *mut Info, e: *mut Struct_entry) -> i32; }";
    case(header, rust).is(Note("Archive: C calls it struct archive"));
    case(header, rust).is(Note("Info: C calls it struct info"));
    case(header, &rust.replace("pub a: i32", "pub a: i64"))
        .is(Breaks("Info: 8 bytes in Rust, 4 in C"));
    // One that is used for two of C's is none of them.
    case(
        header,
        &rust.replace("close1(a: *mut Archive)", "close1(a: *mut Info)"),
    )
    .is(Breaks("close1: parameter 1"));
    case(
        header,
        &rust.replace("free1(e: *mut Struct_entry)", "free1(e: i32)"),
    )
    .is(Breaks("free1: parameter 1"));
}

#[test]
fn an_alias_pairs_what_it_names() {
    let header = "typedef struct _point { int x, y; } point; int f(point *);";
    let rust = "#[repr(C)] pub struct Struct_p { pub x: i32, pub y: i32 } \
                pub type point = Struct_p; \
                extern \"C\" { fn f(p: *mut point) -> i32; }";
    case(header, rust).is(Clean);
    case(header, &rust.replace("pub y: i32", "pub y: i64"))
        .is(Breaks("Struct_p: 16 bytes in Rust, 8 in C"));
    case(
        header,
        &rust.replace("pub x: i32, pub y", "pub y: i32, pub x"),
    )
    .is(Breaks("Struct_p.x: it lies elsewhere"));
}

#[test]
fn one_member_may_stand_for_a_union() {
    let header = "union u { void *p; int i; }; \
                  struct s { int kind; union u data; };";
    let rust = |ty: &str| {
        format!("#[repr(C)] pub struct s {{ pub kind: i32, pub data: {ty} }}")
    };
    case(header, &rust("*mut core::ffi::c_void"))
        .more(&["--partial"])
        .is(Letter("s.data: "));
    case(header, &rust("f64"))
        .more(&["--partial"])
        .is(Breaks("s.data: "));
    // The pointer is as large as the union, the integer is not.
    case(header, &rust("i32"))
        .more(&["--partial"])
        .is(Breaks("s.data: "));
    let other = rust("*mut core::ffi::c_void").replace("data", "other");
    case(header, &other)
        .more(&["--partial"])
        .is(Letter("s.other: "));
    case(header, &other.replace("c_void", "c_void, pub x: i64"))
        .more(&["--partial"])
        .is(Breaks("s.x: a field that C lacks"));
}

#[test]
fn one_member_may_be_all_of_a_union() {
    let rust = |ty: &str| format!("#[repr(C)] pub struct v {{ pub p: {ty} }}");
    let header = "union v { int i; void *p; };";
    case(header, &rust("*mut core::ffi::c_void"))
        .is(Letter("v: a struct in Rust, a union in C"));
    case(header, &rust("i32")).is(Breaks("v: a struct in Rust"));
    case(header, &rust("f64")).is(Breaks("v: a struct in Rust"));
}

#[test]
fn of_an_unnamed_union_one_name_will_do() {
    let header = "struct s { union { long a; long word; }; int b; };";
    let rust = "#[repr(C)] pub struct s { pub a: i64, pub b: i32 }";
    case(header, rust).is(Letter("s.word: a field that Rust lacks"));
    case("struct s { long a; long word; int b; };", rust)
        .is(Breaks("s.word: a field that Rust lacks"));
    let union = "#[repr(C)] pub union u { pub a: i64 }";
    case("union u { long a; int b; };", union)
        .is(Letter("u.b: a field that Rust lacks"));
    case("union u { int b; int c[4]; };", union)
        .is(Breaks("u: 8 bytes in Rust, 16 in C"));
}

#[test]
fn what_has_no_bytes_needs_no_field() {
    let rust = "#[repr(C)] pub struct s { pub n: i32 }";
    for end in ["char name[];", "char name[0];"] {
        let header = format!("struct s {{ int n; {end} }};");
        case(&header, rust).is(Letter("s.name: a field that Rust lacks"));
    }
    case("struct s { int n; char name[1]; };", rust)
        .is(Breaks("s.name: a field that Rust lacks"));
}

#[test]
fn private_bytes_are_for_what_is_in_c() {
    let header = "union lock { long align; char size[24]; };";
    let rust = "#[repr(C)] #[repr(align(8))] pub struct lock { \
                bytes: [u8; 24] }";
    case(header, rust).is(Note("private bytes in Rust"));
    case(header, &rust.replace("24", "16"))
        .is(Breaks("lock: 16 bytes in Rust, 24 in C"));
    case(header, &rust.replace("#[repr(align(8))]", ""))
        .is(Breaks("lock: aligned to 1 bytes"));
    // A name of C's for private bytes makes them no field of C's.
    case(header, &rust.replace("bytes", "size")).is(Note("private bytes"));
    case(header, &rust.replace("bytes", "pub bytes"))
        .is(Breaks("lock: a struct in Rust, a union in C"));
    let opaque = "#[repr(C)] pub struct lock(core::ffi::c_void); \
                  extern \"C\" { fn f(l: *mut lock); }";
    case(&format!("{header} void f(union lock *);"), opaque)
        .is(Note("x.rs:1: lock: opaque in Rust"));
}

#[test]
fn what_c_keeps_in_reserve_may_have_a_name() {
    let header = "struct s { long a; long spare[2]; };";
    let rust = "#[repr(C)] pub struct s { pub a: i64, pub b: i32, \
                pub c: i32, _pad: [i64; 1] }";
    case(header, rust).is(Letter("s.b: a field that C lacks"));
    case(header, rust).is(Letter("s.spare: a field that Rust lacks"));
    case(header, &rust.replace("; 1", "; 2"))
        .is(Breaks("s: 32 bytes in Rust, 24 in C"));
    case(&header.replace("spare", "more"), rust)
        .is(Breaks("s.b: a field that C lacks"));
    let int = "#[repr(C)] pub struct s { pub a: i64, pub b: [i64; 1], \
               pub c: i64 }";
    case(header, int).is(Note("s.b: C calls it spare[0]"));
}

#[test]
fn an_underscore_is_no_other_name() {
    let header = "struct s { int a; int _need_free; };";
    let rust = "#[repr(C)] pub struct s { pub a: i32, pub need_free: i32 }";
    case(header, rust).is(Clean);
    case(header, &rust.replace("need_free: i32", "need_free: u32"))
        .is(Breaks("s.need_free: "));
}

#[test]
fn the_same_bits_are_another_value_by_the_letter() {
    case("#define N (~0U)", "pub const N: i32 = -1;").is(Letter("N: -1"));
    case("#define N (1 << 31)", "pub const N: u32 = 1 << 31;")
        .is(Letter("N: 2147483648 in Rust"));
    // It is sign-extended where C widens it, and not where Rust does.
    case("#define N (1 << 31)", "pub const N: u64 = 1 << 31;")
        .is(Breaks("N: 2147483648 in Rust"));
    case("#define N (~0UL)", "pub const N: i32 = -1;").is(Breaks("N: -1"));
    let pointer = "pub const N: *mut core::ffi::c_void = !0 as *mut _;";
    case("#define N ((void *)-1)", pointer).is(Clean);
    case("#define N ((void *)-2)", pointer).is(Breaks("N: -1 in Rust"));
}

#[test]
fn an_enum_below_zero_may_have_no_sign_if_each_value_is_named() {
    let header = "typedef enum { A = 1, MASK = ~1 } flags; int f(flags);";
    let rust = "pub type flags = core::ffi::c_uint; \
                pub const A: flags = 1; pub const MASK: flags = 4294967294; \
                extern \"C\" { fn f(a: flags) -> i32; }";
    case(header, rust).is(Letter("f: parameter 1"));
    case(header, &rust.replace("4294967294", "4294967295"))
        .is(Breaks("f: parameter 1"));
    case(header, &rust.replace("MASK", "OTHER")).is(Breaks("f: parameter 1"));
}

#[test]
fn bytes_may_be_text() {
    let rust = |ty: &str| format!("extern \"C\" {{ fn f(a: {ty}); }}");
    case("void f(const char *);", &rust("*const u8")).is(Letter("f: "));
    case("void f(char **);", &rust("*mut *mut u8")).is(Letter("f: "));
    case("void f(const short *);", &rust("*const u16")).is(Breaks("f: "));
    case("void f(char);", &rust("u8")).is(Breaks("f: "));
}

#[test]
fn a_bitfield_may_be_a_whole_integer() {
    let rust = "#[repr(C)] pub struct s { pub a: u32, pub b: u32 }";
    case("struct s { unsigned a : 32; unsigned b; };", rust).is(Clean);
    case("struct s { unsigned a : 31; unsigned b; };", rust)
        .is(Breaks("s.a: a whole field in Rust"));
    case("struct s { unsigned b; unsigned a : 32; };", rust)
        .is(Breaks("s.a: "));
}

#[test]
fn a_function_that_is_no_macro_is_one_finding() {
    let header = "#define INFO(a, b) (((a) << 8) + (b))";
    let rust = "pub const fn INFO(a: u32, b: u32) -> u32 { a << (8 + b) }";
    case(header, rust).is(Breaks("INFO: INFO("));
    if common::libclang().is_some() {
        let (_, said) = case(header, rust).text();
        assert_eq!(said.matches("breaks: INFO").count(), 1, "{said}");
    }
    let right = "pub const fn INFO(a: u32, b: u32) -> u32 { (a << 8) + b }";
    case(header, right).is(Clean);
}

#[test]
fn a_wrapper_is_what_is_in_it() {
    let header = "struct s { int a; int pad; long b; };";
    let rust = "use core::mem::MaybeUninit; \
                #[repr(transparent)] pub struct Pad<T>(MaybeUninit<T>); \
                #[repr(C)] pub struct s { pub a: i32, pad: Pad<i32>, \
                pub b: i64 }";
    case(header, rust).is(Clean);
    case(header, &rust.replace("Pad<i32>", "Pad<i64>"))
        .is(Breaks("s: 24 bytes in Rust"));
    case(header, &rust.replace("(MaybeUninit<T>)", "(*mut T)"))
        .is(Breaks("s: 24 bytes in Rust"));
}

#[test]
fn what_never_returns_may_be_said_behind_other_attributes() {
    let rust = "extern \"C\" { fn abort() -> !; }";
    let header = "extern void abort(void) __attribute__((nothrow)) \
                  __attribute__((__noreturn__));";
    case(header, rust).is(Clean);
    case(
        "extern void stop(void) __attribute__((nothrow));",
        &rust.replace("abort", "stop"),
    )
    .is(Breaks("stop: it never returns in Rust"));
}

#[test]
fn a_struct_around_c_s_own_is_that_one() {
    let header = "struct st { int a; long b; }; typedef struct st lib_st;\n\
                  struct other { int a; };";
    let rust = "#[repr(C)] pub struct st { pub a: i32, pub b: i64 } \
                #[repr(C)] pub struct lib_st(pub st); \
                #[repr(C)] pub struct other { pub a: i32 }";
    case(header, rust).is(Clean);
    case(header, &rust.replace("pub b: i64", "pub b: i32"))
        .is(Breaks("st: 8 bytes in Rust"));
    case(header, &rust.replace("(pub st)", "(pub other)"))
        .is(Breaks("lib_st: 4 bytes in Rust"));
}

#[test]
fn names_that_lead_in_circles_end_no_run() {
    let mods: Vec<String> = (0..12)
        .map(|n| {
            format!(
                "pub mod m{n} {{ pub use super::m{}::*; pub use super::m{}::*; \
                 use super::*; }} pub use m{n}::*; ",
                (n + 1) % 12,
                (n + 5) % 12
            )
        })
        .collect();
    let mods = mods.concat();
    let rust =
        format!("{mods} extern \"C\" {{ fn f(a: gone_t) -> i32; fn g(); }}");
    let header = "int f(int); void g(void);";
    case(header, &rust).is(Unchecked("f: "));
    case(header, &rust.replace("gone_t", "i64")).is(Breaks("f: parameter 1"));
}

#[test]
fn what_is_private_has_no_type_of_its_own() {
    let header = "struct s { int a; void (*close)(void *); };";
    let rust = "#[repr(C)] pub struct s { pub a: i32, \
                close: *mut core::ffi::c_void }";
    case(header, rust).is(Letter("s.close: "));
    case(header, &rust.replace("close:", "pub close:")).is(Breaks("s.close: "));
    case(header, &rust.replace("*mut core::ffi::c_void", "i32"))
        .is(Breaks("s: 8 bytes in Rust"));
}

#[test]
fn a_parameter_may_be_behind_a_cfg() {
    let rust = "extern \"C\" { fn f(a: i32, #[cfg(windows)] b: i64, \
                #[cfg(not(windows))] b: i32) -> i32; }";
    case("int f(int, int);", rust).is(Clean);
    case("int f(int, long);", rust).is(Breaks("f: parameter 2"));
}

#[test]
fn what_is_true_in_c_is_not_one_number() {
    let rust = "pub const fn DUMPED(a: i32) -> bool { (a & 0x80) != 0 }";
    case("#define DUMPED(a) ((a) & 0x80)", rust).is(Clean);
    case("#define DUMPED(a) ((a) & 0x01)", rust).is(Breaks("DUMPED: "));
}

#[test]
fn what_rust_keeps_in_reserve_is_by_the_letter() {
    let header = "struct s { int a; int :32; int :32; };";
    let rust = "#[repr(C)] pub struct s { pub a: i32, pub unused1: i32, \
                pub unused2: i32 }";
    case(header, rust).is(Letter("s.unused1: a field that C lacks"));
    case(header, &rust.replace("unused2: i32", "unused2: i64"))
        .is(Breaks("s: 16 bytes in Rust, 12 in C"));
    case(header, &rust.replace("unused1", "more"))
        .is(Breaks("s.more: a field that C lacks"));
}

#[test]
fn an_enum_as_c_has_it_is_that_enum() {
    let header = "typedef enum kind_ { NONE = -1, A, B } kind; int f(kind);";
    let rust = "#[repr(C)] pub enum enum_kind { NONE = -1, A, B } \
                pub type kind = enum_kind; \
                extern \"C\" { fn f(k: kind) -> i32; }";
    case(header, rust).is(Letter("f: "));
    case(header, &rust.replace("repr(C)", "repr(u8)")).is(Breaks("f: "));
}

// --- One name in several modules ----------------------------------------------

#[test]
fn what_the_crate_shows_is_compared() {
    let header = "enum { LIMIT = 3 };\nstruct s { int a; };\n\
                  int f(struct s *);";
    let rust = |shown: &str| {
        format!(
            "mod old {{ pub const LIMIT: u32 = 1;
                        #[repr(C)] pub struct s {{ pub a: i64 }} }}
             mod new {{ pub const LIMIT: u32 = 3;
                        #[repr(C)] pub struct s {{ pub a: i32 }} }}
             {shown}
             extern \"C\" {{ pub fn f(one: *mut s) -> i32; }}"
        )
    };
    let other = "LIMIT: another constant of this name is compared";
    case(header, &rust("pub use new::*;")).is(Note(other));
    let old = rust("pub use old::*;");
    case(header, &old).is(Breaks("LIMIT: 1 in Rust, 3 in C"));
    let named = rust("pub use self::new::{LIMIT, s};");
    case(header, &named).is(Note("s: another type of this name is compared"));
    // Nobody says which.
    case(header, &rust("use new::LIMIT; use new::s;"))
        .is(Breaks("LIMIT: 1 in Rust, 3 in C"));
    case(header, &rust("pub use new::*; pub use old::*;"))
        .more(&["--partial"])
        .is(Breaks("s.a: i64 in Rust, int in C"));
}

#[test]
fn what_no_use_brings_out_is_not_shown() {
    let header = "enum { LIMIT = 3 };";
    // The module of another target, and what it shows by itself.
    let rust = "mod other { mod inner { pub const LIMIT: u32 = 1; }
                            pub use inner::*; }
                mod this { pub mod here { pub const LIMIT: u32 = 3; } }
                pub use this::here::*;";
    let note = "LIMIT: another constant of this name is compared";
    case(header, rust).is(Note(note));
    let both = format!("{rust} pub use other::*;");
    case(header, &both).is(Breaks("LIMIT: 1 in Rust, 3 in C"));
}

#[test]
fn what_may_be_cs_is_compared() {
    let header = "struct device; int f(struct device *);";
    let rust = |repr: &str| {
        format!(
            "pub struct device {{ inner: Box<u8> }}
             mod ffi {{ {repr} pub struct device {{ _private: [u8; 0] }}
                        extern \"C\" {{ pub fn f(one: *mut device) -> i32; }} }}"
        )
    };
    case(header, &rust("#[repr(C)]"))
        .is(Note("device: another type of this name is compared"));
    case(header, &rust("")).is(Breaks("device: no repr(C)"));
}

#[test]
fn another_type_of_a_name_is_unchecked() {
    let rust = "mod a { #[repr(C)] pub struct s { pub a: i32 } }
                mod b { #[repr(C)] pub struct s { pub a: i64 } }";
    case("struct s { int a; };", rust)
        .is(Unchecked("s: another type of this name is compared"));
    let same = rust.replace("i64", "i32");
    case("struct s { int a; };", &same).is(Clean);
}

// --- Structs that are named in others, or not at all ---------------------------

#[test]
fn a_struct_in_another_has_a_longer_name() {
    let header = "struct image { int a; struct funcs { int (*f)(int); } f; };";
    let rust = |size: &str| {
        format!(
            "#[repr(C)] pub struct image {{ pub a: i32, pub f: image_funcs }}
             #[repr(C)] pub struct image_funcs {{
                 pub f: Option<unsafe extern \"C\" fn({size}) -> i32> }}"
        )
    };
    case(header, &rust("i32")).is(Clean);
    case(header, &rust("i64")).is(Breaks("image_funcs.f: its parameter 1"));
    let other = rust("i32").replace("image_funcs", "other");
    case(header, &other).is(Breaks("image.f: other in Rust, struct funcs"));
}

#[test]
fn a_pointer_to_a_struct_without_a_name() {
    let header = "typedef struct { int a; } *handle; int f(handle);";
    let rust = |ty: &str| {
        format!(
            "#[repr(C)] pub struct inner {{ pub a: {ty} }}
             pub type handle = *mut inner;
             extern \"C\" {{ pub fn f(one: handle) -> i32; }}"
        )
    };
    case(header, &rust("i32")).is(Clean);
    case(header, &rust("i64")).is(Breaks("inner.a: i64 in Rust, int in C"));
}
