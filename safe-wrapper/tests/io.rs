// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rust streams beneath C: their errors come back, their lies do no harm.

mod common;

use std::error::Error as _;
use std::io::{self, Cursor, ErrorKind, Read, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

use common::{Drops, Probe, Then, bgzf, text};
use sgz::{Error, Options, Result, Status};

/// Reads a byte at a time, and is interrupted before each.
struct Slow<S> {
    inner: S,
    interrupt: bool,
}

impl<S> Slow<S> {
    fn new(inner: S) -> Self {
        Self {
            inner,
            interrupt: false,
        }
    }

    fn step(&mut self) -> io::Result<()> {
        self.interrupt = !self.interrupt;
        if self.interrupt {
            return Err(ErrorKind::Interrupted.into());
        }
        Ok(())
    }
}

impl<S: Read> Read for Slow<S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.step()?;
        let len = buf.len().min(1);
        self.inner.read(&mut buf[..len])
    }
}

impl<S: Write> Write for Slow<S> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.step()?;
        self.inner.write(&buf[..buf.len().min(1)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.step()?;
        self.inner.flush()
    }
}

#[test]
fn short_and_interrupted_streams_are_as_good_as_others() -> Result<()> {
    let data = text(3000);
    let mut file = Vec::new();
    let mut writer = Options::new().create_sink(Slow::new(&mut file))?;
    writer.write_all(&data)?;
    writer.flush()?;
    writer.finish()?;
    let mut reader = Options::new().open_stream(Slow::new(&file[..]))?;
    let mut read = Vec::new();
    reader.read_to_end(&mut read)?;
    assert_eq!(read, data);
    Ok(())
}

/// Has nothing at every other call, once `opened`.
struct Drip<S> {
    inner: S,
    opened: Arc<AtomicBool>,
    dry: bool,
    waits: Arc<AtomicU32>,
    most: usize,
}

impl<S: Read> Read for Drip<S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.dry = self.opened.load(Relaxed) && !self.dry;
        if self.dry {
            self.waits.fetch_add(1, Relaxed);
            return Err(ErrorKind::WouldBlock.into());
        }
        let len = buf.len().min(self.most);
        self.inner.read(&mut buf[..len])
    }
}

#[test]
fn a_stream_that_would_block_is_asked_again() -> Result<()> {
    let data = text(20_000);
    let file = bgzf(&data);
    for most in [1, 7, 1000] {
        let opened = Arc::new(AtomicBool::new(false));
        let waits = Arc::new(AtomicU32::new(0));
        let mut reader = Options::new().open_stream(Drip {
            inner: &file[..],
            opened: Arc::clone(&opened),
            dry: false,
            waits: Arc::clone(&waits),
            most,
        })?;
        opened.store(true, Relaxed);
        let mut back = Vec::new();
        // read_to_end() keeps what it has read when it fails
        while let Err(error) = reader.read_to_end(&mut back) {
            assert_eq!(error.kind(), ErrorKind::WouldBlock);
        }
        assert_eq!(back, data);
        assert!(waits.load(Relaxed) > 0);
    }
    Ok(())
}

#[test]
fn a_line_that_has_not_arrived_is_not_cut() -> Result<()> {
    let data = text(20_000);
    let file = bgzf(&data);
    let opened = Arc::new(AtomicBool::new(false));
    let mut reader = Options::new().open_stream(Drip {
        inner: &file[..],
        opened: Arc::clone(&opened),
        dry: false,
        waits: Arc::default(),
        most: 50,
    })?;
    opened.store(true, Relaxed);
    let mut back = Vec::new();
    loop {
        match reader.next_line(b'\n') {
            Ok(Some(line)) => back.push(line.to_vec()),
            Ok(None) => break,
            Err(error) => assert_eq!(error.status(), Status::Callback),
        }
    }
    let lines: Vec<&[u8]> =
        data.split_inclusive(|byte| *byte == b'\n').collect();
    assert_eq!(back, lines);
    Ok(())
}

#[test]
fn a_stream_that_fails_is_the_source_of_the_error() {
    let drops = Drops::default();
    let file = bgzf(&text(50_000));
    let options = Options::new().read_size(4096);
    for calls in 0..3 {
        let stream = Probe::new(&file[..], &drops, calls, Then::Fail(28));
        let error = options
            .open_stream(stream)
            .map_err(io::Error::from)
            .and_then(|mut r| r.read_to_end(&mut Vec::new()))
            .expect_err("no space to read from");
        assert_eq!(error.kind(), ErrorKind::StorageFull);
        let error = Error::from(error);
        assert_eq!(error.status(), Status::Callback);
        assert_eq!(error.os_error(), Some(28));
        let source = error.source().expect("kept");
        let source = source.downcast_ref::<io::Error>().expect("io");
        assert_eq!(source.raw_os_error(), Some(28));
        assert_eq!(drops.count(), calls + 1);
    }
}

