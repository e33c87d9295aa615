// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the lesson on zlib calls and is called by: streams, an allocator, and
//! both ends of `inflateBack()`.

use core::ffi::{CStr, c_int, c_uchar, c_uint, c_void};
use std::alloc::{Layout, alloc, dealloc};
use std::mem;
use std::ptr::null_mut;

use super::super::zlib::*;

/// The `zlib.h` that was read when this was written. zlib compares the first
/// character, and the size below: that is all it can know of a caller.
pub const ZLIB_H: &CStr = c"1.2.9";
/// `sizeof(z_stream)`, which C's macros pass on for the caller.
#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
pub const STREAM_SIZE: c_int = size_of::<z_stream>() as c_int;

/// `z_stream strm = { 0 }`: no memory lent, and zlib's own allocator.
#[must_use]
pub fn stream_init() -> z_stream {
    // SAFETY: std mem::zeroed: integers, pointers, and functions in an Option.
    unsafe { mem::zeroed() }
}

/// `deflateInit()`, which is a macro in C.
///
/// # Safety
///
/// `strm` points to a stream that owns nothing, and stays where it is until
/// `deflateEnd()`.
pub unsafe fn deflate_init(strm: z_streamp) -> c_int {
    let level = Z_DEFAULT_COMPRESSION;
    // SAFETY: zlib deflateInit: deflate_init/Safety.
    unsafe { deflateInit_(strm, level, ZLIB_H.as_ptr(), STREAM_SIZE) }
}

/// `inflateInit()`, which is a macro in C.
///
/// # Safety
///
/// As [`deflate_init`], until `inflateEnd()`.
pub unsafe fn inflate_init(strm: z_streamp) -> c_int {
    // SAFETY: zlib inflateInit: inflate_init/Safety.
    unsafe { inflateInit_(strm, ZLIB_H.as_ptr(), STREAM_SIZE) }
}

/// `deflateInit2()` for a raw stream, without anything around it.
///
/// # Safety
///
/// As [`deflate_init`].
pub unsafe fn raw_deflate_init(strm: z_streamp) -> c_int {
    let (header, bits, level) = (ZLIB_H.as_ptr(), -MAX_WBITS, 1);
    let (method, strategy) = (Z_DEFLATED, Z_DEFAULT_STRATEGY);
    // SAFETY: zlib deflateInit2: raw_deflate_init/Safety.
    unsafe {
        deflateInit2_(
            strm,
            level,
            method,
            bits,
            8,
            strategy,
            header,
            STREAM_SIZE,
        )
    }
}

/// `inflateBackInit()`, with no input yet.
///
/// # Safety
///
/// As [`deflate_init`], until `inflateBackEnd()`; `window` has `2^MAX_WBITS`
/// bytes, and lives as long.
pub unsafe fn back_init(strm: z_streamp, window: &mut [u8]) -> c_int {
    let (window, header) = (window.as_mut_ptr(), ZLIB_H.as_ptr());
    // SAFETY: zlib inflateBackInit: back_init/Safety.
    unsafe {
        (*strm).next_in = null_mut();
        (*strm).avail_in = 0;
        inflateBackInit_(strm, MAX_WBITS, window, header, STREAM_SIZE)
    }
}

/// Set the four fields by which a caller lends its memory to a stream.
///
/// # Safety
///
/// `strm` points to a stream. Both buffers live as long as calls use them.
#[allow(clippy::cast_possible_truncation, reason = "the lesson's are short")]
pub unsafe fn lend(strm: z_streamp, input: &[u8], out: &mut [u8]) {
    // SAFETY: std raw pointers: lend/Safety.
    unsafe {
        (*strm).next_in = input.as_ptr().cast_mut(); // which zlib only reads
        (*strm).avail_in = input.len() as uInt;
        (*strm).next_out = out.as_mut_ptr();
        (*strm).avail_out = out.len() as uInt;
    }
}

/// [`lend`], and compress all of it in one call.
///
/// # Safety
///
/// As of [`lend`], for a stream that compresses.
pub unsafe fn deflate_all(
    strm: z_streamp,
    input: &[u8],
    out: &mut [u8],
) -> c_int {
    // SAFETY: zlib deflate: deflate_all/Safety. lend/Safety: likewise.
    unsafe {
        lend(strm, input, out);
        deflate(strm, Z_FINISH)
    }
}

/// [`lend`], and decompress all of it in one call.
///
/// # Safety
///
/// As of [`lend`], for a stream that decompresses.
pub unsafe fn inflate_all(
    strm: z_streamp,
    input: &[u8],
    out: &mut [u8],
) -> c_int {
    // SAFETY: zlib inflate: inflate_all/Safety. lend/Safety: likewise.
    unsafe {
        lend(strm, input, out);
        inflate(strm, Z_NO_FLUSH)
    }
}

