// SPDX-License-Identifier: MIT OR Apache-2.0
//! The recorder: a lesson records its facts with it.

use core::ffi::c_char;
use std::marker::PhantomData;
use std::mem::offset_of;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use crate::abi;

/// The text for a missing string.
const ABSENT: &str = "(absent)";

/// Takes down what a lesson sees, step by step.
///
/// None of its methods judges, prints, or can fail.
///
/// # Invariants
///
/// `raw` points to the host's recorder, which is used on this thread only by
/// this.
pub struct Recorder {
    raw: NonNull<abi::ferrule_recorder>,
}

/// What [`Recorder::int`] takes: lessons need not say how to get to 64 bits.
pub trait Number {
    /// The number in 64 bits; what does not fit wraps, as it does in C.
    fn to_i64(self) -> i64;
}

macro_rules! numbers {
    ($($integer:ty)*) => {
        $(impl Number for $integer {
            #[allow(
                clippy::cast_lossless,
                clippy::cast_possible_wrap,
                reason = "what a cast does is what is meant"
            )]
            fn to_i64(self) -> i64 {
                self as i64
            }
        })*
    };
}

numbers!(bool u8 i8 u16 i16 u32 i32 u64 i64 usize isize);

/// A text as C takes it here: where it is, and how long.
const fn parts(text: &[u8]) -> (*const c_char, usize) {
    (text.as_ptr().cast(), text.len())
}

/// Call the host's function, if it has it: it is not there in an older host,
/// whose struct ends before.
macro_rules! call {
    ($rec:ident, $function:ident, $($argument:expr),*) => {{
        const OFFSET: usize =
            offset_of!(abi::ferrule_recorder_ops, $function);
        let raw = $rec.raw.as_ptr();

        // SAFETY: Recorder/Invariants: raw is valid, and so are its ops, as
        // far as their size says.
        let function = unsafe {
            let ops = (*raw).ops;

            if OFFSET < (*ops).size { (*ops).$function } else { None }
        };
        if let Some(function) = function {
            // SAFETY: Recorder/Invariants: raw is valid. lane.h: texts are
            // copied.
            unsafe { function(raw, $($argument),*) }
        }
    }};
}

impl Recorder {
    /// A recorder over the host's own.
    ///
    /// # Safety
    ///
    /// `raw` is valid, and used by nobody else, as long as the `Recorder`.
    #[must_use]
    pub const unsafe fn from_raw(raw: NonNull<abi::ferrule_recorder>) -> Self {
        Self { raw }
    }

    /// A handle for other threads, which become tasks by it.
    #[must_use]
    pub const fn tasks(&self) -> Tasks<'_> {
        Tasks {
            raw: self.raw,
            of: PhantomData,
        }
    }

    /// Begin a step: a row of the report, lined up by `name` between lanes.
    pub fn step(&mut self, name: &str) {
        let (name, len) = parts(name.as_bytes());
        call!(self, step, name, len);
    }

    /// Record a number of any integer type, as C's cast to `int64_t` would.
    pub fn int(&mut self, label: &str, value: impl Number) {
        let (label, label_len) = parts(label.as_bytes());
        let value = value.to_i64();
        call!(self, integer, label, label_len, value);
    }

    /// Record a text.
    pub fn text(&mut self, label: &str, text: &str) {
        self.text_bytes(label, text.as_bytes());
    }

    /// Record a text in an unknown encoding.
    pub fn text_bytes(&mut self, label: &str, text: &[u8]) {
        let (label, label_len) = parts(label.as_bytes());
        let (text, len) = parts(text);
        call!(self, text, label, label_len, text, len);
    }

    /// Record a text that may be absent: C has NULL there.
    pub fn text_or_absent(&mut self, label: &str, text: Option<&[u8]>) {
        self.text_bytes(label, text.unwrap_or(ABSENT.as_bytes()));
    }

    /// Record any number of bytes.
    pub fn bytes(&mut self, label: &str, data: &[u8]) {
        let (label, label_len) = parts(label.as_bytes());
        call!(
            self,
            bytes,
            label,
            label_len,
            data.as_ptr().cast(),
            data.len()
        );
    }

    /// Record the outcome of a call, an `enum sgz_status`.
    pub fn status(&mut self, label: &str, status: i32) {
        let (label, label_len) = parts(label.as_bytes());
        call!(self, status, label, label_len, status);
    }

    /// Record the details of a failure, as a `struct sgz_error` has them:
    /// no `errno` is 0, no `offset` is -1.
    pub fn error(
        &mut self,
        label: &str,
        status: i32,
        errno: i32,
        offset: i64,
        text: &[u8],
    ) {
        let (label, label_len) = parts(label.as_bytes());
        let (text, len) = parts(text);
        call!(
            self, error, label, label_len, status, errno, offset, text, len
        );
    }

    /// Tell the report's reader something; lanes may differ in it.
    pub fn note(&mut self, text: &str) {
        let (text, len) = parts(text.as_bytes());
        call!(self, note, text, len);
    }

    /// What is recorded from now on has no order; `false`, or the next step,
    /// gives it one again.
    pub fn unordered(&mut self, on: bool) {
        call!(self, unordered, i32::from(on));
    }

    /// Record that this lane cannot even express the step, and what stops it.
    pub fn prevented(&mut self, by: &str) {
        let (by, len) = parts(by.as_bytes());
        call!(self, prevented, by, len);
    }
}

/// Makes threads tasks of the lesson: what they record is theirs.
///
/// # Invariants
///
/// `raw` is that of the [`Recorder`] that it was made from, and outlived by it.
#[derive(Clone, Copy)]
pub struct Tasks<'a> {
    raw: NonNull<abi::ferrule_recorder>,
    of: PhantomData<&'a Recorder>,
}

// SAFETY: lane.h: any thread may record.
unsafe impl Send for Tasks<'_> {}
// SAFETY: lane.h: any thread may record.
unsafe impl Sync for Tasks<'_> {}

impl<'a> Tasks<'a> {
    /// The calling thread is the task `name` from now on; no other has its
    /// name.
    #[must_use]
    pub fn begin(self, name: &str) -> Task<'a> {
        let task = Task {
            rec: Recorder { raw: self.raw },
            of: PhantomData,
        };
        let (name, len) = parts(name.as_bytes());

        call!(self, task, name, len);
        task
    }
}

/// A [`Recorder`] for a thread that is a task.
pub struct Task<'a> {
    rec: Recorder,
    of: PhantomData<&'a Recorder>,
}

impl Deref for Task<'_> {
    type Target = Recorder;

    fn deref(&self) -> &Recorder {
        &self.rec
    }
}

impl DerefMut for Task<'_> {
    fn deref_mut(&mut self) -> &mut Recorder {
        &mut self.rec
    }
}
