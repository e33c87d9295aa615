// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compress files and check them, several at a time, on an executor that needs
//! the standard library alone.
//!
//! `cargo run -p sgz --example executor -- FILE...`
//!
//! The work is done by the threads of the pool. The executor only asks who is
//! done, and sleeps while nobody is.

use std::env;
use std::path::Path;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Poll, Wake};

use sgz::{Options, Pool, Result};

/// A task by its number; to wake it is to put the number in the queue.
struct Turn(usize, Sender<usize>);

impl Wake for Turn {
    fn wake(self: Arc<Self>) {
        let _ = self.1.send(self.0); // nobody is left who would poll it
    }
}

type Task<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Runs all tasks to their ends, in this thread.
pub fn run_all<T>(tasks: Vec<Task<'_, T>>) -> Vec<T> {
    let (queue, turns) = channel();
    let mut results: Vec<Option<T>> = tasks.iter().map(|_| None).collect();
    let mut tasks: Vec<_> = tasks.into_iter().map(Some).collect();
    for number in 0..tasks.len() {
        Arc::new(Turn(number, queue.clone())).wake();
    }
    while tasks.iter().any(Option::is_some) {
        let number = turns.recv().expect("the queue has a sender here");
        let Some(task) = &mut tasks[number] else {
            continue;
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

/// Compresses `file` to `file.gz`, and reads that back.
async fn compress(pool: &Pool, file: &Path) -> Result<()> {
    let mut to = file.as_os_str().to_owned();
    to.push(".gz");
    let options = Options::new().pool(pool);
    pool.job().options(&options).compress(file, &to)?.await?;
    pool.job().options(&options).check(&to)?.await
}

/// Does so with all `files` at once; the first failure, if there is one.
pub fn compress_all(files: &[impl AsRef<Path>]) -> Result<()> {
    let pool = Pool::new(0)?;
    let tasks = files.iter().map(|file| {
        let task: Task<'_, _> = Box::pin(compress(&pool, file.as_ref()));
        task
    });
    run_all(tasks.collect()).into_iter().collect()
}

#[allow(dead_code)] // a test runs compress_all() alone
fn main() -> ExitCode {
    let files: Vec<String> = env::args().skip(1).collect();
    match compress_all(&files) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
