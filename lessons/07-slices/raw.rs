// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 07, slices: arrays passed in, borrowed and filled.

use std::ptr::{null, null_mut};
use std::fs;

use super::prelude::*;
use super::sys::*;

/// Out of order: the third block would begin before the second.
const UNSORTED: [sgz_index_entry; 3] =
    [entry(0, 0), entry(900, 4096), entry(800, 8192)];

pub fn run(rec: &mut Recorder, input: &Input) {
    let data = input.data();
    let (end, middle) = (data.len() as u64, data.len() / 2);
    let (mut writer, mut reader) = (null_mut(), null_mut());
    let (mut copy, mut err, no_err) = (null_mut(), error_init(), null_mut());
    let (mut count, mut len, mut got) = (0, 0, 1);

    rec.step("nothing");
    // SAFETY: sgz_detect/Ownership: NULL is taken when len is 0.
    // sgz_crc32/Ownership: the same.
    unsafe {
        rec.int("format", sgz_detect(null(), 0).0);
        rec.int("crc", sgz_crc32(0, null(), 0));
    }

    rec.step("narrow");
    let huge = u64::from(u32::MAX) + 6;
    #[expect(clippy::cast_possible_truncation, reason = "it is the trap")]
    let cut = huge as u32;
    rec.int("cut", cut); // 5: and nobody was told
    rec.int("fits", u32::try_from(huge).is_ok());

    rec.step("write slices");
    let (mut gz, mut options) = (buffer_init(), options_init());
    options.block_size = 16384;
    options.set_build_index(1);
    // SAFETY: sgz_writer_open_memory/Lifetime: gz stays where it is, and is
    // not touched, until the writer is freed. sgz_writer_write/Ownership:
    // each slice is borrowed for its call, NULL for the one of no bytes.
    // sgz_writer_ref_index/Ownership: one reference, given up below.
    let mut index = unsafe {
        let rc = sgz_writer_open_memory(&mut gz, &options, &mut writer, no_err);
        rec.status("open", rc.0);
        for slice in data.chunks(10000) {
            let (slice, len) = (slice.as_ptr().cast(), slice.len());
            let _ = sgz_writer_write(writer, slice, len, no_err);
        }
        let rc = sgz_writer_write(writer, null(), 0, no_err);
        rec.status("empty", rc.0);
        rec.int("written", sgz_writer_tell(writer));
        rec.status("finish", sgz_writer_finish(writer, no_err).0);
        let index = sgz_writer_ref_index(writer);
        sgz_writer_free(writer);
        index
    };

    rec.step("entries borrowed");
    // SAFETY: sgz_index_get_entries/Ownership: count entries of the index's.
    // /Lifetime: none is used after the unref below: so borrowed_slice/Safety.
    let entries = unsafe {
        let entries = sgz_index_get_entries(index, &mut count);
        borrowed_slice(entries, count)
    };
    rec.int("count", entries.len());
    rec.int("last", entries[count - 1].offset);
    rec.int("in the file", entries[count - 1].compressed_offset);

    rec.step("entries in");
    // SAFETY: sgz_index_from_entries/Ownership: the entries are copied, and
    // one reference is ours. sgz_index_unref/Lifetime: `entries` is dead
    // after it, though nothing here says so; the copy is not.
    unsafe {
        let (entries, len) = (entries.as_ptr(), entries.len());
        let rc =
            sgz_index_from_entries(entries, len, null(), &mut copy, no_err);
        rec.status("copy", rc.0);
        sgz_index_unref(index);
        let block = sgz_index_locate(copy, end / 2);
        rec.int("block of the middle", block);
    }

    rec.step("unsorted in");
    let entries = UNSORTED.as_ptr();
    // SAFETY: sgz_index_from_entries/Errors: index is not written; err is.
    let _ = unsafe {
        sgz_index_from_entries(entries, 3, null(), &mut index, &mut err)
    };
    record_error(rec, "refused", &err);

    rec.step("read back");
    let mut page = [0_u8; 3000];
    let (mut total, mut last, mut same) = (0, 0, true);
    // SAFETY: sgz_reader_open_memory/Lifetime: gz is released after the
    // reader is closed. fill/Safety: it has lent nothing.
    // sgz_reader_read/Ownership: NULL is taken for no bytes.
    unsafe {
        let (ptr, len) = (gz.data.cast(), gz.len);
        let rc = sgz_reader_open_memory(ptr, len, null(), &mut reader, no_err);
        rec.status("open", rc.0);
        while fill(reader, &mut page, &mut got) && got > 0 {
            same &= page[..got] == data[total..total + got];
            total += got;
            last = got; // shorter than asked: only at the end
        }
        rec.int("total", total);
        rec.int("last read", last);
        rec.int("same", same);
        let rc = sgz_reader_read(reader, null_mut(), 0, &mut got, no_err);
        rec.status("of no bytes", rc.0);
    }

    rec.step("to a file");
    // SAFETY: sgz_writer_open_memory/Ownership: gz.data is ours, gz.len bytes
    // of it: borrowed_slice/Safety. sgz_index_save/Ownership: both are borrowed
    // for the call.
    unsafe {
        let bytes = borrowed_slice(gz.data, gz.len);
        rec.int("written", fs::write("slices.gz", bytes).is_ok());
        let rc = sgz_index_save(copy, c"slices.gz.gzi".as_ptr(), no_err);
        rec.status("index", rc.0);
    }

    rec.step("seek to the middle");
    // SAFETY: sgz_reader_set_index/Ownership: the reader takes a reference
    // of its own. sgz_reader_seek/Lifetime, fill/Safety: nothing borrowed.
    unsafe {
        rec.status("index", sgz_reader_set_index(reader, copy, no_err).0);
        rec.status("seek", sgz_reader_seek(reader, end / 2, no_err).0);
        fill(reader, &mut page[..16], &mut got);
    }
    rec.bytes("sixteen", &page[..got]);
    rec.int("same", page[..got] == data[middle..middle + got]);

    rec.step("bytes borrowed");
    let mut borrowed = null();
    // SAFETY: sgz_reader_peek/Lifetime: `borrowed` is last used before the next
    // seek: borrowed_slice/Safety. sgz_reader_consume/Lifetime: it would stay
    // valid over this call.
    unsafe {
        let _ = sgz_reader_seek(reader, 0, no_err);
        let rc = sgz_reader_peek(reader, &mut borrowed, &mut len, no_err);
        rec.status("peek", rc.0);
        rec.bytes("borrowed", borrowed_slice(borrowed.cast(), len));
        sgz_reader_consume(reader, len / 2);
        rec.int("position", sgz_reader_tell(reader));
    }

    rec.step("nothing borrowed");
    // SAFETY: borrowed_slice/Safety: len is 0 at the end, and `borrowed` may be
    // NULL then.
    unsafe {
        let _ = sgz_reader_seek(reader, end, no_err);
        let rc = sgz_reader_peek(reader, &mut borrowed, &mut len, no_err);
        rec.status("peek", rc.0);
        rec.int("bytes", borrowed_slice::<u8>(borrowed.cast(), len).len());
    }

    rec.step("64-bit offsets");
    // SAFETY: sgz_reader_seek/Errors: beyond the end, so err is written.
    // sgz_reader_close/Lifetime: `borrowed` is not used again.
    // sgz_index_unref/Ownership: the last reference of ours.
    // sgz_buffer_release/Lifetime: the reader over gz is closed.
    unsafe {
        let _ = sgz_reader_seek(reader, 5 << 30, &mut err);
        record_error(rec, "seek", &err);
        rec.int("still at", sgz_reader_tell(reader));
        sgz_reader_close(reader);
        sgz_index_unref(copy);
        sgz_buffer_release(&mut gz);
    }
}
