// The library asks the kernel for the state of the network.
use std::ffi::{CString, c_char};

#[unsafe(no_mangle)]
pub extern "C" fn state_get() -> *mut c_char {
    let state = CString::new("lo: up").unwrap(); // MAKE
    state.into_raw()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn state_end(state: *mut c_char) {
    // SAFETY: std CString::from_raw: state_get() returned it.
    drop(unsafe { CString::from_raw(state) });
}
