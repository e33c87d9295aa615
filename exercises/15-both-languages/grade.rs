// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a user in Rust does with the crate, for grade.c to call.

use answer::{Style, initials};

/// Writes the initials of `text` to `out`; returns their length, 0 if there
/// are none.
///
/// # Safety
/// `text` has `len` bytes, `out` has `size`.
#[unsafe(no_mangle)]
unsafe extern "C" fn use_from_rust(
    text: *const u8,
    len: usize,
    lower: bool,
    out: *mut u8,
    size: usize,
) -> usize {
    // SAFETY: task.md: promised.
    let text = unsafe { std::slice::from_raw_parts(text, len) };
    // SAFETY: task.md: promised.
    let out = unsafe { std::slice::from_raw_parts_mut(out, size) };
    let text = String::from_utf8_lossy(text);
    let style = if lower { Style::Lower } else { Style::Upper };
    let found = initials(&text, style).unwrap_or_default();
    let len = found.len().min(out.len());
    out[..len].copy_from_slice(&found.as_bytes()[..len]);
    len
}
