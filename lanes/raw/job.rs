// SPDX-License-Identifier: MIT OR Apache-2.0
//! Jobs of a lesson: a handle, what it shares with C, and an event loop.

use core::ffi::{CStr, c_int, c_void};
use std::ptr::{null, null_mut};
use std::sync::{Arc, Mutex};
use std::task::Waker;

use super::super::sys::*;
use super::Gate;

/// What a job's callbacks share with its future. C holds a reference, its ctx.
pub struct Shared {
    /// Where it is held.
    pub gate: Arc<Gate>,
    /// How far it is.
    pub slot: Mutex<Slot>,
}

/// How far a job is, and who wants to know.
#[derive(Default)]
pub struct Slot {
    /// Its result is there.
    pub done: bool,
    /// Who asked last.
    pub waker: Option<Waker>,
}

unsafe extern "C" fn progress(ctx: *mut c_void, _: u64, _: u64) -> c_int {
    // SAFETY: sgz_job_callbacks.progress/Ownership: it is borrowed for the
    // call: C's reference to it is not released yet.
    unsafe { &*ctx.cast::<Shared>() }.gate.pass();
    0
}

unsafe extern "C" fn release(ctx: *mut c_void) {
    // SAFETY: sgz_job_callbacks.release/Ownership: C gives its reference back.
    // std Arc::from_raw: it came from Arc::into_raw().
    let shared = unsafe { Arc::from_raw(ctx.cast::<Shared>()) };
    let gate = shared.gate.clone();
    drop(shared);
    gate.count_release();
}

/// What C calls when a job is done.
pub type Complete = unsafe extern "C" fn(ctx: *mut c_void, status: sgz_status);

/// A job, with one of its references. If it is dropped, it is cancelled.
pub struct Job {
    raw: *mut sgz_job,
    detached: bool,
    /// What it shares with C.
    pub shared: Arc<Shared>,
}

impl Job {
    /// One that compresses "in", and is held at the gate.
    pub fn new(
        pool: *mut sgz_pool,
        to: &CStr,
        gate: &Arc<Gate>,
        complete: Complete,
    ) -> Self {
        let shared = Arc::new(Shared {
            gate: gate.clone(),
            slot: Mutex::default(),
        });
        let callbacks = sgz_job_callbacks {
            progress: Some(progress),
            complete: Some(complete),
            release: Some(release),
            ctx: Arc::into_raw(shared.clone()).cast_mut().cast(),
        };
        let (from, to, mut raw) = (c"in".as_ptr(), to.as_ptr(), null_mut());
        let (options, error) = (null(), null_mut());
        gate.close();
        // SAFETY: sgz_job_submit_compress/Ownership: all is copied, and C owns
        // ctx. Only memory can fail; then the lesson ends. /Lifetime: ctx lives
        // until release(). sgz_job_callbacks.progress/Threads,
        // sgz_job_callbacks.complete/Threads: Shared is Sync.
        unsafe {
            let _ = sgz_job_submit_compress(
                pool, from, to, options, &callbacks, &mut raw, error,
            );
        }
        Self {
            raw,
            detached: false,
            shared,
        }
    }

    /// Its status.
    pub fn result(&self) -> i32 {
        // SAFETY: sgz_job_get_result/Ownership: our reference is borrowed.
        unsafe { sgz_job_get_result(self.raw, null_mut()).0 }
    }

    /// Has its thread let go of it?
    pub fn is_done(&self) -> bool {
        // SAFETY: sgz_job_get_state/Ownership: as above.
        let state = unsafe { sgz_job_get_state(self.raw) };
        state == sgz_job_state::SGZ_JOB_DONE
    }

    /// Have it end. It does not wait for that.
    pub fn cancel(&self) {
        // SAFETY: sgz_job_cancel/Threads: no lock is held that complete()
        // takes.
        unsafe { sgz_job_cancel(self.raw) };
    }

    /// The job's thread may still be in complete(): it is to be out first.
    pub fn let_go(self) {
        // SAFETY: wait_for/Safety: our reference is there until it returns.
        unsafe { wait_for(self.raw) };
    }

    /// Give it up, and let it run.
    pub fn detach(mut self) {
        self.detached = true;
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if !self.detached {
            self.cancel();
        }
        // SAFETY: sgz_job_unref/Ownership: our reference goes back. Shared
        // stays: C's thread may still use it, and has a reference of its own.
        unsafe { sgz_job_unref(self.raw) };
    }
}

/// Wait until the job is done.
///
/// # Safety
///
/// The caller has a reference to it.
pub unsafe fn wait_for(job: *mut sgz_job) {
    let mut state = sgz_job_state::SGZ_JOB_QUEUED;
    // SAFETY: sgz_job_wait/Lifetime: wait_for/Safety: the reference lasts.
    let _ = unsafe { sgz_job_wait(job, -1, &mut state, null_mut()) };
}

/// The size of a file, or -1 if there is none.
pub fn size_of_file(path: &str) -> i64 {
    std::fs::metadata(path)
        .map_or(-1, |file| i64::try_from(file.len()).unwrap_or(i64::MAX))
}
