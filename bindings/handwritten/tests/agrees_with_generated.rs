// SPDX-License-Identifier: MIT OR Apache-2.0
//! The two raw crates declare one library, and agree wherever C lets them.
//!
//! Twice over: as written, by parsing both sources (every name, signature,
//! field and enumerator), and as compiled (sizes, offsets, values, bits). What
//! they cannot agree on stands in `DIFFERENCES`, once, and `bindings/README.md`
//! explains each entry.

mod declarations;

use std::collections::BTreeSet;
use std::mem::{MaybeUninit, offset_of};
use std::path::Path;

use declarations::{Declaration, Declarations, parse};
use sgz_sys_generated as generated;
use sgz_sys_handwritten as handwritten;

/// How a name may differ between the crates.
#[derive(Debug, Copy, Clone, PartialEq)]
enum Difference {
    /// bindgen cannot see it, or does not need it.
    OnlyHandwritten,
    /// bindgen needs it, C does not say it.
    OnlyGenerated,
    /// In both, and not the same.
    Otherwise,
}
use Difference::{OnlyGenerated, OnlyHandwritten, Otherwise};

#[rustfmt::skip] // a table
const DIFFERENCES: &[(&str, Difference)] = &[
    // Function-like macros, and a constant made by one.
    ("SGZ_VERSION_MAKE", OnlyHandwritten),
    ("SGZ_VERSION_NUMBER", OnlyHandwritten),
    ("SGZ_IS_ERROR", OnlyHandwritten),
    ("SGZ_EVENT_BIT", OnlyHandwritten),
    // Initialiser macros.
    ("SGZ_ERROR_INIT", OnlyHandwritten),
    ("SGZ_BUFFER_INIT", OnlyHandwritten),
    ("SGZ_OPTIONS_INIT", OnlyHandwritten),
    // 0ULL - 1: bindgen computes -1, and loses the type.
    ("SGZ_UNKNOWN", Otherwise),
    // A union without a name.
    ("sgz_event_data", OnlyHandwritten),
    ("sgz_event__bindgen_ty_1", OnlyGenerated),
    ("sgz_event", Otherwise),
    // Bitfields.
    ("__BindgenBitfieldUnit", OnlyGenerated),
    ("sgz_options", Otherwise),
    // A flexible array member.
    ("__IncompleteArrayField", OnlyGenerated),
    ("sgz_subfield", Otherwise),
    // Opaque handles.
    ("sgz_reader", Otherwise),
    ("sgz_writer", Otherwise),
    ("sgz_index", Otherwise),
    ("sgz_codec", Otherwise),
    ("sgz_pool", Otherwise),
    ("sgz_block", Otherwise),
    ("sgz_job", Otherwise),
    // va_list.
    ("__va_list_tag", Otherwise),
];

fn difference(name: &str) -> Option<Difference> {
    let mut all = DIFFERENCES.iter();
    all.find(|(known, _)| *known == name).map(|(_, how)| *how)
}

fn sources() -> (Declarations, Declarations) {
    let bindings = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    (
        parse(&bindings.join("handwritten/src")),
        parse(&bindings.join("generated/src")),
    )
}

