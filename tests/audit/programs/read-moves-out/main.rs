// A key that is taken out of its holder.
use std::hint::black_box;
use std::mem::ManuallyDrop;

struct Holder {
    key: ManuallyDrop<Box<[u8; 72]>>,
}

fn main() {
    let key = black_box(Box::new([1_u8; 72])); // MAKE
    let mut holder = black_box(Holder {
        key: ManuallyDrop::new(key),
    });
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        #[cfg(not(twin))]
        drop(black_box(std::ptr::read(&*holder.key))); // FIRST
        black_box(&mut holder);
        #[cfg(not(twin))]
        drop(ManuallyDrop::take(&mut holder.key)); // SECOND
        #[cfg(twin)]
        drop(ManuallyDrop::take(&mut holder.key));
    }
    drop(black_box(vec![0_u8; 10]));
}
