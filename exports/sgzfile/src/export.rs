// SPDX-License-Identifier: MIT OR Apache-2.0
//! The functions for C. cbindgen writes `include/sgzfile.h` from this file, and
//! from nothing else: what it cannot know stands in the comments, which are the
//! header's.
//!
//! Each function does three things: it makes Rust's values of C's arguments,
//! calls the crate, and turns the result into a status. Nothing unwinds into
//! C: [`guard`] turns a panic into a status, too.

#![allow(
    clippy::missing_safety_doc,
    reason = "the clauses say what is to be kept, as in every header"
)]

use core::ffi::{CStr, c_char, c_int, c_void};
use std::any::Any;
use std::cell::RefCell;
use std::ffi::{CString, OsStr};
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::ptr::{null, null_mut};
use std::{mem, slice};

use crate::{File, Sizes};

/// The level to take if there is no reason for another.
pub const SGZFILE_DEFAULT_LEVEL: c_int = 6;

const _: () = assert!(SGZFILE_DEFAULT_LEVEL == crate::DEFAULT_LEVEL);

/// How a call ended. Codes are never renumbered; new ones may come.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It did what it says.
    Ok = 0,
    /// An argument is NULL, or out of its range.
    Invalid = -1,
    /// The system refused: see sgzfile_error_errno().
    Io = -2,
    /// The file is not gzip, or is damaged.
    Data = -3,
    /// The file is gzip, but not BGZF.
    Unsupported = -4,
    /// The callback asked to stop.
    Cancelled = -5,
    /// Something else: see the message.
    Other = -6,
    /// The library panicked, which is a fault of the library. What the call
    /// worked on is as if the call had failed.
    Panic = -7,
}

/// A failure, in full.
#[derive(Debug)]
pub struct Error {
    status: Status,
    errno: i32,
    message: CString,
}

/// Bytes that the library allocated.
#[repr(C)]
#[derive(Debug)]
pub struct Bytes {
    /// NULL if there are none.
    pub data: *mut u8,
    /// How many there are.
    pub len: usize,
}

/// Where sgzfile_stream() puts the data.
#[repr(C)]
#[derive(Debug)]
pub struct Sink {
    /// Takes @len bytes at @data. 0: go on; any other value: stop.
    ///
    /// Ownership: borrows @data for the call
    /// Lifetime: @data is valid until it returns
    /// Threads: called by the thread that called sgzfile_stream()
    /// Errors: with any value but 0 the stream ends, and returns
    ///   SGZFILE_STATUS_CANCELLED
    /// Re-entry: any function of this header; it has to return, without an
    ///   exception or a longjmp()
    pub write: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            data: *const c_void,
            len: usize,
        ) -> c_int,
    >,
    /// Releases @ctx. NULL: there is nothing to release.
    ///
    /// Ownership: @ctx goes back to the caller's side
    /// Lifetime: @ctx is not used afterwards
    /// Threads: called by the thread that called sgzfile_stream()
    /// Errors: none
    /// Re-entry: as write
    pub release: Option<unsafe extern "C" fn(ctx: *mut c_void)>,
    /// What both get.
    pub ctx: *mut c_void,
}

thread_local! {
    static LAST: RefCell<Option<CString>> = const { RefCell::new(None) };
}

impl Error {
    fn new(status: Status, message: &str) -> Self {
        let message = CString::new(message.replace('\0', "\\0"));

        Self {
            status,
            errno: 0,
            message: message.unwrap_or_default(),
        }
    }
}

impl From<sgz::Error> for Error {
    fn from(error: sgz::Error) -> Self {
        Self {
            errno: error.os_error().unwrap_or(0),
            ..Self::new(Status::from(&error), &error.to_string())
        }
    }
}

impl From<&sgz::Error> for Status {
    fn from(error: &sgz::Error) -> Self {
        use sgz::Status as S;

        match error.status() {
            S::Invalid => Self::Invalid,
            S::Io | S::Exists => Self::Io,
            S::Format
            | S::Data
            | S::Crc
            | S::Length
            | S::Truncated
            | S::Trailing => Self::Data,
            S::Unsupported => Self::Unsupported,
            _ => Self::Other,
        }
    }
}

impl Status {
    /// What a function for C returns when the crate's returns this result.
    pub fn of<T>(result: &sgz::Result<T>) -> Self {
        result.as_ref().err().map_or(Self::Ok, Self::from)
    }
}

