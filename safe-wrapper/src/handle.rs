// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a reader and a writer have in common: a handle of C's that calls back.

use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use crate::call::{make, outcome};
use crate::event::{self, Event, EventMask};
use crate::memory::Meter;
use crate::panic::Relay;
use crate::{Error, Options, Result, raw};

type SetObserver<H> = unsafe extern "C" fn(
    *mut H,
    *const raw::sgz_observer,
    *mut raw::sgz_error,
) -> raw::sgz_status;

/// A type of C's whose handles are observed, remember their failure, and are
/// closed, and the functions for it.
pub(crate) trait Opaque: Sized {
    const SET_OBSERVER: SetObserver<Self>;
    const GET_ERROR: unsafe extern "C" fn(
        *const Self,
    ) -> *const raw::sgz_error;
    const CLOSE: unsafe extern "C" fn(*mut Self);
}

impl Opaque for raw::sgz_reader {
    const SET_OBSERVER: SetObserver<Self> = raw::sgz_reader_set_observer;
    const GET_ERROR: unsafe extern "C" fn(
        *const Self,
    ) -> *const raw::sgz_error = raw::sgz_reader_get_error;
    const CLOSE: unsafe extern "C" fn(*mut Self) = raw::sgz_reader_close;
}

impl Opaque for raw::sgz_writer {
    const SET_OBSERVER: SetObserver<Self> = raw::sgz_writer_set_observer;
    const GET_ERROR: unsafe extern "C" fn(
        *const Self,
    ) -> *const raw::sgz_error = raw::sgz_writer_get_error;
    const CLOSE: unsafe extern "C" fn(*mut Self) = raw::sgz_writer_free;
}

/// A reader or writer of C's, and what its callbacks leave.
///
/// # Invariants
///
/// `raw` is open, and nothing else uses it. What C borrows for it stays: a
/// stream and an observer are boxes that C owns and gives back when `raw` is
/// closed; what these or the handle itself borrow, a slice, a buffer, a file
/// descriptor, lives during `'a`, which `_borrows` says (covariantly: C hands
/// nothing of `'a` back). The streams and observers are `Send`. `relay` is
/// shared with them, and `Some` if there ever was one, until the handle is
/// closed. `meter` allocated `raw`.
///
/// A handle that is forgotten is never used again, and what it borrowed is
/// not looked at: no thread of the library touches what was lent outside the
/// call in which it was lent (`sgz.h`), those of a pool included.
pub(crate) struct Handle<'a, H: Opaque> {
    raw: NonNull<H>,
    relay: Option<Arc<Relay>>,
    meter: Option<Meter>,
    _borrows: PhantomData<&'a mut ()>,
}

impl<'a, H: Opaque> Handle<'a, H> {
    /// The handle that `open` opens, by `options`.
    ///
    /// # Errors
    ///
    /// What `open` returns.
    ///
    /// # Safety
    ///
    /// `open` writes to the first pointer, when it succeeds, a handle for the
    /// caller, allocated by the meter of `options` or the default. What C
    /// borrows for it lives during `'a`, or is a box that C owns; and it may
    /// be used from any thread.
    pub(crate) unsafe fn open(
        options: &Options,
        relay: Option<&Arc<Relay>>,
        open: impl FnOnce(*mut *mut H, *mut raw::sgz_error) -> raw::sgz_status,
    ) -> Result<Self> {
        let own = |raw| Self {
            raw,
            relay: relay.cloned(),
            meter: options.keep_meter(),
            _borrows: PhantomData,
        };
        make(relay.map(|relay| &**relay), own, open)
    }

    #[inline]
    pub(crate) fn as_ptr(&self) -> *mut H {
        self.raw.as_ptr()
    }

    /// To be kept by what C allocates by the handle's allocator.
    pub(crate) fn keep_meter(&self) -> Option<Meter> {
        self.meter.clone()
    }

    /// Makes a call that may run callbacks, and resumes what panic they left.
    #[inline]
    pub(crate) fn call(
        &self,
        call: impl FnOnce(*mut H, *mut raw::sgz_error) -> raw::sgz_status,
    ) -> Result<()> {
        self.hand_over(self.outcome(call))
    }

    /// What a call gave; a panic that a callback left stays until the next
    /// call, or [`close`](Self::close), resumes it.
    #[inline]
    pub(crate) fn outcome(
        &self,
        call: impl FnOnce(*mut H, *mut raw::sgz_error) -> raw::sgz_status,
    ) -> Result<()> {
        outcome(self.relay.as_deref(), |error| call(self.as_ptr(), error))
    }

