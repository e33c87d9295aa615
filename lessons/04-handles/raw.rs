// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 04, handles: who owns one, what ends it, and what happens then.

use std::fs;
use std::path::Path;
use std::ptr::{null, null_mut};

use super::prelude::*;
use super::sys::*;

/// Read all that `reader` has left, in one piece.
///
/// # Safety
///
/// `reader` is open.
unsafe fn read_back(rec: &mut Recorder, reader: *mut sgz_reader, len: usize) {
    let (mut all, mut got) = (vec![0_u8; len + 1], 0);

    // SAFETY: sgz_reader_read/Ownership: `all` is borrowed for the call.
    let rc = unsafe {
        let (all, len) = (all.as_mut_ptr().cast(), all.len());
        sgz_reader_read(reader, all, len, &mut got, null_mut())
    };
    rec.status("read", rc.0);
    rec.bytes("read", &all[..got]);
}

pub fn run(rec: &mut Recorder, input: &Input) {
    let (data, len) = (input.data().as_ptr().cast(), input.data().len());
    let out = Path::new("out.gz");
    let path = c"out.gz".as_ptr();

    rec.step("open");
    // A raw pointer: Copy, without Drop. The duty to free it is in our heads.
    let mut writer = null_mut();
    // SAFETY: sgz_writer_open/Ownership: writer is ours, to be freed once.
    let rc = unsafe { sgz_writer_open(path, null(), &mut writer, null_mut()) };
    rec.status("open", rc.0);

    rec.step("write");
    // SAFETY: sgz_writer_write/Ownership: the input is borrowed for the call.
    unsafe {
        let rc = sgz_writer_write(writer, data, len, null_mut());
        rec.status("write", rc.0);
        rec.int("written", sgz_writer_tell(writer));
    }
    rec.int("there", out.exists());

    rec.step("finish");
    // SAFETY: sgz_writer_finish/Ownership: the writer stays, to be freed.
    let rc = unsafe { sgz_writer_finish(writer, null_mut()) };
    rec.status("finish", rc.0);
    rec.int("there", out.exists());

    rec.step("finish twice");
    // SAFETY: sgz_writer_finish/Lifetime: finished already, which it says.
    let rc = unsafe { sgz_writer_finish(writer, null_mut()) };
    rec.status("finish", rc.0);

    rec.step("free");
    // SAFETY: sgz_writer_free/Lifetime: no other copy of it is used again.
    unsafe { sgz_writer_free(writer) };
    writer = null_mut();
    rec.int("there", out.exists());

    rec.step("free twice");
    // SAFETY: sgz_writer_free/Ownership: NULL is allowed.
    unsafe { sgz_writer_free(writer) };
    rec.int("is NULL", writer.is_null());

    rec.step("give up");
    // SAFETY: sgz_writer_write/Ownership: the input is borrowed for the call.
    // sgz_writer_free/Lifetime: it is the last use.
    unsafe {
        let path = c"never.gz".as_ptr();
        let _ = sgz_writer_open(path, null(), &mut writer, null_mut());
        let _ = sgz_writer_write(writer, data, len, null_mut());
        sgz_writer_free(writer);
    }
    rec.int("there", Path::new("never.gz").exists());

    rec.step("finish can fail");
    let mut err = error_init();
    // SAFETY: sgz_writer_finish/Errors: the name is taken, so err is written.
    // sgz_writer_free/Lifetime: after a failure too, it is the last use.
    unsafe {
        let path = c"taken".as_ptr();
        let _ = sgz_writer_open(path, null(), &mut writer, null_mut());
        fs::create_dir("taken").unwrap(); // the name goes to somebody else
        rec.status("finish", sgz_writer_finish(writer, &mut err).0);
        record_error(rec, "finish", &err);
        sgz_writer_free(writer);
    }

    rec.step("exclusive");
    let mut options = options_init();
    options.set_exclusive(1);
    writer = null_mut(); // a failed open leaves it as it was
    // SAFETY: sgz_writer_open/Errors: it fails, so err is written and writer
    // is not. sgz_writer_free/Ownership: NULL is allowed.
    unsafe {
        let rc = sgz_writer_open(path, &options, &mut writer, &mut err);
        rec.status("open", rc.0);
        record_error(rec, "open", &err);
        sgz_writer_free(writer);
    }

    rec.step("read back");
    let mut reader = null_mut();
    // SAFETY: sgz_reader_open/Ownership: reader is ours. read_back/Safety: it
    // is open.
    unsafe {
        let rc = sgz_reader_open(path, null(), &mut reader, null_mut());
        rec.status("open", rc.0);
        read_back(rec, reader, len);
    }

    rec.step("close");
    // SAFETY: sgz_reader_close/Lifetime: nothing was borrowed from it.
    unsafe { sgz_reader_close(reader) };
    reader = null_mut();

    rec.step("close twice");
    // SAFETY: sgz_reader_close/Ownership: NULL is allowed.
    unsafe { sgz_reader_close(reader) };
    rec.int("is NULL", reader.is_null());
}
