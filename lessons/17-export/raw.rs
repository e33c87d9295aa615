// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 17, export: what C sees of libraries that are written in Rust.
//!
//! The declarations are in `lanes/raw/exports.rs`.

use core::ffi::{c_int, c_void};
use std::fs;
use std::ptr::null_mut;

use super::prelude::exports::*;
use super::prelude::*;

/// What a callback counts, and where it stops.
#[derive(Default)]
struct Counter {
    stop_after: i64,
    pieces: i64,
    bytes: usize,
    released: i64,
}

unsafe extern "C" fn count(
    ctx: *mut c_void,
    _data: *const c_void,
    len: usize,
) -> c_int {
    // SAFETY: sgzfile_stream/Ownership: ctx is a counter, and not released.
    let counter = unsafe { &mut *ctx.cast::<Counter>() };

    counter.bytes += len;
    counter.pieces += 1;
    c_int::from(counter.pieces == counter.stop_after)
}

unsafe extern "C" fn release(ctx: *mut c_void) {
    // SAFETY: sgzfile_sink.release/Ownership: the counter is ours again.
    unsafe { (*ctx.cast::<Counter>()).released += 1 };
}

/// Stream the file "packed" to `counter`.
fn stream(counter: &mut Counter) {
    let sink = sgzfile_sink {
        write: Some(count),
        release: Some(release),
        ctx: (&raw mut *counter).cast(),
    };
    // SAFETY: sgzfile_stream/Ownership: the counter is lent until it returns.
    unsafe { sgzfile_stream(c"packed".as_ptr(), &sink, null_mut()) };
}

/// Record what `error` is.
///
/// # Safety
///
/// It comes from the library, and is not freed.
unsafe fn record_failure(rec: &mut Recorder, error: *const sgzfile_error) {
    // SAFETY: sgzfile_error_message/Ownership: borrowed, as the others are.
    // record_failure/Safety: it is alive.
    unsafe {
        rec.int("status", sgzfile_error_status(error));
        rec.int("errno", sgzfile_error_errno(error));
        record_text(rec, "message", sgzfile_error_message(error));
    }
}

pub fn run(rec: &mut Recorder, input: &Input) {
    let mut sizes = sgzfile_sizes::default();
    let (mut file, mut text, mut got) = (null_mut(), null_mut(), 0);
    let (mut error, mut panic, no_error) =
        (null_mut(), null_mut(), null_mut());
    let (plain, packed) = (c"plain".as_ptr(), c"packed".as_ptr());

    rec.step("a function");
    rec.int("sum", first_add(40, 2));
    rec.int("largest", first_add(u32::MAX, 1));

    rec.step("a whole file");
    // the input may be empty
    let data = [input.data(), b"some text of our own"].concat();
    let _ = fs::write("plain", data);
    // SAFETY: sgzfile_compress/Ownership: all of it is borrowed.
    let status =
        unsafe { sgzfile_compress(plain, packed, 6, &mut sizes, no_error) };
    rec.int("status", status);
    rec.int("plain", sizes.plain);
    rec.int("packed", sizes.packed);

    rec.step("memory of the caller's");
    let mut part = [0_u8; 10];
    // SAFETY: sgzfile_open/Ownership: the file is ours, until it is closed.
    // sgzfile_read_at/Ownership: part is borrowed, and that long.
    unsafe {
        rec.int("status", sgzfile_open(packed, &mut file, no_error));
        let (at, data) = (sizes.plain - 8, part.as_mut_ptr().cast());
        sgzfile_read_at(file, at, data, part.len(), &mut got, no_error);
    }
    rec.bytes("bytes", &part[..got]);

    rec.step("memory of the library's");
    let mut bytes = sgzfile_bytes {
        data: null_mut(),
        len: 0,
    };
    // SAFETY: sgzfile_range/Ownership: the bytes are ours, until they are
    // freed. /Lifetime: and so they are valid.
    unsafe {
        sgzfile_range(file, sizes.plain / 2, 100, &mut bytes, no_error);
        rec.bytes("bytes", borrowed_slice(bytes.data, bytes.len));
        sgzfile_bytes_free(&mut bytes);
    }

    rec.step("a text");
    // SAFETY: sgzfile_describe/Ownership: the text is ours, until it is freed.
    // sgzfile_close/Ownership: the file is the library's again.
    unsafe {
        sgzfile_describe(file, &mut text, no_error);
        record_text(rec, "text", text);
        sgzfile_string_free(text);
        sgzfile_close(file);
    }

    rec.step("a callback");
    let mut all = Counter::default();
    stream(&mut all);
    rec.int("bytes", all.bytes);
    rec.int("released", all.released);
    let mut some = Counter {
        stop_after: 1,
        ..Counter::default()
    };
    stream(&mut some);
    rec.int("pieces", some.pieces);
    rec.int("released", some.released);

    rec.step("an error of the caller's");
    // SAFETY: sgzfile_open/Ownership: the error is ours, until it is freed.
    unsafe {
        sgzfile_open(c"none".as_ptr(), &mut file, &mut error);
        record_failure(rec, error);
    }

    rec.step("an error of the thread's");
    // SAFETY: sgzfile_last_error/Lifetime: no other call fails meanwhile.
    // sgzfile_error_free/Ownership: the error is the library's again.
    unsafe {
        sgzfile_compress(plain, packed, 1000, null_mut(), no_error);
        record_text(rec, "last", sgzfile_last_error());
        // the caller's is as it was
        record_text(rec, "kept", sgzfile_error_message(error));
        sgzfile_error_free(error);
    }

    rec.step("a panic");
    // SAFETY: sgzfile_test_panic/Errors: it fails, so there is an error.
    unsafe {
        sgzfile_test_panic(&mut panic);
        record_failure(rec, panic);
        sgzfile_error_free(panic);
    }
}
