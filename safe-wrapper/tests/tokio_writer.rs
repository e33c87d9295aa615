// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files that tokio writes: the bytes of a blocking writer, whatever the sink does.
#![cfg(feature = "tokio")]

mod common;

use std::error::Error as _;
use std::ffi::CStr;
use std::future::Future;
use std::io::{self, ErrorKind, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use common::{pack, text};
use sgz::{
    AsyncWriter, BlockCodec, Codec, CodecError, Decode, Encode, Error, Format,
    Levels, Meter, Options, Pool, Reader, Status,
};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};

/// More than two of the parts that a job compresses.
const LONG: usize = 2_200_000;

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn fast() -> Options {
    Options::new().level(1)
}

/// What a sink does once it has `room` bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mood {
    Fails,
    TakesNothing,
    NeverReady,
    Panics,
}

/// A sink that takes `most` bytes at a time, and, if it is slow, every other
/// time.
struct Sink {
    bytes: Vec<u8>,
    most: usize,
    slow: bool,
    ready: bool,
    room: usize,
    mood: Mood,
    flushes: usize,
    shutdowns: usize,
}

impl Sink {
    fn new(room: usize, mood: Mood) -> Self {
        Self {
            bytes: vec![],
            most: usize::MAX,
            slow: false,
            ready: false,
            room,
            mood,
            flushes: 0,
            shutdowns: 0,
        }
    }

    fn slow(most: usize) -> Self {
        Self {
            most,
            slow: true,
            ..Self::new(usize::MAX, Mood::Fails)
        }
    }

    fn wait(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.ready = !self.ready || !self.slow;
        if self.ready {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl AsyncWrite for Sink {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let room = self.room - self.bytes.len();
        if room == 0 {
            return match self.mood {
                Mood::Fails => Poll::Ready(Err(io::Error::new(
                    ErrorKind::StorageFull,
                    "the sink is full",
                ))),
                Mood::TakesNothing => Poll::Ready(Ok(0)),
                Mood::NeverReady => Poll::Pending,
                Mood::Panics => panic!("in the sink"),
            };
        }
        if self.wait(context).is_pending() {
            return Poll::Pending;
        }
        let len = bytes.len().min(self.most).min(room);
        self.bytes.extend_from_slice(&bytes[..len]);
        Poll::Ready(Ok(len))
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        if self.wait(context).is_pending() {
            return Poll::Pending;
        }
        self.flushes += 1;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        if self.wait(context).is_pending() {
            return Poll::Pending;
        }
        self.shutdowns += 1;
        Poll::Ready(Ok(()))
    }
}

/// Polls `future` once, and drops it.
fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    let mut context = Context::from_waker(Waker::noop());
    pin!(future).poll(&mut context)
}

/// Waits until the only thread for jobs has done all jobs.
fn settle(pool: &Pool) {
    let job = pool.job().compress_memory(&[], false).unwrap();
    job.join().unwrap();
}

/// What a writer makes of `data`, if it gets `step` bytes at a time.
fn write(
    pool: &Pool,
    options: &Options,
    data: &[u8],
    step: usize,
) -> io::Result<Vec<u8>> {
    let mut writer = AsyncWriter::new(vec![], pool, options)?;
    runtime().block_on(async {
        for part in data.chunks(step) {
            writer.write_all(part).await?;
        }
        writer.shutdown().await
    })?;
    Ok(writer.into_inner())
}

#[test]
fn it_writes_what_a_blocking_writer_writes() -> io::Result<()> {
    let pool = Pool::new(2)?;
    let codec = Codec::load("zlib")?;
    let data = text(LONG);
    for (options, lens) in [
        (fast(), &[0, 1, 65_279, 65_280, 65_281, LONG][..]),
        (fast().pool(&pool), &[16 * 65_280, 16 * 65_280 + 1, LONG]),
        (fast().block_size(1000), &[1000, 1_048_000, 1_049_001]),
        (Options::new().level(0).build_index(true), &[LONG]),
        (fast().codec(&codec), &[70_000]),
    ] {
        for &len in lens {
            let data = &data[..len];
            let wanted = pack(&options, data);
            for step in [100_000, usize::MAX] {
                let file = write(&pool, &options, data, step)?;
                assert!(file == wanted, "{len} bytes, {step} at a time");
            }
        }
    }
    // one byte at a time
    let data = &data[..70_000];
    assert!(write(&pool, &fast(), data, 1)? == pack(&fast(), data));
    Ok(())
}

#[test]
fn bytes_that_do_not_shrink_are_written_alike() -> io::Result<()> {
    let mut state = 1_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 56) as u8
    })
    .take(200_000)
    .collect();
    let pool = Pool::new(1)?;
    let [_, _, most] = sgz::block_sizes();
    for options in [fast(), fast().block_size(most)] {
        let file = write(&pool, &options, &noise, usize::MAX)?;
        assert!(file == pack(&options, &noise));
    }
    Ok(())
}

