// Rust is the program.
use std::hint::black_box;

unsafe extern "C" {
    fn cpp_make() -> *mut [i64; 5];
    fn cpp_end(gone: *mut [i64; 5]);
    fn cpp_mix();
}

#[inline(never)]
fn give() -> *mut [i64; 5] {
    black_box(Box::into_raw(Box::new([1; 5]))) // GIVE
}

#[inline(never)]
fn take(made: *mut [i64; 5]) {
    // SAFETY: none: the fault; the twin is right.
    drop(black_box(unsafe { Box::from_raw(made) })); // TAKE
    black_box(());
}

fn main() {
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        if cfg!(twin) {
            cpp_end(cpp_make());
            take(give());
        } else {
            take(cpp_make());
            cpp_end(give());
        }
        cpp_mix();
    }
}
