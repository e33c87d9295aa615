// SPDX-License-Identifier: MIT OR Apache-2.0
//! A call into C: memory for its error details, the call, and its result.

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

/// The result of a call. A panic of a callback stays in `relay`.
#[inline]
pub(crate) fn outcome(
    relay: Option<&Relay>,
    call: impl FnOnce(*mut raw::sgz_error) -> raw::sgz_status,
) -> Result<()> {
    let mut details = Details::new();
    let status = call(details.as_mut_ptr());
    details.check(status, relay)
}

/// The result of a call that writes a pointer on success; `own` takes it.
///
/// A panic of a callback stays in `relay`: if it were resumed before the object
/// is owned, the object would be lost.
pub(crate) fn make<T, O>(
    relay: Option<&Relay>,
    own: impl FnOnce(NonNull<T>) -> O,
    call: impl FnOnce(*mut *mut T, *mut raw::sgz_error) -> raw::sgz_status,
) -> Result<O> {
    let mut made = ptr::null_mut();
    outcome(relay, |error| call(&raw mut made, error))?;
    NonNull::new(made).map(own).ok_or_else(no_output)
}
