// SPDX-License-Identifier: MIT OR Apache-2.0
//! A call into C: room for its details, the call, and what came of it.

use std::ptr::{self, NonNull};

use crate::error::{Details, no_output};
use crate::panic::Relay;
use crate::{Result, raw};

/// Makes a call that runs none of the caller's code.
#[inline]
pub(crate) fn call(
    call: impl FnOnce(*mut raw::sgz_error) -> raw::sgz_status,
) -> Result<()> {
    outcome(None, call)
}

/// What a call gave; a panic that a callback left stays in `relay`.
#[inline]
pub(crate) fn outcome(
    relay: Option<&Relay>,
    call: impl FnOnce(*mut raw::sgz_error) -> raw::sgz_status,
) -> Result<()> {
    let mut details = Details::new();
    let status = call(details.as_mut_ptr());
    details.check(status, relay)
}

/// What a call gave that writes a pointer when it succeeds, owned by `own`.
///
/// A panic that a callback left stays in `relay`: what is resumed before the
/// object is owned would lose it.
pub(crate) fn make<T, O>(
    relay: Option<&Relay>,
    own: impl FnOnce(NonNull<T>) -> O,
    call: impl FnOnce(*mut *mut T, *mut raw::sgz_error) -> raw::sgz_status,
) -> Result<O> {
    let mut made = ptr::null_mut();
    outcome(relay, |error| call(&raw mut made, error))?;
    NonNull::new(made).map(own).ok_or_else(no_output)
}
