// SPDX-License-Identifier: MIT OR Apache-2.0
//! The parts of the drift check know each other in one direction only.

use std::fs;
use std::path::{Path, PathBuf};

/// A part, and what of the crate it may name.
const PARTS: [(&str, &[&str]); 4] = [
    ("read", &["read"]),
    ("ask", &["read", "ask"]),
    ("report", &["read", "report"]),
    ("plan", &["read", "ask", "report", "plan"]),
];

/// What every part may name.
const GROUND: [&str; 4] = ["Error", "place", "snippet", "target"];

fn sources(part: &str) -> Vec<PathBuf> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![src.join(part)];
    let mut files = vec![src.join(format!("{part}.rs"))];
    while let Some(folder) = folders.pop() {
        // A part may be one file.
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("a folder can be read").path();
            let list = if path.is_dir() {
                &mut folders
            } else {
                &mut files
            };
            list.push(path);
        }
    }
    files
}

/// The first names behind each `crate::`.
fn named(text: &str) -> Vec<&str> {
    let behind = text.split("crate::").skip(1);
    behind
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(group) => group
                .split('}')
                .next()
                .unwrap_or("")
                .split(',')
                .map(str::trim)
                .collect(),
            None => vec![rest],
        })
        .map(|name| {
            let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
            &name[..end.unwrap_or(name.len())]
        })
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn no_part_names_one_that_comes_later() {
    for (part, known) in PARTS {
        for file in sources(part) {
            let text = fs::read_to_string(&file).expect("a source is text");
            for name in named(&text) {
                assert!(
                    known.contains(&name) || GROUND.contains(&name),
                    "{}: it names crate::{name}",
                    file.display()
                );
            }
        }
    }
}
