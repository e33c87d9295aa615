// SPDX-License-Identifier: MIT OR Apache-2.0
//! How enums and bitfields are written in Rust: each way is understood, and
//! next to it stands what has to be found in it.

use crate::case::Expected::{Breaks, Clean, Letter, Note, Unchecked};
use crate::case::case;

const MODE: &str = "enum sgz_mode { SGZ_MODE_READ, SGZ_MODE_WRITE_ALL = 4 };\n\
                    int f(enum sgz_mode m);\n";

#[test]
fn an_enum_is_a_module_of_constants() {
    let rust = "pub mod sgz_mode { pub type Type = core::ffi::c_uint; \
                pub const SGZ_MODE_READ: Type = 0; \
                pub const SGZ_MODE_WRITE_ALL: Type = 4 as Type; } \
                pub mod other { pub type Type = i64; pub const X: Type = 1; } \
                extern \"C\" { fn f(m: sgz_mode::Type) -> i32; }";
    case(MODE, rust).is(Clean);
    case(MODE, &rust.replace("= 4 as", "= 5 as"))
        .is(Breaks("SGZ_MODE_WRITE_ALL: 5 in Rust, 4 in C"));
    case(MODE, &rust.replace("c_uint", "c_ushort")).is(Breaks("sgz_mode: u"));
    case(MODE, &rust.replace("m: sgz_mode", "m: other")).is(Breaks("f: p"));
    let short = rust.replace("const SGZ_MODE_", "const ");
    case(MODE, &short).is(Clean);
    case(
        MODE,
        &short.replace("const READ: Type = 0", "const READ: Type = 1"),
    )
    .is(Breaks("sgz_mode::READ: 1 in Rust, 0 in C"));
    case(MODE, &short.replace("const READ", "const REED"))
        .is(Breaks("sgz_mode::REED: the enum has no such name"));
    // Imported under another name.
    let used = format!(
        "{} use self::sgz_mode::Type as Mode;",
        rust.replace("m: sgz_mode::Type", "m: Mode")
    );
    case(MODE, &used).is(Clean);
    // A module that is no enum of the header's has constants all the same.
    let rust = "pub mod flags { pub type Type = u32; pub const FLAG_A: Type = \
                2; }";
    case("#define FLAG_A 2\n", rust).is(Clean);
    case("#define FLAG_A 1\n", rust).is(Breaks("FLAG_A: 2 in Rust, 1 in C"));
    // One of two modules is no more than the other.
    let rust = "pub mod a { pub const A_X: i32 = 1; } \
                pub mod b { pub const A_X: i32 = 2; }";
    case("#define A_X 1\n", rust).is(Unchecked("A_X: another constant"));
}

#[test]
fn constants_of_an_enum_go_by_one_rule() {
    for names in [
        ["SGZ_MODE_READ", "SGZ_MODE_WRITE_ALL"],
        ["READ", "WRITE_ALL"],
        ["Read", "WriteAll"],
        ["ModeRead", "ModeWriteAll"],
        ["sgz_mode_SGZ_MODE_READ", "sgz_mode_SGZ_MODE_WRITE_ALL"],
    ] {
        let [read, write] = names;
        let rust = |value: i32| {
            [
                format!(
                    "#[repr(transparent)] pub struct sgz_mode(pub u32); impl \
                     sgz_mode {{ pub const {read}: Self = Self(0); pub const \
                     {write}: Self = Self({value}); }}"
                ),
                format!(
                    "pub type sgz_mode = u32; pub const {read}: sgz_mode = 0; \
                     pub const {write}: sgz_mode = {value};"
                ),
                format!(
                    "#[repr(u32)] pub enum sgz_mode {{ {read}, {write} = \
                     {value} }}"
                ),
            ]
        };
        let use_it = "extern \"C\" { fn f(m: sgz_mode) -> i32; }";
        for (right, wrong) in rust(4).iter().zip(&rust(5)) {
            let right = format!("{right} {use_it}");
            let wrong = format!("{wrong} {use_it}");
            let expected = if right.contains("enum") {
                Note("sgz_mode: a Rust enum")
            } else {
                Clean
            };
            case(MODE, &right).is(expected);
            case(MODE, &wrong).is(Breaks("5 in Rust, 4 in C"));
        }
    }
    // By its name alone.
    let rust = "pub const sgz_mode_SGZ_MODE_READ: u32 = 0; \
                pub const sgz_mode_SGZ_MODE_WRITE_ALL: u32 = 4; \
                extern \"C\" { fn f(m: u32) -> i32; }";
    case(MODE, rust).is(Letter("sgz_mode: an enum that Rust lacks"));
    case(MODE, &rust.replace("= 4", "= 3"))
        .is(Breaks("SGZ_MODE_WRITE_ALL: 3 in Rust, 4 in C"));
}

