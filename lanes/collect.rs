// SPDX-License-Identifier: MIT OR Apache-2.0
//! Asks for the lessons of a lane. Each lane's `build.rs` includes this file.
//!
//! Who knows them is `tools/reader.py`. A lesson that does not have the lane
//! is not in its table: it is the driver that notices.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
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

/// What `tools/reader.py` says to `words`, line by line.
pub fn ask(root: &Path, words: &[&str]) -> io::Result<Vec<String>> {
    let reader = root.join("tools/reader.py");

    println!("cargo::rerun-if-changed={}", reader.display());
    // Cargo looks into the folder: a new file there is a reason, too.
    println!("cargo::rerun-if-changed={}/lessons", root.display());
    let done = Command::new("python3").arg(&reader).args(words).output()?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        return Err(io::Error::other(format!("{}: {said}", reader.display())));
    }
    let lines = String::from_utf8(done.stdout).map_err(io::Error::other)?;
    Ok(lines.lines().map(str::to_owned).collect())
}

/// The lessons that have the lane, by name.
pub fn find(root: &Path, lane: &str) -> io::Result<Vec<Found>> {
    let lines = ask(root, &["list", lane])?;

    Ok(lines
        .iter()
        .filter_map(|line| line.split_once('\t'))
        .map(|(name, source)| Found {
            name: name.to_owned(),
            module: module(name),
            source: source.into(),
        })
        .collect())
}

/// A lesson's name as an identifier.
pub fn module(name: &str) -> String {
    format!("lesson_{}", name.replace('-', "_"))
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
