// SPDX-License-Identifier: MIT OR Apache-2.0
//! Jobs: as futures, in each state, and what comes of panics.

mod common;

use std::fs;
use std::future::Future;
use std::io::Write;
use std::ops::ControlFlow::{Break, Continue};
use std::os::fd::AsRawFd;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use common::text;
use sgz::{Block, Index, Job, Meter, Options, Outcome, Pool, Result, Status};
use tempfile::TempDir;

#[path = "../examples/executor.rs"]
mod executor;

const LEN: usize = 50_000;

/// A folder with a plain file and a compressed one.
struct World {
    dir: TempDir,
    text: Vec<u8>,
    pool: Pool,
}

impl World {
    fn new(threads: u32) -> Self {
        let text = text(LEN);
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("plain"), &text).unwrap();
        let mut writer = Options::new()
            .block_size(7000)
            .create(dir.path().join("in.bgz"))
            .unwrap();
        writer.write_all(&text).unwrap();
        writer.finish().unwrap();
        let pool = Pool::new(threads).unwrap();
        Self { dir, text, pool }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A job that is running, and waits in its closure until the sender sends
    /// or goes.
    fn hold(&self) -> (Job<()>, Sender<()>) {
        let (gate, closed) = channel();
        let (job, begun) = self.hold_by(closed);
        begun.recv().unwrap();
        (job, gate)
    }

    fn hold_by(&self, closed: Receiver<()>) -> (Job<()>, Receiver<()>) {
        let (begin, begun) = channel();
        let mut first = true;
        let job = self.pool.job().options(&often()).on_progress(move |_, _| {
            if std::mem::take(&mut first) {
                let _ = begin.send(());
                let _ = closed.recv();
            }
            Continue(())
        });
        (job.check(self.path("in.bgz")).unwrap(), begun)
    }
}

fn often() -> Options {
    Options::new().progress_interval(1)
}

/// Wakes a thread, and counts.
struct Unpark(Thread, AtomicUsize);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.1.fetch_add(1, SeqCst);
        self.0.unpark();
    }
}

fn unpark() -> (Arc<Unpark>, Waker) {
    let unpark = Arc::new(Unpark(thread::current(), AtomicUsize::new(0)));
    (unpark.clone(), unpark.into())
}

