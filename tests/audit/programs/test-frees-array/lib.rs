// An array of Rust's, and the function that it goes back through.
use std::ptr::slice_from_raw_parts_mut;

#[unsafe(no_mangle)]
pub extern "C" fn get_heights(count: usize) -> *mut u32 {
    let heights = vec![800_000_u32; count]; // MAKE
    Box::into_raw(heights.into_boxed_slice()).cast()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn heights_free(heights: *mut u32, count: usize) {
    // SAFETY: std Box::from_raw: get_heights() made it, with this count.
    drop(unsafe { Box::from_raw(slice_from_raw_parts_mut(heights, count)) });
}
