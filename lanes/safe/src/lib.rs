// SPDX-License-Identifier: MIT OR Apache-2.0
//! The lane over the safe wrapper. Its lessons may not say `unsafe`.

#![deny(unsafe_code)]

mod prelude;

include!(concat!(env!("OUT_DIR"), "/lessons.rs"));

ferrule_lane::lane! {
    order: 3,
    name: c"safe",
    title: c"Safe Rust",
    lessons: LESSONS,
}
