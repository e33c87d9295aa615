// SPDX-License-Identifier: MIT OR Apache-2.0
//! Observers: what they are told, how they stop a call, when they are
//! dropped.

mod common;

use std::io::{Read, Write};
use std::ops::ControlFlow::{Break, Continue};
use std::sync::Mutex;

use common::{Drops, bgzf, gzip, text};
use sgz::{Event, EventMask, Format, Options, Reader, Result, Status};

#[test]
fn blocks_cover_the_data_with_their_crcs() -> Result<()> {
    let data = text(5000);
    let file = bgzf(&data);
    let mut blocks = Vec::new();
    let mut reader = Reader::new(&file)?;
    reader.observe(EventMask::BLOCK, |event| {
        if let Event::Block(block) = event {
            blocks.push(*block);
        }
        Continue(())
    })?;
    reader.read_to_end(&mut Vec::new())?;
    drop(reader); // which gives `blocks` back

    let (mut at, mut offset) = (0, 0);
    for block in &blocks {
        assert_eq!((block.compressed_offset, block.offset), (at, offset));
        let from = usize::try_from(offset).expect("small");
        let to = from + block.len as usize;
        assert_eq!(block.crc, sgz::crc32(0, &data[from..to]));
        at += u64::from(block.compressed_len);
        offset += u64::from(block.len);
    }
    assert_eq!((at, offset), (file.len() as u64, 5000));
    Ok(())
}

#[test]
fn a_writer_tells_the_same_blocks_as_a_reader() -> Result<()> {
    let data = text(5000);
    let (written, read) = (Mutex::default(), Mutex::default());
    fn push(to: &Mutex<Vec<sgz::BlockInfo>>, event: &Event<'_>) {
        if let Event::Block(block) = event {
            to.lock().expect("not poisoned").push(*block);
        }
    }
    let mut file = Vec::new();
    let mut writer = Options::new().block_size(700).create_sink(&mut file)?;
    writer.observe(EventMask::ALL, |event| {
        push(&written, event);
        Continue(())
    })?;
    writer.write_all(&data)?;
    writer.finish()?;
    let mut reader = Reader::new(&file)?;
    reader.observe(EventMask::ALL, |event| {
        push(&read, event);
        Continue(())
    })?;
    reader.read_to_end(&mut Vec::new())?;
    drop(reader);
    assert_eq!(written.into_inner().ok(), read.into_inner().ok());
    Ok(())
}

#[test]
fn members_come_with_their_headers() -> Result<()> {
    let mut file = gzip(b"one");
    file.extend(gzip(b"two"));
    let mut offsets = Vec::new();
    let mut reader = Reader::new(&file)?;
    reader.observe(EventMask::MEMBER, |event| {
        if let Event::Member(header) = event {
            offsets.push(header.offset());
        }
        Continue(())
    })?;
    reader.read_to_end(&mut Vec::new())?;
    drop(reader);
    // the first one began when the reader was opened, unobserved
    assert_eq!(offsets.last(), Some(&(file.len() as u64 / 2)));
    Ok(())
}

#[test]
fn progress_ends_at_the_whole() -> Result<()> {
    let data = text(100_000);
    let file = bgzf(&data);
    let mut last = None;
    let mut reader =
        Options::new().progress_interval(10_000).open_slice(&file)?;
    reader.observe(EventMask::PROGRESS, |event| {
        if let Event::Progress(progress) = event {
            last = Some(*progress);
        }
        Continue(())
    })?;
    reader.read_to_end(&mut Vec::new())?;
    drop(reader);
    let last = last.expect("progress");
    assert_eq!(last.compressed_total, Some(file.len() as u64));
    assert!(last.done >= 90_000, "{last:?}");

    let mut totals = Vec::new();
    let mut sink = Vec::new();
    let mut writer = Options::new()
        .progress_interval(10_000)
        .create_sink(&mut sink)?;
    writer.observe(EventMask::PROGRESS, |event| {
        if let Event::Progress(progress) = event {
            totals.push(progress.compressed_total);
        }
        Continue(())
    })?;
    writer.write_all(&data)?;
    writer.finish()?;
    assert!(!totals.is_empty());
    assert!(totals.iter().all(Option::is_none), "a writer cannot know");
    Ok(())
}

#[test]
fn only_what_the_mask_asks_for_is_told() -> Result<()> {
    let file = bgzf(&text(3000));
    let mut others = 0;
    let mut reader = Reader::new(&file)?;
    reader.observe(EventMask::BLOCK | EventMask::LOG, |event| {
        others +=
            usize::from(!matches!(event, Event::Block(_) | Event::Log { .. }));
        Continue(())
    })?;
    reader.read_to_end(&mut Vec::new())?;
    drop(reader);
    assert_eq!(others, 0);
    Ok(())
}