#[test]
fn a_value_that_a_rust_enum_has_no_name_for() {
    let rust = "#[repr(u32)] pub enum sgz_mode { Read } \
                extern \"C\" { fn f(m: sgz_mode) -> i32; }";
    let gives = format!("{MODE}enum sgz_mode g(void);");
    let partial = &["--partial"];
    let lacks = "SGZ_MODE_WRITE_ALL: the Rust enum has no variant";
    case(MODE, rust).is(Letter(lacks));
    case(&gives, rust).more(partial).is(Breaks(lacks));
    for more in [
        "void g(enum sgz_mode *out);",
        "struct s { enum sgz_mode m; };",
        "void g(void (*cb)(enum sgz_mode m));",
    ] {
        case(&format!("{MODE}{more}"), rust)
            .more(partial)
            .is(Breaks(lacks));
    }
    case(&format!("{MODE}void g(const enum sgz_mode *in);"), rust)
        .more(partial)
        .is(Letter(lacks));
    // Two names for one value are one variant.
    let twice = gives.replace("= 4", "= 0");
    case(&twice, rust)
        .more(partial)
        .is(Note("SGZ_MODE_WRITE_ALL: Rust has its value 0"));
    let more = rust.replace("{ Read }", "{ Read, WriteAll = 4, Bad = 9 }");
    case(&gives, &more).more(partial).is(Breaks(
        "sgz_mode::Bad: the C enum has no such name, and no value",
    ));
    let other = rust.replace("{ Read }", "{ Read, Put = 4 }");
    case(&gives, &other)
        .more(partial)
        .is(Unchecked("sgz_mode::Put: the C enum has no such name"));
    // Of constants, what is missing is noted.
    let rust = "pub type sgz_mode = u32; pub const SGZ_MODE_READ: sgz_mode = \
                0; extern \"C\" { fn f(m: sgz_mode) -> i32; }";
    case(MODE, rust).is(Note("SGZ_MODE_WRITE_ALL: an enumerator that Rust"));
    let rust = "#[repr(transparent)] pub struct sgz_mode(u32); impl sgz_mode \
                { pub const READ: Self = Self(0); } \
                extern \"C\" { fn f(m: sgz_mode) -> i32; }";
    case(MODE, rust).is(Letter("SGZ_MODE_WRITE_ALL: an enumerator that Rust"));
}

// --- Bitfields ----------------------------------------------------------------

const BITS: &str = "struct s { unsigned a : 3; unsigned flag : 1; \
                    int level : 4; unsigned char rest; };";

fn methods(methods: &str) -> String {
    format!(
        "#[repr(C, align(4))] pub struct s {{ bits: u8, pub rest: u8 }} \
         impl s {{ {methods} }}"
    )
}

/// All that is needed, in a usual form.
const ALL: &str = "pub fn a(&self) -> u8 { self.bits & 7 } \
                   pub fn flag(&self) -> bool { self.bits & 8 != 0 } \
                   pub fn set_flag(&mut self, on: bool) { \
                   if on { self.bits |= 8 } else { self.bits &= !8 } } \
                   pub fn level(&self) -> i8 { (self.bits as i8) >> 4 } \
                   pub fn set_level(&mut self, v: i8) { \
                   let low = self.bits & 0x0f; \
                   self.bits = low | ((v as u8) << 4); }";

#[test]
fn bits_are_where_methods_read_and_write_them() {
    case(BITS, &methods(ALL)).is(Clean);
    for (from, to, item) in [
        ("& 7", "& 3", "s.a"),
        ("& 7", "& 15", "s.a"),
        ("& 8 != 0", "& 16 != 0", "s.flag"),
        ("self.bits |= 8", "self.bits |= 4", "s.flag"),
        ("&= !8", "&= !12", "s.flag"),
        (">> 4", ">> 5", "s.level"),
        ("<< 4", "<< 3", "s.level"),
        ("& 0x0f", "& 0x07", "s.level"),
    ] {
        case(BITS, &methods(&ALL.replacen(from, to, 1)))
            .is(Breaks(&format!("{item}: ")));
    }
    // Under other names, with named masks, and in a struct of one field.
    let named = "const FLAG: u8 = 1 << 3; \
                 pub fn get_a(&self) -> u32 { u32_of(self.bits & 7) } \
                 pub fn is_flag(&self) -> bool { \
                 self.bits & Self::FLAG == Self::FLAG } \
                 pub fn set_level(&mut self, v: u8) -> &mut Self { \
                 self.bits = self.bits & 0xf & !0 | v << 4; self }";
    let named = methods(named) + " fn u32_of(a: u8) -> u32 { a as u32 }";
    case(BITS, &named).is(Clean);
    case(BITS, &named.replace("1 << 3", "1 << 4")).is(Breaks("s.flag: "));
    let one = "#[repr(C)] pub struct s(u32); impl s { pub fn a(&self) -> u32 \
               { self.0 & 7 } pub fn b(&self) -> u32 { self.0 >> 3 } }";
    let header = "struct s { unsigned a : 3, b : 29; };";
    case(header, one).is(Clean);
    case(header, &one.replace(">> 3", ">> 4")).is(Breaks("s.b: "));
}

#[test]
fn a_mask_has_the_sign_of_what_it_masks() {
    let rust = "#[repr(C)] pub struct s(pub u32); impl s { \
                pub const A_MASK: u32 = 7; pub const B_MASK: u32 = !7; }";
    let header = "struct s { unsigned a : 3, b : 29; };";
    case(header, rust).is(Clean);
    case(header, &rust.replace("pub u32)", "pub i32)"))
        .is(Letter("s.a: its mask is of type u32, and 0 of type i32"));
}

#[test]
fn bits_that_are_not_understood_are_named() {
    let hidden = ALL.replace("self.bits & 8 != 0", "look(self, 3)");
    // Its other method still says where it is.
    case(BITS, &methods(&hidden)).is(Unchecked("s::flag()"));
    let hidden = ALL.replace("self.bits & 7", "(self.bits & 7).pow(1)");
    case(BITS, &methods(&hidden))
        .is(Unchecked("s.a: a bitfield, and where a() has it is not"));
    let without = ALL.replace("pub fn a(", "pub fn other(");
    case(BITS, &methods(&without)).is(Unchecked("s.a: a bitfield, and "));
}
