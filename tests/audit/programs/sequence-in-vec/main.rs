// The safe half: what C fetched is copied, and then somebody has to free it.
use std::hint::black_box;

unsafe extern "C" {
    fn fetch_sequence(length: usize) -> *mut u8;
    #[cfg(twin)]
    fn free(block: *mut u8);
}

#[inline(never)]
fn fetch(length: usize) -> Vec<u8> {
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        let sequence = fetch_sequence(length);
        let copy = std::slice::from_raw_parts(sequence, length).to_vec();
        #[cfg(twin)]
        free(sequence);
        #[cfg(not(twin))]
        drop(Vec::from_raw_parts(sequence, length, length)); // DROP
        copy
    }
}

fn main() {
    assert_eq!(black_box(fetch(60))[59], b'N');
}
