// SPDX-License-Identifier: MIT OR Apache-2.0
//! `first.h` and `sgzfile.h`, typed by a person: libraries in Rust, as C sees
//! them. Both raw lanes use these declarations.

#![allow(non_camel_case_types, reason = "these are C's names")]

use core::ffi::{c_char, c_int, c_void};

// Cargo links the two crates because they are named here.
use ::first as _;
use ::sgzfile as _;

/// An open file: what is in it is nobody's business but the library's.
#[repr(C)]
pub struct sgzfile {
    _opaque: [u8; 0],
}

/// A failure, opaque as well.
#[repr(C)]
pub struct sgzfile_error {
    _opaque: [u8; 0],
}

/// The sizes of a file.
#[repr(C)]
#[derive(Default)]
pub struct sgzfile_sizes {
    pub plain: u64,
    pub packed: u64,
}

/// Bytes of the library's.
#[repr(C)]
pub struct sgzfile_bytes {
    pub data: *mut u8,
    pub len: usize,
}

/// Where a stream goes.
#[repr(C)]
pub struct sgzfile_sink {
    pub write: Option<
        unsafe extern "C" fn(*mut c_void, *const c_void, usize) -> c_int,
    >,
    pub release: Option<unsafe extern "C" fn(*mut c_void)>,
    pub ctx: *mut c_void,
}

// An `enum sgzfile_status` is an int: a value that is not in today's header
// must not become a Rust enum.
unsafe extern "C" {
    pub safe fn first_add(a: u32, b: u32) -> u32;
    pub fn sgzfile_compress(
        from: *const c_char,
        to: *const c_char,
        level: c_int,
        sizes_out: *mut sgzfile_sizes,
        error_out: *mut *mut sgzfile_error,
    ) -> c_int;
    pub fn sgzfile_open(
        path: *const c_char,
        file_out: *mut *mut sgzfile,
        error_out: *mut *mut sgzfile_error,
    ) -> c_int;
    pub fn sgzfile_read_at(
        file: *const sgzfile,
        offset: u64,
        data: *mut c_void,
        len: usize,
        len_out: *mut usize,
        error_out: *mut *mut sgzfile_error,
    ) -> c_int;
    pub fn sgzfile_range(
        file: *const sgzfile,
        offset: u64,
        len: usize,
        bytes_out: *mut sgzfile_bytes,
        error_out: *mut *mut sgzfile_error,
    ) -> c_int;
    pub fn sgzfile_bytes_free(bytes: *mut sgzfile_bytes);
    pub fn sgzfile_describe(
        file: *const sgzfile,
        text_out: *mut *mut c_char,
        error_out: *mut *mut sgzfile_error,
    ) -> c_int;
    pub fn sgzfile_string_free(text: *mut c_char);
    pub fn sgzfile_close(file: *mut sgzfile);
    pub fn sgzfile_stream(
        path: *const c_char,
        sink: *const sgzfile_sink,
        error_out: *mut *mut sgzfile_error,
    ) -> c_int;
    pub fn sgzfile_error_status(error: *const sgzfile_error) -> c_int;
    pub fn sgzfile_error_errno(error: *const sgzfile_error) -> c_int;
    pub fn sgzfile_error_message(error: *const sgzfile_error) -> *const c_char;
    pub fn sgzfile_error_free(error: *mut sgzfile_error);
    pub fn sgzfile_last_error() -> *const c_char;
    pub fn sgzfile_test_panic(error_out: *mut *mut sgzfile_error) -> c_int;
}
