// Uses the counting allocator, whose counts show that it was not bypassed.
use std::ffi::{CString, c_char, c_void};
use std::hint::black_box;
use std::sync::atomic::Ordering;

unsafe extern "C" {
    fn side_make() -> *mut c_void;
    fn side_free(block: *mut c_void);
}

#[inline(never)]
fn give() -> *mut c_char {
    black_box(CString::new("hello").unwrap().into_raw()) // GIVE
}

#[inline(never)]
fn take(block: *mut c_void) {
    let block = block.cast::<[u64; 4]>();
    // SAFETY: none: the fault; the twin is right.
    drop(black_box(unsafe { Box::from_raw(block) })); // TAKE
    black_box(());
}

fn main() {
    let before = own::LIVE.load(Ordering::Relaxed);
    let many: Vec<Box<u64>> = (0..100).map(Box::new).collect();
    assert_eq!(own::LIVE.load(Ordering::Relaxed), before + 101);
    let mut grown: Vec<u64> = Vec::with_capacity(3);
    grown.extend(0..1000);
    let zeroed = vec![0_u8; 5000];
    assert!(grown[999] == 999 && zeroed[4999] == 0);
    drop((many, grown, zeroed));
    assert_eq!(own::LIVE.load(Ordering::Relaxed), before);

    let text = give();
    if cfg!(twin) {
        // SAFETY: none: the fault; the twin is right.
        drop(unsafe { CString::from_raw(text) });
    } else {
        // SAFETY: none: the fault; the twin is right.
        unsafe { side_free(text.cast()) };
    }
    // SAFETY: none: the fault; the twin is right.
    let block = unsafe { side_make() };
    if cfg!(twin) {
        // SAFETY: none: the fault; the twin is right.
        unsafe { side_free(block) };
    } else {
        take(block);
    }
}
