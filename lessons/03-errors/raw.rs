// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 03, errors: statuses, NULL, -1 and errno, and failures that wait.

use core::ffi::c_void;
use std::io;
use std::ptr::{null, null_mut};

use super::prelude::*;
use super::sys::*;

/// A source that breaks at once: what C's callers get is a negated errno.
unsafe extern "C" fn broken(_: *mut c_void, _: *mut c_void, _: usize) -> i64 {
    -i64::from(libc::EPIPE)
}

pub fn run(rec: &mut Recorder, input: &Input) {
    let data = input.data();
    let no_err = null_mut();

    rec.step("status and details");
    let (mut reader, mut err) = (null_mut(), error_init());
    let path = c"missing.gz".as_ptr();
    // SAFETY: sgz_reader_open/Ownership: path is borrowed for the call.
    // /Errors: no such file, so err is written, and reader is not.
    let rc = unsafe { sgz_reader_open(path, null(), &mut reader, &mut err) };
    rec.status("open", rc.0);
    record_error(rec, "open", &err);

    rec.step("not gzip");
    let text = b"plain text, not gzip";
    // SAFETY: sgz_reader_open_memory/Errors: not gzip, so err is written, and
    // no reader comes of it, to which the text would have to stay.
    let rc = unsafe {
        let (text, len) = (text.as_ptr().cast(), text.len());
        sgz_reader_open_memory(text, len, null(), &mut reader, &mut err)
    };
    rec.status("open", rc.0);
    record_error(rec, "open", &err);

    rec.step("NULL");
    let (mut gz, mut writer) = (buffer_init(), null_mut());
    // SAFETY: sgz_writer_open_memory/Lifetime: gz stays untouched until the
    // writer is freed. sgz_writer_write/Ownership: data is borrowed for the
    // call. sgz_writer_ref_index/Errors: NULL, so no reference to give up.
    unsafe {
        let _ = sgz_writer_open_memory(&mut gz, null(), &mut writer, no_err);
        let _ =
            sgz_writer_write(writer, data.as_ptr().cast(), data.len(), no_err);
        rec.status("finish", sgz_writer_finish(writer, no_err).0);
        rec.int("has index", !sgz_writer_ref_index(writer).is_null());
        sgz_writer_free(writer);
    }

    rec.step("-1 and errno");
    let (bytes, len) = (gz.data.cast(), gz.len);
    // SAFETY: sgz_reader_open_memory/Lifetime: gz stays until the close.
    // sgz_reader_get_fd/Errors: errno is read at once; an allocation in
    // between could overwrite it.
    unsafe {
        let _ = sgz_reader_open_memory(bytes, len, null(), &mut reader, no_err);
        let fd = sgz_reader_get_fd(reader);
        let saved = io::Error::last_os_error();
        rec.int("failed", fd == -1);
        rec.int("bad descriptor", saved.raw_os_error() == Some(libc::EBADF));
        sgz_reader_close(reader);
    }

    rec.step("held back");
    let (mut all, mut got) = (vec![0_u8; data.len() + 1], 0);
    // SAFETY: sgz_writer_finish/Errors: it succeeded, so the end marker, of
    // 28 bytes, is there. sgz_reader_open_memory/Lifetime: gz stays, from here
    // to the close. sgz_reader_read/Ownership: all is borrowed for the call.
    unsafe {
        *gz.data.add(len - 8) ^= 1;
        let _ = sgz_reader_open_memory(bytes, len, null(), &mut reader, no_err);
        let (all, room) = (all.as_mut_ptr().cast(), all.len());
        let rc = sgz_reader_read(reader, all, room, &mut got, no_err);
        rec.status("read", rc.0);
    }
    rec.bytes("read", &all[..got]);

    rec.step("reported");
    // SAFETY: drain/Safety: it is open.
    let read = unsafe { drain(reader, &mut got, &mut err) };
    rec.status("read", code(read));
    record_error(rec, "read", &err);

    rec.step("it sticks");
    // SAFETY: sgz_reader_get_error/Lifetime: read before the next call.
    // drain/Safety: it is open.
    let (last, again) = unsafe {
        let last = sgz_reader_get_error(reader).as_ref().map(|e| e.status.0);
        (last, drain(reader, &mut got, no_err))
    };
    rec.status("last error", last.unwrap_or(0));
    rec.status("read again", code(again));

    rec.step("a seek clears it");
    // SAFETY: sgz_reader_seek/Lifetime: nothing is borrowed from the reader.
    // sgz_reader_close/Lifetime: nor is it afterwards.
    unsafe {
        rec.status("seek", sgz_reader_seek(reader, 0, no_err).0);
        rec.int("failed", !sgz_reader_get_error(reader).is_null());
        sgz_reader_close(reader);
    }

    rec.step("truncated");
    // SAFETY: sgz_reader_open_memory/Lifetime: gz stays until the close.
    // drain/Safety: it is open.
    unsafe {
        let _ =
            sgz_reader_open_memory(bytes, len - 1, null(), &mut reader, no_err);
        rec.status("read", code(drain(reader, &mut got, &mut err)));
        sgz_reader_close(reader);
    }
    record_error(rec, "read", &err);
    rec.int("bytes before", got);

    rec.step("through C and back");
    let source = sgz_source {
        read: Some(broken),
        seek: None,
        close: None,
        ctx: null_mut(),
    };
    // SAFETY: sgz_reader_open_source/Lifetime: there is no ctx. /Errors: the
    // source fails at once, so err is written, and no reader comes of it.
    let rc = unsafe {
        sgz_reader_open_source(&source, null(), &mut reader, &mut err)
    };
    rec.status("open", rc.0);
    record_error(rec, "open", &err);
    // SAFETY: sgz_buffer_release/Lifetime: no reader is left on it.
    unsafe { sgz_buffer_release(&mut gz) };
}
