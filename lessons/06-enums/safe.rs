// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 06, enums: codes, formats and kinds, and the union under one.

use std::ops::ControlFlow;

use sgz::{Buffer, Event, EventMask, Format, Options, Reader, Status};

use super::prelude::*;

/// The smallest gzip file: one member, of nothing, that is no BGZF block.
const PLAIN: [u8; 20] = [
    0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0,
];

/// What an observer was told of, by kind.
#[derive(Default)]
struct Tally {
    members: u64,
    blocks: u64,
    bytes: u64,
    done: u64,
    later: u64,
}

impl Tally {
    /// The kind and what belongs to it come as one: no field can be read
    /// that is not set, and the compiler asks for an arm for the rest.
    fn count(&mut self, event: &Event<'_>) -> ControlFlow<i32> {
        match event {
            Event::Member(_) => self.members += 1,
            Event::Block(block) => {
                self.blocks += 1;
                self.bytes += u64::from(block.len);
            }
            Event::Progress(progress) => self.done = progress.done,
            Event::Log { .. } => {}
            _ => self.later += 1,
        }
        ControlFlow::Continue(())
    }

    fn record(&self, rec: &mut Recorder) {
        rec.int("members", self.members);
        rec.int("blocks", self.blocks);
        rec.int("bytes in blocks", self.bytes);
        rec.int("progress", self.done);
        rec.int("of later versions", self.later);
    }
}

/// C's number for an answer of `sgz::detect`.
fn number(format: Option<Format>) -> i64 {
    match format {
        Some(Format::Bgzf) => 0,
        Some(Format::Gzip) => 1,
        None => 2,
        Some(_) => -1, // C's enums are open, and so is this one
    }
}

/// Read `gz` to its end, or to its failure.
fn read_all(gz: &[u8], tally: &mut Tally) -> sgz::Result<()> {
    let mut reader = Reader::new(gz)?;
    let mut chunk = [0; 4096];
    reader.observe(EventMask::ALL, |event| tally.count(event))?;
    while reader.read_bytes(&mut chunk)? > 0 {}
    Ok(())
}

pub fn run(rec: &mut Recorder, input: &Input) {
    let data = input.data();

    rec.step("a known code");
    let status = Status::Crc;
    rec.int("code", status.code());
    rec.text_or_absent("name", status.name().map(str::as_bytes));

    rec.step("a later code");
    let status = Status::Unknown(-99); // every code has a variant
    rec.int("code", status.code());
    rec.text_or_absent("name", status.name().map(str::as_bytes));

    rec.step("signedness");
    // the variants for the unknown keep C's choice: an i32, and a u32
    rec.int("status of all ones", Status::Unknown(!0).code());
    if let Event::Unknown(kind) = Event::Unknown(!0) {
        rec.int("kind of all ones", kind);
    }

    rec.step("detect");
    rec.int("input", number(sgz::detect(data)));
    rec.int("plain", number(sgz::detect(&PLAIN)));

    rec.step("one memory");
    rec.prevented("an enum: a variant's fields exist in its own arm only");

    rec.step("write");
    let mut gz = Buffer::new();
    let mut tally = Tally::default();
    let writer = Options::new().create_buffer(&mut gz);
    rec.result("open", &writer);
    let finished = writer.and_then(|mut writer| {
        writer.observe(EventMask::ALL, |event| tally.count(event))?;
        writer.write_bytes(data)?;
        writer.finish()
    });
    rec.result("finish", &finished);
    tally.record(rec);

    rec.step("read blocks");
    tally = Tally::default();
    rec.result("read", &read_all(&gz, &mut tally));
    tally.record(rec);

    rec.step("read a member");
    tally = Tally::default();
    rec.result("read", &read_all(&PLAIN, &mut tally));
    tally.record(rec);

    rec.step("read half");
    tally = Tally::default();
    rec.result("read", &read_all(&gz[..gz.len() / 2], &mut tally));
    tally.record(rec);
}
