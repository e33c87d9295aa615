// C gets a pointer and a length; the capacity is lost on the way.
#[unsafe(no_mangle)]
pub extern "C" fn samples_new() -> *mut i32 {
    let mut samples = Vec::with_capacity(100); // MAKE
    samples.extend([1, 2, 3]);
    #[cfg(twin)]
    let samples = samples.into_boxed_slice();
    Box::leak(Box::new(std::mem::ManuallyDrop::new(samples))).as_mut_ptr()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn samples_free(samples: *mut i32, length: usize) {
    // SAFETY: none: the fault; the twin is right.
    drop(unsafe { Vec::from_raw_parts(samples, length, length) }); // DROP
    std::hint::black_box(());
}
