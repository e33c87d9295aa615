// SPDX-License-Identifier: MIT OR Apache-2.0
//! The copy in `src/` is what bindgen writes.
//!
//! It was made with libclang 18 from zlib 1.2.13. With those every byte
//! counts; with another libclang, every declaration does; and of another zlib
//! only what the copy declares has to be the same.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[path = "../../generated/tests/items/mod.rs"]
mod items;

use items::{declarations, differing_lines};

/// The libclang that the copy was made with.
const MADE_WITH: &str = "clang version 18.";

/// What is another in each version of zlib.
const VERSIONS: &str = "pub const ZLIB_VER";

/// The libclang of this build, or nothing if none could be loaded.
const CLANG: &str = env!("ZLIB_BINDGEN_CLANG");

const WRITTEN: &str = include_str!(concat!(env!("OUT_DIR"), "/bindings.rs"));

fn kept() -> String {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    fs::read_to_string(src.join("bindings.rs")).unwrap()
}

#[test]
fn the_copy_is_what_bindgen_writes() {
    if CLANG.is_empty() {
        println!("not run: libclang could not be loaded, the copy served");
        return;
    }
    let kept = kept();
    let differing = if versions(&kept) != versions(WRITTEN) {
        println!("{:?}: not the zlib of the copy", versions(WRITTEN));
        lost(&kept, WRITTEN)
    } else if CLANG.contains(MADE_WITH) {
        differing_lines(&kept, WRITTEN)
    } else {
        println!("{CLANG}: not the one of the copy, only items are compared");
        differing_lines(&declarations(&kept), &declarations(WRITTEN))
    };
    assert!(
        differing.is_empty(),
        "src/bindings.rs is stale (- kept, + written now), {differing}\n\
         Renew it: SGZ_BINDGEN_WRITE=1 cargo build -p zlib-sys-generated"
    );
}

#[test]
fn another_zlib_may_add_and_not_change() {
    let function = "unsafe extern \"C\" { pub fn f(a: i32); }";
    let version = "pub const ZLIB_VERNUM: i32 = 1;";
    let more = "pub fn g(); pub const ZLIB_VERNUM: i32 = 2;";
    let newer = format!("{} unsafe extern \"C\" {{ {}", function, &more[..11])
        + " } "
        + &more[12..];
    let older = format!("{function} {version}");
    assert_eq!(lost(&older, &newer), "");
    let changed = newer.replace("a: i32", "a: i64");
    assert!(lost(&older, &changed).contains("fn f"), "{changed}");
}

/// The lines that say which zlib it is.
fn versions(source: &str) -> Vec<&str> {
    let lines = source.lines();
    lines.filter(|line| line.starts_with(VERSIONS)).collect()
}

/// What `kept` declares and `written` does not.
fn lost(kept: &str, written: &str) -> String {
    let written = declarations(written);
    let written: BTreeSet<&str> = written.lines().collect();
    declarations(kept)
        .lines()
        .filter(|line| !line.starts_with(VERSIONS) && !written.contains(line))
        .fold(String::new(), |lost, line| lost + "\n- " + line)
}
