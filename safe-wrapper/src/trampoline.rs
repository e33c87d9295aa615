// SPDX-License-Identifier: MIT OR Apache-2.0
//! The functions that C calls: every `extern "C"` of this crate.
//!
//! Each converts `ctx` to the boxed value and its arguments to slices and
//! references, and calls a method. They are generic: each stream and closure
//! type has its own functions, without dispatch at run time. No panic leaves
//! them: the methods run foreign code under a [`Relay`](crate::panic::Relay),
//! and the rest cannot panic.

use core::ffi::{c_int, c_void};
use std::io::{Read, Seek, Write};
use std::slice;

use crate::event::{Event, Observer, Watch};
use crate::io::Stream;
use crate::job;
use crate::memory::CountingAllocator;
use crate::owned::Owned;
use crate::raw;

/// `sgz_source.read`
///
/// # Safety
///
/// Only C may call it, with a `ctx` from [`io::source`](crate::io::source) for
/// the same `R`.
pub(crate) unsafe extern "C" fn source_read<R: Read>(
    ctx: *mut c_void,
    data: *mut c_void,
    len: usize,
) -> i64 {
    // SAFETY: sgz_reader_open_source/Lifetime: ctx stays valid until close().
    // Stream/Invariants: no other reference. sgz_source.read/Re-entry: none is
    // made during the call. /Threads: the thread that has the handle, to which
    // the stream has moved.
    let stream = unsafe { &mut *ctx.cast::<Stream<R>>() };
    let data = data.cast::<u8>();
    // SAFETY: sgz_source.read/Ownership: data is borrowed for the call, len
    // bytes of it; zeroed here, because C passes it uninitialised and `read`
    // may read it. /Lifetime: buf ends before. /Errors: the answer is at most
    // len, see count_within, or a negated errno.
    let buf = unsafe {
        data.write_bytes(0, len);
        slice::from_raw_parts_mut(data, len)
    };
    stream.read(buf)
}

/// `sgz_source.seek`
///
/// # Safety
///
/// As [`source_read`].
pub(crate) unsafe extern "C" fn source_seek<R: Seek>(
    ctx: *mut c_void,
    offset: i64,
    whence: c_int,
) -> i64 {
    // SAFETY: sgz_reader_open_source/Lifetime: ctx stays valid until close().
    // Stream/Invariants: no other reference. sgz_source.seek/Re-entry: none is
    // made during the call. /Threads: the thread that has the handle, to which
    // the stream has moved.
    let stream = unsafe { &mut *ctx.cast::<Stream<R>>() };
    stream.seek(offset, whence)
}

/// `sgz_sink.write`
///
/// # Safety
///
/// Only C may call it, with a `ctx` from [`io::sink`](crate::io::sink) for the
/// same `W`.
pub(crate) unsafe extern "C" fn sink_write<W: Write>(
    ctx: *mut c_void,
    data: *const c_void,
    len: usize,
) -> i64 {
    // SAFETY: sgz_writer_open_sink/Lifetime: ctx stays valid until close().
    // Stream/Invariants: no other reference. sgz_sink.write/Re-entry: none is
    // made during the call. /Threads: the thread that has the handle, to which
    // the stream has moved.
    let stream = unsafe { &mut *ctx.cast::<Stream<W>>() };
    // SAFETY: sgz_sink.write/Ownership: len bytes at data are borrowed for the
    // call. /Lifetime: buf ends before. /Errors: the answer is 1 to len, see
    // count_within, or a negated errno.
    let buf = unsafe { slice::from_raw_parts(data.cast::<u8>(), len) };
    stream.write(buf)
}

/// `sgz_sink.flush`
///
/// # Safety
///
/// As [`sink_write`].
pub(crate) unsafe extern "C" fn sink_flush<W: Write>(
    ctx: *mut c_void,
) -> c_int {
    // SAFETY: sgz_writer_open_sink/Lifetime: ctx stays valid until close().
    // Stream/Invariants: no other reference. sgz_sink.flush/Re-entry: none is
    // made during the call. /Threads: the thread that has the handle, to which
    // the stream has moved.
    let stream = unsafe { &mut *ctx.cast::<Stream<W>>() };
    stream.flush()
}

