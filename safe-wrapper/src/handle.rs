// SPDX-License-Identifier: MIT OR Apache-2.0
//! Shared by readers and writers: a handle of the C library that calls back.

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

/// A handle type of the C library, and its functions to observe, to get the
/// failure that sticks, and to close.
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

/// A reader or writer of the C library, and the relay of its callbacks.
///
/// # Invariants
///
/// `raw` is open, and nothing else uses it. Everything that C borrows for it
/// stays valid. A stream and an observer are boxes that C owns and releases
/// when `raw` is closed. Data that these or the handle itself borrow (a slice,
/// a buffer, a file descriptor) lives during `'a`, as `_borrows` declares
/// (covariantly: C returns nothing of `'a`). The streams and observers are
/// `Send`. `relay` is shared with them, and with values whose bytes were given
/// away. It is `Some` if there ever was one of these, until the handle is
/// closed. `meter` allocated `raw`.
///
/// A handle that is forgotten is never used again, and the library does not use
/// what it borrowed: no thread of the library, a pool's included, touches what
/// was lent outside the call in which it was lent (`sgz.h`; ARCHITECTURE.md,
/// "Threads of libsgz"; `tests/forget.rs` has each handle in each state).
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
    /// The error of `open`.
    ///
    /// # Safety
    ///
    /// On success `open` writes a handle for the caller to the first pointer,
    /// allocated by the meter of `options` or the default allocator. Data that
    /// C borrows for it lives during `'a`, or is a box that C owns, and any
    /// thread may use it.
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

    /// The meter, to be kept by every object that C allocates with the handle's
    /// allocator.
    pub(crate) fn keep_meter(&self) -> Option<Meter> {
        self.meter.clone()
    }

    /// Makes a call that may run callbacks, and resumes the panic that they
    /// left.
    #[inline]
    pub(crate) fn call(
        &self,
        call: impl FnOnce(*mut H, *mut raw::sgz_error) -> raw::sgz_status,
    ) -> Result<()> {
        self.hand_over(self.outcome(call))
    }

    /// The result of a call. A panic of a callback stays until the next call,
    /// or [`close`](Self::close), resumes it.
    #[inline]
    pub(crate) fn outcome(
        &self,
        call: impl FnOnce(*mut H, *mut raw::sgz_error) -> raw::sgz_status,
    ) -> Result<()> {
        outcome(self.relay.as_deref(), |error| call(self.as_ptr(), error))
    }

    /// As [`call`](Self::call), for a call that makes an object: see [`make`].
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

    /// The relay, for what C drops while the handle is open.
    pub(crate) fn relay(&mut self) -> Arc<Relay> {
        self.relay.get_or_insert_default().clone()
    }

    /// Reports events of the kinds in `mask` to `watch`.
    ///
    /// # Errors
    ///
    /// The error of C. Then `watch` is dropped.
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

    /// Closes it, returns `value`, and resumes a panic that is left.
    ///
    /// `value` is a variable here, which an unwinding drops. If it were being
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
        // sgz_reader_close/Ownership, sgz_writer_free/Ownership: C releases the
        // boxes through their trampolines. sgz_reader_close/Lifetime,
        // sgz_writer_free/Lifetime: no borrow is left: each borrowed self.
        // sgz_reader_close/Threads, sgz_writer_free/Threads: &mut self: one
        // thread.
        unsafe { H::CLOSE(self.as_ptr()) };
        if let Some(relay) = &self.relay {
            relay.end(());
        }
    }
}
