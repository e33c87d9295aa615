// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which steps may differ from C's, as the lesson's description has it.

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

#[derive(Deserialize)]
struct Declared {
    lane: String,
    step: String,
}

/// The steps of `lesson` that may differ in `lane`.
pub fn steps(lesson: &str, lane: &str) -> Vec<String> {
    let all: All = serde_json::from_str(LESSONS).expect("the reader's form");
    let found = all.lessons.into_iter().find(|found| found.name == lesson);

    found
        .expect("a lesson that there is")
        .declared
        .into_iter()
        .filter(|declared| declared.lane == lane)
        .map(|declared| declared.step)
        .collect()
}