#[test]
fn a_failure_that_sticks_keeps_its_source() -> Result<()> {
    let drops = Drops::default();
    let file = bgzf(&text(50_000));
    let stream = Probe::new(&file[..], &drops, 1, Then::Fail(5));
    let mut reader = Options::new().read_size(4096).open_stream(stream)?;
    let first = reader.read_to_end(&mut Vec::new()).expect_err("fails");
    let first = Error::from(first);
    let again = reader.read_bytes(&mut [0; 9]).expect_err("sticks");
    let kept = reader.failure().expect("kept");
    for error in [first, again, kept] {
        assert_eq!(error.status(), Status::Callback);
        assert!(error.source().is_some());
    }
    Ok(())
}

#[test]
fn an_error_of_any_kind_comes_through() -> Result<()> {
    #[derive(Debug)]
    struct Own;

    impl std::fmt::Display for Own {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an error of my own")
        }
    }

    impl std::error::Error for Own {}

    struct Failing;

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::new(ErrorKind::PermissionDenied, Own))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let mut writer = Options::new().create_sink(Failing)?;
    let error = writer.write_all(&text(3_000_000)).expect_err("fails");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    let error = Error::from(error);
    let source = error.source().expect("kept");
    let source = source.downcast_ref::<io::Error>().expect("io");
    let own = source.get_ref().and_then(|e| e.downcast_ref::<Own>());
    assert!(own.is_some());
    assert!(writer.finish().is_err());
    Ok(())
}

#[test]
fn a_writer_fails_at_any_call_and_drops_its_sink_once() {
    let drops = Drops::default();
    let data = text(2_000_000);
    for calls in 0..4 {
        let sink = Probe::new(Vec::new(), &drops, calls, Then::Fail(28));
        let result = Options::new()
            .level(0)
            .create_sink(sink)
            .map_err(io::Error::from)
            .and_then(|mut writer| {
                writer.write_all(&data)?;
                writer.flush()?;
                Ok(writer.finish()?)
            });
        let error = result.expect_err("no space");
        assert_eq!(error.kind(), ErrorKind::StorageFull, "{calls}");
        assert_eq!(drops.count(), calls + 1);
    }
}

/// Says that it read, or wrote, more than it was asked to.
struct Liar;

impl Read for Liar {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        Ok(buf.len() + 1)
    }
}

impl Write for Liar {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        Ok(buf.len().saturating_mul(2))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_count_beyond_what_was_asked_is_an_error() -> Result<()> {
    let error = Options::new().open_stream(Liar).expect_err("a lie");
    assert_eq!(error.status(), Status::Callback);
    assert!(error.source().is_some());
    let mut writer = Options::new().create_sink(Liar)?;
    let result = writer.write_all(&text(3_000_000));
    let error = Error::from(result.expect_err("a lie"));
    assert_eq!(error.status(), Status::Callback);
    Ok(())
}

#[test]
fn a_sink_that_takes_nothing_does_not_hang() -> Result<()> {
    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Ok(0)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let writer = Options::new().create_sink(Full)?;
    let error = io::Error::from(writer.finish().expect_err("full"));
    assert_eq!(error.kind(), ErrorKind::WriteZero);
    Ok(())
}

/// The risk: `read` sees what C's memory held. The clause: `sgz_source.read`
/// lends it uninitialised. The expectation: it is zeroed before.
#[test]
fn a_stream_gets_a_buffer_that_is_initialised() -> Result<()> {
    struct Looking<'a>(&'a [u8]);

    impl Read for Looking<'_> {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            assert!(buf.iter().all(|byte| *byte == 0));
            buf.fill(0xaa);
            self.0.read(buf)
        }
    }

    let data = text(50_000);
    let file = bgzf(&data);
    let options = Options::new().read_size(1000);
    let mut read = Vec::new();
    options
        .open_stream(Looking(&file))?
        .read_to_end(&mut read)?;
    assert_eq!(read, data);
    Ok(())
}

#[test]
fn a_source_is_read_from_where_it_stands() -> Result<()> {
    let data = text(9000);
    let mut file = b"in front".to_vec();
    file.extend(bgzf(&data));
    let mut stream = Cursor::new(file);
    stream.seek(SeekFrom::Start(8))?;
    let mut reader = Options::new().open_source(&mut stream)?;
    assert_eq!(reader.size()?, 9000);
    reader.seek_to(8000)?;
    let mut read = Vec::new();
    reader.read_to_end(&mut read)?;
    assert_eq!(read, data[8000..]);
    reader.close();
    assert!(stream.position() > 0, "given back");
    Ok(())
}

#[test]
fn a_seek_that_fails_is_the_source_of_the_error() -> Result<()> {
    struct Stuck<'a>(&'a [u8]);

    impl Read for Stuck<'_> {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            self.0.read(buf)
        }
    }

    impl Seek for Stuck<'_> {
        fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
            Err(io::Error::from_raw_os_error(29))
        }
    }

    let file = bgzf(&text(50_000));
    let options = Options::new().read_size(1000);
    let mut reader = options.open_source(Stuck(&file))?;
    let error = reader.size().expect_err("cannot seek after all");
    assert_eq!(error.status(), Status::Callback);
    assert_eq!(error.os_error(), Some(29));
    assert!(error.source().is_some());
    Ok(())
}
