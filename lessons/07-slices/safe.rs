// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 07, slices: arrays passed in, borrowed and filled.

use std::fs;
use std::io::BufRead;

use sgz::{Buffer, Entry, Index, Options, Reader};

use super::prelude::*;

/// Out of order: the third block would begin before the second.
const UNSORTED: [Entry; 3] = [
    Entry {
        compressed_offset: 0,
        offset: 0,
    },
    Entry {
        compressed_offset: 900,
        offset: 4096,
    },
    Entry {
        compressed_offset: 800,
        offset: 8192,
    },
];

pub fn run(rec: &mut Recorder, input: &Input) {
    // Only memory can fail in what is not recorded; then the lesson ends.
    let _ = steps(rec, input.data());
}

fn steps(rec: &mut Recorder, data: &[u8]) -> sgz::Result<()> {
    rec.step("nothing");
    // Rust's empty slice has a pointer; the wrapper passes what C takes
    rec.int("format", if sgz::detect(&[]).is_none() { 2 } else { -1 });
    rec.int("crc", sgz::crc32(0, &[]));

    rec.step("narrow");
    let huge = u64::from(u32::MAX) + 6;
    #[expect(clippy::cast_possible_truncation, reason = "it is the trap")]
    let cut = huge as u32;
    rec.int("cut", cut); // 5: and nobody was told
    rec.int("fits", u32::try_from(huge).is_ok());

    rec.step("write slices");
    let mut gz = Buffer::new();
    let options = Options::new().block_size(16384).build_index(true);
    let writer = options.create_buffer(&mut gz);
    rec.result("open", &writer);
    let mut writer = writer?;
    for slice in data.chunks(10000) {
        writer.write_bytes(slice)?;
    }
    rec.result("empty", &writer.write_bytes(&[]));
    rec.int("written", writer.tell());
    let finished = writer.finish();
    rec.result("finish", &finished);
    let Some(index) = finished?.index else {
        return Ok(());
    };

    rec.step("entries borrowed");
    let entries = index.entries(); // a slice that borrows from the index
    let Some(last) = entries.last() else {
        return Ok(());
    };
    rec.int("count", entries.len());
    rec.int("last", last.offset);
    rec.int("in the file", last.compressed_offset);

    rec.step("entries in");
    let copy = Index::from_entries(entries);
    rec.result("copy", &copy);
    let copy = copy?;
    drop(index); // `entries` is dead, and cannot be named any more
    rec.int("block of the middle", copy.locate(data.len() as u64 / 2));

    rec.step("unsorted in");
    if let Err(err) = Index::from_entries(&UNSORTED) {
        rec.failure("refused", &err);
    }

    rec.step("read back");
    let mut page = [0; 3000];
    let (mut total, mut last, mut same) = (0, 0, true);
    let reader = Reader::new(&gz);
    rec.result("open", &reader);
    let mut reader = reader?;
    loop {
        let got = reader.read_bytes(&mut page)?;
        if got == 0 {
            break;
        }
        same &= page[..got] == data[total..total + got];
        total += got;
        last = got; // shorter than asked: only at the end
    }
    rec.int("total", total);
    rec.int("last read", last);
    rec.int("same", same);
    rec.result("of no bytes", &reader.read_bytes(&mut []));

    rec.step("to a file");
    rec.int("written", fs::write("slices.gz", &gz).is_ok()); // &[u8] by Deref
    rec.result("index", &copy.save("slices.gz.gzi"));

    rec.step("seek to the middle");
    let middle = data.len() / 2;
    rec.result("index", &reader.set_index(Some(&copy)));
    rec.result("seek", &reader.seek_to(middle as u64));
    let got = reader.read_bytes(&mut page[..16])?;
    rec.bytes("sixteen", &page[..got]);
    rec.int("same", page[..got] == data[middle..middle + got]);

    rec.step("bytes borrowed");
    reader.seek_to(0)?;
    let borrowed = reader.peek();
    rec.result("peek", &borrowed);
    let borrowed = borrowed?;
    let half = borrowed.len() / 2;
    rec.bytes("borrowed", borrowed); // its last use: the reader is free again
    reader.consume(half);
    rec.int("position", reader.tell());

    rec.step("nothing borrowed");
    reader.seek_to(data.len() as u64)?;
    let borrowed = reader.peek();
    rec.result("peek", &borrowed);
    rec.int("bytes", borrowed?.len()); // never NULL

    rec.step("64-bit offsets");
    if let Err(err) = reader.seek_to(5 << 30) {
        rec.failure("seek", &err);
    }
    rec.int("still at", reader.tell());
    Ok(())
}
