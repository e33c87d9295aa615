// SPDX-License-Identifier: MIT OR Apache-2.0
//! A block of Rust's that C frees, and one of C's that Rust frees: the heap of
//! Rust is that of a crate, so neither may reach the other heap in the twin.
use std::ffi::c_void;
use std::hint::black_box;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static HEAP: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[cfg(feature = "jemalloc")]
#[global_allocator]
static HEAP: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

unsafe extern "C" {
    fn malloc(size: usize) -> *mut c_void;
    fn free(block: *mut c_void);
}

#[inline(never)]
fn give() -> *mut [u64; 4] {
    black_box(Box::into_raw(Box::new([1; 4]))) // GIVE
}

#[inline(never)]
fn free_by_c(block: *mut c_void) {
    // SAFETY: none: the fault; without "wrong" it is malloc()'s.
    unsafe { free(black_box(block)) }; // FREE
    black_box(());
}

fn main() {
    let wrong = std::env::args().nth(1).is_some();
    let block = give();
    // SAFETY: libc malloc: it may be called with any size.
    free_by_c(unsafe { malloc(100) });
    if wrong {
        free_by_c(block.cast());
    } else {
        // SAFETY: std Box::from_raw: give() made it.
        drop(unsafe { Box::from_raw(block) });
    }
}
