// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finds the lessons of a lane. Each lane's `build.rs` includes this file.
//!
//! A lesson is a folder `lessons/NN-name`. A lane's file in it is called
//! after the lane (`safe.rs`); the lanes of raw bindings share `raw.rs` where
//! one source does for both. A folder without such a file is simply not in
//! the lane's table: it is the driver that notices.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// One lesson of one lane.
pub struct Found {
    /// The folder's name, "01-scalars".
    pub name: String,
    /// The same as an identifier, "lesson_01_scalars".
    pub module: String,
    /// The lane's file in the folder.
    pub source: PathBuf,
}

/// A folder's name says whether it is a lesson: two digits and a dash.
fn is_lesson(name: &str) -> bool {
    let bytes = name.as_bytes();

    bytes.len() > 3
        && bytes[..2].iter().all(u8::is_ascii_digit)
        && bytes[2] == b'-'
}

/// All lessons that have one of `files`, the first that is there, by name.
pub fn find(lessons: &Path, files: &[&str]) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();

    // A new folder, or a new file in one, is a reason to collect again.
    println!("cargo::rerun-if-changed={}", lessons.display());
    for entry in fs::read_dir(lessons)? {
        let folder = entry?.path();
        let Some(name) = folder.file_name().and_then(|name| name.to_str())
        else {
            continue;
        };
        if !folder.is_dir() || !is_lesson(name) {
            continue;
        }
        println!("cargo::rerun-if-changed={}", folder.display());
        let source = files
            .iter()
            .map(|file| folder.join(file))
            .find(|file| file.is_file());
        if let Some(source) = source {
            found.push(Found {
                name: name.to_owned(),
                module: format!("lesson_{}", name.replace('-', "_")),
                source,
            });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Write the modules and the table of `found` to the file `name` of Cargo's
/// output folder. `attribute` is put on each lesson's module.
pub fn write(found: &[Found], attribute: &str, name: &str) -> io::Result<()> {
    let mut modules = String::new();
    let mut rows = String::new();

    for lesson in found {
        let Found { name, module, .. } = lesson;
        let source = lesson.source.display().to_string();
        // {:?} quotes and escapes as Rust does.
        let _ = writeln!(
            modules,
            "#[path = {source:?}]\n#[{attribute}]\nmod {module};"
        );
        let _ = writeln!(
            rows,
            "\tferrule_lane::lesson!({module}, c{name:?}, c{source:?}),"
        );
    }

    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by Cargo"));
    fs::write(
        out.join(name),
        format!(
            "{modules}\n/// This lane's lessons, by name.\npub(crate) static LESSONS: \
             &[ferrule_lane::Lesson] = &[\n{rows}];\n"
        ),
    )
}
