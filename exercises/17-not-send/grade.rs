// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a user of the answer does, for grade.c to call.

use answer::{Gauge, Journal};

/// # Safety
/// `data` has `len` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn add_up(data: *const u8, len: usize) -> u64 {
    // SAFETY: task.md: promised.
    let data = unsafe { std::slice::from_raw_parts(data, len) };
    let Some(mut gauge) = Gauge::new() else {
        return 0;
    };
    for &byte in data {
        gauge.add(byte.into());
    }
    gauge.sum()
}

/// Keeps at most `size` bytes of `data`, sorts them on another thread, and
/// writes them to `out`. Returns how many there are.
///
/// # Safety
/// `data` has `len` bytes, `out` has `size` numbers.
#[unsafe(no_mangle)]
unsafe extern "C" fn sort(
    data: *const u8,
    len: usize,
    out: *mut u32,
    size: usize,
) -> usize {
    // SAFETY: task.md: promised.
    let data = unsafe { std::slice::from_raw_parts(data, len) };
    // SAFETY: task.md: promised.
    let out = unsafe { std::slice::from_raw_parts_mut(out, size) };
    let Some(mut journal) = Journal::new() else {
        return 0;
    };
    for &byte in data.iter().take(size) {
        journal.add(byte.into());
    }
    let sorted = std::thread::spawn(move || {
        journal.entries_mut().sort_unstable();
        journal
    });
    let Ok(journal) = sorted.join() else { return 0 };
    let entries = journal.entries();
    out[..entries.len()].copy_from_slice(entries);
    entries.len()
}
