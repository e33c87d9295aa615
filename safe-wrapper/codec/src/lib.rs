// SPDX-License-Identifier: MIT OR Apache-2.0
//! Codecs of BGZF blocks for libsgz, written in Rust.
//!
//! A type that implements [`BlockCodec`] is a codec: without `unsafe`, for a
//! Rust program by `sgz::Codec::new`, and for a C program as a plugin, by
//! [`export_codec!`] in a `cdylib`. A plugin is a library of its own, so this
//! crate takes only types from the declarations of libsgz, and calls nothing.
//!
//! libsgz believes no codec: a length or bytes that are wrong are an error,
//! which names the codec.
//!
//! # Panics
//!
//! A panic does not unwind into C: it is caught, and the encoder or decoder
//! that panicked is dropped. That call and all later ones for it fail, as those
//! of a broken codec. Whether a message is printed is up to the panic hook.
//!
//! # Memory
//!
//! It comes from Rust's global allocator, and not from the allocator that a
//! caller gave to libsgz. A plugin has an allocator, and a `std`, of its own.
//!
//! # Unloading
//!
//! A plugin that has used a thread-local value with a destructor stays mapped
//! until the threads that did have ended, whatever `dlclose()` was asked.
//!
//! # Examples
//!
//! See `exports/codec-zlib-rs`.
#![deny(unsafe_op_in_unsafe_fn)]
#![deny(clippy::undocumented_unsafe_blocks)]
#![deny(missing_docs, missing_debug_implementations)]

#[cfg(feature = "generated")]
use sgz_sys_generated as raw;
#[cfg(all(feature = "handwritten", not(feature = "generated")))]
use sgz_sys_handwritten as raw;

#[cfg(not(any(feature = "handwritten", feature = "generated")))]
compile_error!(
    "sgz-codec needs a raw crate: feature `handwritten` or `generated`"
);

mod trampoline;

use std::error::Error;
use std::ffi::CStr;
use std::fmt;
use std::ptr;

/// Why a codec could not compress or decompress a block.
#[derive(Debug, Copy, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CodecError {
    /// What it makes does not fit into the output.
    NoRoom,
    /// The input is not a deflate stream, or one that makes more bytes, or
    /// fewer, than the output has.
    Corrupt,
    /// The codec itself failed.
    Broken,
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoRoom => "what it makes does not fit",
            Self::Corrupt => "the input is not such a deflate stream",
            Self::Broken => "the codec failed",
        })
    }
}

impl Error for CodecError {}

/// The levels of a codec: 1 <= `least` <= `default` <= `most`.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
pub struct Levels {
    /// The fastest.
    pub least: i32,
    /// What the default level stands for.
    pub default: i32,
    /// The smallest output.
    pub most: i32,
}

/// A codec of BGZF blocks. Names and levels are checked when it is loaded.
///
/// It should not call libsgz: whoever waits for a block would wait for that as
/// well.
pub trait BlockCodec: 'static {
    /// 1 to 31 printable characters of ASCII, without a space.
    const NAME: &'static CStr;
    /// Its version, or that of the library that it uses; up to 63 characters.
    const VERSION: &'static CStr;
    /// Its levels; [`encoder`](Self::encoder) gets no others.
    const LEVELS: Levels;
    /// Compresses blocks.
    type Encoder: Encode;
    /// Decompresses blocks.
    type Decoder: Decode;

    /// A new encoder; libsgz takes a failure for want of memory.
    ///
    /// # Errors
    ///
    /// Any.
    fn encoder(level: i32) -> Result<Self::Encoder, CodecError>;

    /// A new decoder; libsgz takes a failure for want of memory.
    ///
    /// # Errors
    ///
    /// Any.
    fn decoder() -> Result<Self::Decoder, CodecError>;
}

/// Compresses blocks. One thread at a time uses it, but not always the same.
pub trait Encode: Send + 'static {
    /// Compresses `input` (1 to 65,536 bytes) to one whole deflate stream at
    /// the start of `output`, which is zeroed; the length of the stream.
    ///
    /// # Errors
    ///
    /// [`CodecError::NoRoom`]: the block is then stored.
    fn compress(
        &mut self,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, CodecError>;
}

