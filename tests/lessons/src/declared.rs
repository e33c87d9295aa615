// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which steps may differ from C's: `declared.json` beside the lesson.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
struct Declared {
    lane: String,
    step: String,
    reason: String,
}

/// The steps of `lesson` that may differ in `lane`.
pub fn steps(lesson: &str, lane: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../lessons")
        .join(lesson)
        .join("declared.json");
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return vec![],
        Err(error) => panic!("{}: {error}", path.display()),
    };
    let all: Vec<Declared> = serde_json::from_slice(&text)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));

    all.into_iter()
        .filter(|declared| declared.lane == lane)
        .map(|declared| {
            let Declared { step, reason, .. } = declared;
            assert!(!reason.is_empty(), "{lesson}, {step}: why?");
            step
        })
        .collect()
}
