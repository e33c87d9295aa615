// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which steps may differ from C's, as the lesson's description has it.

use std::collections::HashMap;

use serde::Deserialize;

/// As `tools/reader.py` writes it, at the time of the build.
const LESSONS: &str = include_str!(concat!(env!("OUT_DIR"), "/lessons.json"));

#[derive(Deserialize)]
struct All {
    lessons: Vec<Lesson>,
}

#[derive(Deserialize)]
struct Lesson {
    name: String,
    declared: Vec<Declared>,
}

/// A declaration: a step that differs in one lane, and in what.
#[derive(Deserialize)]
struct Declared {
    lane: String,
    step: String,
    differs: Allowance,
}

/// What a step may differ in; the rest has to be the same.
#[derive(Debug, Default, Deserialize)]
pub struct Allowance {
    /// the lane cannot do it, and records that
    pub prevented: bool,
    /// what the library allocates
    pub memory: bool,
    /// in which steps its blocks are freed; only the driver sees that
    pub freed: bool,
    /// labels of facts
    pub facts: Vec<String>,
}

/// The steps of `lesson` that may differ in `lane`, and in what.
pub fn steps(lesson: &str, lane: &str) -> HashMap<String, Allowance> {
    let all: All = serde_json::from_str(LESSONS).expect("the reader's form");
    let found = all.lessons.into_iter().find(|found| found.name == lesson);

    found
        .expect("a lesson that there is")
        .declared
        .into_iter()
        .filter(|declared| declared.lane == lane)
        .map(|declared| (declared.step, declared.differs))
        .collect()
}
