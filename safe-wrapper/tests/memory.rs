// SPDX-License-Identifier: MIT OR Apache-2.0
//! Meters and buffers: all that is allocated is counted, and comes back.

mod common;

use std::io::{Read, Write};
use std::ops::ControlFlow::Continue;

use common::{Drops, bgzf, gzip, text};
use sgz::{Buffer, EventMask, Format, Meter, Options, Result, Status};

#[test]
fn a_meter_sees_everything_come_back() -> Result<()> {
    let data = text(200_000);
    let meter = Meter::new();
    for format in [Format::Bgzf, Format::Gzip] {
        let options = Options::new()
            .format(format)
            .build_index(true)
            .meter(&meter);
        let mut file = Vec::new();
        let mut writer = options.create_sink(&mut file)?;
        writer.write_all(&data)?;
        let finished = writer.finish()?;
        let mut reader = options.open_slice(&file)?;
        reader.set_index(finished.index.as_ref())?;
        drop(finished);
        reader.read_to_end(&mut Vec::new())?;
        reader.seek_to(150_000)?;
        while reader.next_line(b'\n')?.is_some() {}
        drop(reader);
        assert_eq!((meter.live(), meter.held()), (0, 0));
    }
    assert!(meter.allocs() > 0 && meter.allocs() == meter.frees());
    assert!(meter.peak() > 0 && meter.peak() <= meter.bytes());
    Ok(())
}

#[test]
fn a_handle_keeps_its_meter() -> Result<()> {
    let file = bgzf(&text(5000));
    let mut reader = {
        let meter = Meter::new();
        Options::new().meter(&meter).open_slice(&file)?
    };
    reader.read_to_end(&mut Vec::new())?;
    drop(reader);

    let mut line = Buffer::metered(&Meter::new());
    let mut reader = sgz::Reader::new(&file)?;
    assert!(reader.read_line_into(b'\n', &mut line)? > 0);
    Ok(())
}

#[test]
fn buffers_are_metered_on_their_own() -> Result<()> {
    let meter = Meter::new();
    let mut buffer = Buffer::metered(&meter);
    let mut writer = Options::new().create_buffer(&mut buffer)?;
    writer.write_all(&text(500_000))?;
    writer.finish()?;
    assert_eq!(meter.live(), 1);
    assert!(meter.held() >= buffer.len() as u64);
    buffer.release();
    assert_eq!(meter.live(), 0);
    Ok(())
}

/// The risk: a failure half way leaks what was taken so far, a closure or a
/// stream among it, or drops it twice. The expectation: with less memory than
/// is needed, whatever amount, there is a status and nothing is left.
#[test]
fn too_little_memory_is_a_status_and_leaks_nothing() {
    let data = text(100_000);
    let drops = Drops::default();
    let mut made = 0;
    let mut enough = 0;
    for format in [Format::Bgzf, Format::Gzip] {
        for limit in (0..700_000).step_by(9973) {
            let meter = Meter::limited(limit);
            let options = Options::new().format(format).meter(&meter);
            let guard = drops.guard();
            made += 1;
            let result = || -> Result<()> {
                let mut file = Vec::new();
                let mut writer = options.create_sink(&mut file)?;
                writer.observe(EventMask::ALL, move |_| {
                    let _ = &guard;
                    Continue(())
                })?;
                writer.write_bytes(&data)?;
                writer.finish()?;
                let mut reader = options.open_stream(&file[..])?;
                while reader.next_line(b'\n')?.is_some() {}
                Ok(())
            }();
            match result {
                Ok(()) => enough += 1,
                Err(error) => assert_eq!(error.status(), Status::NoMemory),
            }
            assert_eq!((meter.live(), meter.held()), (0, 0), "{limit}");
            assert!(meter.peak() <= limit);
            assert_eq!(drops.count(), made);
        }
    }
    assert!(enough > 0 && enough < made, "{enough} of {made}");
}

#[test]
fn a_header_is_described_in_memory_of_its_own() -> Result<()> {
    let file = gzip(b"x");
    let reader = sgz::Reader::new(&file)?;
    let text = reader.header().describe()?;
    let again = reader.header().describe()?;
    drop(reader);
    assert_eq!(*text, *again);
    assert!(!text.is_empty());
    Ok(())
}

#[test]
fn an_empty_buffer_is_an_empty_slice() {
    let mut buffer = Buffer::new();
    assert_eq!(*buffer, *b"");
    buffer.release();
    assert_eq!(buffer.as_slice(), b"");
}
