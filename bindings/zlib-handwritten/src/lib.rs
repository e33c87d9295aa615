// SPDX-License-Identifier: MIT OR Apache-2.0
//! The part of zlib that libsgz and the lessons use, declared by hand.
//!
//! The items are in the order of `zconf.h` and `zlib.h`, with their names. The
//! contract of each function is the comment below it in `zlib.h`.
//!
//! The crate `zlib-sys-generated` declares all of `zlib.h` with bindgen, with
//! the same names and types; `bindings/README.md` lists the differences.
#![no_std]
// The names are C's.
#![allow(non_camel_case_types, non_snake_case)]

use core::ffi::{c_char, c_int, c_long, c_uchar, c_uint, c_ulong, c_void};
use core::marker::{PhantomData, PhantomPinned};

// --- zconf.h ----------------------------------------------------------------

/// The greatest `windowBits` of a zlib stream.
pub const MAX_WBITS: i32 = 15;

/// One byte.
pub type Byte = c_uchar;
/// At least 16 bits; the lengths of buffers.
pub type uInt = c_uint;
/// At least 32 bits: 64 on this target, and 32 on Windows.
pub type uLong = c_ulong;
/// One byte, far away on machines that had such pointers.
pub type Bytef = Byte;
/// A `const void *`.
pub type voidpc = *const c_void;
/// A `void *` of the allocator.
pub type voidpf = *mut c_void;
/// A `void *`.
pub type voidp = *mut c_void;
/// What `z_off_t` is.
pub type off_t = c_long;

// --- zlib.h: types ----------------------------------------------------------

/// Allocates `items * size` bytes, which need not be cleared.
pub type alloc_func = Option<
    unsafe extern "C" fn(opaque: voidpf, items: uInt, size: uInt) -> voidpf,
>;
/// Frees what an `alloc_func` allocated.
pub type free_func =
    Option<unsafe extern "C" fn(opaque: voidpf, address: voidpf)>;

/// What a stream points to: only zlib knows what is in it.
#[repr(C)]
#[derive(Debug)]
pub struct internal_state {
    _unused: [u8; 0],
    _foreign: PhantomData<(*mut u8, PhantomPinned)>,
}

/// A stream. Its `internal_state` points back to it.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct z_stream_s {
    /// The next byte of input.
    pub next_in: *mut Bytef,
    /// Bytes at `next_in`.
    pub avail_in: uInt,
    /// Bytes read so far, modulo what an `uLong` holds.
    pub total_in: uLong,
    /// Where the next byte of output goes.
    pub next_out: *mut Bytef,
    /// Free bytes at `next_out`.
    pub avail_out: uInt,
    /// Bytes written so far.
    pub total_out: uLong,
    /// The last error's text, or NULL.
    pub msg: *mut c_char,
    /// zlib's own.
    pub state: *mut internal_state,
    /// NULL: zlib takes `malloc()`.
    pub zalloc: alloc_func,
    /// NULL: zlib takes `free()`.
    pub zfree: free_func,
    /// The first argument of both.
    pub opaque: voidpf,
    /// A guess at what is compressed.
    pub data_type: c_int,
    /// The checksum of what is not compressed, or a dictionary's.
    pub adler: uLong,
    /// Not used.
    pub reserved: uLong,
}
/// A stream.
pub type z_stream = z_stream_s;
/// What the functions take.
pub type z_streamp = *mut z_stream;

// --- zlib.h: constants ------------------------------------------------------

/// Go on.
pub const Z_NO_FLUSH: i32 = 0;
/// Write all that was given, up to a byte's end.
pub const Z_SYNC_FLUSH: i32 = 2;
/// The same, and begin anew.
pub const Z_FULL_FLUSH: i32 = 3;
/// No more input follows.
pub const Z_FINISH: i32 = 4;
/// `inflate()`: stop at the end of a block.
pub const Z_BLOCK: i32 = 5;

/// Done.
pub const Z_OK: i32 = 0;
/// Done, and the stream is at its end.
pub const Z_STREAM_END: i32 = 1;
/// The stream was made with a dictionary.
pub const Z_NEED_DICT: i32 = 2;
/// The reason is in `errno`.
pub const Z_ERRNO: i32 = -1;
/// The stream or an argument is not valid.
pub const Z_STREAM_ERROR: i32 = -2;
/// The input is corrupt.
pub const Z_DATA_ERROR: i32 = -3;
/// Out of memory.
pub const Z_MEM_ERROR: i32 = -4;
/// Nothing could be done: more input or more room is needed.
pub const Z_BUF_ERROR: i32 = -5;
/// The caller knows another zlib.
pub const Z_VERSION_ERROR: i32 = -6;

/// The fastest level.
pub const Z_BEST_SPEED: i32 = 1;
/// The level that compresses best.
pub const Z_BEST_COMPRESSION: i32 = 9;
/// zlib's choice, now 6.
pub const Z_DEFAULT_COMPRESSION: i32 = -1;
/// The strategy for data of any kind.
pub const Z_DEFAULT_STRATEGY: i32 = 0;
/// The only method.
pub const Z_DEFLATED: i32 = 8;

// --- zlib.h: functions ------------------------------------------------------

