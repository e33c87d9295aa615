// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can fail: zlib's numbers, with the text that it gave at that time.

use std::error;
use std::ffi::{CStr, c_char, c_int};
use std::fmt;
use std::io;

use crate::raw;

/// The result of what can fail in zlib.
pub type Result<T> = std::result::Result<T, Error>;

/// What failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The call does not fit the state of the stream (`Z_STREAM_ERROR`).
    Stream,
    /// The input is corrupt, or work was discarded (`Z_DATA_ERROR`).
    Data,
    /// Out of memory (`Z_MEM_ERROR`).
    Memory,
    /// The input ended too early (`Z_BUF_ERROR`).
    Buffer,
    /// The program was built for another zlib (`Z_VERSION_ERROR`).
    Version,
    /// The operating system, or a stream of Rust's (`Z_ERRNO`).
    Io,
    /// A number that this crate does not know.
    Unknown(i32),
}

/// A failure: its kind, and zlib's text of it.
#[derive(Debug)]
pub struct Error {
    code: c_int,
    message: String,
    source: Option<io::Error>,
}

impl Error {
    /// The failure `code`; `text` is zlib's.
    ///
    /// # Safety
    ///
    /// `text` is NULL, or NUL-terminated and valid for this call.
    pub(crate) unsafe fn new(code: c_int, text: *const c_char) -> Self {
        let text = if text.is_null() { raw_text(code) } else { text };
        // SAFETY: std CStr::from_ptr: Error::new/Safety, and zError() returns
        // a text for any code. It is copied: the next call may change it.
        let message = unsafe { CStr::from_ptr(text) };
        Self {
            code,
            message: message.to_string_lossy().into_owned(),
            source: None,
        }
    }

    pub(crate) fn of(code: c_int) -> Self {
        // SAFETY: Error::new/Safety: NULL.
        unsafe { Self::new(code, std::ptr::null()) }
    }

    pub(crate) fn io(source: io::Error) -> Self {
        Self {
            code: raw::Z_ERRNO,
            message: source.to_string(),
            source: Some(source),
        }
    }

    /// What failed.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self.code {
            raw::Z_STREAM_ERROR => ErrorKind::Stream,
            raw::Z_DATA_ERROR => ErrorKind::Data,
            raw::Z_MEM_ERROR => ErrorKind::Memory,
            raw::Z_BUF_ERROR => ErrorKind::Buffer,
            raw::Z_VERSION_ERROR => ErrorKind::Version,
            raw::Z_ERRNO => ErrorKind::Io,
            code => ErrorKind::Unknown(code),
        }
    }

    /// zlib's number.
    #[must_use]
    pub fn code(&self) -> i32 {
        self.code
    }

    /// zlib's text.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

#[allow(unused_unsafe, reason = "by hand, zError() is safe to call")]
fn raw_text(code: c_int) -> *const c_char {
    // SAFETY: zlib zError: looks the code up in a table. One outside of the
    // table would be read behind its end in old versions.
    unsafe { raw::zError(code.clamp(raw::Z_VERSION_ERROR, raw::Z_NEED_DICT)) }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "zlib: {} ({})", self.message, self.code)
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        match error.source {
            Some(source) => source,
            None => Self::other(error),
        }
    }
}
