// SPDX-License-Identifier: MIT OR Apache-2.0
//! The proof of the check: each drift that the hand-written crate can have is
//! made, one at a time, and has to be found, with the right item named.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Instant;

use ferrule_drift::{Answers, Files, Plan, ask_all, plan, rust};
use ferrule_drift_test::mutants::{Mutant, mutants, short};
use ferrule_drift_test::{
    handwritten, options, read_crate, read_header, sources, target,
};

/// The kinds that there are at least.
const KINDS: usize = 30;

#[test]
fn every_drift_is_found_and_named() {
    let Some(header) = read_header() else {
        return;
    };
    let begun = Instant::now();
    let (options, sources, target) = (options(), sources(), target());
    let mut files = Files::default();
    read_crate(&handwritten(), &mut files);
    let mut all: Vec<_> = files.all().cloned().collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    let all: Vec<Mutant> = mutants(&all);

    let mut plans: Vec<Plan> = vec![];
    let mut broken = vec![];
    for mutant in &all {
        let mut mutated = files.clone();
        let read = mutated.put(&mutant.path, mutant.text.clone()).and_then(
            |_: Rc<_>| rust::read(&[handwritten()], &mut mutated, &target),
        );
        let bits = target.pointer_bits();
        match read {
            Ok(read) => plans.push(plan(&read, &header, bits, &options)),
            Err(error) => {
                broken.push(format!("{}: {error}", name(mutant)));
                plans.push(Plan::default());
            }
        }
    }
    assert!(broken.is_empty(), "not Rust:\n{}", broken.join("\n"));
    let planned = begun.elapsed();
    let mut answers = Answers::default();
    ask_all(&plans, &sources, &mut answers).unwrap();

    let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut equivalent: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = vec![];
    for (mutant, plan) in all.iter().zip(plans) {
        let report = plan.report(&answers);
        if let Some(why) = mutant.equivalent {
            *equivalent.entry(why).or_default() += 1;
            if !report.is_clean() {
                wrong.push(format!("means the same: {}", name(mutant)));
            }
            continue;
        }
        let count = kinds.entry(mutant.kind).or_default();
        count.0 += 1;
        let part = format!("{}.", mutant.item);
        let named = report.drift.iter().any(|finding| {
            finding.item == mutant.item || finding.item.starts_with(&part)
        });
        if named {
            count.1 += 1;
        } else {
            let found: Vec<&str> =
                report.drift.iter().map(|f| f.item.as_str()).collect();
            wrong.push(format!("{} (named: {found:?})", name(mutant)));
        }
    }
    for (kind, (all, found)) in &kinds {
        println!("{found:>5} of {all:>5}  {kind}");
    }
    for (why, count) in &equivalent {
        println!("{count:>5} mean the same: {why}");
    }
    println!(
        "{} mutants of {} kinds, planned in {planned:?}, judged in {:?}",
        all.len(),
        kinds.len(),
        begun.elapsed()
    );
    assert!(
        wrong.is_empty(),
        "{} not found:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(kinds.len() >= KINDS, "only {} kinds", kinds.len());
}

fn name(mutant: &Mutant) -> String {
    format!(
        "{} of {} in {}: {}",
        mutant.kind,
        mutant.item,
        short(&mutant.path),
        mutant.edit
    )
}
