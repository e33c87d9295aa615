// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reading gzip: in sequence, by line, and from the middle.

use core::ffi::c_int;
use std::fmt;
use std::io::{self, BufRead, ErrorKind, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::os::fd::BorrowedFd;
use std::path::Path;
use std::ptr;
use std::sync::Arc;

use crate::event::{Event, EventMask};
use crate::handle::Handle;
use crate::header::Header;
use crate::io::borrowed;
use crate::memory::{Buffer, Meter};
use crate::panic::Relay;
use crate::{Error, Format, Index, Options, Result, raw};

/// A gzip file that is being read.
///
/// A failure sticks: every later call that reads reports it again, until a seek
/// succeeds. If a call fails after it read some bytes, it returns these bytes,
/// and the next call reports the failure. A stream that would block is not such
/// a failure: it does not stick, and the same call can be made again.
///
/// `'a` is the lifetime of its input and of its observer's borrows.
///
/// # Invariants
///
/// `handle` holds an open reader that nothing else uses, by the invariants of
/// its type. `index_meter` allocated the index that the reader uses: it is
/// dropped after `handle`.
///
/// # Examples
///
/// ```
/// use std::io::{BufRead, Write};
///
/// let mut file = Vec::new();
/// let mut writer = sgz::Options::new().create_sink(&mut file)?;
/// writer.write_all(b"one\ntwo\n")?;
/// writer.finish()?;
///
/// let reader = sgz::Reader::new(&file)?;
/// let lines: Vec<_> = reader.lines().collect::<Result<_, _>>()?;
/// assert_eq!(lines, ["one", "two"]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Reader<'a> {
    handle: Handle<'a, raw::sgz_reader>,
    index_meter: Option<Meter>,
}

impl Reader<'static> {
    /// Opens the file at `path` with the default options.
    ///
    /// # Errors
    ///
    /// As [`Options::open`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Options::new().open(path)
    }
}

impl<'a> Reader<'a> {
    /// Opens a reader on gzip in memory with the default options.
    ///
    /// # Errors
    ///
    /// As [`Options::open_slice`].
    pub fn new(data: &'a [u8]) -> Result<Self> {
        Options::new().open_slice(data)
    }

