// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pools: shared by readers, writers and threads.

mod common;

use std::io::{self, Write};
use std::ops::ControlFlow::{self, Break, Continue};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::thread;

use common::{Drops, Probe, Then, pack, panic_text, text};
use sgz::{
    Buffer, Event, EventMask, Meter, Options, Pool, Reader, Result, Status,
};

fn options(pool: &Pool) -> Options {
    Options::new().block_size(5000).pool(pool)
}

#[test]
fn a_pool_counts_its_threads_and_its_clones() -> Result<()> {
    let pool = Pool::new(3)?;
    let clone = pool.clone();
    drop(pool);
    assert_eq!(clone.threads(), 3);
    assert_eq!(format!("{clone:?}"), "Pool { threads: 3 }");
    assert!(Pool::new(0)?.threads() >= 1);
    assert_eq!(Pool::new(257).unwrap_err().status(), Status::Invalid);
    Ok(())
}

#[test]
fn what_is_written_does_not_depend_on_threads() -> Result<()> {
    let text = text(300_000);
    let alone = pack(&Options::new().block_size(5000), &text);
    for threads in 1..5 {
        assert_eq!(pack(&options(&Pool::new(threads)?), &text), alone);
    }
    Ok(())
}

/// The risk: handles in several threads have one pool, and are confused. The
/// clause: `sgz_pool_new`/Threads, any thread.
#[test]
fn several_threads_share_a_pool() -> Result<()> {
    let pool = Pool::new(3)?;
    thread::scope(|scope| {
        for seed in 1..5 {
            let pool = pool.clone();
            scope.spawn(move || {
                let text = text(seed * 50_000);
                let file = pack(&options(&pool), &text);
                let reader = options(&pool).open_slice(&file);
                let mut back = Vec::new();
                std::io::Read::read_to_end(
                    &mut reader.expect("opens"),
                    &mut back,
                )
                .expect("reads");
                assert!(back == text);
            });
        }
    });
    Ok(())
}

/// The risk: a worker frees or allocates by a meter that is gone. The clause:
/// `sgz_allocator.free`/Threads, and that its ctx outlives every block.
#[test]
fn a_meter_outlives_what_a_pool_is_at() -> Result<()> {
    let pool = Pool::new(4)?;
    let meter = Meter::new();
    let mut sink = Vec::new();
    let mut writer = options(&pool).meter(&meter).create_sink(&mut sink)?;
    writer.write_all(&text(200_000)).expect("writes");
    drop(writer);
    assert_eq!(meter.live(), 0);
    Ok(())
}

#[test]
fn a_panic_of_an_observer_comes_out_while_workers_run() -> Result<()> {
    let pool = Pool::new(4)?;
    let mut blocks = 0;
    let mut sink = Vec::new();
    let mut writer = options(&pool).create_sink(&mut sink)?;
    writer.observe(EventMask::BLOCK, |_| {
        blocks += 1;
        if blocks == 7 {
            panic_any("seven");
        }
        Continue(())
    })?;
    let text = text(400_000);
    let panic = catch_unwind(AssertUnwindSafe(|| writer.write_all(&text)));
    assert_eq!(panic_text(&*panic.unwrap_err()), "seven");
    assert!(writer.write_all(b"x").is_err());
    drop(writer);
    Ok(())
}

/// A callback that panics at its call number `calls`, and what it is given to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Callback {
    Source,
    Sink,
    ReaderObserver,
    WriterObserver,
}

/// The risk: a panic leaves workers with tasks of a handle that is gone, or
/// comes out twice, or never. The expectation: it comes out of the call, once,
/// and nothing is leaked, whatever workers are at.
#[test]
fn a_panic_of_a_callback_comes_out_once_while_workers_run() -> Result<()> {
    use Callback::{ReaderObserver, Sink, Source, WriterObserver};

    let text = text(400_000);
    let file = pack(&Options::new().block_size(5000), &text);
    for threads in [1, 2, 5] {
        for callback in [Source, Sink, ReaderObserver, WriterObserver] {
            for calls in [1, 3, 10] {
                let meter = Meter::new();
                let drops = Drops::default();
                let options = options(&Pool::new(threads)?)
                    .level(0)
                    .read_size(20_000)
                    .meter(&meter);
                let case = Case {
                    options: &options,
                    callback,
                    calls,
                    drops: &drops,
                };
                case.run(&file, &text);
                assert_eq!(meter.live(), 0, "{callback:?} {threads} {calls}");
                assert_eq!(drops.count(), 1, "{callback:?} {threads} {calls}");
            }
        }
    }
    Ok(())
}

struct Case<'a> {
    options: &'a Options,
    callback: Callback,
    calls: usize,
    drops: &'a Drops,
}

