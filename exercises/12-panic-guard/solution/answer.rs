//! A closure for each line of a text, also if it panics.

use std::any::Any;
use std::ffi::{c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::slice;

type EachFn = unsafe extern "C" fn(*mut c_void, *const c_char, usize) -> c_int;

unsafe extern "C" {
    #[link_name = "each_line"]
    fn raw_each_line(
        text: *const c_char,
        len: usize,
        each: Option<EachFn>,
        user: *mut c_void,
    ) -> c_int;
}

/// What C's `user` points to.
struct Visit<F> {
    f: F,
    panic: Option<Box<dyn Any + Send>>,
}

/// Calls `f` for each line of `text`. False: C refused, because it is in use.
///
/// # Panics
/// If `f` panics, with the same payload; C has ended then.
pub fn each_line<F: FnMut(&[u8])>(text: &[u8], f: F) -> bool {
    let mut visit = Visit { f, panic: None };
    // SAFETY: task.md: the text has so many bytes. `call` is the function for a
    // Visit<F>, which outlives this call, and C keeps neither.
    let status = unsafe {
        raw_each_line(
            text.as_ptr().cast(),
            text.len(),
            Some(call::<F>),
            (&raw mut visit).cast(),
        )
    };
    if let Some(payload) = visit.panic {
        resume_unwind(payload);
    }
    status == 0
}

/// Calls the closure of the `Visit<F>` that `user` is. Answers 0 to go on.
unsafe extern "C" fn call<F: FnMut(&[u8])>(
    user: *mut c_void,
    line: *const c_char,
    len: usize,
) -> c_int {
    // SAFETY: task.md: it is the visit of the running call, which nobody else
    // uses.
    let visit = unsafe { &mut *user.cast::<Visit<F>>() };
    // SAFETY: task.md: C gives a line of `len` bytes, which is not NULL.
    let line = unsafe { slice::from_raw_parts(line.cast(), len) };
    match catch_unwind(AssertUnwindSafe(|| (visit.f)(line))) {
        Ok(()) => 0,
        Err(payload) => {
            visit.panic = Some(payload);
            1
        }
    }
}
