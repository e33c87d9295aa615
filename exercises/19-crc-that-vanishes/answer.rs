//! A frame's checksum, for C. The arithmetic is right.

use std::ffi::{c_uint, c_ulong};
use std::slice;

// TODO: the frames are right, and the gzip files of the program are not
#[unsafe(no_mangle)]
unsafe extern "C" fn crc32(
    crc: c_ulong,
    data: *const u8,
    len: c_uint,
) -> c_ulong {
    if data.is_null() {
        return 0;
    }
    // SAFETY: task.md: data has len bytes.
    let data = unsafe { slice::from_raw_parts(data, len as usize) };
    let crc = data.iter().fold(!(crc as u32), |crc, &byte| {
        // the polynomial of iSCSI, Btrfs and ext4; gzip has another one
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            crc >> 1 ^ (crc & 1) * 0x82f6_3b78
        })
    });
    c_ulong::from(!crc)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn frame_check(data: *const u8, len: usize) -> u32 {
    // SAFETY: task.md: data has len bytes; a frame is below 4 GiB.
    unsafe { crc32(0, data, len as c_uint) as u32 }
}
