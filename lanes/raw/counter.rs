// SPDX-License-Identifier: MIT OR Apache-2.0
//! An allocator for the library, written in Rust: three functions that C
//! calls, and a counter behind their ctx.

use core::ffi::c_void;
use std::alloc::{Layout, alloc, dealloc, realloc};
use std::cell::Cell;
use std::ptr::null_mut;

use ferrule_lane::Recorder;

use super::super::sys::*;

/// Counts what it passes on to Rust's allocator, and can fail once.
#[derive(Default)]
pub struct Counter {
    allocs: Cell<i64>,
    frees: Cell<i64>,
    bytes: Cell<usize>,
    left: Cell<i64>, // so many are granted before one is not; -1: all
}

impl Counter {
    /// This counter as C's allocator: `ctx` is its address.
    #[must_use]
    pub fn allocator(&self) -> sgz_allocator {
        sgz_allocator {
            alloc: Some(counted_alloc),
            realloc: Some(counted_realloc),
            free: Some(counted_free),
            ctx: (&raw const *self).cast_mut().cast(),
        }
    }

    /// Begin to count anew; grant `left` blocks, or all if it is -1.
    pub fn reset(&self, left: i64) {
        self.allocs.set(0);
        self.frees.set(0);
        self.bytes.set(0);
        self.left.set(left);
    }

    /// How to lay out a block of `size` bytes; None: it is not granted.
    fn grant(&self, size: usize) -> Option<Layout> {
        if self.left.replace(self.left.get() - 1) == 0 {
            return None;
        }
        self.bytes.set(self.bytes.get() + size);
        layout(size)
    }

    /// Blocks that are not freed yet.
    #[must_use]
    pub fn live(&self) -> i64 {
        self.allocs.get() - self.frees.get()
    }

    /// Record what was counted.
    pub fn record(&self, rec: &mut Recorder) {
        rec.int("allocated", self.allocs.get());
        rec.int("bytes", self.bytes.get());
        rec.int("live", self.live());
    }
}

/// Rust's dealloc() wants the size that C's free() knows by itself: it stands
/// in front of each block, in so many bytes that the rest stays aligned.
const HEAD: usize = 16;

fn layout(size: usize) -> Option<Layout> {
    Layout::from_size_align(size.checked_add(HEAD)?, HEAD).ok()
}

/// Put `size` in front, and step over it.
///
/// # Safety
///
/// `block` is NULL, or has HEAD bytes and more, aligned to HEAD.
unsafe fn stamp(block: *mut c_void, size: usize) -> *mut c_void {
    if block.is_null() {
        return null_mut();
    }
    // SAFETY: std ptr::write: stamp/Safety: there is room for a usize.
    unsafe {
        block.cast::<usize>().write(size);
        block.byte_add(HEAD)
    }
}

unsafe extern "C" fn counted_alloc(
    ctx: *mut c_void,
    size: usize,
) -> *mut c_void {
    // SAFETY: sgz_writer_open/Lifetime, sgz_reader_open/Lifetime: ctx is the
    // lesson's counter, which outlives the handles.
    // sgz_allocator.alloc/Threads: on its thread, so cells will do.
    let counter = unsafe { &*ctx.cast::<Counter>() };
    let Some(layout) = counter.grant(size) else {
        return null_mut();
    };
    counter.allocs.set(counter.allocs.get() + 1);
    // SAFETY: std alloc::alloc: with HEAD it is not empty. stamp/Safety: and
    // there is room for HEAD, or it is NULL.
    unsafe { stamp(alloc(layout).cast(), size) }
}

unsafe extern "C" fn counted_realloc(
    ctx: *mut c_void,
    ptr: *mut c_void,
    size: usize,
) -> *mut c_void {
    // SAFETY: sgz_allocator.realloc/Threads: the same counter, as above.
    let counter = unsafe { &*ctx.cast::<Counter>() };
    let Some(new) = counter.grant(size) else {
        return null_mut(); // and the old block stays
    };
    // SAFETY: sgz_allocator.realloc/Ownership: the block is one of ours, so
    // its size stands in front. std alloc::realloc: with that same layout.
    // stamp/Safety: as above.
    unsafe {
        let head = ptr.byte_sub(HEAD).cast::<usize>();
        let Some(old) = layout(head.read()) else {
            return null_mut();
        };
        stamp(realloc(head.cast(), old, new.size()).cast(), size)
    }
}

unsafe extern "C" fn counted_free(ctx: *mut c_void, ptr: *mut c_void) {
    // SAFETY: sgz_allocator.free/Threads: the same counter, as above.
    // /Ownership: the block is one of ours, so its size stands in front.
    // std alloc::dealloc: with that same layout.
    unsafe {
        let counter = &*ctx.cast::<Counter>();
        counter.frees.set(counter.frees.get() + 1);
        let head = ptr.byte_sub(HEAD).cast::<usize>();
        if let Some(layout) = layout(head.read()) {
            dealloc(head.cast(), layout);
        }
    }
}
