// SPDX-License-Identifier: MIT OR Apache-2.0
//! `sgz/io.h`: the caller's own input and output, as structs of function
//! pointers.

use core::ffi::{c_int, c_void};

/// Where a reader takes compressed bytes from.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct sgz_source {
    /// Store up to `len` bytes at `data`.
    pub read: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            data: *mut c_void,
            len: usize,
        ) -> i64,
    >,
    /// Move to `offset` from `whence`. NULL if the input cannot seek.
    pub seek: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            offset: i64,
            whence: c_int,
        ) -> i64,
    >,
    /// Release `ctx`. NULL if there is nothing to release.
    pub close: Option<unsafe extern "C" fn(ctx: *mut c_void)>,
    /// Passed to all three functions.
    pub ctx: *mut c_void,
}

/// Where a writer puts compressed bytes.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct sgz_sink {
    /// Take up to `len` bytes from `data`.
    pub write: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            data: *const c_void,
            len: usize,
        ) -> i64,
    >,
    /// Pass on buffered bytes. NULL if nothing is buffered.
    pub flush: Option<unsafe extern "C" fn(ctx: *mut c_void) -> c_int>,
    /// Release `ctx`. NULL if there is nothing to release.
    pub close: Option<unsafe extern "C" fn(ctx: *mut c_void)>,
    /// Passed to all three functions.
    pub ctx: *mut c_void,
}