impl Case<'_> {
    fn run(&self, file: &[u8], text: &[u8]) {
        match self.callback {
            Callback::Source | Callback::ReaderObserver => self.read(file),
            Callback::Sink | Callback::WriterObserver => self.write(text),
        }
    }

    /// An observer that panics, and counts when it is dropped.
    fn watch(&self) -> impl FnMut(&Event<'_>) -> ControlFlow<i32> + use<> {
        let (mut left, guard) = (self.calls, self.drops.guard());
        move |_| {
            let _ = &guard;
            left -= 1;
            assert!(left > 0, "the probe panics");
            Continue(())
        }
    }

    fn probe<S>(&self, stream: S) -> Probe<S> {
        Probe::new(stream, self.drops, self.calls, Then::Panic)
    }

    fn read(&self, file: &[u8]) {
        let mut reader = if self.callback == Callback::Source {
            self.options.open_stream(self.probe(file)).expect("opens")
        } else {
            let mut reader = self.options.open_slice(file).expect("opens");
            reader
                .observe(EventMask::BLOCK, self.watch())
                .expect("is set");
            reader
        };
        let mut to = vec![0; 3000];
        panics_once(|| reader.read_bytes(&mut to).map(|len| len > 0));
    }

    fn write(&self, text: &[u8]) {
        let mut writer = if self.callback == Callback::Sink {
            let sink = self.probe(io::sink());
            self.options.create_sink(sink).expect("opens")
        } else {
            let sink = io::sink();
            let mut writer = self.options.create_sink(sink).expect("opens");
            writer
                .observe(EventMask::BLOCK, self.watch())
                .expect("is set");
            writer
        };
        panics_once(|| writer.write_bytes(text).map(|()| true));
    }
}

/// Calls until a panic comes out; later calls fail, without another one.
fn panics_once(mut call: impl FnMut() -> Result<bool>) {
    let panic = (0..1000).find_map(|_| {
        catch_unwind(AssertUnwindSafe(|| {
            assert!(call().expect("no failure before"), "no panic");
        }))
        .err()
    });
    let panic = panic.expect("a panic");
    assert_eq!(panic_text(&*panic), "the probe panics");
    // what was read ahead before is still there
    let failed = (0..1000).any(|_| {
        let again = catch_unwind(AssertUnwindSafe(|| call().is_err()));
        again.expect("no second panic")
    });
    assert!(failed);
}

/// The same of an observer that cancels.
#[test]
fn a_cancel_ends_the_call_while_workers_run() -> Result<()> {
    let text = text(400_000);
    let file = pack(&Options::new().block_size(5000), &text);
    for threads in [1, 2, 5] {
        for enough in [1, 3, 20] {
            let meter = Meter::new();
            let options = options(&Pool::new(threads)?).meter(&meter);
            let mut left = enough;
            let mut reader = options.open_slice(&file)?;
            reader.observe(EventMask::BLOCK, |_| {
                left -= 1;
                if left == 0 { Break(5) } else { Continue(()) }
            })?;
            let mut to = vec![0; text.len()];
            let error = reader.read_bytes(&mut to).err();
            let error = error.map_or_else(|| reader.read_bytes(&mut to), Err);
            assert_eq!(error.unwrap_err().status(), Status::Cancelled);
            drop(reader);
            assert_eq!(meter.live(), 0);
        }
    }
    Ok(())
}

#[test]
fn a_reader_and_a_writer_keep_their_pool() -> Result<()> {
    let mut buffer = Buffer::new();
    let mut writer = options(&Pool::new(3)?).create_buffer(&mut buffer)?;
    writer.write_all(&text(100_000)).expect("writes");
    writer.finish()?;
    let mut reader = Reader::new(&buffer)?;
    assert!(reader.read_bytes(&mut [0; 10])? == 10);
    Ok(())
}

/// The risk: bytes that were given away are freed while a worker is at them, or
/// twice, or never. The clause: `sgz_writer_write_owned`/Ownership.
#[test]
fn bytes_that_are_given_away_are_written_and_dropped() -> Result<()> {
    let text = text(50_000);
    for threads in [1, 3] {
        let mut file = Vec::new();
        let mut writer =
            options(&Pool::new(threads)?).create_sink(&mut file)?;
        for _ in 0..6 {
            writer.write_owned(text.clone())?;
        }
        writer.write_owned(Vec::new())?;
        writer.finish()?;
        let mut back = Vec::new();
        std::io::Read::read_to_end(&mut Reader::new(&file)?, &mut back)
            .expect("reads");
        assert!(back == text.repeat(6));
    }
    let mut sink = Vec::new();
    let mut writer = options(&Pool::new(3)?).create_sink(&mut sink)?;
    writer.write_owned(text)?;
    drop(writer); // and what it has goes with it
    Ok(())
}
