// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 20, linking: which function a name stands for.

use std::io::Read;

use sgz::{Codec, Reader};

use super::prelude::*;

/// A program writes a file and reads it again; then libsgz reads it.
fn record_program(rec: &mut Recorder, name: &str, path: &str) {
    rec.int("program", run_program(name));
    rec.int("trailer", trailer(path));
    let end = Reader::open(path)
        .and_then(|mut reader| Ok(reader.read_to_end(&mut Vec::new())?));
    rec.result("end", &end);
}

pub fn run(rec: &mut Recorder, _: &Input) {
    rec.step("linked");
    rec.text("version", sgz::version());
    rec.int("crc", sgz::crc32(0, b"123456789"));

    rec.step("what is compiled");
    let default = Codec::built_in().next().unwrap_or_default();
    let libdeflate = (default == "libdeflate")
        .then(|| Codec::load(default).ok())
        .flatten();
    rec.text("default codec", default);
    rec.text_or_absent(
        "libdeflate",
        libdeflate.as_ref().map(|codec| codec.version().as_bytes()),
    );

    rec.step("loaded");
    rec.prevented("E0133, to call C is unsafe");

    rec.step("visible");
    rec.prevented("E0133, to call C is unsafe");

    rec.step("a name that nobody has");
    lay_plugin("unfinished.so");
    rec.result("load", &Codec::load("./unfinished.so"));

    rec.step("a name that two have");
    record_program(rec, "exported", "exported.gz");

    rec.step("kept inside");
    record_program(rec, "hidden", "hidden.gz");

    rec.step("another name");
    record_program(rec, "renamed", "renamed.gz");

    rec.step("its own first");
    record_program(rec, "deepbind", "deepbind.gz");

    rec.step("a name that Rust has too");
    record_program(rec, "exported_rs", "exported_rs.gz");

    rec.step("a name of Rust's");
    record_program(rec, "mangled_rs", "mangled_rs.gz");
}