/// Runs call, and says how it ended: in the status, in the thread's last
/// message, and at error_out, if that is not NULL.
///
/// # Safety
///
/// error_out is NULL, or may be written to.
unsafe fn guard(
    error_out: *mut *mut Error,
    call: impl FnOnce() -> Result<(), Error>,
) -> Status {
    // Only `call` used what it was changing, and it is gone.
    let error = match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(())) => return Status::Ok,
        Ok(Err(error)) => error,
        Err(payload) => panicked(payload),
    };
    let status = error.status;
    // A thread that ends may have no last message any more.
    let _ = LAST.try_with(|last| {
        last.replace(Some(error.message.clone()));
    });
    if !error_out.is_null() {
        // SAFETY: guard/Safety: it may be written to.
        unsafe { error_out.write(Box::into_raw(Box::new(error))) };
    }
    status
}

/// The failure that a panic is.
fn panicked(payload: Box<dyn Any + Send>) -> Error {
    let said = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let error = Error::new(Status::Panic, said.unwrap_or("a panic"));
    // Its drop may panic as well, and that payload's drop, too.
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        mem::forget(second);
    }
    error
}

fn invalid(message: &str) -> Error {
    Error::new(Status::Invalid, message)
}

/// The path that C's text is: any bytes but NUL.
///
/// # Safety
///
/// text is NULL, or NUL-terminated and valid for 'a.
unsafe fn path<'a>(text: *const c_char) -> Result<&'a Path, Error> {
    if text.is_null() {
        return Err(invalid("a path is NULL"));
    }
    // SAFETY: path/Safety: terminated, and valid that long.
    let text = unsafe { CStr::from_ptr(text) };
    Ok(Path::new(OsStr::from_bytes(text.to_bytes())))
}

/// Puts value where C wants it.
///
/// # Safety
///
/// out is NULL, or may be written to.
unsafe fn put<T>(out: *mut T, value: T) -> Result<(), Error> {
    if out.is_null() {
        return Err(invalid("the place for a result is NULL"));
    }
    // SAFETY: put/Safety: it may be written to. What is there is not dropped:
    // it may be uninitialised.
    unsafe { out.write(value) };
    Ok(())
}

/// The version of the library, as "1.2.3".
///
/// Ownership: borrows: the text is the library's
/// Lifetime: while the library is loaded
/// Threads: any thread, at any time
/// Errors: never NULL
#[unsafe(no_mangle)]
pub extern "C" fn sgzfile_version() -> *const c_char {
    const VERSION: &CStr = match CStr::from_bytes_with_nul(
        concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes(),
    ) {
        Ok(version) => version,
        Err(_) => panic!("a version without NUL"),
    };
    VERSION.as_ptr()
}

/// What @error is.
///
/// Ownership: borrows @error for the call
/// Lifetime: none
/// Threads: any thread; several may use the same @error
/// Errors: SGZFILE_STATUS_OK if @error is NULL
#[unsafe(no_mangle)]
pub extern "C" fn sgzfile_error_status(error: Option<&Error>) -> Status {
    error.map_or(Status::Ok, |error| error.status)
}

/// The errno of the system call that failed.
///
/// Ownership: borrows @error for the call
/// Lifetime: none
/// Threads: any thread; several may use the same @error
/// Errors: 0 if @error is NULL, or if no system call failed
#[unsafe(no_mangle)]
pub extern "C" fn sgzfile_error_errno(error: Option<&Error>) -> c_int {
    error.map_or(0, |error| error.errno)
}

/// What happened, in words.
///
/// Ownership: borrows: the text is @error's
/// Lifetime: until sgzfile_error_free()
/// Threads: any thread; several may use the same @error
/// Errors: NULL if @error is NULL
#[unsafe(no_mangle)]
pub extern "C" fn sgzfile_error_message(
    error: Option<&Error>,
) -> *const c_char {
    error.map_or(null(), |error| error.message.as_ptr())
}

/// Free @error.
///
/// Ownership: transfers @error to the library; NULL is allowed
/// Lifetime: @error and its message are invalid afterwards
/// Threads: any thread, but no other may use @error
/// Errors: none
#[unsafe(no_mangle)]
pub extern "C" fn sgzfile_error_free(error: Option<Box<Error>>) {
    drop(error);
}

