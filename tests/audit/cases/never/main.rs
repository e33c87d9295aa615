// What Rust frees, and does not own.
use std::alloc::{Layout, dealloc};
use std::hint::black_box;

unsafe extern "C" {
    fn in_child(mistake: extern "C" fn());
    safe fn side_twice();
    safe fn side_stack();
    safe fn side_thread_stack();
    safe fn side_mapped();
}

extern "C" fn twice() {
    let one = black_box(Box::into_raw(Box::new([0_u64; 6]))); // TWICE
    // SAFETY: none: the fault; the twin is right.
    drop(unsafe { Box::from_raw(one) }); // FIRST
    if !cfg!(twin) {
        // SAFETY: none: the fault; the twin is right.
        drop(unsafe { Box::from_raw(black_box(one)) }); // SECOND
    }
}

extern "C" fn inside() {
    let mut block = black_box(vec![0_u64; 100]); // BLOCK
    if !cfg!(twin) {
        // SAFETY: none: the fault; the twin is right.
        let middle = unsafe { block.as_mut_ptr().add(2) };
        // SAFETY: none: the fault; the twin is right.
        drop(black_box(unsafe { Box::from_raw(middle) })); // INSIDE
    }
}

extern "C" fn literal() {
    if !cfg!(twin) {
        let text = c"borrowed".as_ptr().cast_mut();
        let layout = Layout::new::<[u8; 9]>();
        // SAFETY: none: the fault; the twin is right.
        unsafe { dealloc(black_box(text).cast(), layout) }; // LITERAL
    }
}

extern "C" fn null() {
    if !cfg!(twin) {
        let nothing = black_box(std::ptr::null_mut());
        // SAFETY: none: the fault; the twin is right.
        unsafe { dealloc(nothing, Layout::new::<u64>()) }; // NULL
    }
}

extern "C" fn c_twice() {
    side_twice();
}

extern "C" fn c_stack() {
    side_stack();
}

extern "C" fn c_thread_stack() {
    side_thread_stack();
}

extern "C" fn c_mapped() {
    side_mapped();
}

fn main() {
    for mistake in [
        twice,
        inside,
        literal,
        null,
        c_twice,
        c_stack,
        c_thread_stack,
        c_mapped,
    ] as [extern "C" fn(); 8]
    {
        // SAFETY: none: the fault; the twin is right.
        unsafe { in_child(mistake) };
    }
}
