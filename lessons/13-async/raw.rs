// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 13, async: jobs that a pool does, and who is woken at their end.
//!
//! What holds a job's handle is in `lanes/raw/job.rs`; the gate, and what runs
//! a future, in `lanes/raw/gate.rs`.

use core::ffi::{c_int, c_void};
use std::future::poll_fn;
use std::pin::Pin;
use std::ptr::{null, null_mut};
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};
use std::{fs, slice};

use super::prelude::*;
use super::sys::*;

const SAMPLE: usize = 100_000; // more than one block
const RANGE: u64 = 100;

/// C's thread wakes who has asked: the waker is where ctx points to.
unsafe extern "C" fn complete(ctx: *mut c_void, _: sgz_status) {
    // SAFETY: sgz_job_callbacks.complete/Ownership: it is borrowed for the
    // call, and C's reference to it is not released yet.
    let shared = unsafe { &*ctx.cast::<Shared>() };
    let mut slot = shared.slot.lock().unwrap_or_else(PoisonError::into_inner);
    slot.done = true;
    let waker = slot.waker.take();
    drop(slot); // a waker is foreign code: not with the lock
    waker.into_iter().for_each(Waker::wake);
}

impl Future for Job {
    type Output = i32;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<i32> {
        let slot = &self.shared.slot;
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.done {
            return Poll::Ready(self.result());
        }
        // with the same lock held, or complete() could come in between
        slot.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

fn poll(job: &mut Job, sleeper: &Arc<Sleeper>) -> Poll<i32> {
    let waker = sleeper.clone().into();
    Pin::new(job).poll(&mut Context::from_waker(&waker))
}

/// Poll the job, and only then let it go on: it ends while we sleep.
fn open_and_run(job: &mut Job) -> i32 {
    let gate = job.shared.gate.clone();
    block_on(poll_fn(|context| {
        let polled = Pin::new(&mut *job).poll(context);
        gate.open();
        polled
    }))
}

/// Wait for several jobs at once, and for whatever else has a descriptor.
fn run_loop(jobs: &[*mut sgz_job]) {
    let (events, revents) = (libc::POLLIN, 0);
    let mut fds = Vec::new();
    for job in jobs {
        let mut fd = -1;
        // SAFETY: sgz_job_get_fd/Lifetime: the jobs outlive the loop.
        let _ = unsafe { sgz_job_get_fd(*job, &mut fd, null_mut()) };
        fds.push(libc::pollfd {
            fd,
            events,
            revents,
        });
    }
    while fds.iter().any(|fd| fd.fd >= 0) {
        let (data, len) = (fds.as_mut_ptr(), fds.len() as libc::nfds_t);
        // SAFETY: libc poll: it writes to this array alone.
        unsafe { libc::poll(data, len, -1) };
        for fd in &mut fds {
            if fd.revents & libc::POLLIN != 0 {
                fd.fd = -1; // leave it out
            }
        }
    }
}

fn record_range(rec: &mut Recorder, job: *mut sgz_job) {
    let (mut block, mut len) = (null_mut(), 0);
    // SAFETY: sgz_job_take_block/Ownership: one reference is ours, or there is
    // NULL. sgz_block_get_data/Lifetime: the bytes live as long as that.
    // sgz_block_unref/Ownership: it goes back, once.
    unsafe {
        rec.status("result", sgz_job_take_block(job, &mut block, null_mut()).0);
        let bytes = if block.is_null() {
            &[][..] // the file has ended before
        } else {
            let data = sgz_block_get_data(block, &mut len);
            slice::from_raw_parts(data.cast::<u8>(), len)
        };
        rec.bytes("range", bytes);
        sgz_block_unref(block);
    }
}

unsafe extern "C" fn count(ctx: *mut c_void, done: u64, _: u64) -> c_int {
    // SAFETY: sgz_job_callbacks.progress/Ownership: ctx is a u64, which lives
    // until wait_for() has returned.
    unsafe { *ctx.cast::<u64>() = done };
    0
}

pub fn run(rec: &mut Recorder, input: &Input) {
    let sample = &input.data()[..input.data().len().min(SAMPLE)];
    let (mut pool, mut raw, no_err) = (null_mut(), null_mut(), null_mut());
    let gate = Arc::<Gate>::default();
    let _ = fs::write("in", sample);

    rec.step("a job");
    // SAFETY: sgz_pool_new/Ownership, sgz_job_submit_compress/Ownership: one
    // reference each is ours, and the paths are copied. wait_for/Safety: so it
    // is here. sgz_job_unref/Ownership: it goes back.
    unsafe {
        let _ = sgz_pool_new(1, 1, null(), &mut pool, no_err);
        let (from, to) = (c"in".as_ptr(), c"out.gz".as_ptr());
        let rc = sgz_job_submit_compress(
            pool,
            from,
            to,
            null(),
            null(),
            &mut raw,
            no_err,
        );
        rec.status("submit", rc.0);
        // here we could do something else; we sleep, for as long as it takes
        wait_for(raw);
        rec.status("result", sgz_job_get_result(raw, no_err).0);
        rec.int("bytes", size_of_file("out.gz"));
        sgz_job_unref(raw);
    }

    rec.step("an event loop");
    let mut jobs = [null_mut(); 3];
    for (job, i) in jobs.iter_mut().zip(0..) {
        let (path, at) = (c"out.gz".as_ptr(), i * RANGE);
        // SAFETY: sgz_job_submit_range/Ownership: as above.
        let _ = unsafe {
            sgz_job_submit_range(
                pool,
                path,
                null_mut(),
                at,
                100,
                null(),
                null(),
                job,
                no_err,
            )
        };
    }
    run_loop(&jobs);
    for job in jobs {
        record_range(rec, job);
        // SAFETY: sgz_job_unref/Ownership: each goes back, once.
        unsafe { sgz_job_unref(job) };
    }

    rec.step("woken by C's thread");
    let mut job = Job::new(pool, c"woken.gz", &gate, complete);
    rec.status("result", open_and_run(&mut job));
    rec.int("bytes", size_of_file("woken.gz"));
    job.let_go();

    rec.step("asked too early");
    let mut job = Job::new(pool, c"asked.gz", &gate, complete);
    let (early, late) = (Sleeper::new(), Sleeper::new());
    rec.int("ready at first", poll(&mut job, &early).is_ready());
    rec.int("ready again", poll(&mut job, &late).is_ready());
    gate.open();
    late.sleep(); // only who asked last is woken
    rec.status("result", job.result());
    rec.int("wakes", early.wakes() + late.wakes());
    job.let_go();

    rec.step("cancelled before it begins");
    let mut held = Job::new(pool, c"held.gz", &gate, complete);
    let mut job = Job::new(pool, c"none.gz", &gate, complete); // it waits
    job.cancel(); // calls complete() itself
    rec.status("result", block_on(&mut job)); // so it is ready at once
    job.let_go();
    rec.status("the other", open_and_run(&mut held));
    held.let_go();

    rec.step("cancelled while it runs");
    let mut job = Job::new(pool, c"none.gz", &gate, complete);
    gate.wait();
    job.cancel(); // does not wait
    rec.int("done", job.is_done());
    rec.status("result", open_and_run(&mut job));
    rec.int("bytes", size_of_file("none.gz"));
    job.let_go();

    rec.step("cancelled when it is done");
    let mut job = Job::new(pool, c"done.gz", &gate, complete);
    open_and_run(&mut job);
    job.cancel(); // too late, and harmless
    rec.status("result", job.result());
    job.let_go();

    rec.step("dropped while it runs");
    let before = gate.released();
    let job = Job::new(pool, c"dropped.gz", &gate, complete);
    gate.wait();
    drop(job); // what it shares with C stays
    rec.int("released at once", gate.released() - before);
    gate.open_until_released(before);
    rec.int("released in the end", gate.released() - before);
    rec.int("bytes", size_of_file("dropped.gz"));

    rec.step("never asked");
    let before = gate.released();
    Job::new(pool, c"never.gz", &gate, complete).detach();
    gate.open_until_released(before);
    rec.int("bytes", size_of_file("never.gz"));

    rec.step("a context on the stack");
    let mut done = 0_u64;
    let counting = sgz_job_callbacks {
        progress: Some(count),
        complete: None,
        release: None,
        ctx: (&raw mut done).cast(),
    };
    // SAFETY: sgz_job_submit_check/Lifetime: done lives until wait_for() has
    // returned. wait_for/Safety, sgz_job_unref/Ownership: as above.
    unsafe {
        let path = c"out.gz".as_ptr();
        let _ = sgz_job_submit_check(
            pool,
            path,
            null(),
            &counting,
            &mut raw,
            no_err,
        );
        wait_for(raw); // before this function returns
        sgz_job_unref(raw);
    }
    rec.int("bytes", done);

    rec.step("the pool ends");
    // SAFETY: sgz_pool_unref/Ownership: our reference goes back.
    unsafe { sgz_pool_unref(pool) };
    rec.int("released", gate.released());
}
