// SPDX-License-Identifier: MIT OR Apache-2.0
//! Status codes, and the details of a failure.

use core::ffi::CStr;
use std::error;
use std::fmt;
use std::io::{self, ErrorKind};
use std::mem::MaybeUninit;
use std::num::NonZeroI32;
use std::sync::Arc;

use crate::io::borrowed_text;
use crate::panic::Relay;
use crate::raw;

/// The result of every function of this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $raw:ident,)*) => {
        /// The kind of a failure.
        ///
        /// The C library adds kinds over time. A kind that this version of the
        /// crate does not know is [`Status::Unknown`], never a panic.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Status {
            $($(#[$doc])* $name,)*
            /// A code that this version does not know.
            Unknown(i32),
        }

        impl Status {
            pub(crate) fn from_raw(status: raw::sgz_status) -> Self {
                match status {
                    $(raw::sgz_status::$raw => Self::$name,)*
                    raw::sgz_status(code) => Self::Unknown(code),
                }
            }

            fn to_raw(self) -> raw::sgz_status {
                match self {
                    $(Self::$name => raw::sgz_status::$raw,)*
                    Self::Unknown(code) => raw::sgz_status(code),
                }
            }
        }
    };
}

statuses! {
    /// An argument is out of its documented range.
    Invalid = SGZ_E_INVALID,
    /// The allocator had no memory.
    NoMemory = SGZ_E_NOMEM,
    /// A system call failed: see [`Error::os_error`].
    Io = SGZ_E_IO,
    /// These bytes are not a gzip header.
    Format = SGZ_E_FORMAT,
    /// The deflate stream is corrupt.
    Data = SGZ_E_DATA,
    /// The CRC-32 of the data is not the trailer's.
    Crc = SGZ_E_CRC,
    /// A length in the file disagrees with the data.
    Length = SGZ_E_LENGTH,
    /// The input ends too early.
    Truncated = SGZ_E_TRUNCATED,
    /// Bytes after the last member are not gzip.
    Trailing = SGZ_E_TRAILING,
    /// A Rust stream failed: see [`Error::source`](error::Error::source).
    Callback = SGZ_E_CALLBACK,
    /// An observer asked to stop.
    Cancelled = SGZ_E_CANCELLED,
    /// An index is malformed, or belongs to another file.
    Index = SGZ_E_INDEX,
    /// An offset lies beyond the end.
    Range = SGZ_E_RANGE,
    /// Not supported for this kind of file.
    Unsupported = SGZ_E_UNSUPPORTED,
    /// Wrong state: finished, busy, or failed before.
    State = SGZ_E_STATE,
    /// Larger than the options allow.
    Limit = SGZ_E_LIMIT,
    /// The output exists, but had to be new.
    Exists = SGZ_E_EXISTS,
}

impl Status {
    /// Its number in the C library, which is negative.
    #[must_use]
    pub fn code(self) -> i32 {
        self.to_raw().0
    }

    /// Its name as the C header spells it, if the library knows it.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(sgz::Status::Crc.name(), Some("SGZ_E_CRC"));
    /// assert_eq!(sgz::Status::Unknown(-999).name(), None);
    /// ```
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        // SAFETY: sgz_status_name/Threads: any thread, at any time. /Errors:
        // any number is allowed; NULL or a text. /Ownership: the library's
        // text, never freed. /Lifetime: the library stays loaded, hence
        // 'static.
        let name: Option<&'static CStr> =
            unsafe { borrowed_text(raw::sgz_status_name(self.to_raw())) };
        name?.to_str().ok()
    }

    /// Its meaning in a few words.
    fn text(self) -> &'static str {
        // SAFETY: sgz_status_text/Threads: any thread, at any time. /Errors:
        // any number is allowed, and it never returns NULL. /Lifetime: the
        // library stays loaded, hence 'static.
        let text: &'static CStr =
            unsafe { CStr::from_ptr(raw::sgz_status_text(self.to_raw())) };
        text.to_str().unwrap_or_default()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// A failure: its kind, its position, and a line of text with the reason.
