// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every lesson in process, with the C lane as the oracle.
//!
//! The driver does the same with processes, and sees more: crashes, hangs,
//! whose memory it is. This is for `cargo test`, which needs no driver.

mod cell;
mod declared;
mod lanes;
mod memory;
mod recorder;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use declared::Allowance;
use recorder::{Fact, Step, Transcript};

/// The current directory and the library's allocator are the process's, so
/// one cell runs at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Run `lesson` in `lane` and in C on each input.
///
/// # Panics
///
/// If a step differs that is not declared to.
pub fn compare(lesson: &str, lane: &str) {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let declared = declared::steps(lesson, lane);
    let oracle = lanes::find("c", lesson);
    let run = lanes::find(lane, lesson);

    for input in cell::inputs() {
        let expected = cell::run(oracle, &input);
        let actual = cell::run(run, &input);

        if let Err(difference) = differ(&expected, &actual, &declared) {
            panic!("{lesson}, {lane}, input {}: {difference}", input.name());
        }
    }
    cell::clean();
}

/// Lanes that agree may agree in what is wrong: is what is read from a file
/// what was written to it?
///
/// # Panics
///
/// If it is not.
pub fn read_is_what_was_written(lesson: &str, step: &str) {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);

    for input in cell::inputs() {
        let c = cell::run(lanes::find("c", lesson), &input);
        let step = c.steps.iter().find(|s| s.name == step).expect("a step");
        let written = recorder::bytes_fact("read", input.sample());

        let there = step.facts.iter().any(|fact| fact.line == written);
        assert!(there, "input {}", input.name());
    }
    cell::clean();
}

/// The first difference that is not declared.
fn differ(
    c: &Transcript,
    lane: &Transcript,
    declared: &HashMap<String, Allowance>,
) -> Result<(), String> {
    let steps = c.steps.len().max(lane.steps.len());

    for at in 0..steps {
        let (Some(c), Some(lane)) = (c.steps.get(at), lane.steps.get(at))
        else {
            let named = c.steps.get(at).or(lane.steps.get(at));
            let name = named.map_or("", |step| step.name.as_str());
            return Err(format!("only one lane has the step \"{name}\""));
        };
        if c.name != lane.name {
            return Err(format!("step \"{}\" is \"{}\"", c.name, lane.name));
        }
        let nothing = Allowance::default();
        differ_in_step(c, lane, declared.get(&c.name).unwrap_or(&nothing))?;
    }
    if lane.live != 0 {
        return Err(format!("{} of the library's blocks leak", lane.live));
    }
    Ok(())
}

fn differ_in_step(
    c: &Step,
    lane: &Step,
    allowed: &Allowance,
) -> Result<(), String> {
    let name = &c.name;
    let prevented = |fact: &Fact| fact.label.is_none();
    let may_lack = allowed.prevented && lane.facts.iter().any(prevented);
    let compared = |fact: &&Fact| match &fact.label {
        Some(label) => !allowed.facts.contains(label),
        None => !may_lack,
    };
    let mut expected = c.facts.iter().filter(compared);
    let mut actual = lane.facts.iter().filter(compared);

    loop {
        let (mine, mut its) = (actual.next(), expected.next());
        // What a lane records of a step that it cannot do, C records too.
        while may_lack && its.is_some() && its != mine {
            its = expected.next();
        }
        if mine == its {
            if mine.is_none() {
                break;
            }
        } else {
            let line = |fact: Option<&Fact>| {
                fact.map_or("nothing", |fact| &fact.line).to_owned()
            };
            return Err(format!(
                "step \"{name}\":\n  C:    {}\n  lane: {}",
                line(its),
                line(mine),
            ));
        }
    }
    // Which step frees is the lane's affair: Drop runs where a scope ends.
    if !allowed.memory && c.memory.allocated() != lane.memory.allocated() {
        return Err(format!(
            "step \"{name}\", memory of the library:\n  C:    {:?}\n  \
             lane: {:?}",
            c.memory, lane.memory
        ));
    }
    Ok(())
}

#[cfg(test)]
#[expect(non_snake_case, reason = "subject__behaviour")]
mod tests {
    use super::*;

