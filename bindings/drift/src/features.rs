// SPDX-License-Identifier: MIT OR Apache-2.0
//! The features that a crate has.

use std::fs;
use std::path::{Path, PathBuf};

use toml::Table;

use crate::Error;

/// Refuse features that the crate of these files does not have: with one
/// misspelt, what is behind it would be left out in silence. Files without a
/// `Cargo.toml` above them may have any.
pub fn check(features: &[String], files: &[PathBuf]) -> Result<(), Error> {
    if features.is_empty() {
        return Ok(());
    }
    let Some(manifest) = files.iter().find_map(|file| manifest(file)) else {
        return Ok(());
    };
    let text = fs::read_to_string(&manifest)
        .map_err(|error| Error::Read(manifest.clone(), error))?;
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        Error::Names(manifest.clone(), error.to_string())
    })?;
    match features.iter().find(|feature| !has(&table, feature)) {
        None => Ok(()),
        Some(feature) => Err(Error::Target(format!(
            "--feature {feature}: {} has no such feature",
            manifest.display()
        ))),
    }
}

fn manifest(file: &Path) -> Option<PathBuf> {
    let file = fs::canonicalize(file).ok()?;
    file.ancestors()
        .skip(1)
        .map(|folder| folder.join("Cargo.toml"))
        .find(|path| path.is_file())
}

fn has(manifest: &Table, feature: &str) -> bool {
    let table = |from: &Table, name: &str| {
        from.get(name).and_then(|value| value.as_table()).cloned()
    };
    let named = table(manifest, "features")
        .is_some_and(|features| features.contains_key(feature));
    let mut places = vec![manifest.clone()];
    for (_, target) in table(manifest, "target").unwrap_or_default() {
        places.extend(target.as_table().cloned());
    }
    // An optional dependency is a feature of its name.
    named
        || places.iter().any(|place| {
            ["dependencies", "build-dependencies"].iter().any(|kind| {
                table(place, kind).is_some_and(|all| {
                    let found = all.get(feature).and_then(|v| v.as_table());
                    found.is_some_and(|one| {
                        one.get("optional")
                            .is_some_and(|o| o.as_bool() == Some(true))
                    })
                })
            })
        })
}
