// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the lesson on threads does by the way.

use core::ffi::{CStr, c_int, c_void};
use std::cell::{Cell, UnsafeCell};
use std::marker::PhantomData;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread::{self, ThreadId};

use ferrule_lane::Recorder;

use super::super::sys::*;
use super::{drain, options_init};

/// Wait until two threads are here; `arrived` begins with 0.
///
/// It makes the unlucky moment certain that a mistake needs to be seen. It
/// orders nothing in memory (its atomics are relaxed): what races without it
/// still races, and ThreadSanitizer still sees it.
pub fn meet(arrived: &AtomicUsize) {
    let before = arrived.fetch_add(1, Relaxed);
    while arrived.load(Relaxed) < (before | 1) + 1 {
        thread::yield_now();
    }
}

/// A lock of POSIX.
///
/// ThreadSanitizer knows what it orders, as it replaces these functions. It
/// would know nothing of a `Mutex` of std, which is not compiled for it.
pub struct Lock(UnsafeCell<libc::pthread_mutex_t>);

// SAFETY: POSIX pthread_mutex_lock: any thread, at any time.
unsafe impl Sync for Lock {}

impl Lock {
    /// A lock that nobody holds. It must not move once it is used.
    #[must_use]
    pub const fn new() -> Self {
        Self(UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER))
    }

    /// Wait until nobody else holds it.
    pub fn lock(&self) -> Locked<'_> {
        // SAFETY: POSIX pthread_mutex_lock: it is initialised, and this
        // thread does not hold it: then it cannot fail.
        unsafe { libc::pthread_mutex_lock(self.0.get()) };
        Locked(self, PhantomData)
    }

    /// The same, without waiting; None: somebody else holds it.
    pub fn try_lock(&self) -> Option<Locked<'_>> {
        // SAFETY: POSIX pthread_mutex_trylock: it is initialised.
        let rc = unsafe { libc::pthread_mutex_trylock(self.0.get()) };
        // not then_some(): it would make a Locked in any case, and drop it
        (rc == 0).then(|| Locked(self, PhantomData))
    }
}

/// Holds the lock until it is dropped, on the thread that took it: because of
/// the raw pointer it is not Send.
pub struct Locked<'a>(&'a Lock, PhantomData<*mut ()>);

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // SAFETY: POSIX pthread_mutex_unlock: this thread holds it.
        unsafe { libc::pthread_mutex_unlock(self.0.0.get()) };
    }
}

/// Which thread calls back: the one that this was made on, or another.
pub struct Told {
    home: ThreadId,
    here: AtomicBool,
    elsewhere: AtomicBool,
}

impl Told {
    /// This thread is "here".
    #[must_use]
    pub fn new() -> Self {
        Self {
            home: thread::current().id(),
            here: AtomicBool::new(false),
            elsewhere: AtomicBool::new(false),
        }
    }

    /// An observer that is told.
    pub fn observer(&self) -> sgz_observer {
        sgz_observer {
            event: Some(told_event),
            release: None,
            ctx: (&raw const *self).cast_mut().cast(),
            mask: SGZ_EVENT_ALL,
        }
    }

    /// Callbacks of a job that are told of its progress.
    pub fn callbacks(&self) -> sgz_job_callbacks {
        sgz_job_callbacks {
            progress: Some(told_progress),
            complete: None,
            release: None,
            ctx: (&raw const *self).cast_mut().cast(),
        }
    }

    /// Record who told.
    pub fn record(&self, rec: &mut Recorder) {
        rec.int("told here", self.here.load(Relaxed));
        rec.int("told elsewhere", self.elsewhere.load(Relaxed));
    }

    fn tell(&self) {
        if thread::current().id() == self.home {
            self.here.store(true, Relaxed);
        } else {
            self.elsewhere.store(true, Relaxed);
        }
    }
}

unsafe extern "C" fn told_event(
    ctx: *mut c_void,
    event: *const sgz_event,
) -> c_int {
    // SAFETY: sgz_observer.event/Ownership: the event is borrowed, for this
    // call. sgz_writer_set_observer/Lifetime: ctx is a Told, alive.
    let (told, event) = unsafe { (&*ctx.cast::<Told>(), &*event) };
    if event.kind == sgz_event_kind::SGZ_EVENT_BLOCK {
        told.tell();
    }
    0
}

unsafe extern "C" fn told_progress(
    ctx: *mut c_void,
    _done: u64,
    _total: u64,
) -> c_int {
    // SAFETY: sgz_job_submit_check/Lifetime: ctx is a Told, alive.
    // sgz_job_callbacks.progress/Threads: Told bears any thread.
    unsafe { &*ctx.cast::<Told>() }.tell();
    0
}

