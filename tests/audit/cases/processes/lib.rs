// A library whose constructor allocates: before main(), and before the
// constructors of the program.
use std::hint::black_box;
use std::sync::atomic::{AtomicPtr, Ordering};

static EARLY: AtomicPtr<[u8; 3]> = AtomicPtr::new(std::ptr::null_mut());

extern "C" fn begin() {
    let early = black_box(Box::into_raw(Box::new([1, 2, 3]))); // BEGIN
    EARLY.store(early, Ordering::Relaxed);
}

#[used]
#[unsafe(link_section = ".init_array")]
static BEGIN: extern "C" fn() = begin;

#[unsafe(no_mangle)]
pub extern "C" fn early() -> *mut [u8; 3] {
    EARLY.load(Ordering::Relaxed)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn end_early(early: *mut [u8; 3]) {
    // SAFETY: none: the fault; the twin is right.
    drop(unsafe { Box::from_raw(early) });
}

#[unsafe(no_mangle)]
pub extern "C" fn make() -> *mut u32 {
    black_box(Box::into_raw(Box::new(7))) // MAKE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn take(block: *mut [u64; 125]) {
    // SAFETY: none: the fault; the twin is right.
    drop(black_box(unsafe { Box::from_raw(block) })); // TAKE
    black_box(());
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn unmake(block: *mut u32) {
    // SAFETY: none: the fault; the twin is right.
    drop(unsafe { Box::from_raw(block) });
}