/// Decompresses blocks. One thread at a time uses it, but not always the same.
pub trait Decode: Send + 'static {
    /// Decompresses the deflate stream at the start of `input`, which has to
    /// fill `output` exactly; the length of the stream.
    ///
    /// The last 8 bytes of `input` are not part of the stream. `output` is
    /// zeroed.
    ///
    /// # Errors
    ///
    /// [`CodecError::Corrupt`].
    fn decompress(
        &mut self,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, CodecError>;
}

/// A codec's table of functions, as C knows it.
pub type Vtable = raw::sgz_codec_vtable;

/// The table of functions of a codec in Rust.
///
/// # Invariants
///
/// The table was made by [`of`](Self::of), and does not change: its texts and
/// functions are valid for ever.
#[derive(Debug)]
pub struct Functions(Vtable);

// SAFETY: Functions/Invariants: nobody writes it, and all that it points to is
// constant. Any thread may call its functions, and several at a time:
// sgz_codec_vtable.new_encoder/Threads, sgz_codec_vtable.new_decoder/Threads:
// they call functions of the type C, which are safe to call anywhere.
// sgz_codec_vtable.new_encoder/Errors, sgz_codec_vtable.new_decoder/Errors:
// to_c() makes NULL of a failure, and of a panic.
// sgz_codec_vtable.new_encoder/Re-entry, sgz_codec_vtable.new_decoder/Re-entry,
// sgz_codec_vtable.compress_block/Re-entry,
// sgz_codec_vtable.decompress_block/Re-entry,
// sgz_codec_vtable.free_encoder/Re-entry,
// sgz_codec_vtable.free_decoder/Re-entry: nothing here calls the library. The
// codec's author is asked not to (see BlockCodec), and safe Rust that does it
// all the same has other handles: the one in use is borrowed by its call.
// sgz_codec_vtable.decompress_part/Ownership,
// sgz_codec_vtable.decompress_part/Lifetime,
// sgz_codec_vtable.decompress_part/Threads,
// sgz_codec_vtable.decompress_part/Errors,
// sgz_codec_vtable.decompress_part/Re-entry: it is NULL, so it is never called.
// sgz_codec_plugin_fn/Ownership, sgz_codec_plugin_fn/Lifetime: for_abi() gives a
// static of the plugin. /Threads: it only compares numbers. /Errors: NULL for
// another ABI. /Re-entry: it calls nothing.
unsafe impl Sync for Functions {}

impl Functions {
    /// The functions of `C`.
    #[must_use]
    pub const fn of<C: BlockCodec>() -> Self {
        Self(Vtable {
            size: size_of::<Vtable>(),
            abi: raw::SGZ_CODEC_ABI,
            level_least: C::LEVELS.least,
            level_most: C::LEVELS.most,
            level_default: C::LEVELS.default,
            name: C::NAME.as_ptr(),
            version: C::VERSION.as_ptr(),
            new_encoder: Some(trampoline::new_encoder::<C>),
            compress_block: Some(trampoline::compress_block::<C::Encoder>),
            free_encoder: Some(trampoline::free::<C::Encoder>),
            new_decoder: Some(trampoline::new_decoder::<C>),
            decompress_block: Some(trampoline::decompress_block::<C::Decoder>),
            decompress_part: None,
            free_decoder: Some(trampoline::free::<C::Decoder>),
        })
    }

    /// The table, for C.
    #[must_use]
    pub const fn as_ptr(&self) -> *const Vtable {
        &raw const self.0
    }

    /// What a plugin answers to a library that has the ABI number `abi`.
    #[must_use]
    pub const fn for_abi(&'static self, abi: u32) -> *const Vtable {
        if abi == raw::SGZ_CODEC_ABI {
            self.as_ptr()
        } else {
            ptr::null()
        }
    }
}

/// Exports a codec from a `cdylib`, which is then a plugin:
/// `export_codec!(MyCodec);`, once.
#[macro_export]
macro_rules! export_codec {
    ($codec:ty) => {
        const _: () = {
            static FUNCTIONS: $crate::Functions =
                $crate::Functions::of::<$codec>();

            // The name is libsgz's, and no other function has it.
            #[unsafe(no_mangle)]
            extern "C" fn sgz_codec_plugin(abi: u32) -> *const $crate::Vtable {
                FUNCTIONS.for_abi(abi)
            }
        };
    };
}
