// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 17, export: to Rust these libraries are crates.

use std::any::Any;
use std::fs;
use std::ops::ControlFlow;
use std::panic::catch_unwind;

use first::first_add;
use sgzfile::File;
use sgzfile::export::Status;

use super::prelude::*;

/// Counts itself as released when it is dropped.
struct Guard<'a>(&'a mut i64);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        *self.0 += 1;
    }
}

/// Stream the file "packed", up to `stop_after` pieces: the pieces, the bytes.
fn stream(stop_after: i64, released: &mut i64) -> (i64, usize) {
    let guard = Guard(released);
    let (mut pieces, mut bytes) = (0, 0);
    let _ = sgzfile::stream("packed", |data| {
        let _owned = &guard;
        pieces += 1;
        bytes += data.len();
        if pieces == stop_after {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    (pieces, bytes)
}

fn record_failure(rec: &mut Recorder, error: &sgz::Error) {
    rec.int("status", Status::from(error) as i32);
    rec.int("errno", error.os_error().unwrap_or(0));
    rec.text("message", &error.to_string());
}

/// What a panic says.
fn words(payload: &(dyn Any + Send)) -> &str {
    payload.downcast_ref().copied().unwrap_or("a panic")
}

pub fn run(rec: &mut Recorder, input: &Input) {
    // What is not recorded can fail only if the system does; then it ends.
    let _ = steps(rec, input.data());
}

fn steps(rec: &mut Recorder, data: &[u8]) -> sgz::Result<()> {
    rec.step("a function");
    rec.int("sum", first_add(40, 2));
    rec.int("largest", first_add(u32::MAX, 1));

    rec.step("a whole file");
    // the input may be empty
    fs::write("plain", [data, b"some text of our own"].concat())?;
    let sizes = sgzfile::compress("plain", "packed", 6);
    rec.int("status", Status::of(&sizes) as i32);
    let sizes = sizes?;
    rec.int("plain", sizes.plain);
    rec.int("packed", sizes.packed);

    rec.step("memory of the caller's");
    let mut part = [0; 10];
    let file = File::open("packed");
    rec.int("status", Status::of(&file) as i32);
    let file = file?;
    let got = file.read_at(&mut part, sizes.plain - 8)?;
    rec.bytes("bytes", &part[..got]);

    rec.step("memory of the library's");
    rec.bytes("bytes", &file.range(sizes.plain / 2, 100)?);

    rec.step("a text");
    rec.text("text", &file.describe());
    drop(file);

    rec.step("a callback");
    let (mut all, mut some) = (0, 0);
    let (_, bytes) = stream(0, &mut all);
    rec.int("bytes", bytes);
    rec.int("released", all);
    let (pieces, _) = stream(1, &mut some);
    rec.int("pieces", pieces);
    rec.int("released", some);

    rec.step("an error of the caller's");
    let error = File::open("none").err();
    if let Some(error) = &error {
        record_failure(rec, error);
    }

    rec.step("an error of the thread's");
    // there is none: each call returns its own
    if let Err(last) = sgzfile::compress("plain", "packed", 1000) {
        rec.text("last", &last.to_string());
    }
    if let Some(error) = &error {
        rec.text("kept", &error.to_string());
    }

    rec.step("a panic");
    let Err(payload) = catch_unwind(|| sgzfile::test_panic());
    rec.int("status", Status::Panic as i32);
    rec.int("errno", 0);
    rec.text("message", words(&*payload));
    Ok(())
}
