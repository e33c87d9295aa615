// SPDX-License-Identifier: MIT OR Apache-2.0
//! `sgz/options.h`: options of readers and writers, one size-stamped struct for
//! both.

use core::ffi::{c_uint, c_void};
use core::ptr;

use crate::base::{SGZ_BLOCK_DEFAULT, SGZ_LEVEL_DEFAULT};
use crate::codec::sgz_codec;
use crate::error::sgz_status;
use crate::memory::sgz_allocator;
use crate::pool::sgz_pool;

/// The format of a file that is read or written.
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct sgz_format(pub c_uint);

impl sgz_format {
    /// Blocks with a BC extra field: seekable.
    pub const SGZ_FORMAT_BGZF: Self = Self(0);
    /// One member, one deflate stream.
    pub const SGZ_FORMAT_GZIP: Self = Self(1);
    /// Not gzip: only `sgz_detect` returns it.
    pub const SGZ_FORMAT_NONE: Self = Self(2);
}

/// Options, for readers and writers.
///
/// The eight bitfields of C are one integer here, `flags`: Rust has no
/// bitfields. Constants give the position of each, and a pair of methods reads
/// and writes it.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct sgz_options {
    /// `size_of::<sgz_options>()`, as the caller was compiled.
    pub size: usize,
    /// Writer: 0 to `SGZ_LEVEL_MAX`, or `SGZ_LEVEL_DEFAULT`.
    pub level: i32,
    /// Writer, BGZF: uncompressed bytes per block.
    pub block_size: u32,
    /// `format`, `build_index`, `exclusive`, `sync`, `skip_crc`,
    /// `allow_no_eof`, `stop_early` and `reserved`, from the lowest bit up.
    pub flags: c_uint,
    /// Minimum of uncompressed bytes between two progress events.
    pub progress_interval: u32,
    /// Reader: maximum of bytes in a member's header, including names.
    pub header_limit: usize,
    /// Reader: maximum of bytes in a line.
    pub line_limit: usize,
    /// Reader: bytes to read from the input at a time.
    pub read_size: usize,
    /// NULL: the default.
    pub allocator: *const sgz_allocator,
    /// Threads for BGZF blocks; NULL: none but the one that uses it.
    pub pool: *mut sgz_pool,
    /// Reader: most bytes in unpacked blocks that are kept.
    pub cache_size: usize,
    /// The codec of BGZF blocks; NULL: the default.
    pub codec: *mut sgz_codec,
}

// The ABI decides at which end the first bitfield is.
#[cfg(not(target_endian = "little"))]
compile_error!("sgz_options.flags: bit positions are known for little-endian");

/// The pair of methods for one bitfield.
macro_rules! bitfield {
    ($get:ident, $set:ident, $shift:ident, $mask:ident, $what:literal) => {
        #[doc = $what]
        #[inline]
        pub const fn $get(&self) -> c_uint {
            (self.flags & Self::$mask) >> Self::$shift
        }

        #[doc = concat!("Set `", stringify!($get), "`.")]
        ///
        /// As in C, bits that do not fit are lost.
        #[inline]
        pub const fn $set(&mut self, value: c_uint) {
            self.flags = self.flags & !Self::$mask
                | (value << Self::$shift) & Self::$mask;
        }
    };
}

