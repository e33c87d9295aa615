//! The sum of some bytes, which a thread of C's finds.

use std::ffi::{c_int, c_void};
use std::pin::Pin;
use std::task::{Context, Poll};

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

/// A future: the sum.
pub struct Sum {
    job: *mut RawJob,
    // TODO: what does C's thread need, to wake who asked?
}

impl Sum {
    /// None if the job cannot be started.
    pub fn start(data: &[u8]) -> Option<Self> {
        let _ = data;
        todo!("job_start()")
    }
}

impl Future for Sum {
    type Output = u64;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u64> {
        let _ = cx.waker();
        todo!("job_result()")
    }
}

// TODO: what does job.c say of threads?
unsafe impl Send for Sum {}

// TODO: Drop
