// SPDX-License-Identifier: MIT OR Apache-2.0
//! Handles that are never dropped. Apart from all other tests, because these
//! leak, and mean to: a leak checker is to be pointed at the others.

mod common;

use std::io::Write;
use std::ops::ControlFlow::Continue;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};

use common::{bgzf, panic_text, text};
use sgz::{Buffer, EventMask, Options, Reader, Result};

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

/// Each handle in each state that it can be in, one test for each cell. The
/// rule: no thread of the library touches what a caller lent outside the call
/// in which it was lent.
///
/// The risk: a worker of a pool reads what a forgotten handle borrowed. Each
/// test brings a handle into a state and forgets it. Then it overwrites and
/// frees what the handle borrowed, while workers still run, and lets the pool
/// do other work. `tests/test_forget.c` has the same table.
macro_rules! table {
    ($($handle:ident: $($state:ident)+;)+) => {
        $(mod $handle {
            $(#[test]
            fn $state() -> sgz::Result<()> {
                use super::{State, cells};
                cells::$handle(State::$state)
            })+
        })+
    };
}

table! {
    reader_on_path: just_opened busy failed cancelled seeking indexed moved;
    reader_on_fd: just_opened busy failed cancelled seeking indexed moved;
    reader_on_slice: just_opened busy failed cancelled seeking indexed moved;
    reader_on_stream: just_opened busy failed cancelled seeking indexed moved;
    writer_to_path: just_opened busy failed cancelled giving moved;
    writer_to_fd: just_opened busy failed cancelled giving moved;
    writer_to_buffer: just_opened busy failed cancelled giving moved;
    writer_to_sink: just_opened busy failed cancelled giving moved;
    shared_reader: just_opened busy failed cancelled seeking indexed moved;
    block: just_opened busy failed cancelled seeking indexed moved;
    pool: just_opened busy failed cancelled seeking giving indexed moved;
}

#[derive(Clone, Copy, PartialEq)]
#[expect(non_camel_case_types, reason = "they are names of tests")]
enum State {
    just_opened,
    /// In the middle, and workers have tasks of it.
    busy,
    failed,
    cancelled,
    seeking,
    /// Bytes that were given away are on their way.
    giving,
    /// Its index is shared with another thread.
    indexed,
    /// Forgotten by another thread, which has ended.
    moved,
}

const BLOCK: usize = 3000;
const LEN: usize = 120 * BLOCK;
/// So much is read before the state is reached.
const FEW: usize = 12 * BLOCK;

mod cells {
    use std::fs::{File, OpenOptions};
    use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
    use std::mem::forget;
    use std::ops::ControlFlow::{Break, Continue};
    use std::os::fd::AsFd;
    use std::thread;

    use sgz::{
        Block, Buffer, EventMask, Meter, Options, Pool, Reader, Result,
        SharedReader, Status, Writer,
    };

    use super::common::{pack, text};
    use super::{BLOCK, FEW, LEN, State};

