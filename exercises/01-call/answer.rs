//! Call one C function.

unsafe extern "C" {
    // TODO: declare sgz_crc32() here
}

#[unsafe(no_mangle)]
extern "C" fn checksum(data: *const u8, len: usize) -> u32 {
    let _ = (data, len);
    todo!("call sgz_crc32()")
}
