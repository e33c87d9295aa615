// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 11, panics: a callback that cannot return.

use core::ffi::{c_int, c_void};
use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::null_mut;

use super::prelude::*;
use super::sys::*;

type Callback = unsafe extern "C-unwind" fn(ctx: *mut c_void) -> c_int;

// Each function has one ABI: here are those that may be left by unwinding.
unsafe extern "C-unwind" {
    fn panics_under_lock(
        callback: Callback,
        ctx: *mut c_void,
        block_out: *mut *mut c_void,
    ) -> c_int;
    fn panics_throw();
}

unsafe extern "C" {
    fn panics_lock_state() -> c_int;
    fn panics_clean_up(block: *mut c_void);
    fn panics_has_cpp() -> bool;
    fn panics_catch_jump(callback: Callback, ctx: *mut c_void) -> c_int;
    fn panics_jump() -> !;
}

unsafe extern "C" fn bad_read(_: *mut c_void, _: *mut c_void, _: usize) -> i64 {
    panic!("in read()")
}

unsafe extern "C" fn bad_write(
    _: *mut c_void,
    _: *const c_void,
    _: usize,
) -> i64 {
    panic!("in write()")
}

unsafe extern "C" fn bad_event(_: *mut c_void, _: *const sgz_event) -> c_int {
    panic!("in event()")
}

unsafe extern "C" fn quiet(_: *mut c_void, _: *const sgz_event) -> c_int {
    0
}

unsafe extern "C" fn bad_release(_: *mut c_void) {
    panic!("in release()")
}

/// Leaves `panics_under_lock` by unwinding.
unsafe extern "C-unwind" fn unwind(ctx: *mut c_void) -> c_int {
    // SAFETY: helper.h: ctx is what run() passes.
    let _guard = Guard(unsafe { &*ctx.cast() });
    panic!("over a frame of C")
}

/// Leaves `panics_catch_jump` by a jump.
unsafe extern "C-unwind" fn jump(ctx: *mut c_void) -> c_int {
    // SAFETY: helper.h: ctx is what run() passes.
    let guard = Guard(unsafe { &*ctx.cast() });
    drop(guard);
    // SAFETY: helper.h: it is active. Nothing is left here to be dropped.
    unsafe { panics_jump() }
}

/// The first panic of a sink's callbacks, to be resumed behind C.
#[derive(Default)]
struct Carry {
    payload: Option<Box<dyn Any + Send>>,
    also_in_close: bool,
    calls: i64,
    closed: i64,
}

impl Carry {
    fn run(&mut self, callback: fn()) {
        if let Err(payload) = catch_unwind(callback) {
            self.payload.get_or_insert(payload);
        }
    }

    /// Write to it, resume the panic, and catch it again.
    fn write(&mut self, rec: &mut Recorder) -> String {
        let ctx = (&raw mut *self).cast();
        // SAFETY: use_sink/Safety: both are made for a Carry.
        let [flush, finish] =
            unsafe { use_sink(carry_write, Some(carry_close), ctx) };
        rec.status("flush", flush.0);
        rec.status("finish", finish.0);
        let resumed = catch_unwind(AssertUnwindSafe(|| {
            // C has returned, and nothing of it is left
            self.payload.take().map(|payload| resume_unwind(payload))
        }));
        resumed.map_or_else(
            |payload| panic_text(&*payload).into(),
            |_| "none".into(),
        )
    }
}

unsafe extern "C" fn carry_write(
    ctx: *mut c_void,
    _: *const c_void,
    _: usize,
) -> i64 {
    // SAFETY: sgz_writer_open_sink/Lifetime: ctx is alive until close().
    // sgz_sink.write/Re-entry: nobody else has it.
    let carry = unsafe { &mut *ctx.cast::<Carry>() };
    carry.calls += 1;
    carry.run(|| panic!("no room"));
    -i64::from(libc::EIO)
}

unsafe extern "C" fn carry_close(ctx: *mut c_void) {
    // SAFETY: sgz_sink.close/Lifetime: it is alive, and this the last call.
    let carry = unsafe { &mut *ctx.cast::<Carry>() };
    carry.closed += 1;
    if carry.also_in_close {
        carry.run(|| panic!("not closed"));
    }
}

pub fn run(rec: &mut Recorder, _: &Input) {
    panic::set_hook(Box::new(|_| ())); // no messages, where it is caught

    rec.step("abort");
    // SAFETY: use_sink/Safety: none of these uses its ctx, which is NULL.
    unsafe {
        child(rec, "read", || use_source(bad_read));
        child(rec, "write", || {
            let _ = use_sink(bad_write, None, null_mut());
        });
        child(rec, "event", || use_observer(bad_event, None));
        child(rec, "release", || use_observer(quiet, Some(bad_release)));
    }

    rec.step("unwind");
    let (cleaned, mut block) = (Cell::new(0_i64), null_mut());
    let ctx = (&raw const cleaned).cast_mut().cast();
    // SAFETY: helper.h: both outlive the call, which may be left.
    let call = || unsafe { panics_under_lock(unwind, ctx, &mut block) };
    let arrived = catch_unwind(AssertUnwindSafe(call)).is_err();
    rec.int("arrived", arrived);
    rec.int("cleaned up", cleaned.get());
    rec.int("block left", !block.is_null());
    // SAFETY: helper.h: the block and the lock that were left.
    unsafe {
        rec.int("lock", panics_lock_state()); // EBUSY
        panics_clean_up(block);
        rec.int("unlocked", panics_lock_state());
    }

    rec.step("jump");
    cleaned.set(0);
    // SAFETY: helper.h: the frame that is left has nothing to be dropped.
    rec.int("arrived", unsafe { panics_catch_jump(jump, ctx) });
    rec.int("cleaned up", cleaned.get());

    rec.step("foreign exception");
    // SAFETY: helper.h: it only answers.
    if unsafe { panics_has_cpp() } {
        // SAFETY: helper.h: what is thrown may unwind, and ends at the catch.
        let throw = || unsafe { panics_throw() };
        child(rec, "signal", || drop(catch_unwind(throw)));
    } else {
        rec.text("not run", "there is no compiler for C++");
    }

    rec.step("carry");
    let mut carry = Carry::default();
    let why = carry.write(rec);
    rec.text("why", &why);
    rec.int("calls", carry.calls); // not again
    rec.int("closed", carry.closed);

    rec.step("two");
    let mut twice = Carry {
        also_in_close: true,
        ..Carry::default()
    };
    let why = twice.write(rec);
    rec.text("why", &why); // the first
    rec.int("closed", twice.closed);
    drop(panic::take_hook());
}
