// SPDX-License-Identifier: MIT OR Apache-2.0
//! How types are written in Rust, and what is computed from them: each way is
//! understood, and next to it stands what has to be found in it.

use crate::case::Expected::{Breaks, Cannot, Clean, Letter, Note, Unchecked};
use crate::case::case;

#[test]
fn a_struct_may_name_itself() {
    let header = "struct n { struct n *next; int v; };";
    let rust = "#[repr(C)] pub struct n { pub next: *mut Self, pub v: i32 }";
    case(header, rust).is(Clean);
    case(header, &rust.replace("i32", "i64")).is(Breaks("n.v: i64"));
    case(header, &rust.replace("*mut Self", "*mut *mut Self"))
        .is(Breaks("n.next: "));
    let calls = "struct n { int (*f)(struct n *); };";
    let rust = "#[repr(C)] pub struct n { pub f: Option<unsafe extern \"C\" \
                fn(*mut Self) -> i32> }";
    case(calls, rust).is(Clean);
    case(calls, &rust.replace("-> i32", "-> i64"))
        .is(Breaks("n.f: its result"));
}

#[test]
fn a_struct_with_a_lifetime_is_one_struct() {
    let header = "struct s { int a; const char *text; }; void f(struct s *);";
    let rust = "#[repr(C)] pub struct s<'a> { pub a: i32, pub text: *const i8, \
                of: core::marker::PhantomData<&'a u8> } \
                extern \"C\" { fn f<'a>(s: *mut s<'a>); }";
    case(header, rust).is(Clean);
    case(header, &rust.replace("a: i32", "a: u16")).is(Breaks("s.a: u16"));
    case(header, &rust.replace("*mut s<'a>", "*mut *mut s<'a>"))
        .is(Breaks("f: parameter 1"));
}

#[test]
fn a_type_may_be_shown_under_another_name() {
    let header = "struct s { int a; }; void f(struct s *);";
    let rust = "mod inner { #[repr(C)] pub struct Thing { pub a: i32 } } \
                pub use inner::Thing as s; \
                extern \"C\" { fn f(s: *mut s); }";
    case(header, rust).is(Clean);
    case(header, &rust.replace("a: i32", "a: i64")).is(Breaks("Thing.a: i64"));
    let alias = rust.replace("use inner::Thing as s", "type s = inner::Thing");
    case(header, &alias).is(Clean);
    case(header, &alias.replace("a: i32", "a: i64")).is(Breaks("Thing.a: i64"));
}

#[test]
fn what_c_puts_before_its_names_may_be_left_out() {
    let header = "typedef struct { int a; } libSegment; \
                  void f(const libSegment *);";
    let rust = "#[repr(C)] pub struct Segment { pub a: i32 } \
                extern \"C\" { fn f(s: *const Segment); }";
    case(header, rust).is(Clean);
    case(header, &rust.replace("a: i32", "a: i64"))
        .is(Breaks("Segment.a: i64"));
    case(header, &rust.replace("Segment", "Other"))
        .is(Breaks("f: parameter 1"));
    // One member of a union.
    let header = "typedef union { char bytes[16]; int words[4]; } libIdent; \
                  void f(libIdent *);";
    let rust = "#[repr(C)] pub struct Ident { pub words: [i32; 4] } \
                extern \"C\" { fn f(s: *mut Ident); }";
    case(header, rust).is(Letter("Ident: a struct in Rust, a union in C"));
    case(header, &rust.replace("; 4", "; 3")).is(Breaks("Ident: a struct in"));
}

#[test]
fn a_struct_that_is_only_named_has_nothing_to_compare() {
    let header = "struct s; void f(struct s *);";
    let rust = "#[repr(C)] pub struct s { pub _address: u8 } \
                extern \"C\" { fn f(s: *mut s); }";
    case(header, rust).is(Clean);
    case(header, &rust.replace("_address", "a"))
        .is(Breaks("s: fields in Rust, none in the header"));
}

#[test]
fn a_name_for_many_types_is_the_one_that_is_meant() {
    let header = "typedef void (*cb)(void *, int); void f(cb c);";
    let rust = "pub type Call<T, R> = Option<unsafe extern \"C\" fn(*mut T, R)>; \
                extern \"C\" { fn f(c: Call<core::ffi::c_void, i32>); }";
    case(header, rust).more(&["--partial"]).is(Clean);
    case(header, &rust.replace("c_void, i32", "c_void, i64"))
        .more(&["--partial"])
        .is(Breaks("f: parameter 1"));
    let endless = rust.replace("*mut T, R)", "Call<T, R>, Call<R, T>)");
    case(header, &endless)
        .more(&["--partial"])
        .is(Cannot("nothing was checked"));
}

