// Another library, which has the same type.
#[unsafe(no_mangle)]
pub extern "C" fn two_make() -> *mut u64 {
    Box::into_raw(Box::new(6))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn two_end(value: *mut u64) {
    // SAFETY: none: the fault; the twin is right.
    drop(unsafe { Box::from_raw(value) }); // END
    std::hint::black_box(());
}
