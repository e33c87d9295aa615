//! Call one C function.

use std::ffi::c_void;

unsafe extern "C" {
    fn sgz_crc32(crc: u32, data: *const c_void, len: usize) -> u32;
}

#[unsafe(no_mangle)]
extern "C" fn checksum(data: *const u8, len: usize) -> u32 {
    // SAFETY: sgz_crc32/Ownership: borrowed for the call; the caller passes that
    // many bytes, or none.
    unsafe { sgz_crc32(0, data.cast(), len) }
}
