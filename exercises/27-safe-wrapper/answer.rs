//! A safe wrapper for the stores of store.h.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

#[repr(C)]
struct RawStore {
    _opaque: [u8; 0],
}

#[repr(C)]
struct RawCursor {
    _opaque: [u8; 0],
}

type PutFn = unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char);

unsafe extern "C" {
    fn store_open() -> *mut RawStore;
    fn store_close(store: *mut RawStore) -> u64;
    fn store_put(
        store: *mut RawStore,
        key: *const c_char,
        text: *const c_char,
    ) -> c_int;
    fn store_error(store: *const RawStore) -> *const c_char;
    fn store_get(store: *const RawStore, key: *const c_char) -> *const c_char;
    fn store_watch(
        store: *mut RawStore,
        put: Option<PutFn>,
        user: *mut c_void,
        release: Option<unsafe extern "C" fn(*mut c_void)>,
    );
    fn cursor_open(store: *mut RawStore) -> *mut RawCursor;
    fn cursor_next(cursor: *mut RawCursor) -> *const c_char;
    fn cursor_close(cursor: *mut RawCursor);
}

/// A text of C's.
///
/// # Safety
/// It is NULL, or a string that was made from a `str` and is valid for `'a`.
unsafe fn text<'a>(at: *const c_char) -> Option<&'a str> {
    if at.is_null() {
        return None;
    }
    // SAFETY: task.md: promised.
    unsafe { CStr::from_ptr(at) }.to_str().ok()
}

pub struct Store {
    raw: NonNull<RawStore>,
}

pub struct Cursor {
    raw: NonNull<RawCursor>,
}

// TODO: give these types the lifetimes that they need, and
// impl Store {
//     open: a store; None if there is no memory
//     put: a key and a text, both &str; Err(a String) with the reason, or
//          "a NUL inside"
//     get: the text of a key, as a &str; None if there is none
//     watch: a closure that gets two &str after each put
//     cursor: a cursor; None if there is no memory
//     close: the end of the store, and how many texts were put
// }
// impl Cursor {
//     next: the next key, as a &str; None if there is no more
// }
// TODO: who is dropped how, and what may go to another thread?
