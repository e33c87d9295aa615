// SPDX-License-Identifier: MIT OR Apache-2.0
//! Work that a pool does while its caller does something else.

use core::ffi::{c_int, c_void};
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::os::fd::BorrowedFd;
use std::path::Path;
use std::pin::Pin;
use std::ptr::{self, NonNull};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::memory::Meter;
use crate::options::c_path;
use crate::panic::Relay;
use crate::{Block, Index, Options, Pool, Result, call, raw, trampoline};

/// A job of a pool, and a future of its result.
///
/// [`Pool::job`] submits jobs. A job runs on a thread of its pool, whether
/// somebody waits for it or not: polling only asks for the result. So it works
/// on any executor. [`join`](Self::join), [`wait`](Self::wait) and
/// [`fd`](Self::fd) need no executor at all.
///
/// If it is dropped before its end, it is cancelled, as a dropped future is in
/// async Rust: there a dropped future does nothing more, and timeouts and
/// `select!` rely on it. The drop does not wait. [`detach`](Self::detach) lets
/// the job run on.
///
/// A panic of the closure that is told of progress ends the job, and comes out
/// of the future, or of [`join`](Self::join). If nobody asks for the result,
/// the panic is dropped; the panic hook has printed its message by then.
///
/// After it has given its result, the future gives an error
/// ([`Status::State`](crate::Status::State)).
///
/// # Invariants
///
/// `raw` holds one reference of its own. `meter` allocated the job, if it is
/// set: the callbacks' box, which the job releases last, keeps it as well.
///
/// # Examples
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let (from, to) = (dir.path().join("a"), dir.path().join("a.gz"));
/// # std::fs::write(&from, "one, two, three")?;
/// let pool = sgz::Pool::new(2)?;
/// pool.job().compress(&from, &to)?.join()?;
/// let bytes = pool.job().range(&to, 5, 3)?.join()?.unwrap();
/// assert_eq!(&bytes[..], b"two");
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use = "a job that is dropped is cancelled"]
pub struct Job<T: Outcome> {
    raw: NonNull<raw::sgz_job>,
    shared: Arc<Shared>,
    meter: Option<Meter>,
    detached: bool,
    _outcome: PhantomData<fn() -> T>,
}

/// What a job may give: `()`, an [`Index`], or an `Option<Block>`.
///
/// It is sealed: only this crate implements it.
pub trait Outcome: sealed::Taken {}

impl<T: sealed::Taken> Outcome for T {}

mod sealed {
    use super::{Meter, Result, raw};

    pub trait Taken: Send + Sized {
        /// Takes the result of the job.
        ///
        /// # Safety
        ///
        /// The job is alive, and `meter` or the default allocated it.
        unsafe fn take(
            job: *mut raw::sgz_job,
            meter: Option<&Meter>,
        ) -> Result<Self>;
    }
}

impl sealed::Taken for () {
    unsafe fn take(job: *mut raw::sgz_job, _: Option<&Meter>) -> Result<()> {
        call::call(|error| {
            // SAFETY: take/Safety: it is alive. sgz_job_get_result/Ownership:
            // borrowed for the call. /Threads: any thread. /Errors: they are
            // the job's.
            unsafe { raw::sgz_job_get_result(job, error) }
        })
    }
}

impl sealed::Taken for Index {
    unsafe fn take(
        job: *mut raw::sgz_job,
        meter: Option<&Meter>,
    ) -> Result<Self> {
        // SAFETY: sgz_job_take_index/Ownership: one reference is the caller's.
        // /Lifetime: independent of the job, and the meter is kept.
        let own = |index| unsafe { Self::from_raw(index, meter.cloned()) };
        call::make(None, own, |index, error| {
            // SAFETY: take/Safety: it is alive. sgz_job_take_index/Threads: any
            // thread. /Errors: an index that was taken is an error.
            unsafe { raw::sgz_job_take_index(job, index, error) }
        })
    }
}

