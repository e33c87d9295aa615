//! A status and errno become an error.

use std::ffi::{CStr, c_char, c_int};
use std::io;

#[repr(C)]
struct RawConfig {
    _opaque: [u8; 0],
}

// TODO: write get() at the end. All above it is ready.

// The statuses of C, which are numbers.
const CONFIG_OK: c_int = 0;
const CONFIG_E_SYNTAX: c_int = 1;
const CONFIG_E_MISSING: c_int = 2;
const CONFIG_E_SYSTEM: c_int = 3;

unsafe extern "C" {
    fn config_open(source: *const c_char, len: usize) -> *mut RawConfig;
    fn config_get(
        config: *mut RawConfig,
        key: *const c_char,
        value_out: *mut i64,
    ) -> c_int;
    fn config_line(
        config: *const RawConfig,
        number_out: *mut usize,
        len_out: *mut usize,
    ) -> *const c_char;
    fn config_close(config: *mut RawConfig);
}

/// Why there is no value.
#[derive(Debug)]
pub enum Error<'a> {
    /// A line of the source is wrong. Lines are counted from 1.
    Syntax { line: usize, text: &'a [u8] },
    /// No line has this key.
    Missing,
    /// A call of the system failed.
    System(io::Error),
    /// The library has a reason that this version does not know.
    Unknown(c_int),
}

/// The value of `key` in `source`.
pub fn get<'a>(source: &'a [u8], key: &CStr) -> Result<i64, Error<'a>> {
    let _ = (source, key);
    todo!("ask the library, and make an error of what it says")
}
