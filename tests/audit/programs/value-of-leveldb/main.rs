// The database has a function of its own to free what it returns.
use std::ffi::c_void;

unsafe extern "C" {
    fn db_get() -> *mut c_void;
    #[cfg(twin)]
    fn db_free(value: *mut c_void);
    #[cfg(not(twin))]
    fn free(block: *mut c_void);
}

#[inline(never)]
fn get() -> u8 {
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        let value = db_get();
        let first = *value.cast::<u8>();
        #[cfg(twin)]
        db_free(value);
        #[cfg(not(twin))]
        free(value); // FREE
        first
    }
}

fn main() {
    let values: Vec<_> = (0..2).map(|_| get()).collect();
    assert_eq!(values, [7, 7]);
}
