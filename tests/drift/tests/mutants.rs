// SPDX-License-Identifier: MIT OR Apache-2.0
//! The proof of the check: each drift that the hand-written crate can have is
//! made, one at a time, and has to be found, with the right item named.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::thread;
use std::time::Instant;

use ferrule_drift::read::rust;
use ferrule_drift::{Answers, Files, Plan, ask_all, plan};
use ferrule_drift_test::mutants::{Mutant, mutants, short};
use ferrule_drift_test::{
    handwritten, options, read_crate, read_header, sources, target,
};

/// The kinds that there are at least.
const KINDS: usize = 30;

/// What came of some of the mutants.
#[derive(Default)]
struct Outcome {
    count: usize,
    /// Of each kind: how many there are, and how many were found.
    kinds: BTreeMap<&'static str, (usize, usize)>,
    /// Those that mean the same, by the reason.
    equivalent: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

impl Outcome {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        for (kind, (all, found)) in other.kinds {
            let sum = self.kinds.entry(kind).or_default();
            sum.0 += all;
            sum.1 += found;
        }
        for (why, count) in other.equivalent {
            *self.equivalent.entry(why).or_default() += count;
        }
        self.wrong.extend(other.wrong);
    }
}

#[test]
fn every_drift_is_found_and_named() {
    if read_header().is_none() {
        return;
    }
    let begun = Instant::now();
    let parts = thread::available_parallelism().map_or(1, usize::from);
    let mut sum = Outcome::default();
    thread::scope(|scope| {
        let parts: Vec<_> = (0..parts)
            .map(|part| scope.spawn(move || judge(part, parts)))
            .collect();
        for part in parts {
            sum.add(part.join().unwrap());
        }
    });
    for (kind, (all, found)) in &sum.kinds {
        println!("{found:>5} of {all:>5}  {kind}");
    }
    for (why, count) in &sum.equivalent {
        println!("{count:>5} mean the same: {why}");
    }
    println!(
        "{} mutants of {} kinds, judged in {:?}",
        sum.count,
        sum.kinds.len(),
        begun.elapsed()
    );
    assert!(
        sum.wrong.is_empty(),
        "{} not found:\n{}",
        sum.wrong.len(),
        sum.wrong.join("\n")
    );
    assert!(sum.kinds.len() >= KINDS, "only {} kinds", sum.kinds.len());
}

/// One of `parts` parts of the mutants: each thread has a header and a crate of
/// its own.
fn judge(part: usize, parts: usize) -> Outcome {
    let header = read_header().expect("it was read before");
    let (options, sources, target) = (options(), sources(), target());
    let mut files = Files::default();
    read_crate(&handwritten(), &mut files);
    let mut all: Vec<_> = files.all().cloned().collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    let all: Vec<Mutant> = mutants(&all)
        .into_iter()
        .skip(part)
        .step_by(parts)
        .collect();

    let mut plans: Vec<Plan> = vec![];
    let mut broken = vec![];
    for mutant in &all {
        let mut mutated = files.clone();
        let read = mutated.put(&mutant.path, mutant.text.clone()).and_then(
            |_: Rc<_>| rust::read(&[handwritten()], &mut mutated, &target),
        );
        let bits = target.machine();
        match read {
            Ok(read) => plans.push(plan(&read, &header, bits, &options)),
            Err(error) => {
                broken.push(format!("{}: {error}", name(mutant)));
                plans.push(Plan::default());
            }
        }
    }
    assert!(broken.is_empty(), "not Rust:\n{}", broken.join("\n"));
    let mut answers = Answers::default();
    ask_all(&plans, &sources, &mut answers).unwrap();

    let mut outcome = Outcome {
        count: all.len(),
        ..Outcome::default()
    };
    for (mutant, plan) in all.iter().zip(plans) {
        let report = plan.report(&answers);
        if let Some(why) = mutant.equivalent {
            *outcome.equivalent.entry(why).or_default() += 1;
            if !report.is_clean() {
                let words = format!("means the same: {}", name(mutant));
                outcome.wrong.push(words);
            }
            continue;
        }
        let count = outcome.kinds.entry(mutant.kind).or_default();
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
            outcome
                .wrong
                .push(format!("{} (named: {found:?})", name(mutant)));
        }
    }
    outcome
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
