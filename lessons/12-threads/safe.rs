// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 12, threads: who calls back, and what two threads may share.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};

use sgz::{EventMask, Index, Options, Pool, Reader, SharedReader};

use super::prelude::*;

/// Wait until two threads are here, without any order in memory: it makes the
/// unlucky moment certain that a mistake needs to be seen.
fn meet(arrived: &AtomicUsize) {
    let before = arrived.fetch_add(1, Relaxed);
    while arrived.load(Relaxed) < (before | 1) + 1 {
        thread::yield_now();
    }
}

/// Which thread calls back: the one that this was made on, or another.
struct Told {
    home: ThreadId,
    here: AtomicBool,
    elsewhere: AtomicBool,
}

impl Told {
    fn new() -> Self {
        Self {
            home: thread::current().id(),
            here: AtomicBool::new(false),
            elsewhere: AtomicBool::new(false),
        }
    }

    fn tell(&self) -> ControlFlow<i32> {
        if thread::current().id() == self.home {
            self.here.store(true, Relaxed);
        } else {
            self.elsewhere.store(true, Relaxed);
        }
        ControlFlow::Continue(())
    }

    fn record(&self, rec: &mut Recorder) {
        rec.int("told here", self.here.load(Relaxed));
        rec.int("told elsewhere", self.elsewhere.load(Relaxed));
    }
}

/// Have every block of the file in the reader's cache.
fn fill_cache(reader: &SharedReader<'_>, index: &Index) -> sgz::Result<()> {
    for entry in index.entries() {
        reader.block_at(entry.offset)?;
    }
    Ok(())
}

fn read_page(
    task: &mut Recorder,
    reader: &SharedReader<'_>,
    index: Index,
    offset: u64,
) {
    let mut page = [0; 4096];
    task.int("block", index.locate(offset));
    drop(index);
    let read = reader.read_at(&mut page, offset);
    task.result("read", &read);
    task.bytes("page", &page[..read.unwrap_or(0)]);
}

thread_local! {
    /// The last failure, as many libraries keep it: each thread has its own.
    static LAST: RefCell<Option<sgz::Error>> = const { RefCell::new(None) };
}

/// Move on by 5 bytes, if the other thread is not at it.
fn try_skip(reader: &Mutex<Reader<'_>>) -> bool {
    let Ok(mut reader) = reader.try_lock() else {
        return false;
    };
    let at = reader.tell();
    reader.seek_to(at + 5).is_ok()
}

/// The status that C would return.
fn status(error: Option<&sgz::Error>) -> i32 {
    error.map_or(0, |error| error.status().code())
}

pub fn run(rec: &mut Recorder, input: &Input) {
    // Only memory can fail in what is not recorded; then the lesson ends.
    let _ = steps(rec, input.data());
}

fn steps(rec: &mut Recorder, data: &[u8]) -> sgz::Result<()> {
    const BLOCKS: EventMask = EventMask::BLOCK;

    rec.step("a pool");
    let told = Told::new();
    let pool = Pool::new(2);
    rec.result("new", &pool);
    let pool = pool?;
    let options = Options::new().pool(&pool).build_index(true);
    let mut writer = options.create("lesson.gz")?;
    writer.observe(BLOCKS, |_| told.tell())?;
    // some text of our own, for the file may be empty
    write!(writer, "what is compressed here: ")?;
    writer.write_bytes(data)?;
    let finished = writer.finish();
    rec.result("finish", &finished);
    told.record(rec);

    rec.step("a job");
    let told = Arc::new(Told::new());
    let progress = Arc::clone(&told);
    let job = pool.job().on_progress(move |_, _| progress.tell());
    rec.result("result", &job.check("lesson.gz")?.join());
    told.record(rec);
    drop((options, pool));

    rec.step("a shared index");
    let Some(index) = finished?.index else {
        return Ok(());
    };
    let options = Options::new().cache_size(2 << 20); // for all of it
    let reader = options.open("lesson.gz")?.into_shared(&index);
    rec.result("set", &reader);
    let reader = reader?;
    fill_cache(&reader, &index)?;
    let tasks = rec.tasks();
    thread::scope(|scope| {
        for (name, offset) in [
            ("the first page", 0),
            ("a page in the middle", data.len() as u64 / 2),
        ] {
            let (reader, index) = (&reader, index.clone());
            scope.spawn(move || {
                read_page(&mut tasks.begin(name), reader, index, offset);
            });
        }
    });
    drop((reader, index));

    rec.step("a last error");
    let arrived = AtomicUsize::new(0);
    let (errno, there) = thread::scope(|scope| {
        let failing = scope.spawn(|| {
            meet(&arrived);
            LAST.set(Reader::open("lesson.gz/none").err());
            meet(&arrived);
            LAST.take() // it may go to another thread
        });
        let opened = File::open("none");
        meet(&arrived); // only now it fails, too
        meet(&arrived);
        let errno = io::Error::last_os_error().raw_os_error();
        let there = failing.join().unwrap_or(None);
        (opened.err().and(errno), there)
    });
    rec.int("errno here", errno.unwrap_or(0));
    rec.status("last here", status(LAST.take().as_ref()));
    rec.status("last there", status(there.as_ref()));
    let errno = there.and_then(|error| error.os_error());
    rec.int("errno there", errno.unwrap_or(0));

    rec.step("by turns");
    rec.prevented("E0277: a Cell cannot be shared between threads");

    rec.step("one reader");
    let shared = Mutex::new(Reader::open("lesson.gz")?);
    let arrived = AtomicUsize::new(0);
    let waited = thread::scope(|scope| {
        let second = scope.spawn(|| {
            meet(&arrived); // the other one is in the middle of it
            let waited = !try_skip(&shared);
            meet(&arrived);
            while waited && !try_skip(&shared) {
                thread::yield_now();
            }
            waited
        });
        if let Ok(mut reader) = shared.lock() {
            let at = reader.tell();
            meet(&arrived); // now the other one tries it
            meet(&arrived);
            let _ = reader.seek_to(at + 5);
        }
        second.join().unwrap_or(false)
    });
    let reader = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    rec.int("position", reader.tell());
    rec.int("waited", waited);
    Ok(())
}
