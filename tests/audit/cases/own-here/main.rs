// An allocator of its own, in the crate that uses it.
use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::{CString, c_char, c_void};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};

static LIVE: AtomicUsize = AtomicUsize::new(0);
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

unsafe extern "C" {
    fn side_free(block: *mut c_void);
}

#[inline(never)]
fn give() -> *mut c_char {
    black_box(CString::new("hello").unwrap().into_raw()) // GIVE
}

fn main() {
    drop(black_box(vec![1_u64; 100]));
    // SAFETY: none: the fault; the twin is right.
    unsafe { side_free(give().cast()) };
}
