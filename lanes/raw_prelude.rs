// SPDX-License-Identifier: MIT OR Apache-2.0
//! What every lesson in a lane of raw bindings uses.
//!
//! Both such lanes include this file, each beside a module `sys` of its own.

use std::ffi::{CStr, c_char};

pub use ferrule_lane::{Input, Recorder};

use super::sys::*;

/// SGZ_ERROR_INIT, which is a macro of C's: no details of no failure.
#[must_use]
pub const fn error_init() -> sgz_error {
    sgz_error {
        status: sgz_status::SGZ_OK,
        sys_errno: 0,
        offset: -1,
        text: [0; SGZ_ERROR_TEXT_SIZE as usize],
        reserved: 0,
    }
}

/// Record the details of a failure.
pub fn record_error(rec: &mut Recorder, label: &str, error: &sgz_error) {
    // SAFETY: std CStr::from_ptr: the library terminates the text within the
    // array, and error_init() does so too.
    let text = unsafe { CStr::from_ptr(error.text.as_ptr()) };

    rec.error(
        label,
        error.status.0,
        error.sys_errno,
        error.offset,
        text.to_bytes(),
    );
}

/// Record a text of C's; NULL is an absent one.
///
/// # Safety
///
/// `text` is NULL, or NUL-terminated and valid for the call.
pub unsafe fn record_text(
    rec: &mut Recorder,
    label: &str,
    text: *const c_char,
) {
    let text = if text.is_null() {
        None
    } else {
        // SAFETY: std CStr::from_ptr: record_text/Safety: not NULL.
        Some(unsafe { CStr::from_ptr(text) }.to_bytes())
    };

    rec.text_or_absent(label, text);
}
