// SPDX-License-Identifier: MIT OR Apache-2.0
//! The lane over the safe wrapper. Its lessons may not say `unsafe`.

#![deny(unsafe_code)]
#![allow(clippy::cast_precision_loss, reason = "C's double, C's cast")]
#![allow(clippy::too_many_lines, reason = "a lesson is one scene")]

mod prelude;

include!(concat!(env!("OUT_DIR"), "/lessons.rs"));

ferrule_lane::lane! {
    order: 3,
    name: c"safe",
    title: c"Safe Rust",
    lessons: LESSONS,
}
