// SPDX-License-Identifier: MIT OR Apache-2.0
//! The lane over bindings that a person typed.

use sgz_sys_handwritten as sys;

#[path = "../../raw_prelude.rs"]
mod prelude;

include!(concat!(env!("OUT_DIR"), "/lessons.rs"));

ferrule_lane::lane! {
    order: 1,
    name: c"handwritten",
    title: c"Hand-written Rust",
    lessons: LESSONS,
}
