//! A status and errno become an error.

use std::ffi::{CStr, c_char, c_int};
use std::{io, slice};

#[repr(C)]
struct RawConfig {
    _opaque: [u8; 0],
}

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

/// It is closed at the end, whatever the end is.
struct Config(*mut RawConfig);

impl Drop for Config {
    fn drop(&mut self) {
        // SAFETY: task.md: config_open: it is ours, and nobody uses it after
        // this.
        unsafe { config_close(self.0) }
    }
}

/// The value of `key` in `source`.
pub fn get<'a>(source: &'a [u8], key: &CStr) -> Result<i64, Error<'a>> {
    // SAFETY: task.md: config_open: the source is borrowed until `config` is
    // dropped, at the end of this function.
    let raw = unsafe { config_open(source.as_ptr().cast(), source.len()) };
    if raw.is_null() {
        return Err(Error::System(io::Error::last_os_error()));
    }
    let config = Config(raw);
    let mut value = 0;
    // SAFETY: task.md: config_get: it is open, and the key is a string.
    match unsafe { config_get(config.0, key.as_ptr(), &mut value) } {
        CONFIG_OK => Ok(value),
        CONFIG_E_SYNTAX => Err(syntax(&config, source)),
        CONFIG_E_MISSING => Err(Error::Missing),
        // errno is read before config_close() may change it
        CONFIG_E_SYSTEM => Err(Error::System(io::Error::last_os_error())),
        other => Err(Error::Unknown(other)),
    }
}

/// The line of `source` that is wrong.
fn syntax<'a>(config: &Config, _source: &'a [u8]) -> Error<'a> {
    let (mut line, mut len) = (0, 0);
    // SAFETY: task.md: config_line: it is open, and the last status was a
    // syntax error.
    let text = unsafe { config_line(config.0, &mut line, &mut len) };
    // SAFETY: task.md: config_line: the line is a part of the source, which is
    // borrowed for 'a.
    let text = unsafe { slice::from_raw_parts(text.cast(), len) };
    Error::Syntax { line, text }
}
