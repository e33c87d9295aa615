// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writing gzip, in blocks that allow random access or as one stream.

use std::fmt;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::ptr::NonNull;
use std::sync::Arc;

use crate::event::{Event, EventMask};
use crate::handle::Handle;
use crate::header::NewHeader;
use crate::owned::Owned;
use crate::panic::Relay;
use crate::{Error, Index, Options, Result, raw};

/// A gzip file that is being written.
///
/// [`finish`](Self::finish) ends it, and can fail. If a writer is dropped
/// without it, the output is not complete: a writer by path leaves no new file,
/// and an old file is unchanged; other outputs keep the bytes that were written
/// so far, without an end marker.
///
/// After a failure every call reports it again.
///
/// [`flush`](Write::flush) ends the current block, so that others can read
/// everything written so far. Small blocks compress badly: flush when a reader
/// waits, not after each line.
///
/// `'a` is the lifetime of its output and of its observer's borrows.
///
/// # Invariants
///
/// `handle` holds an open writer that nothing else uses, by the invariants of
/// its type.
///
/// # Examples
///
/// ```
/// use std::io::Write;
///
/// let mut file = Vec::new();
/// let mut writer = sgz::Options::new().create_sink(&mut file)?;
/// writeln!(writer, "{} lines", 1)?;
/// let finished = writer.finish()?;
/// assert_eq!(finished.len, 8);
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use = "a writer that is not finished gives up what was written"]
pub struct Writer<'a> {
    handle: Handle<'a, raw::sgz_writer>,
}

/// The result of [`Writer::finish`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finished {
    /// Uncompressed bytes that were written.
    pub len: u64,
    /// The index of the file, if [`Options::build_index`] was set.
    pub index: Option<Index>,
}

impl Writer<'static> {
    /// Opens a writer of the file at `path` with the default options.
    ///
    /// # Errors
    ///
    /// As [`Options::create`].
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        Options::new().create(path)
    }
}

impl<'a> Writer<'a> {
    /// Sets the file's name, comment, mtime and extra field.
    ///
    /// For [`Format::Gzip`](crate::Format::Gzip) only: other readers of BGZF
    /// expect blocks without them.
    ///
    /// # Errors
    ///
    /// [`Status::Unsupported`](crate::Status::Unsupported) for BGZF,
    /// [`Status::State`](crate::Status::State) after the first write,
    /// [`Status::Invalid`](crate::Status::Invalid) for an extra field that
    /// is too long or not filled by its subfields,
    /// [`Status::NoMemory`](crate::Status::NoMemory).
    pub fn set_header(&mut self, header: &NewHeader<'_>) -> Result<()> {
        let header = header.to_raw();
        self.handle.call(|writer, error| {
            // SAFETY: Writer/Invariants: open, and ours.
            // sgz_writer_set_header/Ownership: header and what it points to,
            // which the caller's NewHeader borrows, are copied.
            // /Threads: &mut self: one thread.
            unsafe {
                raw::sgz_writer_set_header(writer, &raw const header, error)
            }
        })
    }

    /// Writes all of `data`, or fails. The writer may keep bytes until a block
    /// is full.
    ///
    /// # Errors
    ///
    /// A failure of the system or of a Rust stream, an observer that cancelled,
    /// or an earlier failure that sticks.
    ///
    /// # Panics
    ///
    /// If a stream or an observer does.
    pub fn write_bytes(&mut self, data: &[u8]) -> Result<()> {
        self.handle.call(|writer, error| {
            // SAFETY: Writer/Invariants: open, and ours.
            // sgz_writer_write/Ownership: data is borrowed for the call, and is
            // that long.
            // /Threads: &mut self: one thread.
            unsafe {
                raw::sgz_writer_write(
                    writer,
                    data.as_ptr().cast(),
                    data.len(),
                    error,
                )
            }
        })
    }

    /// Writes all of `data` and takes ownership of it: a `Vec<u8>`, a
    /// [`Block`](crate::Block) of a reader, a `bytes::Bytes`. With a pool, the
    /// bytes are compressed where they are, without a copy.
    ///
    /// The value is dropped when the writer no longer needs it, also after a
    /// failure. It must not borrow: the threads of a pool may still read it
    /// after the writer was forgotten.
    ///
    /// # Errors
    ///
    /// As [`write_bytes`](Self::write_bytes).
    ///
    /// # Panics
    ///
    /// If a stream or an observer does, or `as_ref`, or the drop of a value.
    pub fn write_owned<T>(&mut self, data: T) -> Result<()>
    where
        T: AsRef<[u8]> + Send + 'static,
    {
        let owned = Owned::new(data, self.handle.relay()).into_raw();
        self.handle.call(|writer, error| {
            // SAFETY: Writer/Invariants: open, and ours.
            // sgz_writer_write_owned/Ownership: the box is the writer's now,
            // and comes back through the trampoline, after a failure too.
            // /Lifetime: its bytes stay and do not change. /Threads: &mut self:
            // one thread. Owned/Invariants: nobody else uses the value.
            unsafe {
                raw::sgz_writer_write_owned(writer, &raw const owned, error)
            }
        })
    }