///
/// # Conversions
///
/// It converts to an [`io::Error`] with the matching [`kind`](io::Error::kind).
/// This error is its payload, so that the conversion back gives the same error.
/// Any other `io::Error` becomes an error with [`Status::Io`], and is its
/// source.
///
/// # Examples
///
/// ```
/// use std::io;
///
/// let error = sgz::Reader::new(b"not gzip").unwrap_err();
/// assert_eq!(error.status(), sgz::Status::Format);
///
/// let error = io::Error::from(error);
/// assert_eq!(error.kind(), io::ErrorKind::InvalidData);
/// assert_eq!(sgz::Error::from(error).status(), sgz::Status::Format);
/// ```
#[derive(Clone)]
pub struct Error(Box<Repr>);

#[derive(Clone)]
struct Repr {
    status: Status,
    os_error: Option<NonZeroI32>,
    offset: Option<u64>,
    message: Box<[u8]>,
    source: Option<Arc<io::Error>>,
}

impl Error {
    /// Its kind.
    #[must_use]
    pub fn status(&self) -> Status {
        self.0.status
    }

    /// The `errno` of the system call that failed, or the value with which an
    /// observer cancelled ([`Status::Cancelled`]).
    #[must_use]
    pub fn os_error(&self) -> Option<i32> {
        self.0.os_error.map(NonZeroI32::get)
    }

    /// The position in the compressed input, in bytes.
    #[must_use]
    pub fn offset(&self) -> Option<u64> {
        self.0.offset
    }

    /// One line: the file's name (if it has one), the position and the reason.
    ///
    /// Bytes as the C library wrote them: a file's name need not be UTF-8.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        &self.0.message
    }

    /// A failure in Rust, before C was called.
    pub(crate) fn new(status: Status, message: &str) -> Self {
        Self(Box::new(Repr {
            status,
            os_error: None,
            offset: None,
            message: message.as_bytes().into(),
            source: None,
        }))
    }

    /// The failure that C returned as `status` with `details`.
    #[cold]
    pub(crate) fn from_raw(
        status: raw::sgz_status,
        details: &Details,
        relay: Option<&Relay>,
    ) -> Self {
        // SAFETY: Details/Invariants: all fields may be read.
        let error = unsafe { Self::from_ptr(details.0.as_ptr()) };
        error.with_status(Status::from_raw(status), relay)
    }

    /// The failure that `ptr` describes.
    ///
    /// # Safety
    ///
    /// Its fields must be readable, `text` up to its terminator.
    pub(crate) unsafe fn from_ptr(ptr: *const raw::sgz_error) -> Self {
        // Copy each field: the bytes after the text's end, and the reserved
        // bytes, may be uninitialised.
        //
        // SAFETY: from_ptr/Safety: the caller's promise.
        let (status, sys_errno, offset, text) = unsafe {
            (
                (*ptr).status,
                (*ptr).sys_errno,
                (*ptr).offset,
                CStr::from_ptr((&raw const (*ptr).text).cast()),
            )
        };
        Self(Box::new(Repr {
            status: Status::from_raw(status),
            os_error: NonZeroI32::new(sys_errno),
            offset: u64::try_from(offset).ok(),
            message: text.to_bytes().into(),
            source: None,
        }))
    }

    /// The same with `status`, and with the error of a stream.
    pub(crate) fn with_status(
        mut self,
        status: Status,
        relay: Option<&Relay>,
    ) -> Self {
        self.0.status = status;
        if status == Status::Callback {
            self.0.source = relay.and_then(Relay::error);
        }
        self
    }

    fn kind(&self) -> ErrorKind {
        let kind = match self.0.status {
            Status::Invalid | Status::Range => ErrorKind::InvalidInput,
            Status::NoMemory => ErrorKind::OutOfMemory,
            Status::Io | Status::Callback => self.cause(),
            Status::Truncated => ErrorKind::UnexpectedEof,
            Status::Format
            | Status::Data
            | Status::Crc
            | Status::Length
            | Status::Trailing
            | Status::Index
            | Status::Limit => ErrorKind::InvalidData,
            Status::Unsupported => ErrorKind::Unsupported,
            Status::Exists => ErrorKind::AlreadyExists,
            Status::Cancelled | Status::State | Status::Unknown(_) => {
                ErrorKind::Other
            }
        };
        // `Interrupted` means "try again", and `read_to_end` would do so for
        // ever, because a failure of a handle sticks.
        match kind {
            ErrorKind::Interrupted => ErrorKind::Other,
            kind => kind,
        }
    }

    fn cause(&self) -> ErrorKind {
        match (&self.0.source, self.0.os_error) {
            (Some(source), _) => source.kind(),
            (None, Some(errno)) => {
                io::Error::from_raw_os_error(errno.get()).kind()
            }
            (None, None) => ErrorKind::Other,
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("status", &self.0.status)
            .field("os_error", &self.os_error())
            .field("offset", &self.0.offset)
            .field("message", &String::from_utf8_lossy(&self.0.message))
            .field("source", &self.0.source)
            .finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.message.is_empty() {
            return self.0.status.fmt(f);
        }
        f.write_str(&String::from_utf8_lossy(&self.0.message))
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &self.0.source {
            Some(source) => Some(source.as_ref()),
            None => None,
        }
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        Self::new(error.kind(), error)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        let error = match error.downcast::<Self>() {
            Ok(ours) => return ours,
            Err(other) => other,
        };
        Self(Box::new(Repr {
            status: Status::Io,
            os_error: error.raw_os_error().and_then(NonZeroI32::new),
            offset: None,
            message: error.to_string().into_bytes().into(),
            source: Some(Arc::new(error)),
        }))
    }
}

