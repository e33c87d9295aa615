//! Initials of a text, for Rust and for C.

use std::ffi::{CStr, CString, c_char, c_int, c_uint};
use std::ptr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Upper,
    Lower,
}

/// The first letter of each word; None if there is no word.
#[must_use]
pub fn initials(text: &str, style: Style) -> Option<String> {
    let letters = text
        .split(|letter: char| letter.is_whitespace() || letter == '\0')
        .filter_map(|word| word.chars().next());
    let found: String = match style {
        Style::Upper => letters.flat_map(char::to_uppercase).collect(),
        Style::Lower => letters.flat_map(char::to_lowercase).collect(),
    };
    (!found.is_empty()).then_some(found)
}

// Styles, and statuses: all as in answer.h.
pub const INITIALS_UPPER: c_uint = 0;
pub const INITIALS_LOWER: c_uint = 1;

pub const INITIALS_OK: c_int = 0;
pub const INITIALS_NULL: c_int = 1;
pub const INITIALS_NOT_UTF8: c_int = 2;
pub const INITIALS_BAD_STYLE: c_int = 3;
pub const INITIALS_NO_WORDS: c_int = 4;

/// # Safety
/// `text` is a string or NULL; `initials_out` may be written to, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn initials_of(
    text: *const c_char,
    style: c_uint,
    initials_out: *mut *mut c_char,
) -> c_int {
    if initials_out.is_null() {
        return INITIALS_NULL;
    }
    // SAFETY: task.md: it may be written to.
    unsafe { *initials_out = ptr::null_mut() };
    if text.is_null() {
        return INITIALS_NULL;
    }
    // SAFETY: task.md: it is a string, and stays one for this call.
    let Ok(text) = unsafe { CStr::from_ptr(text) }.to_str() else {
        return INITIALS_NOT_UTF8;
    };
    let style = match style {
        INITIALS_UPPER => Style::Upper,
        INITIALS_LOWER => Style::Lower,
        _ => return INITIALS_BAD_STYLE,
    };
    let Some(found) = initials(text, style).and_then(|f| CString::new(f).ok())
    else {
        return INITIALS_NO_WORDS;
    };
    // SAFETY: task.md: it may be written to.
    unsafe { *initials_out = found.into_raw() };
    INITIALS_OK
}

/// # Safety
/// `initials` is of `initials_of`, and was not freed, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn initials_free(initials: *mut c_char) {
    if !initials.is_null() {
        // SAFETY: task.md: into_raw made it, and nobody uses it after this.
        drop(unsafe { CString::from_raw(initials) });
    }
}
