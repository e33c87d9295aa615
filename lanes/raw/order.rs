// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sorting and finding by C's library, generic over types and closures.
//!
//! Each generic `extern "C" fn` is one function here, and in the lane one
//! function for each type that it is used with: C gets a pointer to that.

use core::ffi::{c_int, c_void};
use std::any::Any;
use std::cmp::Ordering;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::super::sys::*;

/// What is sorted by a number. Not by any `Ord`: that might contradict itself,
/// and `qsort()` must not see that.
pub trait Keyed {
    /// The type of that number: one of Rust's.
    type Key: Ord;

    /// The number.
    fn key(&self) -> Self::Key;
}

impl Keyed for sgz_index_entry {
    type Key = u64;

    fn key(&self) -> u64 {
        self.offset
    }
}

impl Keyed for u32 {
    type Key = Self;

    fn key(&self) -> Self {
        *self
    }
}

/// For `qsort()`. It passes no context, and none is needed: T says it all.
unsafe extern "C" fn compare<T: Keyed>(
    a: *const c_void,
    b: *const c_void,
) -> c_int {
    // SAFETY: libc qsort: both are elements, which sort() says are of type T.
    let (a, b) = unsafe { (&*a.cast::<T>(), &*b.cast::<T>()) };
    a.key().cmp(&b.key()) as c_int
}

/// Sorts `values` by C's `qsort()`.
pub fn sort<T: Keyed>(values: &mut [T]) {
    let (base, len) = (values.as_mut_ptr().cast(), values.len());
    // SAFETY: libc qsort: len elements of T, moved as bytes, which every T of
    // Rust allows. The comparator is that of T.
    unsafe { libc::qsort(base, len, size_of::<T>(), Some(compare::<T>)) };
}

/// For `bsearch()`, which passes the key first: it may be of another type.
unsafe extern "C" fn compare_key<T: Keyed>(
    key: *const c_void,
    element: *const c_void,
) -> c_int {
    // SAFETY: libc bsearch: the key of find(), then an element.
    let (key, element) =
        unsafe { (&*key.cast::<T::Key>(), &*element.cast::<T>()) };
    key.cmp(&element.key()) as c_int
}

/// The position of the element with this key; -1 if there is none.
pub fn find<T: Keyed>(key: &T::Key, values: &[T]) -> i64 {
    let (key, base) = ((&raw const *key).cast(), values.as_ptr());
    let (len, size) = (values.len(), size_of::<T>());
    // SAFETY: libc bsearch: len elements of T, and a key of T's type; it gives
    // NULL or an element. std pointer::offset_from: of the same slice.
    unsafe {
        let compare = Some(compare_key::<T> as _);
        let found = libc::bsearch(key, base.cast(), len, size, compare);
        if found.is_null() {
            return -1;
        }
        found.cast::<T>().offset_from(base) as i64
    }
}

/// What C carries for a closure F: the context of [`call`].
struct Context<F> {
    order: F,
    payload: Option<Box<dyn Any + Send>>,
}

/// For `qsort_r()`: calls the closure, and lets no panic into C. It cannot
/// stop C: after a panic all elements are equal.
unsafe extern "C" fn call<T, F: FnMut(&T, &T) -> Ordering>(
    a: *const c_void,
    b: *const c_void,
    ctx: *mut c_void,
) -> c_int {
    // SAFETY: libc qsort_r: elements, and the context that sort_by() passes.
    let (a, b, ctx) = unsafe {
        (
            &*a.cast::<T>(),
            &*b.cast::<T>(),
            &mut *ctx.cast::<Context<F>>(),
        )
    };
    if ctx.payload.is_some() {
        return 0;
    }
    match catch_unwind(AssertUnwindSafe(|| (ctx.order)(a, b))) {
        Ok(order) => order as c_int,
        Err(payload) => {
            ctx.payload = Some(payload);
            0
        }
    }
}

/// Sorts `values` by C's `qsort_r()`, as `order` says. If that panics, the
/// panic is resumed when C has returned.
///
/// # Safety
///
/// `order` does not contradict itself, as C asks; if it panics, it does so in
/// its first call, since all are equal from then on.
pub unsafe fn sort_by<T, F>(values: &mut [T], order: F)
where
    F: FnMut(&T, &T) -> Ordering,
{
    let (base, len) = (values.as_mut_ptr().cast(), values.len());
    let mut context = Context {
        order,
        payload: None,
    };
    let ctx = (&raw mut context).cast();
    // SAFETY: libc qsort_r: as qsort; the context is used in the call alone,
    // by the trampoline for its own F. sort_by/Safety: it is an order.
    unsafe {
        libc::qsort_r(base, len, size_of::<T>(), Some(call::<T, F>), ctx);
    }
    if let Some(payload) = context.payload {
        resume_unwind(payload);
    }
}