#[test]
fn a_flush_ends_a_block_and_writes_all() -> io::Result<()> {
    let pool = Pool::new(1)?;
    let data = text(1_500_000);
    let mut wanted = vec![];
    let mut blocking = fast().create_sink(&mut wanted)?;
    let mut writer = AsyncWriter::new(Sink::slow(50_000), &pool, &fast())?;
    runtime().block_on(async {
        let mut at = 0;
        for len in [0, 1, 10, 0, 65_280, 1_200_000, 0] {
            blocking.write_all(&data[at..at + len])?;
            blocking.flush()?;
            writer.write_all(&data[at..at + len]).await?;
            writer.flush().await?;
            at += len;
            // all of it can be read already
            let mut read = vec![];
            let options = Options::new().allow_no_eof(true);
            let file = &writer.get_ref().bytes;
            if at > 0 {
                options.open_slice(file)?.read_to_end(&mut read)?;
            }
            assert!(read == data[..at]);
        }
        blocking.finish()?;
        writer.shutdown().await
    })?;
    let sink = writer.into_inner();
    assert!(sink.bytes == wanted);
    assert_eq!((sink.flushes, sink.shutdowns), (7, 1));
    Ok(())
}

#[test]
fn a_slow_sink_gets_all() -> io::Result<()> {
    let pool = Pool::new(1)?;
    for (len, most) in [(3000, 1), (LONG, 10_000)] {
        let data = text(len);
        let mut writer = AsyncWriter::new(Sink::slow(most), &pool, &fast())?;
        runtime().block_on(async {
            writer.write_all(&data).await?;
            writer.shutdown().await
        })?;
        assert!(writer.into_inner().bytes == pack(&fast(), &data));
    }
    Ok(())
}

#[test]
fn several_tasks_write_files_with_one_thread() -> io::Result<()> {
    let pool = Pool::new(1)?;
    let data = text(LONG);
    let wanted = pack(&fast(), &data);
    runtime().block_on(async {
        let tasks: Vec<_> = (0..3)
            .map(|_| {
                let (pool, data) = (pool.clone(), data.clone());
                tokio::spawn(async move {
                    let mut writer = AsyncWriter::new(vec![], &pool, &fast())?;
                    writer.write_all(&data).await?;
                    writer.shutdown().await?;
                    io::Result::Ok(writer.into_inner())
                })
            })
            .collect();
        for task in tasks {
            assert!(task.await?? == wanted);
        }
        Ok(())
    })
}

/// What each call of `writer` says.
fn each_call(writer: &mut AsyncWriter<Sink>) -> [Option<io::Result<()>>; 3] {
    let ready = |poll| match poll {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    };
    [
        ready(poll_once(writer.write(b"x")).map_ok(|_| ())),
        ready(poll_once(writer.flush())),
        ready(poll_once(writer.shutdown())),
    ]
}

#[test]
fn a_failure_of_the_sink_is_reported_again_and_again() -> io::Result<()> {
    let pool = Pool::new(1)?;
    let data = text(LONG);
    // in the first part, in the second one, in the marker
    let len = pack(&fast(), &data).len();
    for room in [0, 100, len / 2 + 10, len - 5] {
        for (mood, kind) in [
            (Mood::Fails, ErrorKind::StorageFull),
            (Mood::TakesNothing, ErrorKind::WriteZero),
        ] {
            let sink = Sink::new(room, mood);
            let mut writer = AsyncWriter::new(sink, &pool, &fast())?;
            let failed: io::Result<()> = runtime().block_on(async {
                writer.write_all(&data).await?;
                writer.shutdown().await
            });
            let text = failed.as_ref().unwrap_err().to_string();
            let again = each_call(&mut writer);
            for result in [Some(failed)].into_iter().chain(again) {
                let error = result.unwrap().unwrap_err();
                assert_eq!(error.kind(), kind);
                assert_eq!(error.to_string(), text);
                let error = Error::from(error);
                assert_eq!(error.status(), Status::Io);
                let source = error.source().unwrap();
                let source = source.downcast_ref::<io::Error>().unwrap();
                assert_eq!(source.kind(), kind);
            }
            assert_eq!(writer.get_ref().bytes.len(), room);
            assert_eq!(writer.get_mut().shutdowns, 0);
        }
    }
    settle(&pool);
    Ok(())
}

