// Jobs for a thread of C's.
use std::ffi::c_void;
use std::hint::black_box;

unsafe extern "C" {
    fn run_all(jobs: *mut *mut c_void, count: usize);
}

#[inline(never)]
fn produce() -> usize {
    let job = black_box(Box::new([1_u64; 6])); // MAKE
    Box::into_raw(job).expose_provenance()
}

#[cfg(twin)]
#[unsafe(no_mangle)]
unsafe extern "C" fn job_free(job: *mut [u64; 6]) {
    // SAFETY: std Box::from_raw: produce() made it.
    drop(unsafe { Box::from_raw(job) });
}

fn main() {
    let producer = std::thread::spawn(|| -> Vec<usize> {
        (0..20).map(|_| produce()).collect()
    });
    let mut jobs: Vec<*mut c_void> = producer
        .join()
        .unwrap()
        .into_iter()
        .map(std::ptr::with_exposed_provenance_mut)
        .collect();
    // SAFETY: none: the fault; the twin is right.
    unsafe { run_all(jobs.as_mut_ptr(), jobs.len()) };
}
