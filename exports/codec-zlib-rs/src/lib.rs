// SPDX-License-Identifier: MIT OR Apache-2.0
//! A codec of BGZF blocks on zlib-rs: zlib, written in Rust.
//!
//! It is one source in three roles: a crate (`sgz::Codec::new::<ZlibRs>()`), a
//! plugin that a C program loads (`sgz_codec_load("./codec_zlib_rs.so", ...)`),
//! and a library that a C program links, with a header: see [`export`]. The
//! codec needs no `unsafe`, and neither the plugin nor the library links libsgz.
//!
//! # Examples
//!
//! ```
//! use std::io::{Read, Write};
//!
//! let codec = sgz::Codec::new::<codec_zlib_rs::ZlibRs>()?;
//! let options = sgz::Options::new().codec(&codec);
//! let mut file = Vec::new();
//! let mut writer = options.create_sink(&mut file)?;
//! writer.write_all(b"hello")?;
//! writer.finish()?;
//!
//! let mut text = String::new();
//! options.open_slice(&file)?.read_to_string(&mut text)?;
//! assert_eq!(text, "hello");
//! # Ok::<(), std::io::Error>(())
//! ```
#![deny(missing_docs, missing_debug_implementations)]

pub mod export;

use std::ffi::CStr;
use std::fmt;

use sgz_codec::{BlockCodec, CodecError, Decode, Encode, Levels};
use zlib_rs::{Deflate, DeflateFlush, Inflate, InflateFlush, Status};

/// The largest window, as BGZF blocks have it.
const WINDOW_BITS: u8 = 15;

/// The codec `zlib-rs`. Its levels are zlib's.
#[derive(Debug)]
pub struct ZlibRs;

/// Compresses blocks.
pub struct Encoder {
    level: i32,
    stream: Deflate,
}

/// Decompresses blocks.
pub struct Decoder(Inflate);

impl BlockCodec for ZlibRs {
    const NAME: &'static CStr = c"zlib-rs";
    // Of the crate: Cargo.toml pins it.
    const VERSION: &'static CStr = c"0.6.8";
    const LEVELS: Levels = Levels {
        least: 1,
        default: 6,
        most: 9,
    };
    type Encoder = Encoder;
    type Decoder = Decoder;

    fn encoder(level: i32) -> Result<Encoder, CodecError> {
        Ok(Encoder::new(level))
    }

    fn decoder() -> Result<Decoder, CodecError> {
        Ok(Decoder(Inflate::new(false, WINDOW_BITS)))
    }
}

/// A length, of at most a block's bytes.
fn length(count: u64) -> Result<usize, CodecError> {
    usize::try_from(count).map_err(|_| CodecError::Broken)
}

impl Encoder {
    fn new(level: i32) -> Self {
        let stream = Deflate::new(level, false, WINDOW_BITS);
        Self { level, stream }
    }
}

impl Encode for Encoder {
    fn compress(
        &mut self,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, CodecError> {
        self.stream.reset();
        match self.stream.compress(input, output, DeflateFlush::Finish) {
            Ok(Status::StreamEnd) => length(self.stream.total_out()),
            Ok(_) => {
                // reset() of zlib-rs 0.6.8 does not give back the room that a
                // stream takes which has not ended: a later one would panic.
                *self = Self::new(self.level);
                Err(CodecError::NoRoom)
            }
            Err(_) => Err(CodecError::Broken),
        }
    }
}

impl Decode for Decoder {
    fn decompress(
        &mut self,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, CodecError> {
        self.0.reset(false);
        let status = self.0.decompress(input, output, InflateFlush::Finish);
        if status != Ok(Status::StreamEnd)
            || length(self.0.total_out())? != output.len()
        {
            return Err(CodecError::Corrupt);
        }
        length(self.0.total_in())
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder").finish_non_exhaustive()
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").finish_non_exhaustive()
    }
}

#[cfg(feature = "plugin")]
sgz_codec::export_codec!(ZlibRs);
