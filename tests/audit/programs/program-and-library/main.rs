// The program. That the library is Rust, too, does not help.
use std::hint::black_box;

unsafe extern "C" {
    fn lib_make() -> *mut [u64; 7];
    #[cfg(twin)]
    fn lib_end(made: *mut [u64; 7]);
}

#[inline(never)]
fn end(made: *mut [u64; 7]) {
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        #[cfg(twin)]
        lib_end(made);
        #[cfg(not(twin))]
        drop(Box::from_raw(made)); // END
    }
    black_box(());
}

fn main() {
    // SAFETY: std extern functions: it has no requirements.
    end(unsafe { lib_make() });
    drop(black_box(Box::new(1)));
}
