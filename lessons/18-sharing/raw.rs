// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 18, sharing: who holds what, and who lets go last.
//!
//! The log, and what C calls, are in `lanes/raw/share.rs`.

use std::ptr::{null, null_mut};
use std::rc::Rc;
use std::thread;

use super::prelude::*;
use super::sys::*;

/// One byte at `offset`, from any thread's reader.
///
/// # Safety
///
/// `reader` is open.
unsafe fn read_at(reader: *mut sgz_reader, offset: u64) -> i32 {
    let (mut byte, mut got, no_err) = (0_u8, 0, null_mut());
    let to = (&raw mut byte).cast();
    // SAFETY: sgz_reader_read_at/Ownership: the byte is borrowed for the call.
    unsafe { sgz_reader_read_at(reader, offset, to, 1, &mut got, no_err).0 }
}

pub fn run(rec: &mut Recorder, input: &Input) {
    let (mut file, mut options) = (buffer_init(), options_init());
    let (mut writer, no_err, mut count) = (null_mut(), null_mut(), 0);
    let [mut a, mut b, mut c] = [null_mut(); 3];
    let path = c"sharing.gzi".as_ptr();

    rec.step("buffer, made");
    let (data, len) = (input.data().as_ptr().cast(), input.data().len());
    options.set_build_index(1);
    // SAFETY: sgz_writer_open_memory/Lifetime: the buffer outlives the writer.
    // sgz_writer_write/Ownership: data is borrowed for the call.
    // sgz_index_unref/Ownership, sgz_writer_free/Ownership: each once.
    unsafe {
        let _ =
            sgz_writer_open_memory(&mut file, &options, &mut writer, no_err);
        let text = c"the file may be empty".as_ptr();
        let _ = sgz_writer_printf(writer, no_err, text);
        let _ = sgz_writer_write(writer, data, len, no_err);
        rec.status("finish", sgz_writer_finish(writer, no_err).0);
        let index = sgz_writer_ref_index(writer);
        rec.status("save", sgz_index_save(index, path, no_err).0);
        sgz_index_unref(index);
        sgz_writer_free(writer);
    }

    rec.step("index, made");
    // SAFETY: sgz_index_load/Ownership: one reference to each is ours.
    unsafe {
        let _ = sgz_index_load(path, null(), &mut a, no_err);
        let _ = sgz_index_load(path, null(), &mut b, no_err);
        let rc = sgz_index_load(path, null(), &mut c, no_err);
        rec.status("load", rc.0);
    }

    rec.step("index, shared");
    let held = Log::new(a); // our count, around the library's
    let weak = Rc::downgrade(&held);
    // SAFETY: open_reader/Safety: the buffer outlives the readers.
    // sgz_reader_set_index/Ownership: each takes a reference of its own.
    let (reader, other) = unsafe {
        let readers = (open_reader(&file), open_reader(&file));
        let _ = sgz_reader_set_index(readers.0, a, no_err);
        let _ = sgz_reader_set_index(readers.1, b, no_err);
        let _ = (read_at(readers.0, 0), read_at(readers.1, 0));
        readers
    };
    rec.int("weak", weak.upgrade().is_some());

    rec.step("index, caller first");
    drop(held);
    rec.int("weak", weak.upgrade().is_some()); // and yet the index is there:
    // SAFETY: read_at/Safety: it is open.
    rec.status("read", unsafe { read_at(reader, 1) });

    rec.step("index, reader last");
    // SAFETY: sgz_reader_close/Ownership: closed once.
    unsafe { sgz_reader_close(reader) };

    rec.step("index, reader first");
    // SAFETY: sgz_reader_close/Ownership: closed once.
    // sgz_index_get_entries/Lifetime: one reference is ours.
    // sgz_index_ref/Ownership: one more, the guest's.
    let first = unsafe {
        sgz_reader_close(other);
        let _ = sgz_index_get_entries(b, &mut count);
        rec.int("entries", count);
        SharedIndex(sgz_index_ref(b))
    };
    let last = SharedIndex(c); // goes over to the guest
    let tasks = rec.tasks();
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut rec = tasks.begin("guest");
            rec.step("index, thread first");
            first.release();
            rec.step("index, thread last");
            rec.int("block of 0", last.locate(0));
            last.release();
        });
    });

    rec.step("index, caller last");
    // SAFETY: sgz_index_unref/Ownership: our own reference.
    unsafe { sgz_index_unref(b) };

    rec.step("log, made");
    let (mine, its) = (Log::new(null_mut()), Log::new(null_mut()));
    rec.int("holders", Rc::strong_count(&its));

    rec.step("log, shared");
    let weak = Rc::downgrade(&its);
    // SAFETY: open_reader/Safety: the buffer outlives the readers.
    // sgz_reader_set_observer/Ownership: each has a part of the log's count,
    // until release().
    let (reader, other) = unsafe {
        let readers = (open_reader(&file), open_reader(&file));
        let observer = log_observer(Rc::clone(&its));
        let _ = sgz_reader_set_observer(readers.0, &observer, no_err);
        let observer = log_observer(Rc::clone(&mine));
        let _ = sgz_reader_set_observer(readers.1, &observer, no_err);
        readers
    };
    rec.int("holders", Rc::strong_count(&its));

    rec.step("log, caller first");
    drop(its);
    rec.int("weak", weak.upgrade().is_some()); // the reader counts here, too
    let mut byte = [0];
    // SAFETY: fill/Safety: it is open.
    unsafe { fill(reader, &mut byte, &mut count) };
    rec.int("blocks", weak.upgrade().map_or(-1, |log| log.blocks.get()));

    rec.step("log, reader last");
    // SAFETY: sgz_reader_close/Ownership: closed once, and the log with it.
    unsafe { sgz_reader_close(reader) };
    rec.int("weak", weak.upgrade().is_some());
    drop(weak); // it kept the memory of the counts, and not the log

    rec.step("log, reader first");
    // SAFETY: fill/Safety: it is open. sgz_reader_close/Ownership: closed once.
    unsafe {
        fill(other, &mut byte, &mut count);
        sgz_reader_close(other);
    }
    rec.int("holders", Rc::strong_count(&mine));
    rec.int("blocks", mine.blocks.get());

    rec.step("log, caller last");
    drop(mine);

    rec.step("buffer, caller last");
    // SAFETY: sgz_buffer_release/Ownership: released once.
    unsafe { sgz_buffer_release(&mut file) };
}
