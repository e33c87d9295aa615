// SPDX-License-Identifier: MIT OR Apache-2.0
//! Carries a panic, or an `io::Error`, from a callback over C.
//!
//! A panic must not unwind through a C frame. The trampoline that runs the
//! closure or stream catches it and keeps the payload in a [`Relay`], which the
//! handle holds too. C is told to stop, and once it has returned the handle
//! resumes the panic. Before that, C may call back again, for example to flush:
//! such calls return the same failure, and the callback does not run.
//!
//! Three rules prevent harm by a second panic:
//!
//! - The first panic is resumed. All other code that may panic before that runs
//!   under the relay or under [`discard`], including the drop of a stream that
//!   could not be opened.
//! - Values that may panic when dropped are dropped before the unwinding, under
//!   a guard: other payloads, the stream's last error, the value that the call
//!   would have returned. During the unwinding, their panic would abort the
//!   process.
//! - When the panic is resumed, the handle and everything that C returned are
//!   in variables, so that the unwinding frees them. They are never in a return
//!   value, which Rust does not drop if a later drop of the same scope panics.
//!
//! The crate's documentation explains what this means for callers, and why a
//! drop resumes.

use std::any::Any;
use std::io;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// A panic or an error that a callback leaves for the handle.
///
/// One thread at a time uses a handle, and its callbacks run on that thread: so
/// no thread ever waits for the lock. The lock makes the relay `Sync` without
/// `unsafe`.
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
    /// Runs `callback`, unless a panic is pending already.
    ///
    /// `None`: it panicked, now or before, and C should stop.
    pub(crate) fn run<T>(&self, callback: impl FnOnce() -> T) -> Option<T> {
        if self.panicked.load(Relaxed) {
            return None;
        }
        self.catch(callback)
    }

    /// Runs `callback` even if a panic is pending, because it releases
    /// something.
    pub(crate) fn run_always(&self, callback: impl FnOnce()) {
        self.catch(callback);
    }

    fn catch<T>(&self, callback: impl FnOnce() -> T) -> Option<T> {
        // Only callbacks use the state that the callback was changing, and they
        // do not run before the panic is resumed. A caller that catches it
        // later, and continues, has used `AssertUnwindSafe`.
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

    /// Keeps the error of a Rust stream, as the source of the failure.
    pub(crate) fn keep_error(&self, error: io::Error) {
        let former = self.slot().error.replace(Arc::new(error));
        // The drop of an error is also the stream's code.
        self.run_always(|| drop(former));
    }

    /// The last error of a Rust stream.
    pub(crate) fn error(&self) -> Option<Arc<io::Error>> {
        self.slot().error.clone()
    }

    /// Returns `value`, unless a callback left a panic: then it drops `value`
    /// and resumes the panic.
    ///
    /// Call it after the handle's call into C has returned. While another panic
    /// unwinds, which can happen in a drop, a second one would abort the
    /// process: then the callback's panic is lost, and `value` is returned.
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

    /// Ends the relay of a handle that C has closed, and returns `value`.
    ///
    /// The last error is dropped now, while a panic in its drop can be caught.
    /// With the relay it might be dropped during an unwinding.
    pub(crate) fn end<T>(&self, value: T) -> T {
        let error = self.slot().error.take();
        self.run_always(|| drop(error));
        self.hand_over(value)
    }

    /// Drops a panic and an error that nobody will ask for.
    pub(crate) fn abandon(&self) {
        let mut slot = self.slot();
        let left = (slot.payload.take(), slot.error.take());
        drop(slot);
        discard(left.0);
        discard(left.1);
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops `value`. Its drop is foreign code that may panic, and the drop of that
/// panic's payload may panic too.
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
