// SPDX-License-Identifier: MIT OR Apache-2.0
//! Faults that only Rust can make: the driver has to name the function of the
//! lane, and not what lies between it and the allocator.

use std::ffi::{CString, c_char, c_void};
use std::mem;

unsafe extern "C" {
    fn free(ptr: *mut c_void);
    fn strdup(text: *const c_char) -> *mut c_char;
}

mod lesson_rust {
    use ferrule_lane::{Input, Recorder};

    pub fn run(rec: &mut Recorder, _: &Input) {
        rec.step("vec");
        super::FAULT();
        rec.int("done", 1);
    }
}

#[allow(dead_code)]
fn keep_a_vec() {
    mem::forget(std::hint::black_box(vec![1_u8; 21]));
}

#[allow(dead_code)]
fn keep_a_grown_vec() {
    let mut vec = Vec::new();
    for byte in 0..100_u8 {
        vec.push(std::hint::black_box(byte));
    }
    mem::forget(vec);
}

#[allow(dead_code)]
fn give_a_box_to_c() {
    let raw = Box::into_raw(Box::new([2_u8; 22]));
    // SAFETY: none: this is the fault.
    unsafe { free(raw.cast()) }
}

#[allow(dead_code)]
fn own_a_string_of_c() {
    // SAFETY: none: this is the fault.
    drop(unsafe { CString::from_raw(strdup(c"two and twenty bytes.".as_ptr())) });
}

#[allow(dead_code)]
fn panic_across() {
    panic!("a panic that nobody catches");
}

#[allow(dead_code)]
fn nothing() {
    // Thread-locals are the thread's, and no leak.
    thread_local!(static KEPT: Box<u8> = Box::new(1));
    KEPT.with(|kept| std::hint::black_box(**kept));
}

#[cfg(fault = "leak")]
const FAULT: fn() = keep_a_vec;
#[cfg(fault = "leak_grown")]
const FAULT: fn() = keep_a_grown_vec;
#[cfg(fault = "free")]
const FAULT: fn() = give_a_box_to_c;
#[cfg(fault = "from_raw")]
const FAULT: fn() = own_a_string_of_c;
#[cfg(fault = "panic")]
const FAULT: fn() = panic_across;
#[cfg(fault = "none")]
const FAULT: fn() = nothing;

static LESSONS: &[ferrule_lane::Lesson] =
    &[ferrule_lane::lesson!(lesson_rust, c"04-rust", c"faults.rs")];

ferrule_lane::lane! {
    order: 7,
    name: c"faults",
    title: c"Spoiled Rust",
    lessons: LESSONS,
}
