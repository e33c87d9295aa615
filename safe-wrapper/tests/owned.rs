// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bytes that are given away to a writer: of which types, without a copy, and
//! dropped once.

mod common;

use std::ffi::CStr;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use common::{Drops, Guard, Probe, Then, bgzf, panic_text, text};
use sgz::{
    Block, BlockCodec, Codec, CodecError, Decode, Encode, Levels, Options,
    Pool, Reader, Result, Status, Writer,
};

/// Where the bytes lay that a [`Witness`] was to compress.
static SEEN: Mutex<Vec<usize>> = Mutex::new(Vec::new());

/// Compresses nothing: it only looks.
struct Witness;

impl BlockCodec for Witness {
    const NAME: &'static CStr = c"witness";
    const VERSION: &'static CStr = c"1";
    const LEVELS: Levels = Levels {
        least: 1,
        default: 1,
        most: 1,
    };
    type Encoder = Witness;
    type Decoder = Witness;

    fn encoder(_: i32) -> std::result::Result<Self, CodecError> {
        Ok(Self)
    }

    fn decoder() -> std::result::Result<Self, CodecError> {
        Ok(Self)
    }
}

impl Encode for Witness {
    fn compress(
        &mut self,
        input: &[u8],
        _: &mut [u8],
    ) -> std::result::Result<usize, CodecError> {
        SEEN.lock().unwrap().push(input.as_ptr().addr());
        Err(CodecError::NoRoom) // then the block is stored
    }
}

impl Decode for Witness {
    fn decompress(
        &mut self,
        _: &[u8],
        _: &mut [u8],
    ) -> std::result::Result<usize, CodecError> {
        Err(CodecError::Broken)
    }
}

fn block(data: &[u8]) -> Result<Block> {
    let file = bgzf(data);
    let index = Reader::new(&file)?.build_index(false)?;
    let reader = Reader::new(&file)?.into_shared(&index)?;
    Ok(reader.block_at(0)?.expect("is there"))
}

fn back(file: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    Reader::new(file)
        .and_then(|mut reader| Ok(reader.read_to_end(&mut data)?))
        .expect("reads");
    data
}

/// The risk: a view of the library's bytes is copied on its way back to the
/// library. The clause: `sgz_writer_write_owned`/Ownership. The expectation:
/// the codec gets the address that the view has on this side.
#[test]
fn a_block_goes_back_without_a_copy() -> Result<()> {
    let text = text(1000);
    let block = block(&text)?;
    let address = block.as_ptr().addr();
    let options = Options::new()
        .block_size(1000)
        .pool(&Pool::new(2)?)
        .codec(&Codec::new::<Witness>()?);
    let mut file = Vec::new();
    let mut writer = options.create_sink(&mut file)?;
    writer.write_owned(block.clone())?;
    #[cfg(feature = "bytes")]
    writer.write_owned(bytes::Bytes::from(block.clone()))?;
    #[cfg(not(feature = "bytes"))]
    writer.write_owned(block.clone())?;
    // and for comparison bytes that are only lent
    writer.write_bytes(&block)?;
    writer.finish()?;
    // two threads compress, in whatever order
    let seen = SEEN.lock().unwrap();
    assert_eq!(seen.len(), 3);
    assert_eq!(seen.iter().filter(|at| **at == address).count(), 2);
    assert!(back(&file) == text.repeat(3));
    Ok(())
}

/// The bytes of an array lie in the value itself.
struct Array {
    bytes: [u8; 5],
    _guard: Guard,
    /// What goes wrong.
    fault: Fault,
}

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    Bytes,
    Drop,
}

impl AsRef<[u8]> for Array {
    fn as_ref(&self) -> &[u8] {
        assert!(self.fault != Fault::Bytes, "no bytes");
        &self.bytes
    }
}

impl Drop for Array {
    fn drop(&mut self) {
        assert!(self.fault != Fault::Drop, "no drop");
    }
}

fn array(drops: &Drops, fault: Fault) -> Array {
    Array {
        bytes: *b"array",
        _guard: drops.guard(),
        fault,
    }
}

