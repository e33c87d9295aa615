// SPDX-License-Identifier: MIT OR Apache-2.0
//! The library that was found or built is there to be called.

extern crate sgz_link as _;

use core::ffi::c_void;

unsafe extern "C" {
    fn sgz_version_number() -> u32;
    fn sgz_crc32(crc: u32, data: *const c_void, len: usize) -> u32;
}

#[test]
fn it_links_and_runs() {
    // SAFETY: sgz_version_number/Threads: at any time.
    assert_ne!(unsafe { sgz_version_number() }, 0);
    // What every CRC-32 gives for these nine bytes; zlib is linked too.
    let data = b"123456789";
    // SAFETY: sgz_crc32/Ownership: borrowed for the call, nine bytes.
    let crc = unsafe { sgz_crc32(0, data.as_ptr().cast(), data.len()) };
    assert_eq!(crc, 0xcbf4_3926);
}
