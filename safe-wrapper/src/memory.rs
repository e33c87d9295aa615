// SPDX-License-Identifier: MIT OR Apache-2.0
//! Allocators, and buffers that cross the border.

use core::ffi::{CStr, c_char, c_void};
use std::alloc::{self, Layout};
use std::fmt;
use std::mem::MaybeUninit;
use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Weak};

use crate::io::borrowed;
use crate::{raw, trampoline};

/// A counting allocator for handles: it counts the C library's allocations.
///
/// Pass it to [`Options::meter`](crate::Options::meter). Then every byte that
/// the reader, writer or index allocates, including its codec's, comes from
/// Rust's global allocator through this meter. Clones share their counters. A
/// handle keeps its meter alive.
///
/// With [`Meter::limited`] it refuses allocations beyond a limit: then the
/// handle fails with [`Status::NoMemory`](crate::Status::NoMemory).
///
/// # Examples
///
/// ```
/// let mut file = Vec::new();
/// sgz::Options::new().create_sink(&mut file)?.finish()?;
///
/// let meter = sgz::Meter::new();
/// let reader = sgz::Options::new().meter(&meter).open_slice(&file)?;
/// assert!(meter.live() > 0);
/// drop(reader);
/// assert_eq!(meter.live(), 0);
/// assert_eq!(meter.allocs(), meter.frees());
/// # Ok::<(), sgz::Error>(())
/// ```
#[derive(Clone)]
pub struct Meter(Arc<CountingAllocator>);

impl Meter {
    /// A meter at zero.
    #[must_use]
    pub fn new() -> Self {
        Self::limited(u64::MAX)
    }

    /// A meter that allocates at most `limit` bytes at the same time.
    #[must_use]
    pub fn limited(limit: u64) -> Self {
        Self(Arc::new_cyclic(|counting: &Weak<CountingAllocator>| {
            CountingAllocator {
                limit,
                allocs: AtomicU64::new(0),
                frees: AtomicU64::new(0),
                bytes: AtomicU64::new(0),
                held: AtomicU64::new(0),
                peak: AtomicU64::new(0),
                allocator: raw::sgz_allocator {
                    alloc: Some(trampoline::meter_alloc),
                    realloc: Some(trampoline::meter_realloc),
                    free: Some(trampoline::meter_free),
                    ctx: counting.as_ptr().cast_mut().cast::<c_void>(),
                },
            }
        }))
    }

    /// Blocks allocated so far; resizing one is not counted.
    #[must_use]
    pub fn allocs(&self) -> u64 {
        self.0.allocs.load(Relaxed)
    }

    /// Blocks freed so far.
    #[must_use]
    pub fn frees(&self) -> u64 {
        self.0.frees.load(Relaxed)
    }

    /// Blocks that are allocated now.
    #[must_use]
    pub fn live(&self) -> u64 {
        self.allocs().saturating_sub(self.frees())
    }

    /// Bytes requested so far: the size of every block when it was allocated,
    /// and its new size when it was resized.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.bytes.load(Relaxed)
    }

    /// Bytes that are allocated now.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.0.held.load(Relaxed)
    }

    /// The maximum of bytes that were allocated at the same time.
    #[must_use]
    pub fn peak(&self) -> u64 {
        self.0.peak.load(Relaxed)
    }

    /// The allocator for C. It is valid as long as a clone of `self` is kept.
    pub(crate) fn allocator(&self) -> *const raw::sgz_allocator {
        &raw const self.0.allocator
    }
}

impl Default for Meter {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter")
            .field("allocs", &self.allocs())
            .field("frees", &self.frees())
            .field("bytes", &self.bytes())
            .field("held", &self.held())
            .field("peak", &self.peak())
            .finish()
    }
}

