// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 18, sharing: who holds what, and who lets go last.

use std::io::Write;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Arc, Weak};
use std::thread;

use sgz::{Buffer, Event, EventMask, Index, Options, Reader, SharedReader};

use super::prelude::*;

/// What is counted on this side. A reader may move to another thread, and its
/// observer with it: so by an Arc, and with an atomic.
#[derive(Default)]
struct Log {
    blocks: AtomicI64,
}

fn open_shared<'a>(
    file: &'a [u8],
    index: &Index,
) -> sgz::Result<SharedReader<'a>> {
    let reader = Reader::new(file)?.into_shared(index)?;
    reader.read_at(&mut [0], 0)?;
    Ok(reader)
}

/// A reader that tells `log` what it reads, and holds it.
fn open_watched(file: &[u8], log: Arc<Log>) -> sgz::Result<Reader<'_>> {
    let mut reader = Reader::new(file)?;
    reader.observe(EventMask::ALL, move |event| {
        let told = matches!(event, Event::Block(_));
        log.blocks.fetch_add(i64::from(told), Relaxed);
        ControlFlow::Continue(())
    })?;
    Ok(reader)
}

fn is_alive<T>(weak: &Weak<T>) -> bool {
    weak.upgrade().is_some()
}

pub fn run(rec: &mut Recorder, input: &Input) {
    // Only memory can fail in what is not recorded; then the lesson ends.
    let _ = steps(rec, input.data());
}

fn steps(rec: &mut Recorder, data: &[u8]) -> sgz::Result<()> {
    rec.step("buffer, made");
    let mut file = Buffer::new();
    let options = Options::new().build_index(true);
    let mut writer = options.create_buffer(&mut file)?;
    write!(writer, "the file may be empty")?;
    writer.write_bytes(data)?;
    let finished = writer.finish();
    rec.result("finish", &finished);
    let Some(index) = finished?.index else {
        return Ok(());
    };
    rec.result("save", &index.save("sharing.gzi"));
    drop(index);

    rec.step("index, made");
    let a = Index::load("sharing.gzi")?;
    let b = Index::load("sharing.gzi")?;
    let c = Index::load("sharing.gzi");
    rec.result("load", &c);
    let c = c?;

    rec.step("index, shared");
    let held = Arc::new(a); // our count, around the library's
    let weak = Arc::downgrade(&held);
    let reader = open_shared(&file, &held)?;
    let other = open_shared(&file, &b)?;
    rec.int("weak", is_alive(&weak));

    rec.step("index, caller first");
    drop(held);
    rec.int("weak", is_alive(&weak)); // and yet the index is there:
    rec.result("read", &reader.read_at(&mut [0], 1));

    rec.step("index, reader last");
    drop(reader);

    rec.step("index, reader first");
    drop(other);
    rec.int("entries", b.entries().len());
    let (first, last) = (b.clone(), c); // c goes over to the guest
    let tasks = rec.tasks();
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut rec = tasks.begin("guest");
            rec.step("index, thread first");
            drop(first);
            rec.step("index, thread last");
            rec.int("block of 0", last.locate(0));
            drop(last);
        });
    });

    rec.step("index, caller last");
    drop(b);

    rec.step("log, made");
    let (mine, its) = (Arc::new(Log::default()), Arc::new(Log::default()));
    rec.int("holders", Arc::strong_count(&its));

    rec.step("log, shared");
    let weak = Arc::downgrade(&its);
    let mut reader = open_watched(&file, its.clone())?;
    let mut other = open_watched(&file, mine.clone())?;
    rec.int("holders", Arc::strong_count(&its));

    rec.step("log, caller first");
    drop(its);
    rec.int("weak", is_alive(&weak)); // the reader counts here, too
    reader.read_bytes(&mut [0])?;
    let blocks = weak.upgrade().map_or(-1, |log| log.blocks.load(Relaxed));
    rec.int("blocks", blocks);

    rec.step("log, reader last");
    reader.close();
    rec.int("weak", is_alive(&weak));
    drop(weak); // it kept the memory of the counts, and not the log

    rec.step("log, reader first");
    other.read_bytes(&mut [0])?;
    other.close();
    rec.int("holders", Arc::strong_count(&mine));
    rec.int("blocks", mine.blocks.load(Relaxed));

    rec.step("log, caller last");
    drop(mine);

    rec.step("buffer, caller last");
    drop(file);
    Ok(())
}
