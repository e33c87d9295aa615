// SPDX-License-Identifier: MIT OR Apache-2.0
//! What bench/audit.py runs: blocks that are allocated and freed, by each side.
//!
//!     audit SIDE THREADS PAIRS    prints the nanoseconds of a pair
//!
//! With 0 threads the program starts none.

use std::ffi::c_void;
use std::hint::black_box;
use std::thread;
use std::time::Instant;

unsafe extern "C" {
    fn malloc(size: usize) -> *mut c_void;
    fn free(block: *mut c_void);
}

/// So many blocks are there at a time.
const ALIVE: usize = 64;

fn of_c(pairs: usize) {
    let mut blocks = [std::ptr::null_mut(); ALIVE];
    for at in 0..pairs {
        // SAFETY: std extern: what is freed came from malloc(), or is NULL.
        unsafe {
            free(blocks[at % ALIVE]);
            blocks[at % ALIVE] = black_box(malloc(16 + at % 256));
        }
    }
    for block in blocks {
        // SAFETY: std extern: as above.
        unsafe { free(block) };
    }
}

fn of_rust(pairs: usize) {
    let mut blocks: [Vec<u8>; ALIVE] = std::array::from_fn(|_| Vec::new());
    for at in 0..pairs {
        blocks[at % ALIVE] = black_box(Vec::with_capacity(16 + at % 256));
    }
    black_box(blocks);
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| words[at].parse::<usize>().expect("a number");
    let (threads, pairs) = (number(1), number(2));
    let side = if words[0] == "c" { of_c } else { of_rust };
    side(ALIVE * 16);
    let begun = Instant::now();
    if threads == 0 {
        side(pairs);
    }
    let all: Vec<_> = (0..threads)
        .map(|_| thread::spawn(move || side(pairs)))
        .collect();
    for one in all {
        one.join().expect("it does not panic");
    }
    println!("{}", begun.elapsed().as_nanos() as f64 / pairs as f64);
}