    /// The same as [`call`](Self::call) of a call that makes something: see [`make`].
    pub(crate) fn make<T, O>(
        &self,
        own: impl FnOnce(NonNull<T>) -> O,
        call: impl FnOnce(
            *mut H,
            *mut *mut T,
            *mut raw::sgz_error,
        ) -> raw::sgz_status,
    ) -> Result<O> {
        let call = |made, error| call(self.as_ptr(), made, error);
        self.hand_over(make(self.relay.as_deref(), own, call))
    }

    #[inline]
    fn hand_over<T>(&self, value: T) -> T {
        match &self.relay {
            Some(relay) => relay.hand_over(value),
            None => value,
        }
    }

    /// Tells `watch` of what happens, of the kinds in `mask`.
    ///
    /// # Errors
    ///
    /// What C says; `watch` is dropped then.
    pub(crate) fn observe<F>(&mut self, mask: EventMask, watch: F) -> Result<()>
    where
        F: FnMut(&Event<'_>) -> ControlFlow<i32> + Send + 'a,
    {
        let raw = self.as_ptr();
        let relay = self.relay.get_or_insert_default();
        let set = |observer, error| {
            // SAFETY: Handle/Invariants: open, and ours.
            // sgz_reader_set_observer/Ownership,
            // sgz_writer_set_observer/Ownership: observer is copied.
            // sgz_reader_set_observer/Lifetime,
            // sgz_writer_set_observer/Lifetime: its ctx is a box that only
            // release() frees. sgz_reader_set_observer/Threads,
            // sgz_writer_set_observer/Threads: &mut self: one thread.
            unsafe { H::SET_OBSERVER(raw, observer, error) }
        };
        // SAFETY: observe/Safety: F: 'a, which the handle does not outlive;
        // F: Send, as the handle is.
        unsafe { event::observe(relay, mask, watch, set) }
    }

    /// Takes the observer off, and drops it.
    ///
    /// # Errors
    ///
    /// What C says.
    pub(crate) fn unobserve(&mut self) -> Result<()> {
        self.call(|handle, error| {
            // SAFETY: Handle/Invariants: open, and ours.
            // sgz_reader_set_observer/Ownership,
            // sgz_writer_set_observer/Ownership: the former ctx comes back.
            // sgz_reader_set_observer/Threads,
            // sgz_writer_set_observer/Threads: &mut self: one thread.
            unsafe { H::SET_OBSERVER(handle, ptr::null(), error) }
        })
    }

    /// The failure that sticks to the handle, if there is one.
    pub(crate) fn failure(&self) -> Option<Error> {
        // SAFETY: Handle/Invariants: open, and ours.
        // sgz_reader_get_error/Threads, sgz_writer_get_error/Threads: it is
        // not Sync.
        let error = unsafe { H::GET_ERROR(self.as_ptr()) };
        if error.is_null() {
            return None;
        }
        // SAFETY: sgz_reader_get_error/Ownership,
        // sgz_writer_get_error/Ownership: it belongs to the handle.
        // sgz_reader_get_error/Lifetime, sgz_writer_get_error/Lifetime: it
        // stays while self is borrowed, and is copied here.
        let error = unsafe { Error::from_ptr(error) };
        let status = error.status();
        Some(error.with_status(status, self.relay.as_deref()))
    }

    /// Closes it, hands `value` over, and resumes what panic is left.
    ///
    /// `value` is a variable here, which an unwinding drops: were it being
    /// returned while the handle's drop panics, it would be lost.
    pub(crate) fn close<T>(mut self, value: T) -> T {
        let relay = self.relay.take();
        drop(self); // without its relay it resumes nothing
        match relay {
            Some(relay) => relay.end(value),
            None => value,
        }
    }
}

impl<H: Opaque> Drop for Handle<'_, H> {
    fn drop(&mut self) {
        // SAFETY: Handle/Invariants: open, and ours.
        // sgz_reader_close/Ownership, sgz_writer_free/Ownership: boxes come
        // back through their trampolines. sgz_reader_close/Lifetime,
        // sgz_writer_free/Lifetime: no borrow is left: each borrowed self.
        // sgz_reader_close/Threads, sgz_writer_free/Threads: &mut self: one
        // thread.
        unsafe { H::CLOSE(self.as_ptr()) };
        if let Some(relay) = &self.relay {
            relay.end(());
        }
    }
}
