// A plugin. Its constructor allocates, before dlopen() has returned.
use std::hint::black_box;

extern "C" fn begin() {
    drop(black_box(vec![1_u8; 77]));
}

#[used]
#[unsafe(link_section = ".init_array")]
static BEGIN: extern "C" fn() = begin;

#[unsafe(no_mangle)]
pub extern "C" fn make() -> *mut i64 {
    black_box(Box::into_raw(Box::new(5))) // MAKE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn end(value: *mut i64) {
    // SAFETY: none: the fault; the twin is right.
    drop(black_box(unsafe { Box::from_raw(value) })); // END
    black_box(());
}
