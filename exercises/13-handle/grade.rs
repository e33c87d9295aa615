// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a user of the answer does, for grade.c to call.

use answer::Meter;

/// Adds the bytes of `data` up, and writes what the meter is called to `out`.
/// Returns the length of the name.
///
/// # Safety
/// `data` has `len` bytes, `out` has 16.
#[unsafe(no_mangle)]
unsafe extern "C" fn add_up(
    data: *const u8,
    len: usize,
    out: *mut u8,
    total: *mut u64,
) -> usize {
    // SAFETY: task.md: promised.
    let data = unsafe { std::slice::from_raw_parts(data, len) };
    // SAFETY: task.md: promised.
    let out = unsafe { std::slice::from_raw_parts_mut(out, 16) };
    let Some(mut meter) = Meter::open("water") else {
        return 0;
    };
    for &byte in data {
        meter.add(byte.into());
    }
    let name = meter.name();
    let len = name.len().min(out.len());
    out[..len].copy_from_slice(&name.as_bytes()[..len]);
    // SAFETY: task.md: promised.
    unsafe { *total = meter.close() };
    len
}

/// A meter that is dropped, not closed.
#[unsafe(no_mangle)]
extern "C" fn dropped() -> u64 {
    let Some(mut meter) = Meter::open("") else {
        return 0;
    };
    meter.add(40);
    meter.add(2);
    meter.total()
}

#[unsafe(no_mangle)]
extern "C" fn nul_inside() -> bool {
    Meter::open("a\0b").is_some()
}
