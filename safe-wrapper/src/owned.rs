// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bytes that are given away to C, whatever Rust type they are of.

use std::mem;
use std::sync::Arc;

use crate::panic::Relay;
use crate::{raw, trampoline};

/// A value whose bytes C has, and the relay for a panic of its drop.
///
/// # Invariants
///
/// After [`into_raw`](Self::into_raw) the box belongs to C. Nothing on this
/// side uses the value until `release` gets the box back.
pub(crate) struct Owned<T> {
    data: T,
    relay: Arc<Relay>,
}

impl<T> Owned<T> {
    pub(crate) fn new(data: T, relay: Arc<Relay>) -> Self {
        Self { data, relay }
    }

    /// Drops the value; a panic in its drop goes to the relay.
    pub(crate) fn release(self) {
        let Self { data, relay } = self;
        relay.run_always(|| drop(data));
    }
}

impl<T: AsRef<[u8]> + Send + 'static> Owned<T> {
    /// Boxes it for C, which calls `release` once.
    ///
    /// # Panics
    ///
    /// If `as_ref` does. Then the value is dropped.
    pub(crate) fn into_raw(self) -> raw::sgz_owned {
        let boxed = Boxed(Box::into_raw(Box::new(self)));
        // SAFETY: Boxed/Invariants: the box is alive, and nobody else has it.
        // Its address is final: the bytes may lie in the value itself.
        let bytes = unsafe { (*boxed.0).data.as_ref() };
        let owned = raw::sgz_owned {
            data: bytes.as_ptr().cast(),
            len: bytes.len(),
            release: Some(trampoline::owned_release::<T>),
            ctx: boxed.0.cast(),
        };
        mem::forget(boxed); // the box is C's now
        owned
    }
}

/// Drops the box of a value whose `as_ref` panics.
///
/// # Invariants
///
/// The pointer is that of a box that nobody else has.
struct Boxed<T>(*mut Owned<T>);

impl<T> Drop for Boxed<T> {
    fn drop(&mut self) {
        // SAFETY: Boxed/Invariants: it is the only pointer to the box.
        drop(unsafe { Box::from_raw(self.0) });
    }
}
