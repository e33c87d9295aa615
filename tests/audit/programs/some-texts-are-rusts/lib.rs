// Most texts are copied for C by strdup(), and one is not.
use std::ffi::{CStr, CString, c_char};

unsafe extern "C" {
    fn strdup(text: *const c_char) -> *mut c_char;
}

fn copied(text: &CStr) -> *mut c_char {
    // SAFETY: libc strdup: any text.
    unsafe { strdup(text.as_ptr()) }
}

#[unsafe(no_mangle)]
pub extern "C" fn get_address() -> *mut c_char {
    copied(c"alice@example")
}

#[unsafe(no_mangle)]
pub extern "C" fn get_name() -> *mut c_char {
    let name = CString::new("Alice Example").unwrap(); // NAME
    if cfg!(twin) {
        copied(&name)
    } else {
        name.into_raw()
    }
}