impl sealed::Taken for Option<Block> {
    unsafe fn take(
        job: *mut raw::sgz_job,
        meter: Option<&Meter>,
    ) -> Result<Self> {
        let mut block = ptr::null_mut();
        call::call(|error| {
            // SAFETY: take/Safety: it is alive. sgz_job_take_block/Threads: any
            // thread. /Errors: a block that was taken is an error.
            unsafe { raw::sgz_job_take_block(job, &raw mut block, error) }
        })?;
        Ok(NonNull::new(block).map(|block| {
            // SAFETY: sgz_job_take_block/Ownership: one reference is the
            // caller's. /Lifetime: independent of the job, and the meter is
            // kept.
            unsafe { Block::from_raw(block, meter.cloned()) }
        }))
    }
}

impl<T: Outcome> Job<T> {
    /// Cancels it, unless its result is complete already.
    ///
    /// Then the result is an error of
    /// [`Status::Cancelled`](crate::Status::Cancelled). The call does not wait.
    pub fn cancel(&self) {
        // SAFETY: Job/Invariants: the job is alive. sgz_job_cancel/Ownership:
        // borrowed for the call. /Threads: any thread; no lock is held that
        // the callbacks take.
        unsafe { raw::sgz_job_cancel(self.raw.as_ptr()) };
    }

    /// Is it done: does no thread work on it any more?
    #[must_use]
    pub fn is_done(&self) -> bool {
        // SAFETY: Job/Invariants: the job is alive.
        // sgz_job_get_state/Ownership: borrowed for the call. /Threads: any
        // thread.
        let state = unsafe { raw::sgz_job_get_state(self.raw.as_ptr()) };
        state == raw::sgz_job_state::SGZ_JOB_DONE
    }

    /// Waits for `limit` at most, and says whether it is done.
    ///
    /// # Errors
    ///
    /// [`Status::State`](crate::Status::State) in the closure of this job, and
    /// in a child process.
    pub fn wait(&self, limit: Duration) -> Result<bool> {
        // a limit below a millisecond is none
        let limit = limit.as_nanos().div_ceil(1_000_000);
        self.wait_for(c_int::try_from(limit).unwrap_or(c_int::MAX))
    }

    fn wait_for(&self, limit: c_int) -> Result<bool> {
        let mut state = raw::sgz_job_state::SGZ_JOB_QUEUED;
        call::call(|error| {
            // SAFETY: Job/Invariants: the job is alive. sgz_job_wait/Lifetime,
            // sgz_job_wait/Ownership: self is borrowed for the call. /Threads:
            // any thread.
            unsafe {
                raw::sgz_job_wait(
                    self.raw.as_ptr(),
                    limit,
                    &raw mut state,
                    error,
                )
            }
        })?;
        Ok(state == raw::sgz_job_state::SGZ_JOB_DONE)
    }

    /// Waits until it is done, and returns its result.
    ///
    /// # Errors
    ///
    /// The failure of the job; as [`wait`](Self::wait).
    ///
    /// # Panics
    ///
    /// If the closure did.
    pub fn join(self) -> Result<T> {
        self.wait_for(-1)?;
        self.take()
    }

    /// A descriptor that becomes readable when it is done, for an event loop.
    ///
    /// It belongs to the job: nobody may read from it.
    ///
    /// # Errors
    ///
    /// [`Status::Io`](crate::Status::Io) if there is none to be had; as
    /// [`wait`](Self::wait).
    pub fn fd(&self) -> Result<BorrowedFd<'_>> {
        let mut fd = -1;
        call::call(|error| {
            // SAFETY: Job/Invariants: the job is alive.
            // sgz_job_get_fd/Threads: any thread. /Errors: fd is written on
            // success.
            unsafe {
                raw::sgz_job_get_fd(self.raw.as_ptr(), &raw mut fd, error)
            }
        })?;
        // SAFETY: sgz_job_get_fd/Ownership: it stays the job's, and open.
        // /Lifetime: while self, which is borrowed, has its reference.
        Ok(unsafe { BorrowedFd::borrow_raw(fd) })
    }

    /// Gives the handle up, and lets the job run to its end.
    pub fn detach(mut self) {
        self.detached = true;
    }

    /// The result of a job that ended, or the panic that it left.
    fn take(&self) -> Result<T> {
        // SAFETY: take/Safety, Job/Invariants: it is alive, and meter's.
        let result = unsafe { T::take(self.raw.as_ptr(), self.meter.as_ref()) };
        self.shared.relay.hand_over(result)
    }
}

