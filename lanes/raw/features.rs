// SPDX-License-Identifier: MIT OR Apache-2.0
//! What libsgz was built with, asked while the program runs: the `cfg` of the
//! raw crate is not seen here.

use core::ffi::{CStr, c_char};
use std::ptr::{null, null_mut};

use super::super::sys::*;

/// The version of libdeflate, or NULL if the codec `default` is another one.
///
/// # Safety
///
/// `default` is the name of a codec that is built in.
pub unsafe fn version_of_libdeflate(default: *const c_char) -> *const c_char {
    let mut codec = null_mut();

    // SAFETY: version_of_libdeflate/Safety: it is a string. sgz_codec_load/
    // Ownership: it is borrowed. sgz_codec_get_version/Lifetime: what is built
    // in is never unloaded.
    unsafe {
        if CStr::from_ptr(default) != c"libdeflate" {
            return null();
        }
        let _ = sgz_codec_load(default, null(), &mut codec, null_mut());
        let version = sgz_codec_get_version(codec);
        sgz_codec_unref(codec);
        version
    }
}
