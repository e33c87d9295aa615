#[unsafe(no_mangle)]
pub extern "C" fn vowels(text: *const u8, len: usize) -> usize {
    // SAFETY: std slice::from_raw_parts: the caller lends the text.
    let text = unsafe { std::slice::from_raw_parts(text, len) };
    text.iter().filter(|&c| b"aeiou".contains(c)).count()
}
