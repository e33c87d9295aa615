// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a lesson works on.

use std::ffi::{CStr, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::abi;

/// The file that the driver was given, and a sample of its bytes.
///
/// # Invariants
///
/// An `Input` is only ever met behind the reference that [`Input::from_raw`]
/// makes, so its pointers are what `lane.h` says of them.
#[repr(transparent)]
pub struct Input(abi::ferrule_input);

impl Input {
    /// The host's struct as an `Input`.
    ///
    /// # Safety
    ///
    /// `raw` points to a `struct ferrule_input` that keeps the promises of
    /// `lane.h`, unchanged, for `'a`.
    #[must_use]
    pub unsafe fn from_raw<'a>(raw: *const abi::ferrule_input) -> &'a Self {
        // SAFETY: std pointer::cast: repr(transparent). Input::from_raw/Safety:
        // valid for 'a.
        unsafe { &*raw.cast() }
    }

    /// The first bytes of the file, at most 1 MiB: all of it if it is small.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        if self.0.len == 0 {
            // C may say "none" with NULL, which no slice may have.
            return &[];
        }
        // SAFETY: std slice::from_raw_parts: Input/Invariants: len bytes.
        unsafe { std::slice::from_raw_parts(self.0.data, self.0.len) }
    }

    /// The file's absolute path.
    #[must_use]
    pub fn path(&self) -> &Path {
        Path::new(OsStr::from_bytes(self.c_path().to_bytes()))
    }

    /// The same, as C wants it.
    #[must_use]
    pub fn c_path(&self) -> &CStr {
        // SAFETY: std CStr::from_ptr: Input/Invariants: NUL-terminated.
        unsafe { CStr::from_ptr(self.0.path) }
    }

    /// The last component of the path, which need not be UTF-8.
    #[must_use]
    pub fn name(&self) -> &CStr {
        // SAFETY: std CStr::from_ptr: Input/Invariants: NUL-terminated.
        unsafe { CStr::from_ptr(self.0.name) }
    }

    /// The size of the whole file in bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.0.size
    }
}
