// SPDX-License-Identifier: MIT OR Apache-2.0
//! What was declared by hand is what bindgen declares, and nothing is missing
//! that the library or the lesson uses.

#[path = "../../handwritten/tests/declarations/mod.rs"]
#[allow(dead_code, reason = "the other test uses more of it")]
mod declarations;

use std::collections::BTreeSet;
use std::fs;
use std::mem::offset_of;
use std::path::{Path, PathBuf};

use declarations::{Declaration, Declarations, parse};
use zlib_sys_generated as generated;
use zlib_sys_handwritten as handwritten;

/// Items that are otherwise by hand. `bindings/README.md` explains them.
const DIFFERENCES: [&str; 2] = [
    // bindgen goes by way of the C library's __off_t
    "off_t",
    // opaque: a marker makes it neither Send nor Sync nor Unpin
    "internal_state",
];

fn bindings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn sources() -> (Declarations, Declarations) {
    (
        parse(&bindings().join("zlib-handwritten/src")),
        parse(&bindings().join("zlib-generated/src")),
    )
}

#[test]
fn what_is_by_hand_is_what_bindgen_writes() {
    let (by_hand, by_bindgen) = sources();
    let readme = fs::read_to_string(bindings().join("README.md")).unwrap();
    for (name, declaration) in &by_hand {
        let other = by_bindgen.get(name);
        assert!(other.is_some(), "{name} is not in zlib.h");
        let listed = DIFFERENCES.contains(&name.as_str());
        assert_eq!(
            other != Some(declaration),
            listed,
            "{name}: by hand {declaration:?}, by bindgen {other:?}"
        );
        if listed {
            assert!(readme.contains(&format!("`{name}`")), "{name}");
        }
    }
}

#[test]
fn constants_have_the_same_value() {
    macro_rules! constants {
        ($($name:ident)*) => {
            [$({
                let [a, b] = [handwritten::$name, generated::$name];
                assert_eq!(a, b, stringify!($name));
                stringify!($name)
            }),*]
        };
    }
    let compared = constants! {
        MAX_WBITS Z_NO_FLUSH Z_SYNC_FLUSH Z_FULL_FLUSH Z_FINISH Z_BLOCK Z_OK
        Z_STREAM_END Z_NEED_DICT Z_ERRNO Z_STREAM_ERROR Z_DATA_ERROR
        Z_MEM_ERROR Z_BUF_ERROR Z_VERSION_ERROR Z_BEST_SPEED
        Z_BEST_COMPRESSION Z_DEFAULT_COMPRESSION Z_DEFAULT_STRATEGY Z_DEFLATED
    };
    for (name, declaration) in sources().0 {
        if declaration.is_constant() {
            assert!(compared.contains(&&*name), "{name} is not compared");
        }
    }
}

#[test]
fn structs_are_laid_out_alike() {
    macro_rules! alike {
        ($($name:ident { $($field:ident)* })*) => {$(
            type A = handwritten::$name;
            type B = generated::$name;
            assert_eq!(size_of::<A>(), size_of::<B>());
            assert_eq!(align_of::<A>(), align_of::<B>());
            $(assert_eq!(
                offset_of!(A, $field),
                offset_of!(B, $field),
                stringify!($field)
            );)*
            let fields = sources().0[stringify!($name)].fields().unwrap();
            assert_eq!(fields, [$(stringify!($field)),*]);
        )*};
    }
    {
        alike! { z_stream_s {
            next_in avail_in total_in next_out avail_out total_out msg state
            zalloc zfree opaque data_type adler reserved
        } }
    }
    alike! { gzFile_s { have next pos } }
}

/// The names that are called in the `.c` and `.h` files of `folder`.
fn calls(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let ending = path.extension().and_then(|ending| ending.to_str());
        if path.is_dir() {
            calls(&path, found);
        } else if matches!(ending, Some("c" | "h")) {
            let text = fs::read_to_string(&path).unwrap();
            if !text.contains("zlib") {
                continue; // its compress() is its own
            }
            for before in text.split('(') {
                let inside = |c: char| c.is_alphanumeric() || c == '_';
                let name = before.trim_end_matches(inside).len();
                found.insert(before[name..].to_owned());
            }
        }
    }
}

#[test]
fn every_function_that_is_used_is_declared() {
    let root = bindings().join("..");
    let mut used = BTreeSet::new();
    // What Rust uses, the compiler asks for.
    for folder in ["csrc", "lessons"] {
        calls(&root.join(folder), &mut used);
    }
    let (by_hand, by_bindgen) = sources();
    let mut count = 0;
    for (name, declaration) in &by_bindgen {
        let Declaration::Function { .. } = declaration else {
            continue;
        };
        // `deflateInit2()` is a macro around `deflateInit2_()`.
        let called = name.trim_end_matches('_');
        if used.contains(called) || used.contains(name) {
            count += 1;
            assert!(by_hand.contains_key(name), "{name} is used");
        }
    }
    assert!(count >= 9, "only {count}: are these the right folders?");
}
