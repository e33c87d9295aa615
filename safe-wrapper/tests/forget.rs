// SPDX-License-Identifier: MIT OR Apache-2.0
//! Handles that are never dropped. Apart from all other tests, because these
//! leak, and mean to: a leak checker is to be pointed at the others.

mod common;

use std::io::Write;
use std::ops::ControlFlow::Continue;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};

use common::{bgzf, panic_text, text};
use sgz::{Buffer, EventMask, Options, Pool, Reader, Result};

/// The risk: C keeps a pointer to what a forgotten reader borrowed, and looks
/// at it later. The expectation: nothing of it is read again (address
/// sanitizers would tell): no thread of the library touches what was lent
/// outside the call in which it was lent.
#[test]
fn a_forgotten_reader_does_not_look_at_what_it_borrowed() -> Result<()> {
    let mut file = bgzf(&text(3000));
    let mut reader = Reader::new(&file)?;
    reader.read_bytes(&mut [0; 10])?;
    std::mem::forget(reader);
    file.fill(0);
    drop(file);

    let mut calls = 0;
    let file = bgzf(b"x");
    let mut reader = Reader::new(&file)?;
    reader.observe(EventMask::ALL, |_| {
        calls += 1;
        Continue(())
    })?;
    std::mem::forget(reader);
    assert_eq!(calls, 0);
    Ok(())
}

#[test]
fn a_forgotten_writer_does_not_touch_what_it_borrowed() -> Result<()> {
    let mut buffer = Buffer::new();
    let mut writer = Options::new().create_buffer(&mut buffer)?;
    writer.write_all(&text(200_000))?;
    std::mem::forget(writer);
    buffer.release();

    let mut sink = Vec::new();
    let mut writer = Options::new().create_sink(&mut sink)?;
    writer.write_all(b"stays in the writer")?;
    std::mem::forget(writer);
    assert!(sink.is_empty());
    Ok(())
}

/// The same with threads that are at work when the handle is forgotten.
#[test]
fn a_forgotten_writer_with_a_pool_does_not_touch_what_it_borrowed() -> Result<()>
{
    let options = Options::new().block_size(2000).pool(&Pool::new(4)?);
    let mut data = text(300_000);
    let mut sink = Vec::new();
    let mut writer = options.create_sink(&mut sink)?;
    writer.write_all(&data)?;
    data.fill(0);
    drop(data);
    std::mem::forget(writer);
    sink.fill(0);
    drop(sink);

    let mut buffer = Buffer::new();
    let mut writer = options.create_buffer(&mut buffer)?;
    writer.write_all(&text(100_000))?;
    std::mem::forget(writer);
    buffer.release();
    Ok(())
}

/// The risk: a second panic's payload is dropped under C, and its drop
/// panics. The expectation: it is lost, and the first one arrives.
#[test]
fn a_payload_that_panics_when_it_is_dropped_is_leaked() -> Result<()> {
    struct Payload;

    impl Drop for Payload {
        fn drop(&mut self) {
            panic_any(Self); // which panics in its turn, without end
        }
    }

    struct Second;

    impl Drop for Second {
        fn drop(&mut self) {
            panic_any(Payload);
        }
    }

    let file = bgzf(b"x");
    let mut reader = Reader::new(&file)?;
    let second = Second;
    reader.observe(EventMask::ALL, move |_| {
        let _ = &second;
        Continue(())
    })?;
    let caught = catch_unwind(AssertUnwindSafe(move || {
        let _reader = reader;
        panic!("the first");
    }));
    let payload = caught.expect_err("it panicked");
    assert_eq!(panic_text(&*payload), "the first");
    Ok(())
}
