// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writing gzip, in blocks that can be sought or as one stream.

use std::fmt;
use std::io::{self, Write};
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::path::Path;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use crate::error::{Details, no_output};
use crate::event::{self, Event, EventMask};
use crate::header::NewHeader;
use crate::memory::Meter;
use crate::panic::Relay;
use crate::{Error, Index, Options, Result, raw};

/// A gzip file that is being written.
///
/// [`finish`](Self::finish) ends it, can fail, and says so. A writer that is
/// dropped without gives up what was not finished: one opened by path leaves
/// no file, and what was there before is untouched; other outputs keep what
/// was written so far, without an end.
///
/// After a failure every call reports it again.
///
/// [`flush`](Write::flush) ends the present block, so that all that was
/// written can be read by others. Blocks compress worse the smaller they
/// are: flush where a reader waits, not after each line.
///
/// `'a` is what it writes to and what its observer borrows.
///
/// # Invariants
///
/// `raw` is an open writer that nothing else uses. What C borrows for it
/// stays: a sink and an observer are boxes that C owns and gives back when
/// `raw` is freed; what these or the writer itself borrow, a buffer, a file
/// descriptor, lives during `'a`, which `_borrows` says (covariantly: C hands
/// nothing of `'a` back). The sinks and observers are `Send`. `relay` is
/// shared with them, and `Some` if there ever was one. `meter` allocated
/// `raw`.
///
/// A writer that is forgotten is never used again, and what it borrowed is
/// not looked at: the library works within calls only (`sgz.h`).
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
    raw: NonNull<raw::sgz_writer>,
    relay: Option<Arc<Relay>>,
    meter: Option<Meter>,
    _borrows: PhantomData<&'a mut ()>,
}

