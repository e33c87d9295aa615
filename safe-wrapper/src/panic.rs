// SPDX-License-Identifier: MIT OR Apache-2.0
//! Carries a panic, or an `io::Error`, from a callback over C.
//!
//! A panic must not unwind through a C frame. The trampoline that runs the
//! closure or stream catches it and keeps the payload in a [`Relay`], which
//! the handle holds too. C is told to stop, and once it has returned the
//! handle resumes the panic. In between, C may call back again, for instance
//! to flush: such calls are answered with the same failure and do not run.

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

    /// Resumes the panic that a callback left, if one did.
    ///
    /// To be called when the handle's call into C has returned. While another
    /// panic unwinds, as it may in a drop, this one is lost rather than
    /// aborting the process.
    #[inline]
    pub(crate) fn resume(&self) {
        if self.panicked.load(Relaxed) {
            self.resume_cold();
        }
    }

    #[cold]
    fn resume_cold(&self) {
        self.panicked.store(false, Relaxed);
        let Some(payload) = self.slot().payload.take() else {
            return;
        };
        if thread::panicking() {
            discard(payload);
        } else {
            resume_unwind(payload);
        }
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops what a panic carried: foreign code, too, which may panic in its turn.
fn discard(payload: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        mem::forget(again); // and so on for ever, perhaps: leak it
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_kept_and_resumed_once() {
        let relay = Relay::default();
        assert_eq!(relay.run(|| 1), Some(1));
        assert_eq!(relay.run(|| -> i32 { panic!("first") }), None);
        let caught = catch_unwind(AssertUnwindSafe(|| relay.resume()));
        let payload = caught.expect_err("it was resumed");
        assert_eq!(payload.downcast_ref(), Some(&"first"));
        relay.resume();
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
        let caught = catch_unwind(AssertUnwindSafe(|| relay.resume()));
        let payload = caught.expect_err("it was resumed");
        assert_eq!(payload.downcast_ref(), Some(&"first"));
    }
}
