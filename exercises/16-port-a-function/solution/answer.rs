//! The length of the longest line of a gzip file that lies in memory.

#![allow(non_camel_case_types)] // the names of sgz.h

use std::ffi::{c_int, c_void};
use std::ptr;

// These are behind pointers only.
#[repr(C)]
struct sgz_options {
    _opaque: [u8; 0],
}

#[repr(C)]
struct sgz_error {
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

unsafe extern "C" {
    fn sgz_reader_open_memory(
        data: *const c_void,
        len: usize,
        options: *const sgz_options,
        reader_out: *mut *mut sgz_reader,
        error: *mut sgz_error,
    ) -> c_int;
    fn sgz_reader_read_line(
        reader: *mut sgz_reader,
        delimiter: c_int,
        line: *mut sgz_buffer,
        error: *mut sgz_error,
    ) -> c_int;
    fn sgz_reader_close(reader: *mut sgz_reader);
    fn sgz_buffer_release(buffer: *mut sgz_buffer);
}

const SGZ_OK: c_int = 0;

/// The longest line of all that are left.
///
/// # Safety
/// `reader` is open; `line` is empty, or has a block of the library's.
unsafe fn longest_of(
    reader: *mut sgz_reader,
    line: &mut sgz_buffer,
) -> Result<usize, c_int> {
    let mut longest = 0;
    loop {
        // SAFETY: sgz_reader_read_line/Ownership: line's block is the
        // library's, and stays ours to release.
        let status = unsafe {
            sgz_reader_read_line(reader, b'\n'.into(), line, ptr::null_mut())
        };
        if status != SGZ_OK {
            return Err(status);
        }
        if line.len == 0 {
            return Ok(longest);
        }
        longest = longest.max(line.len);
    }
}

/// # Safety
/// `file` has `size` bytes; `longest_out` may be written to.
#[unsafe(no_mangle)]
unsafe extern "C" fn longest_line(
    file: *const c_void,
    size: usize,
    longest_out: *mut usize,
) -> c_int {
    let (options, error) = (ptr::null(), ptr::null_mut());
    let mut reader = ptr::null_mut();
    // SAFETY: sgz_reader_open_memory/Lifetime: the caller's file stays as it is
    // until the end of this function, where the reader is closed.
    let status = unsafe {
        sgz_reader_open_memory(file, size, options, &raw mut reader, error)
    };
    if status != SGZ_OK {
        return status;
    }
    let mut line = sgz_buffer {
        data: ptr::null_mut(),
        len: 0,
        capacity: 0,
        allocator: ptr::null(),
    };
    // SAFETY: task.md: the reader is open, and the line is empty.
    let found = unsafe { longest_of(reader, &mut line) };
    // SAFETY: sgz_buffer_release/Ownership, sgz_reader_close/Ownership: both are
    // ours, and are released once, also after a failure.
    unsafe {
        sgz_buffer_release(&raw mut line);
        sgz_reader_close(reader);
    }
    match found {
        Ok(longest) => {
            // SAFETY: task.md: it may be written to.
            unsafe { *longest_out = longest };
            SGZ_OK
        }
        Err(status) => status,
    }
}
