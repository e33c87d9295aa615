// A picture: it is 16 pixels wide and 16 high.
use std::ptr::slice_from_raw_parts_mut;

unsafe extern "C" {
    fn decode(width: usize, height: usize) -> *mut u32;
    #[cfg(twin)]
    fn decode_free(picture: *mut u32);
}

struct Picture(*mut [u32]);

#[inline(never)]
fn end(picture: Picture) {
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        #[cfg(twin)]
        decode_free(picture.0.cast());
        #[cfg(not(twin))]
        drop(Box::from_raw(picture.0)); // DROP
    }
    std::hint::black_box(());
}

fn main() {
    // SAFETY: std extern functions: the picture has 256 pixels.
    let pixels = unsafe { slice_from_raw_parts_mut(decode(16, 16), 256) };
    end(Picture(pixels));
}
