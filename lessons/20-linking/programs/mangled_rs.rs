// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 20: the same program. Without an attribute a function of Rust's has
//! a name with its crate and its module in it, which no other crate has.

use std::process::ExitCode;

#[path = "parts/gz.rs"]
mod gz;

pub fn crc32(crc: u32, data: &[u8]) -> u32 {
    gz::castagnoli(crc, data)
}

fn main() -> ExitCode {
    if crc32(0, b"123456789") != 0xe306_9283 {
        return ExitCode::FAILURE;
    }
    gz::use_zlib(c"mangled_rs.gz")
}