/// `sgz_source.close` and `sgz_sink.close`
///
/// # Safety
///
/// Only C may call it, once, with a `ctx` from `io` for the same `S`.
pub(crate) unsafe extern "C" fn stream_close<S>(ctx: *mut c_void) {
    // SAFETY: sgz_source.close/Ownership, sgz_sink.close/Ownership: ctx comes
    // back to this side, where open_boxed or create_sink boxed it. /Lifetime:
    // C never gets it again. /Threads: the thread that closes the handle, to
    // which all of it has moved. /Errors: a panic stays in close().
    // sgz_source.close/Re-entry, sgz_sink.close/Re-entry: it has no way to
    // the handle, and may use others.
    let stream = unsafe { Box::from_raw(ctx.cast::<Stream<S>>()) };
    stream.close();
}

/// `sgz_observer.event`
///
/// # Safety
///
/// Only C may call it, with a `ctx` from
/// [`event::observe`](crate::event::observe) for the same `F`.
pub(crate) unsafe extern "C" fn observer_event<F: Watch>(
    ctx: *mut c_void,
    event: *const raw::sgz_event,
) -> c_int {
    // SAFETY: sgz_reader_set_observer/Lifetime: ctx stays valid until
    // release(). Observer/Invariants: no other reference.
    // sgz_observer.event/Re-entry: none is made during the call.
    let observer = unsafe { &mut *ctx.cast::<Observer<F>>() };
    // SAFETY: sgz_observer.event/Ownership: event and its strings are borrowed.
    // /Lifetime: for this call, and tell() uses it only during the call.
    // /Threads: the thread that has the handle, to which the closure has moved.
    let event = unsafe { Event::from_raw(&*event) };
    observer.tell(&event)
}

/// `sgz_observer.release`
///
/// # Safety
///
/// Only C may call it, once, with a `ctx` from
/// [`event::observe`](crate::event::observe) for the same `F`.
pub(crate) unsafe extern "C" fn observer_release<F>(ctx: *mut c_void) {
    // SAFETY: sgz_observer.release/Ownership: ctx comes back to this side,
    // where event::observe boxed it. /Lifetime: C never gets it again.
    // /Threads: the thread that has the handle, to which all of it has moved.
    // /Errors: a panic stays in release(). /Re-entry: it has no way to the
    // handle, and may use others.
    let observer = unsafe { Box::from_raw(ctx.cast::<Observer<F>>()) };
    observer.release();
}

/// `sgz_owned.release`
///
/// # Safety
///
/// To be called by C only, once, with a `ctx` from
/// [`Owned::into_raw`](crate::owned::Owned::into_raw) for the same `T`.
pub(crate) unsafe extern "C" fn owned_release<T>(ctx: *mut c_void) {
    // SAFETY: sgz_owned.release/Ownership: the box comes back, once.
    // /Lifetime: C uses the bytes no more. /Threads: T is Send. /Re-entry: the
    // drop of T has no way to the writer, which its caller has borrowed.
    // /Errors: a panic stays in release(). Owned/Invariants: nobody else has
    // the box.
    let owned = unsafe { Box::from_raw(ctx.cast::<Owned<T>>()) };
    owned.release();
}

/// `sgz_job_callbacks.progress`
///
/// # Safety
///
/// Only C may call it, with a `ctx` from a [`NewJob`](crate::NewJob) for the
/// same `F`.
pub(crate) unsafe extern "C" fn job_progress<F: job::Watch>(
    ctx: *mut c_void,
    done: u64,
    total: u64,
) -> c_int {
    // SAFETY: sgz_job_submit_compress/Lifetime: ctx stays valid until
    // release(). Callbacks/Invariants, sgz_job_callbacks.progress/Threads: no
    // other reference, since no two threads call it at a time; F is Send.
    // /Ownership: for this call. /Re-entry: none is made during the call.
    // /Errors: a panic is a value other than 0, and ends the job.
    let callbacks = unsafe { &mut *ctx.cast::<job::Callbacks<F>>() };
    callbacks.progress(done, total)
}

