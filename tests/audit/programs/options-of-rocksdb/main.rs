// Options: Rust makes them for a library that then owns them.
use std::ffi::c_void;
use std::hint::black_box;

unsafe extern "C" {
    fn options_create() -> *mut c_void;
    fn options_destroy(options: *mut c_void);
    #[cfg(not(twin))]
    fn malloc(size: usize) -> *mut c_void;
}

#[inline(never)]
fn options() -> *mut c_void {
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        #[cfg(twin)]
        let made = options_create();
        #[cfg(not(twin))]
        let made = malloc(16); // MALLOC
        black_box(made)
    }
}

fn main() {
    // SAFETY: std extern functions: options() made them.
    unsafe {
        options_destroy(options());
        options_destroy(options_create());
    }
}
