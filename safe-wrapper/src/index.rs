// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where each BGZF block starts: the `.gzi` index.

use std::fmt;
use std::mem::offset_of;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::path::Path;
use std::ptr::NonNull;

use crate::call;
use crate::io::borrowed;
use crate::memory::Meter;
use crate::options::c_path;
use crate::{Options, Result, raw};

/// One block of an [`Index`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct Entry {
    /// Where the block starts in the compressed file.
    pub compressed_offset: u64,
    /// Where its first byte is in the uncompressed data.
    pub offset: u64,
}

// Arrays of entries pass between Rust and C as they are.
const _: () = {
    type Raw = raw::sgz_index_entry;
    assert!(size_of::<Entry>() == size_of::<Raw>());
    assert!(align_of::<Entry>() == align_of::<Raw>());
    assert!(
        offset_of!(Entry, compressed_offset)
            == offset_of!(Raw, compressed_offset)
    );
    assert!(offset_of!(Entry, offset) == offset_of!(Raw, offset));
};

/// An index: it never changes, and clones share it across threads.
///
/// # Invariants
///
/// `raw` holds its own reference. `meter` allocated the index, if it is set: it
/// is dropped after the reference.
///
/// # Examples
///
/// ```
/// use sgz::{Entry, Index};
///
/// let index = Index::from_entries(&[
///     Entry { compressed_offset: 0, offset: 0 },
///     Entry { compressed_offset: 900, offset: 65_280 },
/// ])?;
/// assert_eq!(index.locate(65_279), 0);
/// assert_eq!(index.locate(65_280), 1);
/// # Ok::<(), sgz::Error>(())
/// ```
pub struct Index {
    raw: NonNull<raw::sgz_index>,
    meter: Option<Meter>,
}

