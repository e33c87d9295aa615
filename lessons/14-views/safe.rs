// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lesson 14, views: both sides use the bytes where they are.

use std::fs::File;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::thread;

use bytes::Bytes;
use sgz::{Block, Codec, Options, Pool, Reader};

use super::prelude::*;

const BLOCK: u32 = 4096;

/// What is given away to the library; it counts how often it came back.
struct Gift {
    block: Block,
    released: Arc<AtomicI64>,
}

impl AsRef<[u8]> for Gift {
    fn as_ref(&self) -> &[u8] {
        &self.block
    }
}

impl Drop for Gift {
    fn drop(&mut self) {
        self.released.fetch_add(1, Relaxed);
    }
}

pub fn run(rec: &mut Recorder, input: &Input) {
    // Only memory can fail in what is not recorded; then the lesson ends.
    let _ = steps(rec, input.data());
}

fn steps(rec: &mut Recorder, data: &[u8]) -> sgz::Result<()> {
    let options = Options::new().block_size(BLOCK).build_index(true);

    rec.step("a file");
    let mut writer = options.create("views.gz")?;
    writer.write_bytes(data)?;
    writer.write_bytes(&[b'.'; 2 * BLOCK as usize])?; // it may be empty
    let finished = writer.finish();
    rec.result("finish", &finished);
    let Some(index) = finished?.index else {
        return Ok(());
    };

    rec.step("a view");
    let options = options.cache_size(1 << 20);
    let reader = options.open("views.gz")?.into_shared(&index)?;
    drop(index); // the reader has a reference of its own
    let block = reader.block_at(0);
    rec.result("block", &block);
    let Some(block) = block? else {
        return Ok(());
    };
    rec.bytes("bytes", &block); // &[u8] by Deref
    let address = block.as_ptr().addr();

    rec.step("the same bytes");
    let again = reader.block_at(1);
    rec.result("block", &again);
    let same = again?.is_some_and(|again| again.as_ptr().addr() == address);
    rec.int("same address", same);

    rec.step("a part");
    let other = reader.block_at(BLOCK.into());
    rec.result("block", &other);
    let Some(other) = other? else {
        return Ok(());
    };
    let start = other.as_ptr().addr();
    let part = Bytes::from(other).slice(100..150); // it keeps the whole block
    rec.int("in front", part.as_ptr().addr() - start);

    rec.step("after its reader");
    drop(reader);
    rec.bytes("bytes", &block);

    rec.step("on another thread");
    let tasks = rec.tasks();
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut rec = tasks.begin("guest");
            rec.step("the part");
            rec.bytes("bytes", &part);
            drop(part);
        });
    });

    rec.step("lent");
    let options = Options::new()
        .block_size(BLOCK)
        .pool(&Pool::new(2)?)
        .codec(&Codec::new::<Witness>()?);
    let mut writer = options.create("again.gz")?;
    writer.write_bytes(&block)?;
    rec.result("flush", &writer.flush_block());
    rec.int("same address", witness_seen() == address);

    rec.step("given");
    let released = Arc::new(AtomicI64::new(0));
    let gift = Gift {
        block: block.clone(),
        released: released.clone(),
    };
    rec.result("write", &writer.write_owned(gift));
    rec.int("released", released.load(Relaxed));
    rec.result("flush", &writer.flush_block());
    rec.int("same address", witness_seen() == address);
    rec.int("released", released.load(Relaxed));
    rec.result("finish", &writer.finish());
    rec.int("released", released.load(Relaxed));
    drop(options); // and with it, codec and pool

    rec.step("given to one that fails");
    let released = Arc::new(AtomicI64::new(0));
    let file = File::open("views.gz")?; // nothing can be written to it
    let mut writer = Options::new().create_fd(file.as_fd())?;
    writer.write_bytes(&block)?;
    rec.result("flush", &writer.flush_block());
    rec.bytes("bytes", &block);
    let gift = Gift {
        block, // the last reference
        released: released.clone(),
    };
    rec.result("write", &writer.write_owned(gift));
    drop(writer);
    rec.int("released", released.load(Relaxed));

    rec.step("borrowed");
    let mut reader = Reader::open("again.gz")?;
    let borrowed = reader.peek();
    rec.result("peek", &borrowed);
    rec.bytes("bytes", borrowed?);
    rec.prevented("E0505: the reader cannot go while its bytes are borrowed");
    Ok(())
}
