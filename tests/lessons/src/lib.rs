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

use std::sync::{Mutex, PoisonError};

use recorder::{Step, Transcript};

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

        assert!(step.facts.contains(&written), "input {}", input.name());
    }
    cell::clean();
}

/// The first difference that is not declared.
fn differ(
    c: &Transcript,
    lane: &Transcript,
    declared: &[String],
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
        if !declared.contains(&c.name) {
            differ_in_step(c, lane)?;
        }
    }
    if lane.live != 0 {
        return Err(format!("{} of the library's blocks leak", lane.live));
    }
    Ok(())
}

fn differ_in_step(c: &Step, lane: &Step) -> Result<(), String> {
    let name = &c.name;
    let facts = c.facts.len().max(lane.facts.len());

    for at in 0..facts {
        let (expected, actual) = (c.facts.get(at), lane.facts.get(at));
        if expected != actual {
            let nothing = String::from("nothing");
            return Err(format!(
                "step \"{name}\":\n  C:    {}\n  lane: {}",
                expected.unwrap_or(&nothing),
                actual.unwrap_or(&nothing),
            ));
        }
    }
    // Which step frees is the lane's affair: Drop runs where a scope ends.
    if c.memory.allocated() != lane.memory.allocated() {
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
            facts: vec![(*fact).into()],
            memory: memory::Usage::default(),
        });

        Transcript {
            steps: steps.collect(),
            live,
            ..Transcript::default()
        }
    }

    fn reason(c: &Transcript, lane: &Transcript, declared: &[&str]) -> String {
        let declared: Vec<_> =
            declared.iter().copied().map(String::from).collect();

        differ(c, lane, &declared).err().unwrap_or_default()
    }

    #[test]
    fn equal_transcripts__do_not_differ() {
        let c = transcript(&[("open", "status open = 0")], 0);

        assert_eq!(reason(&c, &c, &[]), "");
    }

    #[test]
    fn other_fact__differs_unless_declared() {
        let c = transcript(&[("open", "status open = 0")], 0);
        let lane = transcript(&[("open", "status open = -1")], 0);

        assert!(reason(&c, &lane, &[]).contains("lane: status open = -1"));
        assert!(reason(&c, &lane, &["close"]).contains("step \"open\""));
        assert_eq!(reason(&c, &lane, &["open"]), "");
    }

    #[test]
    fn missing_step__differs_although_declared() {
        let c = transcript(&[("open", "a"), ("close", "b")], 0);
        let lane = transcript(&[("open", "a")], 0);

        assert!(reason(&c, &lane, &["close"]).contains("only one lane"));
        assert!(reason(&lane, &c, &["close"]).contains("\"close\""));
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

        assert!(reason(&c, &lane, &[]).contains("memory of the library"));
    }
}