/// A codec that packs nothing.
struct Lazy;

impl BlockCodec for Lazy {
    const NAME: &'static CStr = c"lazy";
    const VERSION: &'static CStr = c"1";
    const LEVELS: Levels = Levels {
        least: 1,
        most: 1,
        default: 1,
    };
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(_: i32) -> Result<Self, CodecError> {
        Ok(Self)
    }

    fn decoder() -> Result<Self, CodecError> {
        Ok(Self)
    }
}

impl Encode for Lazy {
    fn compress(
        &mut self,
        _: &[u8],
        _: &mut [u8],
    ) -> Result<usize, CodecError> {
        Err(CodecError::Broken)
    }
}

impl Decode for Lazy {
    fn decompress(
        &mut self,
        _: &[u8],
        _: &mut [u8],
    ) -> Result<usize, CodecError> {
        Err(CodecError::Broken)
    }
}

#[test]
fn a_failure_of_the_job_is_the_writers() -> io::Result<()> {
    let pool = Pool::new(1)?;
    let options = fast().codec(&Codec::new::<Lazy>()?);
    let sink = Sink::new(usize::MAX, Mood::Fails);
    let mut writer = AsyncWriter::new(sink, &pool, &options)?;
    let failed = runtime().block_on(async {
        writer.write_all(b"some").await?;
        writer.flush().await
    });
    let again = each_call(&mut writer);
    for result in [Some(failed)].into_iter().chain(again) {
        let error = Error::from(result.unwrap().unwrap_err());
        assert_eq!(error.status(), Status::Callback);
        assert!(error.to_string().contains("lazy"), "{error}");
    }
    Ok(())
}

#[test]
fn what_it_cannot_write_is_refused_at_once() -> io::Result<()> {
    let pool = Pool::new(1)?;
    for (options, status) in [
        (Options::new().format(Format::Gzip), Status::Unsupported),
        (Options::new().level(99), Status::Invalid),
        (Options::new().block_size(0), Status::Invalid),
    ] {
        let opened = AsyncWriter::<Vec<u8>>::new(vec![], &pool, &options);
        assert_eq!(opened.unwrap_err().status(), status);
    }
    Ok(())
}

#[test]
fn after_a_panic_of_the_sink_it_is_broken() -> io::Result<()> {
    let pool = Pool::new(1)?;
    for room in [0, 100] {
        let sink = Sink::new(room, Mood::Panics);
        let mut writer = AsyncWriter::new(sink, &pool, &fast())?;
        let caught = catch_unwind(AssertUnwindSafe(|| {
            runtime().block_on(async {
                writer.write_all(&text(LONG)).await?;
                writer.shutdown().await
            })
        }));
        let payload = caught.expect_err("it panicked");
        assert_eq!(payload.downcast_ref(), Some(&"in the sink"));
        for result in each_call(&mut writer) {
            let error = Error::from(result.unwrap().unwrap_err());
            assert_eq!(error.status(), Status::State);
        }
    }
    settle(&pool);
    Ok(())
}

#[test]
fn a_sink_that_is_never_ready_holds_up_nobody_else() -> io::Result<()> {
    let pool = Pool::new(1)?;
    let sink = Sink::new(0, Mood::NeverReady);
    let mut writer = AsyncWriter::new(sink, &pool, &fast())?;
    let data = text(3_300_000);
    let mut taken = 0;
    for _ in 0..20 {
        if let Poll::Ready(len) = poll_once(writer.write(&data[taken..])) {
            taken += len?;
        }
        settle(&pool);
    }
    // one part is being written, one is packed, one waits: no more is accepted
    assert_eq!(taken, 3 * 16 * 65_280);
    assert!(poll_once(writer.flush()).is_pending());
    assert!(poll_once(writer.shutdown()).is_pending());
    // a future that did not complete accepted nothing: all goes on
    writer.get_mut().room = usize::MAX;
    runtime().block_on(async {
        writer.write_all(&data[taken..]).await?;
        writer.shutdown().await
    })?;
    assert!(writer.into_inner().bytes == pack(&fast(), &data));
    Ok(())
}

