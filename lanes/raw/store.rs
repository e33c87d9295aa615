// SPDX-License-Identifier: MIT OR Apache-2.0
//! A file in memory, with the functions by which C writes and reads it.

use core::ffi::c_void;
use std::slice;

/// A file in memory: the sink of a writer, then the source of a reader.
#[derive(Default)]
pub struct Store {
    /// What it holds.
    pub data: Vec<u8>,
    /// Where the next read begins.
    pub at: usize,
    /// How often it was written to.
    pub writes: i64,
    /// How often it was closed.
    pub closed: i64,
}

/// `sgz_sink.write`, into the [`Store`] at `ctx`.
///
/// # Safety
///
/// To be called by C only, with a live store for `ctx`.
pub unsafe extern "C" fn store_write(
    ctx: *mut c_void,
    data: *const c_void,
    len: usize,
) -> i64 {
    // SAFETY: sgz_writer_open_sink/Lifetime: ctx is a store, alive.
    // sgz_sink.write/Re-entry: and this is the only reference to it.
    // /Ownership: len bytes, never 0, are borrowed for the call.
    unsafe {
        let store = &mut *ctx.cast::<Store>();
        let data = slice::from_raw_parts(data.cast(), len);
        store.data.extend_from_slice(data);
        store.writes += 1;
    }
    i64::try_from(len).unwrap_or(-1)
}

/// `sgz_source.read`, from the [`Store`] at `ctx`.
///
/// # Safety
///
/// To be called by C only, with a live store for `ctx`.
pub unsafe extern "C" fn store_read(
    ctx: *mut c_void,
    data: *mut c_void,
    len: usize,
) -> i64 {
    // SAFETY: sgz_reader_open_source/Lifetime, sgz_source.read/Re-entry: as
    // above. /Ownership: len bytes are borrowed, for writing only: nobody
    // initialised them, so this copies and makes no &mut [u8].
    unsafe {
        let store = &mut *ctx.cast::<Store>();
        let rest = &store.data[store.at..];
        let len = len.min(rest.len());
        rest.as_ptr().copy_to_nonoverlapping(data.cast(), len);
        store.at += len;
        i64::try_from(len).unwrap_or(-1)
    }
}

/// `close` of a source or a sink.
///
/// # Safety
///
/// To be called by C only, with a live store for `ctx`.
pub unsafe extern "C" fn store_close(ctx: *mut c_void) {
    // SAFETY: sgz_source.close/Lifetime: ctx is valid, for the last time.
    // sgz_sink.close/Lifetime: the same.
    unsafe { (*ctx.cast::<Store>()).closed += 1 };
}
