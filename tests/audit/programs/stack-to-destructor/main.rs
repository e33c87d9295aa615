// A key, which C may keep in a block of its own only.
use std::hint::black_box;

unsafe extern "C" {
    #[cfg(twin)]
    fn key_new() -> *mut u64;
    fn key_free(key: *mut u64);
}

fn main() {
    #[cfg(not(twin))]
    let mut local = black_box([0_u64; 8]);
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        #[cfg(twin)]
        let key = key_new();
        #[cfg(not(twin))]
        let key = local[2..].as_mut_ptr();
        key_free(black_box(key));
    }
    drop(black_box(vec![0_u8; 10]));
}
