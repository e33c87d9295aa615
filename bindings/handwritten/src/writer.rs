// SPDX-License-Identifier: MIT OR Apache-2.0
//! `sgz/writer.h`: writing gzip, in blocks that allow random access or
//! as one stream.

use core::ffi::{c_char, c_int, c_void};
use core::marker::{PhantomData, PhantomPinned};

use crate::error::{sgz_error, sgz_status};
use crate::event::sgz_observer;
use crate::header::sgz_header;
use crate::index::sgz_index;
use crate::io::sgz_sink;
use crate::memory::sgz_buffer;
use crate::options::sgz_options;

/// A gzip file that is being written: only C knows its fields.
#[repr(C)]
#[derive(Debug)]
pub struct sgz_writer {
    _unused: [u8; 0],
    _foreign: PhantomData<(*mut u8, PhantomPinned)>,
}

/// What a `va_list` argument points to, on the targets where it is an array:
/// x86-64 Linux is one.
///
/// Rust (1.95, stable) can neither make nor read one. A callback that gets one
/// from C can pass it on.
#[repr(C)]
#[derive(Debug)]
pub struct __va_list_tag {
    _unused: [u8; 0],
    _foreign: PhantomData<(*mut u8, PhantomPinned)>,
}

/// Bytes that a caller gives away, and how they are given back.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct sgz_owned {
    /// The bytes.
    pub data: *const c_void,
    /// How many.
    pub len: usize,
    /// Release the bytes.
    pub release: Option<unsafe extern "C" fn(ctx: *mut c_void)>,
    /// Passed to `release`.
    pub ctx: *mut c_void,
}

unsafe extern "C" {
    /// Open a writer of the file at `path`.
    pub fn sgz_writer_open(
        path: *const c_char,
        options: *const sgz_options,
        writer_out: *mut *mut sgz_writer,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Open a writer to the file descriptor `fd`.
    pub fn sgz_writer_open_fd(
        fd: c_int,
        options: *const sgz_options,
        writer_out: *mut *mut sgz_writer,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Open a writer that appends to `buffer`.
    pub fn sgz_writer_open_memory(
        buffer: *mut sgz_buffer,
        options: *const sgz_options,
        writer_out: *mut *mut sgz_writer,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Open a writer to the caller's own output.
    pub fn sgz_writer_open_sink(
        sink: *const sgz_sink,
        options: *const sgz_options,
        writer_out: *mut *mut sgz_writer,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Free `writer`. If it was not finished, its output is dropped.
    pub fn sgz_writer_free(writer: *mut sgz_writer);

    /// Report events to `observer`.
    pub fn sgz_writer_set_observer(
        writer: *mut sgz_writer,
        observer: *const sgz_observer,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Set the file's name, comment, mtime and extra field.
    pub fn sgz_writer_set_header(
        writer: *mut sgz_writer,
        header: *const sgz_header,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Write `len` bytes from `data`. It writes all of them or fails.
    pub fn sgz_writer_write(
        writer: *mut sgz_writer,
        data: *const c_void,
        len: usize,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Write the bytes of `owned`, which become the writer's.
    pub fn sgz_writer_write_owned(
        writer: *mut sgz_writer,
        owned: *const sgz_owned,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Write text as printf() formats it.
    ///
    /// C's compiler checks the arguments against `format`. Rust's does not.
    pub fn sgz_writer_printf(
        writer: *mut sgz_writer,
        error: *mut sgz_error,
        format: *const c_char,
        ...
    ) -> sgz_status;

    /// Write text as vprintf() formats it.
    pub fn sgz_writer_vprintf(
        writer: *mut sgz_writer,
        error: *mut sgz_error,
        format: *const c_char,
        args: *mut __va_list_tag,
    ) -> sgz_status;

    /// End the current block, so that everything written so far can be read.
    pub fn sgz_writer_flush(
        writer: *mut sgz_writer,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Write what is left and the end marker, and give the file its name.
    pub fn sgz_writer_finish(
        writer: *mut sgz_writer,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// The number of uncompressed bytes written so far.
    pub fn sgz_writer_tell(writer: *const sgz_writer) -> u64;

    /// The index of the data that was written. The writer must be finished.
    pub fn sgz_writer_ref_index(writer: *mut sgz_writer) -> *mut sgz_index;

    /// The failure that sticks to `writer`, or NULL if there is none.
    pub fn sgz_writer_get_error(writer: *const sgz_writer) -> *const sgz_error;
}
