// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lanes/support/src/abi.rs` is typed by hand: is it `lane.h`?

use std::mem::offset_of;

use ::ferrule_lane::abi::*;
// For its build.rs, which compiles layout.c.
use ferrule_lessons_test as _;

unsafe extern "C" {
    static ferrule_layout: [usize; 14];
}

macro_rules! row {
    ($type:ident, $last:ident) => {
        [size_of::<$type>(), offset_of!($type, $last)]
    };
}

#[test]
fn the_structs_of_both_sides_are_equal() {
    let rows = [
        row!(ferrule_input, size),
        row!(ferrule_recorder_ops, unordered),
        row!(ferrule_recorder, ops),
        row!(ferrule_host, dealloc),
        row!(ferrule_lesson, run),
        row!(ferrule_lane, lessons),
        [offset_of!(ferrule_lane, lesson_count), FERRULE_ABI as usize],
    ];

    // SAFETY: std keyword static: const in C, and of 14 numbers there too.
    assert_eq!(rows.as_flattened(), unsafe { &ferrule_layout });
}
