// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 02, strings: who owns them, where they end, what they are made of.

use core::ffi::c_char;
use std::ffi::{CStr, CString};
use std::mem;
use std::ptr::{null, null_mut};

use super::prelude::*;
use super::sys::*;

/// Latin-1, as gzip has it: e with an acute accent is the byte e9.
const NAME: &CStr = c"caf\xe9.txt";

/// Latin-1 is the first 256 characters of Unicode, in their order.
fn utf8_from_latin1(latin1: &CStr) -> String {
    latin1.to_bytes().iter().copied().map(char::from).collect()
}

pub fn run(rec: &mut Recorder, input: &Input) {
    let data = input.data();

    rec.step("path");
    // A literal with its NUL; a `&str` has none, and would run on in C.
    let path = c"caf\xe9.gz";
    let mut options = options_init();
    options.set_format(sgz_format::SGZ_FORMAT_GZIP.0);
    let mut writer = null_mut();
    rec.text_bytes("path", path.to_bytes());
    // SAFETY: sgz_writer_open/Ownership: path and options are copied, and
    // writer is ours to free.
    let rc = unsafe {
        sgz_writer_open(path.as_ptr(), &options, &mut writer, null_mut())
    };
    rec.status("open", rc.0);

    rec.step("lend");
    // Bound to a variable: `CString::new(..).unwrap().as_ptr()` would dangle.
    let borrowed = CString::new(NAME.to_bytes()).unwrap();
    // SAFETY: std mem::zeroed: integers, and pointers that may be NULL.
    let mut fields: sgz_header = unsafe { mem::zeroed() };
    fields.name = borrowed.as_ptr();
    // SAFETY: sgz_writer_set_header/Ownership: it copies the name, which may
    // be dropped then. sgz_writer_write/Ownership: data is borrowed for the
    // call. sgz_writer_free/Lifetime: it is the last use.
    unsafe {
        let rc = sgz_writer_set_header(writer, &fields, null_mut());
        rec.status("set", rc.0);
        drop(borrowed);
        let _ = sgz_writer_write(
            writer,
            data.as_ptr().cast(),
            data.len(),
            null_mut(),
        );
        rec.status("finish", sgz_writer_finish(writer, null_mut()).0);
        sgz_writer_free(writer);
    }

    rec.step("borrow");
    let mut reader = null_mut();
    // SAFETY: sgz_reader_open/Ownership: path is borrowed for the call, and
    // reader is ours to close.
    let rc = unsafe {
        sgz_reader_open(path.as_ptr(), null(), &mut reader, null_mut())
    };
    rec.status("open", rc.0);
    // SAFETY: sgz_reader_get_header/Errors: not NULL. /Lifetime: the reader
    // is not used before "keep" closes it, after the last use of both: that
    // `header` does not know it is the price of this lane.
    // std CStr::from_ptr: the name is there, since "lend" set one.
    let (header, name) = unsafe {
        let header = &*sgz_reader_get_header(reader);
        (header, CStr::from_ptr(header.name))
    };
    rec.text_bytes("name", name.to_bytes());
    rec.int("length", name.count_bytes());

    rec.step("absent");
    // SAFETY: sgz_reader_get_header/Lifetime: as above.
    // record_text/Safety: the comment is NULL, which is allowed.
    unsafe { record_text(rec, "comment", header.comment) };

    rec.step("encoding");
    // name.to_str() would be an error here, and name.to_string_lossy() a loss.
    rec.text("in UTF-8", &utf8_from_latin1(name));

    rec.step("own");
    let mut text = null_mut();
    // SAFETY: sgz_header_describe/Ownership: text is ours, for sgz_free():
    // CString::from_raw() would hand it to Rust's allocator.
    // record_text/Safety: it is NUL-terminated.
    unsafe {
        let rc = sgz_header_describe(header, &mut text, null_mut());
        rec.status("describe", rc.0);
        record_text(rec, "described", text);
        sgz_free(text.cast());
    }

    rec.step("keep");
    let kept: CString = name.to_owned();
    // SAFETY: sgz_reader_close/Lifetime: header and name are dead now.
    unsafe { sgz_reader_close(reader) };
    rec.text_bytes("kept", kept.to_bytes());

    rec.step("names of codes");
    // SAFETY: sgz_status_name/Lifetime: as long as the library is loaded.
    // record_text/Safety: the second is NULL, which is allowed.
    unsafe {
        record_text(rec, "crc", sgz_status_name(sgz_status::SGZ_E_CRC));
        record_text(rec, "later", sgz_status_name(sgz_status(-99)));
    }

    rec.step("printf");
    let (mut gz, no_err) = (buffer_init(), null_mut());
    let version = (&raw const sgz_version_text).cast::<c_char>();
    let kib = data.len() as f64 / 1024.0; // an f32 would not be widened
    // SAFETY: sgz_writer_open_memory/Lifetime: gz stays untouched until the
    // writer is freed. sgz_writer_printf/Errors: %s is a C string, %zu a
    // usize, %f an f64, %d a c_int; the compiler cannot check it here.
    // sgz_buffer_release/Lifetime: the writer over gz is freed.
    unsafe {
        let _ = sgz_writer_open_memory(&mut gz, null(), &mut writer, no_err);
        let fmt = c"sgz %s: %zu bytes, %.1f KiB, status %d\n".as_ptr();
        let len = data.len();
        let rc = sgz_writer_printf(writer, no_err, fmt, version, len, kib, -99);
        rec.status("printf", rc.0);
        rec.status("finish", sgz_writer_finish(writer, no_err).0);
        rec.int("written", sgz_writer_tell(writer));
        sgz_writer_free(writer);
        sgz_buffer_release(&mut gz);
    }

    rec.step("NUL inside");
    // CString::new() would look for a NUL, and refuse. A person who adds the
    // NUL by hand asks nobody: C sees the first two bytes.
    let name = "ab\0cd";
    let cut = format!("{name}\0");
    // SAFETY: record_text/Safety: it is NUL-terminated.
    unsafe { record_text(rec, "seen", cut.as_ptr().cast()) };
    rec.note(&CString::new(name).unwrap_err().to_string());
}
