// A Vec of one type is freed as that of another, and a text as a shorter one.
use std::hint::black_box;

#[derive(Clone, Copy)]
#[repr(align(64))]
struct Wide(#[allow(dead_code)] u8);

#[inline(never)]
fn aligned() -> Vec<Wide> {
    black_box(vec![Wide(1); 10]) // ALIGNED
}

#[inline(never)]
fn as_bytes(wide: Vec<Wide>) {
    if cfg!(twin) {
        return drop(wide);
    }
    let mut wide = std::mem::ManuallyDrop::new(wide);
    let bytes = wide.as_mut_ptr().cast::<u8>();
    // SAFETY: none: the fault; the twin is right.
    drop(black_box(unsafe { Vec::from_raw_parts(bytes, 640, 640) })); // BYTES
    black_box(());
}

#[inline(never)]
fn long() -> Vec<u8> {
    black_box(vec![b'x'; 40]) // LONG
}

#[inline(never)]
fn shorter(text: Vec<u8>) {
    let text = std::mem::ManuallyDrop::new(text);
    let len = if cfg!(twin) { 40 } else { 12 };
    let start = text.as_ptr().cast_mut();
    // SAFETY: none: the fault; the twin is right.
    drop(black_box(unsafe { Vec::from_raw_parts(start, len, len) })); // SHORTER
    black_box(());
}

#[inline(never)]
fn grown() {
    let mut numbers: Vec<u64> = Vec::with_capacity(5);
    numbers.extend([1, 2, 3, 4, 5]);
    numbers.reserve_exact(5); // GROWN
    let mut numbers = std::mem::ManuallyDrop::new(black_box(numbers));
    let room = if cfg!(twin) { 10 } else { 5 };
    let start = numbers.as_mut_ptr();
    // SAFETY: none: the fault; the twin is right.
    drop(black_box(unsafe { Vec::from_raw_parts(start, 5, room) })); // HALF
    black_box(());
}

fn main() {
    as_bytes(aligned());
    shorter(long());
    grown();
}
