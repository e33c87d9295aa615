// Allocates by Rust's default allocator, which uses that heap.
use std::hint::black_box;

#[unsafe(no_mangle)]
pub extern "C" fn make() -> *mut [u64; 3] {
    black_box(Box::into_raw(Box::new([1; 3]))) // MAKE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn unmake(block: *mut [u64; 3]) {
    // SAFETY: none: the fault; the twin is right.
    drop(unsafe { Box::from_raw(block) });
}
