// fails: run: SIGABRT
use std::slice;

/// How many lines there are.
fn lines(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'\n').count()
}

#[unsafe(no_mangle)]
extern "C" fn count_lines(data: *const u8, len: usize) -> usize {
    assert!(len > 0, "there are no lines");
    // SAFETY: the caller passes that many bytes, and changes none meanwhile.
    lines(unsafe { slice::from_raw_parts(data, len) })
}