#[link(name = "z")]
unsafe extern "C" {
    /// The version of the library, which may not be that of the header.
    pub safe fn zlibVersion() -> *const c_char;

    /// Compress as much as input and room allow.
    pub fn deflate(strm: z_streamp, flush: c_int) -> c_int;

    /// Free what `strm` owns.
    pub fn deflateEnd(strm: z_streamp) -> c_int;

    /// Decompress as much as input and room allow.
    pub fn inflate(strm: z_streamp, flush: c_int) -> c_int;

    /// Free what `strm` owns.
    pub fn inflateEnd(strm: z_streamp) -> c_int;

    /// Give a dictionary, before anything is compressed.
    pub fn deflateSetDictionary(
        strm: z_streamp,
        dictionary: *const Bytef,
        dictLength: uInt,
    ) -> c_int;

    /// Make `dest` a second stream in the state of `source`.
    pub fn deflateCopy(dest: z_streamp, source: z_streamp) -> c_int;

    /// Begin another stream, with the same memory and options.
    pub fn deflateReset(strm: z_streamp) -> c_int;

    /// Give the dictionary that `inflate()` asked for.
    pub fn inflateSetDictionary(
        strm: z_streamp,
        dictionary: *const Bytef,
        dictLength: uInt,
    ) -> c_int;

    /// Begin another stream, with the same memory and options.
    pub fn inflateReset(strm: z_streamp) -> c_int;

    /// Decompress a raw stream, with callbacks for input and output.
    pub fn inflateBack(
        strm: z_streamp,
        in_: in_func,
        in_desc: *mut c_void,
        out: out_func,
        out_desc: *mut c_void,
    ) -> c_int;

    /// Free what `inflateBackInit_()` made.
    pub fn inflateBackEnd(strm: z_streamp) -> c_int;
}

/// Stores where input is, and returns how much.
pub type in_func = Option<
    unsafe extern "C" fn(arg1: *mut c_void, arg2: *mut *mut c_uchar) -> c_uint,
>;
/// Takes output; anything but 0 ends the decompression.
pub type out_func = Option<
    unsafe extern "C" fn(
        arg1: *mut c_void,
        arg2: *mut c_uchar,
        arg3: c_uint,
    ) -> c_int,
>;

/// An open gzip file. Macros of C's look into it; no Rust does.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct gzFile_s {
    /// Bytes at `next`.
    pub have: c_uint,
    /// What `gzgetc()` returns next.
    pub next: *mut c_uchar,
    /// Where it is in what is decompressed.
    pub pos: off_t,
}
/// An open gzip file.
pub type gzFile = *mut gzFile_s;

#[link(name = "z")]
unsafe extern "C" {
    /// Open the file of descriptor `fd`, which `gzclose()` closes.
    pub fn gzdopen(fd: c_int, mode: *const c_char) -> gzFile;

    /// Read up to `len` bytes; -1 on failure.
    pub fn gzread(file: gzFile, buf: voidp, len: c_uint) -> c_int;

    /// Write `len` bytes; 0 on failure.
    pub fn gzwrite(file: gzFile, buf: voidpc, len: c_uint) -> c_int;

    /// Write text, up to about 8 KiB of it.
    pub fn gzprintf(file: gzFile, format: *const c_char, ...) -> c_int;

    /// 1 if a read met the end of the file.
    pub fn gzeof(file: gzFile) -> c_int;

    /// Write what is left, and free `file`, whatever is returned.
    pub fn gzclose(file: gzFile) -> c_int;

    /// The last failure; the text lives until the next call.
    pub fn gzerror(file: gzFile, errnum: *mut c_int) -> *const c_char;

    /// Go on with the Adler-32 of `len` bytes.
    pub fn adler32(adler: uLong, buf: *const Bytef, len: uInt) -> uLong;

    /// Go on with the CRC-32 of `len` bytes.
    pub fn crc32(crc: uLong, buf: *const Bytef, len: uInt) -> uLong;

    /// `deflateInit()` without its macro.
    pub fn deflateInit_(
        strm: z_streamp,
        level: c_int,
        version: *const c_char,
        stream_size: c_int,
    ) -> c_int;

    /// `inflateInit()` without its macro.
    pub fn inflateInit_(
        strm: z_streamp,
        version: *const c_char,
        stream_size: c_int,
    ) -> c_int;

    /// `deflateInit2()` without its macro.
    pub fn deflateInit2_(
        strm: z_streamp,
        level: c_int,
        method: c_int,
        windowBits: c_int,
        memLevel: c_int,
        strategy: c_int,
        version: *const c_char,
        stream_size: c_int,
    ) -> c_int;

    /// `inflateInit2()` without its macro.
    pub fn inflateInit2_(
        strm: z_streamp,
        windowBits: c_int,
        version: *const c_char,
        stream_size: c_int,
    ) -> c_int;

    /// `inflateBackInit()` without its macro. `window` is borrowed until
    /// `inflateBackEnd()`.
    pub fn inflateBackInit_(
        strm: z_streamp,
        windowBits: c_int,
        window: *mut c_uchar,
        version: *const c_char,
        stream_size: c_int,
    ) -> c_int;

    /// Open a file by its name.
    pub fn gzopen(arg1: *const c_char, arg2: *const c_char) -> gzFile;

    /// Where it is in what is not compressed.
    pub fn gztell(arg1: gzFile) -> off_t;

    /// The CRC-32 of two pieces in a row, of which the second has so many
    /// bytes.
    pub safe fn crc32_combine(arg1: uLong, arg2: uLong, arg3: off_t) -> uLong;

    /// The name of an error.
    pub safe fn zError(arg1: c_int) -> *const c_char;
}
