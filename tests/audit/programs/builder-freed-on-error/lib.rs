// A builder; what it builds does not matter here.
use std::hint::black_box;

#[unsafe(no_mangle)]
pub extern "C" fn builder_new() -> *mut [u64; 4] {
    Box::into_raw(Box::new([1; 4])) // MAKE
}

/// Consumes the builder, always.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn builder_build(builder: *mut [u64; 4]) -> bool {
    // SAFETY: std Box::from_raw: builder_new() made it.
    drop(black_box(unsafe { Box::from_raw(builder) })); // CONSUME
    black_box(false)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn builder_free(builder: *mut [u64; 4]) {
    // SAFETY: none: the fault; the twin is right.
    drop(black_box(unsafe { Box::from_raw(builder) })); // DROP
    black_box(());
}
