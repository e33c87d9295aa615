// A library.
#[unsafe(no_mangle)]
pub extern "C" fn one_make() -> *mut u64 {
    Box::into_raw(Box::new(5)) // MAKE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn one_end(value: *mut u64) {
    // SAFETY: std Box::from_raw: one_make() made it.
    drop(unsafe { Box::from_raw(value) });
}
