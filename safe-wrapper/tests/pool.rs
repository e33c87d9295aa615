// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pools: shared by readers, writers and threads.

mod common;

use std::io::Write;
use std::ops::ControlFlow::Continue;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::thread;

use common::{pack, panic_text, text};
use sgz::{Buffer, EventMask, Meter, Options, Pool, Reader, Result, Status};

fn options(pool: &Pool) -> Options {
    Options::new().block_size(5000).pool(pool)
}

#[test]
fn a_pool_counts_its_threads_and_its_clones() -> Result<()> {
    let pool = Pool::new(3)?;
    let clone = pool.clone();
    drop(pool);
    assert_eq!(clone.threads(), 3);
    assert_eq!(format!("{clone:?}"), "Pool { threads: 3 }");
    assert!(Pool::new(0)?.threads() >= 1);
    assert_eq!(Pool::new(257).unwrap_err().status(), Status::Invalid);
    Ok(())
}

#[test]
fn what_is_written_does_not_depend_on_threads() -> Result<()> {
    let text = text(300_000);
    let alone = pack(&Options::new().block_size(5000), &text);
    for threads in 1..5 {
        assert_eq!(pack(&options(&Pool::new(threads)?), &text), alone);
    }
    Ok(())
}

/// The risk: handles in several threads have one pool, and are confused. The
/// clause: `sgz_pool_new`/Threads, any thread.
#[test]
fn several_threads_share_a_pool() -> Result<()> {
    let pool = Pool::new(3)?;
    thread::scope(|scope| {
        for seed in 1..5 {
            let pool = pool.clone();
            scope.spawn(move || {
                let text = text(seed * 50_000);
                let file = pack(&options(&pool), &text);
                let reader = options(&pool).open_slice(&file);
                let mut back = Vec::new();
                std::io::Read::read_to_end(
                    &mut reader.expect("opens"),
                    &mut back,
                )
                .expect("reads");
                assert!(back == text);
            });
        }
    });
    Ok(())
}

/// The risk: a worker frees or allocates by a meter that is gone. The clause:
/// `sgz_allocator.free`/Threads, and that its ctx outlives every block.
#[test]
fn a_meter_outlives_what_a_pool_is_at() -> Result<()> {
    let pool = Pool::new(4)?;
    let meter = Meter::new();
    let mut sink = Vec::new();
    let mut writer = options(&pool).meter(&meter).create_sink(&mut sink)?;
    writer.write_all(&text(200_000)).expect("writes");
    drop(writer);
    assert_eq!(meter.live(), 0);
    Ok(())
}

#[test]
fn a_panic_of_an_observer_comes_out_while_workers_run() -> Result<()> {
    let pool = Pool::new(4)?;
    let mut blocks = 0;
    let mut sink = Vec::new();
    let mut writer = options(&pool).create_sink(&mut sink)?;
    writer.observe(EventMask::BLOCK, |_| {
        blocks += 1;
        if blocks == 7 {
            panic_any("seven");
        }
        Continue(())
    })?;
    let text = text(400_000);
    let panic = catch_unwind(AssertUnwindSafe(|| writer.write_all(&text)));
    assert_eq!(panic_text(&*panic.unwrap_err()), "seven");
    assert!(writer.write_all(b"x").is_err());
    drop(writer);
    Ok(())
}

#[test]
fn a_reader_and_a_writer_keep_their_pool() -> Result<()> {
    let mut buffer = Buffer::new();
    let mut writer = options(&Pool::new(3)?).create_buffer(&mut buffer)?;
    writer.write_all(&text(100_000)).expect("writes");
    writer.finish()?;
    let mut reader = Reader::new(&buffer)?;
    assert!(reader.read_bytes(&mut [0; 10])? == 10);
    Ok(())
}

/// The risk: bytes that were given away are freed while a worker is at them, or
/// twice, or never. The clause: `sgz_writer_write_owned`/Ownership.
#[test]
fn bytes_that_are_given_away_are_written_and_dropped() -> Result<()> {
    let text = text(50_000);
    for threads in [1, 3] {
        let mut file = Vec::new();
        let mut writer =
            options(&Pool::new(threads)?).create_sink(&mut file)?;
        for _ in 0..6 {
            writer.write_owned(text.clone())?;
        }
        writer.write_owned(Vec::new())?;
        writer.finish()?;
        let mut back = Vec::new();
        std::io::Read::read_to_end(&mut Reader::new(&file)?, &mut back)
            .expect("reads");
        assert!(back == text.repeat(6));
    }
    let mut sink = Vec::new();
    let mut writer = options(&Pool::new(3)?).create_sink(&mut sink)?;
    writer.write_owned(text)?;
    drop(writer); // and what it has goes with it
    Ok(())
}