/// The message of the last call of this thread that failed.
///
/// It is for programs without a place for an error. A call that succeeds does
/// not change it, so it means something only after a failure.
///
/// Ownership: borrows: the text is the thread's
/// Lifetime: until the next call of this thread that fails, or the thread's
///   end
/// Threads: each thread has its own
/// Errors: NULL if no call of this thread failed
#[unsafe(no_mangle)]
pub extern "C" fn sgzfile_last_error() -> *const c_char {
    let last = LAST.try_with(|last| {
        last.borrow().as_ref().map_or(null(), |text| text.as_ptr())
    });
    last.unwrap_or(null())
}

/// Compress the file at @from into the file at @to, which becomes BGZF.
///
/// @level is from 0 to 12; SGZFILE_DEFAULT_LEVEL is a good one.
///
/// Ownership: borrows @from and @to for the call; writes *@sizes_out, unless
///   it is NULL; transfers *@error_out to the caller, who frees it with
///   sgzfile_error_free(), unless it is NULL
/// Lifetime: none
/// Threads: any thread, at any time
/// Errors: SGZFILE_STATUS_INVALID, SGZFILE_STATUS_IO, SGZFILE_STATUS_OTHER,
///   SGZFILE_STATUS_PANIC; a file at @to is unchanged then, and *@sizes_out
///   too
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgzfile_compress(
    from: *const c_char,
    to: *const c_char,
    level: c_int,
    sizes_out: *mut Sizes,
    error_out: *mut *mut Error,
) -> Status {
    let call = || {
        // SAFETY: sgzfile_compress/Ownership: both are borrowed for the call.
        let (from, to) = unsafe { (path(from)?, path(to)?) };
        let sizes = crate::compress(from, to, level)?;
        if !sizes_out.is_null() {
            // SAFETY: sgzfile_compress/Ownership: it may be written to.
            unsafe { sizes_out.write(sizes) };
        }
        Ok(())
    };
    // SAFETY: sgzfile_compress/Ownership: it may be written to.
    unsafe { guard(error_out, call) }
}

/// Open the file at @path, and find its blocks.
///
/// Ownership: borrows @path for the call; transfers *@file_out to the caller,
///   who closes it with sgzfile_close(); error_out as sgzfile_compress()
/// Lifetime: until sgzfile_close()
/// Threads: any thread; the file may be used by any number of threads at the
///   same time
/// Errors: SGZFILE_STATUS_IO, SGZFILE_STATUS_DATA, SGZFILE_STATUS_UNSUPPORTED
///   if the file is gzip without blocks, SGZFILE_STATUS_INVALID,
///   SGZFILE_STATUS_OTHER, SGZFILE_STATUS_PANIC; *@file_out is unchanged then
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgzfile_open(
    path: *const c_char,
    file_out: *mut *mut File,
    error_out: *mut *mut Error,
) -> Status {
    let call = || {
        // SAFETY: sgzfile_open/Ownership: it is borrowed for the call.
        let path = unsafe { self::path(path) }?;
        if file_out.is_null() {
            return Err(invalid("the place for a result is NULL"));
        }
        let file = Box::new(File::open(path)?);
        // SAFETY: sgzfile_open/Ownership: it may be written to.
        unsafe { put(file_out, Box::into_raw(file)) }
    };
    // SAFETY: sgzfile_open/Ownership: it may be written to.
    unsafe { guard(error_out, call) }
}

/// Close @file.
///
/// Ownership: transfers @file to the library; NULL is allowed
/// Lifetime: @file is invalid afterwards
/// Threads: any thread, but no other may use @file
/// Errors: none
#[unsafe(no_mangle)]
pub extern "C" fn sgzfile_close(file: Option<Box<File>>) {
    // SAFETY: guard/Safety: there is no place for an error.
    unsafe {
        guard(null_mut(), || {
            drop(file);
            Ok(())
        })
    };
}

/// The size of the data in @file, in bytes.
///
/// Ownership: borrows @file for the call
/// Lifetime: none
/// Threads: any thread, at any time
/// Errors: 0 if @file is NULL
#[unsafe(no_mangle)]
pub extern "C" fn sgzfile_size(file: Option<&File>) -> u64 {
    file.map_or(0, File::size)
}

