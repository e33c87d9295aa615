// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sound as a stream: write it while it is made, and play it from the middle.
//!
//! `cargo run -p sgz --example tones -- FILE SECONDS PLAY`
//!
//! Second N is a tone of 200 + N Hz. What is held in memory does not grow with
//! the sound, and to play second PLAY, only the blocks of it are decompressed.

use std::env;
use std::f64::consts::TAU;
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sgz::{Event, EventMask, Meter, Options};

/// Samples in a second: 16 bits, one channel.
const RATE: u32 = 8_000;
const SECOND: usize = 2 * RATE as usize;

/// One second of a tone.
fn tone(hertz: u32) -> Vec<u8> {
    (0..RATE)
        .flat_map(|at| {
            let turns = f64::from(at * hertz) / f64::from(RATE);
            #[allow(clippy::cast_possible_truncation)] // it is in the range
            let sample = ((turns * TAU).sin() * 20_000.0) as i16;
            sample.to_le_bytes()
        })
        .collect()
}

/// How often the sound goes from below zero to above it.
fn hertz(sound: &[u8]) -> usize {
    let samples: Vec<i16> = sound
        .chunks_exact(2)
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    // the first is at zero, and goes up
    1 + samples.windows(2).filter(|w| w[0] < 0 && w[1] >= 0).count()
}

fn record(file: &str, seconds: u32) -> io::Result<()> {
    let meter = Meter::new();
    let options = Options::new().meter(&meter).build_index(true);
    let mut writer = options.create(file)?;
    for second in 0..seconds {
        writer.write_all(&tone(200 + second))?;
        // a listener does not wait until a block is full
        writer.flush_block()?;
    }
    let done = writer.finish()?;
    if let Some(index) = done.index {
        index.save(format!("{file}.gzi"))?;
    }
    println!(
        "recorded {seconds} seconds, {} bytes",
        seconds as usize * SECOND
    );
    println!("libsgz held {} KiB at most", meter.peak().div_ceil(1024));
    Ok(())
}

fn play(file: &str, second: u32) -> io::Result<()> {
    let index = sgz::Index::load(format!("{file}.gzi"))?;
    let blocks = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&blocks);
    let mut reader = Options::new().open(file)?;
    reader.set_index(Some(&index))?;
    reader.observe(EventMask::BLOCK, move |event| {
        if let Event::Block(_) = event {
            count.fetch_add(1, Ordering::Relaxed);
        }
        ControlFlow::Continue(())
    })?;
    reader.seek_to(u64::from(second) * SECOND as u64)?;
    let mut sound = vec![0; SECOND];
    reader.read_exact(&mut sound)?;
    println!("second {second} has {} Hz", hertz(&sound));
    println!(
        "{} of {} blocks were read",
        blocks.load(Ordering::Relaxed),
        index.entries().len()
    );
    Ok(())
}

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let [file, seconds, second] = &args[..] else {
        eprintln!("usage: tones FILE SECONDS PLAY");
        return ExitCode::FAILURE;
    };
    let (Ok(seconds), Ok(second)) = (seconds.parse(), second.parse()) else {
        eprintln!("{seconds} and {second} are to be whole numbers");
        return ExitCode::FAILURE;
    };
    match record(file, seconds).and_then(|()| play(file, second)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
