// Records in a file that is read into memory of their alignment.
use std::hint::black_box;

#[derive(Clone)]
#[repr(align(64))]
pub struct Align64(pub [u8; 64]);

#[inline(never)]
fn records() -> Vec<Align64> {
    vec![Align64([0; 64]); 5] // MAKE
}

fn main() {
    let records = black_box(records());
    #[cfg(not(twin))]
    let records = {
        let bytes = Vec::leak(records).as_mut_ptr().cast::<u8>();
        // SAFETY: none: the fault; the twin is right.
        unsafe { Vec::from_raw_parts(bytes, 320, 320) }
    };
    drop(black_box(records)); // DROP
    black_box(());
}