/// What @file is, in a few words.
///
/// Ownership: borrows @file for the call; transfers *@text_out to the caller,
///   who frees it with sgzfile_string_free(), and not with free();
///   error_out as sgzfile_compress()
/// Lifetime: until sgzfile_string_free()
/// Threads: any thread, at any time
/// Errors: SGZFILE_STATUS_INVALID, SGZFILE_STATUS_PANIC; *@text_out is
///   unchanged then
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgzfile_describe(
    file: Option<&File>,
    text_out: *mut *mut c_char,
    error_out: *mut *mut Error,
) -> Status {
    let call = || {
        let file = file.ok_or_else(|| invalid("the file is NULL"))?;
        let text = CString::new(file.describe())
            .map_err(|_| Error::new(Status::Other, "a NUL in a text"))?;
        if text_out.is_null() {
            return Err(invalid("the place for a result is NULL"));
        }
        // SAFETY: sgzfile_describe/Ownership: it may be written to.
        unsafe { put(text_out, text.into_raw()) }
    };
    // SAFETY: sgzfile_describe/Ownership: it may be written to.
    unsafe { guard(error_out, call) }
}

/// Free a text that the library gave away.
///
/// Ownership: transfers @text to the library; NULL is allowed
/// Lifetime: @text is invalid afterwards
/// Threads: any thread, but no other may use @text
/// Errors: none
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgzfile_string_free(text: *mut c_char) {
    if !text.is_null() {
        // SAFETY: sgzfile_string_free/Ownership: it was into_raw()'s, and is
        // the library's again.
        drop(unsafe { CString::from_raw(text) });
    }
}

/// Read up to @len bytes at @offset into memory of the caller's.
///
/// It reads fewer bytes only at the end of the data.
///
/// Ownership: borrows @file and @data for the call; writes *@len_out;
///   error_out as sgzfile_compress()
/// Lifetime: none
/// Threads: any thread, at any time
/// Errors: SGZFILE_STATUS_IO, SGZFILE_STATUS_DATA, SGZFILE_STATUS_INVALID,
///   SGZFILE_STATUS_OTHER, SGZFILE_STATUS_PANIC; *@len_out is unchanged then,
///   and what is at @data is not defined
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgzfile_read_at(
    file: Option<&File>,
    offset: u64,
    data: *mut c_void,
    len: usize,
    len_out: *mut usize,
    error_out: *mut *mut Error,
) -> Status {
    let call = || {
        let file = file.ok_or_else(|| invalid("the file is NULL"))?;
        if len_out.is_null() || (data.is_null() && len > 0) {
            return Err(invalid("the place for a result is NULL"));
        }
        // A slice of Rust's is initialised, is at no NULL, and is not longer
        // than an isize can count.
        let data = if len == 0 {
            &mut []
        } else if isize::try_from(len).is_err() {
            return Err(invalid("no memory is that large"));
        } else {
            // SAFETY: sgzfile_read_at/Ownership: borrowed, and that long.
            // std ptr::write_bytes: now it is initialised, too.
            unsafe {
                data.write_bytes(0, len);
                slice::from_raw_parts_mut(data.cast::<u8>(), len)
            }
        };
        let got = file.read_at(data, offset)?;
        // SAFETY: sgzfile_read_at/Ownership: it may be written to.
        unsafe { put(len_out, got) }
    };
    // SAFETY: sgzfile_read_at/Ownership: it may be written to.
    unsafe { guard(error_out, call) }
}

/// Read up to @len bytes at @offset into memory of the library's.
///
/// There are fewer bytes only at the end of the data.
///
/// Ownership: borrows @file for the call; transfers *@bytes_out to the
///   caller, who frees it with sgzfile_bytes_free(); error_out as
///   sgzfile_compress()
/// Lifetime: until sgzfile_bytes_free(); it may outlive @file
/// Threads: any thread, at any time
/// Errors: as sgzfile_read_at(); *@bytes_out is unchanged then
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgzfile_range(
    file: Option<&File>,
    offset: u64,
    len: usize,
    bytes_out: *mut Bytes,
    error_out: *mut *mut Error,
) -> Status {
    let call = || {
        let file = file.ok_or_else(|| invalid("the file is NULL"))?;
        if bytes_out.is_null() {
            return Err(invalid("the place for a result is NULL"));
        }
        let bytes = Bytes::new(file.range(offset, len)?);
        // SAFETY: sgzfile_range/Ownership: it may be written to.
        unsafe { put(bytes_out, bytes) }
    };
    // SAFETY: sgzfile_range/Ownership: it may be written to.
    unsafe { guard(error_out, call) }
}

