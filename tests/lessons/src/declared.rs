// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which steps may differ from C's: `declared.json` beside the lesson.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde::Deserialize;

use crate::hosted::Declared;

/// A declaration: a step that differs in one lane, in what, and why.
#[derive(Deserialize)]
struct Row {
    lane: String,
    step: String,
    differs: Vec<String>,
    reason: String,
}

/// The steps of `lesson` that may differ in `lane`, and in what.
pub fn steps(lesson: &str, lane: &str) -> Declared {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../lessons")
        .join(lesson)
        .join("declared.json");
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Declared::new();
        }
        Err(error) => panic!("{}: {error}", path.display()),
    };
    let all: Vec<Row> = serde_json::from_slice(&text)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));

    all.into_iter()
        .filter(|declared| declared.lane == lane)
        .map(|declared| {
            let Row { step, reason, .. } = declared;
            assert!(!reason.is_empty(), "{lesson}, {step}: why?");
            (step, declared.differs)
        })
        .collect()
}
