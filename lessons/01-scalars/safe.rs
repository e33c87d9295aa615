// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 01, scalars: numbers, constants, macros, and calls without handles.

use core::ffi::{c_char, c_int, c_long};

use super::prelude::*;

pub fn run(rec: &mut Recorder, input: &Input) {
    rec.step("types");
    // The wrapper's own types are Rust's; these are C's, for comparison.
    rec.int("bytes of int", size_of::<c_int>());
    rec.int("bytes of long", size_of::<c_long>());
    rec.int("bytes of size_t", size_of::<usize>());
    rec.int("bytes of off_t", size_of::<libc::off_t>()); // the system's
    rec.int("bytes of a status", size_of::<c_int>());
    rec.int("char is signed", c_char::MIN != 0);

    rec.step("statics");
    rec.text("version", sgz::version());
    let sizes = sgz::block_sizes();
    rec.int("least", sizes[0]);
    rec.int("default", sizes[1]);
    rec.int("most", sizes[2]);

    rec.step("constants");
    // Not the header's, as it was compiled, but the running library's.
    rec.int("default", sizes[1]);
    rec.int("most", sizes[2]);

    rec.step("unknown");
    rec.prevented("Option<u64>: a size that is not known is no number");

    rec.step("crc32");
    let data = input.data();
    let (front, back) = data.split_at(data.len() / 2);
    let crc = sgz::crc32(0, data);
    let half = sgz::crc32(0, front);
    let both = sgz::crc32(half, back);
    rec.int("crc", crc);
    rec.int("in two parts", both);

    rec.step("macros");
    // From the text: the wrapper has no macros, and needs none.
    let parts = sgz::version().split('.').map(str::parse::<u32>);
    let made = parts.fold(0, |made, part| made << 8 | part.unwrap());
    rec.int("version, made", made);
    rec.int("version, running", sgz::version_number());
    rec.int("is an error", sgz::Status::Crc.code() < 0);

    rec.step("bool");
    rec.int("bytes of bool", size_of::<bool>());
    rec.int("2 as a bool", 2 != 0);
}
