// SPDX-License-Identifier: MIT OR Apache-2.0
//! Another shared object of Rust, with a `std` of its own.

#[unsafe(no_mangle)]
pub extern "C-unwind" fn other_panics() {
    panic!("of the other")
}