/// Free the bytes at @bytes, and set it to none.
///
/// A second call with the same @bytes does nothing.
///
/// Ownership: transfers the bytes to the library; @bytes itself stays the
///   caller's, and may be NULL
/// Lifetime: the bytes are invalid afterwards
/// Threads: any thread, but no other may use the bytes
/// Errors: none
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgzfile_bytes_free(bytes: Option<&mut Bytes>) {
    if let Some(bytes) = bytes {
        // SAFETY: Bytes::free/Safety: sgzfile_bytes_free/Ownership: the bytes
        // are the library's again.
        unsafe { bytes.free() };
    }
}

impl Bytes {
    /// A box has no capacity of its own: a length is enough to free it.
    fn new(data: Vec<u8>) -> Self {
        if data.is_empty() {
            return Self {
                data: null_mut(),
                len: 0,
            };
        }
        let len = data.len();
        let data = Box::into_raw(data.into_boxed_slice());
        Self {
            data: data.cast(),
            len,
        }
    }

    /// Frees the bytes.
    ///
    /// # Safety
    ///
    /// They are those of [Bytes::new], and nobody uses them.
    unsafe fn free(&mut self) {
        let Self { data, len } = mem::replace(self, Self::new(Vec::new()));
        if !data.is_null() {
            let data = std::ptr::slice_from_raw_parts_mut(data, len);
            // SAFETY: Bytes::free/Safety: this was a box.
            drop(unsafe { Box::from_raw(data) });
        }
    }
}

/// Calls release once, whatever happens.
struct Owned<'a>(&'a Sink);

impl Owned<'_> {
    /// Whether to go on.
    fn write(&self, data: &[u8]) -> bool {
        let Some(write) = self.0.write else {
            return false;
        };
        // SAFETY: sgzfile_sink.write/Ownership: data is borrowed for the call.
        // sgzfile_stream/Ownership: ctx is not released yet.
        let stop =
            unsafe { write(self.0.ctx, data.as_ptr().cast(), data.len()) };
        stop == 0
    }
}

impl Drop for Owned<'_> {
    fn drop(&mut self) {
        if let Some(release) = self.0.release {
            // SAFETY: sgzfile_sink.release/Lifetime: it is used no more.
            unsafe { release(self.0.ctx) };
        }
    }
}

/// Decompress the file at @path, any gzip, and hand it to @sink in pieces.
///
/// Ownership: borrows @path and @sink for the call; transfers sink->ctx to
///   the library, which releases it with sink->release() before it returns,
///   once, also on failure; error_out as sgzfile_compress()
/// Lifetime: none
/// Threads: any thread, at any time; the callbacks run on that thread
/// Errors: SGZFILE_STATUS_CANCELLED if sink->write() says so,
///   SGZFILE_STATUS_IO, SGZFILE_STATUS_DATA, SGZFILE_STATUS_INVALID,
///   SGZFILE_STATUS_OTHER, SGZFILE_STATUS_PANIC
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgzfile_stream(
    path: *const c_char,
    sink: Option<&Sink>,
    error_out: *mut *mut Error,
) -> Status {
    let call = || {
        let sink = sink.ok_or_else(|| invalid("the sink is NULL"))?;
        let owned = Owned(sink);
        if sink.write.is_none() {
            return Err(invalid("the sink has no function write"));
        }
        // SAFETY: sgzfile_stream/Ownership: it is borrowed for the call.
        let path = unsafe { self::path(path) }?;
        let mut cancelled = false;
        crate::stream(path, |piece| {
            cancelled = !owned.write(piece);
            if cancelled {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        if cancelled {
            return Err(Error::new(Status::Cancelled, "the callback stopped"));
        }
        Ok(())
    };
    // SAFETY: sgzfile_stream/Ownership: it may be written to.
    unsafe { guard(error_out, call) }
}

/// Panic, so that a program can test what it does then.
///
/// Ownership: error_out as sgzfile_compress()
/// Lifetime: none
/// Threads: any thread, at any time
/// Errors: SGZFILE_STATUS_PANIC, always
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgzfile_test_panic(
    error_out: *mut *mut Error,
) -> Status {
    // SAFETY: sgzfile_test_panic/Ownership: it may be written to.
    unsafe { guard(error_out, || crate::test_panic()) }
}
