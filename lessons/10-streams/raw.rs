// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 10, streams: a reader that reads from a reader.
//!
//! The functions that C calls are in `lanes/raw/pipe.rs`.

use core::ffi::c_int;
use std::ptr::{null, null_mut};
use std::slice;

use super::prelude::*;
use super::sys::*;

/// Read what was compressed twice, by two readers, the one from the other.
fn read_twice(twice: &[u8], pipe: &mut Pipe, err: &mut sgz_error) -> i32 {
    let (ptr, len) = (twice.as_ptr().cast(), twice.len());
    let mut reader = null_mut();
    let source = sgz_source {
        read: Some(pipe_read),
        seek: None,
        close: Some(pipe_close),
        ctx: (&raw mut *pipe).cast(),
    };
    // SAFETY: sgz_reader_open_memory/Lifetime: twice outlives the readers.
    // sgz_reader_open_source/Lifetime: and so does the pipe. /Ownership: on
    // failure it is still ours to close. drain/Safety: it is open.
    // sgz_reader_close/Ownership: by the source, it closes the other one, too.
    unsafe {
        let from = &raw mut (*source.ctx.cast::<Pipe>()).from;
        let mut rc = sgz_reader_open_memory(ptr, len, null(), from, err);
        if rc != sgz_status::SGZ_OK {
            return rc.0;
        }
        rc = sgz_reader_open_source(&source, null(), &mut reader, err);
        if rc != sgz_status::SGZ_OK {
            pipe_close(source.ctx);
            return rc.0;
        }
        let bytes = &raw mut (*source.ctx.cast::<Pipe>()).counts.bytes;
        let read = code(drain(reader, &mut *bytes, err));
        sgz_reader_close(reader);
        read
    }
}

fn record(rec: &mut Recorder, rc: i32, counts: PipeCounts) {
    rec.status("read", rc);
    rec.int("bytes", counts.bytes);
    rec.int("reads", counts.reads);
    rec.int("closed", counts.closed);
}

pub fn run(rec: &mut Recorder, input: &Input) {
    let (data, len) = (input.data().as_ptr().cast(), input.data().len());
    let (mut twice, mut err) = (buffer_init(), error_init());
    let (mut outer, mut inner, no_err) = (null_mut(), null_mut(), null_mut());

    rec.step("a writer into a writer");
    // SAFETY: sgz_writer_open_memory/Lifetime: the buffer outlives the writer.
    // sgz_writer_open_sink/Lifetime: and that one outlives the other.
    // sgz_writer_write/Ownership: data is borrowed for the call.
    // sgz_writer_free/Ownership: each is freed once, the user first.
    unsafe {
        let _ = sgz_writer_open_memory(&mut twice, null(), &mut inner, no_err);
        let sink = sgz_sink {
            write: Some(writer_write),
            flush: Some(writer_flush),
            close: None,
            ctx: inner.cast(),
        };
        let _ = sgz_writer_open_sink(&sink, null(), &mut outer, no_err);
        // some text of our own, for the file may be empty
        for i in 0..100 {
            let number: c_int = i * i * 7919;
            let _ =
                sgz_writer_printf(outer, no_err, c"%d ".as_ptr(), number);
        }
        let _ = sgz_writer_write(outer, data, len, no_err);
        rec.status("finish", sgz_writer_finish(outer, no_err).0);
        rec.int("went through", sgz_writer_tell(inner));
        sgz_writer_free(outer);
        // the other one still has to be finished, which can fail
        rec.status("finish the other", sgz_writer_finish(inner, no_err).0);
        sgz_writer_free(inner);
    }
    // SAFETY: sgz_writer_open_memory/Ownership: the bytes are the buffer's,
    // which nobody else uses until it is released.
    let bytes = unsafe {
        slice::from_raw_parts_mut(twice.data.cast::<u8>(), twice.len)
    };

    rec.step("a reader from a reader");
    let mut whole = Pipe::new(usize::MAX, Fault::None);
    let rc = read_twice(bytes, &mut whole, &mut err);
    record(rec, rc, whole.counts);

    rec.step("a few bytes at a time");
    let mut narrow = Pipe::new(100, Fault::None);
    let rc = read_twice(bytes, &mut narrow, &mut err);
    record(rec, rc, narrow.counts);

    rec.step("interrupted");
    let mut signalled = Pipe::new(100, Fault::Interrupted);
    let rc = read_twice(bytes, &mut signalled, &mut err);
    record(rec, rc, signalled.counts);
    rec.int("errno", if rc == 0 { 0 } else { err.sys_errno });

    rec.step("an end too early");
    let mut ends = Pipe::new(100, Fault::End);
    let rc = read_twice(bytes, &mut ends, &mut err);
    record(rec, rc, ends.counts);

    rec.step("a failure below");
    let crc = bytes.len() - 28 - 8; // of the last block
    bytes[crc] ^= 1;
    let mut broken = Pipe::new(usize::MAX, Fault::None);
    let rc = read_twice(bytes, &mut broken, &mut err);
    record(rec, rc, broken.counts);
    record_error(rec, "above", &err);
    record_error(rec, "below", &broken.error);
    bytes[crc] ^= 1;

    rec.step("a source that lies");
    let mut liar = Pipe::new(100, Fault::Lie);
    let rc = read_twice(bytes, &mut liar, &mut err);
    record(rec, rc, liar.counts);
    // SAFETY: sgz_buffer_release/Ownership: the bytes go back, and are not
    // used any more.
    unsafe { sgz_buffer_release(&mut twice) };
}
