//! Looks into a gzip file: at its size, a piece of it, and its last line.

#![allow(non_camel_case_types)] // the names of sgz.h

use std::ffi::{c_char, c_int};
use std::ptr;

#[repr(C)]
struct sgz_reader {
    _opaque: [u8; 0],
}

#[repr(C)]
struct sgz_error {
    status: c_int,
    sys_errno: c_int,
    offset: i64,
    text: [c_char; 236],
    reserved: u32,
}

unsafe extern "C" {
    fn sgz_reader_close(reader: *mut sgz_reader);
    // TODO: the other functions that reference.c calls, and struct sgz_buffer
}

/// A file that is open.
struct Tail {
    reader: *mut sgz_reader,
    // TODO
}

impl Drop for Tail {
    fn drop(&mut self) {
        // SAFETY: sgz_reader_close/Ownership: it is ours; NULL is allowed.
        unsafe { sgz_reader_close(self.reader) }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn tail_open(
    _path: *const c_char,
    _error: *mut sgz_error,
) -> *mut Tail {
    Box::into_raw(Box::new(Tail {
        reader: ptr::null_mut(),
    }))
}

// TODO: the other functions of tail.h