/// Behind `zalloc()` and `zfree()`: counts, and grants so many blocks.
#[derive(Default)]
pub struct Granted {
    /// Blocks allocated.
    pub allocs: i64,
    /// Blocks freed.
    pub frees: i64,
    /// Bytes allocated.
    pub bytes: i64,
    /// Blocks that are still granted.
    pub left: i64,
}

impl Granted {
    /// Grants `left` blocks.
    #[must_use]
    pub fn new(left: i64) -> Self {
        Self {
            left,
            ..Self::default()
        }
    }

    /// A stream that owns nothing, and gets its memory here.
    ///
    /// # Safety
    ///
    /// `strm` points to a stream, and nobody touches `self` while it lives.
    pub unsafe fn put_into(&mut self, strm: z_streamp) {
        let opaque = (&raw mut *self).cast();
        // SAFETY: std raw pointers: Granted::put_into/Safety.
        unsafe {
            *strm = stream_init();
            (*strm).zalloc = Some(granted_alloc);
            (*strm).zfree = Some(granted_free);
            (*strm).opaque = opaque;
        }
    }
}

/// Rust's dealloc() needs the size, and zfree() does not get it: it is in
/// front of each block, in so many bytes that the rest stays aligned.
const HEAD: usize = 16;

/// `zalloc`, with a [`Granted`] for `opaque`.
///
/// # Safety
///
/// To be called by zlib only.
pub unsafe extern "C" fn granted_alloc(
    opaque: *mut c_void,
    items: uInt,
    size: uInt,
) -> *mut c_void {
    // SAFETY: zlib zalloc: opaque is the lesson's, and nobody else uses it.
    let granted = unsafe { &mut *opaque.cast::<Granted>() };
    granted.left -= 1;
    let size = items as usize * size as usize;
    let layout = Layout::from_size_align(size + HEAD, HEAD);
    let (0.., Ok(layout)) = (granted.left, layout) else {
        return null_mut();
    };
    granted.allocs += 1;
    granted.bytes += i64::try_from(size).unwrap_or(0);
    // SAFETY: std alloc::alloc: with HEAD it is not empty, and there is room
    // for the size in front.
    unsafe {
        let block: *mut c_void = alloc(layout).cast();
        block.cast::<usize>().write(layout.size());
        block.byte_add(HEAD)
    }
}

/// `zfree` of what [`granted_alloc`] gave.
///
/// # Safety
///
/// To be called by zlib only.
pub unsafe extern "C" fn granted_free(opaque: *mut c_void, block: *mut c_void) {
    // SAFETY: zlib zfree: the same opaque, and a block of granted_alloc()'s,
    // with its size in front. std alloc::dealloc: it had that layout.
    unsafe {
        (*opaque.cast::<Granted>()).frees += 1;
        let block = block.byte_sub(HEAD);
        let size = block.cast::<usize>().read();
        dealloc(block.cast(), Layout::from_size_align_unchecked(size, HEAD));
    }
}

/// Both ends of `inflateBack()`: pieces of 100 bytes in, a checksum out.
#[derive(Default)]
pub struct Ends<'a> {
    /// What was not given yet.
    pub input: &'a [u8],
    /// Calls of [`give`].
    pub reads: i64,
    /// Calls of [`take`].
    pub writes: i64,
    /// Bytes taken.
    pub bytes: i64,
    /// The CRC-32 of them.
    pub crc: uLong,
}

impl<'a> Ends<'a> {
    /// Gives `input`.
    #[must_use]
    pub fn of(input: &'a [u8]) -> Self {
        Self {
            input,
            ..Self::default()
        }
    }
}

/// `in_func`: the next piece of the input of the [`Ends`] at `desc`.
///
/// # Safety
///
/// To be called by zlib only.
pub unsafe extern "C" fn give(
    desc: *mut c_void,
    data: *mut *mut c_uchar,
) -> c_uint {
    // SAFETY: zlib inflateBack: desc is the lesson's, for this call.
    let ends = unsafe { &mut *desc.cast::<Ends>() };
    let (now, rest) = ends.input.split_at(ends.input.len().min(100));
    ends.input = rest;
    ends.reads += 1;
    // SAFETY: zlib inflateBack: data is a variable of its own, and it only
    // reads there.
    unsafe { *data = now.as_ptr().cast_mut() };
    c_uint::try_from(now.len()).unwrap_or(0)
}

/// `out_func`: takes what was decompressed.
///
/// # Safety
///
/// To be called by zlib only.
pub unsafe extern "C" fn take(
    desc: *mut c_void,
    data: *mut c_uchar,
    len: c_uint,
) -> c_int {
    // SAFETY: zlib inflateBack: as in give(); data has len bytes of the window.
    unsafe {
        let ends = &mut *desc.cast::<Ends>();
        ends.crc = crc32(ends.crc, data, len);
        ends.bytes += i64::from(len);
        ends.writes += 1;
    }
    0
}
