// SPDX-License-Identifier: MIT OR Apache-2.0
//! Uses a source, a sink or an observer once, from opening to closing.

use core::ffi::{c_int, c_void};
use std::ptr::{null, null_mut};

use super::super::sys::*;

type Read = unsafe extern "C" fn(*mut c_void, *mut c_void, usize) -> i64;
type Write = unsafe extern "C" fn(*mut c_void, *const c_void, usize) -> i64;
type Event = unsafe extern "C" fn(*mut c_void, *const sgz_event) -> c_int;
type End = unsafe extern "C" fn(*mut c_void);

/// Read from a source, once.
///
/// # Safety
///
/// `read` does not use its `ctx`, which is NULL.
pub unsafe fn use_source(read: Read) {
    let source = sgz_source {
        read: Some(read),
        seek: None,
        close: None,
        ctx: null_mut(),
    };
    let mut reader = null_mut();

    // SAFETY: sgz_reader_open_source/Lifetime: there is no ctx. To open it is
    // to read.
    unsafe {
        let _ =
            sgz_reader_open_source(&source, null(), &mut reader, null_mut());
        sgz_reader_close(reader);
    }
}

/// Write to a sink: what the flush and the finish return.
///
/// # Safety
///
/// The functions are valid with `ctx`.
pub unsafe fn use_sink(
    write: Write,
    close: Option<End>,
    ctx: *mut c_void,
) -> [sgz_status; 2] {
    let sink = sgz_sink {
        write: Some(write),
        flush: None,
        close,
        ctx,
    };
    let (mut writer, none) = (null_mut(), null_mut());
    let text = b"text".as_ptr().cast();

    // SAFETY: sgz_writer_open_sink/Lifetime: use_sink/Safety: its ctx outlives
    // the writer. sgz_writer_write/Ownership: the text is borrowed.
    unsafe {
        let _ = sgz_writer_open_sink(&sink, null(), &mut writer, none);
        let _ = sgz_writer_write(writer, text, 4, none);
        let flush = sgz_writer_flush(writer, none);
        let finish = sgz_writer_finish(writer, none);
        sgz_writer_free(writer);
        [flush, finish]
    }
}

/// Write a file `panics.gz` with an observer.
///
/// # Safety
///
/// As [`use_source`].
pub unsafe fn use_observer(event: Event, release: Option<End>) {
    let observer = sgz_observer {
        event: Some(event),
        release,
        ctx: null_mut(),
        mask: SGZ_EVENT_ALL,
    };
    let (mut writer, none) = (null_mut(), null_mut());
    let (path, text) = (c"panics.gz".as_ptr(), b"text".as_ptr().cast());

    // SAFETY: sgz_writer_set_observer/Lifetime: there is no ctx.
    // sgz_writer_write/Ownership: the text is borrowed.
    unsafe {
        let _ = sgz_writer_open(path, null(), &mut writer, none);
        let _ = sgz_writer_set_observer(writer, &observer, none);
        let _ = sgz_writer_write(writer, text, 4, none);
        let _ = sgz_writer_finish(writer, none);
        sgz_writer_free(writer);
    }
}
