//! A Rust function that C calls.

/// How many lines there are.
fn lines(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'\n').count()
}

// TODO: make this callable from C, under this name
fn count_lines(data: *const u8, len: usize) -> usize {
    let _ = (data, len);
    lines(&[])
}
