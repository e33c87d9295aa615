//! A frame's checksum, for C.

use std::slice;

// It has no plain name: zlib, and others, have a crc32().
fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |crc, &byte| {
        // the polynomial of iSCSI, Btrfs and ext4; gzip has another one
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            crc >> 1 ^ (crc & 1) * 0x82f6_3b78
        })
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn frame_check(data: *const u8, len: usize) -> u32 {
    if data.is_null() {
        return 0;
    }
    // SAFETY: task.md: data has len bytes.
    crc32(unsafe { slice::from_raw_parts(data, len) })
}
