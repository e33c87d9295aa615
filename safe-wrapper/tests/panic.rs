// SPDX-License-Identifier: MIT OR Apache-2.0
//! Panics in Rust code that C called: carried over it, resumed behind it.
//!
//! The risk: a panic unwinds through a C frame, or aborts. The expectation:
//! it arrives at the caller with its payload, once; nothing leaks, nothing is
//! dropped twice; the handle is still one.

mod common;

use std::io::{Cursor, Read, Seek, Write};
use std::ops::ControlFlow::Continue;
use std::panic::{AssertUnwindSafe, catch_unwind};

use common::{Drops, Probe, Then, bgzf, panic_text, text};
use sgz::{EventMask, Meter, Options, Reader, Result, Status};

/// What `f` panics with.
fn caught<T>(f: impl FnOnce() -> T) -> String {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => "no panic".into(),
        Err(payload) => panic_text(&*payload).into(),
    }
}

#[test]
fn in_an_observer_of_a_reader() -> Result<()> {
    let data = text(5000);
    let file = bgzf(&data);
    let mut calls = 0;
    let mut reader = Reader::new(&file)?;
    reader.observe(EventMask::ALL, |_| {
        calls += 1;
        panic!("call {calls}")
    })?;
    let mut all = Vec::new();
    assert_eq!(caught(|| reader.read_to_end(&mut all)), "call 1");
    // C saw a cancelled call, and says so until a seek
    let error = reader.read_bytes(&mut [0; 9]).expect_err("sticks");
    assert_eq!(error.status(), Status::Cancelled);
    reader.unobserve()?;
    reader.rewind()?;
    all.clear();
    reader.read_to_end(&mut all)?;
    assert_eq!(all, data);
    drop(reader);
    assert_eq!(calls, 1);
    Ok(())
}

#[test]
fn in_an_observer_of_a_writer() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("a.gz");
    let mut writer = Options::new().block_size(10).create(&path)?;
    writer.observe(EventMask::BLOCK, |_| panic!("told"))?;
    assert_eq!(caught(|| writer.write_all(&[0; 100])), "told");
    let error = writer.flush_block().expect_err("sticks");
    assert_eq!(error.status(), Status::Cancelled);
    assert_eq!(caught(|| writer.finish()), "no panic");
    assert!(!path.exists());
    Ok(())
}

#[test]
fn in_a_stream_that_is_read() {
    let drops = Drops::default();
    let file = bgzf(&text(50_000));
    let options = Options::new().read_size(4096);
    for calls in 0..6 {
        let stream = Probe::new(Cursor::new(&file), &drops, calls, Then::Panic);
        let what = caught(|| {
            let mut reader = options.open_source(stream)?;
            reader.read_to_end(&mut Vec::new())?;
            reader.rewind()
        });
        assert_eq!(what, "the probe panics", "after {calls}");
        assert_eq!(drops.count(), calls + 1, "dropped once");
    }
}

#[test]
fn in_a_seek() -> Result<()> {
    let drops = Drops::default();
    let file = bgzf(&text(50_000));
    let options = Options::new().read_size(4096);
    let mut stream = Probe::new(Cursor::new(&file), &drops, 1, Then::Panic);
    stream.calls = 1;
    let mut reader = options.open_source(stream)?;
    assert_eq!(caught(|| reader.size()), "the probe panics");
    drop(reader);
    assert_eq!(drops.count(), 1);
    Ok(())
}

#[test]
fn in_a_stream_that_is_written() {
    let drops = Drops::default();
    let data = text(3_000_000);
    for calls in 0..3 {
        let stream = Probe::new(Vec::new(), &drops, calls, Then::Panic);
        let what = caught(|| {
            let mut writer = Options::new().level(0).create_sink(stream)?;
            writer.write_all(&data)?;
            writer.flush()?;
            writer.finish()
        });
        assert_eq!(what, "the probe panics", "after {calls}");
        assert_eq!(drops.count(), calls + 1, "dropped once");
    }
}

/// Panics when it is dropped.
struct Grenade(&'static str);

impl Drop for Grenade {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "{}", self.0);
    }
}

impl Read for Grenade {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Ok(0)
    }
}

impl Write for Grenade {
    fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
        Ok(buf.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn in_the_drop_of_a_closure() -> Result<()> {
    let file = bgzf(b"x");
    let mut reader = Reader::new(&file)?;
    let watch = |text| {
        let grenade = Grenade(text);
        move |_: &sgz::Event<'_>| {
            let _ = &grenade;
            Continue(())
        }
    };
    reader.observe(EventMask::ALL, watch("replaced"))?;
    let next = watch("taken off");
    let what = caught(|| reader.observe(EventMask::ALL, next));
    assert_eq!(what, "replaced");
    assert_eq!(caught(|| reader.unobserve()), "taken off");
    reader.observe(EventMask::ALL, watch("closed"))?;
    assert_eq!(caught(|| reader.close()), "closed");

    let meter = Meter::new();
    let mut writer = Options::new()
        .meter(&meter)
        .create_sink(Grenade("the sink, second"))?;
    writer.observe(EventMask::ALL, watch("the observer, first"))?;
    assert_eq!(caught(|| drop(writer)), "the observer, first");
    assert_eq!(meter.live(), 0, "C has freed all the same");
    Ok(())
}

#[test]
fn in_the_drop_of_a_stream_that_could_not_be_opened() {
    let what = caught(|| Options::new().open_stream(Grenade("refused")));
    assert_eq!(what, "refused");
}

/// While one panic unwinds, a second one from a drop would abort: here it is
/// lost instead.
#[test]
fn in_a_drop_while_another_panic_unwinds() -> Result<()> {
    struct Always;

    impl Drop for Always {
        fn drop(&mut self) {
            panic!("lost");
        }
    }

    let file = bgzf(b"x");
    let mut reader = Reader::new(&file)?;
    let always = Always;
    reader.observe(EventMask::ALL, move |_| {
        let _ = &always;
        Continue(())
    })?;
    let what = caught(move || {
        let _reader = reader;
        panic!("the first");
    });
    assert_eq!(what, "the first");
    Ok(())
}
