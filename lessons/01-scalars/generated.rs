// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 01, scalars: numbers, constants, macros, and calls without handles.

use core::ffi::{CStr, c_char, c_int, c_long};

use super::prelude::*;
use super::sys::*;

pub fn run(rec: &mut Recorder, input: &Input) {
    rec.step("types");
    // c_int and c_long are what this platform's C makes of them.
    rec.int("bytes of int", size_of::<c_int>());
    rec.int("bytes of long", size_of::<c_long>());
    rec.int("bytes of size_t", size_of::<usize>());
    rec.int("bytes of off_t", size_of::<libc::off_t>()); // the system's
    rec.int("bytes of a status", size_of::<sgz_status>());
    rec.int("char is signed", c_char::MIN != 0);

    rec.step("statics");
    // C gives the array no length; bindgen makes of it a [c_char; 0].
    let version = (&raw const sgz_version_text).cast::<c_char>();
    // SAFETY: std CStr::from_ptr: constant text, which ends in NUL.
    rec.text_bytes("version", unsafe { CStr::from_ptr(version) }.to_bytes());
    // SAFETY: std keyword static: const in C, so nobody ever writes it.
    let sizes = unsafe { sgz_block_sizes };
    rec.int("least", sizes[0]);
    rec.int("default", sizes[1]);
    rec.int("most", sizes[2]);

    rec.step("constants");
    rec.int("default", SGZ_BLOCK_DEFAULT);
    rec.int("most", SGZ_BLOCK_MAX);

    rec.step("unknown");
    // bindgen worked out the value, -1, and lost the type: it says i32. The
    // cast is right by its sign; `SGZ_UNKNOWN as u32 as u64` would not be.
    #[expect(clippy::cast_sign_loss, reason = "it fills the upper half")]
    let unknown = SGZ_UNKNOWN as u64;
    rec.bytes("unknown", &unknown.to_ne_bytes());

    rec.step("crc32");
    let data = input.data();
    let (front, back) = data.split_at(data.len() / 2);
    // SAFETY: sgz_crc32/Ownership: each slice is borrowed for its call.
    let (crc, both) = unsafe {
        let crc = sgz_crc32(0, data.as_ptr().cast(), data.len());
        let half = sgz_crc32(0, front.as_ptr().cast(), front.len());
        (crc, sgz_crc32(half, back.as_ptr().cast(), back.len()))
    };
    rec.int("crc", crc);
    rec.int("in two parts", both);

    rec.step("macros");
    // bindgen does not see those that take arguments: what they do is
    // repeated wherever it is needed.
    let (major, minor) = (SGZ_VERSION_MAJOR, SGZ_VERSION_MINOR);
    let made = major << 16 | minor << 8 | SGZ_VERSION_PATCH;
    rec.int("version, made", made);
    // SAFETY: sgz_version_number/Threads: at any time.
    rec.int("version, running", unsafe { sgz_version_number() });
    rec.int("is an error", sgz_status::SGZ_E_CRC.0 < sgz_status::SGZ_OK.0);

    rec.step("bool");
    // The same type as C's, of one byte: 0 or 1, and nothing else.
    rec.int("bytes of bool", size_of::<bool>());
    rec.int("2 as a bool", 2 != 0); // `2 as bool` is no Rust
}
