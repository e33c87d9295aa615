// A path: C removes the extension.
use std::ffi::{CString, c_char};
use std::hint::black_box;

unsafe extern "C" {
    fn remove_extension(path: *mut c_char);
}

fn main() {
    let path = CString::new("captures.last.rdc").unwrap(); // MAKE
    let path = black_box(path.into_raw());
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        remove_extension(path);
        #[cfg(twin)]
        drop(Vec::from_raw_parts(path.cast::<u8>(), 18, 18));
        #[cfg(not(twin))]
        drop(CString::from_raw(path)); // DROP
    }
    black_box(());
}
