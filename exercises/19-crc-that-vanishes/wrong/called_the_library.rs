// fails: behaviour: step "a frame"
// One name, one function; but gzip's polynomial is not that of the frames.
use std::ffi::{c_uint, c_ulong};
unsafe extern "C" {
    fn crc32(crc: c_ulong, data: *const u8, len: c_uint) -> c_ulong;
}

#[unsafe(no_mangle)]
unsafe extern "C" fn frame_check(data: *const u8, len: usize) -> u32 {
    // SAFETY: the caller's: data has len bytes.
    unsafe { crc32(0, data, len as c_uint) as u32 }
}
