//! Counts lines.

use std::slice;

fn is_newline(byte: u8) -> bool {
    byte == b'\n'
}

/// # Safety
/// `data` has `len` bytes; it may be NULL if `len` is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn words_lines(data: *const u8, len: usize) -> usize {
    if len == 0 {
        return 0;
    }
    // SAFETY: task.md: the caller's.
    let data = unsafe { slice::from_raw_parts(data, len) };
    data.iter().filter(|byte| is_newline(**byte)).count()
}
