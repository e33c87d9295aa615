// SPDX-License-Identifier: MIT OR Apache-2.0
//! `sgz/error.h`: status codes, and the details of a failure.

use core::ffi::{c_char, c_int};

/// The outcome of a call.
///
/// An integer, not a Rust `enum`: a later library returns codes that are not
/// listed here, and a Rust `enum` with such a value is undefined behaviour.
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
#[must_use]
pub struct sgz_status(pub c_int);

impl sgz_status {
    /// Success.
    pub const SGZ_OK: Self = Self(0);
    /// An argument is out of its documented range.
    pub const SGZ_E_INVALID: Self = Self(-1);
    /// The allocator returned NULL.
    pub const SGZ_E_NOMEM: Self = Self(-2);
    /// A system call failed: see `sys_errno`.
    pub const SGZ_E_IO: Self = Self(-3);
    /// These bytes are not a gzip header.
    pub const SGZ_E_FORMAT: Self = Self(-4);
    /// The deflate stream is corrupt.
    pub const SGZ_E_DATA: Self = Self(-5);
    /// The CRC-32 of the data is not the trailer's.
    pub const SGZ_E_CRC: Self = Self(-6);
    /// ISIZE or BSIZE disagrees with the data.
    pub const SGZ_E_LENGTH: Self = Self(-7);
    /// The input ends too early.
    pub const SGZ_E_TRUNCATED: Self = Self(-8);
    /// Bytes after the last member are not gzip.
    pub const SGZ_E_TRAILING: Self = Self(-9);
    /// A caller's function broke its contract.
    pub const SGZ_E_CALLBACK: Self = Self(-10);
    /// An observer asked to stop.
    pub const SGZ_E_CANCELLED: Self = Self(-11);
    /// An index is malformed, or belongs to another file.
    pub const SGZ_E_INDEX: Self = Self(-12);
    /// An offset lies beyond the end.
    pub const SGZ_E_RANGE: Self = Self(-13);
    /// Not supported for this kind of file.
    pub const SGZ_E_UNSUPPORTED: Self = Self(-14);
    /// Wrong state: finished, busy, or failed before.
    pub const SGZ_E_STATE: Self = Self(-15);
    /// Larger than the options allow.
    pub const SGZ_E_LIMIT: Self = Self(-16);
    /// The output exists, but had to be new.
    pub const SGZ_E_EXISTS: Self = Self(-17);
}

/// True for every code except `SGZ_OK`.
pub const fn SGZ_IS_ERROR(status: sgz_status) -> bool {
    status.0 < sgz_status::SGZ_OK.0
}

/// Bytes in `sgz_error.text`, including the terminator.
pub const SGZ_ERROR_TEXT_SIZE: u32 = 236;

/// The details of a failure.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct sgz_error {
    /// The kind of the failure.
    pub status: sgz_status,
    /// errno, or what a callback returned (negated), or 0.
    pub sys_errno: c_int,
    /// The position in the compressed input, in bytes, or -1.
    pub offset: i64,
    /// One line, NUL-terminated.
    pub text: [c_char; SGZ_ERROR_TEXT_SIZE as usize],
    /// For later versions: zero.
    pub reserved: u32,
}

/// An empty error (`SGZ_OK`).
pub const SGZ_ERROR_INIT: sgz_error = sgz_error {
    status: sgz_status::SGZ_OK,
    sys_errno: 0,
    offset: -1,
    text: [0; SGZ_ERROR_TEXT_SIZE as usize],
    reserved: 0,
};

unsafe extern "C" {
    /// The name of `status` as the header spells it.
    //
    // Safe: sgz_status_name/Threads: any thread, at any time. /Errors: any
    // number is allowed. It returns a raw pointer.
    pub safe fn sgz_status_name(status: sgz_status) -> *const c_char;

    /// The meaning of `status` in a few words.
    //
    // Safe: sgz_status_text/Threads, /Errors: as sgz_status_name().
    pub safe fn sgz_status_text(status: sgz_status) -> *const c_char;
}