fn block_on<F: Future>(future: F) -> F::Output {
    let (_, waker) = unpark();
    let mut future = pin!(future);
    loop {
        let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
        match polled {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

fn poll<T: Outcome>(job: &mut Job<T>, waker: &Waker) -> Poll<Result<T>> {
    Pin::new(job).poll(&mut Context::from_waker(waker))
}

#[test]
fn each_kind_gives_its_result() -> Result<()> {
    let world = World::new(2);
    let options = Options::new().pool(&world.pool);
    let job = world.pool.job().options(&options);
    block_on(job.compress(world.path("plain"), world.path("out"))?)?;
    block_on(world.pool.job().check(world.path("out"))?)?;
    let index: Index =
        block_on(world.pool.job().build_index(world.path("in.bgz"), true)?)?;
    assert_eq!(index.entries().len(), LEN.div_ceil(7000));
    for index in [None, Some(&index)] {
        let range = |offset, len| {
            let job = world.pool.job();
            block_on(job.range_by(world.path("in.bgz"), index, offset, len)?)
        };
        let block: Block = range(9000, 20_000)?.unwrap();
        assert_eq!(&block[..], &world.text[9000..29_000]);
        assert_eq!(block.offset(), 9000);
        assert!(range(LEN as u64, 1)?.is_none());
    }
    let missing = world.pool.job().check(world.path("missing"))?;
    assert_eq!(missing.join().unwrap_err().status(), Status::Io);
    Ok(())
}

#[test]
fn a_waker_is_replaced_and_the_last_one_is_woken() -> Result<()> {
    let world = World::new(1);
    let (mut job, gate) = world.hold();
    let (first, first_waker) = unpark();
    let (second, second_waker) = unpark();
    assert!(poll(&mut job, &first_waker).is_pending());
    assert!(poll(&mut job, &first_waker).is_pending());
    // another task polls it later
    assert!(poll(&mut job, &second_waker).is_pending());
    drop(gate);
    assert!(job.wait(Duration::MAX)?);
    assert_eq!(first.1.load(SeqCst), 0);
    assert_eq!(second.1.load(SeqCst), 1);
    let Poll::Ready(result) = poll(&mut job, &second_waker) else {
        panic!("it is done");
    };
    result?;
    // the waker is not kept
    drop(second_waker);
    assert_eq!(Arc::strong_count(&second), 1);
    Ok(())
}

#[test]
fn a_result_is_given_once() -> Result<()> {
    let world = World::new(1);
    let mut job = world.pool.job().range(world.path("in.bgz"), 0, 10)?;
    assert!(job.wait(Duration::MAX)?);
    assert!(block_on(&mut job)?.is_some());
    let again = block_on(&mut job).unwrap_err();
    assert_eq!(again.status(), Status::State);
    Ok(())
}

/// Each state by cancel and drop, and whether it was ever polled: 1,000 times.
#[test]
fn it_can_be_cancelled_and_dropped_in_each_state() -> Result<()> {
    let world = World::new(1);
    let rounds = if cfg!(debug_assertions) { 100 } else { 1000 };
    let rounds = std::env::var("SGZ_TEST_REPEAT")
        .map_or(rounds, |rounds| rounds.parse().unwrap());
    for round in 0..rounds {
        let (_, waker) = unpark();
        let (mut running, gate) = world.hold();
        let mut queued = world.pool.job().check(world.path("in.bgz"))?;
        if round % 2 == 0 {
            assert!(poll(&mut queued, &waker).is_pending());
            assert!(poll(&mut running, &waker).is_pending());
        }
        if round % 3 == 0 {
            queued.cancel();
            // although the only thread is at work
            let error = block_on(queued).unwrap_err();
            assert_eq!(error.status(), Status::Cancelled);
            running.cancel();
            drop(gate);
            let error = block_on(&mut running).unwrap_err();
            assert_eq!(error.status(), Status::Cancelled);
            running.cancel();
        } else {
            drop(queued);
            drop(running);
            drop(gate);
        }
    }
    // it races: whatever comes of it is one of two
    for _ in 0..rounds {
        let job = world.pool.job().range(world.path("in.bgz"), 0, LEN)?;
        thread::scope(|scope| {
            scope.spawn(|| job.cancel());
        });
        match block_on(job) {
            Ok(block) => assert_eq!(block.unwrap().len(), LEN),
            Err(error) => assert_eq!(error.status(), Status::Cancelled),
        }
    }
    Ok(())
}

#[test]
fn a_dropped_job_is_cancelled_and_a_detached_one_is_not() -> Result<()> {
    let world = World::new(1);
    let compress = |to| {
        let (job, gate) = world.hold();
        let next = world.pool.job();
        let next = next.compress(world.path("plain"), world.path(to));
        (job, gate, next)
    };
    let (first, gate, job) = compress("dropped");
    drop(job?);
    drop(gate);
    first.join()?;
    let (first, gate, job) = compress("detached");
    job?.detach();
    drop(gate);
    first.join()?;
    // this is behind it
    world.pool.job().check(world.path("in.bgz"))?.join()?;
    assert!(!world.path("dropped").exists());
    assert!(world.path("detached").exists());
    Ok(())
}

#[test]
fn a_job_keeps_its_pool_and_its_meter() -> Result<()> {
    let mut world = World::new(1);
    let meter = Meter::new();
    let options = often().meter(&meter);
    let job = world.pool.job().options(&options);
    let job = job.range(world.path("in.bgz"), 0, 10)?;
    world.pool = Pool::new(1)?;
    let block = job.join()?.unwrap();
    assert!(meter.live() >= 1);
    assert_eq!(&block[..], &world.text[..10]);
    drop(block);
    Ok(())
}

#[test]
fn a_closure_tells_progress_and_cancels() -> Result<()> {
    let world = World::new(1);
    let seen = Arc::new(Mutex::new(vec![]));
    let watch = {
        let seen = seen.clone();
        move |done, total| {
            seen.lock().unwrap().push((done, total));
            if done > 20_000 {
                Break(7)
            } else {
                Continue(())
            }
        }
    };
    let options = often().read_size(7000);
    let job = world.pool.job().options(&options).on_progress(watch);
    let job = job.compress(world.path("plain"), world.path("out"))?;
    let error = job.join().unwrap_err();
    assert_eq!(error.status(), Status::Cancelled);
    assert_eq!(error.os_error(), Some(7));
    assert!(!world.path("out").exists());
    let seen = seen.lock().unwrap();
    assert!(seen.iter().all(|(_, total)| *total == Some(LEN as u64)));
    assert!(seen.windows(2).all(|two| two[0].0 <= two[1].0));
    Ok(())
}

fn panicking(world: &World) -> Result<Job<()>> {
    let job = world.pool.job().options(&often());
    job.on_progress(|_, _| panic_any("in the closure"))
        .check(world.path("in.bgz"))
}

#[test]
fn a_panic_comes_out_of_the_future() -> Result<()> {
    let world = World::new(1);
    for _ in 0..2 {
        let job = panicking(&world)?;
        let caught = catch_unwind(AssertUnwindSafe(|| block_on(job)));
        let payload = caught.expect_err("it panicked");
        assert_eq!(payload.downcast_ref(), Some(&"in the closure"));
    }
    let job = panicking(&world)?;
    let caught = catch_unwind(AssertUnwindSafe(|| job.join()));
    assert!(caught.is_err());
    // the pool works on
    world.pool.job().check(world.path("in.bgz"))?.join()
}

/// A payload whose drop panics, and counts.
struct Bomb(Arc<AtomicUsize>);

impl Drop for Bomb {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
        panic_any("in the drop");
    }
}

#[test]
fn a_panic_that_nobody_awaits_is_dropped_safely() -> Result<()> {
    let dropped = Arc::new(AtomicUsize::new(0));
    for polled in [false, true] {
        let world = World::new(1);
        let bomb = Bomb(dropped.clone());
        let closure_bomb = Bomb(dropped.clone());
        let mut bomb = Some(bomb);
        // polled before it ends, or the panic would come out of the poll
        let (go, wait) = channel::<()>();
        let job = world.pool.job().on_progress(move |_, _| {
            let _ = &closure_bomb;
            let _ = wait.recv();
            match bomb.take() {
                Some(bomb) => panic_any(bomb),
                None => Continue(()),
            }
        });
        let mut job = job.check(world.path("in.bgz"))?;
        if polled {
            let (_, waker) = unpark();
            assert!(poll(&mut job, &waker).is_pending());
        }
        drop(go);
        while !job.is_done() {
            thread::yield_now();
        }
        // neither this nor the thread of the pool is unwound
        let caught = catch_unwind(AssertUnwindSafe(|| drop(job)));
        assert!(caught.is_ok());
    }
    assert_eq!(dropped.load(SeqCst), 4);
    Ok(())
}

#[test]
fn waiting_in_its_own_closure_is_refused() -> Result<()> {
    let world = World::new(1);
    let slot = Arc::new(Mutex::new(None::<Job<()>>));
    let (send, said) = channel();
    let (gate, set) = channel::<()>();
    let inside = slot.clone();
    let job = world.pool.job().on_progress(move |_, _| {
        let _ = set.recv();
        if let Some(job) = inside.lock().unwrap().take() {
            let _ = send.send((
                job.wait(Duration::MAX).map_err(|error| error.status()),
                job.fd().map(|_| ()).map_err(|error| error.status()),
                job.is_done(),
            ));
            // and the only handle goes
        }
        Continue(())
    });
    *slot.lock().unwrap() = Some(job.check(world.path("in.bgz"))?);
    drop(gate);
    let said = said.recv().unwrap();
    assert_eq!(said, (Err(Status::State), Err(Status::State), false));
    Ok(())
}

#[test]
fn a_descriptor_says_that_it_is_done() -> Result<()> {
    let world = World::new(1);
    let (job, gate) = world.hold();
    assert!(!job.wait(Duration::from_millis(2))?);
    assert!(!job.wait(Duration::ZERO)?);
    let fd = job.fd()?.as_raw_fd();
    assert_eq!(job.fd()?.as_raw_fd(), fd);
    drop(gate);
    assert!(job.wait(Duration::MAX)?);
    assert!(job.is_done());
    assert_eq!(format!("{job:?}"), "Job { is_done: true, .. }");
    job.join()
}

#[test]
fn the_example_of_a_bare_executor_runs() {
    let world = World::new(1);
    let files: Vec<PathBuf> = ["a", "b", "c"].map(|to| world.path(to)).into();
    for file in &files {
        fs::write(file, &world.text).unwrap();
    }
    executor::compress_all(&files).unwrap();
    for file in &files {
        assert!(file.with_extension("gz").exists());
    }
    let error = executor::compress_all(&[world.path("missing")]).unwrap_err();
    assert_eq!(error.status(), Status::Io);
}