impl Index {
    /// Loads the `.gzi` file at `path`.
    ///
    /// # Errors
    ///
    /// [`Status::Io`](crate::Status::Io);
    /// [`Status::Index`](crate::Status::Index) if it is malformed (then the
    /// offset is a position in the index file);
    /// [`Status::NoMemory`](crate::Status::NoMemory).
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        Self::load_with(path, &Options::new())
    }

    /// The same with the meter of `options`.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub fn load_with(
        path: impl AsRef<Path>,
        options: &Options,
    ) -> Result<Self> {
        let path = c_path(path)?;
        let raw = options.to_raw()?;
        let make = |index, error| {
            // SAFETY: sgz_index_load/Ownership: path is borrowed for the
            // call. /Lifetime: the index keeps the meter. /Threads: any
            // thread.
            unsafe {
                raw::sgz_index_load(path.as_ptr(), &raw const raw, index, error)
            }
        };
        // SAFETY: make/Safety: the function gives one reference, allocated
        // by options.
        unsafe { Self::make(options.keep_meter(), make) }
    }

    /// Loads a `.gzi` file from `fd`, from its current position to its end.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load); the offset counts from the position that `fd`
    /// had.
    pub fn load_fd(fd: BorrowedFd<'_>, options: &Options) -> Result<Self> {
        let raw = options.to_raw()?;
        let make = |index, error| {
            // SAFETY: sgz_index_load_fd/Ownership: fd is borrowed for the call.
            // /Lifetime: the index keeps the meter. /Threads: any thread;
            // another read of fd at the same time may damage the index, but
            // nothing else.
            unsafe {
                raw::sgz_index_load_fd(
                    fd.as_raw_fd(),
                    &raw const raw,
                    index,
                    error,
                )
            }
        };
        // SAFETY: make/Safety: the function gives one reference, allocated
        // by options.
        unsafe { Self::make(options.keep_meter(), make) }
    }

    /// Makes an index of `entries`.
    ///
    /// The first entry must be 0 and 0. Compressed offsets must increase from
    /// each entry to the next. Uncompressed offsets must not decrease.
    ///
    /// # Errors
    ///
    /// [`Status::Index`](crate::Status::Index) if the entries are out of
    /// order, [`Status::NoMemory`](crate::Status::NoMemory),
    /// [`Status::Invalid`](crate::Status::Invalid).
    pub fn from_entries(entries: &[Entry]) -> Result<Self> {
        Self::from_entries_with(entries, &Options::new())
    }

    /// The same with the meter of `options`.
    ///
    /// # Errors
    ///
    /// As [`from_entries`](Self::from_entries).
    pub fn from_entries_with(
        entries: &[Entry],
        options: &Options,
    ) -> Result<Self> {
        let raw = options.to_raw()?;
        let make = |index, error| {
            // SAFETY: sgz_index_from_entries/Ownership: entries and
            // options are copied; Entry is laid out as the C struct is,
            // see above. /Lifetime: the index keeps the meter. /Threads:
            // any thread.
            unsafe {
                raw::sgz_index_from_entries(
                    entries.as_ptr().cast(),
                    entries.len(),
                    &raw const raw,
                    index,
                    error,
                )
            }
        };
        // SAFETY: make/Safety: the function gives one reference, allocated
        // by options.
        unsafe { Self::make(options.keep_meter(), make) }
    }

    /// Saves it as a `.gzi` file at `path`, completely or not at all.
    ///
    /// # Errors
    ///
    /// [`Status::Io`](crate::Status::Io),
    /// [`Status::NoMemory`](crate::Status::NoMemory): then a file at `path` is
    /// unchanged.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = c_path(path)?;
        call::call(|error| {
            // SAFETY: Index/Invariants: the index is alive.
            // sgz_index_save/Ownership: both are borrowed for the call.
            // /Threads: any thread.
            unsafe { raw::sgz_index_save(self.as_ptr(), path.as_ptr(), error) }
        })
    }

    /// Writes it as a `.gzi` file to `fd`, at its current position.
    ///
    /// # Errors
    ///
    /// [`Status::Io`](crate::Status::Io): a part may have been written.
    pub fn save_fd(&self, fd: BorrowedFd<'_>) -> Result<()> {
        call::call(|error| {
            // SAFETY: Index/Invariants: the index is alive.
            // sgz_index_save_fd/Ownership: both are borrowed for the call.
            // /Threads: any thread; another write to fd at the same time may
            // damage the file, but nothing else.
            unsafe {
                raw::sgz_index_save_fd(self.as_ptr(), fd.as_raw_fd(), error)
            }
        })
    }

    /// All entries, including the first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        let mut count = 0;
        // SAFETY: Index/Invariants: the index is alive.
        // sgz_index_get_entries/Threads: any thread.
        let entries = unsafe {
            raw::sgz_index_get_entries(self.as_ptr(), &raw mut count)
        };
        // SAFETY: sgz_index_get_entries/Ownership: count entries, which
        // belong to the index. /Lifetime: until its last reference is gone,
        // and self is one. They never change, and Entry is laid out alike.
        unsafe { borrowed(entries.cast::<Entry>(), count) }
    }

    /// The position in [`entries`](Self::entries) of the block that holds
    /// the uncompressed `offset`.
    ///
    /// An index does not know where the last block ends: an offset beyond the
    /// end gives the last entry.
    #[must_use]
    pub fn locate(&self, offset: u64) -> usize {
        // SAFETY: Index/Invariants: the index is alive.
        // sgz_index_locate/Ownership: borrowed for the call. /Threads: any
        // thread.
        unsafe { raw::sgz_index_locate(self.as_ptr(), offset) }
    }

    /// The index that `make` returns, allocated by `meter`.
    ///
    /// # Safety
    ///
    /// `make` writes to the first pointer, when it succeeds, an index with
    /// one reference for the caller that nothing but `meter`, or the
    /// default, allocated.
    unsafe fn make(
        meter: Option<Meter>,
        make: impl FnOnce(
            *mut *mut raw::sgz_index,
            *mut raw::sgz_error,
        ) -> raw::sgz_status,
    ) -> Result<Self> {
        call::make(None, |raw| Self { raw, meter }, make)
    }

    /// # Safety
    ///
    /// `raw` holds one reference, now the new `Index`'s own, to an index
    /// that nothing but `meter`, or the default, allocated.
    pub(crate) unsafe fn from_raw(
        raw: NonNull<raw::sgz_index>,
        meter: Option<Meter>,
    ) -> Self {
        Self { raw, meter }
    }

    pub(crate) fn as_ptr(&self) -> *mut raw::sgz_index {
        self.raw.as_ptr()
    }

    /// The holder of another reference has to keep it.
    pub(crate) fn keep_meter(&self) -> Option<Meter> {
        self.meter.clone()
    }
}

impl Clone for Index {
    fn clone(&self) -> Self {
        // SAFETY: Index/Invariants: the index is alive.
        // sgz_index_ref/Ownership: one more reference, the clone's own.
        // /Lifetime: until the clone is dropped. /Threads: any thread.
        unsafe { raw::sgz_index_ref(self.as_ptr()) };
        Self {
            raw: self.raw,
            meter: self.meter.clone(),
        }
    }
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index")
            .field("entries", &self.entries().len())
            .finish_non_exhaustive()
    }
}

// SAFETY: sgz_index_unref/Threads, sgz_index_save/Threads: any thread, at any
// time, by the holder of a reference; Meter is Send.
unsafe impl Send for Index {}
// SAFETY: sgz_index_get_entries/Threads, sgz_index_locate/Threads,
// sgz_index_ref/Threads: any thread, at any time; Meter is Sync.
unsafe impl Sync for Index {}

impl Drop for Index {
    fn drop(&mut self) {
        // SAFETY: Index/Invariants: the reference is self's own.
        // sgz_index_unref/Ownership: it goes back. /Lifetime: self is not
        // used afterwards, and slices from entries() borrow it.
        // /Threads: any thread.
        unsafe { raw::sgz_index_unref(self.as_ptr()) };
    }
}
