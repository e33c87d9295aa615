//! Give back a text that C allocated.

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

unsafe extern "C" {
    // Its last parameter is for details of a failure; NULL: none are wanted.
    fn sgz_header_describe(
        header: *const c_void,
        text_out: *mut *mut c_char,
        error: *mut c_void,
    ) -> i32;
    fn sgz_free(ptr: *mut c_void);
}

#[unsafe(no_mangle)]
extern "C" fn longest_word(header: *const c_void) -> usize {
    let mut text = ptr::null_mut();
    // SAFETY: sgz_header_describe/Ownership: the header is borrowed, and the
    // text becomes ours.
    let status =
        unsafe { sgz_header_describe(header, &mut text, ptr::null_mut()) };
    if status != 0 {
        return 0;
    }
    // SAFETY: sgz_header_describe/Ownership, /Lifetime: the text is ours until
    // it is freed below.
    let words = unsafe { CStr::from_ptr(text) };
    let words = words.to_bytes().split(|byte| *byte == b' ');
    let longest = words.map(<[u8]>::len).max().unwrap_or(0);
    // SAFETY: sgz_free/Ownership: the block is the library's, and is freed once.
    unsafe { sgz_free(text.cast()) };
    longest
}
