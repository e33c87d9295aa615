// SPDX-License-Identifier: MIT OR Apache-2.0
//! A stream that compresses.

use std::ffi::c_int;
use std::fmt;
use std::mem::MaybeUninit;

use crate::error::Result;
use crate::raw;
use crate::settings::Settings;
use crate::stream::{HEADER, Kind, Progress, SIZE, Stream, as_uninit, part};

struct Deflating;

impl Kind for Deflating {
    const STEP: unsafe extern "C" fn(raw::z_streamp, c_int) -> c_int =
        raw::deflate;
    const END: unsafe extern "C" fn(raw::z_streamp) -> c_int = raw::deflateEnd;
}

/// How much of what was compressed has to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flush {
    /// What zlib likes.
    None,
    /// All of it, up to a byte's end.
    Sync,
    /// All of it, and what follows does not refer to it.
    Full,
    /// All of it, and nothing follows.
    Finish,
}

/// A stream that compresses.
///
/// It can move: the `z_stream` that zlib knows by its address stays where it
/// is. Its drop frees it with the end call that fits.
pub struct Deflate(Stream<Deflating>);

impl Deflate {
    pub(crate) fn new(settings: &Settings) -> Result<Self> {
        let (bits, level) = (settings.window_bits(), settings.level.number());
        // SAFETY: Stream::new/Safety: it is the init function of deflateEnd().
        // zlib deflateInit2_: HEADER and SIZE are of this crate's z_stream.
        let stream = unsafe {
            Stream::new(settings.memory.clone(), |strm| {
                raw::deflateInit2_(
                    strm,
                    level,
                    raw::Z_DEFLATED,
                    bits,
                    8,
                    raw::Z_DEFAULT_STRATEGY,
                    HEADER,
                    SIZE,
                )
            })
        };
        Ok(Self(stream?))
    }

    /// Compress as much of `input` into `output` as there is room.
    pub fn compress(
        &mut self,
        input: &[u8],
        output: &mut [u8],
        flush: Flush,
    ) -> Result<Progress> {
        // SAFETY: as_uninit/Safety: zlib writes what it made, and no more.
        self.compress_uninit(input, unsafe { as_uninit(output) }, flush)
    }

    /// The same into memory that need not be initialised. The first
    /// [`Progress::written`] bytes are, after it.
    pub fn compress_uninit(
        &mut self,
        input: &[u8],
        output: &mut [MaybeUninit<u8>],
        flush: Flush,
    ) -> Result<Progress> {
        let flush = match flush {
            Flush::None => raw::Z_NO_FLUSH,
            Flush::Sync => raw::Z_SYNC_FLUSH,
            Flush::Full => raw::Z_FULL_FLUSH,
            Flush::Finish => raw::Z_FINISH,
        };
        self.0.step(input, output, flush)
    }

    /// Begin with a dictionary; its Adler-32. Only before the first byte.
    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> Result<u32> {
        let strm = self.0.as_ptr();
        // zlib takes what is at its end, and at most a window of it
        let last = dictionary.len() - part(dictionary.len()) as usize;
        let dictionary = &dictionary[last..];
        // SAFETY: zlib deflateSetDictionary: it copies the bytes.
        let code = unsafe {
            raw::deflateSetDictionary(
                strm,
                dictionary.as_ptr(),
                part(dictionary.len()),
            )
        };
        self.0.checked(code)?;
        Ok(self.0.check())
    }

    /// Another stream in the same state, with its own memory.
    ///
    /// It takes `&mut self`, because `zlib.h` does not say that it only reads.
    pub fn try_clone(&mut self) -> Result<Self> {
        // SAFETY: Stream::try_clone/Safety: of the same kind.
        unsafe { self.0.try_clone(raw::deflateCopy) }.map(Self)
    }

    /// Begin another stream with the same settings and memory.
    pub fn reset(&mut self) -> Result<()> {
        // SAFETY: zlib deflateReset: Stream/Invariants.
        let code = unsafe { raw::deflateReset(self.0.as_ptr()) };
        self.0.checked(code)
    }

    /// The Adler-32 or CRC-32 of what was compressed.
    #[must_use]
    pub fn checksum(&self) -> u32 {
        self.0.check()
    }

    /// End it, and say whether anything was discarded: then it is an error of
    /// [`Data`](crate::ErrorKind::Data). A drop ends it without a word.
    pub fn end(self) -> Result<()> {
        self.0.end()
    }
}

impl fmt::Debug for Deflate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deflate").finish_non_exhaustive()
    }
}
