// SPDX-License-Identifier: MIT OR Apache-2.0
//! The copy in `src/` is what bindgen writes.
//!
//! Its comments and layout checks depend a little on which libclang read the
//! headers. The copy was made with libclang 18, so with that one every byte
//! counts; with any other, every declaration does.

use std::fs;
use std::path::Path;

use quote::ToTokens;
use syn::visit_mut::VisitMut;

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

/// From the first line that differs to the last.
fn differing_lines(kept: &str, written: &str) -> String {
    let kept: Vec<_> = kept.lines().collect();
    let written: Vec<_> = written.lines().collect();
    let pairs = kept.iter().zip(&written);
    let before = pairs.take_while(|(a, b)| a == b).count();
    let (kept, written) = (&kept[before..], &written[before..]);
    if kept.is_empty() && written.is_empty() {
        return String::new();
    }
    let pairs = kept.iter().rev().zip(written.iter().rev());
    let after = pairs.take_while(|(a, b)| a == b).count();
    let removed = kept[..kept.len() - after].iter().map(|l| format!("- {l}"));
    let added = written[..written.len() - after]
        .iter()
        .map(|l| format!("+ {l}"));
    let mut lines = vec![format!("from line {}:", before + 1)];
    lines.extend(removed.chain(added));
    lines.join("\n")
}

/// Every item but the layout checks, without comments, one a line.
fn declarations(source: &str) -> String {
    let mut file = syn::parse_file(source).unwrap();
    Comments.visit_file_mut(&mut file);
    let items = file.items.iter().filter(
        |item| !matches!(item, syn::Item::Const(item) if item.ident == "_"),
    );
    let lines: Vec<String> = items
        .map(|item| item.to_token_stream().to_string())
        .collect();
    lines.join("\n")
}

/// Takes doc comments off.
struct Comments;

impl VisitMut for Comments {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<syn::Attribute>) {
        attributes.retain(|attribute| !attribute.path().is_ident("doc"));
    }
}
