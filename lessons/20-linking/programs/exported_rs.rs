// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 20: a program with a CRC of its own, under a name that zlib has too.

use std::ffi::{c_uint, c_ulong};
use std::process::ExitCode;
use std::slice;

#[path = "parts/gz.rs"]
mod gz;

// Nothing makes this safe: zlib has a function of that name, too.
#[unsafe(no_mangle)]
unsafe extern "C" fn crc32(
    crc: c_ulong,
    data: *const u8,
    len: c_uint,
) -> c_ulong {
    if data.is_null() {
        return 0;
    }
    // SAFETY: zlib crc32: data has len bytes.
    let data = unsafe { slice::from_raw_parts(data, len as usize) };
    gz::castagnoli(crc as u32, data).into()
}

fn main() -> ExitCode {
    gz::use_zlib(c"exported_rs.gz")
}
