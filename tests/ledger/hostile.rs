// SPDX-License-Identifier: MIT OR Apache-2.0
//! What Rust keeps for as long as a program runs is no leak; what it forgets
//! is one, whoever allocated it.

use std::collections::HashMap;
use core::ffi::c_char;
use std::sync::{Mutex, OnceLock};
use std::{mem, panic};

unsafe extern "C" {
    fn strdup(text: *const c_char) -> *mut c_char;
}

mod lesson_rust {
    use ferrule_lane::{Input, Recorder};

    pub fn run(rec: &mut Recorder, _: &Input) {
        rec.step("use");
        super::FAULT();
        rec.step("end");
    }
}

mod lesson_tasks {
    use std::thread;

    use ferrule_lane::{Input, Recorder};

    pub fn run(rec: &mut Recorder, _: &Input) {
        rec.step("start");
        let tasks = rec.tasks();
        thread::scope(|scope| {
            for (number, name) in ["left", "right"].into_iter().enumerate() {
                scope.spawn(move || {
                    let mut task = tasks.begin(name);

                    task.step("work");
                    task.int("number", number + super::WRONG);
                    task.unordered(true);
                    for any in [2, 0, 1] {
                        task.int("any", any);
                    }
                });
            }
        });
        rec.step("end");
    }
}

#[cfg(not(fault = "task"))]
const WRONG: usize = 0;
#[cfg(fault = "task")]
const WRONG: usize = 1;

#[allow(dead_code)]
fn nothing() {}

#[allow(dead_code)]
fn print() {
    println!("a line");
    eprintln!("another one");
}

#[allow(dead_code)]
fn fill_a_cell() {
    static CELL: OnceLock<Vec<String>> = OnceLock::new();

    CELL.get_or_init(|| (0..100).map(|i| format!("text {i}")).collect());
}

/// A hash table keeps a pointer to its middle, and no other.
#[allow(dead_code)]
fn fill_a_map() {
    static MAP: Mutex<Option<HashMap<u32, Box<u32>>>> = Mutex::new(None);

    let map = (0..1000).map(|i| (i, Box::new(i))).collect();
    *MAP.lock().unwrap() = Some(map);
}

#[allow(dead_code)]
fn print_a_panic() {
    // SAFETY: std env::set_var: no other thread runs.
    unsafe { std::env::set_var("RUST_BACKTRACE", "1") };
    assert!(panic::catch_unwind(|| panic!("caught")).is_err());
}

#[allow(dead_code)]
fn forget_a_text_of_c() {
    // SAFETY: none: this is the fault.
    std::hint::black_box(unsafe { strdup(c"fifteen letters".as_ptr()) });
}

#[allow(dead_code)]
fn forget_a_cycle() {
    struct Node(#[allow(dead_code)] Mutex<Option<std::rc::Rc<Node>>>);

    let node = std::rc::Rc::new(Node(Mutex::new(None)));
    *node.0.lock().unwrap() = Some(node.clone());
}

#[allow(dead_code)]
fn forget_a_thread_local() {
    thread_local!(static KEPT: mem::ManuallyDrop<Box<[u8; 33]>> =
        mem::ManuallyDrop::new(Box::new([1; 33])));

    KEPT.with(|kept| std::hint::black_box(kept.len()));
}

#[cfg(fault = "print")]
const FAULT: fn() = print;
#[cfg(fault = "cell")]
const FAULT: fn() = fill_a_cell;
#[cfg(fault = "map")]
const FAULT: fn() = fill_a_map;
#[cfg(fault = "backtrace")]
const FAULT: fn() = print_a_panic;
#[cfg(fault = "strdup")]
const FAULT: fn() = forget_a_text_of_c;
#[cfg(fault = "cycle")]
const FAULT: fn() = forget_a_cycle;
#[cfg(fault = "thread_local")]
const FAULT: fn() = forget_a_thread_local;
#[cfg(any(fault = "tasks", fault = "task"))]
const FAULT: fn() = nothing;

static LESSONS: &[ferrule_lane::Lesson] = &[
    ferrule_lane::lesson!(lesson_rust, c"03-memory", c"hostile.rs"),
    ferrule_lane::lesson!(lesson_tasks, c"05-tasks", c"hostile.rs"),
];

ferrule_lane::lane! {
    order: 7,
    name: c"hostile",
    title: c"Hostile Rust",
    lessons: LESSONS,
}
