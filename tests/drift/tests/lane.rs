// SPDX-License-Identifier: MIT OR Apache-2.0
//! The contract between the driver and a lane is a header, too: the Rust side
//! of it is proved like any other binding.

use std::fs;
use std::path::PathBuf;

use ferrule_drift::read::{header, rust};
use ferrule_drift::{
    Allowed, Answers, Files, Options, Report, Sources, judge, plan,
};
use ferrule_drift_test::{read_header, root, sources, target};

fn lane_rust() -> PathBuf {
    root().join("lanes/support/src/abi.rs")
}

fn lane_sources() -> Sources {
    let include = root().join("host/include");

    Sources {
        headers: vec![include.join("ferrule/lane.h")],
        own: vec![],
        cflags: vec![format!("-I{}", include.display())],
        cc: sources().cc,
        ..Sources::default()
    }
}

/// The text of `abi.rs` against `lane.h`; nothing without libclang.
fn check(text: String) -> Option<Report> {
    let _libclang = read_header()?;
    let sources = lane_sources();
    let header = header::read(&sources).unwrap();
    let options = Options {
        partial: false,
        exported: None,
        no_library: "a lane exports its function, not the host".into(),
        allowed: Allowed::default(),
    };
    let (mut files, target) = (Files::default(), target());
    files.put(&lane_rust(), text).unwrap();
    let read = rust::read(&[lane_rust()], &mut files, &target).unwrap();
    let plan = plan(&read, &header, target.machine(), &options);
    let report = judge(plan, &sources, &mut Answers::default()).unwrap();
    println!("{report}");
    Some(report)
}

#[test]
fn the_lane_abi_is_the_header() {
    let Some(report) = check(fs::read_to_string(lane_rust()).unwrap()) else {
        return;
    };
    assert!(report.is_clean());
}

/// `abi.rs` with `from`, which stands there, written as `to`.
fn mutated(from: &str, to: &str) -> String {
    let text = fs::read_to_string(lane_rust()).unwrap();

    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

#[test]
fn what_a_layout_test_lets_pass_is_found() {
    let swapped = mutated("pub status:", "pub was_bytes:")
        .replacen("pub bytes:", "pub status:", 1)
        .replacen("pub was_bytes:", "pub bytes:", 1);
    let cases = [
        (swapped, "ferrule_recorder_ops"),
        (
            mutated("status: i32", "status: i64"),
            "ferrule_recorder_ops",
        ),
        (
            mutated("offset: i64", "offset: u64"),
            "ferrule_recorder_ops",
        ),
        (
            mutated("ptr: *mut c_void,", "ptr: *const c_void,"),
            "ferrule_host",
        ),
        (mutated("pub size: u32", "pub size: i32"), "ferrule_host"),
        (
            mutated("FERRULE_ABI: u32 = 2", "FERRULE_ABI: u32 = 1"),
            "FERRULE_ABI",
        ),
    ];

    for (text, item) in cases {
        let Some(report) = check(text) else {
            return;
        };
        assert!(!report.is_clean());
        assert!(report.to_string().contains(item), "{item}\n{report}");
    }
}
