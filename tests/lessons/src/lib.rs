// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every lesson in process, with the C lane as the oracle.
//!
//! The driver does the same with processes, and sees more: crashes, hangs,
//! whose memory it is. This is for `cargo test`, which needs no driver.

mod cell;
mod declared;
mod hosted;
mod lanes;
mod memory;

use std::ffi::CStr;
use std::sync::{Mutex, PoisonError};

/// The current directory, the recorder and the library's allocator are the
/// process's, so one cell runs at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Run `lesson` in `lane` and in C on each input.
///
/// # Panics
///
/// If a step differs that is not declared to, or in what is not declared.
pub fn compare(lesson: &str, lane: &str) {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let declared = declared::steps(lesson, lane);
    let oracle = lanes::find("c", lesson);
    let run = lanes::find(lane, lesson);

    for input in cell::inputs() {
        let (expected, _) = cell::run(oracle, &input);
        let (actual, left) = cell::run(run, &input);
        let at = format!("{lesson}, {lane}, input {}", input.name());

        if let Err(difference) = actual.judge(&expected, &declared) {
            panic!("{at}:\n{difference}");
        }
        assert_eq!(left, 0, "{at}: blocks of the library leak");
    }
    cell::clean();
}

/// Lanes that agree may agree in what is wrong: is what is read from a file
/// what was written to it?
///
/// # Panics
///
/// If it is not.
pub fn read_is_what_was_written(lesson: &str, step: &CStr) {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);

    for input in cell::inputs() {
        let (c, _) = cell::run(lanes::find("c", lesson), &input);

        assert!(
            c.has_bytes(step, c"read", input.sample()),
            "input {}",
            input.name(),
        );
    }
    cell::clean();
}

/// That the judge is asked, and rightly: the driver's own tests show what it
/// finds.
#[cfg(test)]
#[expect(non_snake_case, reason = "subject__behaviour")]
mod tests {
    use std::collections::HashMap;

    use ferrule_lane::{Input, Lesson, Recorder, Run};
    use sgz_sys_handwritten::{sgz_alloc, sgz_free};

    use super::*;
    use crate::declared::Allowance;

    /// A lesson of one step, in which `WHAT` is recorded.
    struct Say<const WHAT: u8>;

    const ONE: u8 = 1;
    const TWO: u8 = 2;
    const TWO_AND_MORE: u8 = 3;
    const PREVENTED: u8 = 4;
    const EXTRA_STEP: u8 = 5;
    const ALLOCATES: u8 = 6;

    impl<const WHAT: u8> Run for Say<WHAT> {
        fn run(rec: &mut Recorder, _: &Input) {
            rec.step("open");
            match WHAT {
                PREVENTED => return rec.prevented("the type"),
                TWO | TWO_AND_MORE => rec.int("size", 2),
                _ => rec.int("size", 1),
            }
            match WHAT {
                TWO_AND_MORE => rec.int("more", 1),
                EXTRA_STEP => rec.step("more"),
                // SAFETY: sgz_alloc/Ownership: sgz_free() takes it.
                ALLOCATES => unsafe { sgz_free(sgz_alloc(1)) },
                _ => (),
            }
        }
    }

    /// Of "prevented", "memory", "freed", and labels of facts.
    fn allowance(what: &[&str]) -> Allowance {
        let facts = what
            .iter()
            .filter(|w| !["prevented", "memory", "freed"].contains(w));

        Allowance {
            prevented: what.contains(&"prevented"),
            memory: what.contains(&"memory"),
            freed: what.contains(&"freed"),
            facts: facts.map(|label| (*label).into()).collect(),
        }
    }

    /// What is said of a lane that says `WHAT` where C says `ONE`.
    fn said<const WHAT: u8>(differs: &[&str]) -> String {
        let _guard =
            ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let [input, ..] = cell::inputs();
        let c = Lesson::new::<Say<ONE>>(c"", c"").raw().run;
        let lane = Lesson::new::<Say<WHAT>>(c"", c"").raw().run;
        let (Some(c), Some(lane)) = (c, lane) else {
            panic!("a lesson has a function");
        };
        let mut declared = HashMap::new();
        if !differs.is_empty() {
            declared.insert("open".into(), allowance(differs));
        }

        let (c, _) = cell::run(c, &input);
        let (lane, _) = cell::run(lane, &input);
        cell::clean();
        lane.judge(&c, &declared).err().unwrap_or_default()
    }

    #[test]
    fn equal_steps__do_not_differ() {
        assert_eq!(said::<ONE>(&[]), "");
    }

    #[test]
    fn other_fact__differs_unless_it_is_declared() {
        assert!(said::<TWO>(&[]).contains("integer \"size\" 2; in c 1"));
        assert_eq!(said::<TWO>(&["size"]), "");
        assert!(said::<TWO>(&["size", "memory"]).contains("stale"));
        assert!(said::<TWO_AND_MORE>(&["size"]).contains("\"more\" 1"));
    }

    /// Only the driver sees when blocks are freed.
    #[test]
    fn what_is_freed__is_never_stale() {
        assert_eq!(said::<ONE>(&["freed"]), "");
        assert_eq!(said::<TWO>(&["size", "freed"]), "");
        assert!(said::<TWO>(&["freed"]).contains("integer \"size\" 2"));
        assert!(said::<TWO>(&["size", "freed", "memory"]).contains(
            "stale declaration: step \"open\" is declared to \
                           differ, in its memory, but does not"
        ));
    }

    #[test]
    fn prevented_step__differs_unless_it_is_declared() {
        assert!(said::<PREVENTED>(&[]).contains("prevented the type"));
        assert_eq!(said::<PREVENTED>(&["prevented"]), "");
    }

    #[test]
    fn extra_step__differs() {
        assert!(said::<EXTRA_STEP>(&[]).contains("extra step \"more\""));
    }

    #[test]
    fn allocation__differs_unless_it_is_declared() {
        assert!(said::<ALLOCATES>(&[]).contains("the library allocated"));
        assert_eq!(said::<ALLOCATES>(&["memory"]), "");
    }
}