#[rustfmt::skip] // a table
impl sgz_options {
    /// The lowest bit of `format`.
    pub const FORMAT_SHIFT: u32 = 0;
    /// The bits of `format`.
    pub const FORMAT_MASK: c_uint = 0b11 << Self::FORMAT_SHIFT;
    /// The bit of `build_index`.
    pub const BUILD_INDEX_SHIFT: u32 = 2;
    /// The bit of `build_index`, as a mask.
    pub const BUILD_INDEX_MASK: c_uint = 1 << Self::BUILD_INDEX_SHIFT;
    /// The bit of `exclusive`.
    pub const EXCLUSIVE_SHIFT: u32 = 3;
    /// The bit of `exclusive`, as a mask.
    pub const EXCLUSIVE_MASK: c_uint = 1 << Self::EXCLUSIVE_SHIFT;
    /// The bit of `sync`.
    pub const SYNC_SHIFT: u32 = 4;
    /// The bit of `sync`, as a mask.
    pub const SYNC_MASK: c_uint = 1 << Self::SYNC_SHIFT;
    /// The bit of `skip_crc`.
    pub const SKIP_CRC_SHIFT: u32 = 5;
    /// The bit of `skip_crc`, as a mask.
    pub const SKIP_CRC_MASK: c_uint = 1 << Self::SKIP_CRC_SHIFT;
    /// The bit of `allow_no_eof`.
    pub const ALLOW_NO_EOF_SHIFT: u32 = 6;
    /// The bit of `allow_no_eof`, as a mask.
    pub const ALLOW_NO_EOF_MASK: c_uint = 1 << Self::ALLOW_NO_EOF_SHIFT;
    /// The bit of `stop_early`.
    pub const STOP_EARLY_SHIFT: u32 = 7;
    /// The bit of `stop_early`, as a mask.
    pub const STOP_EARLY_MASK: c_uint = 1 << Self::STOP_EARLY_SHIFT;
    /// The lowest bit of `reserved`.
    pub const RESERVED_SHIFT: u32 = 8;
    /// The bits of `reserved`.
    pub const RESERVED_MASK: c_uint = u32::MAX << Self::RESERVED_SHIFT;

    bitfield!(format, set_format, FORMAT_SHIFT, FORMAT_MASK,
        "Writer: an `sgz_format`.");
    bitfield!(build_index, set_build_index, BUILD_INDEX_SHIFT,
        BUILD_INDEX_MASK, "Writer, BGZF: keep an index of what is written.");
    bitfield!(exclusive, set_exclusive, EXCLUSIVE_SHIFT, EXCLUSIVE_MASK,
        "Writer by path: `SGZ_E_EXISTS` rather than replace a file.");
    bitfield!(sync, set_sync, SYNC_SHIFT, SYNC_MASK,
        "Writer by path: fsync before the file gets its name.");
    bitfield!(skip_crc, set_skip_crc, SKIP_CRC_SHIFT, SKIP_CRC_MASK,
        "Reader: do not compare CRC-32s.");
    bitfield!(allow_no_eof, set_allow_no_eof, ALLOW_NO_EOF_SHIFT,
        ALLOW_NO_EOF_MASK,
        "Reader: a file whose last member is a block needs no end marker.");
    bitfield!(stop_early, set_stop_early, STOP_EARLY_SHIFT, STOP_EARLY_MASK,
        "Reader, `sgz_reader_read_at`: unpack only as far as needed.");
    bitfield!(reserved, set_reserved, RESERVED_SHIFT, RESERVED_MASK,
        "For later versions: zero.");
}

/// The defaults.
pub const SGZ_OPTIONS_INIT: sgz_options = sgz_options {
    size: size_of::<sgz_options>(),
    level: SGZ_LEVEL_DEFAULT,
    block_size: SGZ_BLOCK_DEFAULT,
    flags: sgz_format::SGZ_FORMAT_BGZF.0 << sgz_options::FORMAT_SHIFT,
    progress_interval: 1 << 20,
    header_limit: 1 << 20,
    line_limit: 1 << 30,
    read_size: 1 << 18,
    allocator: ptr::null(),
    pool: ptr::null_mut(),
    cache_size: 0,
    codec: ptr::null_mut(),
};

unsafe extern "C" {
    /// Set `options` to the defaults, as `SGZ_OPTIONS_INIT` does.
    pub fn sgz_options_init(
        options: *mut sgz_options,
        size: usize,
    ) -> sgz_status;

    /// Detect the format of `len` bytes at `data`.
    pub fn sgz_detect(data: *const c_void, len: usize) -> sgz_format;
}
