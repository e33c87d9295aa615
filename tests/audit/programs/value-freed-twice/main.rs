// The wrapper of a value: it forgets to duplicate it.
use std::ffi::c_void;

unsafe extern "C" {
    fn context_new() -> *mut c_void;
    #[cfg(not(twin))]
    fn context_value(context: *mut c_void) -> *mut c_void;
    #[cfg(not(twin))]
    fn value_free(value: *mut c_void);
    fn context_free(context: *mut c_void);
}

fn main() {
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        let context = context_new();
        #[cfg(not(twin))]
        value_free(context_value(context));
        context_free(context);
    }
    drop(std::hint::black_box(vec![0_u8; 10]));
}
