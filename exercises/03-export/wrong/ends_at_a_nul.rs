// fails: behaviour: step "NUL inside"
// It counts in a C string, and the bytes are none.
use std::ffi::CStr;

#[unsafe(no_mangle)]
extern "C" fn count_lines(data: *const u8, len: usize) -> usize {
    if len == 0 {
        return 0;
    }
    let mut copy = unsafe { std::slice::from_raw_parts(data, len) }.to_vec();
    copy.push(0);
    let text = CStr::from_bytes_until_nul(&copy).unwrap();
    text.to_bytes().iter().filter(|byte| **byte == b'\n').count()
}
