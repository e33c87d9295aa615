// A plane of an image: 1000 samples of 16 bits.
use std::ffi::c_void;

#[cfg(twin)]
type Plane = [u16; 1000];
#[cfg(not(twin))]
type Plane = c_void;

#[unsafe(no_mangle)]
pub extern "C" fn plane_new() -> *mut c_void {
    Box::into_raw(Box::new([9_u16; 1000])).cast() // MAKE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn plane_free(plane: *mut c_void) {
    // SAFETY: none: the fault; the twin is right.
    drop(unsafe { Box::from_raw(plane.cast::<Plane>()) }); // DROP
    std::hint::black_box(());
}
