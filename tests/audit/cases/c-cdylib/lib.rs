// The library. Each function that allocates or frees keeps its frame.
use std::hint::black_box;

pub struct Point(pub i64, pub i64, pub i64);

#[unsafe(no_mangle)]
pub extern "C" fn make_point() -> *mut Point {
    black_box(Box::into_raw(Box::new(Point(1, 2, 3)))) // MAKE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn free_point(point: *mut Point) {
    // SAFETY: none: the fault; the twin is right.
    drop(unsafe { Box::from_raw(point) });
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn keep_bytes(bytes: *mut u8, len: usize) {
    if cfg!(twin) {
        // SAFETY: none: the fault; the twin is right.
        black_box(unsafe { std::slice::from_raw_parts(bytes, len) });
    } else {
        // SAFETY: none: the fault; the twin is right.
        drop(black_box(unsafe { Vec::from_raw_parts(bytes, len, len) })); // DROP
        black_box(());
    }
}
