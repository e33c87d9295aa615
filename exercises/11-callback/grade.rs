// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a user of the answer does, for grade.c to call.

use answer::Feed;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

#[repr(C)]
pub struct Heard {
    lines: u64,
    sum: u64,
    longest: u64,
}

/// Three closures of different types and sizes.
///
/// # Safety
/// `data` has `len` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn hear(data: *const u8, len: usize, out: &mut Heard) {
    // SAFETY: task.md: promised.
    let data = unsafe { std::slice::from_raw_parts(data, len) };
    let Some(mut feed) = Feed::new() else { return };
    let lines = Rc::new(Cell::new(0));
    let sum = Rc::new(Cell::new(0));
    let all = Rc::new(RefCell::new(Vec::new()));
    let (to_lines, to_sum, to_all) = (lines.clone(), sum.clone(), all.clone());
    let by = [1_u64; 4];
    feed.register(move |_| to_lines.set(to_lines.get() + by[3]));
    feed.register(move |line| {
        let add: u64 = line.iter().copied().map(u64::from).sum();
        to_sum.set(to_sum.get() + add);
    });
    let mut longest = Vec::new();
    feed.register(move |line| {
        if line.len() > longest.len() {
            longest = line.to_vec();
        }
        to_all.borrow_mut().push(longest.len() as u64);
    });
    feed.push(data);
    drop(feed);
    out.lines = lines.get();
    out.sum = sum.get();
    out.longest = all.borrow().last().copied().unwrap_or(0);
}

/// Counts when it is dropped.
struct Guard(Rc<Cell<u32>>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[unsafe(no_mangle)]
extern "C" fn unregister(late: &mut u32) -> u32 {
    let Some(mut feed) = Feed::new() else {
        return 0;
    };
    let drops = Rc::new(Cell::new(0));
    let lines = Rc::new(Cell::new(0));
    let (guard, to) = (Guard(drops.clone()), lines.clone());
    let id = feed.register(move |_| {
        let _ = &guard;
        to.set(to.get() + 1);
    });
    let Some(id) = id else { return 0 };
    feed.push(b"a\nb\n");
    let known = feed.unregister(id);
    let unknown = feed.unregister(id);
    let dropped = drops.get();
    feed.push(b"c\n");
    drop(feed);
    *late = drops.get() - dropped;
    lines.get() + 10 * u32::from(known) + 100 * u32::from(unknown)
}

/// Registers four; returns how many found room.
#[unsafe(no_mangle)]
extern "C" fn too_many() -> u32 {
    let Some(mut feed) = Feed::new() else {
        return 0;
    };
    let mut count = 0;
    for i in 0..4 {
        let text = vec![i; 10];
        let id = feed.register(move |line| assert!(line.len() <= text.len()));
        count += u32::from(id.is_some());
    }
    feed.push(b"some line\n");
    count
}

#[unsafe(no_mangle)]
extern "C" fn no_variables() -> u32 {
    static LINES: AtomicU32 = AtomicU32::new(0);
    let Some(mut feed) = Feed::new() else {
        return 0;
    };
    feed.register(|_| {
        LINES.fetch_add(1, Ordering::Relaxed);
    });
    feed.push(b"a\nb\nc");
    LINES.load(Ordering::Relaxed)
}
