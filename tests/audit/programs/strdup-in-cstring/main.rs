// The label of a window.
use std::ffi::{CStr, CString, c_char};

unsafe extern "C" {
    fn window_label() -> *mut c_char;
    #[cfg(twin)]
    fn window_label_free(label: *mut c_char);
}

#[inline(never)]
fn label() -> String {
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        let label = window_label();
        let text = CStr::from_ptr(label).to_string_lossy().into_owned();
        #[cfg(twin)]
        window_label_free(label);
        #[cfg(not(twin))]
        drop(CString::from_raw(label)); // DROP
        text
    }
}

fn main() {
    assert_eq!(label(), "a new label");
}