/// `sgz_job_callbacks.complete`
///
/// # Safety
///
/// As [`job_progress`].
pub(crate) unsafe extern "C" fn job_complete<F>(
    ctx: *mut c_void,
    _status: raw::sgz_status,
) {
    // SAFETY: sgz_job_submit_compress/Lifetime: ctx stays valid until
    // release(). sgz_job_callbacks.complete/Lifetime: progress() has ended.
    // /Ownership: for this call. /Threads: any thread, and the waker is Send.
    // /Errors: a panic stays in complete(). /Re-entry: the task that is woken
    // may take the result, and drop the job.
    let callbacks = unsafe { &*ctx.cast::<job::Callbacks<F>>() };
    callbacks.complete();
}

/// `sgz_job_callbacks.release`
///
/// # Safety
///
/// As [`job_progress`], once.
pub(crate) unsafe extern "C" fn job_release<F>(ctx: *mut c_void) {
    // SAFETY: sgz_job_callbacks.release/Ownership: ctx comes back to this side,
    // where NewJob::submit boxed it. /Lifetime: C never gets it again, and has
    // given back all that the meters in it allocated. /Threads: any thread,
    // and all of it is Send. /Errors: a panic stays in release(). /Re-entry:
    // it may use all but the job, which is gone.
    let callbacks = unsafe { Box::from_raw(ctx.cast::<job::Callbacks<F>>()) };
    callbacks.release();
}

/// `sgz_allocator.alloc`
///
/// # Safety
///
/// Only C may call it, with the `ctx` of a [`Meter`](crate::Meter).
pub(crate) unsafe extern "C" fn meter_alloc(
    ctx: *mut c_void,
    size: usize,
) -> *mut c_void {
    // SAFETY: CountingAllocator/Invariants: ctx is alive, and shared only.
    // sgz_allocator.alloc/Re-entry: it calls Rust's allocator alone.
    let counting = unsafe { &*ctx.cast::<CountingAllocator>() };
    counting.alloc(size)
}

/// `sgz_allocator.realloc`
///
/// # Safety
///
/// As [`meter_alloc`], with a block of the same meter.
pub(crate) unsafe extern "C" fn meter_realloc(
    ctx: *mut c_void,
    ptr: *mut c_void,
    size: usize,
) -> *mut c_void {
    // SAFETY: CountingAllocator/Invariants: ctx is alive, and shared only.
    // sgz_allocator.realloc/Re-entry: it calls Rust's allocator alone.
    let counting = unsafe { &*ctx.cast::<CountingAllocator>() };
    // SAFETY: sgz_allocator.realloc/Ownership: ptr is a block from here, given
    // back. /Lifetime: C does not use it again unless NULL is returned.
    // /Errors: NULL, and ptr as it was, is its answer when memory runs out.
    unsafe { counting.realloc(ptr, size) }
}

/// `sgz_allocator.free`
///
/// # Safety
///
/// As [`meter_realloc`].
pub(crate) unsafe extern "C" fn meter_free(ctx: *mut c_void, ptr: *mut c_void) {
    // SAFETY: CountingAllocator/Invariants: ctx is alive, and shared only.
    // sgz_allocator.free/Re-entry: it calls Rust's allocator alone.
    let counting = unsafe { &*ctx.cast::<CountingAllocator>() };
    // SAFETY: sgz_allocator.free/Ownership: ptr is a block of this allocator,
    // given back. /Lifetime: C does not use it again. /Errors: none.
    unsafe { counting.free(ptr) }
}
