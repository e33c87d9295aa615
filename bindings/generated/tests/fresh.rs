// SPDX-License-Identifier: MIT OR Apache-2.0
//! The copy in `src/` is what bindgen writes.
//!
//! Its comments and layout checks depend a little on which libclang read the
//! headers. The copy was made with libclang 18, so with that one every byte
//! counts; with any other, every declaration does.

use std::fs;
use std::path::Path;

mod items;

use items::{declarations, differing_lines};

/// The libclang that the copy was made with.
const MADE_WITH: &str = "clang version 18.";

/// The libclang of this build, or nothing if none could be loaded.
const CLANG: &str = env!("SGZ_BINDGEN_CLANG");

const WRITTEN: [(&str, &str); 2] = [
    (
        "bindings.rs",
        include_str!(concat!(env!("OUT_DIR"), "/bindings.rs")),
    ),
    (
        "inline.c",
        include_str!(concat!(env!("OUT_DIR"), "/inline.c")),
    ),
];

fn kept(name: &str) -> String {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    fs::read_to_string(src.join(name)).unwrap()
}

#[test]
fn the_copy_is_what_bindgen_writes() {
    if CLANG.is_empty() {
        println!("not run: libclang could not be loaded, the copy served");
        return;
    }
    if CLANG.contains(MADE_WITH) {
        for (name, written) in WRITTEN {
            let differing = differing_lines(&kept(name), written);
            assert!(differing.is_empty(), "{}", stale(name, &differing));
        }
        return;
    }
    println!("{CLANG}: not the one of the copy, only items are compared");
    let (name, written) = WRITTEN[0];
    let differing =
        differing_lines(&declarations(&kept(name)), &declarations(written));
    assert!(differing.is_empty(), "{}", stale(name, &differing));
}

fn stale(name: &str, differing: &str) -> String {
    format!(
        "src/{name} is stale (- kept, + written now), {differing}\n\
         Renew it: SGZ_BINDGEN_WRITE=1 cargo build -p sgz-sys-generated"
    )
}