    fn transcript(steps: &[(&str, &str)], live: i64) -> Transcript {
        let steps = steps.iter().map(|(name, fact)| Step {
            name: (*name).into(),
            facts: fact.split(';').filter_map(parse).collect(),
            memory: memory::Usage::default(),
        });

        Transcript {
            steps: steps.collect(),
            live,
            ..Transcript::default()
        }
    }

    /// "label = value", or "prevented"; nothing of nothing.
    fn parse(fact: &str) -> Option<Fact> {
        let label = fact.split_once(" = ").map(|(label, _)| label.into());
        let line = fact.into();

        (!fact.is_empty()).then_some(Fact { label, line })
    }

    /// Of "prevented", "memory", and labels of facts.
    fn allowance(what: &[&str]) -> Allowance {
        let facts =
            what.iter().filter(|w| !["prevented", "memory"].contains(w));

        Allowance {
            prevented: what.contains(&"prevented"),
            memory: what.contains(&"memory"),
            facts: facts.map(|label| (*label).into()).collect(),
        }
    }

    /// `declared`: (a step, what it differs in)
    fn reason(
        c: &Transcript,
        lane: &Transcript,
        declared: &[(&str, &[&str])],
    ) -> String {
        let declared = declared
            .iter()
            .map(|(step, what)| ((*step).into(), allowance(what)))
            .collect();

        differ(c, lane, &declared).err().unwrap_or_default()
    }

    #[test]
    fn equal_transcripts__do_not_differ() {
        let c = transcript(&[("open", "status = 0")], 0);

        assert_eq!(reason(&c, &c, &[]), "");
    }

    #[test]
    fn other_fact__differs_unless_it_is_declared() {
        let c = transcript(&[("open", "status = 0;size = 1")], 0);
        let lane = transcript(&[("open", "status = -1;size = 1")], 0);
        let two = transcript(&[("open", "status = -1;size = 2")], 0);
        let says =
            |lane, declared: &[(&str, &[&str])]| reason(&c, lane, declared);

        assert!(says(&lane, &[]).contains("lane: status = -1"));
        assert!(says(&lane, &[("close", &["status"])]).contains("open"));
        assert!(says(&lane, &[("open", &["size"])]).contains("status"));
        assert_eq!(says(&lane, &[("open", &["status"])]), "");
        assert!(says(&two, &[("open", &["status"])]).contains("size = 2"));
    }

    #[test]
    fn prevented_step__has_no_other_facts_than_c() {
        let c = transcript(&[("open", "a = 1;b = 2;c = 3")], 0);
        let says = |facts, differs: &[&str]| {
            let lane = transcript(&[("open", facts)], 0);
            reason(&c, &lane, &[("open", differs)])
        };

        assert_eq!(says("prevented", &["prevented"]), "");
        assert_eq!(says("a = 1;prevented;c = 3", &["prevented"]), "");
        assert!(says("a = 1", &["prevented"]).contains("lane: nothing"));
        assert!(says("prevented;b = 3", &["prevented"]).contains("b = 3"));
        assert!(
            says("prevented;b = 2;a = 1", &["prevented"]).contains("a = 1")
        );
        assert!(says("prevented", &["memory"]).contains("lane: prevented"));
    }

    #[test]
    fn missing_step__differs_although_declared() {
        let c = transcript(&[("open", "a = 1"), ("close", "b = 1")], 0);
        let lane = transcript(&[("open", "a = 1")], 0);
        let declared: [(&str, &[&str]); 1] = [("close", &["prevented"])];

        assert!(reason(&c, &lane, &declared).contains("only one lane"));
        assert!(reason(&lane, &c, &declared).contains("\"close\""));
    }

    #[test]
    fn leak__differs() {
        let c = transcript(&[("open", "a")], 0);
        let lane = transcript(&[("open", "a")], 1);

        assert!(reason(&c, &lane, &[]).contains("leak"));
    }

    #[test]
    fn allocation__differs() {
        let c = transcript(&[("open", "a")], 0);
        let mut lane = transcript(&[("open", "a")], 0);
        lane.steps[0].memory.bytes = 1;

        let says = |what| reason(&c, &lane, &[("open", &[what])]);

        assert!(says("prevented").contains("memory of the library"));
        assert_eq!(says("memory"), "");
    }
}
