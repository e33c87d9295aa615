// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a user of the answer does, for grade.c to call.

use answer::{Error, get};
use std::ffi::{CStr, c_char};
use std::slice;

#[repr(C)]
struct Outcome {
    number: i64,
    at: usize,
    len: usize,
    kind: i32,
}

/// # Safety
/// The source has `len` bytes, the key is a string, and there is a place for
/// the outcome.
#[unsafe(no_mangle)]
unsafe extern "C" fn ask(
    source: *const u8,
    len: usize,
    key: *const c_char,
    outcome: *mut Outcome,
) {
    // SAFETY: task.md: promised.
    let source = unsafe { slice::from_raw_parts(source, len) };
    // SAFETY: task.md: promised.
    let (key, outcome) = unsafe { (CStr::from_ptr(key), &mut *outcome) };
    (outcome.kind, outcome.number) = match get(source, key) {
        Ok(value) => (0, value),
        Err(Error::Syntax { line, text }) => {
            outcome.at =
                text.as_ptr().addr().wrapping_sub(source.as_ptr().addr());
            outcome.len = text.len();
            (1, line as i64)
        }
        Err(Error::Missing) => (2, 0),
        Err(Error::System(error)) => {
            (3, error.raw_os_error().unwrap_or(0).into())
        }
        Err(Error::Unknown(status)) => (4, status.into()),
    };
}
