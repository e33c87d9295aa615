// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rust's memory, booked by the host.
//!
//! By default both languages end up in the same `malloc`, and a block that one
//! allocates and the other frees goes unnoticed. A lane's allocator asks the
//! host instead, which then knows the owner of each block.

use core::ffi::c_void;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::OnceLock;

use crate::abi::ferrule_host;

/// The host's functions, all of them.
struct Functions {
    alloc: unsafe extern "C" fn(usize, usize) -> *mut c_void,
    alloc_zeroed: unsafe extern "C" fn(usize, usize) -> *mut c_void,
    realloc:
        unsafe extern "C" fn(*mut c_void, usize, usize, usize) -> *mut c_void,
    dealloc: unsafe extern "C" fn(*mut c_void, usize, usize),
}

/// A lane's global allocator: the host's functions, once the host is known.
///
/// What was allocated before comes from [`System`]; the host recognises such
/// a block when it is given back, and passes it on to `free`.
pub struct LedgerAllocator {
    host: OnceLock<Functions>,
}

impl LedgerAllocator {
    /// An allocator without a host yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            host: OnceLock::new(),
        }
    }

    /// Allocate from `host` from now on; `None` if it lacks a function. A
    /// second host is ignored.
    pub fn attach(&self, host: &ferrule_host) -> Option<()> {
        // Loaded twice, a lane has been given the same host twice.
        let _ = self.host.set(Functions {
            alloc: host.alloc?,
            alloc_zeroed: host.alloc_zeroed?,
            realloc: host.realloc?,
            dealloc: host.dealloc?,
        });
        Some(())
    }
}

// SAFETY: std GlobalAlloc: the host's four functions keep its contract, as
// System does; neither unwinds. Sizes and alignments come from a Layout.
unsafe impl GlobalAlloc for LedgerAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match self.host.get() {
            // SAFETY: std GlobalAlloc::alloc: passed on.
            Some(host) => unsafe {
                (host.alloc)(layout.size(), layout.align()).cast()
            },
            // SAFETY: std GlobalAlloc::alloc: passed on.
            None => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match self.host.get() {
            // SAFETY: std GlobalAlloc::alloc_zeroed: passed on.
            Some(host) => unsafe {
                (host.alloc_zeroed)(layout.size(), layout.align()).cast()
            },
            // SAFETY: std GlobalAlloc::alloc_zeroed: passed on.
            None => unsafe { System.alloc_zeroed(layout) },
        }
    }

    unsafe fn realloc(
        &self,
        ptr: *mut u8,
        layout: Layout,
        new_size: usize,
    ) -> *mut u8 {
        let (size, align) = (layout.size(), layout.align());
        match self.host.get() {
            // SAFETY: std GlobalAlloc::realloc: passed on; the host takes a
            // block of System's too.
            Some(host) => unsafe {
                (host.realloc)(ptr.cast(), size, align, new_size).cast()
            },
            // SAFETY: std GlobalAlloc::realloc: passed on.
            None => unsafe { System.realloc(ptr, layout, new_size) },
        }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        match self.host.get() {
            // SAFETY: std GlobalAlloc::dealloc: passed on; the host takes a
            // block of System's too.
            Some(host) => unsafe {
                (host.dealloc)(ptr.cast(), layout.size(), layout.align());
            },
            // SAFETY: std GlobalAlloc::dealloc: passed on.
            None => unsafe { System.dealloc(ptr, layout) },
        }
    }
}