/// Write the file of this lesson with the threads of `pool`: some text of our
/// own, for the input may be empty, and `data`. Gives its index.
///
/// # Safety
///
/// The pool is alive, and so is the ctx of the observer.
pub unsafe fn write_file(
    pool: *mut sgz_pool,
    observer: &sgz_observer,
    data: &[u8],
) -> (sgz_status, *mut sgz_index) {
    let (mut writer, no_err) = (null_mut(), null_mut());
    let (path, text) = (c"lesson.gz", c"what is compressed here: ");
    let mut options = options_init();
    options.pool = pool;
    options.set_build_index(1);
    // SAFETY: sgz_writer_open/Ownership: all is copied, and the writer is ours.
    // sgz_writer_set_observer/Lifetime: write_file/Safety.
    // sgz_writer_write/Ownership: data is borrowed for the call.
    // sgz_writer_ref_index/Ownership: one reference is the caller's.
    unsafe {
        let _ = sgz_writer_open(path.as_ptr(), &options, &mut writer, no_err);
        let _ = sgz_writer_set_observer(writer, observer, no_err);
        let _ = sgz_writer_printf(writer, no_err, text.as_ptr());
        let (data, len) = (data.as_ptr().cast(), data.len());
        let _ = sgz_writer_write(writer, data, len, no_err);
        let rc = sgz_writer_finish(writer, no_err);
        let index = sgz_writer_ref_index(writer);
        sgz_writer_free(writer);
        (rc, index)
    }
}

/// An observer that keeps the offset of the last block: for one thread.
pub fn offset_keeper(offset: &Cell<u64>) -> sgz_observer {
    sgz_observer {
        event: Some(keep_offset),
        release: None,
        ctx: (&raw const *offset).cast_mut().cast(),
        mask: 1 << sgz_event_kind::SGZ_EVENT_BLOCK.0,
    }
}

unsafe extern "C" fn keep_offset(
    ctx: *mut c_void,
    event: *const sgz_event,
) -> c_int {
    // SAFETY: sgz_reader_set_observer/Lifetime: ctx is a Cell, alive.
    // sgz_observer.event/Ownership: a block, by the mask; borrowed for now.
    unsafe { (*ctx.cast::<Cell<u64>>()).set((*event).data.block.offset) };
    0
}

/// Have every block of the reader's file in its cache.
///
/// # Safety
///
/// The reader is open, with the index, which is alive.
pub unsafe fn fill_cache(reader: *mut sgz_reader, index: *mut sgz_index) {
    let mut count = 0;
    // SAFETY: fill_cache/Safety: both are alive.
    // sgz_index_get_entries/Lifetime: so is the array, for this function.
    // sgz_reader_ref_block/Ownership: the block is ours, to give up.
    unsafe {
        let entries = sgz_index_get_entries(index, &mut count);
        for i in 0..count {
            let mut block = null_mut();
            let offset = (*entries.add(i)).offset;
            let no_err = null_mut();
            let _ = sgz_reader_ref_block(reader, offset, &mut block, no_err);
            sgz_block_unref(block);
        }
    }
}

/// Open a file that may not be one of gzip, only for what comes of it.
pub fn open_and_close(path: &CStr, error: &mut sgz_error) {
    let mut reader = null_mut();
    // SAFETY: sgz_reader_open/Ownership: path is borrowed for the call. Only
    // on success there is a reader. sgz_reader_close/Ownership: NULL is
    // allowed.
    unsafe {
        let _ = sgz_reader_open(path.as_ptr(), null(), &mut reader, error);
        sgz_reader_close(reader);
    }
}

/// Read the file of this lesson to its end, under an observer, with a reader
/// of this thread's own.
///
/// # Safety
///
/// The observer's functions may be called with its ctx, on this thread.
pub unsafe fn read_under(observer: &sgz_observer) {
    let (mut reader, no_err, mut total) = (null_mut(), null_mut(), 0);
    let path = c"lesson.gz".as_ptr();
    // SAFETY: sgz_reader_open/Threads: no other thread has this reader.
    // sgz_reader_set_observer/Lifetime: read_under/Safety. drain/Safety: it is
    // open, if it was opened. sgz_reader_close/Ownership: NULL is allowed.
    unsafe {
        if sgz_reader_open(path, null(), &mut reader, no_err)
            == sgz_status::SGZ_OK
        {
            let _ = sgz_reader_set_observer(reader, observer, no_err);
            let _ = drain(reader, &mut total, no_err);
        }
        sgz_reader_close(reader);
    }
}
