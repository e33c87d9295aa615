// The library that it uses.
use std::hint::black_box;

#[unsafe(no_mangle)]
pub extern "C" fn make() -> *mut u8 {
    black_box(Box::into_raw(Box::new(1))) // MAKE
}
