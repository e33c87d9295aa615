// SPDX-License-Identifier: MIT OR Apache-2.0
//! The lane over bindings that a person typed.

#![allow(clippy::borrow_as_ptr, reason = "`&mut x` is what C's `&x` is")]
#![allow(clippy::cast_precision_loss, reason = "C's double, C's cast")]
#![allow(clippy::too_many_lines, reason = "a lesson is one scene")]

use sgz_sys_handwritten as sys;
use zlib_sys_handwritten as zlib;

#[path = "../../raw/prelude.rs"]
mod prelude;

include!(concat!(env!("OUT_DIR"), "/lessons.rs"));

ferrule_lane::lane! {
    order: 1,
    name: c"handwritten",
    title: c"Hand-written Rust",
    lessons: LESSONS,
}
