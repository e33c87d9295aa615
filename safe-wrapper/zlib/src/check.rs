// SPDX-License-Identifier: MIT OR Apache-2.0
//! Checksums, of slices of any length.

use std::ffi::c_long;

use crate::raw;
use crate::stream::part;

type Function = unsafe extern "C" fn(
    raw::uLong,
    *const raw::Bytef,
    raw::uInt,
) -> raw::uLong;

#[allow(clippy::cast_possible_truncation, reason = "they have 32 bits")]
fn over(function: Function, start: u32, mut data: &[u8]) -> u32 {
    let mut sum = raw::uLong::from(start);
    while !data.is_empty() {
        let (now, rest) = data.split_at(part(data.len()) as usize);
        // SAFETY: zlib crc32/adler32: the bytes are read during the call.
        sum = unsafe { function(sum, now.as_ptr(), part(now.len())) };
        data = rest;
    }
    sum as u32
}

/// Go on with a CRC-32, which begins with 0.
#[must_use]
pub fn crc32(crc: u32, data: &[u8]) -> u32 {
    over(raw::crc32, crc, data)
}

/// Go on with an Adler-32, which begins with 1.
#[must_use]
pub fn adler32(adler: u32, data: &[u8]) -> u32 {
    over(raw::adler32, adler, data)
}

/// The CRC-32 of two pieces in a row, the second of which has `len` bytes.
#[must_use]
#[allow(clippy::cast_possible_truncation, reason = "it has 32 bits")]
#[allow(unused_unsafe, reason = "by hand, it is safe to call")]
pub fn crc32_combine(first: u32, second: u32, len: usize) -> u32 {
    let (first, second) = (first.into(), second.into());
    // No slice is longer than isize::MAX. What is longer is none.
    let len = c_long::try_from(len).unwrap_or(c_long::MAX);
    // SAFETY: zlib crc32_combine: it computes with its arguments.
    unsafe { raw::crc32_combine(first, second, len) as u32 }
}
