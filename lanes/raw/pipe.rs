// SPDX-License-Identifier: MIT OR Apache-2.0
//! A source that reads from another reader, and a sink that writes to another
//! writer.

use core::ffi::{c_int, c_void};
use std::ptr::null_mut;

use super::super::sys::*;
use super::error_init;

/// What the source does in place of its second read.
#[derive(Clone, Copy, PartialEq)]
pub enum Fault {
    /// It reads.
    None,
    /// A signal arrived.
    Interrupted,
    /// It says that there is no more.
    End,
    /// It says that it stored more than there was room for.
    Lie,
}

/// The context of a source that reads from another reader, which it owns.
pub struct Pipe {
    /// The reader below.
    pub from: *mut sgz_reader,
    /// Its failure.
    pub error: sgz_error,
    /// The most bytes that one call gives.
    pub part: usize,
    /// What goes wrong.
    pub fault: Fault,
    /// What was counted.
    pub counts: PipeCounts,
}

/// What is recorded of a pipe.
#[derive(Clone, Copy, Default)]
pub struct PipeCounts {
    /// Calls of `read`.
    pub reads: i64,
    /// Calls of `close`.
    pub closed: i64,
    /// Bytes that the reader above gave.
    pub bytes: usize,
}

/// `sgz_source.read`, from the reader of the [`Pipe`] at `ctx`.
///
/// # Safety
///
/// To be called by C only, with a live pipe for `ctx`.
pub unsafe extern "C" fn pipe_read(
    ctx: *mut c_void,
    data: *mut c_void,
    len: usize,
) -> i64 {
    // SAFETY: sgz_reader_open_source/Lifetime: ctx is a pipe, alive.
    // sgz_source.read/Re-entry: and this is the only reference to it.
    let pipe = unsafe { &mut *ctx.cast::<Pipe>() };
    let (len, mut got) = (len.min(pipe.part), 0);
    pipe.counts.reads += 1;
    if pipe.counts.reads == 2 {
        match pipe.fault {
            Fault::None => {}
            Fault::Interrupted => return -i64::from(libc::EINTR),
            Fault::End => return 0,
            Fault::Lie => return i64::MAX,
        }
    }
    // SAFETY: sgz_source.read/Ownership: data is borrowed for this call.
    // sgz_reader_read/Ownership: and for that one, which only writes to it.
    let rc = unsafe {
        sgz_reader_read(pipe.from, data, len, &mut got, &mut pipe.error)
    };
    if rc != sgz_status::SGZ_OK {
        return -i64::from(libc::EIO); // the rest stays in pipe
    }
    i64::try_from(got).unwrap_or(-1)
}

/// `sgz_source.close`: closes the reader of the [`Pipe`] at `ctx`.
///
/// # Safety
///
/// As [`pipe_read`], and only once.
pub unsafe extern "C" fn pipe_close(ctx: *mut c_void) {
    // SAFETY: sgz_source.close/Lifetime: ctx is a pipe, for the last time.
    // sgz_reader_close/Ownership: the reader is the pipe's own.
    unsafe {
        let pipe = &mut *ctx.cast::<Pipe>();
        sgz_reader_close(pipe.from);
        pipe.counts.closed += 1;
    }
}

/// `sgz_sink.write`, to the writer at `ctx`, which the sink only borrows.
///
/// # Safety
///
/// To be called by C only, with an open writer for `ctx`.
pub unsafe extern "C" fn writer_write(
    ctx: *mut c_void,
    data: *const c_void,
    len: usize,
) -> i64 {
    // SAFETY: sgz_writer_open_sink/Lifetime: ctx is a writer, open.
    // sgz_sink.write/Ownership: data is borrowed for this call, and for that.
    let rc = unsafe { sgz_writer_write(ctx.cast(), data, len, null_mut()) };
    if rc != sgz_status::SGZ_OK {
        return -i64::from(libc::EIO);
    }
    i64::try_from(len).unwrap_or(-1)
}

/// `sgz_sink.flush`, of the same writer.
///
/// # Safety
///
/// As [`writer_write`].
pub unsafe extern "C" fn writer_flush(ctx: *mut c_void) -> c_int {
    // SAFETY: sgz_writer_open_sink/Lifetime: as above.
    match unsafe { sgz_writer_flush(ctx.cast(), null_mut()) } {
        sgz_status::SGZ_OK => 0,
        _ => -libc::EIO,
    }
}

impl Pipe {
    /// A pipe without a reader yet.
    pub fn new(part: usize, fault: Fault) -> Self {
        Self {
            from: null_mut(),
            error: error_init(),
            part,
            fault,
            counts: PipeCounts::default(),
        }
    }
}
