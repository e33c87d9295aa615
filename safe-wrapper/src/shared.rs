// SPDX-License-Identifier: MIT OR Apache-2.0
//! Readers that many threads read from at once.

use std::ptr::{self, NonNull};

use crate::{Block, Index, Reader, Result, call, raw};

/// A reader that any number of threads read from, at offsets.
///
/// It has no position, and tells no observer. [`Reader::into_shared`] makes
/// one of a file or a memory.
///
/// # Invariants
///
/// `0` has an index, and is used by no call but those that any thread may make
/// at any time.
///
/// # Examples
///
/// ```
/// use std::io::Write;
///
/// let mut file = Vec::new();
/// let options = sgz::Options::new().build_index(true);
/// let mut writer = options.create_sink(&mut file)?;
/// writer.write_all(b"one, two, three")?;
/// let index = writer.finish()?.index.unwrap();
///
/// let reader = sgz::Reader::new(&file)?.into_shared(&index)?;
/// std::thread::scope(|scope| {
///     scope.spawn(|| {
///         let mut word = [0; 3];
///         assert_eq!(reader.read_at(&mut word, 5).unwrap(), 3);
///         assert_eq!(&word, b"two");
///     });
///     assert_eq!(&reader.block_at(0).unwrap().unwrap()[..3], b"one");
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct SharedReader<'a>(Reader<'a>);

impl<'a> SharedReader<'a> {
    /// Reads up to `data.len()` bytes at the uncompressed `offset`.
    ///
    /// Fewer come only at the end.
    ///
    /// # Errors
    ///
    /// What is wrong with a block, with the index
    /// ([`Status::Index`](crate::Status::Index)) or the file. A failure does
    /// not stick.
    pub fn read_at(&self, data: &mut [u8], offset: u64) -> Result<usize> {
        let mut len = 0;
        call::call(|error| {
            // SAFETY: SharedReader/Invariants: open, with an index.
            // sgz_reader_read_at/Ownership: data is borrowed for the call, and
            // that long. /Threads: any thread; set_index() takes &mut Reader.
            unsafe {
                raw::sgz_reader_read_at(
                    self.0.as_ptr(),
                    offset,
                    data.as_mut_ptr().cast(),
                    data.len(),
                    &raw mut len,
                    error,
                )
            }
        })?;
        Ok(len)
    }

    /// The block that holds the uncompressed `offset`; `None` from the end on.
    ///
    /// # Errors
    ///
    /// As [`read_at`](Self::read_at).
    pub fn block_at(&self, offset: u64) -> Result<Option<Block>> {
        let mut block = ptr::null_mut();
        call::call(|error| {
            // SAFETY: SharedReader/Invariants: open, with an index.
            // sgz_reader_ref_block/Threads: any thread; set_index() takes
            // &mut Reader.
            unsafe {
                raw::sgz_reader_ref_block(
                    self.0.as_ptr(),
                    offset,
                    &raw mut block,
                    error,
                )
            }
        })?;
        Ok(NonNull::new(block).map(|block| {
            // SAFETY: sgz_reader_ref_block/Ownership: one reference is the
            // caller's. /Lifetime: independent of the reader, and the meter
            // is kept.
            unsafe { Block::from_raw(block, self.0.keep_meter()) }
        }))
    }

    /// The reader, for one thread again.
    #[must_use]
    pub fn into_reader(self) -> Reader<'a> {
        self.0
    }
}

impl<'a> Reader<'a> {
    /// Gives the reader up to be shared by threads, with `index`.
    ///
    /// # Errors
    ///
    /// As [`set_index`](Self::set_index). One over a stream is refused only
    /// when it is read from: [`Status::Unsupported`](crate::Status::Unsupported).
    ///
    /// # Panics
    ///
    /// If a stream does.
    pub fn into_shared(mut self, index: &Index) -> Result<SharedReader<'a>> {
        self.set_index(Some(index))?;
        Ok(SharedReader(self))
    }
}

// SAFETY: sgz_reader_read_at/Threads, sgz_reader_ref_block/Threads: any thread,
// several at a time; nothing else is called by a shared reference, and streams
// and observers are not called by these two. Its meter is Sync.
// Handle/Invariants: what a thread lends to a call is not used after the call.
unsafe impl Sync for SharedReader<'_> {}
