// SPDX-License-Identifier: MIT OR Apache-2.0
//! A function in Rust that C calls.

/// The sum; the largest number, if the sum is larger.
#[unsafe(no_mangle)]
pub extern "C" fn first_add(a: u32, b: u32) -> u32 {
    a.saturating_add(b)
}
