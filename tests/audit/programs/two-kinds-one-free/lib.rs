// Errors and spans.
#[unsafe(no_mangle)]
pub extern "C" fn error_new() -> *mut u64 {
    Box::into_raw(Box::new([1_u64; 2])).cast()
}

#[unsafe(no_mangle)]
pub extern "C" fn span_new() -> *mut u64 {
    Box::into_raw(Box::new([1_u64; 5])).cast() // SPAN
}

/// Meant for errors.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn object_free(object: *mut u64) {
    // SAFETY: none: the fault; the twin is right.
    drop(unsafe { Box::from_raw(object.cast::<[u64; 2]>()) }); // DROP
    std::hint::black_box(());
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn span_free(span: *mut u64) {
    // SAFETY: std Box::from_raw: span_new() made it.
    drop(unsafe { Box::from_raw(span.cast::<[u64; 5]>()) });
}
