// SPDX-License-Identifier: MIT OR Apache-2.0
//! Readers that threads share, and the blocks that they give.

mod common;

use std::thread;

use common::{bgzf, pack, text};
use sgz::{Index, Meter, Options, Reader, Result, Status};

fn index_of(file: &[u8]) -> Result<Index> {
    Reader::new(file)?.build_index(false)
}

#[test]
fn threads_read_at_offsets_of_one_reader() -> Result<()> {
    let text = text(100_000);
    let file = bgzf(&text);
    let index = index_of(&file)?;
    for cache in [0, 1 << 20] {
        for stop_early in [false, true] {
            let reader = Options::new()
                .cache_size(cache)
                .stop_early(stop_early)
                .open_slice(&file)?
                .into_shared(&index)?;
            thread::scope(|scope| {
                for start in 0..4 {
                    let (reader, text) = (&reader, &text);
                    scope.spawn(move || {
                        for at in (start * 100..text.len()).step_by(997) {
                            let mut part = [0; 1500];
                            let len = reader.read_at(&mut part, at as u64);
                            let len = len.expect("reads");
                            assert_eq!(len, (text.len() - at).min(1500));
                            assert_eq!(part[..len], text[at..at + len]);
                        }
                    });
                }
            });
        }
    }
    Ok(())
}

/// The risk: a block is used or freed when its reader, its index and its meter
/// are gone. The clause: `sgz_reader_ref_block`/Lifetime.
#[test]
fn a_block_outlives_its_reader() -> Result<()> {
    let text = text(10_000);
    let meter = Meter::new();
    let block = {
        let file = bgzf(&text);
        let reader = Options::new()
            .meter(&meter)
            .cache_size(1 << 20)
            .open_slice(&file)?
            .into_shared(&index_of(&file)?)?;
        assert!(reader.block_at(10_000)?.is_none());
        reader.block_at(2345)?.expect("is there")
    };
    assert_eq!(block.offset(), 2000);
    assert_eq!(block[..], text[2000..3000]);
    let clone = block.clone();
    assert_eq!(meter.live(), 1);
    drop(block);
    let bytes = thread::spawn(move || clone.to_vec()).join().unwrap();
    assert_eq!(bytes, text[2000..3000]);
    assert_eq!(meter.live(), 0);
    Ok(())
}

/// The risk: a `Bytes` copies the block, or outlives it. The expectation: it
/// has the same address, and the last slice of it frees the block.
#[cfg(feature = "bytes")]
#[test]
fn a_block_becomes_bytes_without_a_copy() -> Result<()> {
    let text = text(10_000);
    let meter = Meter::new();
    let bytes = {
        let file = bgzf(&text);
        let reader = Options::new().meter(&meter).open_slice(&file)?;
        let reader = reader.into_shared(&index_of(&file)?)?;
        let block = reader.block_at(2345)?.expect("is there");
        let address = block.as_ptr();
        let bytes = bytes::Bytes::from(block);
        assert_eq!(bytes.as_ptr(), address);
        bytes
    };
    let slice = bytes.slice(100..200);
    drop(bytes);
    assert_eq!(meter.live(), 1);
    thread::spawn(move || assert_eq!(slice[..], text[2100..2200]))
        .join()
        .unwrap();
    assert_eq!(meter.live(), 0);
    Ok(())
}

#[test]
fn it_becomes_a_reader_again() -> Result<()> {
    let text = text(10_000);
    let file = bgzf(&text);
    let shared = Reader::new(&file)?.into_shared(&index_of(&file)?)?;
    let mut reader = shared.into_reader();
    let mut back = vec![0; text.len()];
    assert_eq!(reader.read_bytes(&mut back)?, text.len());
    assert_eq!(back, text);
    Ok(())
}

#[test]
fn failures_are_those_of_a_block_and_do_not_stick() -> Result<()> {
    let mut file = pack(&Options::new().block_size(1000), &text(3000));
    let index = index_of(&file)?;
    let second = usize::try_from(index.entries()[2].compressed_offset);
    file[second.unwrap() - 8] ^= 1;
    let reader = Reader::new(&file)?.into_shared(&index)?;
    let error = reader.read_at(&mut [0; 10], 1500).unwrap_err();
    assert_eq!(error.status(), Status::Crc);
    assert_eq!(reader.read_at(&mut [0; 10], 2500)?, 10);
    Ok(())
}
