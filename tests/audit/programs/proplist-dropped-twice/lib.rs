// A list of properties.
use std::hint::black_box;

#[unsafe(no_mangle)]
pub extern "C" fn proplist_new() -> *mut [u64; 5] {
    Box::into_raw(Box::new([1; 5])) // MAKE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn proplist_iterate(list: *mut [u64; 5]) -> u64 {
    // SAFETY: none: the fault; the twin is right.
    let list = unsafe { Box::from_raw(list) };
    let sum = black_box(list.iter().sum());
    #[cfg(twin)]
    let _ = Box::into_raw(list);
    #[cfg(not(twin))]
    drop(black_box(list)); // DROP
    black_box(sum)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn proplist_free(list: *mut [u64; 5]) {
    // SAFETY: std Box::from_raw: proplist_new() made it.
    drop(unsafe { Box::from_raw(list) });
}
