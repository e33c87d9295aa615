// SPDX-License-Identifier: MIT OR Apache-2.0
//! `sgz/header.h`: the header of a gzip member.

use core::ffi::{c_char, c_uchar};
use core::ptr;

use crate::error::{sgz_error, sgz_status};

/// The ten fixed bytes, as they are in the file.
///
/// Packed: `mtime` may have an odd address, so the compiler refuses a reference
/// to it. Copy the value instead.
#[repr(C, packed)]
#[derive(Debug, Copy, Clone)]
pub struct sgz_prefix {
    /// 0x1f.
    pub id1: u8,
    /// 0x8b.
    pub id2: u8,
    /// 8: deflate.
    pub method: u8,
    /// Which parts follow.
    pub flags: u8,
    /// Seconds since 1970, or 0.
    pub mtime: u32,
    /// Extra flags of the compressor.
    pub xfl: u8,
    /// The system on which the file was written.
    pub os: u8,
}

/// One subfield of the extra field, in place.
///
/// Not `Copy`: a copy would leave the data behind.
#[repr(C, packed)]
pub struct sgz_subfield {
    /// First byte of the identifier.
    pub si1: u8,
    /// Second byte of the identifier.
    pub si2: u8,
    /// Little-endian: read it with `sgz_subfield_len`.
    pub len: u16,
    /// `sgz_subfield_len` bytes: a flexible array member, which begins where
    /// the struct ends. Access it with `&raw const` from a pointer to the
    /// struct: a reference would cover none of its bytes.
    pub data: [u8; 0],
}

/// A member's header.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct sgz_header {
    /// Where the member starts in the compressed file.
    pub offset: u64,
    /// NUL-terminated, or NULL if the member has none.
    pub name: *const c_char,
    /// NUL-terminated, or NULL if the member has none.
    pub comment: *const c_char,
    /// The extra field, or NULL if the member has none.
    pub extra: *const c_uchar,
    /// Bytes in the extra field.
    pub extra_len: usize,
    /// The ten fixed bytes.
    pub prefix: sgz_prefix,
}

/// The number of data bytes in `subfield`.
///
/// An inline function of the header: it is not in the library, so it is written
/// here again.
///
/// # Safety
///
/// As in the header.
#[inline]
pub unsafe extern "C" fn sgz_subfield_len(
    subfield: *const sgz_subfield,
) -> usize {
    // SAFETY: sgz_subfield_len/Ownership: borrowed from the caller: `subfield`.
    let len = unsafe { (*subfield).len };
    usize::from(u16::from_le(len))
}

/// The subfield after `subfield` in the extra field of `header`.
///
/// An inline function of the header, as `sgz_subfield_len`.
///
/// # Safety
///
/// As in the header.
#[inline]
pub unsafe extern "C" fn sgz_subfield_next(
    header: *const sgz_header,
    subfield: *const sgz_subfield,
) -> *const sgz_subfield {
    // SAFETY: sgz_subfield_next/Ownership: borrowed from the caller: `header`.
    let (extra, len) = unsafe { ((*header).extra, (*header).extra_len) };
    if extra.is_null() {
        return ptr::null();
    }
    let mut at = 0;
    if !subfield.is_null() {
        at = subfield.addr() - extra.addr();
        // SAFETY: sgz_subfield_next/Lifetime: `subfield` came from here, so
        // that it lies in the extra field, as a whole.
        at += 4 + unsafe { sgz_subfield_len(subfield) };
    }
    if len - at < 4 {
        return ptr::null();
    }
    // SAFETY: sgz_subfield_next/Lifetime: extra is extra_len bytes, and four
    // of them come after `at`.
    let next = unsafe { extra.add(at) }.cast::<sgz_subfield>();
    // SAFETY: sgz_subfield_len/Ownership: the four bytes are borrowed.
    if len - at - 4 < unsafe { sgz_subfield_len(next) } {
        return ptr::null();
    }
    next
}

unsafe extern "C" {
    /// Describe `header` in one line of text.
    pub fn sgz_header_describe(
        header: *const sgz_header,
        text_out: *mut *mut c_char,
        error: *mut sgz_error,
    ) -> sgz_status;
}
