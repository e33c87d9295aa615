// SPDX-License-Identifier: MIT OR Apache-2.0
//! Decompressed blocks, shared without a copy.

use std::fmt;
use std::ops::Deref;
use std::ptr::NonNull;

use crate::io::borrowed;
use crate::memory::Meter;
use crate::raw;

/// The bytes of one BGZF block: they never change, and clones share them.
///
/// It derefs to the bytes and outlives the reader that it came from
/// ([`SharedReader::block_at`](crate::SharedReader::block_at)). With the
/// feature
/// `bytes` it becomes a `bytes::Bytes` without a copy.
///
/// # Invariants
///
/// `raw` holds one reference of its own. If a meter allocated the block, `meter`
/// is that meter: it is dropped after the reference.
pub struct Block {
    raw: NonNull<raw::sgz_block>,
    meter: Option<Meter>,
}

impl Block {
    /// The uncompressed offset of the first byte.
    #[must_use]
    pub fn offset(&self) -> u64 {
        // SAFETY: Block/Invariants: the block is alive.
        // sgz_block_get_offset/Ownership: borrowed for the call. /Threads: any
        // thread.
        unsafe { raw::sgz_block_get_offset(self.raw.as_ptr()) }
    }

    /// # Safety
    ///
    /// `raw` holds one reference, which becomes the new `Block`'s own. `meter`
    /// allocated the block, or the default allocator if there is none.
    pub(crate) unsafe fn from_raw(
        raw: NonNull<raw::sgz_block>,
        meter: Option<Meter>,
    ) -> Self {
        Self { raw, meter }
    }
}

impl Deref for Block {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        let mut len = 0;
        // SAFETY: Block/Invariants: the block is alive.
        // sgz_block_get_data/Errors: len is written. /Threads: any thread.
        let data =
            unsafe { raw::sgz_block_get_data(self.raw.as_ptr(), &raw mut len) };
        // SAFETY: sgz_block_get_data/Ownership: so many bytes, the block's.
        // /Lifetime: they stay while self, which is borrowed, has its
        // reference; no block ever changes.
        unsafe { borrowed(data.cast(), len) }
    }
}

impl AsRef<[u8]> for Block {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

/// Without a copy: the `Bytes` owns the block.
#[cfg(feature = "bytes")]
impl From<Block> for bytes::Bytes {
    fn from(block: Block) -> Self {
        Self::from_owner(block)
    }
}

impl Clone for Block {
    fn clone(&self) -> Self {
        // SAFETY: Block/Invariants: the block is alive.
        // sgz_block_ref/Ownership: one more reference, the clone's own.
        // /Lifetime: until the clone is dropped. /Threads: any thread.
        unsafe { raw::sgz_block_ref(self.raw.as_ptr()) };
        Self {
            raw: self.raw,
            meter: self.meter.clone(),
        }
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Block")
            .field("offset", &self.offset())
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

// SAFETY: sgz_block_unref/Threads: any thread that has a reference, at any
// time; Meter is Send.
unsafe impl Send for Block {}
// SAFETY: sgz_block_get_data/Threads, sgz_block_get_offset/Threads,
// sgz_block_ref/Threads: any thread, at any time; Meter is Sync.
unsafe impl Sync for Block {}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: Block/Invariants: the reference is self's own.
        // sgz_block_unref/Ownership: it goes back. /Lifetime: self is not
        // used afterwards, and slices borrow it. /Threads: any thread.
        unsafe { raw::sgz_block_unref(self.raw.as_ptr()) };
    }
}
