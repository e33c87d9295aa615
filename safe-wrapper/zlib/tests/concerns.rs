// SPDX-License-Identifier: MIT OR Apache-2.0
//! The lesson's table of concerns names what answers each of them: a type or
//! function of this crate, a test, or a program that rustc refuses.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The names that the `.rs` files in `folder` define, after these words.
fn defined(folder: &Path, words: &[&str], found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "rs") {
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        for word in words {
            for rest in text.split(&format!("{word} ")).skip(1) {
                let inside = |c: char| !c.is_alphanumeric() && c != '_';
                found.extend(rest.split(inside).next().map(str::to_owned));
            }
        }
    }
}

/// All that may stand on the right of the table.
fn answers() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let words = ["struct", "enum", "trait", "fn", "const"];
    defined(&here().join("src"), &words, &mut found);
    defined(&here().join("tests"), &["fn"], &mut found);
    // a variant that stands for a rule
    found.insert("NeedDictionary".to_owned());
    for entry in fs::read_dir(here().join("tests/misuse")).unwrap() {
        let path = entry.unwrap().path();
        if path.with_extension("stderr").exists() {
            let name = path.file_stem().unwrap();
            found.insert(name.to_string_lossy().into_owned());
        }
    }
    found
}

/// The rows of the table in `lesson`: a concern, and names.
fn rows(lesson: &str) -> Vec<(String, Vec<String>)> {
    let section = lesson
        .split("\n## ")
        .find(|part| part.starts_with("The table of concerns"));
    let lines = section.unwrap_or_default().lines();
    let rows = lines.filter_map(|line| line.strip_prefix("| "));
    rows.skip(1) // its head
        .filter_map(|row| {
            let (concern, names) = row.split_once(" | ")?;
            let names = names.split('`').skip(1).step_by(2);
            Some((concern.to_owned(), names.map(str::to_owned).collect()))
        })
        .collect()
}

/// What is wrong with the table of `lesson`.
fn faults(lesson: &str) -> Vec<String> {
    let answers = answers();
    let rows = rows(lesson);
    let mut faults = vec![];
    if rows.len() < 36 {
        faults.push(format!("only {} concerns", rows.len()));
    }
    for (concern, names) in &rows {
        if names.is_empty() {
            faults.push(format!("{concern}: nothing answers it"));
        }
        for name in names.iter().filter(|name| !answers.contains(*name)) {
            faults.push(format!("{concern}: there is no {name}"));
        }
    }
    // and each refused program is in the table
    let named: BTreeSet<&String> =
        rows.iter().flat_map(|(_, names)| names).collect();
    for entry in fs::read_dir(here().join("tests/misuse")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let is_program = path.extension().is_some_and(|e| e == "rs");
        if is_program && !named.contains(&name) {
            faults.push(format!("{name} is in no row"));
        }
    }
    faults
}

/// What the lesson says; the one reader of lessons tells it.
fn lesson() -> String {
    let reader = here().join("../../tools/reader.py");
    let mut python = Command::new("python3");
    let done = python
        .arg(reader)
        .args(["text", "19-zlib"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    String::from_utf8(done.stdout).unwrap()
}

#[test]
fn each_concern_is_answered() {
    let faults = faults(&lesson());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_row_without_an_answer_is_found() {
    let lesson = lesson();
    for (from, to, said) in [
        ("`end_twice`", "`end_thrice`", "there is no end_thrice"),
        ("`end_twice`", "`end_thrice`", "end_twice is in no row"),
        ("| `Settings` |", "| a habit |", "nothing answers it"),
        ("## The table of concerns", "## A table", "only 0 concerns"),
    ] {
        assert!(lesson.contains(from), "{from}");
        let faults = faults(&lesson.replacen(from, to, 1)).join("\n");
        assert!(faults.contains(said), "{to}: {faults}");
    }
}
