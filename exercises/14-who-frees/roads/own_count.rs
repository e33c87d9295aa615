//! A bag of texts, which Rust and C hold together: it counts for itself.

use std::ffi::{CStr, CString, c_char};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering, fence};

#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct piece {
    text: *mut c_char,
    release: Option<unsafe extern "C" fn(*mut c_char)>,
}

#[allow(non_camel_case_types)]
pub struct bag {
    holders: AtomicUsize,
    pieces: Vec<piece>,
}

#[unsafe(no_mangle)]
extern "C" fn bag_new() -> *mut bag {
    Box::into_raw(Box::new(bag {
        holders: AtomicUsize::new(1),
        pieces: Vec::new(),
    }))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bag_ref(bag: *mut bag) {
    // SAFETY: task.md: the caller holds it.
    unsafe { &*bag }.holders.fetch_add(1, Ordering::Relaxed);
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bag_unref(bag: *mut bag) {
    // SAFETY: task.md: the caller holds it until now.
    if unsafe { &*bag }.holders.fetch_sub(1, Ordering::Release) > 1 {
        return;
    }
    fence(Ordering::Acquire);
    // SAFETY: task.md: it was the last one, so the box is ours.
    let bag = unsafe { Box::from_raw(bag) };
    for piece in bag.pieces {
        if let Some(release) = piece.release {
            // SAFETY: task.md: it came with the text, which is released this
            // once.
            unsafe { release(piece.text) }
        }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bag_put(bag: *mut bag, piece: piece) {
    // SAFETY: task.md: the caller holds it.
    unsafe { &mut (*bag).pieces }.push(piece);
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bag_note(bag: *mut bag, text: *const c_char) {
    // SAFETY: task.md: it is a string.
    let text = unsafe { CStr::from_ptr(text) }.to_owned().into_raw();
    let release = Some(release_note as unsafe extern "C" fn(*mut c_char));
    // SAFETY: task.md: the caller holds the bag.
    unsafe { bag_put(bag, piece { text, release }) }
}

unsafe extern "C" fn release_note(text: *mut c_char) {
    // SAFETY: task.md: it is from CString::into_raw.
    drop(unsafe { CString::from_raw(text) });
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bag_count(bag: *mut bag) -> usize {
    // SAFETY: task.md: the caller holds it.
    unsafe { &mut (*bag).pieces }.len()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bag_text(bag: *mut bag, index: usize) -> *const c_char {
    // SAFETY: task.md: the caller holds it.
    let pieces = unsafe { &mut (*bag).pieces };
    pieces.get(index).map_or(ptr::null(), |piece| piece.text)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bag_take(
    bag: *mut bag,
    index: usize,
    piece_out: *mut piece,
) -> bool {
    // SAFETY: task.md: the caller holds it.
    let pieces = unsafe { &mut (*bag).pieces };
    if index >= pieces.len() {
        return false;
    }
    // SAFETY: task.md: there is room for a piece.
    unsafe { piece_out.write(pieces.remove(index)) };
    true
}
