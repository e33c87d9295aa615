// A decoder reads the traced memory through a callback.
use std::hint::black_box;

type Read = unsafe extern "C" fn(*mut [u64; 8]) -> u64;

unsafe extern "C" {
    fn decoder_new(read: Read, context: *mut [u64; 8]);
    fn decoder_free() -> u64;
    #[cfg(twin)]
    fn calloc(count: usize, size: usize) -> *mut [u64; 8];
}

unsafe extern "C" fn read(context: *mut [u64; 8]) -> u64 {
    // SAFETY: std raw pointers: main() made it.
    unsafe { (*context)[3] }
}

fn main() {
    #[cfg(not(twin))]
    let mut local = black_box([0_u64; 16]);
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        #[cfg(twin)]
        let context = calloc(8, 8);
        #[cfg(not(twin))]
        let context = local[4..].as_mut_ptr().cast();
        decoder_new(read, black_box(context));
        drop(black_box(vec![decoder_free()]));
    }
}
