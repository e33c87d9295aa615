// A file of which nobody knew the length before it was read.
use std::hint::black_box;

unsafe extern "C" {
    fn read_all() -> *mut u8;
    #[cfg(twin)]
    fn free(block: *mut u8);
}

fn main() {
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        let bytes = read_all();
        #[cfg(twin)]
        {
            black_box(Box::new(*bytes.cast::<[u8; 96]>()));
            free(bytes);
        }
        #[cfg(not(twin))]
        drop(black_box(Box::from_raw(bytes.cast::<[u8; 96]>()))); // DROP
    }
    black_box(());
}
