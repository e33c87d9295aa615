// SPDX-License-Identifier: MIT OR Apache-2.0
//! `sgz/codec.h`: codecs of BGZF blocks, built in or from a plugin.

use core::ffi::{c_char, c_uint, c_void};
use core::marker::{PhantomData, PhantomPinned};

use crate::error::{sgz_error, sgz_status};
use crate::memory::sgz_allocator;

/// A codec: only C knows what is in it.
#[repr(C)]
#[derive(Debug)]
pub struct sgz_codec {
    _unused: [u8; 0],
    _foreign: PhantomData<(*mut u8, PhantomPinned)>,
}

/// The version of `sgz_codec_vtable`, and of what its functions mean.
pub const SGZ_CODEC_ABI: u32 = 1;
/// Bytes behind what is wanted that `decompress_part` may write to.
pub const SGZ_CODEC_PART_SLACK: u32 = 1024;

/// The answer of a codec's function.
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct sgz_codec_answer(pub c_uint);

impl sgz_codec_answer {
    /// It is done.
    pub const SGZ_CODEC_DONE: Self = Self(0);
    /// What it makes does not fit.
    pub const SGZ_CODEC_NO_ROOM: Self = Self(1);
    /// The input is not such a deflate stream.
    pub const SGZ_CODEC_CORRUPT: Self = Self(2);
    /// The codec itself failed.
    pub const SGZ_CODEC_BROKEN: Self = Self(3);
}

/// The functions of a codec.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct sgz_codec_vtable {
    /// `size_of::<sgz_codec_vtable>()`, as the codec was compiled.
    pub size: usize,
    /// `SGZ_CODEC_ABI`, as the codec was compiled.
    pub abi: u32,
    /// At least 1.
    pub level_least: i32,
    /// The greatest level.
    pub level_most: i32,
    /// What `SGZ_LEVEL_DEFAULT` becomes.
    pub level_default: i32,
    /// 1 to 31 printable characters of ASCII, without a space.
    pub name: *const c_char,
    /// The same of its version, up to 63.
    pub version: *const c_char,
    /// Make an encoder for `level`.
    pub new_encoder: Option<
        unsafe extern "C" fn(
            level: i32,
            allocator: *const sgz_allocator,
        ) -> *mut c_void,
    >,
    /// Compress `in_len` bytes to a whole deflate stream.
    pub compress_block: Option<
        unsafe extern "C" fn(
            encoder: *mut c_void,
            in_: *const c_void,
            in_len: usize,
            out: *mut c_void,
            room: usize,
            made_out: *mut usize,
        ) -> sgz_codec_answer,
    >,
    /// Free an encoder.
    pub free_encoder: Option<unsafe extern "C" fn(encoder: *mut c_void)>,
    /// Make a decoder.
    pub new_decoder: Option<
        unsafe extern "C" fn(allocator: *const sgz_allocator) -> *mut c_void,
    >,
    /// Decompress a deflate stream that makes exactly `out_len` bytes.
    pub decompress_block: Option<
        unsafe extern "C" fn(
            decoder: *mut c_void,
            in_: *const c_void,
            in_len: usize,
            out: *mut c_void,
            out_len: usize,
            room: usize,
            used_out: *mut usize,
        ) -> sgz_codec_answer,
    >,
    /// Decompress the first `need` bytes. May be NULL.
    pub decompress_part: Option<
        unsafe extern "C" fn(
            decoder: *mut c_void,
            in_: *const c_void,
            in_len: usize,
            out: *mut c_void,
            need: usize,
        ) -> sgz_codec_answer,
    >,
    /// Free a decoder.
    pub free_decoder: Option<unsafe extern "C" fn(decoder: *mut c_void)>,
}

/// What a plugin exports as `sgz_codec_plugin`.
pub type sgz_codec_plugin_fn =
    Option<unsafe extern "C" fn(abi: u32) -> *const sgz_codec_vtable>;

unsafe extern "C" {
    /// Find a codec by its name, or load it from a plugin.
    pub fn sgz_codec_load(
        name: *const c_char,
        allocator: *const sgz_allocator,
        codec_out: *mut *mut sgz_codec,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// Make a codec of functions that the program has itself.
    pub fn sgz_codec_new(
        vtable: *const sgz_codec_vtable,
        allocator: *const sgz_allocator,
        codec_out: *mut *mut sgz_codec,
        error: *mut sgz_error,
    ) -> sgz_status;

    /// The name of `codec`.
    pub fn sgz_codec_get_name(codec: *const sgz_codec) -> *const c_char;

    /// The version of `codec`, or of the library that it uses.
    pub fn sgz_codec_get_version(codec: *const sgz_codec) -> *const c_char;

    /// The name of the built-in codec number `at`; 0 is the default.
    pub fn sgz_codec_get_built_in(at: usize) -> *const c_char;

    /// The version of libdeflate, if the library was built with it.
    #[cfg(sgz_libdeflate)]
    pub fn sgz_codec_get_libdeflate() -> *const c_char;

    /// The folder in which `sgz_codec_load()` looks for plugins by name.
    pub fn sgz_codec_get_folder() -> *const c_char;

    /// Take one more reference to `codec`.
    pub fn sgz_codec_ref(codec: *mut sgz_codec) -> *mut sgz_codec;

    /// Give up one reference to `codec`; the last one unloads its plugin.
    pub fn sgz_codec_unref(codec: *mut sgz_codec);
}
