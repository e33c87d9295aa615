// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 14, views: both sides use the bytes where they are.
//!
//! The views, and what C calls, are in `lanes/raw/view.rs`.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::ptr::{null, null_mut};
use std::thread;

use super::prelude::*;
use super::sys::*;

const BLOCK: u32 = 4096;

pub fn run(rec: &mut Recorder, input: &Input) {
    let (mut writer, mut reader, no_err) = (null_mut(), null_mut(), null_mut());
    let (mut options, mut block, mut again) =
        (options_init(), null_mut(), null_mut());

    rec.step("a file");
    let (ptr, len) = (input.data().as_ptr().cast(), input.data().len());
    let page = [b'.'; 2 * BLOCK as usize]; // the file may be empty
    options.block_size = BLOCK;
    options.set_build_index(1);
    // SAFETY: sgz_writer_write/Ownership: the bytes are borrowed for the call.
    // sgz_writer_ref_index/Ownership: one reference, given up below.
    // sgz_writer_free/Ownership: freed once.
    let index = unsafe {
        let path = c"views.gz".as_ptr();
        let _ = sgz_writer_open(path, &options, &mut writer, no_err);
        let _ = sgz_writer_write(writer, ptr, len, no_err);
        let (ptr, len) = (page.as_ptr().cast(), page.len());
        let _ = sgz_writer_write(writer, ptr, len, no_err);
        rec.status("finish", sgz_writer_finish(writer, no_err).0);
        let index = sgz_writer_ref_index(writer);
        sgz_writer_free(writer);
        index
    };

    rec.step("a view");
    options.cache_size = 1 << 20;
    // SAFETY: sgz_index_unref/Ownership: the reader has a reference of its own.
    // sgz_reader_ref_block/Ownership: one reference is ours, until it is given
    // away. block_bytes/Safety: the slice is not used after that.
    let data = unsafe {
        let path = c"views.gz".as_ptr();
        let _ = sgz_reader_open(path, &options, &mut reader, no_err);
        let _ = sgz_reader_set_index(reader, index, no_err);
        sgz_index_unref(index);
        let rc = sgz_reader_ref_block(reader, 0, &mut block, no_err);
        rec.status("block", rc.0);
        block_bytes(block)
    };
    rec.bytes("bytes", data);
    let (ptr, len) = (data.as_ptr().cast(), data.len());

    rec.step("the same bytes");
    // SAFETY: sgz_reader_ref_block/Ownership: another reference is ours, until
    // it is given up here. block_bytes/Safety: so long.
    unsafe {
        let rc = sgz_reader_ref_block(reader, 1, &mut again, no_err);
        rec.status("block", rc.0);
        rec.int("same address", block_bytes(again).as_ptr() == data.as_ptr());
        sgz_block_unref(again);
    }

    rec.step("a part");
    // SAFETY: sgz_reader_ref_block/Ownership: one reference is ours, until it
    // is given up here. View::part/Safety: the second block is full.
    // View::bytes/Safety: the part has a reference, until the guest ends.
    let (part, bytes) = unsafe {
        let rc = sgz_reader_ref_block(reader, 4096, &mut again, no_err);
        rec.status("block", rc.0);
        let part = View::part(again, 100, 50);
        let (all, bytes) = (block_bytes(again), part.bytes());
        rec.int("in front", bytes.as_ptr().addr() - all.as_ptr().addr());
        sgz_block_unref(again);
        (part, bytes)
    };

    rec.step("after its reader");
    // SAFETY: sgz_reader_close/Ownership: closed once.
    // sgz_reader_ref_block/Lifetime: the block is independent of it.
    unsafe { sgz_reader_close(reader) };
    rec.bytes("bytes", data);

    rec.step("on another thread");
    let tasks = rec.tasks();
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut rec = tasks.begin("guest");
            rec.step("the part");
            rec.bytes("bytes", bytes);
            // SAFETY: View::release/Safety: `bytes` is dead after it.
            // sgz_block_unref/Threads: any thread may free the block.
            unsafe { part.release() };
        });
    });

    rec.step("lent");
    add_witness(&mut options);
    options.set_build_index(0);
    // SAFETY: sgz_writer_write/Ownership: data is borrowed for the call.
    unsafe {
        let path = c"again.gz".as_ptr();
        let _ = sgz_writer_open(path, &options, &mut writer, no_err);
        let _ = sgz_writer_write(writer, ptr, len, no_err);
        rec.status("flush", sgz_writer_flush(writer, no_err).0);
    }
    rec.int("same address", witness_seen() == ptr);

    rec.step("given");
    // SAFETY: sgz_block_ref/Ownership: one more reference, the gift's.
    let gift = Gift::of(unsafe { sgz_block_ref(block) });
    // SAFETY: sgz_writer_write_owned/Ownership: the reference is the writer's,
    // and comes back by a call. /Lifetime: no block ever changes, and the gift
    // outlives the writer. sgz_writer_free/Ownership: freed once.
    unsafe {
        let rc = sgz_writer_write_owned(writer, &gift.owned(data), no_err);
        rec.status("write", rc.0);
        rec.int("released", gift.released.get());
        rec.status("flush", sgz_writer_flush(writer, no_err).0);
        rec.int("same address", witness_seen() == ptr);
        rec.int("released", gift.released.get());
        rec.status("finish", sgz_writer_finish(writer, no_err).0);
        sgz_writer_free(writer);
    }
    rec.int("released", gift.released.get());
    remove_witness(&mut options);

    rec.step("given to one that fails");
    let fd = File::open("views.gz"); // nothing can be written to it
    let fd = fd.as_ref().map_or(-1, AsRawFd::as_raw_fd);
    let gift = Gift::of(block); // the last reference
    // SAFETY: sgz_writer_open_fd/Lifetime: fd is open until the end.
    // sgz_writer_write_owned/Ownership: the reference comes back all the same.
    unsafe {
        let _ = sgz_writer_open_fd(fd, null(), &mut writer, no_err);
        let _ = sgz_writer_write(writer, ptr, len, no_err);
        rec.status("flush", sgz_writer_flush(writer, no_err).0);
        rec.bytes("bytes", data);
        let rc = sgz_writer_write_owned(writer, &gift.owned(data), no_err);
        rec.status("write", rc.0);
        sgz_writer_free(writer);
    }
    rec.int("released", gift.released.get());

    rec.step("borrowed");
    let (mut borrowed, mut len) = (null(), 0);
    // SAFETY: sgz_reader_peek/Ownership: the bytes are the reader's.
    // /Lifetime: until it is closed; none is used after that.
    unsafe {
        let path = c"again.gz".as_ptr();
        let _ = sgz_reader_open(path, null(), &mut reader, no_err);
        let rc = sgz_reader_peek(reader, &mut borrowed, &mut len, no_err);
        rec.status("peek", rc.0);
        let borrowed = borrowed_slice(borrowed.cast::<u8>(), len);
        rec.bytes("bytes", borrowed);
        let kept = borrowed[..16].to_vec(); // no reference can keep them
        sgz_reader_close(reader);
        rec.bytes("kept", &kept);
    }
}
