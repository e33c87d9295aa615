// SPDX-License-Identifier: MIT OR Apache-2.0
//! Handles that are never dropped. Apart from all other tests, because these
//! leak, and mean to: a leak checker is to be pointed at the others.

mod common;

use std::io::{self, Seek, Write};
use std::ops::ControlFlow::Continue;
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};

use common::{bgzf, pack, panic_text, text};
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

/// How much a handle with a pool has done when it is forgotten: nothing, a
/// part of a block, so much that others are read ahead or on their way to be
/// packed, and all.
const STATES: [usize; 6] = [0, 1, 5000, 30_000, 150_000, 300_000];

fn pooled() -> Result<Options> {
    Ok(Options::new().block_size(2000).pool(&Pool::new(4)?))
}

/// The risk: a thread of a pool reads what a forgotten reader borrowed. The
/// expectation: it never sees that, in any state, whatever the input is.
#[test]
fn a_forgotten_reader_with_a_pool_does_not_look_at_what_it_borrowed()
-> Result<()> {
    let options = pooled()?;
    for state in STATES {
        let mut to = vec![0; state];
        let mut file = pack(&options, &text(300_000));
        let mut reader = options.open_slice(&file)?;
        reader.read_bytes(&mut to)?;
        std::mem::forget(reader);

        let mut stream = io::Cursor::new(&file[..]);
        let mut reader = options.open_stream(&mut stream)?;
        reader.read_bytes(&mut to)?;
        std::mem::forget(reader);

        let mut on_disk = tempfile::tempfile().expect("a file");
        on_disk.write_all(&file).expect("writes");
        on_disk.rewind().expect("seeks");
        let mut reader = options.open_fd(on_disk.as_fd())?;
        reader.read_bytes(&mut to)?;
        std::mem::forget(reader);
        drop(on_disk);

        let mut calls = 0;
        let mut reader = options.open_slice(&file)?;
        reader.observe(EventMask::ALL, |_| {
            calls += 1;
            Continue(())
        })?;
        reader.read_bytes(&mut to)?;
        std::mem::forget(reader);
        let told = calls;

        to.fill(1);
        file.fill(0);
        drop((to, file));
        assert_eq!(calls, told);
    }
    Ok(())
}

/// The same of a writer.
#[test]
fn a_forgotten_writer_with_a_pool_does_not_touch_what_it_borrowed() -> Result<()>
{
    let options = pooled()?;
    for state in STATES {
        let mut data = text(state);
        let mut sink = Vec::new();
        let mut writer = options.create_sink(&mut sink)?;
        writer.write_all(&data)?;
        std::mem::forget(writer);
        sink.fill(0);

        let mut buffer = Buffer::new();
        let mut writer = options.create_buffer(&mut buffer)?;
        writer.write_all(&data)?;
        std::mem::forget(writer);
        buffer.release();

        let mut buffer = Buffer::new();
        let mut writer = options.create_buffer(&mut buffer)?;
        writer.write_owned(data.clone())?;
        std::mem::forget(writer);
        buffer.release();

        data.fill(0);
        drop((data, sink));
    }
    Ok(())
}

#[test]
fn a_shared_reader_can_be_forgotten() -> Result<()> {
    let mut file = bgzf(&text(10_000));
    let index = Reader::new(&file)?.build_index(false)?;
    let reader = Options::new().cache_size(1 << 20).open_slice(&file)?;
    let reader = reader.into_shared(&index)?;
    let block = reader.block_at(0)?.expect("is there");
    std::mem::forget(reader);
    file.fill(0);
    drop(file);
    assert_eq!(block.len(), 1000);
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
