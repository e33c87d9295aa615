//! A Rust function that C calls.

use std::slice;

/// How many lines there are.
fn lines(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'\n').count()
}

#[unsafe(no_mangle)]
extern "C" fn count_lines(data: *const u8, len: usize) -> usize {
    if len == 0 {
        return 0;
    }
    // SAFETY: std slice::from_raw_parts: the caller passes that many bytes, and
    // changes none meanwhile.
    lines(unsafe { slice::from_raw_parts(data, len) })
}
