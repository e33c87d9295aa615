// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 04, handles: who owns one, what ends it, and what happens then.

use std::fs;
use std::path::Path;

use sgz::{Options, Reader, Writer};

use super::prelude::*;

/// Read all that `reader` has left, in one piece.
fn read_back(rec: &mut Recorder, reader: &mut Reader, len: usize) {
    let mut all = vec![0; len + 1];
    let read = reader.read_bytes(&mut all);

    rec.result("read", &read);
    rec.bytes("read", &all[..read.unwrap_or(0)]);
}

pub fn run(rec: &mut Recorder, input: &Input) {
    let data = input.data();
    let out = Path::new("out.gz");

    rec.step("open");
    // A value: whoever has it owns it, and when it goes, so does the handle.
    let writer = Writer::create(out);
    rec.result("open", &writer);

    rec.step("write");
    let mut writer = writer.unwrap();
    rec.result("write", &writer.write_bytes(data));
    rec.int("written", writer.tell());
    rec.int("there", out.exists());

    rec.step("finish");
    // By value: the writer goes in, and is freed whatever comes out.
    rec.result("finish", &writer.finish());
    rec.int("there", out.exists());

    rec.step("finish twice");
    rec.prevented("E0382, use of moved value: finish(self) took the writer");

    rec.step("free");
    // finish() did it; nothing to write, and nothing to forget.
    rec.int("there", out.exists());

    rec.step("free twice");
    rec.prevented("E0382, use of moved value: drop(writer) needs a writer");

    rec.step("give up");
    let mut writer = Writer::create("never.gz").unwrap();
    writer.write_bytes(data).unwrap();
    drop(writer); // or the end of its scope, or a `?` on the way there
    rec.int("there", Path::new("never.gz").exists());

    rec.step("finish can fail");
    // This is why Drop does not finish: it could tell nobody.
    let writer = Writer::create("taken").unwrap();
    fs::create_dir("taken").unwrap(); // the name goes to somebody else
    let finished = writer.finish();
    rec.result("finish", &finished);
    rec.failure("finish", &finished.err().unwrap());

    rec.step("exclusive");
    let writer = Options::new().exclusive(true).create(out);
    rec.result("open", &writer);
    rec.failure("open", &writer.err().unwrap());

    rec.step("read back");
    let reader = Reader::open(out);
    rec.result("open", &reader);
    let mut reader = reader.unwrap();
    read_back(rec, &mut reader, data.len());

    rec.step("close");
    reader.close(); // by value, as drop(reader) would

    rec.step("close twice");
    rec.prevented("E0382, use of moved value: close(self) took the reader");
}
