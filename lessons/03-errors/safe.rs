// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 03, errors: statuses, NULL, -1 and errno, and failures that wait.

use std::error::Error;
use std::io::{self, Read};

use sgz::{Buffer, Options, Reader};

use super::prelude::*;

/// Read `reader` to its end, or to the first failure.
fn drain(reader: &mut Reader, total: &mut usize) -> sgz::Result<()> {
    let mut chunk = [0; 4096];

    *total = 0;
    loop {
        let got = reader.read_bytes(&mut chunk)?;
        if got == 0 {
            return Ok(());
        }
        *total += got;
    }
}

/// A source that breaks at once, in Rust's own way.
struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::from_raw_os_error(libc::EPIPE))
    }
}

pub fn run(rec: &mut Recorder, input: &Input) {
    let data = input.data();

    rec.step("status and details");
    let opened = Reader::open("missing.gz");
    rec.result("open", &opened);
    rec.failure("open", &opened.unwrap_err());

    rec.step("not gzip");
    let opened = Reader::new(b"plain text, not gzip");
    rec.result("open", &opened);
    rec.failure("open", &opened.unwrap_err());

    rec.step("NULL");
    let mut gz = Buffer::new();
    let mut writer = Options::new().create_buffer(&mut gz).unwrap();
    writer.write_bytes(data).unwrap();
    let finished = writer.finish();
    rec.result("finish", &finished);
    rec.int("has index", finished.unwrap().index.is_some());

    rec.step("-1 and errno");
    let reader = Reader::new(&gz).unwrap();
    let fd = reader.as_fd(); // the errno is in it: nothing can overwrite it
    rec.int("failed", fd.is_err());
    let saved = fd.unwrap_err().raw_os_error();
    rec.int("bad descriptor", saved == Some(libc::EBADF));
    reader.close();

    rec.step("held back");
    // What a reader reads stays as it is, so the damage is done to a copy.
    let mut damaged = gz.to_vec();
    let crc = damaged.len() - 8;
    damaged[crc] ^= 1;
    let mut reader = Reader::new(&damaged).unwrap();
    let mut all = vec![0; data.len() + 1];
    let read = reader.read_bytes(&mut all);
    rec.result("read", &read);
    rec.bytes("read", &all[..read.unwrap_or(0)]);

    rec.step("reported");
    let mut got = 0;
    let read = drain(&mut reader, &mut got);
    rec.result("read", &read);
    rec.failure("read", &read.unwrap_err());

    rec.step("it sticks");
    let last = reader.failure().map_or(0, |last| last.status().code());
    rec.status("last error", last);
    rec.result("read again", &drain(&mut reader, &mut got));

    rec.step("a seek clears it");
    rec.result("seek", &reader.seek_to(0));
    rec.int("failed", reader.failure().is_some());
    reader.close();

    rec.step("truncated");
    let mut reader = Reader::new(&damaged[..damaged.len() - 1]).unwrap();
    let read = drain(&mut reader, &mut got);
    rec.result("read", &read);
    rec.failure("read", &read.unwrap_err());
    rec.int("bytes before", got);
    reader.close();

    rec.step("through C and back");
    let opened = Options::new().open_stream(Broken);
    rec.result("open", &opened);
    let err = opened.unwrap_err();
    rec.failure("open", &err);
    // What Broken said went round by C as a number, and is here in full.
    rec.note(&err.source().map_or_else(String::new, ToString::to_string));
}
