//! Three declarations that work by luck.

use std::ffi::{c_char, c_double, c_int};

// TODO: three of these are not what tally.h says
unsafe extern "C" {
    fn tally_count(text: *const c_char, len: usize, which: c_char) -> usize;
    fn tally_balance(
        text: *const c_char,
        len: usize,
        up: c_char,
        down: c_char,
    ) -> i32;
    fn tally_has(text: *const c_char, len: usize, which: c_char) -> c_int;
    fn tally_first(text: *const c_char, len: usize, which: c_char) -> isize;
    fn tally_longest(text: *const c_char, len: usize) -> u16;
    fn tally_share(text: *const c_char, len: usize, which: c_char) -> c_double;
    fn tally_hash(text: *const c_char, len: u32) -> u64;
}

#[repr(C)]
struct Report {
    count: u64,
    balance: i64,
    first: i64,
    hash: u64,
    share: f64,
    longest: u32,
    has: bool,
}

/// Fills the report; its balance is that of `which` and the spaces.
#[unsafe(no_mangle)]
extern "C" fn describe(
    text: *const c_char,
    len: usize,
    which: c_char,
    out: *mut Report,
) {
    // SAFETY: task.md: the caller passes a text of that length, which is
    // borrowed for each call, and a place for the report.
    unsafe {
        *out = Report {
            count: tally_count(text, len, which) as u64,
            balance: tally_balance(text, len, which, b' ' as c_char).into(),
            first: tally_first(text, len, which) as i64,
            hash: tally_hash(text, len as u32),
            share: tally_share(text, len, which),
            longest: tally_longest(text, len).into(),
            has: tally_has(text, len, which) != 0,
        };
    }
}
