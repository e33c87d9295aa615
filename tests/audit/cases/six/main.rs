// Rust is the program: it gives blocks to C, and takes blocks of C's.
use std::ffi::{CString, c_char, c_void};
use std::hint::black_box;

unsafe extern "C" {
    fn side_take(text: *mut c_char, pair: *mut c_void, slice: *mut i32);
    fn side_text() -> *mut c_char;
    fn side_array() -> *mut i32;
    fn side_struct() -> *mut c_void;
    #[cfg(twin)]
    fn side_free(block: *mut c_void);
}

#[inline(never)]
fn give_text() -> *mut c_char {
    black_box(CString::new("hello").unwrap().into_raw()) // TEXT
}

#[inline(never)]
fn give_box() -> *mut c_void {
    black_box(Box::into_raw(Box::new([1_u64; 4])).cast()) // BOX
}

#[inline(never)]
fn give_slice() -> *mut i32 {
    let slice = vec![1_i32, 2, 3, 4, 5].into_boxed_slice(); // SLICE
    black_box(Box::into_raw(slice).cast())
}

#[cfg(twin)]
mod back {
    use super::*;

    #[unsafe(no_mangle)]
    unsafe extern "C" fn rust_free_text(text: *mut c_char) {
        // SAFETY: none: the fault; the twin is right.
        drop(unsafe { CString::from_raw(text) });
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn rust_free_box(pair: *mut [u64; 4]) {
        // SAFETY: none: the fault; the twin is right.
        drop(unsafe { Box::from_raw(pair) });
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn rust_free_slice(slice: *mut i32) {
        let slice = std::ptr::slice_from_raw_parts_mut(slice, 5);
        // SAFETY: none: the fault; the twin is right.
        drop(unsafe { Box::from_raw(slice) });
    }
}

#[cfg(not(twin))]
mod take {
    use super::*;

    #[inline(never)]
    pub fn take_text(text: *mut c_char) {
        // SAFETY: none: the fault; the twin is right.
        drop(black_box(unsafe { CString::from_raw(text) })); // TAKE_TEXT
        black_box(());
    }

    #[inline(never)]
    pub fn take_array(array: *mut i32) {
        // SAFETY: none: the fault; the twin is right.
        drop(black_box(unsafe { Vec::from_raw_parts(array, 6, 6) })); // TAKE_ARRAY
        black_box(());
    }

    #[inline(never)]
    pub fn take_struct(pair: *mut c_void) {
        // SAFETY: none: the fault; the twin is right.
        drop(black_box(unsafe { Box::from_raw(pair.cast::<[u64; 2]>()) })); // TAKE_STRUCT
        black_box(());
    }
}

#[cfg(twin)]
mod take {
    use super::*;

    pub fn take_text(text: *mut c_char) {
        // SAFETY: none: the fault; the twin is right.
        unsafe { side_free(text.cast()) };
    }

    pub fn take_array(array: *mut i32) {
        // SAFETY: none: the fault; the twin is right.
        unsafe { side_free(array.cast()) };
    }

    pub fn take_struct(pair: *mut c_void) {
        // SAFETY: none: the fault; the twin is right.
        unsafe { side_free(pair) };
    }
}

fn main() {
    // SAFETY: none: the fault; the twin is right.
    unsafe {
        side_take(give_text(), give_box(), give_slice());
        take::take_text(side_text());
        take::take_array(side_array());
        take::take_struct(side_struct());
    }
}
