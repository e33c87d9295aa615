// A half of a program in C that was written anew.
#[repr(C)]
pub struct Context {
    screens: [u64; 3],
}

unsafe extern "C" {
    #[cfg(twin)]
    fn free(block: *mut Context);
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn context_delete(context: *mut *mut Context) {
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        #[cfg(twin)]
        free(*context);
        #[cfg(not(twin))]
        drop(Box::from_raw(*context)); // DROP
        *context = std::ptr::null_mut();
    }
}
