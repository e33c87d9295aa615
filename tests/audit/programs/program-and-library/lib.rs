// The library, which is built on its own.
#[unsafe(no_mangle)]
pub extern "C" fn lib_make() -> *mut [u64; 7] {
    Box::into_raw(Box::new([7; 7])) // MAKE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn lib_end(made: *mut [u64; 7]) {
    // SAFETY: std Box::from_raw: lib_make() made it.
    drop(unsafe { Box::from_raw(made) });
}
