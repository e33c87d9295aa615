// fails: link: sgz_crc
use std::ffi::c_void;

unsafe extern "C" {
    fn sgz_crc(crc: u32, data: *const c_void, len: usize) -> u32;
}

#[unsafe(no_mangle)]
extern "C" fn checksum(data: *const u8, len: usize) -> u32 {
    unsafe { sgz_crc(0, data.cast(), len) }
}
