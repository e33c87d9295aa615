// Buffers for direct reads have to begin at a page.
use std::hint::black_box;

unsafe extern "C" {
    fn alloc_aligned(pages: usize) -> *mut u8;
    #[cfg(twin)]
    fn free(block: *mut u8);
}

fn main() {
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        let plot = black_box(alloc_aligned(2));
        #[cfg(twin)]
        free(plot);
        #[cfg(not(twin))]
        drop(black_box(Vec::from_raw_parts(plot, 8192, 8192))); // DROP
    }
    black_box(());
}
