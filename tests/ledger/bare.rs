// SPDX-License-Identifier: MIT OR Apache-2.0
//! A lane in Rust without the crate `ferrule_lane`: its allocator does not ask
//! the host.

use core::ffi::c_void;
use std::ptr;

// Not of the crate ferrule_lane, whose allocator asks the host.
#[allow(dead_code, reason = "a lane needs some of it")]
#[path = "../../lanes/support/src/abi.rs"]
mod abi;

unsafe extern "C" {
    fn free(ptr: *mut c_void);
}

#[cfg(fault = "own")]
mod own {
    use std::alloc::{GlobalAlloc, Layout, System};

    struct Own;

    // SAFETY: std GlobalAlloc: passed on to one that keeps its contract.
    unsafe impl GlobalAlloc for Own {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: std GlobalAlloc::alloc: passed on.
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
            // SAFETY: std GlobalAlloc::dealloc: passed on.
            unsafe { System.dealloc(ptr, layout) }
        }
    }

    #[global_allocator]
    static OWN: Own = Own;
}

#[allow(dead_code)]
fn give_a_box_to_c() {
    let raw = Box::into_raw(Box::new([2_u8; 22]));
    // SAFETY: none: this is the fault.
    unsafe { free(raw.cast()) }
}

#[allow(dead_code)]
fn use_all_kinds() {
    let mut grown = Vec::new();
    for byte in 0..100_u8 {
        grown.push(std::hint::black_box(byte));
    }
    std::hint::black_box(vec![0_u64; 1000]);
    std::hint::black_box(Box::new(Aligned([1; 64])));
}

#[repr(align(64))]
#[allow(dead_code)]
struct Aligned([u8; 64]);

extern "C" fn run(
    rec: *mut abi::ferrule_recorder,
    _: *const abi::ferrule_input,
) {
    for name in ["use", "end"] {
        // SAFETY: lane.h: the recorder is valid until this returns.
        unsafe {
            let step = (*(*rec).ops).step.expect("the host has it");
            step(rec, name.as_ptr().cast(), name.len());
        }
        if name == "use" {
            use_all_kinds();
            #[cfg(fault = "free")]
            give_a_box_to_c();
        }
    }
}

struct Table(abi::ferrule_lane, [abi::ferrule_lesson; 1]);

// SAFETY: std Sync: pointers to what is never written.
unsafe impl Sync for Table {}

static LESSONS: Table = Table(
    abi::ferrule_lane {
        abi: abi::FERRULE_ABI,
        order: 7,
        name: c"bare".as_ptr(),
        title: c"Without lane!".as_ptr(),
        lesson_count: 1,
        lessons: ptr::addr_of!(LESSONS.1).cast(),
    },
    [abi::ferrule_lesson {
        name: c"03-memory".as_ptr(),
        source: c"bare.rs".as_ptr(),
        run: Some(run),
    }],
);

/// The table of this lane; see `ferrule/lane.h`.
#[unsafe(no_mangle)]
pub extern "C" fn ferrule_lane(
    _: *const abi::ferrule_host,
) -> *const abi::ferrule_lane {
    &raw const LESSONS.0
}
