//! Looks into a gzip file: at its size, a piece of it, and its last line.

#![allow(non_camel_case_types)] // the names of sgz.h

use std::ffi::{c_char, c_int, c_void};
use std::{mem, ptr};

// These are behind pointers only.
#[repr(C)]
struct sgz_options {
    _opaque: [u8; 0],
}

#[repr(C)]
struct sgz_allocator {
    _opaque: [u8; 0],
}

#[repr(C)]
struct sgz_reader {
    _opaque: [u8; 0],
}

#[repr(C)]
struct sgz_buffer {
    data: *mut u8,
    len: usize,
    capacity: usize,
    allocator: *const sgz_allocator,
}

#[derive(Clone, Copy)]
#[repr(C)]
struct sgz_error {
    status: c_int,
    sys_errno: c_int,
    offset: i64,
    text: [c_char; 236],
    reserved: u32,
}

unsafe extern "C" {
    fn sgz_reader_open(
        path: *const c_char,
        options: *const sgz_options,
        reader_out: *mut *mut sgz_reader,
        error: *mut sgz_error,
    ) -> c_int;
    fn sgz_reader_close(reader: *mut sgz_reader);
    fn sgz_reader_get_size(
        reader: *mut sgz_reader,
        size_out: *mut u64,
        error: *mut sgz_error,
    ) -> c_int;
    fn sgz_reader_seek(
        reader: *mut sgz_reader,
        offset: u64,
        error: *mut sgz_error,
    ) -> c_int;
    fn sgz_reader_read(
        reader: *mut sgz_reader,
        data: *mut c_void,
        len: usize,
        len_out: *mut usize,
        error: *mut sgz_error,
    ) -> c_int;
    fn sgz_reader_read_line(
        reader: *mut sgz_reader,
        delimiter: c_int,
        line: *mut sgz_buffer,
        error: *mut sgz_error,
    ) -> c_int;
    fn sgz_buffer_release(buffer: *mut sgz_buffer);
}

const SGZ_OK: c_int = 0;

/// A file that is open. What is NULL is not there.
struct Tail {
    reader: *mut sgz_reader,
    line: sgz_buffer, // that is read
    last: sgz_buffer, // the one before, which is lent
    error: sgz_error,
}

const EMPTY: sgz_buffer = sgz_buffer {
    data: ptr::null_mut(),
    len: 0,
    capacity: 0,
    allocator: ptr::null(),
};

impl Drop for Tail {
    fn drop(&mut self) {
        // SAFETY: sgz_reader_close/Ownership, sgz_buffer_release/Ownership: all
        // are ours, and NULL and empty ones are allowed.
        unsafe {
            sgz_reader_close(self.reader);
            sgz_buffer_release(&raw mut self.line);
            sgz_buffer_release(&raw mut self.last);
        }
    }
}

impl Tail {
    fn seek(&mut self, offset: u64) -> c_int {
        // SAFETY: sgz_reader_seek/Lifetime: nothing that was borrowed of it is
        // used after this.
        unsafe { sgz_reader_seek(self.reader, offset, &raw mut self.error) }
    }

    fn read_line(&mut self) -> c_int {
        // SAFETY: sgz_reader_read_line/Ownership: the buffer is ours, and its
        // block is the library's.
        unsafe {
            sgz_reader_read_line(
                self.reader,
                b'\n'.into(),
                &raw mut self.line,
                &raw mut self.error,
            )
        }
    }

    fn find_last(&mut self) -> c_int {
        self.last.len = 0;
        let mut status = self.seek(0);
        while status == SGZ_OK {
            status = self.read_line();
            if status != SGZ_OK || self.line.len == 0 {
                break;
            }
            mem::swap(&mut self.line, &mut self.last);
        }
        status
    }
}

/// # Safety
/// `path` is a string; `error` may be written to.
#[unsafe(no_mangle)]
unsafe extern "C" fn tail_open(
    path: *const c_char,
    error: *mut sgz_error,
) -> *mut Tail {
    let mut tail = Box::new(Tail {
        reader: ptr::null_mut(),
        line: EMPTY,
        last: EMPTY,
        error: sgz_error {
            status: SGZ_OK,
            sys_errno: 0,
            offset: 0,
            text: [0; 236],
            reserved: 0,
        },
    });
    let (reader, why) = (&raw mut tail.reader, &raw mut tail.error);
    // SAFETY: task.md: path is a string. sgz_reader_open/Ownership: the reader
    // becomes ours.
    if unsafe { sgz_reader_open(path, ptr::null(), reader, why) } == SGZ_OK {
        return Box::into_raw(tail);
    }
    // SAFETY: task.md: it may be written to.
    unsafe { *error = tail.error };
    ptr::null_mut()
}

/// # Safety
/// `tail` is open, here and below, and nobody else uses it.
#[unsafe(no_mangle)]
unsafe extern "C" fn tail_get_size(
    tail: &mut Tail,
    size_out: *mut u64,
) -> c_int {
    // SAFETY: task.md: the reader is open; size_out is the caller's.
    unsafe { sgz_reader_get_size(tail.reader, size_out, &raw mut tail.error) }
}

/// # Safety
/// `data` has room for `len` bytes; `len_out` may be written to.
#[unsafe(no_mangle)]
unsafe extern "C" fn tail_read_at(
    tail: &mut Tail,
    offset: u64,
    data: *mut u8,
    len: usize,
    len_out: *mut usize,
) -> c_int {
    let status = tail.seek(offset);
    if status != SGZ_OK {
        return status;
    }
    let (reader, error) = (tail.reader, &raw mut tail.error);
    // SAFETY: sgz_reader_read/Ownership: the caller's data is borrowed.
    unsafe { sgz_reader_read(reader, data.cast(), len, len_out, error) }
}

/// # Safety
/// `line_out` and `len_out` may be written to.
#[unsafe(no_mangle)]
unsafe extern "C" fn tail_last_line(
    tail: &mut Tail,
    line_out: *mut *const u8,
    len_out: *mut usize,
) -> c_int {
    let status = tail.find_last();
    if status == SGZ_OK {
        // SAFETY: task.md: they may be written to.
        unsafe {
            *line_out = tail.last.data;
            *len_out = tail.last.len;
        }
    }
    status
}

#[unsafe(no_mangle)]
extern "C" fn tail_get_error(tail: &Tail) -> *const sgz_error {
    &raw const tail.error
}

/// # Safety
/// `tail` is open and not used after this, or NULL.
#[unsafe(no_mangle)]
unsafe extern "C" fn tail_close(tail: *mut Tail) {
    if !tail.is_null() {
        // SAFETY: task.md: it is of tail_open(), and is closed once.
        drop(unsafe { Box::from_raw(tail) });
    }
}