/// The counters of a [`Meter`], and the `ctx` of its allocator.
///
/// A block, as Rust's allocator sees it:
///
/// ```text
///   | size, 16 bytes of room | size bytes for C ... |
///                            ^ what C gets, aligned to 16
/// ```
///
/// # Invariants
///
/// `allocator.ctx` is the address of this value itself, in its `Arc`. What
/// gives `allocator` to C holds that `Arc` until C is done with every block:
/// a handle and an index until they are released, a reader also for the
/// index that it seeks by. What is counted is atomic, so shared references
/// are all that is needed.
pub(crate) struct CountingAllocator {
    limit: u64,
    allocs: AtomicU64,
    frees: AtomicU64,
    bytes: AtomicU64,
    held: AtomicU64,
    peak: AtomicU64,
    allocator: raw::sgz_allocator,
}

// SAFETY: sgz_allocator.alloc/Threads, sgz_allocator.realloc/Threads,
// sgz_allocator.free/Threads: called by any thread, and the last block may go
// where no thread of ours is; the counters are atomic, Rust's allocator is for
// all threads, and `allocator` never changes after it was made.
unsafe impl Send for CountingAllocator {}
// SAFETY: sgz_allocator.alloc/Threads, sgz_allocator.realloc/Threads,
// sgz_allocator.free/Threads: called by several threads at the same time; as
// for Send.
unsafe impl Sync for CountingAllocator {}

/// Alignment "for any C object", and the room before a block.
const ALIGN: usize = 16;

impl CountingAllocator {
    pub(crate) fn alloc(&self, size: usize) -> *mut c_void {
        let Some(layout) = layout(size) else {
            return ptr::null_mut();
        };
        if !self.take(size) {
            return ptr::null_mut();
        }
        // SAFETY: std GlobalAlloc::alloc: the layout's size is not 0.
        let base = unsafe { alloc::alloc(layout) };
        if base.is_null() {
            self.give_back(size);
            return ptr::null_mut();
        }
        self.allocs.fetch_add(1, Relaxed);
        self.count(size);
        // SAFETY: stamp/Safety: base was allocated so.
        // sgz_allocator.alloc/Ownership: the block is C's now. /Lifetime: until
        // C frees it.
        unsafe { stamp(base, size) }
    }

    /// # Safety
    ///
    /// `ptr` is an allocated block of this allocator, and invalid unless this
    /// returns NULL.
    pub(crate) unsafe fn realloc(
        &self,
        ptr: *mut c_void,
        size: usize,
    ) -> *mut c_void {
        // SAFETY: unstamp/Safety: the caller's promise: an allocated block.
        let (base, old) = unsafe { unstamp(ptr) };
        let (Some(from), Some(to)) = (layout(old), layout(size)) else {
            return ptr::null_mut();
        };
        if !self.take(size) {
            return ptr::null_mut();
        }
        // SAFETY: std GlobalAlloc::realloc: base was allocated with `from`,
        // and `to` is a valid layout of the same alignment, not of size 0.
        let base = unsafe { alloc::realloc(base, from, to.size()) };
        if base.is_null() {
            self.give_back(size);
            return ptr::null_mut();
        }
        self.give_back(old);
        self.count(size);
        // SAFETY: stamp/Safety: base was resized so.
        unsafe { stamp(base, size) }
    }

    /// # Safety
    ///
    /// `ptr` is an allocated block of this allocator, and invalid afterwards.
    pub(crate) unsafe fn free(&self, ptr: *mut c_void) {
        // SAFETY: unstamp/Safety: the caller's promise: an allocated block.
        let (base, size) = unsafe { unstamp(ptr) };
        let Some(layout) = layout(size) else {
            return; // it had one when it was allocated
        };
        // SAFETY: std GlobalAlloc::dealloc: base was allocated with it.
        unsafe { alloc::dealloc(base, layout) };
        self.give_back(size);
        self.frees.fetch_add(1, Relaxed);
    }

    /// Reserves `size` bytes, if the limit allows.
    fn take(&self, size: usize) -> bool {
        let size = size as u64;
        let taken = self.held.fetch_update(Relaxed, Relaxed, |held| {
            held.checked_add(size).filter(|held| *held <= self.limit)
        });
        taken.is_ok()
    }

    fn give_back(&self, size: usize) {
        self.held.fetch_sub(size as u64, Relaxed);
    }

