// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 02, strings: who owns them, where they end, what they are made of.

use std::ffi::{CStr, CString, OsStr};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use sgz::{Buffer, Format, NewHeader, Options, Reader, Status};

use super::prelude::*;

/// Latin-1, as gzip has it: e with an acute accent is the byte e9.
const NAME: &CStr = c"caf\xe9.txt";

/// Latin-1 is the first 256 characters of Unicode, in their order.
fn utf8_from_latin1(latin1: &CStr) -> String {
    latin1.to_bytes().iter().copied().map(char::from).collect()
}

pub fn run(rec: &mut Recorder, input: &Input) {
    let data = input.data();

    rec.step("path");
    // A Path is bytes too, on Unix; the wrapper adds the NUL.
    let path = Path::new(OsStr::from_bytes(b"caf\xe9.gz"));
    let options = Options::new().format(Format::Gzip);
    rec.text_bytes("path", path.as_os_str().as_bytes());
    let writer = options.create(path);
    rec.result("open", &writer);

    rec.step("lend");
    let mut writer = writer.unwrap();
    let borrowed = CString::new(NAME.to_bytes()).unwrap();
    let fields = NewHeader::new().name(&borrowed);
    rec.result("set", &writer.set_header(&fields));
    drop(borrowed); // fields borrows it, and cannot be used from here on
    writer.write_bytes(data).unwrap();
    rec.result("finish", &writer.finish());

    rec.step("borrow");
    let reader = Reader::open(path);
    rec.result("open", &reader);
    let reader = reader.unwrap();
    let header = reader.header(); // as long as nobody uses the reader
    let name = header.name().unwrap();
    rec.text_bytes("name", name.to_bytes());
    rec.int("length", name.count_bytes());

    rec.step("absent");
    let comment = header.comment().map(CStr::to_bytes);
    rec.text_or_absent("comment", comment);

    rec.step("encoding");
    // A CStr and no str: the type does not claim what gzip does not promise.
    rec.text("in UTF-8", &utf8_from_latin1(name));

    rec.step("own");
    let text = header.describe();
    rec.result("describe", &text);
    rec.text_bytes("described", text.unwrap().to_bytes());
    // Text knows whose it is: dropped, it went to sgz_free().

    rec.step("keep");
    let kept: CString = name.to_owned();
    reader.close(); // using `name` below would not compile
    rec.text_bytes("kept", kept.to_bytes());

    rec.step("names of codes");
    let crc = Status::Crc.name().map(str::as_bytes);
    let later = Status::Unknown(-99).name().map(str::as_bytes);
    rec.text_or_absent("crc", crc);
    rec.text_or_absent("later", later);

    rec.step("printf");
    let mut gz = Buffer::new();
    let mut writer = Options::new().create_buffer(&mut gz).unwrap();
    let kib = data.len() as f64 / 1024.0;
    // The compiler reads this format, and checks each argument against it.
    let written = writeln!(
        writer,
        "sgz {}: {} bytes, {kib:.1} KiB, status {}",
        sgz::version(),
        data.len(),
        Status::Unknown(-99).code(),
    );
    rec.result("printf", &written.map_err(sgz::Error::from));
    let finished = writer.finish();
    rec.result("finish", &finished);
    rec.int("written", finished.unwrap().len);
    drop(gz);

    rec.step("NUL inside");
    let refused = CString::new("ab\0cd").unwrap_err();
    rec.prevented("E0133, unsafe: only unsafe code makes such a name");
    rec.note(&refused.to_string());
}