    /// The header of the member that holds the last byte that was read.
    ///
    /// Before the first byte, it is the header of the first member.
    #[must_use]
    pub fn header(&self) -> Header<'_> {
        // SAFETY: Reader/Invariants: open, and ours.
        // sgz_reader_get_header/Ownership: it belongs to the reader.
        // /Lifetime: it stays while self is borrowed, since all but get
        // functions take &mut self. /Errors: never NULL.
        // /Threads: it is not Sync.
        unsafe { Header::from_raw(&*raw::sgz_reader_get_header(self.as_ptr())) }
    }

    /// The format of the file, from its first member.
    #[must_use]
    pub fn format(&self) -> Format {
        // SAFETY: Reader/Invariants: open, and ours.
        // sgz_reader_get_format/Threads: it is not Sync.
        let format = unsafe { raw::sgz_reader_get_format(self.as_ptr()) };
        // everything else that a reader can read is gzip
        Format::from_raw(format).unwrap_or(Format::Gzip)
    }

    /// The uncompressed offset of the next byte to be read.
    #[must_use]
    #[inline]
    pub fn tell(&self) -> u64 {
        // SAFETY: Reader/Invariants: open, and ours.
        // sgz_reader_tell/Threads: it is not Sync.
        unsafe { raw::sgz_reader_tell(self.as_ptr()) }
    }

    /// The uncompressed size of the whole input. The position does not change.
    ///
    /// # Errors
    ///
    /// [`Status::Unsupported`](crate::Status::Unsupported) if the input
    /// cannot seek; as [`read_bytes`](Self::read_bytes).
    ///
    /// # Panics
    ///
    /// If a stream or an observer does.
    pub fn size(&mut self) -> Result<u64> {
        let mut size = 0;
        self.handle.call(|reader, error| {
            // SAFETY: Reader/Invariants: open, and ours.
            // sgz_reader_get_size/Lifetime: &mut self: nothing is borrowed.
            // /Threads: &mut self: one thread.
            unsafe { raw::sgz_reader_get_size(reader, &raw mut size, error) }
        })?;
        Ok(size)
    }

    /// Moves to the uncompressed `offset`, which may be the end of the data.
    ///
    /// # Errors
    ///
    /// [`Status::Range`](crate::Status::Range) beyond the end and
    /// [`Status::Unsupported`](crate::Status::Unsupported) backwards in an
    /// input that cannot seek: the position does not change; as
    /// [`read_bytes`](Self::read_bytes).
    ///
    /// # Panics
    ///
    /// If a stream or an observer does.
    pub fn seek_to(&mut self, offset: u64) -> Result<()> {
        self.handle.call(|reader, error| {
            // SAFETY: Reader/Invariants: open, and ours.
            // sgz_reader_seek/Lifetime: &mut self: nothing is borrowed.
            // /Threads: &mut self: one thread.
            unsafe { raw::sgz_reader_seek(reader, offset, error) }
        })
    }

    /// Reads up to `buf.len()` uncompressed bytes; 0 bytes mean the end.
    ///
    /// It reads fewer bytes only at the end, or before a failure that the next
    /// call reports.
    ///
    /// # Errors
    ///
    /// A fault of the input ([`Status`](crate::Status) lists them), a failure
    /// of the system or of a Rust stream, an observer that cancelled, or an
    /// earlier failure that sticks.
    ///
    /// # Panics
    ///
    /// If a stream or an observer does.
    #[inline]
    pub fn read_bytes(&mut self, buf: &mut [u8]) -> Result<usize> {
        let mut len = 0;
        self.handle.call(|reader, error| {
            // SAFETY: Reader/Invariants: open, and ours.
            // sgz_reader_read/Ownership: buf is borrowed for the call, and is
            // that long. /Lifetime: &mut self: nothing is borrowed.
            // /Threads: &mut self: one thread.
            unsafe {
                raw::sgz_reader_read(
                    reader,
                    buf.as_mut_ptr().cast(),
                    buf.len(),
                    &raw mut len,
                    error,
                )
            }
        })?;
        Ok(len)
    }

    /// Borrows the bytes that are ready. If none are ready, it reads some.
    ///
    /// The position does not change: [`consume`](BufRead::consume) moves it. At
    /// the end the slice is empty.
    ///
    /// # Errors
    ///
    /// As [`read_bytes`](Self::read_bytes).
    ///
    /// # Panics
    ///
    /// If a stream or an observer does.
    #[inline]
    pub fn peek(&mut self) -> Result<&[u8]> {
        let mut data = ptr::null();
        let mut len = 0;
        self.handle.call(|reader, error| {
            // SAFETY: Reader/Invariants: open, and ours.
            // sgz_reader_peek/Threads: it is not Sync.
            unsafe {
                raw::sgz_reader_peek(reader, &raw mut data, &raw mut len, error)
            }
        })?;
        // SAFETY: sgz_reader_peek/Ownership: the bytes belong to the reader.
        // /Lifetime: they stay while self is borrowed, since the next call
        // takes &mut self.
        Ok(unsafe { borrowed(data.cast::<u8>(), len) })
    }

    /// Reads a line into `line`, up to and including the byte `delimiter`.
    ///
    /// Returns its length: 0 means the end. The old content of `line` is
    /// replaced, and its memory is reused.
    ///
    /// # Errors
    ///
    /// As [`read_bytes`](Self::read_bytes), and
    /// [`Status::Limit`](crate::Status::Limit) for a line longer than
    /// [`Options::line_limit`].
    ///
    /// # Panics
    ///
    /// If a stream or an observer does.
    #[inline]
    pub fn read_line_into(
        &mut self,
        delimiter: u8,
        line: &mut Buffer,
    ) -> Result<usize> {
        self.handle.call(|reader, error| {
            // SAFETY: Reader/Invariants: open, and ours.
            // sgz_reader_read_line/Ownership: line stays the caller's.
            // /Lifetime: &mut line: no pointer into it is left.
            // /Threads: &mut self: one thread.
            unsafe {
                raw::sgz_reader_read_line(
                    reader,
                    c_int::from(delimiter),
                    line.as_mut_ptr(),
                    error,
                )
            }
        })?;
        Ok(line.len())
    }

    /// Borrows the next line, up to and including the byte `delimiter`, and
    /// moves past it.
    ///
    /// The line is copied only if it crosses from one block into the next.
    /// `None` means the end.
    ///
    /// # Errors
    ///
    /// As [`read_line_into`](Self::read_line_into).
    ///
    /// # Panics
    ///
    /// If a stream or an observer does.
    ///
    /// # Examples
    ///
    /// ```
    /// # let mut file = Vec::new();
    /// # sgz::Options::new().create_sink(&mut file)?.finish()?;
    /// let mut reader = sgz::Reader::new(&file)?;
    /// let mut lines = 0;
    /// while let Some(line) = reader.next_line(b'\n')? {
    ///     lines += usize::from(!line.is_empty());
    /// }
    /// # assert_eq!(lines, 0);
    /// # Ok::<(), sgz::Error>(())
    /// ```
    #[inline]
    pub fn next_line(&mut self, delimiter: u8) -> Result<Option<&[u8]>> {
        let mut line = ptr::null();
        let mut len = 0;
        self.handle.call(|reader, error| {
            // SAFETY: Reader/Invariants: open, and ours.
            // sgz_reader_next_line/Threads: it is not Sync.
            unsafe {
                raw::sgz_reader_next_line(
                    reader,
                    c_int::from(delimiter),
                    &raw mut line,
                    &raw mut len,
                    error,
                )
            }
        })?;
        if len == 0 {
            return Ok(None);
        }
        // SAFETY: sgz_reader_next_line/Ownership: the bytes belong to the
        // reader. /Lifetime: they stay while self is borrowed, since all but
        // get functions take &mut self.
        Ok(Some(unsafe { borrowed(line.cast::<u8>(), len) }))
    }

    /// The lines from the current position on. Each is borrowed until the next
    /// one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::io::Write;
    /// # let mut file = Vec::new();
    /// # let mut writer = sgz::Options::new().create_sink(&mut file)?;
    /// # writer.write_all(b"one\nthree\n")?;
    /// # writer.finish()?;
    /// let mut reader = sgz::Reader::new(&file)?;
    /// let mut lines = reader.borrowed_lines(b'\n');
    /// let mut longest = 0;
    /// while let Some(line) = lines.next() {
    ///     longest = longest.max(line?.len());
    /// }
    /// assert_eq!(longest, 6);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn borrowed_lines(&mut self, delimiter: u8) -> BorrowedLines<'_, 'a> {
        BorrowedLines {
            reader: self,
            delimiter,
            failed: false,
        }
    }

    /// Uses `index` for later seeks; `None`: uses no index.
    ///
    /// # Errors
    ///
    /// [`Status::Index`](crate::Status::Index) if it points beyond the end
    /// of the input, [`Status::Unsupported`](crate::Status::Unsupported) if
    /// the input cannot seek.
    ///
    /// # Panics
    ///
    /// If a stream does.
    pub fn set_index(&mut self, index: Option<&Index>) -> Result<()> {
        let raw = index.map_or(ptr::null_mut(), Index::as_ptr);
        let index_meter = &mut self.index_meter;
        self.handle.call(|reader, error| {
            // SAFETY: Reader/Invariants: open, and ours.
            // sgz_reader_set_index/Ownership: it takes a reference of its
            // own. /Lifetime: until another index is set or the reader is
            // closed, what allocated the index is kept, below. /Threads:
            // &mut self: one thread.
            let status =
                unsafe { raw::sgz_reader_set_index(reader, raw, error) };
            if status == raw::sgz_status::SGZ_OK {
                // before a panic is resumed: C has the index already
                *index_meter = index.and_then(Index::keep_meter);
            }
            status
        })
    }

    /// A meter for what C allocates by the reader's allocator and keeps.
    pub(crate) fn keep_meter(&self) -> Option<Meter> {
        self.handle.keep_meter()
    }

    /// Builds the index of the file. The position does not change.
    ///
    /// Without `verify` only headers and lengths are read, and a wrong length
    /// is found only when its block is read. With `verify` every block is
    /// inflated and checked.
    ///
    /// # Errors
    ///
    /// [`Status::Unsupported`](crate::Status::Unsupported) if the input
    /// cannot seek or is not BGZF; as [`read_bytes`](Self::read_bytes) and
    /// [`seek_to`](Self::seek_to).
    ///
    /// # Panics
    ///
    /// If a stream or an observer does.
    pub fn build_index(&mut self, verify: bool) -> Result<Index> {
        let own = |raw| {
            // SAFETY: sgz_index_build/Ownership: one reference is the
            // caller's. /Lifetime: independent of the reader, and the meter
            // is kept.
            unsafe { Index::from_raw(raw, self.handle.keep_meter()) }
        };
        self.handle.make(own, |reader, index, error| {
            // SAFETY: Reader/Invariants: open, and ours.
            // sgz_index_build/Ownership: the reader is borrowed for the
            // call. /Threads: &mut self: one thread.
            unsafe { raw::sgz_index_build(reader, verify, index, error) }
        })
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
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::Read;
    /// use std::ops::ControlFlow;
    /// use sgz::{Event, EventMask};
    ///
    /// # let mut file = Vec::new();
    /// # sgz::Options::new().create_sink(&mut file)?.finish()?;
    /// let mut blocks = 0;
    /// let mut reader = sgz::Reader::new(&file)?;
    /// reader.observe(EventMask::BLOCK, |event| {
    ///     if let Event::Block(_) = event {
    ///         blocks += 1;
    ///     }
    ///     ControlFlow::Continue(())
    /// })?;
    /// reader.read_to_end(&mut Vec::new())?;
    /// drop(reader);
    /// println!("{blocks} blocks");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn observe<F>(&mut self, mask: EventMask, watch: F) -> Result<()>
    where
        F: FnMut(&Event<'_>) -> ControlFlow<i32> + Send + 'a,
    {
        self.handle.observe(mask, watch)
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
        self.handle.unobserve()
    }

    /// The failure that sticks to the reader, if there is one.
    #[must_use]
    pub fn failure(&self) -> Option<Error> {
        self.handle.failure()
    }

    /// The file descriptor that the reader reads from.
    ///
    /// Move its position, and the reader finds other data than it expects.
    ///
    /// # Errors
    ///
    /// `EBADF` if it reads from something else.
    pub fn as_fd(&self) -> io::Result<BorrowedFd<'_>> {
        // SAFETY: Reader/Invariants: open, and ours.
        // sgz_reader_get_fd/Threads: it is not Sync.
        let fd = unsafe { raw::sgz_reader_get_fd(self.as_ptr()) };
        if fd < 0 {
            // at once, before anything else sets errno
            return Err(io::Error::last_os_error());
        }
        // SAFETY: std BorrowedFd::borrow_raw: not -1, see above.
        // sgz_reader_get_fd/Lifetime: open until the reader is closed.
        // /Ownership: a BorrowedFd does not close.
        Ok(unsafe { BorrowedFd::borrow_raw(fd) })
    }

    /// Closes the reader, which cannot fail.
    ///
    /// # Panics
    ///
    /// If dropping a stream or an observer does, after all is closed. A drop
    /// of the reader does the same, unless another panic is unwinding: see
    /// the [crate's page](crate#panics).
    pub fn close(self) {
        self.handle.close(());
    }

    /// The reader that `open` opens, by `options`.
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
            *mut *mut raw::sgz_reader,
            *mut raw::sgz_error,
        ) -> raw::sgz_status,
    ) -> Result<Self> {
        // SAFETY: Handle::open/Safety: the caller's promise.
        let handle = unsafe { Handle::open(options, relay, open) }?;
        Ok(Self {
            handle,
            index_meter: None,
        })
    }

    #[inline]
    pub(crate) fn as_ptr(&self) -> *mut raw::sgz_reader {
        self.handle.as_ptr()
    }
}

