// Handles, as C sees them: addresses of unknown types.
use std::ffi::c_void;

pub struct Context {
    pub keys: [u64; 6],
}

#[unsafe(no_mangle)]
pub extern "C" fn acquire_handle() -> *mut c_void {
    Box::into_raw(Box::new(Context { keys: [3; 6] })).cast() // MAKE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn free_handle(handle: *mut c_void) {
    #[cfg(twin)]
    let handle: *mut Context = handle.cast();
    // SAFETY: none: the fault; the twin is right.
    drop(unsafe { Box::from_raw(handle) }); // DROP
    std::hint::black_box(());
}
