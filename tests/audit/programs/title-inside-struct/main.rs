// The title of a disc: it belongs to the disc.
use std::ffi::{CStr, CString, c_char};
use std::hint::black_box;

pub enum Disc {}

unsafe extern "C" {
    fn disc_new() -> *mut Disc;
    fn disc_title(disc: *mut Disc) -> *mut c_char;
    fn disc_free(disc: *mut Disc);
}

fn main() {
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        let disc = disc_new();
        #[cfg(twin)]
        let title = CString::from(CStr::from_ptr(disc_title(disc)));
        #[cfg(not(twin))]
        let title = CString::from_raw(disc_title(disc));
        drop(black_box(title)); // DROP
        disc_free(disc);
    }
    black_box(());
}
