// SPDX-License-Identifier: MIT OR Apache-2.0
//! `sgz/event.h`: events that a reader or writer reports to its observer.

use core::ffi::{c_char, c_int, c_uint, c_void};

use crate::header::sgz_header;

/// Which part of `sgz_event.data` is set.
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct sgz_event_kind(pub c_uint);

impl sgz_event_kind {
    /// A gzip member that is not a BGZF block begins.
    pub const SGZ_EVENT_MEMBER: Self = Self(0);
    /// A BGZF block was read or written.
    pub const SGZ_EVENT_BLOCK: Self = Self(1);
    /// How much is done.
    pub const SGZ_EVENT_PROGRESS: Self = Self(2);
    /// A message for people.
    pub const SGZ_EVENT_LOG: Self = Self(3);
}

/// The bit of `kind` in `sgz_observer.mask`.
pub const fn SGZ_EVENT_BIT(kind: sgz_event_kind) -> u32 {
    1 << kind.0
}

/// Every kind, including those of later versions.
pub const SGZ_EVENT_ALL: u32 = u32::MAX;

/// The level of a log event.
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct sgz_log_level(pub c_uint);

impl sgz_log_level {
    /// For those who work on the library.
    pub const SGZ_LOG_DEBUG: Self = Self(0);
    /// For those who watch.
    pub const SGZ_LOG_INFO: Self = Self(1);
    /// For everyone.
    pub const SGZ_LOG_WARNING: Self = Self(2);
}

/// A block that was read or written.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct sgz_event_block {
    /// Of its header, in the compressed file.
    pub compressed_offset: u64,
    /// Of its first byte, uncompressed.
    pub offset: u64,
    /// Bytes in the compressed file.
    pub compressed_len: u32,
    /// Bytes, uncompressed.
    pub len: u32,
    /// The CRC-32 of its bytes.
    pub crc: u32,
}

/// How much is done.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct sgz_event_progress {
    /// Uncompressed bytes.
    pub done: u64,
    /// Compressed bytes.
    pub compressed_done: u64,
    /// Compressed bytes in all, or `SGZ_UNKNOWN`.
    pub compressed_total: u64,
}

/// A message for people.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct sgz_event_log {
    /// Its level.
    pub level: sgz_log_level,
    /// One line, NUL-terminated.
    pub text: *const c_char,
}

/// An event: `kind` says which member of `data` may be read.
#[repr(C)]
#[derive(Copy, Clone)]
pub struct sgz_event {
    /// Which.
    pub kind: sgz_event_kind,
    /// For later versions: zero.
    pub reserved: u32,
    /// What.
    pub data: sgz_event_data,
}

/// The union in `sgz_event`, which has no name in C.
#[repr(C)]
#[derive(Copy, Clone)]
pub union sgz_event_data {
    /// Of `SGZ_EVENT_MEMBER`.
    pub member: *const sgz_header,
    /// Of `SGZ_EVENT_BLOCK`.
    pub block: sgz_event_block,
    /// Of `SGZ_EVENT_PROGRESS`.
    pub progress: sgz_event_progress,
    /// Of `SGZ_EVENT_LOG`.
    pub log: sgz_event_log,
}

/// Receives events.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct sgz_observer {
    /// Receive `event`.
    pub event: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            event: *const sgz_event,
        ) -> c_int,
    >,
    /// Release `ctx`. NULL if there is nothing to release.
    pub release: Option<unsafe extern "C" fn(ctx: *mut c_void)>,
    /// Passed to both functions.
    pub ctx: *mut c_void,
    /// The kinds to report.
    pub mask: u32,
}
