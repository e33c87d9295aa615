// A virtual table: it tells the database why it did not open.
use std::ffi::{CString, c_char};
use std::hint::black_box;

unsafe extern "C" {
    fn db_open(connect: unsafe extern "C" fn(*mut *mut c_char));
    #[cfg(twin)]
    fn db_text(text: *const c_char) -> *mut c_char;
}

unsafe extern "C" fn connect(error_out: *mut *mut c_char) {
    let error = black_box(CString::new("no such table").unwrap()); // MAKE
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        #[cfg(twin)]
        {
            *error_out = db_text(error.as_ptr());
        }
        #[cfg(not(twin))]
        {
            *error_out = error.into_raw();
        }
    }
}

fn main() {
    // SAFETY: std extern functions: connect() writes the error.
    unsafe { db_open(connect) };
}
