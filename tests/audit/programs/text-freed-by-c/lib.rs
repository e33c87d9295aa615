// The library converts documents. Each text that it returns is its own.
use std::ffi::{CString, c_char};

#[unsafe(no_mangle)]
pub extern "C" fn to_json() -> *mut c_char {
    let text = CString::new("{\"a\": 1}").unwrap(); // MAKE
    text.into_raw()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn json_free(text: *mut c_char) {
    // SAFETY: std CString::from_raw: to_json() returned it.
    drop(unsafe { CString::from_raw(text) });
}
