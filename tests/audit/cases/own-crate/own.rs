// An allocator that counts, and uses Rust's default one. It branches, and it
// uses variables: what is relative to its address has to be moved.
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

pub static LIVE: AtomicUsize = AtomicUsize::new(0);
static LIMIT: AtomicUsize = AtomicUsize::new(1 << 40);

struct Counting;

// SAFETY: std GlobalAlloc: System gets what we got.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if LIVE.fetch_add(1, Ordering::Relaxed) > LIMIT.load(Ordering::Relaxed)
        {
            return std::ptr::null_mut();
        }
        // SAFETY: std GlobalAlloc: System gets what we got.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        LIVE.fetch_sub(1, Ordering::Relaxed);
        // SAFETY: std GlobalAlloc: System gets what we got.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;
