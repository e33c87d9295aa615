// SPDX-License-Identifier: MIT OR Apache-2.0
//! A `z_stream` at an address of its own, with the end call that fits it.

use std::ffi::c_int;
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop, MaybeUninit};
use std::ptr::{NonNull, null_mut};

use crate::error::{Error, Result};
use crate::memory::Memory;
use crate::raw;

/// What a stream does. The kind decides how it ends, so no end call can be
/// mixed up with another.
pub(crate) trait Kind {
    /// One step of its work.
    const STEP: unsafe extern "C" fn(raw::z_streamp, c_int) -> c_int;
    /// What frees it.
    const END: unsafe extern "C" fn(raw::z_streamp) -> c_int;
}

/// A `z_stream`, owned.
///
/// zlib's state points back to the `z_stream`, so its address may not change:
/// it is in a box, and only the pointer to it moves. The box is kept as a raw
/// pointer, because a `Box` claims to be the only pointer to its memory.
///
/// # Invariants
///
/// `at` came from `Box::into_raw`, and an init call of kind `K` returned Z_OK
/// for it. Between calls, it points to no memory of a caller's.
pub(crate) struct Stream<K: Kind> {
    at: NonNull<raw::z_stream>,
    /// zlib has a pointer into it.
    memory: Option<Memory>,
    _kind: PhantomData<K>,
}

// SAFETY: zlib threads: a stream has no state outside of itself and of its
// memory, whose functions any thread may call (Memory is Sync).
unsafe impl<K: Kind> Send for Stream<K> {}

/// What one call did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the input that were read.
    pub read: usize,
    /// Bytes of the output that were written.
    pub written: usize,
    /// What comes next.
    pub status: Status,
}

/// What comes next. It is no failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Go on, with more input or more room.
    More,
    /// The stream is complete.
    End,
    /// The stream was made with a dictionary that has this Adler-32.
    NeedDictionary(u32),
    /// Nothing was done: there was no input, or no room (`Z_BUF_ERROR`).
    Stuck,
}

impl Status {
    /// zlib's number.
    #[must_use]
    pub fn code(self) -> i32 {
        match self {
            Self::More => raw::Z_OK,
            Self::End => raw::Z_STREAM_END,
            Self::NeedDictionary(_) => raw::Z_NEED_DICT,
            Self::Stuck => raw::Z_BUF_ERROR,
        }
    }
}

/// How many bytes of `len` zlib can be given at once.
pub(crate) fn part(len: usize) -> raw::uInt {
    raw::uInt::try_from(len).unwrap_or(raw::uInt::MAX)
}

/// The arguments by which zlib sees whether the caller knows the same
/// `z_stream`: the version of `zlib.h`, of which it compares the first
/// character, and the size.
pub(crate) const HEADER: *const std::ffi::c_char = c"1.2.9".as_ptr();
#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
pub(crate) const SIZE: c_int = size_of::<raw::z_stream>() as c_int;

impl<K: Kind> Stream<K> {
    /// A stream that `init` initialises, with memory of `memory`.
    ///
    /// # Safety
    ///
    /// `init` calls an init function of kind `K` for its argument, and returns
    /// what that returned.
    pub(crate) unsafe fn new(
        memory: Option<Memory>,
        init: impl FnOnce(raw::z_streamp) -> c_int,
    ) -> Result<Self> {
        // SAFETY: std mem::zeroed: integers, pointers, and functions in an
        // Option.
        let mut stream: raw::z_stream = unsafe { mem::zeroed() };
        if let Some(memory) = &memory {
            memory.put_into(&mut stream);
        }
        let at = Box::into_raw(Box::new(stream));
        let code = init(at);
        if code == raw::Z_OK {
            // SAFETY: std NonNull::new_unchecked: a box's address.
            let at = unsafe { NonNull::new_unchecked(at) };
            return Ok(Self {
                at,
                memory,
                _kind: PhantomData,
            });
        }
        // SAFETY: std Box::from_raw: zlib keeps nothing of what it refused.
        // Error::new/Safety: msg is NULL or zlib's own constant.
        unsafe {
            let stream = Box::from_raw(at);
            Err(Error::new(code, stream.msg))
        }
    }

    /// Another stream in the same state: `deflateCopy()` and the like.
    ///
    /// # Safety
    ///
    /// `copy` makes of its first argument a copy of the second one, of the
    /// same kind, or returns a failure.
    pub(crate) unsafe fn try_clone(
        &mut self,
        copy: unsafe extern "C" fn(raw::z_streamp, raw::z_streamp) -> c_int,
    ) -> Result<Self> {
        let from = self.as_ptr();
        // SAFETY: Stream::new/Safety: Stream::try_clone/Safety. The copy has
        // the same opaque, and a clone of what keeps it alive.
        unsafe { Self::new(self.memory.clone(), |to| copy(to, from)) }
    }

