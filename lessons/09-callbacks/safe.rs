// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 09, callbacks: the library calls back, and lets go.

use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

use sgz::{Event, EventMask, Options, Reader};

use super::prelude::*;

/// Adds one when it is dropped: its owner's release can be counted.
struct Guard<'a>(&'a AtomicI64);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// A file in memory, as the sink of a writer. Its drop is what close() is.
struct Sink<'a> {
    data: &'a mut Vec<u8>,
    writes: &'a AtomicI64,
    _closed: Guard<'a>,
}

impl Write for Sink<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.writes.fetch_add(1, Relaxed);
        self.data.write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The same file, as the source of a reader.
struct Source<'a> {
    data: &'a [u8],
    _closed: Guard<'a>,
}

impl Read for Source<'_> {
    fn read(&mut self, data: &mut [u8]) -> io::Result<usize> {
        self.data.read(data)
    }
}

/// What the closures count in: they may move to another thread with their
/// handle, so a Cell would not compile.
#[derive(Default)]
struct Watch {
    blocks: AtomicI64,
    offset: AtomicU64,
    released: AtomicI64,
}

impl Watch {
    fn closure(
        &self,
        answer: ControlFlow<i32>,
    ) -> impl FnMut(&Event<'_>) -> ControlFlow<i32> + Send {
        let guard = Guard(&self.released);
        move |event| {
            let _ = &guard; // so that it moves in, and goes with the closure
            let Event::Block(block) = event else {
                return ControlFlow::Continue(());
            };
            self.blocks.fetch_add(1, Relaxed);
            self.offset.store(block.offset, Relaxed);
            answer
        }
    }
}

fn drain(reader: &mut Reader<'_>) -> sgz::Result<()> {
    let mut page = [0; 4096];
    while reader.read_bytes(&mut page)? > 0 {}
    Ok(())
}

pub fn run(rec: &mut Recorder, input: &Input) {
    // Only memory can fail in what is not recorded; then the lesson ends.
    let _ = steps(rec, input.data());
}

fn steps(rec: &mut Recorder, data: &[u8]) -> sgz::Result<()> {
    const GO_ON: ControlFlow<i32> = ControlFlow::Continue(());
    let (writes, closed) = (AtomicI64::new(0), AtomicI64::new(0));
    let [watch, seen, stop, enter] = <[Watch; 4]>::default();

    rec.step("a sink");
    let mut store = Vec::new();
    let sink = Sink {
        data: &mut store,
        writes: &writes,
        _closed: Guard(&closed),
    };
    let writer = Options::new().create_sink(sink);
    rec.result("open", &writer);
    let mut writer = writer?;
    writer.observe(EventMask::ALL, watch.closure(GO_ON))?;
    writer.write_bytes(data)?;
    rec.result("finish", &writer.finish()); // and with it, sink and closure
    rec.int("writes", writes.load(Relaxed));
    rec.int("closed", closed.load(Relaxed));
    rec.int("blocks", watch.blocks.load(Relaxed));
    rec.int("released", watch.released.load(Relaxed));

    rec.step("a source");
    let source = Source {
        data: &store,
        _closed: Guard(&closed),
    };
    let reader = Options::new().open_stream(source);
    rec.result("open", &reader);
    let mut reader = reader?;
    rec.result("read", &drain(&mut reader));
    rec.int("position", reader.tell());
    reader.close();
    rec.int("closed", closed.load(Relaxed));

    rec.step("observe");
    let mut reader = Reader::new(&store)?;
    let set = reader.observe(EventMask::ALL, seen.closure(GO_ON));
    rec.result("set", &set);
    rec.result("read", &drain(&mut reader));
    rec.int("blocks", seen.blocks.load(Relaxed));
    rec.int("last offset", seen.offset.load(Relaxed));
    rec.int("released", seen.released.load(Relaxed));

    rec.step("cancel");
    let answer = ControlFlow::Break(42);
    reader.observe(EventMask::ALL, stop.closure(answer))?;
    rec.int("the former released", seen.released.load(Relaxed));
    // a seek reads a block, so it is what our answer ends
    let seek = reader.seek_to(0);
    rec.result("seek", &seek);
    if let Err(err) = seek {
        rec.failure("failure", &err); // 42 is its errno
    }
    rec.result("read", &drain(&mut reader)); // it sticks

    rec.step("unregister");
    rec.result("set", &reader.unobserve());
    rec.int("released", stop.released.load(Relaxed));
    reader.seek_to(0)?;
    rec.result("read", &drain(&mut reader));
    rec.int("blocks", stop.blocks.load(Relaxed));

    rec.step("enter again");
    rec.prevented("E0499, borrowed twice: by its call, and by the closure");

    rec.step("close");
    reader.observe(EventMask::ALL, enter.closure(GO_ON))?;
    reader.close();
    rec.int("released", enter.released.load(Relaxed));
    Ok(())
}
