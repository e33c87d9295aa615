// SPDX-License-Identifier: MIT OR Apache-2.0
//! A program that uses a library in C. How it is linked, rustc is told with
//! `--cfg 'way="static"'`, "shared" or "loaded"; the rest is the same.

use std::hint::black_box;

#[cfg(not(way = "loaded"))]
mod tally {
    #[cfg_attr(way = "static", link(name = "tally", kind = "static"))]
    #[cfg_attr(way = "shared", link(name = "tally", kind = "dylib"))]
    unsafe extern "C" {
        pub fn tally_sum(data: *const u8, len: usize) -> u64;
        pub fn tally_mean(data: *const u8, len: usize) -> u64;
    }
}

/// What a linker does, done by the program itself.
#[cfg(way = "loaded")]
mod tally {
    use std::ffi::{CStr, c_char, c_int, c_void};
    use std::mem;

    unsafe extern "C" {
        fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void;
        fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
    }

    type Of = unsafe extern "C" fn(data: *const u8, len: usize) -> u64;

    fn find(name: &CStr) -> Of {
        const NOW: c_int = 2;
        // SAFETY: libc dlopen: the library is trusted. libc dlsym: it has
        // functions of that type, and is never unloaded.
        let found: Option<Of> = unsafe {
            let library = dlopen(c"libtally.so.1".as_ptr(), NOW);
            assert!(!library.is_null(), "no libtally.so.1");
            mem::transmute(dlsym(library, name.as_ptr()))
        };
        found.expect("a symbol")
    }

    pub unsafe fn tally_sum(data: *const u8, len: usize) -> u64 {
        // SAFETY: libc dlsym: see find().
        unsafe { find(c"tally_sum")(data, len) }
    }

    pub unsafe fn tally_mean(data: *const u8, len: usize) -> u64 {
        // SAFETY: libc dlsym: see find().
        unsafe { find(c"tally_mean")(data, len) }
    }
}

fn main() {
    let data = black_box([1_u8, 2, 3, 250]);
    // SAFETY: std slice::as_ptr: data has as many bytes, as tally.h asks.
    let (sum, mean) = unsafe {
        (
            tally::tally_sum(data.as_ptr(), data.len()),
            tally::tally_mean(data.as_ptr(), data.len()),
        )
    };
    println!("sum {sum}, mean {mean}");
}
