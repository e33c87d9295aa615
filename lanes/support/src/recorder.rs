// SPDX-License-Identifier: MIT OR Apache-2.0
//! How a lesson tells what it saw.

use std::ffi::c_char;
use std::ptr::NonNull;

use crate::abi;

/// The text that stands for a string that is not there.
const ABSENT: &str = "(absent)";

/// Takes down what a lesson sees, step by step.
///
/// None of its methods judges, prints, or can fail.
///
/// # Invariants
///
/// `raw` points to the host's recorder, and nobody else uses it.
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

    const fn ops(&self) -> &abi::ferrule_recorder_ops {
        // SAFETY: Recorder/Invariants: raw is valid, and so are its ops.
        unsafe { &*(*self.raw.as_ptr()).ops }
    }

    /// Begin a step: a row of the report, lined up by `name` between lanes.
    pub fn step(&mut self, name: &str) {
        let (name, len) = parts(name.as_bytes());
        // SAFETY: Recorder/Invariants: raw is valid; texts are copied.
        unsafe { (self.ops().step)(self.raw.as_ptr(), name, len) }
    }

    /// Record a number of any integer type, as C's cast to `int64_t` would.
    pub fn int(&mut self, label: &str, value: impl Number) {
        let (label, label_len) = parts(label.as_bytes());
        let value = value.to_i64();
        // SAFETY: Recorder/Invariants: raw is valid; texts are copied.
        unsafe {
            (self.ops().integer)(self.raw.as_ptr(), label, label_len, value);
        }
    }

    /// Record a text.
    pub fn text(&mut self, label: &str, text: &str) {
        self.text_bytes(label, text.as_bytes());
    }

    /// Record a text in an unknown encoding.
    pub fn text_bytes(&mut self, label: &str, text: &[u8]) {
        let (label, label_len) = parts(label.as_bytes());
        let (text, len) = parts(text);
        // SAFETY: Recorder/Invariants: raw is valid; texts are copied.
        unsafe {
            (self.ops().text)(self.raw.as_ptr(), label, label_len, text, len);
        }
    }

    /// Record a text that may be absent: C has NULL there.
    pub fn text_or_absent(&mut self, label: &str, text: Option<&[u8]>) {
        self.text_bytes(label, text.unwrap_or(ABSENT.as_bytes()));
    }

    /// Record any number of bytes.
    pub fn bytes(&mut self, label: &str, data: &[u8]) {
        let (label, label_len) = parts(label.as_bytes());
        // SAFETY: Recorder/Invariants: raw is valid; data is copied.
        unsafe {
            (self.ops().bytes)(
                self.raw.as_ptr(),
                label,
                label_len,
                data.as_ptr().cast(),
                data.len(),
            );
        }
    }

    /// Record the outcome of a call, an `enum sgz_status`.
    pub fn status(&mut self, label: &str, status: i32) {
        let (label, label_len) = parts(label.as_bytes());
        // SAFETY: Recorder/Invariants: raw is valid; texts are copied.
        unsafe {
            (self.ops().status)(self.raw.as_ptr(), label, label_len, status);
        }
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
        // SAFETY: Recorder/Invariants: raw is valid; texts are copied.
        unsafe {
            (self.ops().error)(
                self.raw.as_ptr(),
                label,
                label_len,
                status,
                errno,
                offset,
                text,
                len,
            );
        }
    }

    /// Tell the report's reader something; lanes may differ in it.
    pub fn note(&mut self, text: &str) {
        let (text, len) = parts(text.as_bytes());
        // SAFETY: Recorder/Invariants: raw is valid; texts are copied.
        unsafe { (self.ops().note)(self.raw.as_ptr(), text, len) }
    }

    /// Record that this lane cannot even express the step, and what stops it.
    pub fn prevented(&mut self, by: &str) {
        let (by, len) = parts(by.as_bytes());
        // SAFETY: Recorder/Invariants: raw is valid; texts are copied.
        unsafe { (self.ops().prevented)(self.raw.as_ptr(), by, len) }
    }
}
