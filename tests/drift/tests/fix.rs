// SPDX-License-Identifier: MIT OR Apache-2.0
//! Each drift that is mechanical to correct is made in the hand-written crate,
//! one at a time, and corrected: the same check then finds nothing, and what
//! was written means what stood there before.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ferrule_drift::fix::propose;
use ferrule_drift::read::items::Crate;
use ferrule_drift::read::rust;
use ferrule_drift::{Answers, Files, Header, Plan, ask_all, plan};
use ferrule_drift_test::mutants::{Mutant, mutants, short};
use ferrule_drift_test::{
    handwritten, options, read_crate, read_header, sources, target,
};

/// Kinds that are corrected, wherever they are.
const MECHANICAL: &[&str] = &[
    "Option missing",
    "another enum",
    "another handle",
    "another struct",
    "another text",
    "another value",
    "bool for int",
    "bytes for a struct",
    "callback too narrow",
    "callback too wide",
    "callback with a parameter less",
    "callback with a parameter more",
    "callback with a result",
    "callback with parameters swapped",
    "callback without its result",
    "const where C writes",
    "enum of another sign",
    "enum of another width",
    "enumerator of another value",
    "enumerators swapped",
    "field too narrow",
    "field too wide",
    "fields in another order",
    "flexible array with a length",
    "float for int",
    "gained result",
    "int for bool",
    "lost result",
    "missing field",
    "mut where C only reads",
    "parameter too narrow",
    "parameter too wide",
    "pointer to anything",
    "pointer to bytes",
    "pointer too few",
    "pointer too many",
    "result too narrow",
    "result too wide",
    "sign in a callback",
    "sign of a constant",
    "sign of a field",
    "sign of a parameter",
    "sign of a variable",
    "sign of the result",
    "swapped parameters",
    "text too short",
    "variable too narrow",
    "variable too wide",
    "wrong array length",
];

/// Of these, what is written has no comments, or no names of parameters, or is
/// the same number in other words.
const OTHER_WORDS: &[&str] = &[
    "Option missing",
    "another value",
    "callback with a parameter less",
    "callback with a parameter more",
    "missing field",
    "sign of a constant",
    "wrong array length",
];

/// How many of each kind are tried.
const EACH: usize = 3;

/// Crates with one difference each, and what is asked about them.
struct Made {
    files: Vec<Files>,
    crates: Vec<Crate>,
    plans: Vec<Plan>,
}

impl Made {
    fn new(files: Vec<Files>, header: &Header) -> Self {
        let (target, options) = (target(), options());
        let mut made = Self {
            files,
            crates: vec![],
            plans: vec![],
        };
        for files in &mut made.files {
            let read = rust::read(&[handwritten()], files, &target).unwrap();
            made.plans
                .push(plan(&read, header, target.machine(), &options));
            made.crates.push(read);
        }
        made
    }
}

#[test]
fn each_mechanical_drift_is_corrected() {
    let Some(header) = read_header() else {
        return;
    };
    let (sources, machine) = (sources(), target().machine());
    let mut first = Files::default();
    let read = read_crate(&handwritten(), &mut first);
    // Where Rust has a body, that would have to change, too.
    let bodies = read.functions.iter().filter(|f| f.item.body.is_some());
    let bodies: Vec<&str> = bodies.map(|f| f.name.as_str()).collect();
    let mut all: Vec<_> = first.all().cloned().collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    let all = some_of_each_kind(mutants(&all), &bodies);
    let mutated = |path: &PathBuf, text: &str, from: &Files| {
        let mut files = from.clone();
        files.put(path, text.to_owned()).unwrap();
        files
    };
    let wrong = Made::new(
        all.iter()
            .map(|m| mutated(&m.path, &m.text, &first))
            .collect(),
        &header,
    );
    let mut answers = Answers::default();
    ask_all(&wrong.plans, &sources, &mut answers).unwrap();
    let mut corrected = vec![];
    for ((read, files), plan) in
        wrong.crates.iter().zip(&wrong.files).zip(wrong.plans)
    {
        let report = plan.report(&answers);
        let root = handwritten();
        let proposal = propose(read, &header, machine, &root, &report);
        let mut files = files.clone();
        for (path, text) in proposal.apply(&files) {
            files.put(&path, text).unwrap();
        }
        corrected.push(files);
    }
    let right = Made::new(corrected, &header);
    ask_all(&right.plans, &sources, &mut answers).unwrap();
    let mut kinds: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    let mut wrong = vec![];
    for ((mutant, plan), files) in all.iter().zip(right.plans).zip(&right.files)
    {
        let report = plan.report(&answers);
        let count = kinds.entry(mutant.kind).or_default();
        count.0 += 1;
        if report.is_clean() {
            count.1 += 1;
            count.2 += usize::from(text(files, mutant) == text(&first, mutant));
        } else {
            wrong.push(format!(
                "{} of {} in {}: {}: {}",
                mutant.kind,
                mutant.item,
                short(&mutant.path),
                mutant.edit,
                report.drift[0]
            ));
        }
    }
    for (kind, (all, clean, same)) in &kinds {
        println!("{clean:>5} of {all:>5} ({same} as before) {kind}");
        if same < all && !OTHER_WORDS.contains(kind) {
            wrong.push(format!("{kind}: not what stood there before"));
        }
    }
    assert!(wrong.is_empty(), "not corrected:\n{}", wrong.join("\n"));
    assert_eq!(kinds.len(), MECHANICAL.len());
}

/// Up to `EACH` mutants of each kind, from all over the crate.
fn some_of_each_kind(all: Vec<Mutant>, without: &[&str]) -> Vec<Mutant> {
    let mut kinds: BTreeMap<&str, Vec<Mutant>> = BTreeMap::new();
    let mechanical = all.into_iter().filter(|mutant| {
        mutant.equivalent.is_none()
            && MECHANICAL.contains(&mutant.kind)
            && !without.contains(&mutant.item.as_str())
    });
    for mutant in mechanical {
        kinds.entry(mutant.kind).or_default().push(mutant);
    }
    let some = kinds.into_values().flat_map(|all| {
        let step = all.len().div_ceil(EACH);
        all.into_iter().step_by(step)
    });
    some.collect()
}

/// The mutant's file there, white space and paths of types aside.
fn text(files: &Files, mutant: &Mutant) -> String {
    let file = files.all().find(|file| file.path == mutant.path).unwrap();
    let text = file.text.replace("core::ffi::", "");
    text.split_whitespace().collect()
}
