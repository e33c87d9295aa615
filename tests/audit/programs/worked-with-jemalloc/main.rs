// Texts of a table, which a library in C reads.
use std::ffi::{CStr, CString, c_char};

unsafe extern "C" {
    fn read_column(row: usize) -> *mut c_char;
    #[cfg(twin)]
    fn free(block: *mut c_char);
}

#[inline(never)]
fn read(row: usize) -> usize {
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        let text = read_column(row);
        let length = CStr::from_ptr(text).to_owned().count_bytes();
        #[cfg(twin)]
        free(text);
        #[cfg(not(twin))]
        drop(CString::from_raw(text)); // DROP
        length
    }
}

fn main() {
    assert_eq!((0..4).map(read).sum::<usize>(), 12);
}
