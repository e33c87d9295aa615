// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 01, scalars: numbers, constants, macros, and calls without handles.

use core::ffi::{c_char, c_int, c_long};
use std::io::Write;

use sgz::{Buffer, Options, Reader};

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

    rec.step("printf");
    let mut gz = Buffer::new();
    let mut writer = Options::new().create_buffer(&mut gz).unwrap();
    let kib = data.len() as f64 / 1024.0;
    writer.write_bytes(data).unwrap();
    // The compiler reads this format, and checks each argument against it.
    let written = writeln!(
        writer,
        "sgz {}: {} bytes, {kib:.1} KiB, crc {crc:08x}",
        sgz::version(),
        data.len(),
    );
    rec.result("printf", &written.map_err(sgz::Error::from));
    let finished = writer.finish();
    rec.result("finish", &finished);
    rec.int("written", finished.unwrap().len);
    rec.bytes("compressed", &gz);

    rec.step("macros");
    // From the text: the wrapper has no macros, and needs none.
    let parts = sgz::version().split('.').map(str::parse::<u32>);
    let made = parts.fold(0, |made, part| made << 8 | part.unwrap());
    rec.int("version, made", made);
    rec.int("version, running", sgz::version_number());
    let reader = Reader::new(&gz);
    rec.int("is an error", reader.is_err());

    rec.step("inline functions");
    let mut reader = reader.unwrap();
    let first = reader.header().subfields().next();
    rec.int("bytes in the first", first.unwrap().data.len());

    rec.step("bool");
    let verify = true;
    let index = reader.build_index(verify);
    rec.result("build", &index);
    rec.int("blocks", index.unwrap().entries().len());

    rec.step("64-bit offsets");
    let far = 5_u64 << 30;
    let seek = reader.seek_to(far);
    rec.result("seek", &seek);
    rec.failure("seek", &seek.unwrap_err());
    rec.int("still at", reader.tell());
}