impl Read for Reader<'_> {
    #[inline]
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        Ok(self.read_bytes(buf)?)
    }
}

impl BufRead for Reader<'_> {
    #[inline]
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.peek()?)
    }

    #[inline]
    fn consume(&mut self, amount: usize) {
        // SAFETY: Reader/Invariants: open, and ours.
        // sgz_reader_consume/Errors: none, for any amount.
        // /Threads: &mut self: one thread.
        unsafe { raw::sgz_reader_consume(self.as_ptr(), amount) };
    }
}

impl Seek for Reader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let offset = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(by) => self.tell().checked_add_signed(by),
            SeekFrom::End(by) => self.size()?.checked_add_signed(by),
        };
        let offset = offset.ok_or_else(|| {
            io::Error::new(
                ErrorKind::InvalidInput,
                "seek to a negative or overflowing position",
            )
        })?;
        self.seek_to(offset)?;
        Ok(offset)
    }

    fn stream_position(&mut self) -> io::Result<u64> {
        Ok(self.tell())
    }
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("format", &self.format())
            .field("tell", &self.tell())
            .finish_non_exhaustive()
    }
}

// SAFETY: sgz_reader_open/Threads, sgz_reader_open_source/Threads: the reader
// may move between threads. Reader/Invariants: so may all that it calls.
// Handle/Invariants: no worker of a pool touches what it borrows, so a thread
// that forgets it leaves nothing behind that uses a borrow.
unsafe impl Send for Reader<'_> {}

/// Lines that are borrowed one by one: see [`Reader::borrowed_lines`].
///
/// It is not an [`Iterator`], whose items may be kept: a line is borrowed until
/// the next. After a failure it ends.
#[derive(Debug)]
pub struct BorrowedLines<'r, 'a> {
    reader: &'r mut Reader<'a>,
    delimiter: u8,
    failed: bool,
}

impl BorrowedLines<'_, '_> {
    /// The next line, or the failure that ends them.
    ///
    /// # Panics
    ///
    /// If a stream or an observer does.
    #[inline]
    #[expect(clippy::should_implement_trait, reason = "the item is borrowed")]
    pub fn next(&mut self) -> Option<Result<&[u8]>> {
        if self.failed {
            return None;
        }
        match self.reader.next_line(self.delimiter) {
            Ok(line) => line.map(Ok),
            Err(error) => {
                self.failed = true;
                Some(Err(error))
            }
        }
    }
}
