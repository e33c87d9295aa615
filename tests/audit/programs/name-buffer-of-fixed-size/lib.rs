// A buffer of 32 spaces, and a NUL.
use std::ffi::{CStr, CString, c_char};
use std::hint::black_box;

#[unsafe(no_mangle)]
pub extern "C" fn name_buffer() -> *mut c_char {
    let buffer = CString::new([b' '; 32].as_slice()).unwrap(); // MAKE
    buffer.into_raw()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn name_take(name: *mut c_char) -> usize {
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        let length = CStr::from_ptr(name).count_bytes();
        #[cfg(twin)]
        drop(Vec::from_raw_parts(name.cast::<u8>(), 33, 33));
        #[cfg(not(twin))]
        drop(CString::from_raw(name)); // DROP
        black_box(length)
    }
}