    fn count(&self, size: usize) {
        self.bytes.fetch_add(size as u64, Relaxed);
        self.peak.fetch_max(self.held.load(Relaxed), Relaxed);
    }
}

fn layout(size: usize) -> Option<Layout> {
    Layout::from_size_align(size.checked_add(ALIGN)?, ALIGN).ok()
}

/// Writes `size` before a new block; returns the pointer for C.
///
/// # Safety
///
/// `base` was allocated with `layout(size)`.
#[expect(clippy::cast_ptr_alignment, reason = "aligned to ALIGN")]
unsafe fn stamp(base: *mut u8, size: usize) -> *mut c_void {
    // SAFETY: stamp/Safety: the caller's promise: ALIGN bytes of room, aligned
    // to ALIGN.
    unsafe {
        base.cast::<usize>().write(size);
        base.add(ALIGN).cast()
    }
}

/// The start of a block, as Rust's allocator knows it, and its size.
///
/// # Safety
///
/// `block` came from [`stamp`] and is alive.
#[expect(clippy::cast_ptr_alignment, reason = "aligned to ALIGN")]
unsafe fn unstamp(block: *mut c_void) -> (*mut u8, usize) {
    // SAFETY: unstamp/Safety: the caller's promise: the size is ALIGN bytes
    // before it.
    unsafe {
        let base = block.cast::<u8>().sub(ALIGN);
        (base, base.cast::<usize>().read())
    }
}

/// Bytes that the C library grows: `&[u8]` to Rust.
///
/// [`Reader::read_line_into`](crate::Reader::read_line_into) stores a line in
/// it and reuses its memory for the next line;
/// [`Options::create_buffer`](crate::Options::create_buffer) writes a whole
/// file into it.
///
/// # Invariants
///
/// `raw.data` is NULL or a block of `raw.allocator` (the default one if that
/// is NULL) whose first `raw.len` bytes are initialised. Only the C library
/// grows and frees it. `meter` owns what `raw.allocator` points to.
///
/// # Examples
///
/// ```
/// let mut buffer = sgz::Buffer::new();
/// let writer = sgz::Options::new().create_buffer(&mut buffer)?;
/// writer.finish()?;
/// assert_eq!(&buffer[..2], b"\x1f\x8b");
/// # Ok::<(), sgz::Error>(())
/// ```
pub struct Buffer {
    raw: raw::sgz_buffer,
    meter: Option<Meter>,
}

impl Buffer {
    /// An empty buffer, which has allocated nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::with(None)
    }

    /// An empty buffer that grows with `meter`.
    #[must_use]
    pub fn metered(meter: &Meter) -> Self {
        Self::with(Some(meter.clone()))
    }

    fn with(meter: Option<Meter>) -> Self {
        let allocator = meter.as_ref().map_or(ptr::null(), Meter::allocator);
        let mut raw = MaybeUninit::uninit();
        // SAFETY: sgz_buffer_init/Ownership: the old value is not read.
        // /Lifetime: the allocator stays, in self.meter, until release.
        // /Threads: nobody else has it yet. /Errors: none, so every field is
        // set.
        let raw = unsafe {
            raw::sgz_buffer_init(raw.as_mut_ptr(), allocator);
            raw.assume_init()
        };
        Self { raw, meter }
    }

    /// The content, as by dereferencing.
    #[must_use]
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: Buffer/Invariants: data holds len initialised bytes, which
        // only a call with &mut self changes.
        unsafe { borrowed(self.raw.data, self.raw.len) }
    }

    /// Frees the memory: the buffer is empty again.
    pub fn release(&mut self) {
        // SAFETY: sgz_buffer_release/Ownership: data is the library's own
        // block, or NULL. /Lifetime: &mut self: no pointer into it is left.
        // /Threads: &mut self: one thread.
        unsafe { raw::sgz_buffer_release(&raw mut self.raw) };
    }

    /// For C to grow.
    #[inline]
    pub(crate) fn as_mut_ptr(&mut self) -> *mut raw::sgz_buffer {
        &raw mut self.raw
    }
}

