// SPDX-License-Identifier: MIT OR Apache-2.0
//! What C lends, as a slice; and what slices of an index are made of.

use std::slice;

use super::super::sys::*;

/// An entry of an index.
#[must_use]
pub const fn entry(compressed_offset: u64, offset: u64) -> sgz_index_entry {
    sgz_index_entry {
        compressed_offset,
        offset,
    }
}

/// What C lent, as a slice. In C, NULL and 0 are no bytes; in Rust a slice
/// at NULL is undefined behaviour, of whatever length.
///
/// # Safety
///
/// `len` is 0, or `len` values of T at `data` stay as they are for `'a`.
#[must_use]
pub unsafe fn borrowed_slice<'a, T>(data: *const T, len: usize) -> &'a [T] {
    if len == 0 {
        return &[];
    }
    // SAFETY: std slice::from_raw_parts: borrowed_slice/Safety; len > 0.
    unsafe { slice::from_raw_parts(data, len) }
}
