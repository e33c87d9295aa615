// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 15, generics: one function for many types, behind `void *`.
//!
//! The generic functions are in `lanes/raw/order.rs`.

use std::cmp::Ordering;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::ptr::{null, null_mut};

use super::prelude::*;
use super::sys::*;

const MOST: usize = 48; // entries that are sorted; the file has 3 at least

/// The index of a file: three short blocks, and the blocks of `data`.
fn make_index(data: &[u8]) -> *mut sgz_index {
    let (mut file, mut options) = (buffer_init(), options_init());
    let (mut writer, no_err) = (null_mut(), null_mut());
    options.block_size = 16384;
    options.set_build_index(1);
    // SAFETY: sgz_writer_open_memory/Lifetime: the buffer outlives the writer.
    // sgz_writer_write/Ownership: each is borrowed for the call.
    // sgz_writer_ref_index/Ownership: one reference, for the caller.
    unsafe {
        let _ =
            sgz_writer_open_memory(&mut file, &options, &mut writer, no_err);
        for _ in 0..3 {
            let text = c"a short block".as_ptr().cast();
            let _ = sgz_writer_write(writer, text, 13, no_err);
            let _ = sgz_writer_flush(writer, no_err);
        }
        let (data, len) = (data.as_ptr().cast(), data.len());
        let _ = sgz_writer_write(writer, data, len, no_err);
        let _ = sgz_writer_finish(writer, no_err);
        let index = sgz_writer_ref_index(writer);
        sgz_writer_free(writer);
        sgz_buffer_release(&mut file);
        index
    }
}

/// Whether `entries` are still those of the index, in whatever order.
fn all_there(
    entries: &mut [sgz_index_entry],
    lent: &[sgz_index_entry],
) -> bool {
    sort(entries);
    let same = |(a, b): (&sgz_index_entry, &sgz_index_entry)| {
        (a.compressed_offset, a.offset) == (b.compressed_offset, b.offset)
    };
    entries.iter().zip(lent).all(same)
}

pub fn run(rec: &mut Recorder, input: &Input) {
    let (mut copy, mut all) = (null_mut(), 0);
    panic::set_hook(Box::new(|_| ())); // no messages: all are caught

    rec.step("entries");
    let index = make_index(input.data());
    // SAFETY: sgz_index_get_entries/Ownership: as many entries of the index's.
    // /Lifetime: it is given up at the end: so borrowed_slice/Safety.
    let lent = unsafe {
        let lent = sgz_index_get_entries(index, &mut all);
        borrowed_slice(lent, all)
    };
    rec.int("all", all);
    let first = &lent[..all.min(MOST)];
    let mut entries: Vec<_> = first.iter().rev().copied().collect();
    #[expect(clippy::cast_possible_truncation, reason = "a block is small")]
    let length = |pair: &[sgz_index_entry]| {
        (pair[1].compressed_offset - pair[0].compressed_offset) as u32
    };
    let mut lengths: Vec<u32> = first.windows(2).map(length).collect();

    rec.step("one per type");
    sort(&mut entries);
    sort(&mut lengths);
    rec.int("first", entries[0].offset);
    rec.int("last", entries[entries.len() - 1].offset);
    rec.int("lengths in order", lengths.is_sorted());
    rec.int("shortest", lengths[0]);
    rec.int("longest", lengths[lengths.len() - 1]);

    rec.step("found");
    rec.int("last", find(&lent[all - 1].offset, lent));
    rec.int("within a block", find(&1_u64, lent));

    rec.step("context");
    let (to, mut calls) = (first[first.len() / 2].offset + 1, 0);
    let order = |a: &sgz_index_entry, b: &sgz_index_entry| {
        calls += 1;
        let nearest = a.offset.abs_diff(to).cmp(&b.offset.abs_diff(to));
        nearest.then(a.offset.cmp(&b.offset))
    };
    // SAFETY: sort_by/Safety: by the distance, and then by the offset.
    unsafe { sort_by(&mut entries, order) };
    rec.int("nearest", entries[0].offset);
    rec.int("farthest", entries[entries.len() - 1].offset);
    rec.int("called", calls > 0);

    rec.step("panics");
    calls = 0;
    let order = |_: &_, _: &_| {
        calls += 1;
        panic!("no order")
    };
    // SAFETY: sort_by/Safety: it panics in its first call.
    let sorting = || unsafe { sort_by(&mut entries, order) };
    let resumed = catch_unwind(AssertUnwindSafe(sorting));
    let why = resumed.err();
    rec.text("why", why.as_deref().map_or("none", |why| panic_text(why)));
    rec.int("calls", calls);
    rec.int("all there", all_there(&mut entries, first));

    rec.step("contradicts");
    // SAFETY: sort_by/Safety: not upheld, which is the step. It is done where
    // it stays in the array: glibc sorts so few entries by merging them.
    unsafe { sort_by(&mut entries, |_, _| Ordering::Less) };
    rec.int("all there", all_there(&mut entries, first));

    rec.step("far apart");
    let mut far = [entry(900, 3 << 30), entry(0, 0)];
    sort(&mut far);
    let (entries, no_err) = (far.as_ptr(), null_mut());
    // SAFETY: sgz_index_from_entries/Ownership: the entries are copied, and
    // one reference is ours. sgz_index_unref/Lifetime: `lent` is dead after it.
    unsafe {
        let rc = sgz_index_from_entries(entries, 2, null(), &mut copy, no_err);
        rec.status("index", rc.0);
        sgz_index_unref(copy);
        sgz_index_unref(index);
    }
    rec.int("first", far[0].offset);
    drop(panic::take_hook());
}