#[test]
fn every_name_is_in_both_or_in_the_list() {
    let (by_hand, by_bindgen) = sources();
    let names: BTreeSet<&String> =
        by_hand.keys().chain(by_bindgen.keys()).collect();
    let mut wrong = vec![];
    for name in names {
        let found = match (by_hand.get(name), by_bindgen.get(name)) {
            (Some(_), None) => Some(OnlyHandwritten),
            (None, Some(_)) => Some(OnlyGenerated),
            (Some(a), Some(b)) if a != b => Some(Otherwise),
            _ => None,
        };
        if found != difference(name) {
            wrong.push(format!(
                "{name}: found {found:?}, listed {:?}\n  by hand {:?}\n  \
                 by bindgen {:?}",
                difference(name),
                by_hand.get(name),
                by_bindgen.get(name),
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_status_must_be_used_in_both() {
    let (by_hand, by_bindgen) = sources();
    for crate_ in [by_hand, by_bindgen] {
        for (name, declaration) in crate_ {
            if let Declaration::Enum { must_use, .. } = declaration {
                assert_eq!(must_use, name == "sgz_status", "{name}");
            }
        }
    }
}

#[test]
fn every_listed_name_exists_and_is_explained() {
    let (by_hand, by_bindgen) = sources();
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    for (name, _) in DIFFERENCES {
        assert!(
            by_hand.contains_key(*name) || by_bindgen.contains_key(*name),
            "{name} is listed, and in neither crate"
        );
        assert!(
            readme.contains(&format!("`{name}`")),
            "{name} is listed, and not explained in bindings/README.md"
        );
    }
}

#[test]
fn a_struct_that_differs_does_so_in_one_field() {
    let (by_hand, by_bindgen) = sources();
    for (name, only_by_hand, only_by_bindgen) in [
        ("sgz_options", "flags", "_bitfield_1"),
        ("sgz_subfield", "data", "data"),
        ("sgz_event", "data", "data"),
    ] {
        let mut a = by_hand[name].field_types();
        let mut b = by_bindgen[name].field_types();
        assert!(a.remove(only_by_hand).is_some(), "{name}");
        assert!(b.remove(only_by_bindgen).is_some(), "{name}");
        assert_eq!(a, b, "{name}");
    }
}

/// Where a struct's parts lie: of the whole, then of each field.
type Layout = Vec<(&'static str, usize, usize)>;

fn size_behind<T>(_: *const T) -> usize {
    size_of::<T>()
}

/// The layout of one struct of one crate.
macro_rules! layout {
    ($krate:ident :: $name:ident { $($field:ident)* }) => {{
        type Type = $krate::$name;
        let place = MaybeUninit::<Type>::uninit();
        let at = place.as_ptr();
        // One of them uses it, unless the struct has no fields.
        let _ = at;
        let layout: Layout = vec![
            ("(align, size)", align_of::<Type>(), size_of::<Type>()),
            $((
                stringify!($field),
                offset_of!(Type, $field),
                // SAFETY: std ptr/raw borrow: `at` points to a whole Type;
                // nothing is read.
                size_behind(unsafe { &raw const (*at).$field }),
            ),)*
        ];
        layout
    }};
}

/// What was compared, by name, and how it came out.
struct Compared {
    name: &'static str,
    fields: &'static [&'static str],
    by_hand: Layout,
    by_bindgen: Layout,
}

macro_rules! structs {
    ($($name:ident { $($field:ident)* })*) => {
        vec![$(Compared {
            name: stringify!($name),
            fields: &[$(stringify!($field)),*],
            by_hand: layout!(handwritten::$name { $($field)* }),
            by_bindgen: layout!(generated::$name { $($field)* }),
        }),*]
    };
}

/// Every struct whose fields both crates can name.
fn structs() -> Vec<Compared> {
    structs! {
        sgz_error { status sys_errno offset text reserved }
        sgz_allocator { alloc realloc free ctx }
        sgz_buffer { data len capacity allocator }
        sgz_codec_vtable {
            size abi level_least level_most level_default name version
            new_encoder compress_block free_encoder new_decoder
            decompress_block decompress_part free_decoder
        }
        sgz_owned { data len release ctx }
        sgz_source { read seek close ctx }
        sgz_sink { write flush close ctx }
        sgz_options {
            size level block_size progress_interval header_limit line_limit
            read_size allocator pool cache_size codec
        }
        sgz_prefix { id1 id2 method flags mtime xfl os }
        sgz_subfield { si1 si2 len data }
        sgz_header { offset name comment extra extra_len prefix }
        sgz_event_block { compressed_offset offset compressed_len len crc }
        sgz_event_progress { done compressed_done compressed_total }
        sgz_event_log { level text }
        sgz_event { kind reserved data }
        sgz_observer { event release ctx mask }
        sgz_index_entry { compressed_offset offset }
        sgz_job_callbacks { progress complete release ctx }
        sgz_status {}
        sgz_codec_answer {}
        sgz_format {}
        sgz_event_kind {}
        sgz_log_level {}
        sgz_job_state {}
    }
}

#[test]
fn structs_are_laid_out_alike() {
    for compared in structs() {
        assert_eq!(
            compared.by_hand, compared.by_bindgen,
            "{}: (field, offset, size)",
            compared.name
        );
    }
}

#[test]
fn the_union_is_laid_out_alike() {
    type ByHand = handwritten::sgz_event_data;
    type ByBindgen = generated::sgz_event__bindgen_ty_1;
    assert_eq!(size_of::<ByHand>(), size_of::<ByBindgen>());
    assert_eq!(align_of::<ByHand>(), align_of::<ByBindgen>());
    assert_eq!(offset_of!(ByHand, block), offset_of!(ByBindgen, block));
    assert_eq!(offset_of!(ByHand, log), offset_of!(ByBindgen, log));
}

#[test]
fn no_struct_or_field_is_left_out() {
    let (_, by_bindgen) = sources();
    let compared = structs();
    for (name, declaration) in by_bindgen {
        let Some(fields) = declaration.fields() else {
            continue;
        };
        // By hand nothing is said of what a va_list is.
        if difference(&name) == Some(OnlyGenerated) || name == "__va_list_tag" {
            continue;
        }
        // What has no fields that a caller may name is opaque.
        if fields.is_empty() && !declaration.is_enum() {
            assert_eq!(difference(&name), Some(Otherwise), "{name}");
            continue;
        }
        let found = compared
            .iter()
            .find(|compared| compared.name == name)
            .unwrap_or_else(|| panic!("{name} is not compared"));
        // Bitfields have no address: the_bits_are_the_same() has them.
        let named: Vec<&str> = fields
            .iter()
            .map(String::as_str)
            .filter(|field| *field != "_bitfield_1")
            .collect();
        assert_eq!(found.fields, named, "the fields of {name}");
    }
}

/// Both constants, as one type: the compiler refuses two.
macro_rules! constants {
    ($($name:ident)*) => {
        &[$({
            let [a, b] = [handwritten::$name, generated::$name];
            (stringify!($name), a == b)
        }),*]
    };
}

#[test]
fn constants_have_the_same_type_and_value() {
    let compared: &[(&str, bool)] = constants! {
        SGZ_VERSION_MAJOR SGZ_VERSION_MINOR SGZ_VERSION_PATCH
        SGZ_VERSION_STRING SGZ_BLOCK_MAX SGZ_BLOCK_DEFAULT SGZ_LEVEL_DEFAULT
        SGZ_LEVEL_MAX SGZ_CODEC_ABI SGZ_CODEC_PART_SLACK
        SGZ_POOL_DEFAULT SGZ_POOL_MOST
        SGZ_ERROR_TEXT_SIZE SGZ_EVENT_ALL
    };
    for (name, equal) in compared {
        assert!(equal, "{name}");
    }
    for (name, declaration) in sources().1 {
        if declaration.is_constant() && name != "SGZ_UNKNOWN" {
            let found = compared.iter().any(|(known, _)| *known == name);
            assert!(found, "{name} is not compared");
        }
    }
}

#[test]
#[expect(clippy::cast_sign_loss, reason = "it is what this shows")]
fn what_bindgen_makes_of_an_unsigned_long_long() {
    let by_hand: u64 = handwritten::SGZ_UNKNOWN;
    let by_bindgen: i32 = generated::SGZ_UNKNOWN;
    assert_eq!(by_hand, u64::MAX);
    assert_eq!(by_bindgen, -1);
    // A cast that widens the sign makes them equal; by way of u32, it is lost.
    assert_eq!(by_bindgen as u64, by_hand);
    assert_ne!(u64::from(by_bindgen as u32), by_hand);
}

/// The integer that holds the bitfields of a `sgz_options` that is otherwise
/// zero, after one call of each crate's setter.
macro_rules! bits {
    ($($set:ident $get:ident $value:literal)*) => {
        vec![$({
            // SAFETY: std mem::zeroed: integers and a pointer.
            let mut a: handwritten::sgz_options = unsafe { std::mem::zeroed() };
            // SAFETY: std mem::zeroed: the same.
            let mut b: generated::sgz_options = unsafe { std::mem::zeroed() };
            a.$set($value);
            b.$set($value);
            // SAFETY: std mem::transmute: four bytes into four bytes.
            let b_flags: u32 = unsafe { std::mem::transmute(b._bitfield_1) };
            (stringify!($get), a.flags, b_flags, a.$get(), b.$get())
        }),*]
    };
}

#[test]
fn the_bits_are_the_same() {
    let compared = bits! {
        set_format format 3
        set_build_index build_index 1
        set_exclusive exclusive 1
        set_sync sync 1
        set_skip_crc skip_crc 1
        set_allow_no_eof allow_no_eof 1
        set_stop_early stop_early 1
        set_reserved reserved 0x00ff_ffff
        // What does not fit is cut off, as in C.
        set_format format 0xff
    };
    let mut all = 0;
    for (name, flags, other_flags, value, other_value) in compared {
        assert_eq!(flags, other_flags, "{name}");
        assert_eq!(value, other_value, "{name}");
        all |= flags;
    }
    assert_eq!(all, u32::MAX);
}

/// Where one crate's `sgz_subfield_next` finds subfields in `$extra`, and what
/// its `sgz_subfield_len` makes of each.
macro_rules! subfields {
    ($krate:ident, $extra:expr) => {{
        let extra: &[u8] = $extra;
        // SAFETY: std mem::zeroed: integers and pointers.
        let mut header: $krate::sgz_header = unsafe { std::mem::zeroed() };
        header.extra = extra.as_ptr();
        header.extra_len = extra.len();
        let mut found = vec![];
        let mut at = std::ptr::null();
        loop {
            // SAFETY: sgz_subfield_next/Lifetime: `extra` outlives the loop,
            // and `at` is null or was found in it.
            at = unsafe { $krate::sgz_subfield_next(&raw const header, at) };
            if at.is_null() {
                break found;
            }
            // SAFETY: sgz_subfield_len/Ownership: `at` is in `extra`.
            let len = unsafe { $krate::sgz_subfield_len(at) };
            found.push((at.addr() - extra.as_ptr().addr(), len));
        }
    }};
}

#[test]
fn the_inline_functions_find_the_same_subfields() {
    // One of two bytes, one of none, one that says 9 and is cut short.
    let extra = b"BC\x02\x00..XY\x00\x00ZZ\x09\x00.";
    for len in 0..=extra.len() {
        let by_hand = subfields!(handwritten, &extra[..len]);
        let by_bindgen = subfields!(generated, &extra[..len]);
        assert_eq!(by_hand, by_bindgen, "{len} bytes");
    }
    assert_eq!(subfields!(handwritten, extra), [(0, 2), (6, 0)]);
    // 258: both bytes of the length count.
    let long = [b"BC\x02\x01".as_slice(), &[0; 258]].concat();
    assert_eq!(subfields!(handwritten, &long), [(0, 258)]);
    assert_eq!(subfields!(generated, &long), [(0, 258)]);
}
