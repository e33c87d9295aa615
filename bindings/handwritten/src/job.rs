// SPDX-License-Identifier: MIT OR Apache-2.0
//! `sgz/job.h`: work that a pool does by itself.

use core::ffi::{c_char, c_int, c_uint, c_void};
use core::marker::{PhantomData, PhantomPinned};

use crate::block::sgz_block;
use crate::error::{sgz_error, sgz_status};
use crate::index::sgz_index;
use crate::options::sgz_options;
use crate::pool::sgz_pool;

/// A job: only C knows what is in it.
#[repr(C)]
#[derive(Debug)]
pub struct sgz_job {
    _unused: [u8; 0],
    _foreign: PhantomData<(*mut u8, PhantomPinned)>,
}

/// What a job does now.
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct sgz_job_state(pub c_uint);

impl sgz_job_state {
    /// No thread has begun it.
    pub const SGZ_JOB_QUEUED: Self = Self(0);
    /// A thread is at it, or at its callbacks.
    pub const SGZ_JOB_RUNNING: Self = Self(1);
    /// It ended: no thread is at it any more.
    pub const SGZ_JOB_DONE: Self = Self(2);
}

/// What a job calls.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct sgz_job_callbacks {
    /// Learn that `done` of `total` is done.
    pub progress: Option<
        unsafe extern "C" fn(ctx: *mut c_void, done: u64, total: u64) -> c_int,
    >,
    /// Learn that the job ended with `status`.
    pub complete:
        Option<unsafe extern "C" fn(ctx: *mut c_void, status: sgz_status)>,
    /// Release `ctx`.
    pub release: Option<unsafe extern "C" fn(ctx: *mut c_void)>,
    /// Passed to all three functions.
    pub ctx: *mut c_void,
}

unsafe extern "C" {
    /// Submit a job that compresses the file `from` to the file `to`.
    pub fn sgz_job_submit_compress(
        pool: *mut sgz_pool,
        from: *const c_char,
        to: *const c_char,
        options: *const sgz_options,
        callbacks: *const sgz_job_callbacks,
        job_out: *mut *mut sgz_job,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Submit a job that decompresses `len` bytes at `offset` of a file.
    pub fn sgz_job_submit_range(
        pool: *mut sgz_pool,
        path: *const c_char,
        index: *mut sgz_index,
        offset: u64,
        len: usize,
        options: *const sgz_options,
        callbacks: *const sgz_job_callbacks,
        job_out: *mut *mut sgz_job,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Submit a job that builds the index of the file at `path`.
    pub fn sgz_job_submit_index(
        pool: *mut sgz_pool,
        path: *const c_char,
        verify: bool,
        options: *const sgz_options,
        callbacks: *const sgz_job_callbacks,
        job_out: *mut *mut sgz_job,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Submit a job that checks all of the file at `path`.
    pub fn sgz_job_submit_check(
        pool: *mut sgz_pool,
        path: *const c_char,
        options: *const sgz_options,
        callbacks: *const sgz_job_callbacks,
        job_out: *mut *mut sgz_job,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Submit a job that compresses the `len` bytes at `data`.
    pub fn sgz_job_submit_compress_memory(
        pool: *mut sgz_pool,
        data: *const c_void,
        len: usize,
        finish: bool,
        options: *const sgz_options,
        callbacks: *const sgz_job_callbacks,
        job_out: *mut *mut sgz_job,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Have `job` end with `SGZ_E_CANCELLED`.
    pub fn sgz_job_cancel(job: *mut sgz_job);

    /// Wait until `job` is done, for `timeout_ms` milliseconds at most.
    pub fn sgz_job_wait(
        job: *mut sgz_job,
        timeout_ms: c_int,
        state_out: *mut sgz_job_state,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// What `job` does now.
    pub fn sgz_job_get_state(job: *const sgz_job) -> sgz_job_state;

    /// A file descriptor that becomes readable when `job` is done.
    pub fn sgz_job_get_fd(
        job: *mut sgz_job,
        fd_out: *mut c_int,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// How `job` ended.
    pub fn sgz_job_get_result(
        job: *mut sgz_job,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Take the bytes that `job` decompressed or compressed.
    pub fn sgz_job_take_block(
        job: *mut sgz_job,
        block_out: *mut *mut sgz_block,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Take the index that `job` built.
    pub fn sgz_job_take_index(
        job: *mut sgz_job,
        index_out: *mut *mut sgz_index,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Take one more reference to `job`.
    pub fn sgz_job_ref(job: *mut sgz_job) -> *mut sgz_job;

    /// Give up one reference to `job`. A job that is not done runs on.
    pub fn sgz_job_unref(job: *mut sgz_job);
}
