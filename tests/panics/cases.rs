// SPDX-License-Identifier: MIT OR Apache-2.0
//! What lesson 11 claims of panics: cases NAME runs one, and test_panics.py
//! says how it has to end.

mod common;

use std::env;
use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::null_mut;

use common::{Guard, Unwinding, panic_briefly, report, say, unknown};

type Aborting = extern "C" fn(*mut c_void) -> c_int;

unsafe extern "C" {
    fn call(callback: Aborting, ctx: *mut c_void) -> c_int;
    fn catch_jump(callback: Aborting, ctx: *mut c_void) -> c_int;
    fn jump() -> !;
}

unsafe extern "C-unwind" {
    fn call_unwinding(callback: Unwinding, ctx: *mut c_void) -> c_int;
    fn other_panics();
}

#[cfg(cpp)]
unsafe extern "C-unwind" {
    fn throw_11();
    fn call_noexcept(callback: Unwinding, ctx: *mut c_void) -> c_int;
}

extern "C" fn always(_: *mut c_void) -> c_int {
    panic!("always")
}

extern "C" fn always_with_guard(_: *mut c_void) -> c_int {
    let _guard = Guard("callback dropped");
    panic!("always")
}

extern "C" fn sometimes(_: *mut c_void) -> c_int {
    assert!(!unknown(), "sometimes");
    0
}

extern "C" fn sometimes_with_guard(_: *mut c_void) -> c_int {
    let _guard = Guard("callback dropped");
    assert!(!unknown(), "sometimes");
    0
}

extern "C-unwind" fn unwind_always(_: *mut c_void) -> c_int {
    let _guard = Guard("callback dropped");
    panic!("always")
}

extern "C-unwind" fn unwind_sometimes(_: *mut c_void) -> c_int {
    let _guard = Guard("callback dropped");
    assert!(!unknown(), "sometimes");
    0
}

extern "C" fn jumping(_: *mut c_void) -> c_int {
    let _guard = Guard("callback dropped");
    // SAFETY: none: the drop of the guard is jumped over.
    unsafe { jump() }
}

/// The caller has nothing to drop, and catches nothing.
#[inline(never)]
fn plainly(callback: Aborting) {
    // SAFETY: frames.h: it calls back, and keeps nothing.
    unsafe { call(callback, null_mut()) };
}

/// The caller has something to drop.
#[inline(never)]
fn with_guard(callback: Aborting) {
    let _guard = Guard("caller dropped");
    // SAFETY: frames.h: it calls back, and keeps nothing.
    unsafe { call(callback, null_mut()) };
}

fn caught(callback: Aborting) {
    // SAFETY: frames.h: it calls back, and keeps nothing.
    report(&catch_unwind(|| unsafe { call(callback, null_mut()) }));
}

fn unwinding(callback: Unwinding) {
    report(&catch_unwind(|| {
        let _guard = Guard("caller dropped");
        // SAFETY: frames.h: it may be left by unwinding.
        unsafe { call_unwinding(callback, null_mut()) }
    }));
}

/// Panics while a panic unwinds.
struct Second;

impl Drop for Second {
    fn drop(&mut self) {
        assert!(!unknown(), "second");
    }
}

fn two() {
    let _second = Second;
    assert!(!unknown(), "first");
}

#[cfg(cpp)]
fn in_cpp(name: &str) {
    if name == "throw" {
        report(&catch_unwind(|| {
            let _guard = Guard("caller dropped");
            // SAFETY: frames.h: what is thrown may unwind.
            unsafe { throw_11() }
        }));
    } else {
        // SAFETY: frames.h: it calls back, and keeps nothing.
        report(&catch_unwind(|| unsafe {
            call_noexcept(unwind_sometimes, null_mut())
        }));
    }
}

#[cfg(not(cpp))]
fn in_cpp(name: &str) {
    panic!("no case {name}: this was built without C++")
}

fn main() {
    panic_briefly();
    let name = env::args().nth(1).unwrap();
    let (how, which) = name.split_once('/').unwrap_or((&name, ""));
    let callback: Aborting = match which {
        "always" => always,
        "always+guard" => always_with_guard,
        "sometimes" => sometimes,
        _ => sometimes_with_guard,
    };
    match how {
        "plainly" => plainly(callback),
        "with-guard" => with_guard(callback),
        "caught" => caught(callback),
        "unwinding" if which == "always" => unwinding(unwind_always),
        "unwinding" => unwinding(unwind_sometimes),
        "jump" => {
            // SAFETY: frames.h: it calls back, and is jumped to.
            unsafe { catch_jump(jumping, null_mut()) };
            say("arrived");
        }
        "other" => report(&catch_unwind(|| {
            let _guard = Guard("caller dropped");
            // SAFETY: frames.h: it may unwind.
            unsafe { other_panics() }
        })),
        "carry" => {
            let carried = catch_unwind(|| panic!("carried")).unwrap_err();
            let resume = AssertUnwindSafe(|| resume_unwind(carried));
            report(&catch_unwind(resume));
        }
        "two" => report(&catch_unwind(two)),
        _ => in_cpp(how),
    }
}
