// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 12, threads: who calls back, and what two threads may share.
//!
//! The lock, the file, and the callbacks that only record are in
//! `lanes/raw/threads.rs`.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io;
use std::ptr::{null, null_mut};
use std::sync::atomic::AtomicUsize;
use std::thread;

use super::prelude::*;
use super::sys::*;

/// A reader and its index, for any number of threads at the same time.
struct AtOffsets {
    reader: *mut sgz_reader,
    index: *mut sgz_index,
}

// SAFETY: sgz_reader_read_at/Threads: any thread, several at the same time.
// sgz_index_locate/Threads, sgz_index_ref/Threads: any thread, at any time.
unsafe impl Sync for AtOffsets {}

impl AtOffsets {
    fn page(&self, task: &mut Recorder, offset: u64) {
        let (mut data, mut got) = ([0_u8; 4096], 0);
        let (page, len, no_err) = (data.as_mut_ptr(), data.len(), null_mut());
        // SAFETY: sgz_index_ref/Ownership: one reference is this thread's.
        // sgz_reader_read_at/Ownership: data is borrowed for the call.
        // /Threads: the reader is open until both threads have ended.
        let rc = unsafe {
            let index = sgz_index_ref(self.index);
            task.int("block", sgz_index_locate(index, offset));
            sgz_index_unref(index);
            let (reader, page) = (self.reader, page.cast());
            sgz_reader_read_at(reader, offset, page, len, &mut got, no_err)
        };
        task.status("read", rc.0);
        task.bytes("page", &data[..got]);
    }
}

thread_local! {
    /// The last failure, as many libraries keep it: each thread has its own.
    static LAST: RefCell<sgz_error> = const { RefCell::new(error_init()) };
}

/// An observer for one thread after the other: nothing guards its ctx.
struct ByTurns(sgz_observer);

// SAFETY: sgz_observer.event/Threads: it is called by the thread that reads.
// Here a join stands between the two that do.
unsafe impl Sync for ByTurns {}

impl ByTurns {
    fn read(&self) {
        // SAFETY: read_under/Safety: ctx is alive, and it is our turn.
        unsafe { read_under(&self.0) };
    }
}

/// One reader for two threads, of which one at a time may use it.
struct OneAtATime {
    lock: Lock,
    reader: *mut sgz_reader,
    arrived: AtomicUsize,
}

// SAFETY: sgz_reader_open/Threads: only one at a time may use the reader: the
// thread that holds the lock.
unsafe impl Sync for OneAtATime {}

impl OneAtATime {
    /// Move on by 5 bytes; for the thread that holds the lock.
    fn skip(&self, in_the_middle: impl FnOnce()) {
        // SAFETY: sgz_reader_tell/Threads, sgz_reader_seek/Threads: the lock.
        unsafe {
            let at = sgz_reader_tell(self.reader);
            in_the_middle();
            let _ = sgz_reader_seek(self.reader, at + 5, null_mut());
        }
    }

    /// The same, if the other thread is not at it.
    fn try_skip(&self) -> bool {
        let Some(_locked) = self.lock.try_lock() else { return false };
        self.skip(|| ());
        true
    }
}

