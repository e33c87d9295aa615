// A program with wrong-side frees, which may not end in "no findings".
use std::ffi::{CString, c_void};
use std::hint::black_box;

unsafe extern "C" {
    fn malloc(size: usize) -> *mut u8;
    fn free(block: *mut c_void);
}

fn main() {
    let text = black_box(CString::new("hello").unwrap());
    // SAFETY: none: the fault; the twin is right.
    unsafe { free(text.into_raw().cast()) };
    // SAFETY: none: the fault; the twin is right.
    let block = black_box(unsafe { malloc(10) });
    // SAFETY: none: the fault; the twin is right.
    drop(black_box(unsafe { Vec::from_raw_parts(block, 0, 10) }));
}
