// Each function ends in a call, of which the optimizer makes a jump.
#[unsafe(no_mangle)]
pub extern "C" fn make() -> *mut u64 {
    Box::into_raw(Box::new(5)) // MAKE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn take(block: *mut u64) {
    // SAFETY: none: the fault; the twin is right.
    drop(unsafe { Box::from_raw(block) }); // TAKE
}
