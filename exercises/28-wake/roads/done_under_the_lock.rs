//! The sum of some bytes, which a thread of C's finds.

use std::ffi::{c_int, c_void};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

#[repr(C)]
struct RawJob {
    _opaque: [u8; 0],
}

unsafe extern "C" {
    fn job_start(
        data: *const u8,
        len: usize,
        complete: extern "C" fn(ctx: *mut c_void),
        release: extern "C" fn(ctx: *mut c_void),
        ctx: *mut c_void,
    ) -> *mut RawJob;
    fn job_result(job: *mut RawJob, sum_out: *mut u64) -> c_int;
    fn job_unref(job: *mut RawJob);
}

/// Is it done, and whom to wake. The future and C's thread share it.
#[derive(Default)]
struct State {
    done: bool,
    waker: Option<Waker>,
}

type Slot = Mutex<State>;

fn lock(slot: &Slot) -> MutexGuard<'_, State> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

extern "C" fn complete(ctx: *mut c_void) {
    // SAFETY: task.md: it is of Arc::into_raw, and C has its reference until
    // release().
    let slot = unsafe { &*ctx.cast_const().cast::<Slot>() };
    let mut state = lock(slot);
    state.done = true;
    let waker = state.waker.take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}

extern "C" fn release(ctx: *mut c_void) {
    // SAFETY: task.md: it is of Arc::into_raw, and this is called once.
    drop(unsafe { Arc::from_raw(ctx.cast_const().cast::<Slot>()) });
}

/// A future: the sum.
pub struct Sum {
    job: *mut RawJob,
    slot: Arc<Slot>,
}

// SAFETY: task.md: job_result, job_unref: any thread.
unsafe impl Send for Sum {}

impl Sum {
    /// None if the job cannot be started.
    #[must_use]
    pub fn start(data: &[u8]) -> Option<Self> {
        let slot = Arc::new(Slot::default());
        let ctx = Arc::into_raw(Arc::clone(&slot)).cast_mut().cast();
        // SAFETY: task.md: job_start: the bytes are copied; ctx is C's until
        // release().
        let job = unsafe {
            job_start(data.as_ptr(), data.len(), complete, release, ctx)
        };
        if job.is_null() {
            release(ctx);
            return None;
        }
        Some(Self { job, slot })
    }
}

impl Future for Sum {
    type Output = u64;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u64> {
        let mut state = lock(&self.slot);
        if !state.done {
            state.waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        drop(state);
        let mut sum = 0;
        // SAFETY: task.md: the job is ours until job_unref(), and it is done.
        unsafe { job_result(self.job, &raw mut sum) };
        Poll::Ready(sum)
    }
}

impl Drop for Sum {
    fn drop(&mut self) {
        let waker = lock(&self.slot).waker.take();
        drop(waker);
        // SAFETY: task.md: it is ours, and nobody uses it after this.
        unsafe { job_unref(self.job) }
    }
}
