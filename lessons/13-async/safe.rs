// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 13, async: jobs that a pool does, and who is woken at their end.

use std::collections::VecDeque;
use std::fs;
use std::future::Future;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll, Wake};
use std::time::Duration;

use sgz::{Job, Outcome, Pool, Result};
use tokio::runtime::Builder;

use super::prelude::*;

const SAMPLE: usize = 100_000; // more than one block
const RANGE: usize = 100;

// --- An executor: it polls who was woken, and sleeps while nobody is. ---

/// The numbers of the tasks that were woken.
#[derive(Default)]
struct Queue(Mutex<VecDeque<usize>>, Condvar);

impl Queue {
    fn next(&self) -> usize {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(number) = turns.pop_front() {
                return number;
            }
            turns = self.1.wait(turns).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Wakes the task of this number. C's thread calls it.
struct Turn(usize, Arc<Queue>);

impl Wake for Turn {
    fn wake(self: Arc<Self>) {
        let Queue(turns, woken) = &*self.1;
        let mut turns = turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.push_back(self.0);
        woken.notify_one();
    }
}

type Task<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Runs all tasks to their ends, in this thread.
fn run_all<T>(tasks: Vec<Task<'_, T>>) -> Vec<T> {
    let queue = Arc::<Queue>::default();
    let mut results: Vec<Option<T>> = tasks.iter().map(|_| None).collect();
    let mut tasks: Vec<_> = tasks.into_iter().map(Some).collect();
    for number in 0..tasks.len() {
        Arc::new(Turn(number, queue.clone())).wake(); // each has one at first
    }
    while tasks.iter().any(Option::is_some) {
        let number = queue.next();
        let Some(task) = &mut tasks[number] else {
            continue; // it was woken once too often
        };
        let waker = Arc::new(Turn(number, queue.clone())).into();
        let polled = task.as_mut().poll(&mut Context::from_waker(&waker));
        if let Poll::Ready(result) = polled {
            results[number] = Some(result);
            tasks[number] = None;
        }
    }
    results.into_iter().flatten().collect()
}

// --- Jobs that are held at a gate. ---

/// What the closure of a job owns.
struct Inside(Arc<Gate>);

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.count_release();
    }
}

/// One that compresses "in", and is held.
fn submit(pool: &Pool, to: &str, gate: &Arc<Gate>) -> Result<Job<()>> {
    let inside = Inside(gate.clone());
    gate.close();
    let job = pool.job().on_progress(move |_, _| {
        let Inside(gate) = &inside; // so that all of it moves in
        gate.pass();
        ControlFlow::Continue(())
    });
    job.compress("in", to)
}

/// Two tasks: the one awaits the job, and then the other opens the gate.
fn open_and_run(job: &mut Job<()>, gate: &Gate) -> Result<()> {
    let open = async {
        gate.open();
        Ok(())
    };
    run_all(vec![Box::pin(job), Box::pin(open)]).swap_remove(0)
}

fn ask(job: &mut Job<()>, sleeper: &Arc<Sleeper>) -> Poll<Result<()>> {
    let waker = sleeper.clone().into();
    Pin::new(job).poll(&mut Context::from_waker(&waker))
}

/// The job's thread may still be waking us: it is to be out first.
fn let_go<T: Outcome>(job: Job<T>) {
    let _ = job.wait(Duration::MAX);
    drop(job);
}

fn size(path: &str) -> i64 {
    fs::metadata(path).map_or(-1, |file| file.len().try_into().unwrap_or(-1))
}

pub fn run(rec: &mut Recorder, input: &Input) {
    // Only memory can fail in what is not recorded; then the lesson ends.
    let _ = steps(rec, input.data());
}

fn steps(rec: &mut Recorder, data: &[u8]) -> Result<()> {
    let gate = Arc::<Gate>::default();
    fs::write("in", &data[..data.len().min(SAMPLE)])?;

    rec.step("a job");
    let pool = Pool::new(1)?;
    let job = pool.job().compress("in", "out.gz");
    rec.result("submit", &job);
    // here we could do something else; we sleep, for as long as it takes
    rec.result("result", &job?.join());
    rec.int("bytes", size("out.gz"));

    rec.step("an event loop");
    let runtime = Builder::new_current_thread().build()?;
    let ended = runtime.block_on(async {
        let mut tasks = vec![];
        for at in [0, 100, 200] {
            let mut job = pool.job().range("out.gz", at, RANGE)?;
            tasks.push(tokio::spawn(async { ((&mut job).await, job) }));
        }
        let mut ended = vec![];
        for task in tasks {
            ended.extend(task.await);
        }
        Result::Ok(ended)
    })?;
    for (block, job) in ended {
        rec.result("result", &block);
        let block = block.ok().flatten(); // none: the file has ended before
        rec.bytes("range", block.as_deref().unwrap_or(&[]));
        let_go(job);
    }

    rec.step("woken by C's thread");
    let mut job = submit(&pool, "woken.gz", &gate)?;
    rec.result("result", &open_and_run(&mut job, &gate));
    rec.int("bytes", size("woken.gz"));
    let_go(job);

    rec.step("asked too early");
    let mut job = submit(&pool, "asked.gz", &gate)?;
    let (early, late) = (Sleeper::new(), Sleeper::new());
    rec.int("ready at first", ask(&mut job, &early).is_ready());
    rec.int("ready again", ask(&mut job, &late).is_ready());
    gate.open();
    late.sleep(); // only who asked last is woken
    rec.result("result", &block_on(&mut job));
    rec.int("wakes", early.wakes() + late.wakes());
    let_go(job);

    rec.step("cancelled before it begins");
    let mut other = submit(&pool, "held.gz", &gate)?;
    let mut job = submit(&pool, "none.gz", &gate)?; // of one thread: it waits
    job.cancel(); // so it is ready at once
    rec.result("result", &block_on(&mut job));
    let_go(job);
    rec.result("the other", &open_and_run(&mut other, &gate));
    let_go(other);

    rec.step("cancelled while it runs");
    let mut job = submit(&pool, "none.gz", &gate)?;
    gate.wait();
    job.cancel(); // does not wait
    rec.int("done", job.is_done());
    rec.result("result", &open_and_run(&mut job, &gate));
    rec.int("bytes", size("none.gz"));
    let_go(job);

    rec.step("cancelled when it is done");
    let mut job = submit(&pool, "done.gz", &gate)?;
    let result = open_and_run(&mut job, &gate);
    job.cancel(); // too late, and harmless
    rec.result("result", &result);
    job.wait(Duration::MAX)?;
    drop(job); // it is done, and its thread is out

    rec.step("dropped while it runs");
    let before = gate.released();
    let job = submit(&pool, "dropped.gz", &gate)?;
    gate.wait();
    drop(job); // cancels it; its closure stays until C lets go
    rec.int("released at once", gate.released() - before);
    gate.open_until_released(before);
    rec.int("released in the end", gate.released() - before);
    rec.int("bytes", size("dropped.gz"));

    rec.step("never asked");
    let before = gate.released();
    submit(&pool, "never.gz", &gate)?.detach(); // it runs all the same
    gate.open_until_released(before);
    rec.int("bytes", size("never.gz"));

    rec.step("a context on the stack");
    rec.prevented("E0373, the closure may outlive what it borrows");

    rec.step("the pool ends");
    drop(pool);
    rec.int("released", gate.released());
    Ok(())
}
