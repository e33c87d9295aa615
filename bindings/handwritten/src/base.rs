// SPDX-License-Identifier: MIT OR Apache-2.0
//! `sgz/base.h`: version, limits and checksums.

use core::ffi::{CStr, c_char, c_void};

/// The header's version, first part.
pub const SGZ_VERSION_MAJOR: u32 = 0;
/// The header's version, second part.
pub const SGZ_VERSION_MINOR: u32 = 1;
/// The header's version, third part.
pub const SGZ_VERSION_PATCH: u32 = 0;
/// The header's version, as text.
pub const SGZ_VERSION_STRING: &CStr = c"0.1.0";

/// One number from three, so that `<` compares versions.
pub const fn SGZ_VERSION_MAKE(major: u32, minor: u32, patch: u32) -> u32 {
    (major << 16) | (minor << 8) | patch
}

/// The version of the header that this crate was written from.
pub const SGZ_VERSION_NUMBER: u32 =
    SGZ_VERSION_MAKE(SGZ_VERSION_MAJOR, SGZ_VERSION_MINOR, SGZ_VERSION_PATCH);

/// The maximum of uncompressed bytes in one BGZF block.
pub const SGZ_BLOCK_MAX: u32 = 65536;
/// The default of uncompressed bytes in a block.
pub const SGZ_BLOCK_DEFAULT: u32 = 65280;
/// The codec's own default level.
pub const SGZ_LEVEL_DEFAULT: i32 = -1;
/// The highest level.
pub const SGZ_LEVEL_MAX: u32 = 12;
/// An unknown size or offset: `0ULL - 1`.
pub const SGZ_UNKNOWN: u64 = u64::MAX;

unsafe extern "C" {
    /// The version of the library that is running, as text.
    ///
    /// C declares the array without a length, but Rust has no such type: take
    /// its address, and read up to the NUL.
    //
    // Not `safe`: through a reference to an array of no bytes, none of the text
    // may be read. Taking its address needs no `unsafe`.
    pub static sgz_version_text: [c_char; 0];

    /// Uncompressed bytes per block: minimum, default, maximum.
    //
    // Safe: const in C, so nobody ever writes it.
    pub safe static sgz_block_sizes: [u32; 3];

    /// The version of the library that is running.
    //
    // Safe: sgz_version_number/Threads: any thread, at any time. Its other
    // clauses have no requirements.
    pub safe fn sgz_version_number() -> u32;

    /// The CRC-32 of gzip over `len` bytes at `data`, continued from `crc`.
    pub fn sgz_crc32(crc: u32, data: *const c_void, len: usize) -> u32;
}
