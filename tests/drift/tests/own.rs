// SPDX-License-Identifier: MIT OR Apache-2.0
//! The two raw crates and the header: hand-written is the header, generated is
//! the header, and `agrees_with_generated` in bindings/handwritten closes the
//! triangle.

use std::path::Path;

use ferrule_drift::{Allowed, Answers, Files, Options, Report, judge, plan};
use ferrule_drift_test::{
    generated, handwritten, options, read_crate, read_header, root, sources,
    target,
};

fn check(path: &Path, options: &Options) -> Option<Report> {
    let header = read_header()?;
    let all = read_crate(path, &mut Files::default());
    let plan = plan(&all, &header, target().machine(), options);
    let report = judge(plan, &sources(), &mut Answers::default()).unwrap();
    println!("{report}");
    Some(report)
}

/// What is not compared, in either crate: macros that have no value.
const ATTRIBUTES: [&str; 3] = ["SGZ_API", "SGZ_PACKED", "SGZ_PRINTF"];

#[test]
fn handwritten_is_the_header() {
    if read_header().is_none() {
        return;
    }
    let checked = ferrule_drift_test::check().run().unwrap();
    checked.assert_equal();
    let report = checked.report;
    assert!(report.notes.is_empty());
    let skipped: Vec<&str> = report
        .unchecked
        .iter()
        .chain(&report.alone)
        .map(|one| one.item.as_str())
        .collect();
    assert_eq!(skipped, ATTRIBUTES, "something is not looked at");
}

#[test]
fn every_kind_of_item_is_checked() {
    let Some(report) = check(&handwritten(), &options()) else {
        return;
    };
    for (what, least) in [
        ("functions", 50),
        ("inline functions, written again in Rust", 2),
        ("variables", 3),
        ("constants", 11),
        ("macros with arguments, by sample", 3),
        ("initialisers, field by field", 3),
        ("structs", 15),
        ("unions", 1),
        ("fields", 60),
        ("flexible arrays", 1),
        ("bitfields, set and dumped", 7),
        ("accessors of bitfields, by sample", 7),
        ("enums", 4),
        ("enumerators", 28),
        ("opaque types", 3),
        ("exported symbols", 57),
    ] {
        let count = report.checked.get(what).copied().unwrap_or(0);
        assert!(count >= least, "only {count} {what}");
    }
}

#[test]
fn generated_is_the_header_but_for_what_is_listed() {
    let list = root().join("bindings/drift/allow/generated.txt");
    let options = Options {
        allowed: Allowed::read(&list).unwrap(),
        ..options()
    };
    let Some(report) = check(&generated(), &options) else {
        return;
    };
    assert!(report.is_clean());
    // Its helpers are no declarations of C.
    let mut skipped: Vec<&str> = report
        .unchecked
        .iter()
        .chain(&report.alone)
        .map(|one| one.item.as_str())
        .filter(|item| !ATTRIBUTES.contains(item))
        .collect();
    skipped.sort_unstable();
    assert_eq!(
        skipped,
        [
            "__BindgenBitfieldUnit",
            "__IncompleteArrayField",
            "__va_list_tag"
        ]
    );
}

#[test]
fn an_entry_that_nothing_needs_is_drift() {
    let allowed = "missing sgz_reader_open: it was so once\n";
    let allowed = Allowed::parse(Path::new("list"), allowed).unwrap();
    let options = Options {
        allowed,
        ..options()
    };
    let Some(report) = check(&handwritten(), &options) else {
        return;
    };
    assert_eq!(report.drift.len(), 1);
    assert_eq!(report.drift[0].kind.name(), "allow");
    assert_eq!(report.drift[0].item, "sgz_reader_open");
}