    /// The stream, for a call of zlib's.
    pub(crate) fn as_ptr(&mut self) -> raw::z_streamp {
        self.at.as_ptr()
    }

    /// The Adler-32 or CRC-32 of the data so far, or of a dictionary.
    #[allow(clippy::cast_possible_truncation, reason = "it has 32 bits")]
    pub(crate) fn check(&self) -> u32 {
        // SAFETY: Stream/Invariants: it is alive.
        unsafe { (*self.at.as_ptr()).adler as u32 }
    }

    /// One step over `input` and `output`.
    pub(crate) fn step(
        &mut self,
        input: &[u8],
        output: &mut [MaybeUninit<u8>],
        flush: c_int,
    ) -> Result<Progress> {
        let (given, room) = (part(input.len()), part(output.len()));
        let at = self.as_ptr();
        // What is cut off follows later, so this is not the last of it.
        let whole = given as usize == input.len();
        let flush = if whole { flush } else { raw::Z_NO_FLUSH };
        // SAFETY: zlib deflate/inflate: Stream/Invariants, and both buffers
        // are as long as said. zlib reads next_in only. It keeps no pointer:
        // they are taken away again.
        let (code, progress) = unsafe {
            (*at).next_in = input.as_ptr().cast_mut();
            (*at).avail_in = given;
            (*at).next_out = output.as_mut_ptr().cast();
            (*at).avail_out = room;
            let code = K::STEP(at, flush);
            let read = (given - (*at).avail_in) as usize;
            let written = (room - (*at).avail_out) as usize;
            (*at).next_in = null_mut();
            (*at).avail_in = 0;
            (*at).next_out = null_mut();
            (*at).avail_out = 0;
            (code, (read, written))
        };
        let status = match code {
            raw::Z_OK => Status::More,
            raw::Z_STREAM_END => Status::End,
            raw::Z_NEED_DICT => Status::NeedDictionary(self.check()),
            raw::Z_BUF_ERROR => Status::Stuck,
            code => return Err(self.error(code)),
        };
        Ok(Progress {
            read: progress.0,
            written: progress.1,
            status,
        })
    }

    /// What `code` says, which a call for this stream returned.
    pub(crate) fn checked(&self, code: c_int) -> Result<()> {
        match code {
            raw::Z_OK => Ok(()),
            code => Err(self.error(code)),
        }
    }

    fn error(&self, code: c_int) -> Error {
        // SAFETY: Stream/Invariants: it is alive. Error::new/Safety: msg is
        // NULL, or a constant of zlib's.
        unsafe {
            let text = match code {
                raw::Z_DATA_ERROR => (*self.at.as_ptr()).msg,
                _ => null_mut(),
            };
            Error::new(code, text.cast_const())
        }
    }

    /// End it, and say what the end call says. It frees in any case.
    pub(crate) fn end(self) -> Result<()> {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: Stream::free/Safety: `this` is not used again.
        match unsafe { this.free() } {
            raw::Z_OK => Ok(()),
            code => Err(Error::of(code)),
        }
    }

    /// Free all that it owns.
    ///
    /// # Safety
    ///
    /// It is the last use of `self`, whose drop does not run after it.
    unsafe fn free(&mut self) -> c_int {
        // SAFETY: zlib deflateEnd/inflateEnd: Stream/Invariants: of kind K.
        // std Box::from_raw: it came from Box::into_raw, and nobody has a
        // pointer to it any more.
        let code = unsafe {
            let code = K::END(self.at.as_ptr());
            drop(Box::from_raw(self.at.as_ptr()));
            code
        };
        self.memory = None; // last: END gave blocks back to it
        code
    }
}

impl<K: Kind> Drop for Stream<K> {
    fn drop(&mut self) {
        // SAFETY: Stream::free/Safety: this is the drop.
        unsafe { self.free() };
    }
}

/// Bytes as memory that need not be initialised.
///
/// # Safety
///
/// Nobody makes a byte of it uninitialised.
pub(crate) unsafe fn as_uninit(bytes: &mut [u8]) -> &mut [MaybeUninit<u8>] {
    // SAFETY: std MaybeUninit: it is laid out like u8. as_uninit/Safety.
    unsafe { &mut *(std::ptr::from_mut(bytes) as *mut [MaybeUninit<u8>]) }
}
