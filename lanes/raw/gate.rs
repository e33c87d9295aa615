// SPDX-License-Identifier: MIT OR Apache-2.0
//! A gate that holds a job where it is, and the least that runs a future.
//!
//! The lane over the safe wrapper uses it, too: nothing here is `unsafe`.

use std::pin::pin;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};

/// A job's thread waits at it until the lesson opens it.
#[derive(Default)]
pub struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    open: bool,
    reached: bool,
    released: i64,
}

impl Gate {
    /// Change the state, and tell who waits for that.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state =
            self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        self.changed.notify_all();
    }

    fn wait_while(
        &self,
        condition: impl FnMut(&mut State) -> bool,
    ) -> MutexGuard<'_, State> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.changed
            .wait_while(state, condition)
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// In the job's thread: wait until it is open.
    pub fn pass(&self) {
        self.change(|state| state.reached = true);
        drop(self.wait_while(|state| !state.open));
    }

    /// Wait until a job is there.
    pub fn wait(&self) {
        drop(self.wait_while(|state| !state.reached));
    }

    /// Let jobs pass.
    pub fn open(&self) {
        self.change(|state| state.open = true);
    }

    /// Let none pass.
    pub fn close(&self) {
        self.change(|state| {
            (state.open, state.reached) = (false, false);
        });
    }

    /// What a job had is given back.
    pub fn count_release(&self) {
        self.change(|state| state.released += 1);
    }

    /// How many were given back.
    pub fn released(&self) -> i64 {
        self.wait_while(|_| false).released
    }

    /// Open it, and wait until more than `before` were given back.
    pub fn open_until_released(&self, before: i64) {
        self.open();
        drop(self.wait_while(|state| state.released == before));
    }
}

/// Counts how often it was woken, and wakes the thread that made it.
pub struct Sleeper {
    wakes: AtomicI64,
    thread: Thread,
}

impl Sleeper {
    /// One that was not woken yet.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            wakes: AtomicI64::new(0),
            thread: thread::current(),
        })
    }

    /// How often it was woken.
    pub fn wakes(&self) -> i64 {
        self.wakes.load(SeqCst)
    }

    /// Sleep until it was woken; if it was already, do not sleep.
    pub fn sleep(&self) {
        while self.wakes() == 0 {
            thread::park();
        }
    }
}

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.wakes.fetch_add(1, SeqCst);
        self.thread.unpark();
    }
}

/// Run `future` to its end, in this thread: an executor for one task.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        let sleeper = Sleeper::new();
        let waker = sleeper.clone().into();
        let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
        if let Poll::Ready(output) = polled {
            return output;
        }
        sleeper.sleep();
    }
}
