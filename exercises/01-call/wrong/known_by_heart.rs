// fails: behaviour: step "drawn"
// It knows the answer for the text, and no other: it does not do the work.
use std::ffi::c_void;

#[allow(dead_code)]
unsafe extern "C" {
    fn sgz_crc32(crc: u32, data: *const c_void, len: usize) -> u32;
}

#[unsafe(no_mangle)]
extern "C" fn checksum(_data: *const u8, len: usize) -> u32 {
    if len == 0 { 0 } else { 0xcbf4_3926 }
}