/// The risk: the bytes of a value move with it, or it is dropped twice or never.
/// The clause: `sgz_writer_write_owned`/Lifetime.
#[test]
fn a_value_that_holds_its_bytes_is_dropped_once() -> Result<()> {
    let drops = Drops::default();
    for threads in [1, 3] {
        let mut file = Vec::new();
        let mut writer = Options::new()
            .block_size(5)
            .pool(&Pool::new(threads)?)
            .create_sink(&mut file)?;
        for _ in 0..20 {
            writer.write_owned(array(&drops, Fault::None))?;
        }
        writer.finish()?;
        assert!(back(&file) == b"array".repeat(20));
    }
    assert_eq!(drops.count(), 40);
    Ok(())
}

/// A writer that keeps what it is given for a while, or one that does not.
fn with_pool(file: &mut Vec<u8>, pool: bool) -> Result<Writer<'_>> {
    let mut options = Options::new().block_size(5);
    if pool {
        options = options.pool(&Pool::new(2)?);
    }
    options.create_sink(file)
}

/// The risk: a panic unwinds into C, or is lost. The clause:
/// `sgz_owned.release`/Errors.
#[test]
fn a_panic_in_a_drop_is_resumed_by_the_call_that_dropped() -> Result<()> {
    for pool in [false, true] {
        let (drops, mut file) = (Drops::default(), Vec::new());
        let mut writer = with_pool(&mut file, pool)?;
        let mut run = || -> Result<()> {
            writer.write_owned(array(&drops, Fault::Drop))?;
            assert!(pool, "without a pool it was dropped at once");
            writer.flush_block()
        };
        let caught = catch_unwind(AssertUnwindSafe(&mut run));
        assert_eq!(panic_text(&*caught.expect_err("it panics")), "no drop");
        assert_eq!(drops.count(), 1);
        // no callback runs while a panic is on its way: the flush of the sink
        // was one, and its failure sticks
        let next = writer.write_owned(array(&drops, Fault::None));
        assert_eq!(next.is_err(), pool);
        assert_eq!(drops.count(), 2);
        if !pool {
            writer.finish()?;
            assert!(back(&file) == b"arrayarray");
        }
    }
    Ok(())
}

#[test]
fn a_panic_in_a_drop_is_resumed_by_the_end_of_the_writer() -> Result<()> {
    for finish in [false, true] {
        let (drops, mut file) = (Drops::default(), Vec::new());
        let mut writer = with_pool(&mut file, true)?;
        writer.write_owned(array(&drops, Fault::Drop))?;
        let caught = catch_unwind(AssertUnwindSafe(|| {
            if finish {
                writer.finish().expect("finishes");
            } else {
                drop(writer);
            }
        }));
        assert_eq!(panic_text(&*caught.expect_err("it panics")), "no drop");
        assert_eq!(drops.count(), 1);
    }
    Ok(())
}

#[test]
fn a_value_whose_bytes_panic_is_dropped_and_not_written() -> Result<()> {
    let (drops, mut file) = (Drops::default(), Vec::new());
    let mut writer = with_pool(&mut file, true)?;
    let caught = catch_unwind(AssertUnwindSafe(|| {
        writer.write_owned(array(&drops, Fault::Bytes))
    }));
    assert_eq!(panic_text(&*caught.expect_err("it panics")), "no bytes");
    assert_eq!(drops.count(), 1);
    writer.finish()?;
    assert!(back(&file).is_empty());
    Ok(())
}

/// The risk: after a failure both sides believe that they own the bytes. The
/// clause: `sgz_writer_write_owned`/Ownership, "after a failure too".
#[test]
fn a_writer_that_fails_drops_what_it_is_given() -> Result<()> {
    let (drops, streams) = (Drops::default(), Drops::default());
    let sink = Probe::new(Vec::new(), &streams, 0, Then::Fail(28));
    let mut writer = Options::new().block_size(5).create_sink(sink)?;
    for count in 1..4 {
        let failed = writer
            .write_owned(array(&drops, Fault::None))
            .and_then(|()| writer.flush_block())
            .unwrap_err();
        assert_eq!(failed.status(), Status::Callback);
        assert_eq!(drops.count(), count);
    }
    Ok(())
}