#[test]
fn breaking_off_cancels_the_call_with_the_value() -> Result<()> {
    let file = bgzf(&text(5000));
    for (given, expected) in [(7, 7), (-3, -3), (0, -1), (i32::MIN, i32::MIN)] {
        let mut reader = Reader::new(&file)?;
        reader.observe(EventMask::BLOCK, move |_| Break(given))?;
        let error = reader.read_bytes(&mut [0; 100]).expect_err("stops");
        assert_eq!(error.status(), Status::Cancelled);
        assert_eq!(error.os_error(), Some(expected));

        reader.unobserve()?;
        reader.seek_to(0)?;
        assert_eq!(reader.read_bytes(&mut [0; 100])?, 100);
    }

    let dir = tempfile::tempdir()?;
    let path = dir.path().join("a.gz");
    let mut writer = Options::new().block_size(100).create(&path)?;
    writer.observe(EventMask::BLOCK, |_| Break(4))?;
    let error = writer.write_bytes(&[0; 1000]).expect_err("stops");
    assert_eq!(error.status(), Status::Cancelled);
    assert_eq!(writer.failure().map(|e| e.os_error()), Some(Some(4)));
    let error = writer.finish().expect_err("sticks");
    assert_eq!(error.status(), Status::Cancelled);
    assert!(!path.exists());
    Ok(())
}

#[test]
fn a_cancelled_read_to_end_ends() -> Result<()> {
    let file = bgzf(&text(5000));
    let mut reader = Reader::new(&file)?;
    // 4 is EINTR: were it taken for "interrupted", std would retry for ever
    reader.observe(EventMask::BLOCK, |_| Break(4))?;
    let error = reader.read_to_end(&mut Vec::new()).expect_err("stops");
    assert_eq!(sgz::Error::from(error).status(), Status::Cancelled);
    Ok(())
}

/// The risk: a closure that C holds is never dropped, or twice. The clause:
/// `sgz_reader_set_observer`/Ownership. The expectation: once, at once when
/// it is replaced or taken off, else with the handle.
#[test]
fn each_closure_is_dropped_once() -> Result<()> {
    let drops = Drops::default();
    let watch = || {
        let guard = drops.guard();
        move |_: &Event<'_>| {
            let _ = &guard;
            Continue(())
        }
    };
    let file = bgzf(b"x");
    let mut reader = Reader::new(&file)?;
    reader.observe(EventMask::ALL, watch())?;
    assert_eq!(drops.count(), 0);
    reader.observe(EventMask::ALL, watch())?;
    assert_eq!(drops.count(), 1, "replaced");
    reader.unobserve()?;
    assert_eq!(drops.count(), 2, "taken off");
    reader.unobserve()?;
    reader.observe(EventMask::ALL, watch())?;
    reader.close();
    assert_eq!(drops.count(), 3, "closed");

    let mut sink = Vec::new();
    let mut writer =
        Options::new().format(Format::Gzip).create_sink(&mut sink)?;
    writer.observe(EventMask::ALL, watch())?;
    writer.observe(EventMask::ALL, watch())?;
    assert_eq!(drops.count(), 4);
    writer.finish()?;
    assert_eq!(drops.count(), 5, "finished");
    let mut writer = Options::new().create_sink(&mut sink)?;
    writer.observe(EventMask::ALL, watch())?;
    drop(writer);
    assert_eq!(drops.count(), 6, "given up");
    Ok(())
}

#[test]
fn a_reader_of_a_path_is_observed_from_the_stack() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("a.gz");
    std::fs::write(&path, bgzf(&text(3000)))?;
    let mut events = 0;
    let mut reader = Reader::open(&path)?; // a Reader<'static>, shortened
    reader.observe(EventMask::BLOCK, |_| {
        events += 1;
        Continue(())
    })?;
    reader.read_to_end(&mut Vec::new())?;
    drop(reader);
    assert!(events >= 3);
    Ok(())
}

#[test]
fn an_observer_that_owns_a_reader_closes_it_when_released() -> Result<()> {
    let file = bgzf(&text(3000));
    let drops = Drops::default();
    let guard = drops.guard();
    let mut inner = Reader::new(&file)?;
    inner.observe(EventMask::ALL, move |_| {
        let _ = &guard;
        Continue(())
    })?;
    let mut outer = Reader::new(&file)?;
    outer.observe(EventMask::BLOCK, move |_| {
        inner
            .read_bytes(&mut [0; 10])
            .map_or(Break(1), |_| Continue(()))
    })?;
    outer.read_bytes(&mut [0; 2000])?;
    outer.unobserve()?;
    assert_eq!(drops.count(), 1);
    outer.read_to_end(&mut Vec::new())?;
    Ok(())
}

#[test]
fn an_observer_may_use_other_readers() -> Result<()> {
    let file = bgzf(&text(3000));
    let mut inner = Reader::new(&file)?;
    let mut outer = Reader::new(&file)?;
    outer.observe(EventMask::BLOCK, |_| {
        inner
            .read_bytes(&mut [0; 10])
            .map_or(Break(1), |_| Continue(()))
    })?;
    outer.read_to_end(&mut Vec::new())?;
    drop(outer);
    assert!(inner.tell() > 0);
    Ok(())
}
