// SPDX-License-Identifier: MIT OR Apache-2.0
//! Carries a panic, or an `io::Error`, from a callback over C.
//!
//! A panic must not unwind through a C frame. The trampoline that runs the
//! closure or stream catches it and keeps the payload in a [`Relay`], which
//! the handle holds too. C is told to stop, and once it has returned the
//! handle resumes the panic. In between, C may call back again, for instance
//! to flush: such calls are answered with the same failure and do not run.
//!
//! Three rules keep a second panic from doing harm:
//!
//! - The first panic wins. Whatever else panics before it is resumed, the
//!   drop of a stream that could not be opened included, runs under the relay
//!   or under [`discard`].
//! - What may panic when dropped is dropped before the unwinding, under a
//!   guard: other payloads, the stream's last error, the value that the call
//!   would have returned. In an unwinding its panic would abort the process.
//! - The handle, and all that C gave out, is in variables when the panic is
//!   resumed, so that the unwinding frees it. It is never a value that is
//!   being returned, which Rust does not drop if a later drop of the same
//!   scope panics.
//!
//! The crate's page says what this means for callers, and why a drop resumes.

use std::any::Any;
use std::io;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// What a callback leaves for the handle to pick up.
///
/// One thread at a time uses a handle, and its callbacks run on that thread:
/// the lock is never waited for. It makes the relay `Sync` without `unsafe`.
#[derive(Default)]
pub(crate) struct Relay {
    panicked: AtomicBool,
    slot: Mutex<Slot>,
}

#[derive(Default)]
struct Slot {
    payload: Option<Box<dyn Any + Send>>,
    error: Option<Arc<io::Error>>,
}

impl Relay {
    /// Runs `callback`, unless a panic is on its way already.
    ///
    /// `None`: it panicked, now or before, and C should stop.
    pub(crate) fn run<T>(&self, callback: impl FnOnce() -> T) -> Option<T> {
        if self.panicked.load(Relaxed) {
            return None;
        }
        self.catch(callback)
    }

    /// Runs `callback`, a panic on its way or not: it releases something.
    pub(crate) fn run_always(&self, callback: impl FnOnce()) {
        self.catch(callback);
    }

    fn catch<T>(&self, callback: impl FnOnce() -> T) -> Option<T> {
        // What the callback was about to change is used by callbacks alone,
        // which do not run before the panic is resumed. Whoever catches it
        // after that, and goes on, has said so by `AssertUnwindSafe`.
        match catch_unwind(AssertUnwindSafe(callback)) {
            Ok(value) => Some(value),
            Err(payload) => {
                self.keep_panic(payload);
                None
            }
        }
    }

    fn keep_panic(&self, payload: Box<dyn Any + Send>) {
        if self.panicked.swap(true, Relaxed) {
            discard(payload); // the first panic wins
        } else {
            self.slot().payload = Some(payload);
        }
    }

    /// Keeps the error that a Rust stream gave, for the failure to name.
    pub(crate) fn keep_error(&self, error: io::Error) {
        let former = self.slot().error.replace(Arc::new(error));
        // An error's drop is the stream's code, too.
        self.run_always(|| drop(former));
    }

    /// The last error that a Rust stream gave.
    pub(crate) fn error(&self) -> Option<Arc<io::Error>> {
        self.slot().error.clone()
    }

    /// Gives `value` back, unless a callback left a panic: then `value` is
    /// dropped, and the panic resumed.
    ///
    /// To be called when the handle's call into C has returned. While another
    /// panic unwinds, as it may in a drop, a second one would abort the
    /// process: the callback's panic is lost, and `value` given.
    #[inline]
    pub(crate) fn hand_over<T>(&self, value: T) -> T {
        if self.panicked.load(Relaxed) {
            self.hand_over_cold(value)
        } else {
            value
        }
    }

    #[cold]
    fn hand_over_cold<T>(&self, value: T) -> T {
        self.panicked.store(false, Relaxed);
        let payload = self.slot().payload.take();
        if let Some(payload) = payload {
            if thread::panicking() {
                discard(payload);
            } else {
                discard(value); // not in the unwinding: it may panic, too
                resume_unwind(payload);
            }
        }
        value
    }

    /// Ends the relay of a handle that C has closed, and hands `value` over.
    ///
    /// The last error goes now, while a panic in its drop can be caught. With
    /// the relay it might go in the midst of an unwinding.
    pub(crate) fn end<T>(&self, value: T) -> T {
        let error = self.slot().error.take();
        self.run_always(|| drop(error));
        self.hand_over(value)
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops `value`: foreign code that may panic, and so may the drop of what
/// that panic carries.
fn discard<T>(value: T) {
    let mut dropped = catch_unwind(AssertUnwindSafe(|| drop(value)));
    for _ in 0..8 {
        let Err(payload) = dropped else {
            return;
        };
        dropped = catch_unwind(AssertUnwindSafe(|| drop(payload)));
    }
    mem::forget(dropped); // and so on for ever, perhaps: leak it
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_kept_and_resumed_once() {
        let relay = Relay::default();
        assert_eq!(relay.run(|| 1), Some(1));
        assert_eq!(relay.run(|| -> i32 { panic!("first") }), None);
        let caught = catch_unwind(AssertUnwindSafe(|| relay.hand_over(())));
        let payload = caught.expect_err("it was resumed");
        assert_eq!(payload.downcast_ref(), Some(&"first"));
        relay.hand_over(());
        assert_eq!(relay.run(|| 2), Some(2));
    }

    #[test]
    fn callbacks_are_skipped_while_a_panic_is_on_its_way() {
        let relay = Relay::default();
        relay.run(|| panic!("first"));
        assert_eq!(relay.run(|| panic!("not run")), None::<()>);
    }

    #[test]
    fn releases_run_while_a_panic_is_on_its_way_and_the_first_wins() {
        let relay = Relay::default();
        let mut ran = false;
        relay.run(|| panic!("first"));
        relay.run_always(|| {
            ran = true;
            panic!("second");
        });
        assert!(ran);
        let caught = catch_unwind(AssertUnwindSafe(|| relay.hand_over(())));
        let payload = caught.expect_err("it was resumed");
        assert_eq!(payload.downcast_ref(), Some(&"first"));
    }
}
