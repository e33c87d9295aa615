//! Bindings for many types and functions.
#![allow(non_camel_case_types)]

use std::ffi::c_char;

// TODO: the constants and the enums of scene.h

// TODO: its structs, the union, the callbacks

unsafe extern "C" {
    // TODO: its functions
}

/// What survey() finds out.
#[repr(C)]
struct Survey {
    bounds: [f64; 4],
    added: u64,
    removed: u64,
    count: u64,
    deepest: u64,
    locked: i32,
    text: [c_char; 48],
}

/// Makes a scene whose observer counts what is added and removed. In the root
/// is a group "group", and in that a path "path" through the points (i, value).
/// Its fill is half of black and half of white, as scene_mix() makes it, its
/// line black of width 1; their alpha is 255. Its matrix makes 2 * x, 3 * y.
///
/// Then it locks the group and sets the path's style again (`locked` is what
/// that returns), counts the nodes, asks for the greatest depth, for the path's
/// description and for the bounds of the root: low x, low y, high x, high y.
/// At the end it frees the scene and fills in what the observer has counted.
/// It returns the first status that is no success, except for `locked`.
#[unsafe(no_mangle)]
extern "C" fn survey(values: *const u8, len: usize, out: *mut Survey) -> i32 {
    let _ = (values, len, out);
    todo!("make a scene")
}
