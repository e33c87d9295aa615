//! The length of the longest line of a gzip file that lies in memory.

#![allow(non_camel_case_types)] // the names of sgz.h

use std::ffi::{c_int, c_void};

// These are behind pointers only.
#[repr(C)]
struct sgz_options {
    _opaque: [u8; 0],
}

#[repr(C)]
struct sgz_error {
    _opaque: [u8; 0],
}

#[repr(C)]
struct sgz_reader {
    _opaque: [u8; 0],
}

unsafe extern "C" {
    fn sgz_reader_open_memory(
        data: *const c_void,
        len: usize,
        options: *const sgz_options,
        reader_out: *mut *mut sgz_reader,
        error: *mut sgz_error,
    ) -> c_int;
    fn sgz_reader_close(reader: *mut sgz_reader);
    // TODO: sgz_reader_read_line(), sgz_buffer_release(), struct sgz_buffer
}

/// # Safety
/// `file` has `size` bytes; `longest_out` may be written to.
#[unsafe(no_mangle)]
unsafe extern "C" fn longest_line(
    file: *const c_void,
    size: usize,
    longest_out: *mut usize,
) -> c_int {
    let _ = (file, size, longest_out);
    todo!("what reference.c does")
}