/// What [`Writer::finish`] leaves.
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
    /// Gives the file a name, a comment, an mtime and an extra field.
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
        let mut details = Details::new();
        // SAFETY: Writer/Invariants: open, and ours.
        // sgz_writer_set_header/Ownership: header and what it points to,
        // which the caller's NewHeader borrows, are copied.
        // /Threads: &mut self: one thread.
        let status = unsafe {
            raw::sgz_writer_set_header(
                self.as_ptr(),
                &raw const header,
                details.as_mut_ptr(),
            )
        };
        self.check(status, &details)
    }

    /// Writes all of `data`, or fails. It may stay here until a block is
    /// full.
    ///
    /// # Errors
    ///
    /// A failure of the system or of a Rust stream, an observer that broke
    /// off, and a failure met before.
    ///
    /// # Panics
    ///
    /// If a stream or an observer does.
    pub fn write_bytes(&mut self, data: &[u8]) -> Result<()> {
        let mut details = Details::new();
        // SAFETY: Writer/Invariants: open, and ours.
        // sgz_writer_write/Ownership: data is borrowed for the call, and is
        // that long.
        // /Threads: &mut self: one thread.
        let status = unsafe {
            raw::sgz_writer_write(
                self.as_ptr(),
                data.as_ptr().cast(),
                data.len(),
                details.as_mut_ptr(),
            )
        };
        self.check(status, &details)
    }

    /// Ends the present block, so that all that was written can be read.
    ///
    /// # Errors
    ///
    /// As [`write_bytes`](Self::write_bytes).
    ///
    /// # Panics
    ///
    /// If a stream or an observer does.
    pub fn flush_block(&mut self) -> Result<()> {
        let mut details = Details::new();
        // SAFETY: Writer/Invariants: open, and ours.
        // sgz_writer_flush/Threads: &mut self: one thread.
        let status = unsafe {
            raw::sgz_writer_flush(self.as_ptr(), details.as_mut_ptr())
        };
        self.check(status, &details)
    }

    /// The number of uncompressed bytes written so far.
    #[must_use]
    pub fn tell(&self) -> u64 {
        // SAFETY: Writer/Invariants: open, and ours.
        // sgz_writer_tell/Threads: it is not Sync.
        unsafe { raw::sgz_writer_tell(self.as_ptr()) }
    }

    /// Tells `watch` of what happens, of the kinds in `mask`.
    ///
    /// There is one observer at most: the former one is dropped. The closure
    /// may borrow what lives as long as `'a`. If it returns
    /// [`ControlFlow::Break`], the call that is under way ends with
    /// [`Status::Cancelled`](crate::Status::Cancelled) and that value (-1
    /// for 0) in [`Error::os_error`].
    ///
    /// # Errors
    ///
    /// None are known; what the C library says. `watch` is dropped then.
    ///
    /// # Panics
    ///
    /// If dropping the former observer does.
    pub fn observe<F>(&mut self, mask: EventMask, watch: F) -> Result<()>
    where
        F: FnMut(&Event<'_>) -> ControlFlow<i32> + Send + 'a,
    {
        let raw = self.as_ptr();
        let relay = self.relay.get_or_insert_default();
        let set = |observer, details: &mut Details| {
            // SAFETY: Writer/Invariants: open, and ours.
            // sgz_writer_set_observer/Ownership: observer is copied.
            // /Lifetime: its ctx is a box that only release() frees.
            // /Threads: &mut self: one thread.
            unsafe {
                raw::sgz_writer_set_observer(
                    raw,
                    observer,
                    details.as_mut_ptr(),
                )
            }
        };
        // SAFETY: observe/Safety: F: 'a, which the writer does not outlive;
        // F: Send, as the writer is.
        unsafe { event::observe(relay, mask, watch, set) }
    }

    /// Takes the observer off, and drops it.
    ///
    /// # Errors
    ///
    /// None are known; what the C library says.
    ///
    /// # Panics
    ///
    /// If dropping it does.
    pub fn unobserve(&mut self) -> Result<()> {
        let raw = self.as_ptr();
        event::unobserve(self.relay.as_ref(), |none, details| {
            // SAFETY: Writer/Invariants: open, and ours.
            // sgz_writer_set_observer/Ownership: the former ctx comes back.
            // /Threads: &mut self: one thread.
            unsafe {
                raw::sgz_writer_set_observer(raw, none, details.as_mut_ptr())
            }
        })
    }

    /// The failure that sticks to the writer, if there is one.
    #[must_use]
    pub fn failure(&self) -> Option<Error> {
        // SAFETY: Writer/Invariants: open, and ours.
        // sgz_writer_get_error/Threads: it is not Sync.
        let error = unsafe { raw::sgz_writer_get_error(self.as_ptr()) };
        if error.is_null() {
            return None;
        }
        // SAFETY: sgz_writer_get_error/Ownership: it belongs to the writer.
        // /Lifetime: it stays while self is borrowed, and is copied here.
        let error = unsafe { Error::from_ptr(error) };
        let status = error.status();
        Some(error.with_status(status, self.relay.as_deref()))
    }

    /// Writes what is left and the end marker, gives the file its name, and
    /// frees the writer.
    ///
    /// # Errors
    ///
    /// As [`write_bytes`](Self::write_bytes), and
    /// [`Status::Exists`](crate::Status::Exists). The writer is gone then
    /// all the same, and the file at the path untouched.
    ///
    /// # Panics
    ///
    /// If a stream or an observer does, or dropping one: see the
    /// [crate's page](crate#panics).
    pub fn finish(mut self) -> Result<Finished> {
        let mut details = Details::new();
        // SAFETY: Writer/Invariants: open, and ours.
        // sgz_writer_finish/Lifetime: self is taken: nobody writes afterwards.
        // /Threads: self is taken: one thread.
        let status = unsafe {
            raw::sgz_writer_finish(self.as_ptr(), details.as_mut_ptr())
        };
        let relay = self.relay.take();
        let result =
            details.check(status, relay.as_deref()).map(|()| Finished {
                len: self.tell(),
                index: self.index(),
            });
        // Without its relay the writer resumes nothing. That is for below,
        // where the result is in a variable, which an unwinding drops: a
        // value that is being returned would be lost.
        drop(self);
        match relay {
            Some(relay) => relay.end(result),
            None => result,
        }
    }

    /// The index of what was written, if there is one.
    fn index(&self) -> Option<Index> {
        // SAFETY: Writer/Invariants: open, and ours.
        // sgz_writer_ref_index/Errors: NULL if there is none.
        let index = unsafe { raw::sgz_writer_ref_index(self.as_ptr()) };
        NonNull::new(index).map(|raw| {
            // SAFETY: sgz_writer_ref_index/Ownership: one reference is the
            // caller's. /Lifetime: independent of the writer, and the meter
            // is kept.
            unsafe { Index::from_raw(raw, self.meter.clone()) }
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
    /// `open` writes to the first pointer, when it succeeds, a writer for
    /// the caller, allocated by the meter of `options` or the default. What
    /// C borrows for it lives during `'a`, or is a box that C owns; and it
    /// may be used from any thread.
    pub(crate) unsafe fn open_with(
        options: &Options,
        relay: Option<Arc<Relay>>,
        open: impl FnOnce(
            *mut *mut raw::sgz_writer,
            *mut raw::sgz_error,
        ) -> raw::sgz_status,
    ) -> Result<Self> {
        let mut writer = ptr::null_mut();
        let mut details = Details::new();
        let status = open(&raw mut writer, details.as_mut_ptr());
        details.check(status, relay.as_deref())?;
        Ok(Self {
            raw: NonNull::new(writer).ok_or_else(no_output)?,
            relay,
            meter: options.keep_meter(),
            _borrows: PhantomData,
        })
    }

    #[inline]
    fn as_ptr(&self) -> *mut raw::sgz_writer {
        self.raw.as_ptr()
    }

    /// What every call that may run callbacks ends with.
    #[inline]
    fn check(&self, status: raw::sgz_status, details: &Details) -> Result<()> {
        let relay = self.relay.as_deref();
        if let Some(relay) = relay {
            relay.resume();
        }
        details.check(status, relay)
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

// SAFETY: sgz_writer_open/Threads, sgz_writer_open_sink/Threads: the writer
// may move between threads. Writer/Invariants: so may all that it calls.
unsafe impl Send for Writer<'_> {}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        // SAFETY: Writer/Invariants: open, and ours.
        // sgz_writer_free/Ownership: boxes come back through their
        // trampolines. /Lifetime: what was lent borrowed self.
        // /Threads: &mut self: one thread.
        unsafe { raw::sgz_writer_free(self.as_ptr()) };
        if let Some(relay) = &self.relay {
            relay.end(());
        }
    }
}
