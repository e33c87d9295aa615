// An index: C sees the part that has a C layout.
#[repr(C)]
pub struct Index {
    secret: [u64; 4],
    shared: [u64; 6],
}

#[unsafe(no_mangle)]
pub extern "C" fn index_new() -> *mut [u64; 6] {
    let index = Index {
        secret: [16; 4],
        shared: [2; 6],
    };
    let index = Box::into_raw(Box::new(index)); // MAKE
    // SAFETY: std raw pointers: the index was just made.
    unsafe {
        std::hint::black_box((*index).secret);
        &raw mut (*index).shared
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn index_free(shared: *mut [u64; 6]) {
    #[cfg(twin)]
    let shared = shared.wrapping_byte_sub(32).cast::<Index>();
    // SAFETY: none: the fault; the twin is right.
    drop(unsafe { Box::from_raw(shared) }); // DROP
    std::hint::black_box(());
}