/// Each call is dropped the first time that it has to wait, as by a timeout.
#[test]
fn futures_that_are_dropped_lose_nothing() -> io::Result<()> {
    let pool = Pool::new(1)?;
    let data = text(300_000);
    let mut writer = AsyncWriter::new(Sink::slow(20_000), &pool, &fast())?;
    for (number, part) in data.chunks(60_000).enumerate() {
        let mut at = 0;
        while at < part.len() {
            if let Poll::Ready(len) = poll_once(writer.write(&part[at..])) {
                at += len?;
            }
        }
        if number % 2 == 0 {
            let _ = poll_once(writer.flush());
        } else {
            while poll_once(writer.flush()).is_pending() {
                settle(&pool);
            }
        }
    }
    while poll_once(writer.shutdown()).is_pending() {
        settle(&pool);
    }
    let file = writer.into_inner().bytes;
    let mut read = vec![];
    Reader::new(&file)?.read_to_end(&mut read)?;
    assert!(read == data);
    Ok(())
}

#[test]
fn it_is_over_after_a_shutdown() -> io::Result<()> {
    let pool = Pool::new(1)?;
    let sink = Sink::new(usize::MAX, Mood::Fails);
    let mut writer = AsyncWriter::new(sink, &pool, &fast())?;
    runtime().block_on(async {
        writer.write_all(b"some").await?;
        writer.shutdown().await?;
        for bytes in [&b"more"[..], b""] {
            let error = writer.write(bytes).await.unwrap_err();
            assert_eq!(Error::from(error).status(), Status::State);
        }
        writer.flush().await?;
        writer.shutdown().await
    })?;
    let sink = writer.into_inner();
    assert!(sink.bytes == pack(&fast(), b"some"));
    assert_eq!(sink.shutdowns, 1);
    Ok(())
}

/// How far a writer comes before it is dropped.
#[derive(Clone, Copy, Debug)]
enum State {
    New,
    Taken,
    Queued,
    AtWork,
    Packed,
    HalfWritten,
    Ending,
    Failed,
    Over,
}

/// Brings `writer` to `state`, and drops it. The pool has one thread for jobs.
fn drop_in(state: State, pool: &Pool, options: &Options) {
    let data = text(1_100_000);
    let (room, mood) = match state {
        State::HalfWritten => (1000, Mood::NeverReady),
        State::Failed => (1000, Mood::Fails),
        State::Over => (usize::MAX, Mood::Fails),
        _ => (0, Mood::NeverReady),
    };
    let sink = Sink::new(room, mood);
    let mut writer = AsyncWriter::new(sink, pool, options).unwrap();
    if matches!(state, State::New) {
        return;
    }
    if matches!(state, State::Taken) {
        assert!(poll_once(writer.write(&data)).is_ready());
        return;
    }
    if matches!(state, State::Over) {
        runtime().block_on(writer.write_all(&data)).unwrap();
        runtime().block_on(writer.shutdown()).unwrap();
        return;
    }
    // behind this one, which waits for a pipe, the writer's job is queued
    let (gate, closed) = std::sync::mpsc::channel::<()>();
    let blocker = matches!(state, State::Queued).then(|| {
        let job = pool.job().on_progress(move |_, _| {
            let _ = closed.recv();
            std::ops::ControlFlow::Continue(())
        });
        job.compress_memory(b"x", true).unwrap()
    });
    assert!(poll_once(writer.write_all(&data)).is_ready());
    if matches!(state, State::Ending) {
        assert!(poll_once(writer.shutdown()).is_pending());
    } else {
        // If the job has ended already, the sink has failed already.
        let polled = poll_once(writer.flush());
        assert!(polled.is_pending() || matches!(state, State::Failed));
    }
    if matches!(state, State::Queued | State::AtWork) {
        drop(writer);
        drop(gate);
        if let Some(blocker) = blocker {
            blocker.join().unwrap();
        }
        return;
    }
    settle(pool);
    let polled = poll_once(writer.flush());
    assert_eq!(polled.is_ready(), matches!(state, State::Failed));
}

#[test]
fn it_can_be_dropped_in_each_state() -> io::Result<()> {
    use State::{
        AtWork, Ending, Failed, HalfWritten, New, Over, Packed, Queued, Taken,
    };

    let pool = Pool::new(1)?;
    let meter = Meter::new();
    let options = fast().meter(&meter).pool(&pool);
    for state in [
        New,
        Taken,
        Queued,
        AtWork,
        Packed,
        HalfWritten,
        Ending,
        Failed,
        Over,
    ] {
        for _ in 0..3 {
            drop_in(state, &pool, &options);
            // its job has ended, and all is free
            settle(&pool);
            assert_eq!(meter.live(), 0, "{state:?}");
        }
    }
    Ok(())
}
