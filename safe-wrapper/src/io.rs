// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rust streams as C sources and sinks.

use core::ffi::{CStr, c_char, c_int, c_void};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::ptr;
use std::sync::Arc;

use crate::panic::Relay;
use crate::{raw, trampoline};

/// `EIO`: returned to C if a Rust error has no `errno`.
const EIO: i32 = 5;
/// `EAGAIN`: the stream has no data yet, and can be read again.
const EAGAIN: i32 = if cfg!(any(target_os = "linux", target_os = "android")) {
    11
} else {
    35 // the BSDs, and what descends from them
};
/// `SEEK_SET`, `SEEK_CUR` and `SEEK_END` of `stdio.h`, the same everywhere.
const SEEK_SET: c_int = 0;
const SEEK_CUR: c_int = 1;
const SEEK_END: c_int = 2;

/// A Rust stream, and the relay for its errors and panics.
///
/// # Invariants
///
/// After C has taken a source or sink with its address as `ctx`, C owns the
/// box: only `close` frees it. Callbacks get the only reference to it, one at a
/// time, since a handle cannot be used from its own callbacks.
pub(crate) struct Stream<S> {
    stream: S,
    relay: Arc<Relay>,
}

impl<S> Stream<S> {
    pub(crate) fn new(stream: S, relay: Arc<Relay>) -> Self {
        Self { stream, relay }
    }

    /// The return value for C: the result of `op`, or a negated `errno`.
    fn serve(&mut self, op: impl FnOnce(&mut S) -> io::Result<i64>) -> i64 {
        let stream = &mut self.stream;
        match self.relay.run(|| op(stream)) {
            Some(Ok(value)) => value,
            Some(Err(error)) => {
                let errno = errno(&error);
                self.relay.keep_error(error);
                -i64::from(errno)
            }
            None => {
                self.relay
                    .keep_error(io::Error::other("the stream panicked"));
                -i64::from(EIO)
            }
        }
    }

    /// Drops the stream; a panic in its drop goes to the relay.
    pub(crate) fn close(self) {
        let Self { stream, relay } = self;
        relay.run_always(|| drop(stream));
    }
}

impl<R: Read> Stream<R> {
    pub(crate) fn read(&mut self, buf: &mut [u8]) -> i64 {
        self.serve(|stream| {
            let count = retry(|| stream.read(buf))?;
            count_within(count, buf.len())
        })
    }
}

impl<R: Seek> Stream<R> {
    pub(crate) fn seek(&mut self, offset: i64, whence: c_int) -> i64 {
        self.serve(|stream| {
            let to = match whence {
                SEEK_SET => u64::try_from(offset).ok().map(SeekFrom::Start),
                SEEK_CUR => Some(SeekFrom::Current(offset)),
                SEEK_END => Some(SeekFrom::End(offset)),
                _ => None,
            };
            let to = to.ok_or(ErrorKind::InvalidInput)?;
            i64::try_from(stream.seek(to)?).map_err(io::Error::other)
        })
    }
}

impl<W: Write> Stream<W> {
    pub(crate) fn write(&mut self, buf: &[u8]) -> i64 {
        self.serve(|stream| match retry(|| stream.write(buf))? {
            0 => Err(ErrorKind::WriteZero.into()),
            count => count_within(count, buf.len()),
        })
    }

    pub(crate) fn flush(&mut self) -> c_int {
        let status = self.serve(|stream| {
            retry(|| stream.flush())?;
            Ok(0)
        });
        // 0 or a negated errno, which is an int
        c_int::try_from(status).unwrap_or(-EIO)
    }
}

