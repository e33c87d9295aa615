// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 10, streams: a reader that reads from a reader.

use std::error::Error;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use sgz::{Buffer, Options, Reader};

use super::prelude::*;

/// What is done in place of reading, in the last but one call.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    Interrupted,
    End,
    Lie,
}

#[derive(Default)]
struct Counts {
    reads: AtomicI64,
    closed: AtomicI64,
    bytes: usize,
}

/// A stream that reads from another reader, which it owns.
struct Pipe<'a> {
    from: Reader<'a>,
    part: usize,
    fault: Fault,
    reads: &'a AtomicI64,
    closed: &'a AtomicI64,
}

impl Read for Pipe<'_> {
    fn read(&mut self, data: &mut [u8]) -> io::Result<usize> {
        let len = data.len().min(self.part);
        let now = self.reads.fetch_add(1, Relaxed) + 1 == 2;
        match self.fault {
            Fault::Interrupted if now => Err(ErrorKind::Interrupted.into()),
            Fault::End if now => Ok(0),
            Fault::Lie if now => Ok(usize::MAX),
            _ => self.from.read(&mut data[..len]), // with all that it says
        }
    }
}

impl Drop for Pipe<'_> {
    fn drop(&mut self) {
        self.closed.fetch_add(1, Relaxed);
    }
}

/// Read what was compressed twice, by two readers, the one from the other.
fn read_twice(
    twice: &[u8],
    part: usize,
    fault: Fault,
    counts: &mut Counts,
) -> sgz::Result<()> {
    *counts = Counts::default();
    let pipe = Pipe {
        from: Reader::new(twice)?,
        part,
        fault,
        reads: &counts.reads,
        closed: &counts.closed,
    };
    let mut reader = Options::new().open_stream(pipe)?;
    let mut page = [0; 4096];
    loop {
        match reader.read_bytes(&mut page)? {
            0 => return Ok(()), // and the other reader is dropped with this one
            n => counts.bytes += n,
        }
    }
}

fn record(rec: &mut Recorder, result: &sgz::Result<()>, counts: &Counts) {
    rec.result("read", result);
    rec.int("bytes", counts.bytes);
    rec.int("reads", counts.reads.load(Relaxed));
    rec.int("closed", counts.closed.load(Relaxed));
}

/// The failure of the reader below, out of that of the one above.
fn below(error: &sgz::Error) -> Option<&sgz::Error> {
    let stream: &io::Error = error.source()?.downcast_ref()?;
    stream.get_ref()?.downcast_ref()
}

pub fn run(rec: &mut Recorder, input: &Input) {
    // Only memory can fail in what is not recorded; then the lesson ends.
    let _ = steps(rec, input.data());
}

fn steps(rec: &mut Recorder, data: &[u8]) -> sgz::Result<()> {
    let mut counts = Counts::default();

    rec.step("a writer into a writer");
    let mut twice = Buffer::new();
    let mut inner = Options::new().create_buffer(&mut twice)?;
    let mut outer = Options::new().create_sink(&mut inner)?;
    // some text of our own, for the file may be empty
    for i in 0..100 {
        write!(outer, "{} ", i * i * 7919)?;
    }
    outer.write_bytes(data)?;
    rec.result("finish", &outer.finish());
    rec.int("went through", inner.tell());
    // the other one still has to be finished, which can fail
    rec.result("finish the other", &inner.finish());

    rec.step("a reader from a reader");
    let read = read_twice(&twice, usize::MAX, Fault::None, &mut counts);
    record(rec, &read, &counts);

    rec.step("a few bytes at a time");
    let read = read_twice(&twice, 100, Fault::None, &mut counts);
    record(rec, &read, &counts);

    rec.step("interrupted");
    let read = read_twice(&twice, 100, Fault::Interrupted, &mut counts);
    record(rec, &read, &counts);
    rec.int("errno", read.err().and_then(|e| e.os_error()).unwrap_or(0));

    rec.step("an end too early");
    let read = read_twice(&twice, 100, Fault::End, &mut counts);
    record(rec, &read, &counts);

    rec.step("a failure below");
    let mut damaged = twice.to_vec();
    let crc = damaged.len() - 28 - 8; // of the last block
    damaged[crc] ^= 1;
    let read = read_twice(&damaged, usize::MAX, Fault::None, &mut counts);
    record(rec, &read, &counts);
    if let Err(above) = &read {
        rec.failure("above", above);
        if let Some(below) = below(above) {
            rec.failure("below", below);
        }
    }

    rec.step("a source that lies");
    let read = read_twice(&twice, 100, Fault::Lie, &mut counts);
    record(rec, &read, &counts);
    Ok(())
}
