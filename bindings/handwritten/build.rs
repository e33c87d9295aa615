// SPDX-License-Identifier: MIT OR Apache-2.0
//! Declares what the library has, and no more.

#[path = "../link/features.rs"]
mod features;

fn main() {
    println!("cargo::rerun-if-changed=../link/features.rs");
    features::set();
}
