// SPDX-License-Identifier: MIT OR Apache-2.0
//! The lane over the hand-written crate.

#[path = "raw.rs"]
mod raw;

/// What the lane calls: libsgz, and `border.h`, by hand.
pub mod sys {
    use core::ffi::{c_char, c_void};

    pub use sgz_sys_handwritten::*;

    #[repr(C)]
    #[derive(Clone, Copy)]
    pub struct border_span {
        pub start: u32,
        pub end: u32,
    }

    unsafe extern "C" {
        pub fn border_shift(span: border_span, by: u32) -> border_span;
        pub fn border_sum(text: *const c_char) -> u64;
        pub fn border_ask(
            ask: Option<unsafe extern "C" fn(*mut c_void, u64) -> u64>,
            ctx: *mut c_void,
            value: u64,
        ) -> u64;
    }
}

use raw::*;

crate::lane!(
    "calls_handwritten",
    "export_handwritten",
    border_use_handwritten
);