/// C broke its contract: it returned success, but no output.
#[cold]
pub(crate) fn no_output() -> Error {
    Error::new(Status::State, "the library succeeded without an output")
}

/// The place where C writes the details of a failure.
///
/// # Invariants
///
/// `status`, `sys_errno`, `offset` and `text` up to a NUL are initialised, from
/// the start and after every call that got the pointer. The rest need not be
/// initialised: a call that succeeds costs four stores, not 256 bytes.
pub(crate) struct Details(MaybeUninit<raw::sgz_error>);

impl Details {
    #[inline]
    pub(crate) fn new() -> Self {
        let mut details = MaybeUninit::<raw::sgz_error>::uninit();
        let ptr = details.as_mut_ptr();
        // SAFETY: std pointer::write: ptr is valid for writes of the struct,
        // and `text` is not empty.
        unsafe {
            (&raw mut (*ptr).status).write(raw::sgz_status::SGZ_OK);
            (&raw mut (*ptr).sys_errno).write(0);
            (&raw mut (*ptr).offset).write(-1);
            (&raw mut (*ptr).text).cast::<u8>().write(0);
        }
        Self(details)
    }

    /// The `error` parameter of a call.
    #[inline]
    pub(crate) fn as_mut_ptr(&mut self) -> *mut raw::sgz_error {
        self.0.as_mut_ptr()
    }

    /// `Ok` if `status` is OK, else the failure with its details.
    #[inline]
    pub(crate) fn check(
        &self,
        status: raw::sgz_status,
        relay: Option<&Relay>,
    ) -> Result<()> {
        if status == raw::sgz_status::SGZ_OK {
            Ok(())
        } else {
            Err(Error::from_raw(status, self, relay))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_goes_to_its_code_and_back() {
        for code in -40..0 {
            let status = Status::from_raw(raw::sgz_status(code));
            assert_eq!(status.code(), code);
            let unknown = matches!(status, Status::Unknown(_));
            assert_eq!(status.name().is_none(), unknown, "{code}");
        }
    }

    #[test]
    fn an_unknown_status_is_an_error_like_any_other() {
        let details = Details::new();
        let error = Error::from_raw(raw::sgz_status(-12345), &details, None);
        assert_eq!(error.status(), Status::Unknown(-12345));
        assert!(!error.to_string().is_empty());
        assert_eq!(error.offset(), None);
        assert_eq!(io::Error::from(error).kind(), ErrorKind::Other);
    }

    #[test]
    fn interrupted_never_comes_out_because_callers_would_retry() {
        let error = Error::from(io::Error::from(ErrorKind::Interrupted));
        assert_eq!(io::Error::from(error).kind(), ErrorKind::Other);
    }

    #[test]
    fn an_io_error_keeps_errno_kind_and_itself() {
        let error = Error::from(io::Error::from_raw_os_error(2));
        assert_eq!(error.status(), Status::Io);
        assert_eq!(error.os_error(), Some(2));
        assert!(error::Error::source(&error).is_some());
        let error = io::Error::from(error);
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(Error::from(error).os_error(), Some(2));
    }

    #[test]
    fn the_error_is_one_word() {
        assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
    }
}
