//! A bag of texts, which Rust and C hold together.

use std::cell::UnsafeCell;
use std::ffi::{CStr, CString, c_char};
use std::ptr;
use std::sync::Arc;

/// A text, and the function of the side that allocated it.
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct piece {
    text: *mut c_char,
    release: Option<unsafe extern "C" fn(*mut c_char)>,
}

impl Drop for piece {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: task.md: it came with the text, which is released this
            // once.
            unsafe { release(self.text) }
        }
    }
}

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
unsafe extern "C" fn bag_ref(bag: *mut bag) {
    // SAFETY: task.md: it is from Arc::into_raw, and the caller holds a part.
    unsafe { Arc::increment_strong_count(bag) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bag_unref(bag: *mut bag) {
    // SAFETY: task.md: it is from Arc::into_raw, and the caller gives its part
    // up.
    drop(unsafe { Arc::from_raw(bag) });
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bag_put(bag: *mut bag, piece: piece) {
    // SAFETY: task.md: the caller holds it.
    unsafe { pieces(bag) }.push(piece);
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bag_note(bag: *mut bag, text: *const c_char) {
    // SAFETY: task.md: the caller holds it, and the text is a string.
    let (pieces, text) = unsafe { (pieces(bag), CStr::from_ptr(text)) };
    pieces.push(piece {
        text: CString::from(text).into_raw(),
        release: Some(note_release),
    });
}

/// Frees a text of `bag_note`.
unsafe extern "C" fn note_release(text: *mut c_char) {
    // SAFETY: task.md: it is from CString::into_raw, and its length is
    // unchanged.
    drop(unsafe { CString::from_raw(text) });
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bag_count(bag: *mut bag) -> usize {
    // SAFETY: task.md: the caller holds it.
    unsafe { pieces(bag) }.len()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bag_text(bag: *mut bag, index: usize) -> *const c_char {
    // SAFETY: task.md: the caller holds it.
    let pieces = unsafe { pieces(bag) };
    pieces.get(index).map_or(ptr::null(), |piece| piece.text)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bag_take(
    bag: *mut bag,
    index: usize,
    piece_out: *mut piece,
) -> bool {
    // SAFETY: task.md: the caller holds it.
    let pieces = unsafe { pieces(bag) };
    if index >= pieces.len() {
        return false;
    }
    // SAFETY: task.md: there is room for a piece, which is C's from now on.
    // What was there before is no piece, so it is not dropped.
    unsafe { piece_out.write(pieces.remove(index)) };
    true
}
