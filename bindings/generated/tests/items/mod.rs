// SPDX-License-Identifier: MIT OR Apache-2.0
//! Two versions of what bindgen wrote, compared by lines or by items.

use quote::ToTokens;
use syn::visit_mut::VisitMut;

/// From the first line that differs to the last.
pub fn differing_lines(kept: &str, written: &str) -> String {
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
pub fn declarations(source: &str) -> String {
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
