// SPDX-License-Identifier: MIT OR Apache-2.0
//! `sgz/reader.h`: reading gzip, in sequence, by line, and from the middle.

use core::ffi::{c_char, c_int, c_void};
use core::marker::{PhantomData, PhantomPinned};

use crate::block::sgz_block;
use crate::error::{sgz_error, sgz_status};
use crate::event::sgz_observer;
use crate::header::sgz_header;
use crate::index::sgz_index;
use crate::io::sgz_source;
use crate::memory::sgz_buffer;
use crate::options::{sgz_format, sgz_options};

/// A gzip file that is being read: only C knows its fields.
#[repr(C)]
#[derive(Debug)]
pub struct sgz_reader {
    _unused: [u8; 0],
    _foreign: PhantomData<(*mut u8, PhantomPinned)>,
}

unsafe extern "C" {
    /// Open the file at `path` and read its first header.
    pub fn sgz_reader_open(
        path: *const c_char,
        options: *const sgz_options,
        reader_out: *mut *mut sgz_reader,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Open a reader on the file descriptor `fd`.
    pub fn sgz_reader_open_fd(
        fd: c_int,
        options: *const sgz_options,
        reader_out: *mut *mut sgz_reader,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Open a reader on `len` bytes of gzip at `data`.
    pub fn sgz_reader_open_memory(
        data: *const c_void,
        len: usize,
        options: *const sgz_options,
        reader_out: *mut *mut sgz_reader,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Open a reader on the caller's own input.
    pub fn sgz_reader_open_source(
        source: *const sgz_source,
        options: *const sgz_options,
        reader_out: *mut *mut sgz_reader,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Close `reader` and free everything that it owns.
    pub fn sgz_reader_close(reader: *mut sgz_reader);

    /// Report events to `observer`.
    pub fn sgz_reader_set_observer(
        reader: *mut sgz_reader,
        observer: *const sgz_observer,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Use `index` for later seeks.
    pub fn sgz_reader_set_index(
        reader: *mut sgz_reader,
        index: *mut sgz_index,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Read up to `len` bytes of uncompressed data into `data`.
    pub fn sgz_reader_read(
        reader: *mut sgz_reader,
        data: *mut c_void,
        len: usize,
        len_out: *mut usize,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Borrow the bytes that are ready. If none are ready, read some.
    pub fn sgz_reader_peek(
        reader: *mut sgz_reader,
        data_out: *mut *const c_void,
        len_out: *mut usize,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Move past `len` of the bytes that `sgz_reader_peek` returned.
    pub fn sgz_reader_consume(reader: *mut sgz_reader, len: usize);

    /// Read a line into `line`, which grows as needed.
    pub fn sgz_reader_read_line(
        reader: *mut sgz_reader,
        delimiter: c_int,
        line: *mut sgz_buffer,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Borrow the next line, and move past it.
    pub fn sgz_reader_next_line(
        reader: *mut sgz_reader,
        delimiter: c_int,
        line_out: *mut *const c_char,
        len_out: *mut usize,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Move to the uncompressed `offset`.
    pub fn sgz_reader_seek(
        reader: *mut sgz_reader,
        offset: u64,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Read up to `len` bytes at `offset`, from any thread.
    pub fn sgz_reader_read_at(
        reader: *mut sgz_reader,
        offset: u64,
        data: *mut c_void,
        len: usize,
        len_out: *mut usize,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// The block that holds `offset`, from any thread.
    pub fn sgz_reader_ref_block(
        reader: *mut sgz_reader,
        offset: u64,
        block_out: *mut *mut sgz_block,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// The uncompressed offset of the next byte to be read.
    pub fn sgz_reader_tell(reader: *const sgz_reader) -> u64;

    /// The uncompressed size of the whole input.
    pub fn sgz_reader_get_size(
        reader: *mut sgz_reader,
        size_out: *mut u64,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// The format of the file, from its first member.
    pub fn sgz_reader_get_format(reader: *const sgz_reader) -> sgz_format;

    /// The header of the member that holds the last byte that was read.
    pub fn sgz_reader_get_header(
        reader: *const sgz_reader,
    ) -> *const sgz_header;

    /// The failure that sticks to `reader`, or NULL if there is none.
    pub fn sgz_reader_get_error(reader: *const sgz_reader) -> *const sgz_error;

    /// The file descriptor that `reader` reads from.
    pub fn sgz_reader_get_fd(reader: *const sgz_reader) -> c_int;
}
