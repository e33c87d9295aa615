// SPDX-License-Identifier: MIT OR Apache-2.0
//! A safe wrapper of `border.h`, in the way of the crate `sgz`.

use core::ffi::{CStr, c_void};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::handwritten::sys as raw;

/// A part of something, from `start` to `end`.
#[derive(Clone, Copy)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    #[inline]
    pub fn shift(self, by: u32) -> Self {
        let Self { start, end } = self;
        // SAFETY: border.h: any thread, and any values.
        let span =
            unsafe { raw::border_shift(raw::border_span { start, end }, by) };
        Self {
            start: span.start,
            end: span.end,
        }
    }
}

#[inline]
pub fn sum(text: &CStr) -> u64 {
    // SAFETY: border.h: the text is borrowed for the call, and ends in NUL.
    unsafe { raw::border_sum(text.as_ptr()) }
}

/// A closure, and the panic that it left.
struct Ask<F> {
    ask: F,
    panic: Option<Box<dyn Any + Send>>,
}

/// Has C ask `ask`, and resumes its panic once C has returned.
#[inline]
pub fn ask<F: FnMut(u64) -> u64>(ask: F, value: u64) -> u64 {
    let mut ask = Ask { ask, panic: None };
    let ctx = (&raw mut ask).cast();
    // SAFETY: border.h: ctx is borrowed for the call, and answer() is its.
    let answer = unsafe { raw::border_ask(Some(answer::<F>), ctx, value) };
    if let Some(panic) = ask.panic {
        resume_unwind(panic);
    }
    answer
}

/// # Safety
///
/// Only `border_ask()` may call it, with an `Ask<F>` as `ctx`.
unsafe extern "C" fn answer<F: FnMut(u64) -> u64>(
    ctx: *mut c_void,
    value: u64,
) -> u64 {
    // SAFETY: border.h: ctx is what ask() lent, which waits meanwhile.
    let Ask { ask, panic } = unsafe { &mut *ctx.cast::<Ask<F>>() };
    match catch_unwind(AssertUnwindSafe(|| ask(value))) {
        Ok(answer) => answer,
        Err(payload) => {
            *panic = Some(payload);
            0
        }
    }
}

/// The guard around an export: a panic becomes a value that means one.
#[inline]
pub fn guard(export: impl FnOnce() -> u64) -> u64 {
    catch_unwind(AssertUnwindSafe(export)).unwrap_or_else(|payload| {
        drop(payload);
        u64::MAX
    })
}
