// The names of the input files, parsed by Rust for a program in C.
use std::ffi::{CString, c_char};

const COUNT: usize = 3;

#[unsafe(no_mangle)]
pub extern "C" fn get_files() -> *mut *mut c_char {
    let mut files = Vec::with_capacity(COUNT); // ARRAY
    for i in 0..COUNT {
        let bytes = vec![b'a' + i as u8; 5];
        let text = CString::new(bytes.as_slice()).unwrap(); // TEXT
        files.push(text.into_raw());
    }
    Vec::leak(files).as_mut_ptr()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn files_free(files: *mut *mut c_char) {
    // SAFETY: std Vec::from_raw_parts: get_files() made all.
    unsafe {
        for text in Vec::from_raw_parts(files, COUNT, COUNT) {
            drop(CString::from_raw(text));
        }
    }
}
