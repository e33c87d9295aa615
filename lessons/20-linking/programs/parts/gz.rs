// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 20: what its programs in Rust have in common.

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::process::ExitCode;

#[link(name = "z")]
unsafe extern "C" {
    fn gzopen(path: *const c_char, mode: *const c_char) -> *mut c_void;
    fn gzwrite(file: *mut c_void, data: *const c_void, len: c_uint) -> c_int;
    fn gzread(file: *mut c_void, data: *mut c_void, len: c_uint) -> c_int;
    fn gzclose(file: *mut c_void) -> c_int;
}

/// The CRC of iSCSI and ext4: the same size as gzip's, another polynomial.
pub fn castagnoli(crc: u32, data: &[u8]) -> u32 {
    !data.iter().fold(!crc, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            crc >> 1 ^ (crc & 1) * 0x82f6_3b78
        })
    })
}

/// Write a file, and read it again. 0 if nothing is found to be wrong.
pub fn use_zlib(path: &CStr) -> ExitCode {
    let mut text = [0_u8; 9];
    let (path, to) = (path.as_ptr(), text.as_mut_ptr().cast());
    // SAFETY: zlib gzopen: the strings end with a NUL. zlib gzread: text has
    // as many bytes. zlib gzclose: each file is closed once.
    let (wrote, closed, got, end) = unsafe {
        let file = gzopen(path, c"wb".as_ptr());
        let wrote = gzwrite(file, c"123456789".as_ptr().cast(), 9);
        let closed = gzclose(file);
        let file = gzopen(path, c"rb".as_ptr());
        let (got, end) = (gzread(file, to, 9), gzread(file, to, 9));
        gzclose(file);
        (wrote, closed, got, end)
    };
    u8::from((wrote, closed, got, end) != (9, 0, 9, 0)).into()
}