    /// Ends the current block, so that everything written so far can be read.
    ///
    /// # Errors
    ///
    /// As [`write_bytes`](Self::write_bytes).
    ///
    /// # Panics
    ///
    /// If a stream or an observer does.
    pub fn flush_block(&mut self) -> Result<()> {
        self.handle.call(|writer, error| {
            // SAFETY: Writer/Invariants: open, and ours.
            // sgz_writer_flush/Threads: &mut self: one thread.
            unsafe { raw::sgz_writer_flush(writer, error) }
        })
    }

    /// The number of uncompressed bytes written so far.
    #[must_use]
    pub fn tell(&self) -> u64 {
        // SAFETY: Writer/Invariants: open, and ours.
        // sgz_writer_tell/Threads: it is not Sync.
        unsafe { raw::sgz_writer_tell(self.as_ptr()) }
    }

    /// Reports events of the kinds in `mask` to `watch`.
    ///
    /// There is at most one observer: the previous one is dropped. The closure
    /// may borrow values that live as long as `'a`. If it returns
    /// [`ControlFlow::Break`], the current call ends with
    /// [`Status::Cancelled`](crate::Status::Cancelled) and that value (-1 for
    /// 0) in [`Error::os_error`].
    ///
    /// # Errors
    ///
    /// No error is known today. If the C library reports one, `watch` is
    /// dropped.
    ///
    /// # Panics
    ///
    /// If dropping the previous observer does.
    pub fn observe<F>(&mut self, mask: EventMask, watch: F) -> Result<()>
    where
        F: FnMut(&Event<'_>) -> ControlFlow<i32> + Send + 'a,
    {
        self.handle.observe(mask, watch)
    }

    /// Removes the observer, and drops it.
    ///
    /// # Errors
    ///
    /// No error is known today.
    ///
    /// # Panics
    ///
    /// If dropping it does.
    pub fn unobserve(&mut self) -> Result<()> {
        self.handle.unobserve()
    }

    /// The failure that sticks to the writer, if there is one.
    #[must_use]
    pub fn failure(&self) -> Option<Error> {
        self.handle.failure()
    }

    /// Writes what is left and the end marker, gives the file its name, and
    /// frees the writer.
    ///
    /// # Errors
    ///
    /// As [`write_bytes`](Self::write_bytes), and
    /// [`Status::Exists`](crate::Status::Exists). The writer is freed in this
    /// case too, and a file at the path is unchanged.
    ///
    /// # Panics
    ///
    /// If a stream or an observer does, or dropping one: see the
    /// [crate's page](crate#panics).
    pub fn finish(self) -> Result<Finished> {
        let finished = self.handle.outcome(|writer, error| {
            // SAFETY: Writer/Invariants: open, and ours.
            // sgz_writer_finish/Lifetime: self is taken: nobody writes
            // afterwards. /Threads: self is taken: one thread.
            unsafe { raw::sgz_writer_finish(writer, error) }
        });
        let finished = finished.map(|()| Finished {
            len: self.tell(),
            index: self.index(),
        });
        self.handle.close(finished)
    }

    /// The index of the data that was written, if there is one.
    fn index(&self) -> Option<Index> {
        // SAFETY: Writer/Invariants: open, and ours.
        // sgz_writer_ref_index/Errors: NULL if there is none. /Threads: it is
        // not Sync.
        let index = unsafe { raw::sgz_writer_ref_index(self.as_ptr()) };
        NonNull::new(index).map(|raw| {
            // SAFETY: sgz_writer_ref_index/Ownership: one reference is the
            // caller's. /Lifetime: independent of the writer, and the meter
            // is kept.
            unsafe { Index::from_raw(raw, self.handle.keep_meter()) }
        })
    }

    /// The writer that `open` opens, by `options`.
    ///
    /// # Errors
    ///
    /// What `open` returns.
    ///
    /// # Safety
    ///
    /// As for `Handle::open`.
    pub(crate) unsafe fn open_with(
        options: &Options,
        relay: Option<&Arc<Relay>>,
        open: impl FnOnce(
            *mut *mut raw::sgz_writer,
            *mut raw::sgz_error,
        ) -> raw::sgz_status,
    ) -> Result<Self> {
        // SAFETY: Handle::open/Safety: the caller's promise.
        let handle = unsafe { Handle::open(options, relay, open) }?;
        Ok(Self { handle })
    }

    #[inline]
    fn as_ptr(&self) -> *mut raw::sgz_writer {
        self.handle.as_ptr()
    }
}

impl Write for Writer<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.write_bytes(buf)?;
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(self.flush_block()?)
    }
}

impl fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("tell", &self.tell())
            .finish_non_exhaustive()
    }
}

// SAFETY: sgz_writer_open/Threads, sgz_writer_open_sink/Threads: the writer may
// move between threads. Writer/Invariants: so may everything that it calls.
// Handle/Invariants: no worker of a pool touches what it borrows, so a thread
// that forgets it leaves nothing behind that uses a borrow.
unsafe impl Send for Writer<'_> {}