impl<T: Outcome> Future for Job<T> {
    type Output = Result<T>;

    fn poll(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<T>> {
        // wakers are foreign code: they are cloned and dropped without the
        // lock
        let waker = context.waker().clone();
        let mut slot = self.shared.slot();
        if slot.ended {
            drop(slot);
            return Poll::Ready(self.take());
        }
        let former = slot.waker.replace(waker);
        drop(slot);
        drop(former);
        Poll::Pending
    }
}

impl<T: Outcome> fmt::Debug for Job<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("is_done", &self.is_done())
            .finish_non_exhaustive()
    }
}

// SAFETY: sgz_job_unref/Threads: any thread, at any time, by the holder of a
// reference; release() may be called there, and the closure is Send.
unsafe impl<T: Outcome> Send for Job<T> {}
// SAFETY: sgz_job_cancel/Threads, sgz_job_wait/Threads, sgz_job_get_fd/Threads,
// sgz_job_get_state/Threads: any thread, and several at a time. The result is
// taken by one that has the whole job.
unsafe impl<T: Outcome> Sync for Job<T> {}

impl<T: Outcome> Drop for Job<T> {
    fn drop(&mut self) {
        if !self.detached {
            self.cancel();
        }
        let waker = self.shared.slot().waker.take();
        drop(waker);
        // SAFETY: Job/Invariants: the reference is self's own.
        // sgz_job_unref/Ownership: it goes back. /Lifetime: self is not used
        // afterwards, and a descriptor borrows it. /Threads: any thread.
        unsafe { raw::sgz_job_unref(self.raw.as_ptr()) };
    }
}

/// What a job and its callbacks share.
#[derive(Default)]
struct Shared {
    relay: Relay,
    slot: Mutex<Slot>,
}

#[derive(Default)]
struct Slot {
    ended: bool,
    waker: Option<Waker>,
}

impl Shared {
    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.relay.abandon(); // nobody awaited it
    }
}

/// A closure that is told of progress: the bound, named once.
pub(crate) trait Watch:
    FnMut(u64, Option<u64>) -> ControlFlow<i32> + Send + 'static
{
}

impl<F> Watch for F where
    F: FnMut(u64, Option<u64>) -> ControlFlow<i32> + Send + 'static
{
}

/// The callbacks of a job, and what C needs until it has released them.
///
/// # Invariants
///
/// After C has taken this as its `ctx`, C owns the box: only `release` frees
/// it. One call at a time gets a reference to it.
pub(crate) struct Callbacks<F> {
    watch: Option<F>,
    shared: Arc<Shared>,
    // of the job, and of its index: freed blocks go there before release()
    _meters: [Option<Meter>; 2],
}

impl<F: Watch> Callbacks<F> {
    /// Tells the closure. Returns the value for C.
    pub(crate) fn progress(&mut self, done: u64, total: u64) -> c_int {
        let Some(watch) = &mut self.watch else {
            return 0;
        };
        let total = (total != u64::MAX).then_some(total); // SGZ_UNKNOWN
        match self.shared.relay.run(|| watch(done, total)) {
            Some(ControlFlow::Continue(())) => 0,
            Some(ControlFlow::Break(0)) | None => -1,
            Some(ControlFlow::Break(code)) => code,
        }
    }
}

impl<F> Callbacks<F> {
    /// Wakes who polled the future last. A panic of the waker goes to the
    /// relay.
    pub(crate) fn complete(&self) {
        let mut slot = self.shared.slot();
        slot.ended = true;
        let waker = slot.waker.take();
        drop(slot);
        self.shared.relay.run_always(|| {
            if let Some(waker) = waker {
                waker.wake();
            }
        });
    }

    /// Drops the closure; a panic in its drop goes to the relay.
    pub(crate) fn release(self) {
        let Self { watch, shared, .. } = self;
        shared.relay.run_always(|| drop(watch));
    }
}

/// No closure: the type of it all the same.
type Silent = fn(u64, Option<u64>) -> ControlFlow<i32>;

/// A job that is about to be submitted: [`Pool::job`].
#[must_use = "nothing is submitted yet"]
pub struct NewJob<'a, F = Silent> {
    pool: &'a Pool,
    options: Options,
    watch: Option<F>,
}