impl Default for Buffer {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for Buffer {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer")
            .field("len", &self.raw.len)
            .field("capacity", &self.raw.capacity)
            .field("meter", &self.meter)
            .finish()
    }
}

// SAFETY: sgz_buffer_release/Threads: one thread at a time per buffer, but
// any; sgz_free/Threads says so of the default allocator, and
// CountingAllocator is Sync.
unsafe impl Send for Buffer {}
// SAFETY: Buffer/Invariants: only the library changes it, and all calls that
// let it take &mut self.
unsafe impl Sync for Buffer {}

impl Drop for Buffer {
    fn drop(&mut self) {
        // `meter` goes after this, and the allocator with it
        self.release();
    }
}

/// A C string that the library made and this side owns.
///
/// It dereferences to [`CStr`] and is freed by the library, not by Rust.
///
/// # Invariants
///
/// `raw` points to a NUL-terminated string that never changes, and that no
/// one else frees.
pub struct Text {
    raw: NonNull<c_char>,
}

impl Text {
    /// # Safety
    ///
    /// `raw` is a string to be freed with `sgz_free()`, now by the `Text`.
    pub(crate) unsafe fn from_raw(raw: NonNull<c_char>) -> Self {
        Self { raw }
    }
}

impl Deref for Text {
    type Target = CStr;

    fn deref(&self) -> &CStr {
        // SAFETY: Text/Invariants: it ends in NUL, and lives and stays the
        // same while self is borrowed.
        unsafe { CStr::from_ptr(self.raw.as_ptr()) }
    }
}

impl AsRef<CStr> for Text {
    fn as_ref(&self) -> &CStr {
        self
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

// SAFETY: Text/Invariants: no one else frees it. sgz_free/Threads: any thread.
unsafe impl Send for Text {}
// SAFETY: Text/Invariants: it never changes.
unsafe impl Sync for Text {}

impl Drop for Text {
    fn drop(&mut self) {
        // SAFETY: Text/Invariants: no one else frees it. sgz_free/Ownership:
        // the library made it. /Lifetime: nothing borrows self any more.
        unsafe { raw::sgz_free(self.raw.as_ptr().cast()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_counts_and_keeps_contents() {
        let meter = Meter::new();
        let counting = &meter.0;
        let block = counting.alloc(100);
        assert_eq!(block.addr() % ALIGN, 0);
        // SAFETY: realloc/Safety, free/Safety: the block is live, and of 100
        // bytes, then of 1000.
        unsafe {
            block.cast::<u8>().write_bytes(7, 100);
            let block = counting.realloc(block, 1000);
            assert_eq!(*borrowed(block.cast::<u8>(), 100), [7; 100]);
            assert_eq!((meter.allocs(), meter.live()), (1, 1));
            assert_eq!((meter.bytes(), meter.held()), (1100, 1000));
            counting.free(block);
        }
        assert_eq!((meter.frees(), meter.live()), (1, 0));
        assert_eq!(meter.held(), 0);
        assert!(meter.peak() >= 1000);
    }

    #[test]
    fn a_size_that_no_layout_has_is_refused() {
        let meter = Meter::new();
        for size in [usize::MAX, usize::MAX - 15, isize::MAX as usize] {
            assert!(meter.0.alloc(size).is_null());
        }
        assert_eq!((meter.allocs(), meter.held()), (0, 0));
    }

    #[test]
    fn a_limit_refuses_and_leaves_the_old_block() {
        let meter = Meter::limited(100);
        let block = meter.0.alloc(60);
        // SAFETY: realloc/Safety, free/Safety: the block is live throughout.
        unsafe {
            assert!(meter.0.realloc(block, 101).is_null());
            assert_eq!(meter.held(), 60);
            meter.0.free(block);
        }
    }

    #[test]
    fn the_allocator_points_back_to_its_gauge() {
        let meter = Meter::new();
        let ctx = meter
            .0
            .allocator
            .ctx
            .cast_const()
            .cast::<CountingAllocator>();
        assert!(ptr::eq(ctx, Arc::as_ptr(&meter.0)));
    }
}
