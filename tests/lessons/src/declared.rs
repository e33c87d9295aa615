// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which steps may differ from C's: `declared.json` beside the lesson.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde::Deserialize;

/// A declaration: a step that differs in one lane, in what, and why.
#[derive(Deserialize)]
struct Declared {
    lane: String,
    step: String,
    differs: Vec<String>,
    reason: String,
}

/// What a step may differ in; the rest has to be the same.
#[derive(Debug, Default)]
pub struct Allowance {
    /// the lane cannot do it, and records that
    pub prevented: bool,
    /// what the library allocates
    pub memory: bool,
    /// labels of facts
    pub facts: Vec<String>,
}

impl Allowance {
    /// # Panics
    ///
    /// If one of `differs` is nothing that a step can differ in.
    pub fn new(differs: &[impl AsRef<str>]) -> Self {
        let mut allowance = Self::default();

        for what in differs {
            match what.as_ref() {
                "prevented" => allowance.prevented = true,
                "memory" => allowance.memory = true,
                what => {
                    let label = what.strip_prefix("fact ");
                    let label = label.unwrap_or_else(|| panic!("{what}?"));
                    allowance.facts.push(label.into());
                }
            }
        }
        allowance
    }
}

/// The steps of `lesson` that may differ in `lane`, and in what.
pub fn steps(lesson: &str, lane: &str) -> HashMap<String, Allowance> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../lessons")
        .join(lesson)
        .join("declared.json");
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return HashMap::new();
        }
        Err(error) => panic!("{}: {error}", path.display()),
    };
    let all: Vec<Declared> = serde_json::from_slice(&text)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));

    all.into_iter()
        .filter(|declared| declared.lane == lane)
        .map(|declared| {
            let Declared { step, reason, .. } = declared;
            assert!(!reason.is_empty(), "{lesson}, {step}: why?");
            (step, Allowance::new(&declared.differs))
        })
        .collect()
}
