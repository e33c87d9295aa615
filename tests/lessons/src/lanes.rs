// SPDX-License-Identifier: MIT OR Apache-2.0
//! The four lanes, linked into one program.

#![allow(clippy::duplicate_mod, reason = "one raw.rs, over two bindings")]

mod c;
mod generated;
mod handwritten;
mod safe;

use ferrule_lane::abi::{ferrule_input, ferrule_recorder};

/// A lesson as the driver calls it.
pub type Lesson =
    unsafe extern "C" fn(*mut ferrule_recorder, *const ferrule_input);

/// The lesson called `name` in `lane`.
pub fn find(lane: &str, name: &str) -> Lesson {
    let rust = match lane {
        "c" => {
            let row = c::LESSONS.iter().find(|(lesson, _)| *lesson == name);
            return row.unwrap_or_else(|| panic!("{name} has no c.c")).1;
        }
        "handwritten" => handwritten::LESSONS,
        "generated" => generated::LESSONS,
        "safe" => safe::LESSONS,
        _ => panic!("no lane is called {lane}"),
    };
    let row = rust.iter().find(|lesson| lesson.name() == name);

    row.unwrap_or_else(|| panic!("{name} has no file for the lane {lane}"))
        .raw()
        .run
        .expect("a lesson has a function")
}