#[test]
fn an_address_and_a_length_are_two_words() {
    for wide in [
        "&[u8]",
        "*const [u8]",
        "&str",
        "&core::ffi::CStr",
        "Option<&str>",
        "Box<[u8]>",
        "&dyn Send",
    ] {
        let rust =
            format!("extern \"C\" {{ fn f(text: {wide}, len: usize); }}");
        case("void f(const char *, unsigned long);", &rust)
            .is(Breaks("f: parameter 1"));
    }
    let rust = "extern \"C\" { fn f(text: &u8, len: usize); }";
    case("void f(const unsigned char *, unsigned long);", rust).is(Clean);
    let rust = "use std::ffi::CStr as Text; \
                extern \"C\" { fn f(text: &Text, len: usize); }";
    case("void f(const char *, unsigned long);", rust)
        .is(Breaks("f: parameter 1"));
    // One of the crate's own is a struct.
    let rust = "#[repr(C)] pub struct Path { pub x: i32 } \
                extern \"C\" { fn f(path: &Path); }";
    case(
        "typedef struct { int x; } Path; void f(const Path *);",
        rust,
    )
    .is(Clean);
}

#[test]
fn a_number_that_is_not_0_is_that_number() {
    let rust = "extern \"C\" { fn f(a: core::num::NonZeroU32) -> \
                Option<core::num::NonZeroI64>; }";
    case("long f(unsigned);", rust).is(Clean);
    case("int f(unsigned);", rust).is(Breaks("f: the result"));
    case("long f(unsigned long);", rust).is(Breaks("f: parameter 1"));
    let rust = "extern \"C\" { fn f() -> Option<u32>; }";
    case("unsigned f(void);", rust)
        .more(&["--partial"])
        .is(Cannot("nothing was checked"));
}

#[test]
fn a_va_list_may_be_an_address_also_under_a_name() {
    if cfg!(not(target_arch = "x86_64")) {
        return;
    }
    let header = "#include <stdarg.h>\nint f(const char *, va_list);";
    for rust in [
        "extern \"C\" { fn f(a: *const i8, b: *mut core::ffi::c_void) -> i32; }",
        "pub type va_list = *mut core::ffi::c_void; \
         extern \"C\" { fn f(a: *const i8, b: va_list) -> i32; }",
    ] {
        case(header, rust).is(Letter("f: parameter 2"));
        case(header, &rust.replace("*mut core::ffi::c_void", "u32"))
            .is(Breaks("f: parameter 2"));
    }
}

#[test]
fn a_field_may_be_seen_in_several_ways() {
    let header = "typedef int (*call)(int); struct s { call f; int n; };";
    let rust = "#[repr(C)] #[derive(Clone, Copy)] pub union Any { \
                pub f: Option<unsafe extern \"C\" fn(i32) -> i32>, \
                pub address: *mut core::ffi::c_void } \
                #[repr(C)] pub struct s { pub f: Any, pub n: i32 }";
    case(header, rust).is(Letter("s.f: Any in Rust"));
    case(header, &rust.replace("fn(i32)", "fn(i64)")).is(Breaks("s.f: Any"));
    case(header, &rust.replace("*mut core::ffi::c_void", "[u64; 2]"))
        .is(Breaks("s.f: Any"));
}

#[test]
fn bits_may_be_carried_by_one_integer() {
    let header = "struct s { struct { unsigned a: 2, b: 30; } state; int n; };";
    let rust = "#[repr(C)] pub struct s { pub state: u32, pub n: i32 }";
    case(header, rust).is(Letter("s.state: u32 in Rust"));
    case(header, &rust.replace("u32", "u16")).is(Breaks("s.state: u16"));
    case(
        &header.replace("unsigned a: 2, b: 30;", "unsigned a;"),
        rust,
    )
    .is(Breaks("s.state: u32"));
}

#[test]
fn the_layout_of_a_type_is_a_value() {
    let header = "#include <stddef.h>\nstruct s { char a; int b; short c[3]; \
                  };\n#define SIZE (sizeof(struct s) * 2)\n\
                  #define ALIGN _Alignof(struct s)\n\
                  #define AT offsetof(struct s, c)\n\
                  #define WORD sizeof(void *)\n";
    let rust = "#[repr(C)] pub struct s { pub a: i8, pub b: i32, \
                pub c: [i16; 3] } \
                pub const SIZE: usize = 2 * core::mem::size_of::<s>(); \
                pub const ALIGN: usize = align_of::<s>(); \
                pub const AT: usize = core::mem::offset_of!(s, c); \
                pub const WORD: usize = size_of::<*const s>();";
    case(header, rust).is(Clean);
    for (right, wrong, found) in [
        ("= 2 *", "= 3 *", "SIZE: 48 in Rust, 32 in C"),
        (
            "align_of::<s>",
            "align_of::<u64>",
            "ALIGN: 8 in Rust, 4 in C",
        ),
        ("(s, c)", "(s, b)", "AT: 4 in Rust, 8 in C"),
        ("*const s>", "&[s]>", "WORD: 16 in Rust, 8 in C"),
        ("a: i8", "a: i64", "SIZE: 48 in Rust"),
    ] {
        case(header, &rust.replace(right, wrong)).is(Breaks(found));
    }
    // More than there are addresses.
    let endless = "#[repr(C)] pub struct big { a: [u32; usize::MAX] } \
                   #[repr(C)] pub struct two { a: [u8; usize::MAX], \
                   b: [u8; usize::MAX], c: u64 } \
                   pub const N: usize = size_of::<big>(); \
                   pub const M: usize = size_of::<two>(); \
                   pub const K: i32 = 1;";
    case("#define N 8\n#define M 1\n#define K 1\n", endless)
        .is(Unchecked("M: "));
    // Rust lays it out as it likes.
    let free = "pub struct other { a: u8, b: u32 } \
                pub const N: usize = size_of::<other>();";
    case(
        "#define N 8\n#define M 1\n",
        &format!("{free} pub const M: i32 = 1;"),
    )
    .is(Unchecked("N: "));
}

