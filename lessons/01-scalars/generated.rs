// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 01, scalars: numbers, constants, macros, and calls without handles.

use core::ffi::{CStr, c_char, c_int, c_long};
use std::ptr::{null, null_mut};
use std::slice;

use super::prelude::*;
use super::sys::*;

pub fn run(rec: &mut Recorder, input: &Input) {
    rec.step("types");
    // c_int and c_long are what this platform's C makes of them.
    rec.int("bytes of int", size_of::<c_int>());
    rec.int("bytes of long", size_of::<c_long>());
    rec.int("bytes of size_t", size_of::<usize>());
    rec.int("bytes of off_t", size_of::<libc::off_t>()); // the system's
    rec.int("bytes of a status", size_of::<sgz_status>());
    rec.int("char is signed", c_char::MIN != 0);

    rec.step("statics");
    // C gives the array no length; bindgen makes of it a [c_char; 0].
    let version = (&raw const sgz_version_text).cast::<c_char>();
    // SAFETY: std CStr::from_ptr: constant text, which ends in NUL.
    rec.text_bytes("version", unsafe { CStr::from_ptr(version) }.to_bytes());
    // SAFETY: std keyword static: const in C, so nobody ever writes it.
    let sizes = unsafe { sgz_block_sizes };
    rec.int("least", sizes[0]);
    rec.int("default", sizes[1]);
    rec.int("most", sizes[2]);

    rec.step("constants");
    rec.int("default", SGZ_BLOCK_DEFAULT);
    rec.int("most", SGZ_BLOCK_MAX);

    rec.step("unknown");
    // bindgen worked out the value, -1, and lost the type: it says i32. The
    // cast is right by its sign; `SGZ_UNKNOWN as u32 as u64` would not be.
    #[expect(clippy::cast_sign_loss, reason = "it fills the upper half")]
    let unknown = SGZ_UNKNOWN as u64;
    rec.bytes("unknown", &unknown.to_ne_bytes());

    rec.step("crc32");
    let data = input.data();
    let (front, back) = data.split_at(data.len() / 2);
    // SAFETY: sgz_crc32/Ownership: each slice is borrowed for its call.
    let (crc, both) = unsafe {
        let crc = sgz_crc32(0, data.as_ptr().cast(), data.len());
        let half = sgz_crc32(0, front.as_ptr().cast(), front.len());
        (crc, sgz_crc32(half, back.as_ptr().cast(), back.len()))
    };
    rec.int("crc", crc);
    rec.int("in two parts", both);

    rec.step("printf");
    let (mut gz, mut writer) = (buffer_init(), null_mut());
    let kib = data.len() as f64 / 1024.0; // an f32 would not be widened
    let (ptr, len, no_err) = (data.as_ptr().cast(), data.len(), null_mut());
    // SAFETY: sgz_writer_open_memory/Lifetime: gz stays untouched until the
    // writer is freed. sgz_writer_printf/Errors: %s is a C string, %zu a
    // usize, %f an f64, %x a u32; the compiler cannot check it here.
    // std slice::from_raw_parts: finish() put a block there at least.
    let compressed = unsafe {
        let _ = sgz_writer_open_memory(&mut gz, null(), &mut writer, no_err);
        let _ = sgz_writer_write(writer, ptr, len, no_err);
        let fmt = c"sgz %s: %zu bytes, %.1f KiB, crc %08x\n".as_ptr();
        let rc = sgz_writer_printf(writer, no_err, fmt, version, len, kib, crc);
        rec.status("printf", rc.0);
        rec.status("finish", sgz_writer_finish(writer, no_err).0);
        rec.int("written", sgz_writer_tell(writer));
        sgz_writer_free(writer);
        slice::from_raw_parts(gz.data, gz.len)
    };
    rec.bytes("compressed", compressed);

    rec.step("macros");
    // bindgen does not see those that take arguments: what they do is
    // repeated wherever it is needed.
    let (major, minor) = (SGZ_VERSION_MAJOR, SGZ_VERSION_MINOR);
    let made = major << 16 | minor << 8 | SGZ_VERSION_PATCH;
    rec.int("version, made", made);
    // SAFETY: sgz_version_number/Threads: at any time.
    rec.int("version, running", unsafe { sgz_version_number() });
    let mut reader = null_mut();
    // SAFETY: sgz_reader_open_memory/Lifetime: gz is released after the
    // reader is closed, and not written before.
    let rc = unsafe {
        let (gz, len) = (gz.data.cast(), gz.len);
        sgz_reader_open_memory(gz, len, null(), &mut reader, no_err)
    };
    rec.int("is an error", rc.0 < sgz_status::SGZ_OK.0);

    rec.step("inline functions");
    // No library has them: bindgen wrote C around each, to be linked in.
    // SAFETY: sgz_reader_get_header/Lifetime: the reader is not used before
    // the length is read. sgz_subfield_next/Errors: a BGZF block has one.
    let len = unsafe {
        let header = sgz_reader_get_header(reader);
        sgz_subfield_len(sgz_subfield_next(header, null()))
    };
    rec.int("bytes in the first", len);

    rec.step("bool");
    // Exactly C's: one byte, 0 or 1. Any other value is undefined behaviour.
    let verify: bool = true;
    let (mut index, mut blocks) = (null_mut(), 0);
    // SAFETY: sgz_index_build/Ownership: one reference, which is given up
    // here. sgz_index_get_entries/Errors: blocks is always written.
    unsafe {
        let rc = sgz_index_build(reader, verify, &mut index, no_err);
        rec.status("build", rc.0);
        sgz_index_get_entries(index, &mut blocks);
        sgz_index_unref(index);
    }
    rec.int("blocks", blocks);

    rec.step("64-bit offsets");
    let far = 5_u64 << 30;
    let mut err = error_init();
    // SAFETY: sgz_reader_seek/Errors: beyond the end, so err is written.
    // sgz_reader_close/Lifetime: nothing borrowed is left.
    // sgz_buffer_release/Lifetime: nor is the reader over gz.
    unsafe {
        rec.status("seek", sgz_reader_seek(reader, far, &mut err).0);
        record_error(rec, "seek", &err);
        rec.int("still at", sgz_reader_tell(reader));
        sgz_reader_close(reader);
        sgz_buffer_release(&mut gz);
    }
}
