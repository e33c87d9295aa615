// A configuration, and how it is freed.
use std::hint::black_box;

#[unsafe(no_mangle)]
pub extern "C" fn config_new(version: u32) -> *mut [u32; 8] {
    match version {
        1 => Box::into_raw(black_box(Box::new([version; 8]))),
        _ => std::ptr::null_mut(),
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn config_free(config: *mut [u32; 8]) {
    if cfg!(twin) && config.is_null() {
        return;
    }
    // SAFETY: none: the fault; the twin is right.
    drop(unsafe { Box::from_raw(config) }); // DROP
    black_box(());
}
