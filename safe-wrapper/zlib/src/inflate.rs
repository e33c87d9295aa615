// SPDX-License-Identifier: MIT OR Apache-2.0
//! A stream that decompresses.

use std::ffi::c_int;
use std::fmt;
use std::mem::MaybeUninit;

use crate::error::Result;
use crate::raw;
use crate::settings::Settings;
use crate::stream::{HEADER, Kind, Progress, SIZE, Stream, as_uninit, part};

struct Inflating;

impl Kind for Inflating {
    const STEP: unsafe extern "C" fn(raw::z_streamp, c_int) -> c_int =
        raw::inflate;
    const END: unsafe extern "C" fn(raw::z_streamp) -> c_int = raw::inflateEnd;
}

/// A stream that decompresses. It can move, as [`Deflate`](crate::Deflate)
/// can.
pub struct Inflate(Stream<Inflating>);

impl Inflate {
    pub(crate) fn new(settings: &Settings) -> Result<Self> {
        let bits = settings.window_bits();
        // SAFETY: Stream::new/Safety: it is the init function of inflateEnd().
        // zlib inflateInit2_: HEADER and SIZE are of this crate's z_stream.
        let stream = unsafe {
            Stream::new(settings.memory.clone(), |strm| {
                raw::inflateInit2_(strm, bits, HEADER, SIZE)
            })
        };
        Ok(Self(stream?))
    }

    /// Decompress as much of `input` into `output` as there is room.
    pub fn decompress(
        &mut self,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<Progress> {
        // SAFETY: as_uninit/Safety: zlib writes what it made, and no more.
        self.decompress_uninit(input, unsafe { as_uninit(output) })
    }

    /// The same into memory that need not be initialised. The first
    /// [`Progress::written`] bytes are, after it.
    pub fn decompress_uninit(
        &mut self,
        input: &[u8],
        output: &mut [MaybeUninit<u8>],
    ) -> Result<Progress> {
        self.0.step(input, output, raw::Z_NO_FLUSH)
    }

    /// Give the dictionary that [`Status::NeedDictionary`] asks for.
    ///
    /// [`Status::NeedDictionary`]: crate::Status::NeedDictionary
    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> Result<()> {
        // SAFETY: zlib inflateSetDictionary: it copies the bytes.
        let code = unsafe {
            raw::inflateSetDictionary(
                self.0.as_ptr(),
                dictionary.as_ptr(),
                part(dictionary.len()),
            )
        };
        self.0.checked(code)
    }

    /// Begin another stream with the same settings and memory.
    pub fn reset(&mut self) -> Result<()> {
        // SAFETY: zlib inflateReset: Stream/Invariants.
        let code = unsafe { raw::inflateReset(self.0.as_ptr()) };
        self.0.checked(code)
    }

    /// The Adler-32 or CRC-32 of what was decompressed.
    #[must_use]
    pub fn checksum(&self) -> u32 {
        self.0.check()
    }

    /// End it, as a drop does.
    pub fn end(self) -> Result<()> {
        self.0.end()
    }
}

impl fmt::Debug for Inflate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflate").finish_non_exhaustive()
    }
}
