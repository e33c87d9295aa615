// SPDX-License-Identifier: MIT OR Apache-2.0
//! Version, limits and checksums: everything that needs no handle.

use core::ffi::CStr;

use crate::raw;

/// The version of the C library that is running, as text.
///
/// # Examples
///
/// ```
/// assert!(sgz::version().starts_with("0."));
/// ```
#[must_use]
pub fn version() -> &'static str {
    let text = (&raw const raw::sgz_version_text).cast();
    // SAFETY: sgz_version_number/Lifetime: like the number, the text is a
    // constant of the library, which stays loaded. std CStr::from_ptr: a C
    // string literal ends in NUL and never changes.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().unwrap_or_default()
}

/// The version of the C library that is running, as one number.
///
/// Later versions have greater numbers: major, minor and patch level take
/// 16, 8 and 8 bits.
///
/// # Examples
///
/// ```
/// assert!(sgz::version_number() >= 0x00_01_00);
/// ```
#[must_use]
#[inline]
pub fn version_number() -> u32 {
    // It is safe in the hand-written crate and unsafe in bindgen's: as a
    // pointer it is the same in both.
    let number: unsafe extern "C" fn() -> u32 = raw::sgz_version_number;
    // SAFETY: sgz_version_number/Threads: any thread, at any time.
    unsafe { number() }
}

/// Uncompressed bytes per block: minimum, default, maximum.
///
/// # Examples
///
/// ```
/// let [least, default, most] = sgz::block_sizes();
/// assert!(least <= default && default <= most);
/// ```
#[must_use]
pub fn block_sizes() -> [u32; 3] {
    let sizes = &raw const raw::sgz_block_sizes;
    // SAFETY: std pointer::read: a variable of the library, which stays
    // loaded. sgz_version_number/Threads: like the version, a constant that
    // nothing writes.
    unsafe { sizes.read() }
}

/// The CRC-32 of gzip over `data`, continued from `crc` (0 to start).
///
/// # Examples
///
/// ```
/// let whole = sgz::crc32(0, b"123456789");
/// assert_eq!(whole, 0xcbf4_3926);
/// assert_eq!(whole, sgz::crc32(sgz::crc32(0, b"1234"), b"56789"));
/// ```
#[must_use]
pub fn crc32(crc: u32, data: &[u8]) -> u32 {
    // SAFETY: sgz_crc32/Ownership: data is borrowed for the call, and a slice
    // is that long. /Threads: any thread.
    unsafe { raw::sgz_crc32(crc, data.as_ptr().cast(), data.len()) }
}
