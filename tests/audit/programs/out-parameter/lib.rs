// A function of a C library, written anew in Rust.
use std::ffi::{CStr, CString, c_char, c_int};

#[unsafe(no_mangle)]
pub unsafe extern "C" fn unit_name_escape(
    name: *const c_char,
    out: *mut *mut c_char,
) -> c_int {
    // SAFETY: std CStr::from_ptr: a text, and a place for another.
    unsafe {
        let text = CStr::from_ptr(name).to_owned(); // MAKE
        *out = text.into_raw();
    }
    0
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn unit_name_free(name: *mut c_char) {
    // SAFETY: std CString::from_raw: unit_name_escape() made it.
    drop(unsafe { CString::from_raw(name) });
}