#[test]
fn a_number_is_compared_as_rust_keeps_it() {
    let header = "#define A 0.1f\n#define B 0.1\n";
    let rust = "pub const A: f32 = 0.1; pub const B: f64 = 0.1;";
    case(header, rust).is(Clean);
    case(header, &rust.replace("f32 = 0.1", "f32 = 0.2")).is(Breaks("A: 0.2"));
    // Twice as wide, and another number.
    case(header, &rust.replace("f32", "f64")).is(Breaks("A: 0.1"));
}

#[test]
fn text_and_numbers_may_be_made_of_bytes() {
    let header = "#define TEXT \"abc\"\n#define CODE 0x59555956\n";
    for text in [
        "unsafe { CStr::from_bytes_with_nul_unchecked(b\"abc\\0\") }",
        "CStr::from_bytes_with_nul(b\"abc\\0\").unwrap()",
        "c\"abc\"",
    ] {
        let rust = format!(
            "use core::ffi::CStr; pub const TEXT: &CStr = {text}; \
             pub const CODE: u32 = u32::from_le_bytes(*b\"VYUY\");"
        );
        case(header, &rust).is(Clean);
        case(header, &rust.replace("abc", "abd")).is(Breaks("TEXT: "));
        case(header, &rust.replace("VYUY", "YUYV")).is(Breaks("CODE: "));
    }
    let rust = "pub const TEXT: &str = concat!(\"ab\", 'c'); \
                pub const CODE: u32 = u32::from_be_bytes([0x59, 0x55, 89, 86]);";
    case(header, rust).is(Clean);
    case(header, &rust.replace("86", "87")).is(Breaks("CODE: "));
}

#[test]
fn a_function_of_a_type_is_computed() {
    let header = "#define KEY_A (-3)\n#define KEY_B 6\n";
    let rust = "use core::num::NonZeroI32; pub type Key = NonZeroI32; \
                #[repr(transparent)] pub struct Own(NonZeroI32); \
                impl Own { pub const fn twice(a: i32) -> Self { \
                Self(unsafe { NonZeroI32::new_unchecked(2 * a) }) } } \
                pub const KEY_A: Key = unsafe { Key::new_unchecked(-3) }; \
                pub const KEY_B: Own = Own::twice(3);";
    case(header, rust).is(Clean);
    case(header, &rust.replace("(-3)", "(-2)")).is(Breaks("KEY_A: -2"));
    case(header, &rust.replace("(3)", "(4)")).is(Breaks("KEY_B: 8"));
}

#[test]
fn a_value_may_be_one_for_one_compiler_and_not_for_another() {
    let rust = "pub const __HAVE_FLOAT128: u32 = 0; pub const A: u32 = 1;";
    let header = "#include <bits/floatn.h>\n#ifdef __clang__\n#define A 1\n\
                  #else\n#define A 2\n#endif\n";
    if !std::path::Path::new("/usr/include/x86_64-linux-gnu/bits/floatn.h")
        .exists()
    {
        return;
    }
    case(header, rust).is(Breaks("A: 1 in Rust and for clang, and not for cc"));
    let rust = rust.replace("pub const A: u32 = 1;", "");
    case("#include <bits/floatn.h>\n", &rust)
        .is(Note("__HAVE_FLOAT128: 0 in Rust and for clang"));
    case("#include <bits/floatn.h>\n", &rust.replace("= 0", "= 3"))
        .is(Breaks("__HAVE_FLOAT128: 3 in Rust, 0 in C"));
}

#[test]
fn a_second_name_for_a_variant_is_compared() {
    let header = "enum e { A, B = 5, C }; void f(enum e);\n#define D B\n";
    let rust = "#[repr(C)] pub enum e { A, B = 5 } \
                impl e { pub const C: Self = Self::B; pub const ALL: i32 = 2; } \
                pub const D: u32 = e::B as u32; \
                extern \"C\" { fn f(e: e); }";
    case(&header.replace(", C ", ", C = 5 "), rust).is(Clean);
    case(header, rust).is(Breaks("C: 5 in Rust, 6 in C"));
    let header = header.replace(", C ", ", C = 5 ");
    case(&header, &rust.replace("e::B as", "e::A as")).is(Breaks("D: 0"));
    case(&header, &rust.replace("A, B = 5", "A = 5, B"))
        .is(Breaks("D: 6 in Rust, 5 in C"));
}
