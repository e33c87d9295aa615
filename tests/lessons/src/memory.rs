// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the library allocates: counted by an allocator that is its default.

use core::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

use sgz_sys_handwritten::{
    sgz_allocator, sgz_allocator_libc, sgz_allocator_set_default, sgz_status,
};

static ALLOCS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);
static LIVE: AtomicI64 = AtomicI64::new(0);

/// What was allocated since the process began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub allocs: u64,
    pub bytes: u64,
}

impl Usage {
    pub fn now() -> Self {
        Self {
            allocs: ALLOCS.load(Relaxed),
            bytes: BYTES.load(Relaxed),
        }
    }
}

/// Blocks of the library that nobody freed.
pub fn live() -> i64 {
    LIVE.load(Relaxed)
}

/// Begin to count; a lesson may have put another default in place.
pub fn count() {
    let allocator = sgz_allocator {
        alloc: Some(alloc),
        realloc: Some(realloc),
        free: Some(free),
        ctx: ptr::null_mut(),
    };
    // SAFETY: sgz_allocator_set_default/Threads: one cell runs at a time.
    // /Lifetime: there is no ctx.
    let status = unsafe {
        sgz_allocator_set_default(&raw const allocator, ptr::null_mut())
    };

    // The library refuses while a block is alive, which an earlier lesson
    // may have leaked: then it is one of ours, and so is the default.
    let leaked = status == sgz_status::SGZ_E_STATE && live() > 0;
    assert!(status == sgz_status::SGZ_OK || leaked, "it cannot count");
}

unsafe extern "C" fn alloc(_: *mut c_void, size: usize) -> *mut c_void {
    ALLOCS.fetch_add(1, Relaxed);
    BYTES.fetch_add(size as u64, Relaxed);
    LIVE.fetch_add(1, Relaxed);
    // SAFETY: sgz_allocator.alloc/Ownership: malloc's block is passed on.
    unsafe { (sgz_allocator_libc.alloc.unwrap())(ptr::null_mut(), size) }
}

unsafe extern "C" fn realloc(
    _: *mut c_void,
    block: *mut c_void,
    size: usize,
) -> *mut c_void {
    ALLOCS.fetch_add(1, Relaxed);
    BYTES.fetch_add(size as u64, Relaxed);
    // SAFETY: sgz_allocator.realloc/Ownership: the block is malloc's.
    unsafe {
        (sgz_allocator_libc.realloc.unwrap())(ptr::null_mut(), block, size)
    }
}

unsafe extern "C" fn free(_: *mut c_void, block: *mut c_void) {
    LIVE.fetch_sub(1, Relaxed);
    // SAFETY: sgz_allocator.free/Ownership: the block is malloc's.
    unsafe { (sgz_allocator_libc.free.unwrap())(ptr::null_mut(), block) }
}
