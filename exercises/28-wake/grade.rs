// SPDX-License-Identifier: MIT OR Apache-2.0
//! Those who ask for a sum, for grade.c to call. Nothing here depends on time:
//! no job ends before `job_end_all`, or `job_result` in a race.

use answer::Sum;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

unsafe extern "C" {
    safe fn job_begin_test(fail: bool, race: bool);
    safe fn job_end_all();
}

/// Counts how often it is woken.
#[derive(Default)]
struct Task(AtomicUsize);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Task {
    fn wakes(self: &Arc<Self>) -> i64 {
        self.0.load(Ordering::SeqCst) as i64
    }

    fn others_have_it(self: &Arc<Self>) -> bool {
        Arc::strong_count(self) > 1
    }

    /// The sum, or -1 if there is none yet.
    fn poll(self: &Arc<Self>, sum: &mut Pin<Box<Sum>>) -> i64 {
        let waker = Waker::from(Arc::clone(self));
        match sum.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(sum) => sum as i64,
            Poll::Pending => -1,
        }
    }
}

fn start(data: &[u8]) -> Pin<Box<Sum>> {
    Box::pin(Sum::start(data).expect("a job"))
}

/// What is asked of one future; the meaning of the facts is in grade.c.
type Facts = [i64; 4];

fn asked_then_done(data: &[u8]) -> Facts {
    let (task, mut sum) = (Arc::<Task>::default(), start(data));
    let first = task.poll(&mut sum);
    let before = task.wakes();
    job_end_all();
    [first, before, task.wakes(), task.poll(&mut sum)]
}

fn done_then_asked(data: &[u8]) -> Facts {
    let (task, mut sum) = (Arc::<Task>::default(), start(data));
    job_end_all();
    [task.poll(&mut sum), task.wakes(), 0, 0]
}

fn two_who_ask(data: &[u8]) -> Facts {
    let (one, two) = (Arc::<Task>::default(), Arc::<Task>::default());
    let mut sum = start(data);
    one.poll(&mut sum);
    let first = two.poll(&mut sum);
    job_end_all();
    [first, one.wakes(), two.wakes(), two.poll(&mut sum)]
}

fn done_while_asked(data: &[u8]) -> Facts {
    job_begin_test(false, true);
    let (task, mut sum) = (Arc::<Task>::default(), start(data));
    let first = task.poll(&mut sum);
    job_end_all();
    let lost = first == -1 && task.wakes() == 0;
    [lost.into(), task.poll(&mut sum), 0, 0]
}

fn dropped(data: &[u8]) -> Facts {
    let (task, mut sum) = (Arc::<Task>::default(), start(data));
    let first = task.poll(&mut sum);
    drop(sum);
    let kept = task.others_have_it();
    job_end_all();
    [
        first,
        kept.into(),
        task.wakes(),
        task.others_have_it().into(),
    ]
}

fn not_started(data: &[u8]) -> Facts {
    job_begin_test(true, false);
    [Sum::start(data).is_none().into(), 0, 0, 0]
}

fn in_other_threads(data: &[u8]) -> Facts {
    let mut sums: Vec<_> = (0..3)
        .map(|at| start(&data[at.min(data.len())..]))
        .collect();
    let task = Arc::<Task>::default();
    let first = sums.iter_mut().map(|sum| task.poll(sum)).sum();
    job_end_all();
    let wakes = task.wakes();
    let mut found = sums.into_iter().map(|mut sum| {
        thread::spawn(move || Arc::<Task>::default().poll(&mut sum))
            .join()
            .unwrap_or(-1)
    });
    [first, wakes, found.next().unwrap_or(-1), found.sum()]
}

const ALL: [fn(&[u8]) -> Facts; 7] = [
    asked_then_done,
    done_then_asked,
    two_who_ask,
    done_while_asked,
    dropped,
    not_started,
    in_other_threads,
];

/// # Safety
/// `data` has `len` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn ask(
    which: usize,
    data: *const u8,
    len: usize,
    facts: &mut Facts,
) {
    job_begin_test(false, false);
    // SAFETY: task.md: promised.
    *facts = ALL[which](unsafe { std::slice::from_raw_parts(data, len) });
}
