// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 15, generics: one function for many types. Here it is std's, and
//! no `void *` is between it and the comparator.

use std::cmp::Ordering;
use std::panic::{self, AssertUnwindSafe, catch_unwind};

use sgz::{Buffer, Entry, Index, Options};

use super::prelude::*;

const MOST: usize = 48; // entries that are sorted; the file has 3 at least

/// The index of a file: three short blocks, and the blocks of `data`.
fn make_index(data: &[u8]) -> sgz::Result<Option<Index>> {
    let mut file = Buffer::new();
    let options = Options::new().block_size(16384).build_index(true);
    let mut writer = options.create_buffer(&mut file)?;
    for _ in 0..3 {
        writer.write_bytes(b"a short block")?;
        writer.flush_block()?;
    }
    writer.write_bytes(data)?;
    Ok(writer.finish()?.index)
}

fn find(offset: u64, entries: &[Entry]) -> i64 {
    let found = entries.binary_search_by_key(&offset, |entry| entry.offset);
    found.map_or(-1, |at| i64::try_from(at).unwrap_or(-1))
}

/// Whether `entries` are still those of the index, in whatever order.
fn all_there(entries: &mut [Entry], lent: &[Entry]) -> bool {
    entries.sort_unstable_by_key(|entry| entry.offset);
    entries == lent
}

pub fn run(rec: &mut Recorder, input: &Input) {
    panic::set_hook(Box::new(|_| ())); // no messages: all are caught
    // Only memory can fail in what is not recorded; then the lesson ends.
    let _ = steps(rec, input.data());
    drop(panic::take_hook());
}

fn steps(rec: &mut Recorder, data: &[u8]) -> sgz::Result<()> {
    rec.step("entries");
    let Some(index) = make_index(data)? else {
        return Ok(());
    };
    let lent = index.entries();
    rec.int("all", lent.len());
    let first = &lent[..lent.len().min(MOST)];
    let mut entries: Vec<_> = first.iter().rev().copied().collect();
    let length =
        |pair: &[Entry]| pair[1].compressed_offset - pair[0].compressed_offset;
    let mut lengths: Vec<u64> = first.windows(2).map(length).collect();

    rec.step("one per type");
    entries.sort_unstable_by_key(|entry| entry.offset);
    lengths.sort_unstable();
    rec.int("first", entries[0].offset);
    rec.int("last", entries[entries.len() - 1].offset);
    rec.int("lengths in order", lengths.is_sorted());
    rec.int("shortest", lengths[0]);
    rec.int("longest", lengths[lengths.len() - 1]);

    rec.step("found");
    rec.int("last", find(lent[lent.len() - 1].offset, lent));
    rec.int("within a block", find(1, lent));

    rec.step("context");
    let (to, mut calls) = (first[first.len() / 2].offset + 1, 0);
    entries.sort_unstable_by(|a, b| {
        calls += 1;
        let nearest = a.offset.abs_diff(to).cmp(&b.offset.abs_diff(to));
        nearest.then(a.offset.cmp(&b.offset))
    });
    rec.int("nearest", entries[0].offset);
    rec.int("farthest", entries[entries.len() - 1].offset);
    rec.int("called", calls > 0);

    rec.step("panics");
    calls = 0;
    let caught = catch_unwind(AssertUnwindSafe(|| {
        entries.sort_by(|_, _| {
            calls += 1;
            panic!("no order")
        });
    }));
    let why = caught.err();
    let why = why.as_deref().and_then(|why| why.downcast_ref::<&str>());
    rec.text("why", why.unwrap_or(&"none"));
    rec.int("calls", calls);
    rec.int("all there", all_there(&mut entries, first));

    rec.step("contradicts");
    // It may panic, or not: no order is a right one.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        entries.sort_by(|_, _| Ordering::Less);
    }));
    rec.int("all there", all_there(&mut entries, first));

    rec.step("far apart");
    let entry = |compressed_offset, offset| Entry {
        compressed_offset,
        offset,
    };
    let mut far = [entry(900, 3 << 30), entry(0, 0)];
    far.sort_unstable_by_key(|entry| entry.offset);
    rec.result("index", &Index::from_entries(&far));
    rec.int("first", far[0].offset);
    Ok(())
}
