// SPDX-License-Identifier: MIT OR Apache-2.0
//! What cbindgen wrote for C, a person typed once more for the raw lanes: both
//! are the same contract.

use std::fs;
use std::path::PathBuf;

use ferrule_drift::read::{header, rust};
use ferrule_drift::{
    Allowed, Answers, Files, Options, Report, Sources, judge, plan,
};
use ferrule_drift_test::{read_header, root, sources, target};

fn typed() -> PathBuf {
    root().join("lanes/raw/exports.rs")
}

/// `text` against the headers; nothing without libclang.
fn check(text: String) -> Option<Report> {
    let _libclang = read_header()?;
    let include = |name| root().join(format!("exports/{name}/include"));
    let sources = Sources {
        headers: vec![
            include("first").join("first.h"),
            include("sgzfile").join("sgzfile.h"),
        ],
        own: vec![],
        cflags: vec![],
        cc: sources().cc,
        ..Sources::default()
    };
    let header = header::read(&sources).unwrap();
    let options = Options {
        // the lesson needs a part of it
        partial: true,
        exported: None,
        no_library: "the libraries are tests/exports's".into(),
        allowed: Allowed::default(),
    };
    let (mut files, target) = (Files::default(), target());
    files.put(&typed(), text).unwrap();
    let read = rust::read(&[typed()], &mut files, &target).unwrap();
    let plan = plan(&read, &header, target.machine(), &options);
    let report = judge(plan, &sources, &mut Answers::default()).unwrap();
    println!("{report}");
    Some(report)
}

#[test]
fn what_was_typed_is_what_cbindgen_wrote() {
    let text = fs::read_to_string(typed()).unwrap();
    if let Some(report) = check(text) {
        assert!(report.is_clean());
    }
}

#[test]
fn another_width_is_found() {
    let text = fs::read_to_string(typed()).unwrap();
    let (from, to) = ("        offset: u64,", "        offset: u32,");
    assert_eq!(text.matches(from).count(), 2);
    if let Some(report) = check(text.replacen(from, to, 1)) {
        assert!(!report.is_clean());
    }
}