pub fn run(rec: &mut Recorder, input: &Input) {
    let (path, no_err) = (c"lesson.gz".as_ptr(), null_mut());
    let (mut pool, mut job, mut reader) = (null_mut(), null_mut(), null_mut());
    let (mut options, mut state) = (options_init(), sgz_job_state(0));

    rec.step("a pool");
    let told = Told::new();
    // SAFETY: sgz_pool_new/Ownership: the reference is ours. write_file/Safety:
    // told outlives the call. sgz_observer.event/Threads: it is called here.
    let index = unsafe {
        rec.status("new", sgz_pool_new(2, 2, null(), &mut pool, no_err).0);
        let (rc, index) = write_file(pool, &told.observer(), input.data());
        rec.status("finish", rc.0);
        index
    };
    told.record(rec);

    rec.step("a job");
    let told = Told::new();
    let calls = told.callbacks();
    // SAFETY: sgz_job_submit_check/Lifetime: told outlives the job.
    // sgz_job_callbacks.progress/Threads: it is called elsewhere, and told is
    // Sync. sgz_pool_unref/Ownership: our reference is the last one.
    unsafe {
        let options = null();
        let _ =
            sgz_job_submit_check(pool, path, options, &calls, &mut job, no_err);
        let _ = sgz_job_wait(job, -1, &mut state, no_err);
        rec.status("result", sgz_job_get_result(job, no_err).0);
        sgz_job_unref(job);
        told.record(rec);
        sgz_pool_unref(pool);
    }

    rec.step("a shared index");
    options.cache_size = 2 << 20; // for all of it
    // SAFETY: sgz_reader_set_index/Ownership: it takes a reference.
    // fill_cache/Safety: both are alive.
    let shared = unsafe {
        let _ = sgz_reader_open(path, &options, &mut reader, no_err);
        rec.status("set", sgz_reader_set_index(reader, index, no_err).0);
        fill_cache(reader, index);
        &AtOffsets { reader, index }
    };
    let tasks = rec.tasks();
    thread::scope(|scope| {
        let read = |name, offset| {
            scope.spawn(move || shared.page(&mut tasks.begin(name), offset))
        };
        let first = read("the first page", 0);
        let middle = read("a page in the middle", input.data().len() as u64 / 2);
        let _ = (first.join(), middle.join());
    });
    // SAFETY: sgz_reader_close/Threads: the other threads have ended.
    // sgz_index_unref/Ownership: the writer's reference, which was ours.
    unsafe {
        sgz_reader_close(reader);
        sgz_index_unref(index);
    }

    rec.step("a last error");
    let arrived = &AtomicUsize::new(0);
    thread::scope(|scope| {
        let failing = scope.spawn(|| {
            meet(arrived);
            LAST.with_borrow_mut(|last| {
                open_and_close(c"lesson.gz/none", last);
            });
            meet(arrived);
            LAST.with_borrow(|last| *last) // a copy may go to another thread
        });
        let opened = File::open("none");
        meet(arrived); // only now it fails, too
        meet(arrived);
        let errno = io::Error::last_os_error().raw_os_error();
        rec.int("errno here", opened.err().and(errno).unwrap_or(0));
        let there = failing.join().unwrap_or(error_init());
        rec.status("last here", LAST.with_borrow(|last| last.status.0));
        rec.status("last there", there.status.0);
        rec.int("errno there", there.sys_errno);
    });

    rec.step("by turns");
    let offset = Cell::new(0_u64);
    let observer = &ByTurns(offset_keeper(&offset));
    thread::scope(|scope| {
        let other = scope.spawn(|| observer.read());
        let _ = other.join(); // it has ended: now it is our turn
        observer.read();
    });
    rec.int("last offset", offset.get());

    rec.step("one reader");
    // SAFETY: sgz_reader_open/Ownership: it is ours, closed below.
    let _ = unsafe { sgz_reader_open(path, null(), &mut reader, no_err) };
    let (lock, arrived) = (Lock::new(), AtomicUsize::new(0));
    let shared = &OneAtATime {
        lock,
        reader,
        arrived,
    };
    let waited = thread::scope(|scope| {
        let second = scope.spawn(|| {
            meet(&shared.arrived); // the other one is in the middle of it
            let waited = !shared.try_skip();
            meet(&shared.arrived);
            while waited && !shared.try_skip() {
                thread::yield_now();
            }
            waited
        });
        let locked = shared.lock.lock();
        shared.skip(|| {
            meet(&shared.arrived); // now the other one tries it
            meet(&shared.arrived);
        });
        drop(locked);
        second.join().unwrap_or(false)
    });
    // SAFETY: sgz_reader_tell/Threads, sgz_reader_close/Threads: the other
    // thread has ended.
    unsafe {
        rec.int("position", sgz_reader_tell(reader));
        rec.int("waited", waited);
        sgz_reader_close(reader);
    }
}
