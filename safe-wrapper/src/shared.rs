// SPDX-License-Identifier: MIT OR Apache-2.0
//! Readers that many threads use at the same time.

use std::ptr::{self, NonNull};

use crate::{Block, Index, Reader, Result, call, raw};

/// A reader that any number of threads use to read at offsets.
///
/// It has no position, and it reports nothing to observers.
/// [`Reader::into_shared`] makes one of a reader over a file or a slice.
///
/// # Invariants
///
/// The reader has an index. Only calls that any thread may make at any time use
/// it.
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
    /// It reads fewer bytes only at the end.
    ///
    /// # Errors
    ///
    /// A failure of a block, of the index
    /// ([`Status::Index`](crate::Status::Index)) or of the file. It does not
    /// stick.
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

    /// The block that holds the uncompressed `offset`; `None` at the end and
    /// beyond it.
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

    /// The reader again, for one thread.
    #[must_use]
    pub fn into_reader(self) -> Reader<'a> {
        self.0
    }
}

impl<'a> Reader<'a> {
    /// Turns the reader into one that threads share, with `index`.
    ///
    /// # Errors
    ///
    /// As [`set_index`](Self::set_index). A reader over a stream fails only
    /// when it is read: [`Status::Unsupported`](crate::Status::Unsupported).
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