impl Pool {
    /// Begins a job of this pool; the last call says what it is to do.
    pub fn job(&self) -> NewJob<'_> {
        NewJob {
            pool: self,
            options: Options::new(),
            watch: None,
        }
    }
}

impl<'a, F> NewJob<'a, F> {
    /// The options of the job's reader or writer.
    ///
    /// If they have a pool ([`Options::pool`]), its threads help; it may be the
    /// one that runs the job.
    pub fn options(mut self, options: &Options) -> Self {
        self.options = options.clone();
        self
    }

    /// Tells `watch` how many bytes of how many are done, on a thread of the
    /// pool. [`ControlFlow::Break`] cancels the job.
    ///
    /// The closure must not wait for other jobs of the pool, which may need its
    /// thread.
    pub fn on_progress<G>(self, watch: G) -> NewJob<'a, G>
    where
        G: FnMut(u64, Option<u64>) -> ControlFlow<i32> + Send + 'static,
    {
        NewJob {
            pool: self.pool,
            options: self.options,
            watch: Some(watch),
        }
    }
}

impl<F> NewJob<'_, F>
where
    F: FnMut(u64, Option<u64>) -> ControlFlow<i32> + Send + 'static,
{
    /// Compresses the file `from` to `to`, which appears as a whole or, after a
    /// failure, not at all.
    ///
    /// # Errors
    ///
    /// [`Status::Io`](crate::Status::Io) if no thread can be started;
    /// [`Status::Invalid`](crate::Status::Invalid),
    /// [`Status::NoMemory`](crate::Status::NoMemory). What goes wrong later is
    /// the job's result.
    pub fn compress(
        self,
        from: impl AsRef<Path>,
        to: impl AsRef<Path>,
    ) -> Result<Job<()>> {
        let (from, to) = (c_path(from)?, c_path(to)?);
        let submit = |pool, options, callbacks, job, error| {
            // SAFETY: submit/Safety: as it says.
            // sgz_job_submit_compress/Ownership: the paths are copied.
            unsafe {
                raw::sgz_job_submit_compress(
                    pool,
                    from.as_ptr(),
                    to.as_ptr(),
                    options,
                    callbacks,
                    job,
                    error,
                )
            }
        };
        // SAFETY: submit/Safety: it passes all of them on.
        unsafe { self.submit(None, submit) }
    }

    /// Decompresses up to `len` bytes at the uncompressed `offset` of the file
    /// at `path`: `None` from its end on.
    ///
    /// # Errors
    ///
    /// As [`compress`](Self::compress).
    pub fn range(
        self,
        path: impl AsRef<Path>,
        offset: u64,
        len: usize,
    ) -> Result<Job<Option<Block>>> {
        self.range_by(path, None, offset, len)
    }

    /// The same with an index of the file.
    ///
    /// # Errors
    ///
    /// As [`compress`](Self::compress).
    pub fn range_by(
        self,
        path: impl AsRef<Path>,
        index: Option<&Index>,
        offset: u64,
        len: usize,
    ) -> Result<Job<Option<Block>>> {
        let path = c_path(path)?;
        let raw_index = index.map_or(ptr::null_mut(), Index::as_ptr);
        let submit = |pool, options, callbacks, job, error| {
            // SAFETY: submit/Safety: as it says.
            // sgz_job_submit_range/Ownership: the path is copied, and the job
            // takes a reference to the index. /Lifetime: the index's meter is
            // kept until release().
            unsafe {
                raw::sgz_job_submit_range(
                    pool,
                    path.as_ptr(),
                    raw_index,
                    offset,
                    len,
                    options,
                    callbacks,
                    job,
                    error,
                )
            }
        };
        // SAFETY: submit/Safety: it passes all of them on.
        unsafe { self.submit(index.and_then(Index::keep_meter), submit) }
    }

    /// Builds the index of the file at `path`; with `verify` it checks every
    /// block.
    ///
    /// # Errors
    ///
    /// As [`compress`](Self::compress).
    pub fn build_index(
        self,
        path: impl AsRef<Path>,
        verify: bool,
    ) -> Result<Job<Index>> {
        let path = c_path(path)?;
        let submit = |pool, options, callbacks, job, error| {
            // SAFETY: submit/Safety: as it says.
            // sgz_job_submit_index/Ownership: the path is copied. /Lifetime:
            // the meter is kept until release().
            unsafe {
                raw::sgz_job_submit_index(
                    pool,
                    path.as_ptr(),
                    verify,
                    options,
                    callbacks,
                    job,
                    error,
                )
            }
        };
        // SAFETY: submit/Safety: it passes all of them on.
        unsafe { self.submit(None, submit) }
    }

    /// Reads the file at `path` to its end, and checks all of it.
    ///
    /// # Errors
    ///
    /// As [`compress`](Self::compress).
    pub fn check(self, path: impl AsRef<Path>) -> Result<Job<()>> {
        let path = c_path(path)?;
        let submit = |pool, options, callbacks, job, error| {
            // SAFETY: submit/Safety: as it says.
            // sgz_job_submit_check/Ownership: the path is copied. /Lifetime:
            // the meter is kept until release().
            unsafe {
                raw::sgz_job_submit_check(
                    pool,
                    path.as_ptr(),
                    options,
                    callbacks,
                    job,
                    error,
                )
            }
        };
        // SAFETY: submit/Safety: it passes all of them on.
        unsafe { self.submit(None, submit) }
    }

    /// Compresses `bytes` to blocks of BGZF, and with `finish` adds the end
    /// marker: `None` if there is neither.
    ///
    /// The job has a copy of the bytes. What several jobs give, one after the
    /// other, is a file, if only the last one finishes it. If all parts but
    /// the last are multiples of [`Options::block_size`], it is the file that
    /// one [`Writer`](crate::Writer) writes.
    ///
    /// # Errors
    ///
    /// As [`compress`](Self::compress);
    /// [`Status::Unsupported`](crate::Status::Unsupported) if the format is not
    /// BGZF.
    pub fn compress_memory(
        self,
        bytes: &[u8],
        finish: bool,
    ) -> Result<Job<Option<Block>>> {
        let submit = |pool, options, callbacks, job, error| {
            // SAFETY: submit/Safety: as it says.
            // sgz_job_submit_compress_memory/Ownership: the bytes are copied.
            // /Lifetime: the meter is kept until release().
            unsafe {
                raw::sgz_job_submit_compress_memory(
                    pool,
                    bytes.as_ptr().cast(),
                    bytes.len(),
                    finish,
                    options,
                    callbacks,
                    job,
                    error,
                )
            }
        };
        // SAFETY: submit/Safety: it passes all of them on.
        unsafe { self.submit(None, submit) }
    }

    /// # Safety
    ///
    /// `submit` passes its arguments to a `sgz_job_submit_*()` whose jobs give
    /// a `T`, and nothing else.
    unsafe fn submit<T: Outcome>(
        self,
        index_meter: Option<Meter>,
        submit: impl FnOnce(
            *mut raw::sgz_pool,
            *const raw::sgz_options,
            *const raw::sgz_job_callbacks,
            *mut *mut raw::sgz_job,
            *mut raw::sgz_error,
        ) -> raw::sgz_status,
    ) -> Result<Job<T>> {
        let options = self.options.to_raw()?;
        let shared = Arc::<Shared>::default();
        let meter = self.options.keep_meter();
        let ctx = Box::into_raw(Box::new(Callbacks {
            watch: self.watch,
            shared: shared.clone(),
            _meters: [meter.clone(), index_meter],
        }));
        let callbacks = raw::sgz_job_callbacks {
            progress: Some(trampoline::job_progress::<F>),
            complete: Some(trampoline::job_complete::<F>),
            release: Some(trampoline::job_release::<F>),
            ctx: ctx.cast::<c_void>(),
        };
        let own = |raw| Job {
            raw,
            shared,
            meter,
            detached: false,
            _outcome: PhantomData,
        };
        let pool = self.pool.as_ptr();
        let result = call::make(None, own, |job, error| {
            submit(pool, &raw const options, &raw const callbacks, job, error)
        });
        if result.is_err() {
            // SAFETY: sgz_job_submit_compress/Ownership: on failure nothing is
            // transferred, so Rust still owns the box.
            unsafe { Box::from_raw(ctx) }.release();
        }
        result
    }
}

impl<F> fmt::Debug for NewJob<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewJob")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