/// Repeats `op` while a signal interrupts it, as std's own adapters do.
fn retry<T>(mut op: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match op() {
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// A count for C, after a check that C will not read past its buffer.
///
/// `Read` and `Write` are safe traits: an implementation may return more bytes
/// than there was room for, and C would use that count.
fn count_within(count: usize, asked: usize) -> io::Result<i64> {
    if count > asked {
        return Err(io::Error::other(format!(
            "a stream returned {count} bytes, of at most {asked} asked for"
        )));
    }
    i64::try_from(count).map_err(io::Error::other)
}

fn errno(error: &io::Error) -> i32 {
    let made = match error.kind() {
        ErrorKind::WouldBlock => EAGAIN,
        _ => EIO,
    };
    error
        .raw_os_error()
        .filter(|errno| *errno > 0)
        .unwrap_or(made)
}

/// The source that reads `stream` and cannot seek.
pub(crate) fn source<R: Read>(stream: *mut Stream<R>) -> raw::sgz_source {
    raw::sgz_source {
        read: Some(trampoline::source_read::<R>),
        seek: None,
        close: Some(trampoline::stream_close::<R>),
        ctx: stream.cast::<c_void>(),
    }
}

/// The source that reads `stream` and seeks in it.
pub(crate) fn seekable_source<R: Read + Seek>(
    stream: *mut Stream<R>,
) -> raw::sgz_source {
    raw::sgz_source {
        seek: Some(trampoline::source_seek::<R>),
        ..source(stream)
    }
}

/// The sink that writes to `stream`.
pub(crate) fn sink<W: Write>(stream: *mut Stream<W>) -> raw::sgz_sink {
    raw::sgz_sink {
        write: Some(trampoline::sink_write::<W>),
        flush: Some(trampoline::sink_flush::<W>),
        close: Some(trampoline::stream_close::<W>),
        ctx: stream.cast::<c_void>(),
    }
}

/// A view of the `len` bytes at `data` that were borrowed from C; the caller
/// chooses the lifetime.
///
/// # Safety
///
/// Either `len` is 0, or `data` points to `len` initialised bytes that stay
/// and do not change during `'t`.
#[inline]
pub(crate) unsafe fn borrowed<'t, T>(data: *const T, len: usize) -> &'t [T] {
    // An empty view may be NULL in C, but not in Rust.
    let data = if len == 0 { ptr::dangling() } else { data };
    // SAFETY: std slice::from_raw_parts: the caller's promise, or no bytes.
    unsafe { std::slice::from_raw_parts(data, len) }
}

/// The text at `text` that was borrowed from C; the caller chooses the
/// lifetime. `None` for NULL.
///
/// # Safety
///
/// `text` is NULL or a C string that stays, unchanged, during `'t`.
pub(crate) unsafe fn borrowed_text<'t>(
    text: *const c_char,
) -> Option<&'t CStr> {
    if text.is_null() {
        return None;
    }
    // SAFETY: std CStr::from_ptr: the caller's promise: it ends in NUL, and
    // stays.
    Some(unsafe { CStr::from_ptr(text) })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Liar;

    impl Read for Liar {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            Ok(buf.len() + 1)
        }
    }

    impl Write for Liar {
        fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
            Ok(buf.len() + 1)
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::Error::from_raw_os_error(28))
        }
    }

    #[test]
    fn a_count_beyond_the_buffer_is_an_error_not_a_count() {
        let relay = Arc::new(Relay::default());
        let mut stream = Stream::new(Liar, relay.clone());
        assert_eq!(stream.read(&mut [0; 4]), -i64::from(EIO));
        assert_eq!(stream.write(&[0; 4]), -i64::from(EIO));
        let error = relay.error().expect("kept");
        assert!(error.to_string().contains("5 bytes"), "{error}");
        assert_eq!(stream.flush(), -28);
    }

    #[test]
    fn seeking_out_of_the_range_of_either_side_is_an_error() {
        let relay = Arc::new(Relay::default());
        let mut stream = Stream::new(io::Cursor::new(vec![0; 9]), relay);
        assert_eq!(stream.seek(4, SEEK_SET), 4);
        assert_eq!(stream.seek(1, SEEK_CUR), 5);
        assert_eq!(stream.seek(-9, SEEK_END), 0);
        assert!(stream.seek(-1, SEEK_SET) < 0);
        assert!(stream.seek(-1, SEEK_CUR) < 0);
        assert!(stream.seek(0, 77) < 0);
    }

    #[test]
    fn a_null_view_is_an_empty_slice() {
        // SAFETY: borrowed/Safety: no bytes.
        let bytes: &[u8] = unsafe { borrowed(ptr::null(), 0) };
        assert!(bytes.is_empty());
    }
}