    /// A caller's stream. It fails when it has no calls left.
    struct Stream<'a> {
        file: Cursor<&'a [u8]>,
        calls: &'a mut usize,
    }

    impl Stream<'_> {
        fn step(&mut self) -> io::Result<()> {
            *self.calls =
                self.calls.checked_sub(1).ok_or(io::ErrorKind::BrokenPipe)?;
            Ok(())
        }
    }

    impl Read for Stream<'_> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            self.step()?;
            let len = to.len().min(20_000);
            self.file.read(&mut to[..len])
        }
    }

    impl Seek for Stream<'_> {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.step()?;
            self.file.seek(to)
        }
    }

    impl Write for Stream<'_> {
        fn write(&mut self, data: &[u8]) -> io::Result<usize> {
            self.step()?;
            Ok(data.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn options() -> Result<Options> {
        Ok(Options::new()
            .block_size(u32::try_from(BLOCK).expect("fits"))
            .cache_size(1 << 20)
            .pool(&Pool::new(4)?))
    }

    /// What is lent to a handle; it is overwritten and freed when the handle
    /// was forgotten.
    struct Lent {
        options: Options,
        file: Vec<u8>,
        bytes: Vec<u8>,
        events: usize,
        calls: usize,
    }

    impl Lent {
        fn new(state: State) -> Result<Self> {
            let options = options()?;
            let mut file = pack(&options, &text(LEN));
            if state == State::failed {
                let index = Reader::new(&file)?.build_index(false)?;
                let at = index.entries()[13].compressed_offset;
                file[usize::try_from(at).expect("fits") - 8] ^= 1;
            }
            Ok(Self {
                options,
                file,
                bytes: text(LEN),
                // some events are of headers
                events: if state == State::cancelled { 15 } else { 0 },
                calls: usize::MAX,
            })
        }

        /// What comes after a handle was forgotten.
        fn take_back(mut self) {
            self.file.fill(0xdb);
            self.bytes.fill(0xdb);
            let Self { options, file, .. } = self;
            drop((file, self.bytes));
            (self.events, self.calls) = (0, 0);
            let file = pack(&options, &text(LEN));
            let mut back = Vec::new();
            let mut reader = options.open_slice(&file).expect("opens");
            reader.read_to_end(&mut back).expect("reads");
            assert!(back == text(LEN));
        }
    }

    fn fails_with(result: Result<usize>, status: Status) {
        assert_eq!(result.expect_err("fails").status(), status);
    }

    /// Brings `reader` into the state. `seek` begins a seek.
    fn bring_reader<'a>(
        reader: &mut Reader<'a>,
        state: State,
        events: &'a mut usize,
        bytes: &mut [u8],
        seek: impl FnOnce(&mut Reader<'a>) -> Result<()>,
    ) -> Result<()> {
        if state == State::cancelled {
            reader.observe(EventMask::ALL, |_| {
                *events -= 1;
                if *events == 0 { Break(1) } else { Continue(()) }
            })?;
        }
        match state {
            State::just_opened => {}
            State::failed | State::cancelled => {
                let status = if state == State::failed {
                    Status::Crc
                } else {
                    Status::Cancelled
                };
                let last = loop {
                    match reader.read_bytes(&mut bytes[..1000]) {
                        Ok(1000) => {}
                        last => break last,
                    }
                };
                fails_with(last, status);
            }
            _ => {
                for part in bytes[..FEW].chunks_mut(1000) {
                    reader.read_bytes(part)?;
                }
            }
        }
        if state == State::seeking {
            seek(reader)?;
        }
        if state == State::indexed {
            let whole = pack(&options()?, &text(LEN));
            let index = Reader::new(&whole)?.build_index(false)?;
            reader.set_index(Some(&index))?;
            reader.seek_to(50 * BLOCK as u64)?;
            reader.read_bytes(&mut bytes[..FEW])?;
            thread::spawn(move || assert_eq!(index.entries().len(), 120))
                .join()
                .expect("reads");
        }
        Ok(())
    }

    fn seek(reader: &mut Reader<'_>) -> Result<()> {
        reader.seek_to((LEN - 10 * BLOCK) as u64)
    }

    /// Forgets it, on another thread if the state says so.
    fn forget_in<T: Send>(state: State, handle: T) {
        if state == State::moved {
            thread::scope(|scope| {
                scope.spawn(move || forget(handle));
            });
        } else {
            forget(handle);
        }
    }

    pub fn reader_on_path(state: State) -> Result<()> {
        let mut lent = Lent::new(state)?;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("in.gz");
        std::fs::write(&path, &lent.file).expect("writes");
        let mut reader = lent.options.open(path)?;
        bring_reader(
            &mut reader,
            state,
            &mut lent.events,
            &mut lent.bytes,
            seek,
        )?;
        forget_in(state, reader);
        drop(folder);
        lent.take_back();
        Ok(())
    }

    pub fn reader_on_fd(state: State) -> Result<()> {
        let mut lent = Lent::new(state)?;
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(&lent.file).expect("writes");
        file.rewind().expect("seeks");
        let mut reader = lent.options.open_fd(file.as_fd())?;
        bring_reader(
            &mut reader,
            state,
            &mut lent.events,
            &mut lent.bytes,
            seek,
        )?;
        forget_in(state, reader);
        drop(file);
        lent.take_back();
        Ok(())
    }

    pub fn reader_on_slice(state: State) -> Result<()> {
        with_slice(state, |reader| {
            forget_in(state, reader);
            Ok(())
        })
    }

    pub fn reader_on_stream(state: State) -> Result<()> {
        let mut lent = Lent::new(state)?;
        // the stream fails in the middle of a seek
        if state == State::seeking {
            lent.calls = 20;
        }
        let stream = Stream {
            file: Cursor::new(&lent.file),
            calls: &mut lent.calls,
        };
        let mut reader = lent.options.open_source(stream)?;
        let seek = |reader: &mut Reader<'_>| {
            let mut tries = 0..100_u64;
            let failed =
                tries.any(|i| reader.seek_to(i % 2 * 200_000).is_err());
            assert!(failed);
            Ok(())
        };
        bring_reader(
            &mut reader,
            state,
            &mut lent.events,
            &mut lent.bytes,
            seek,
        )?;
        forget_in(state, reader);
        lent.take_back();
        Ok(())
    }

    /// A reader over a slice in that state, for `then`.
    fn with_slice(
        state: State,
        then: impl FnOnce(Reader<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut lent = Lent::new(state)?;
        let mut reader = lent.options.open_slice(&lent.file)?;
        bring_reader(
            &mut reader,
            state,
            &mut lent.events,
            &mut lent.bytes,
            seek,
        )?;
        then(reader)?;
        lent.take_back();
        Ok(())
    }

    /// The same, shared and read from by two threads.
    fn with_shared(
        state: State,
        then: impl FnOnce(SharedReader<'_>) -> Result<()>,
    ) -> Result<()> {
        let whole = pack(&options()?, &text(LEN));
        let index = Reader::new(&whole)?.build_index(false)?;
        with_slice(state, |reader| {
            let reader = reader.into_shared(&index)?;
            let text = text(LEN);
            thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| {
                        for at in (20 * BLOCK..LEN).step_by(7 * BLOCK + 1) {
                            let mut part = [0; BLOCK];
                            let len = reader.read_at(&mut part, at as u64);
                            let len = len.expect("reads");
                            assert!(part[..len] == text[at..at + len]);
                        }
                    });
                }
            });
            then(reader)
        })
    }

    pub fn shared_reader(state: State) -> Result<()> {
        with_shared(state, |reader| {
            forget_in(state, reader);
            Ok(())
        })
    }

    /// A block that is forgotten: another reference to it, and its reader, go
    /// as they should.
    pub fn block(state: State) -> Result<()> {
        let mut kept = None;
        with_shared(state, |reader| {
            let block = reader.block_at(30 * BLOCK as u64)?.expect("is there");
            kept = Some(block.clone());
            forget_in(state, block);
            Ok(())
        })?;
        let block: Block = kept.expect("is kept");
        assert!(block[..] == text(LEN)[30 * BLOCK..31 * BLOCK]);
        Ok(())
    }

    /// A pool that is forgotten: its handle goes as it should.
    pub fn pool(state: State) -> Result<()> {
        let pool = Pool::new(2)?;
        if state == State::giving {
            let mut sink = Vec::new();
            let mut writer = options()?.pool(&pool).create_sink(&mut sink)?;
            writer.write_owned(text(LEN))?;
            forget_in(state, pool);
            drop(writer);
            return Ok(());
        }
        let mut lent = Lent::new(state)?;
        lent.options = lent.options.pool(&pool);
        let mut reader = lent.options.open_slice(&lent.file)?;
        bring_reader(
            &mut reader,
            state,
            &mut lent.events,
            &mut lent.bytes,
            seek,
        )?;
        forget_in(state, pool);
        drop(reader);
        lent.take_back();
        Ok(())
    }

    /// Brings `writer` into the state and forgets it. Its output fails with
    /// `failure`.
    fn forget_writer<'a>(
        mut writer: Writer<'a>,
        state: State,
        failure: Status,
        events: &'a mut usize,
        bytes: &[u8],
    ) -> Result<()> {
        if state == State::cancelled {
            writer.observe(EventMask::ALL, |_| {
                *events -= 1;
                if *events == 0 { Break(1) } else { Continue(()) }
            })?;
        }
        match state {
            State::just_opened => {}
            State::giving => writer.write_owned(bytes.to_vec())?,
            State::failed | State::cancelled => {
                let status = if state == State::failed {
                    failure
                } else {
                    Status::Cancelled
                };
                // an output is asked only when a buffer is full
                let mut tries = 0..100;
                let error = tries.find_map(|_| writer.write_bytes(bytes).err());
                assert_eq!(error.expect("fails").status(), status);
            }
            _ => writer.write_bytes(&bytes[BLOCK / 2..])?,
        }
        forget_in(state, writer);
        Ok(())
    }

    pub fn writer_to_path(state: State) -> Result<()> {
        let mut lent = Lent::new(state)?;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.gz");
        let full = std::path::PathBuf::from("/dev/full");
        let failed = state == State::failed;
        let writer = lent.options.create(if failed { full } else { path })?;
        forget_writer(
            writer,
            state,
            Status::Io,
            &mut lent.events,
            &lent.bytes,
        )?;
        drop(folder);
        lent.take_back();
        Ok(())
    }

    pub fn writer_to_fd(state: State) -> Result<()> {
        let mut lent = Lent::new(state)?;
        let file: File = if state == State::failed {
            let options = OpenOptions::new().write(true).open("/dev/full");
            options.expect("opens")
        } else {
            tempfile::tempfile().expect("a file")
        };
        let writer = lent.options.create_fd(file.as_fd())?;
        forget_writer(
            writer,
            state,
            Status::Io,
            &mut lent.events,
            &lent.bytes,
        )?;
        drop(file);
        lent.take_back();
        Ok(())
    }

    pub fn writer_to_buffer(state: State) -> Result<()> {
        let mut lent = Lent::new(state)?;
        let mut buffer = Buffer::metered(&Meter::limited(50_000));
        if state != State::failed {
            buffer = Buffer::new();
        }
        let writer = lent.options.create_buffer(&mut buffer)?;
        forget_writer(
            writer,
            state,
            Status::NoMemory,
            &mut lent.events,
            &lent.bytes,
        )?;
        buffer.release();
        drop(buffer);
        lent.take_back();
        Ok(())
    }

    pub fn writer_to_sink(state: State) -> Result<()> {
        let mut lent = Lent::new(state)?;
        if state == State::failed {
            lent.calls = 1;
        }
        let stream = Stream {
            file: Cursor::new(&[]),
            calls: &mut lent.calls,
        };
        let writer = lent.options.create_sink(stream)?;
        forget_writer(
            writer,
            state,
            Status::Callback,
            &mut lent.events,
            &lent.bytes,
        )?;
        lent.take_back();
        Ok(())
    }
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
