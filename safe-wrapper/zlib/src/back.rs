// SPDX-License-Identifier: MIT OR Apache-2.0
//! `inflateBack()`: zlib asks for input and hands out its window.

use std::any::Any;
use std::ffi::{c_int, c_uchar, c_uint, c_void};
use std::fmt;
use std::io::{self, BufRead, ErrorKind, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::{NonNull, null_mut};

use crate::error::{Error, Result};
use crate::memory::Memory;
use crate::raw;
use crate::settings::Window;
use crate::stream::{HEADER, Kind, SIZE, Stream, part};

struct Back;

impl Kind for Back {
    /// It has no steps: `inflateBack()` does all of it.
    const STEP: unsafe extern "C" fn(raw::z_streamp, c_int) -> c_int =
        raw::inflate;
    const END: unsafe extern "C" fn(raw::z_streamp) -> c_int =
        raw::inflateBackEnd;
}

/// The window, which zlib writes to and lends to the output.
struct Room(NonNull<[u8]>);

// SAFETY: std Send: it owns plain bytes.
unsafe impl Send for Room {}

impl Drop for Room {
    fn drop(&mut self) {
        // SAFETY: std Box::from_raw: it came from a box. The stream that had
        // a pointer to it was dropped before.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

/// A stream that decompresses raw data by callbacks, which are Rust's
/// [`BufRead`] and [`Write`] here.
pub struct InflateBack {
    // in this order: a drop ends the stream, and frees the window after it
    stream: Stream<Back>,
    _room: Room,
}

/// What both callbacks need, and what went wrong in them.
struct Calls<'a> {
    input: &'a mut dyn BufRead,
    /// Bytes that zlib has got, and `input` has not been told of.
    given: usize,
    output: &'a mut dyn Write,
    failure: Option<Failure>,
}

enum Failure {
    Io(io::Error),
    Panic(Box<dyn Any + Send>),
}

impl Calls<'_> {
    /// Run `callback`, unless another one failed; None: it failed.
    fn run<T>(
        &mut self,
        callback: impl FnOnce(&mut Self) -> io::Result<T>,
    ) -> Option<T> {
        if self.failure.is_some() {
            return None;
        }
        // What it was changing is not used after a panic.
        let done = catch_unwind(AssertUnwindSafe(|| callback(self)));
        self.failure = match done {
            Ok(Ok(value)) => return Some(value),
            Ok(Err(error)) => Some(Failure::Io(error)),
            Err(payload) => Some(Failure::Panic(payload)),
        };
        None
    }

    /// The next piece of input; an empty one is the end.
    fn next(&mut self) -> io::Result<(*const u8, c_uint)> {
        self.input.consume(std::mem::take(&mut self.given));
        loop {
            match self.input.fill_buf() {
                Ok(data) => {
                    let (at, len) = (data.as_ptr(), part(data.len()));
                    self.given = len as usize;
                    return Ok((at, len));
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }
}

unsafe extern "C" fn input(
    calls: *mut c_void,
    data_out: *mut *mut c_uchar,
) -> c_uint {
    // SAFETY: zlib inflateBack: it passes in_desc on, and no other callback
    // runs.
    let calls = unsafe { &mut *calls.cast::<Calls>() };
    let Some((at, len)) = calls.run(Calls::next) else {
        return 0;
    };
    // SAFETY: zlib inflateBack: data_out is a variable of its own. It only
    // reads there, and only until the next call of input(): fill_buf() lends
    // the bytes as long as `input` is not touched, and it is not.
    unsafe { *data_out = at.cast_mut() };
    len
}

unsafe extern "C" fn output(
    calls: *mut c_void,
    data: *mut c_uchar,
    len: c_uint,
) -> c_int {
    // SAFETY: zlib inflateBack: as in input().
    let calls = unsafe { &mut *calls.cast::<Calls>() };
    // SAFETY: zlib inflateBack: so many bytes of the window, written, which it
    // does not touch during this call.
    let data = unsafe { std::slice::from_raw_parts(data, len as usize) };
    let done = calls.run(|calls| calls.output.write_all(data));
    c_int::from(done.is_none())
}

impl InflateBack {
    /// A stream with a window of this size.
    pub fn new(window: Window, memory: Option<&Memory>) -> Result<Self> {
        let room = vec![0; 1 << window.bits()].into_boxed_slice();
        // SAFETY: std NonNull::new_unchecked: a box's address.
        let at = unsafe { NonNull::new_unchecked(Box::into_raw(room)) };
        let room = Room(at);
        // SAFETY: Stream::new/Safety: the init function of inflateBackEnd().
        // zlib inflateBackInit_: the window is as large as its bits say.
        let stream = unsafe {
            Stream::new(memory.cloned(), |strm| {
                raw::inflateBackInit_(
                    strm,
                    window.bits(),
                    at.as_ptr().cast(),
                    HEADER,
                    SIZE,
                )
            })
        };
        Ok(Self {
            stream: stream?,
            _room: room,
        })
    }

    /// End it, as a drop does.
    pub fn end(self) -> Result<()> {
        self.stream.end()
    }

    /// Decompress one raw stream. What follows it stays in `from`.
    ///
    /// # Panics
    ///
    /// With the panic of `from` or `to`, after zlib has returned.
    pub fn run(
        &mut self,
        from: &mut dyn BufRead,
        to: &mut dyn Write,
    ) -> Result<()> {
        let mut calls = Calls {
            input: from,
            given: 0,
            output: to,
            failure: None,
        };
        let desc = (&raw mut calls).cast();
        let strm = self.stream.as_ptr();
        // SAFETY: zlib inflateBack: Stream/Invariants, and calls outlives the
        // call. What it left of the input is in the stream after it.
        let (code, left) = unsafe {
            (*strm).next_in = null_mut();
            (*strm).avail_in = 0;
            let code =
                raw::inflateBack(strm, Some(input), desc, Some(output), desc);
            let left = (*strm).avail_in as usize;
            (*strm).next_in = null_mut();
            (*strm).avail_in = 0;
            (code, left)
        };
        match calls.failure {
            Some(Failure::Panic(payload)) => resume_unwind(payload),
            Some(Failure::Io(error)) => return Err(Error::io(error)),
            None => {}
        }
        calls.input.consume(calls.given - left.min(calls.given));
        match code {
            raw::Z_STREAM_END => Ok(()),
            code => self.stream.checked(code),
        }
    }
}

impl fmt::Debug for InflateBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InflateBack").finish_non_exhaustive()
    }
}
