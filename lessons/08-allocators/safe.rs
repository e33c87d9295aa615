// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 08, allocators: whose memory it is, and who gives it back.

use sgz::{Buffer, Meter, Options};

use super::prelude::*;

fn record(rec: &mut Recorder, meter: &Meter) {
    rec.int("allocated", meter.allocs());
    rec.int("bytes", meter.bytes());
    rec.int("live", meter.live());
}

pub fn run(rec: &mut Recorder, input: &Input) {
    // Only memory can fail in what is not recorded; then the lesson ends.
    let _ = steps(rec, input.data());
}

fn steps(rec: &mut Recorder, data: &[u8]) -> sgz::Result<()> {
    let meter = Meter::new(); // each handle keeps it alive, with a count
    let options = Options::new().meter(&meter);

    rec.step("a counted writer");
    let mut gz = Buffer::new(); // grows from the default
    let writer = options.create_buffer(&mut gz);
    rec.result("open", &writer);
    let mut writer = writer?;
    writer.write_bytes(data)?;
    rec.result("finish", &writer.finish());
    record(rec, &meter);

    rec.step("a buffer handed over");
    rec.bytes("gzip", &gz);

    rec.step("a counted reader");
    let meter = Meter::new();
    let reader = Options::new().meter(&meter).open_slice(&gz);
    rec.result("open", &reader);
    let mut reader = reader?;
    record(rec, &meter);

    rec.step("a buffer that C grows");
    let mut line = Buffer::new();
    let (mut lines, mut longest) = (0, 0);
    while reader.read_line_into(b'\n', &mut line)? > 0 {
        lines += 1;
        longest = longest.max(line.len());
    }
    rec.int("lines", lines);
    rec.int("longest", longest);
    drop(line); // which is sgz_buffer_release()

    rec.step("a text handed out");
    let text = reader.header().describe();
    rec.result("describe", &text);
    let text = text?;
    rec.text_bytes("text", text.to_bytes());
    drop(text); // which is sgz_free(): the type knows
    reader.close();
    record(rec, &meter);

    rec.step("out of memory");
    let (mut limit, mut lost) = (0, 0);
    let reader = loop {
        let meter = Meter::limited(limit); // so many bytes at a time
        let reader = Options::new().meter(&meter).open_slice(&gz);
        let Err(err) = reader else { break reader };
        if limit == 0 {
            rec.failure("refused", &err);
        }
        lost += meter.live();
        limit = 2 * limit + 1;
    };
    rec.result("in the end", &reader);
    drop(reader); // it borrows gz
    rec.int("lost", lost);

    rec.step("another default");
    rec.prevented("sgz: no safe call may change what other threads use");

    rec.step("given back twice");
    drop(gz); // moved: there is no second time
    rec.prevented("E0382, use of moved value: drop(gz) took the buffer");
    Ok(())
}
