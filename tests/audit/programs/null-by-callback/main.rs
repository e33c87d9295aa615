// The memory functions of a library in C, written in Rust.
use std::alloc::{Layout, alloc, dealloc};

type Alloc = unsafe extern "C" fn(usize) -> *mut u8;
type Free = unsafe extern "C" fn(*mut u8, usize);

unsafe extern "C" {
    fn tls_run(alloc: Alloc, free: Free);
}

unsafe extern "C" fn mem_alloc(size: usize) -> *mut u8 {
    // SAFETY: std alloc::alloc: the library never asks for 0 bytes.
    unsafe { alloc(Layout::from_size_align_unchecked(size, 8)) }
}

unsafe extern "C" fn mem_free(block: *mut u8, size: usize) {
    if cfg!(twin) && block.is_null() {
        return;
    }
    // SAFETY: none: the fault; the twin is right.
    unsafe { dealloc(block, Layout::from_size_align_unchecked(size, 8)) }; // DEALLOC
    std::hint::black_box(());
}

fn main() {
    // SAFETY: std extern functions: these are the functions that it asks for.
    unsafe { tls_run(mem_alloc, mem_free) };
}
