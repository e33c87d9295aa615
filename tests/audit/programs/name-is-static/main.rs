// The name of a tensor.
use std::ffi::{CStr, CString, c_char};

unsafe extern "C" {
    fn input_name() -> *mut c_char;
}

fn main() {
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        #[cfg(twin)]
        let name = CString::from(CStr::from_ptr(input_name()));
        #[cfg(not(twin))]
        let name = CString::from_raw(input_name());
        assert_eq!(name.as_bytes(), b"input:0");
        drop(name); // DROP
    }
    std::hint::black_box(());
}
