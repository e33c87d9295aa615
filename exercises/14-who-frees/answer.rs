//! A bag of texts, which Rust and C hold together.

use std::cell::UnsafeCell;
use std::ffi::c_char;
use std::ptr;
use std::sync::Arc;

/// A text, and the function of the side that allocated it.
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct piece {
    text: *mut c_char,
    release: Option<unsafe extern "C" fn(*mut c_char)>,
}

// TODO: who frees a piece that is dropped?

/// It lies in an `Arc`, and each holder has a part of its count.
#[allow(non_camel_case_types)]
pub struct bag {
    pieces: UnsafeCell<Vec<piece>>,
}

/// The pieces, until the next call.
///
/// # Safety
/// The caller of the function in bag.h holds the bag, and no other thread is in
/// such a function.
unsafe fn pieces<'a>(bag: *mut bag) -> &'a mut Vec<piece> {
    // SAFETY: task.md: promised.
    unsafe { &mut *(*bag).pieces.get() }
}

#[unsafe(no_mangle)]
extern "C" fn bag_new() -> *mut bag {
    Arc::into_raw(Arc::new(bag {
        pieces: UnsafeCell::default(),
    }))
    .cast_mut()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bag_ref(_bag: *mut bag) {
    // TODO: one part of the count more
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bag_unref(_bag: *mut bag) {
    // TODO: one part less
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bag_put(bag: *mut bag, piece: piece) {
    // SAFETY: task.md: the caller holds it.
    unsafe { pieces(bag) }.push(piece);
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bag_note(_bag: *mut bag, _text: *const c_char) {
    // TODO: put a copy there that is Rust's, and what frees it
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bag_count(bag: *mut bag) -> usize {
    // SAFETY: task.md: the caller holds it.
    unsafe { pieces(bag) }.len()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bag_text(_bag: *mut bag, _index: usize) -> *const c_char {
    // TODO: lend a text
    ptr::null()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bag_take(
    _bag: *mut bag,
    _index: usize,
    _piece_out: *mut piece,
) -> bool {
    // TODO: hand a piece out
    false
}
