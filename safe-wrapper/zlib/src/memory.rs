// SPDX-License-Identifier: MIT OR Apache-2.0
//! An allocator for zlib: Rust's, with a counter and a limit.

use std::alloc::{Layout, alloc, dealloc};
use std::ffi::{c_uint, c_void};
use std::ptr::null_mut;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

use crate::raw;

/// Rust's memory for streams, counted. A clone is the same counter.
///
/// zlib requires functions that any thread may call: hence the atomics.
#[derive(Debug, Clone)]
pub struct Memory(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    allocated: AtomicU64,
    freed: AtomicU64,
    bytes: AtomicU64,
    /// Blocks that are still granted.
    left: AtomicUsize,
}

impl Memory {
    /// Memory without a limit.
    #[must_use]
    pub fn new() -> Self {
        Self::limited(usize::MAX)
    }

    /// Memory that grants `blocks` blocks, and then no more.
    #[must_use]
    pub fn limited(blocks: usize) -> Self {
        Self(Arc::new(Counts {
            allocated: AtomicU64::new(0),
            freed: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            left: AtomicUsize::new(blocks),
        }))
    }

    /// Blocks that were allocated.
    #[must_use]
    pub fn allocated(&self) -> u64 {
        self.0.allocated.load(Relaxed)
    }

    /// The bytes of them.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.bytes.load(Relaxed)
    }

    /// Blocks that are not freed yet.
    #[must_use]
    pub fn live(&self) -> u64 {
        self.allocated() - self.0.freed.load(Relaxed)
    }

    /// Make `stream` use it. The owner of the stream has to keep a clone.
    pub(crate) fn put_into(&self, stream: &mut raw::z_stream) {
        stream.zalloc = Some(zalloc);
        stream.zfree = Some(zfree);
        stream.opaque = Arc::as_ptr(&self.0).cast_mut().cast();
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

/// Rust's dealloc() needs the size, and zfree() does not get it: it is in
/// front of each block, in so many bytes that the rest stays aligned.
const HEAD: usize = 16;

fn layout(size: usize) -> Option<Layout> {
    Layout::from_size_align(size.checked_add(HEAD)?, HEAD).ok()
}

unsafe extern "C" fn zalloc(
    opaque: *mut c_void,
    items: c_uint,
    size: c_uint,
) -> *mut c_void {
    // SAFETY: zlib zalloc: opaque is the counter, which the stream keeps.
    let counts = unsafe { &*opaque.cast::<Counts>() };
    // in 64 bits: the product of two c_uint does not fit in one
    let size = u64::from(items) * u64::from(size);
    let Some(layout) = usize::try_from(size).ok().and_then(layout) else {
        return null_mut();
    };
    let less = |left: usize| left.checked_sub(1);
    if counts.left.fetch_update(Relaxed, Relaxed, less).is_err() {
        return null_mut();
    }
    // SAFETY: std alloc::alloc: with HEAD it is not empty.
    let block: *mut c_void = unsafe { alloc(layout) }.cast();
    if block.is_null() {
        return null_mut();
    }
    counts.allocated.fetch_add(1, Relaxed);
    counts.bytes.fetch_add(size, Relaxed);
    // SAFETY: std ptr::write: HEAD has room for a Layout's size, aligned.
    unsafe {
        block.cast::<usize>().write(layout.size());
        block.byte_add(HEAD)
    }
}

unsafe extern "C" fn zfree(opaque: *mut c_void, address: *mut c_void) {
    if address.is_null() {
        return;
    }
    // SAFETY: zlib zfree: the same counter, and a block of zalloc()'s, so its
    // size is in front. std alloc::dealloc: it had that layout.
    unsafe {
        (*opaque.cast::<Counts>()).freed.fetch_add(1, Relaxed);
        let block = address.byte_sub(HEAD);
        let size = block.cast::<usize>().read();
        dealloc(block.cast(), Layout::from_size_align_unchecked(size, HEAD));
    }
}
