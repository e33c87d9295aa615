// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 16: a plugin in Rust that keeps a thread's own data, with a
//! destructor unless it is compiled with `--cfg plain`. It compresses nothing:
//! each block is stored.

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::{NonNull, null_mut};

struct Count(Cell<u64>);

#[cfg(not(plain))]
impl Drop for Count {
    fn drop(&mut self) {
        self.0.set(0);
    }
}

thread_local!(static COUNT: Count = const { Count(Cell::new(0)) });

#[repr(C)]
pub struct Vtable {
    size: usize,
    abi: u32,
    levels: [i32; 3],
    name: *const c_char,
    version: *const c_char,
    new_encoder: extern "C" fn(i32, *const c_void) -> *mut c_void,
    compress: extern "C" fn(
        *mut c_void,
        *const c_void,
        usize,
        *mut c_void,
        usize,
        *mut usize,
    ) -> c_int,
    free_encoder: extern "C" fn(*mut c_void),
    new_decoder: extern "C" fn(*const c_void) -> *mut c_void,
    decompress: extern "C" fn(
        *mut c_void,
        *const c_void,
        usize,
        *mut c_void,
        usize,
        usize,
        *mut usize,
    ) -> c_int,
    part: *mut c_void,
    free_decoder: extern "C" fn(*mut c_void),
}

// SAFETY: sgz_codec_plugin_fn/Threads: any thread reads the table, and it is
// constant, with all that it points to.
unsafe impl Sync for Vtable {}

const NAME: &CStr = c"thread-rs";

static FUNCTIONS: Vtable = Vtable {
    size: size_of::<Vtable>(),
    abi: 1,
    levels: [1, 1, 1],
    name: NAME.as_ptr(),
    version: c"1".as_ptr(),
    new_encoder,
    compress,
    free_encoder: free,
    new_decoder,
    decompress,
    part: null_mut(),
    free_decoder: free,
};

const NO_ROOM: c_int = 1;
const CORRUPT: c_int = 2;

/// It has no state of its own: any address but NULL will do.
fn coder() -> *mut c_void {
    NonNull::dangling().as_ptr()
}

extern "C" fn new_encoder(_: i32, _: *const c_void) -> *mut c_void {
    coder()
}

extern "C" fn new_decoder(_: *const c_void) -> *mut c_void {
    coder()
}

extern "C" fn free(_: *mut c_void) {}

extern "C" fn compress(
    _: *mut c_void,
    _: *const c_void,
    _: usize,
    _: *mut c_void,
    _: usize,
    _: *mut usize,
) -> c_int {
    // the first use registers the destructor, if there is one
    COUNT.with(|count| count.0.set(count.0.get() + 1));
    NO_ROOM
}

extern "C" fn decompress(
    _: *mut c_void,
    _: *const c_void,
    _: usize,
    _: *mut c_void,
    _: usize,
    _: usize,
    _: *mut usize,
) -> c_int {
    CORRUPT
}

#[unsafe(no_mangle)]
pub extern "C" fn sgz_codec_plugin(_: u32) -> *const Vtable {
    &raw const FUNCTIONS
}
