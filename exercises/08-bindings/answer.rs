//! Bindings for a small C library.
#![allow(non_camel_case_types)]

// TODO: the constants, the enum, the structs and the callback of device.h

unsafe extern "C" {
    // TODO: its functions
}

/// What was seen of a device.
#[repr(C)]
struct Summary {
    average: f64,
    sum: i64,
    refused: u64,
    newest: [i16; 8],
    newest_count: usize,
    name: [u8; 12],
}

/// Opens a device of the name "oven", whose limits are 20 and 110 and whose
/// scale is 0.5. Gives it a handler that sums the values of the readings, and
/// the first half of the `len` values; then no handler, and the other half.
/// Fills the summary, closes the device, and returns what device_open()
/// returned.
#[unsafe(no_mangle)]
extern "C" fn observe(values: *const u8, len: usize, out: *mut Summary) -> i32 {
    let _ = (values, len, out);
    todo!("use the library")
}
