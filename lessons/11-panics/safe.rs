// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 11, panics: a callback that cannot return.

use std::any::Any;
use std::io::{self, Read, Write};
use std::ops::ControlFlow::Continue;
use std::panic::{self, AssertUnwindSafe, catch_unwind};

use sgz::{EventMask, Options, Writer};

use super::prelude::*;

/// What the panic says that `f` ends with; "none" if it returns.
fn caught<T>(f: impl FnOnce() -> T) -> String {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => "none".into(),
        Err(payload) => text(&*payload).into(),
    }
}

fn text(payload: &dyn Any) -> &str {
    payload.downcast_ref::<&str>().unwrap_or(&"(no text)")
}

/// What C records as the signal that ended the child process: here is none,
/// since the panic comes back.
fn signal<T>(f: impl FnOnce() -> sgz::Result<T>) -> i32 {
    if caught(f) == "none" { -1 } else { 0 }
}

/// A stream whose functions panic.
struct Bad;

impl Read for Bad {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        panic!("in read()")
    }
}

impl Write for Bad {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        panic!("in write()")
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Panics when it is dropped.
struct BadDrop;

impl Drop for BadDrop {
    fn drop(&mut self) {
        panic!("in release()")
    }
}

/// A sink that panics in write(), and counts.
struct Failing<'a> {
    calls: &'a mut i64,
    closed: &'a mut i64,
    also_in_close: bool,
}

impl Write for Failing<'_> {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        *self.calls += 1;
        panic!("no room")
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Failing<'_> {
    fn drop(&mut self) {
        *self.closed += 1;
        assert!(!self.also_in_close, "not closed");
    }
}

fn observed() -> sgz::Result<Writer<'static>> {
    Options::new().create("panics.gz")
}

pub fn run(rec: &mut Recorder, _: &Input) {
    panic::set_hook(Box::new(|_| ())); // no messages: all are caught

    rec.step("abort");
    rec.int("read", signal(|| Options::new().open_stream(Bad)));
    rec.int(
        "write",
        signal(|| Options::new().create_sink(Bad)?.finish()),
    );
    let event = signal(|| {
        let mut writer = observed()?;
        writer.observe(EventMask::ALL, |_| panic!("in event()"))?;
        writer.write_bytes(b"text")?;
        writer.finish()
    });
    rec.int("event", event);
    let release = signal(|| {
        let (mut writer, bad) = (observed()?, BadDrop);
        writer.observe(EventMask::ALL, move |_| {
            let _ = &bad; // so that it moves in
            Continue(())
        })?;
        writer.write_bytes(b"text")?;
        writer.finish()
    });
    rec.int("release", release);

    rec.step("unwind");
    rec.prevented("E0277, C calls closures, by the wrapper's functions");

    rec.step("jump");
    rec.prevented("E0133, to call C is unsafe");

    rec.step("foreign exception");
    rec.prevented("E0133, to call C is unsafe");

    rec.step("carry");
    let (mut calls, mut closed) = (0, 0);
    let sink = Failing {
        calls: &mut calls,
        closed: &mut closed,
        also_in_close: false,
    };
    if let Ok(mut writer) = Options::new().create_sink(sink) {
        let _ = writer.write_bytes(b"text");
        let why = caught(|| writer.flush_block());
        rec.result("finish", &writer.finish());
        rec.text("why", &why);
    }
    rec.int("calls", calls); // not again
    rec.int("closed", closed);

    rec.step("two");
    let (mut calls, mut closed) = (0, 0);
    let sink = Failing {
        calls: &mut calls,
        closed: &mut closed,
        also_in_close: true,
    };
    let why = caught(|| {
        let mut writer = Options::new().create_sink(sink)?;
        writer.write_bytes(b"text")?;
        writer.flush_block() // and the drop, while it unwinds
    });
    rec.text("why", &why); // the first
    rec.int("closed", closed);
    drop(panic::take_hook());
}
