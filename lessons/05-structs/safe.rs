// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 05, structs: sizes and offsets, packed, bits, arrays without end.

use sgz::{Buffer, Format, NewHeader, Options, Reader};

use super::prelude::*;

/// Two subfields: "AP" with five bytes, and "ZZ" with none.
const EXTRA: &[u8] = b"AP\x05\x00helloZZ\x00\x00";

pub fn run(rec: &mut Recorder, input: &Input) {
    let data = input.data();

    rec.step("layout");
    rec.prevented("privacy: the structs of C are not part of the API");

    rec.step("defaults");
    rec.prevented("privacy: Options has methods that set, and no fields");
    let options = Options::new();

    rec.step("bitfields");
    let options = options.format(Format::Gzip); // a bit, somewhere
    rec.prevented("privacy: which bit is the wrapper's affair");

    rec.step("too small");
    rec.prevented("privacy: Options::new() stamps the size");

    rec.step("from the future");
    rec.prevented("privacy: Options::new() stamps the size");
    let mut gz = Buffer::new();
    let mut writer = options.create_buffer(&mut gz).unwrap();

    rec.step("a lying subfield");
    let fields = NewHeader::new().extra(&EXTRA[..EXTRA.len() - 5]);
    let set = writer.set_header(&fields);
    rec.result("set", &set);
    rec.failure("set", &set.unwrap_err());
    drop(writer);

    rec.step("write");
    let mut writer = options.create_buffer(&mut gz).unwrap();
    let fields = NewHeader::new().extra(EXTRA).mtime(1_234_567_890);
    rec.result("set", &writer.set_header(&fields));
    writer.write_bytes(data).unwrap();
    rec.result("finish", &writer.finish());

    rec.step("packed");
    // Methods return copies: nobody gets to hold an unaligned address.
    let reader = Reader::new(&gz).unwrap();
    let header = reader.header();
    rec.int("mtime", header.mtime());
    rec.int("os", header.os());

    rec.step("inline functions");
    // Nothing of it shows: a subfield comes with its data.
    let first = header.subfields().next();
    rec.int("bytes in the first", first.unwrap().data.len());

    rec.step("flexible array");
    // A slice knows its length, and cannot outlive the header.
    for sub in header.subfields() {
        rec.text_bytes("id", &sub.id);
        rec.bytes("data", sub.data);
    }
}
