// SPDX-License-Identifier: MIT OR Apache-2.0
//! Options, and all functions that open a reader or writer.

use core::ffi::c_uint;
use std::ffi::CString;
use std::io::{Read, Seek, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use crate::error::Details;
use crate::io::{self, Stream};
use crate::memory::{Buffer, Meter};
use crate::panic::Relay;
use crate::reader::Reader;
use crate::writer::Writer;
use crate::{Codec, Error, Pool, Result, Status, raw};

/// The format of a file that is read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Blocks that allow random access.
    Bgzf,
    /// One member, one stream; when read, any gzip that is not BGZF.
    Gzip,
}

impl Format {
    pub(crate) fn from_raw(format: raw::sgz_format) -> Option<Self> {
        match format {
            raw::sgz_format::SGZ_FORMAT_BGZF => Some(Self::Bgzf),
            raw::sgz_format::SGZ_FORMAT_GZIP => Some(Self::Gzip),
            _ => None,
        }
    }

    fn to_raw(self) -> c_uint {
        match self {
            Self::Bgzf => raw::sgz_format::SGZ_FORMAT_BGZF.0,
            Self::Gzip => raw::sgz_format::SGZ_FORMAT_GZIP.0,
        }
    }
}

/// Detects the format of `data`: `None` if it is not a gzip header.
///
/// 18 bytes are enough. With fewer, BGZF can be reported as [`Format::Gzip`].
///
/// # Examples
///
/// ```
/// assert_eq!(sgz::detect(b"plain text"), None);
/// ```
#[must_use]
pub fn detect(data: &[u8]) -> Option<Format> {
    // SAFETY: sgz_detect/Ownership: data is borrowed for the call, and a
    // slice is that long. /Threads: any thread.
    let format = unsafe { raw::sgz_detect(data.as_ptr().cast(), data.len()) };
    Format::from_raw(format)
}

/// Options, and all methods that open a [`Reader`] or [`Writer`].
///
/// An option that is not set has the C library's default. A value out of range
/// is reported by the method that opens: [`Status::Invalid`].
///
/// # Examples
///
/// ```
/// use std::io::Write;
///
/// let mut file = sgz::Buffer::new();
/// let options = sgz::Options::new().level(9).build_index(true);
/// let mut writer = options.create_buffer(&mut file)?;
/// writer.write_all(b"hello")?;
/// let finished = writer.finish()?;
/// assert_eq!(finished.len, 5);
/// assert_eq!(finished.index.unwrap().entries().len(), 1);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
#[expect(clippy::struct_excessive_bools, reason = "as many as the C has")]
pub struct Options {
    level: Option<i32>,
    block_size: Option<u32>,
    format: Option<Format>,
    build_index: bool,
    exclusive: bool,
    sync: bool,
    skip_crc: bool,
    allow_no_eof: bool,
    progress_interval: Option<u32>,
    header_limit: Option<usize>,
    line_limit: Option<usize>,
    read_size: Option<usize>,
    meter: Option<Meter>,
    pool: Option<Pool>,
    stop_early: bool,
    cache_size: Option<usize>,
    codec: Option<Codec>,
}

/// The options. The C header documents their defaults.
impl Options {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writer: 0 (stored) to 12 (smallest), or -1 for the codec's default. The
    /// highest level of zlib is 9.
    pub fn level(mut self, level: i32) -> Self {
        self.level = Some(level);
        self
    }

    /// Writer, BGZF: uncompressed bytes per block.
    ///
    /// See [`block_sizes`](crate::block_sizes) for the bounds.
    pub fn block_size(mut self, bytes: u32) -> Self {
        self.block_size = Some(bytes);
        self
    }

    /// Writer: which format to write.
    pub fn format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// Writer, BGZF: keep an index of what is written.
    pub fn build_index(mut self, yes: bool) -> Self {
        self.build_index = yes;
        self
    }

    /// Writer by path: fail with [`Status::Exists`] instead of replacing a
    /// file.
    pub fn exclusive(mut self, yes: bool) -> Self {
        self.exclusive = yes;
        self
    }

    /// Writer by path: write the data to the disk before the file gets its
    /// name.
    pub fn sync(mut self, yes: bool) -> Self {
        self.sync = yes;
        self
    }

    /// Reader: do not compare checksums.
    pub fn skip_crc(mut self, yes: bool) -> Self {
        self.skip_crc = yes;
        self
    }

    /// Reader: a file that ends with a BGZF block is complete, even without the
    /// end marker.
    pub fn allow_no_eof(mut self, yes: bool) -> Self {
        self.allow_no_eof = yes;
        self
    }

    /// Minimum of uncompressed bytes between two progress events.
    pub fn progress_interval(mut self, bytes: u32) -> Self {
        self.progress_interval = Some(bytes);
        self
    }

    /// Reader: maximum of bytes in a member's header, including names.
    pub fn header_limit(mut self, bytes: usize) -> Self {
        self.header_limit = Some(bytes);
        self
    }

    /// Reader: maximum of bytes in a line.
    pub fn line_limit(mut self, bytes: usize) -> Self {
        self.line_limit = Some(bytes);
        self
    }

    /// Reader: bytes to read from the input at a time.
    pub fn read_size(mut self, bytes: usize) -> Self {
        self.read_size = Some(bytes);
        self
    }

    /// Allocate everything with `meter`.
    pub fn meter(mut self, meter: &Meter) -> Self {
        self.meter = Some(meter.clone());
        self
    }

    /// BGZF: the threads of `pool` compress and decompress blocks too.
    pub fn pool(mut self, pool: &Pool) -> Self {
        self.pool = Some(pool.clone());
        self
    }

    /// [`SharedReader`](crate::SharedReader): decompress a block only as far as
    /// it is needed. Then the rest of it, its checksum and its length are not
    /// checked: corrupt bytes may be returned as data.
    pub fn stop_early(mut self, yes: bool) -> Self {
        self.stop_early = yes;
        self
    }

    /// [`SharedReader`](crate::SharedReader): keep the blocks that were used
    /// last, up to so many decompressed bytes.
    pub fn cache_size(mut self, bytes: usize) -> Self {
        self.cache_size = Some(bytes);
        self
    }

    /// The codec of BGZF blocks, instead of the default one. The reader or
    /// writer keeps it alive.
    pub fn codec(mut self, codec: &Codec) -> Self {
        self.codec = Some(codec.clone());
        self
    }

    /// The struct for C, which borrows `self.meter`, `self.pool` and
    /// `self.codec`.
    pub(crate) fn to_raw(&self) -> Result<raw::sgz_options> {
        let mut options = MaybeUninit::<raw::sgz_options>::zeroed();
        // SAFETY: sgz_options_init/Ownership: options is borrowed for the
        // call, and is that large.
        let status = unsafe {
            raw::sgz_options_init(
                options.as_mut_ptr(),
                size_of::<raw::sgz_options>(),
            )
        };
        Details::new().check(status, None)?;
        // SAFETY: sgz_options_init/Errors: it succeeded, so the defaults are
        // there. A field that an older library does not know is 0, which every
        // field may be.
        let mut options = unsafe { options.assume_init() };
        fn set<T>(field: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *field = value;
            }
        }
        set(&mut options.level, self.level);
        set(&mut options.block_size, self.block_size);
        set(&mut options.progress_interval, self.progress_interval);
        set(&mut options.header_limit, self.header_limit);
        set(&mut options.line_limit, self.line_limit);
        set(&mut options.read_size, self.read_size);
        if let Some(format) = self.format {
            options.set_format(format.to_raw());
        }
        options.set_build_index(self.build_index.into());
        options.set_exclusive(self.exclusive.into());
        options.set_sync(self.sync.into());
        options.set_skip_crc(self.skip_crc.into());
        options.set_allow_no_eof(self.allow_no_eof.into());
        options.set_stop_early(self.stop_early.into());
        set(&mut options.cache_size, self.cache_size);
        if let Some(meter) = &self.meter {
            options.allocator = meter.allocator();
        }
        if let Some(pool) = &self.pool {
            options.pool = pool.as_ptr();
        }
        if let Some(codec) = &self.codec {
            options.codec = codec.as_ptr();
        }
        Ok(options)
    }

    /// The meter, to be kept by every object that C allocates with
    /// [`to_raw`](Self::to_raw).
    pub(crate) fn keep_meter(&self) -> Option<Meter> {
        self.meter.clone()
    }
}

/// # Readers
///
/// Each method reads the first header at once. All fail with [`Status::Format`]
/// if the input is not gzip, [`Status::Truncated`] if it is empty or ends
/// within the header, [`Status::Limit`], [`Status::NoMemory`] and
/// [`Status::Invalid`].
impl Options {
    /// Opens the file at `path`.
    ///
    /// # Errors
    ///
    /// [`Status::Io`] if a system call fails; [`Status::Invalid`] if `path`
    /// holds a NUL; see above.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Reader<'static>> {
        let path = c_path(path)?;
        let options = self.to_raw()?;
        let open = |reader, error| {
            // SAFETY: sgz_reader_open/Ownership: path is borrowed for
            // the call, options are copied. /Lifetime: the reader keeps the
            // meter. /Threads: any thread.
            unsafe {
                raw::sgz_reader_open(
                    path.as_ptr(),
                    &raw const options,
                    reader,
                    error,
                )
            }
        };
        // SAFETY: open_with/Safety: the file is the library's own.
        unsafe { Reader::open_with(self, None, open) }
    }

    /// Opens a reader on the file descriptor `fd`, from its current position.
    ///
    /// Offsets count from that position. `fd` is not closed. Nothing else may
    /// move its position, or the reader reads wrong data.
    ///
    /// # Errors
    ///
    /// See [`open`](Self::open).
    pub fn open_fd<'a>(&self, fd: BorrowedFd<'a>) -> Result<Reader<'a>> {
        let options = self.to_raw()?;
        let open = |reader, error| {
            // SAFETY: sgz_reader_open_fd/Ownership: fd is not closed,
            // options are copied. /Lifetime: fd is open during 'a, which
            // the reader does not outlive; it keeps the meter.
            // /Threads: any thread.
            unsafe {
                raw::sgz_reader_open_fd(
                    fd.as_raw_fd(),
                    &raw const options,
                    reader,
                    error,
                )
            }
        };
        // SAFETY: open_with/Safety: fd is open during 'a.
        unsafe { Reader::open_with(self, None, open) }
    }

    /// Opens a reader on gzip in memory.
    ///
    /// # Errors
    ///
    /// See [above](#readers).
    pub fn open_slice<'a>(&self, data: &'a [u8]) -> Result<Reader<'a>> {
        let options = self.to_raw()?;
        let open = |reader, error| {
            // SAFETY: sgz_reader_open_memory/Ownership: options are
            // copied. /Lifetime: data stays, unchanged, during 'a, which
            // the reader does not outlive; it keeps the meter. /Threads: a
            // slice of bytes is Sync.
            unsafe {
                raw::sgz_reader_open_memory(
                    data.as_ptr().cast(),
                    data.len(),
                    &raw const options,
                    reader,
                    error,
                )
            }
        };
        // SAFETY: open_with/Safety: data stays during 'a.
        unsafe { Reader::open_with(self, None, open) }
    }

    /// Opens a reader on a Rust stream. The reader owns the stream and cannot
    /// seek.
    ///
    /// Pass `&mut stream` to use it again afterwards; its position is then
    /// undefined, because the reader reads ahead. Each read gets a zeroed
    /// buffer of [`read_size`](Self::read_size) bytes: choose a small size for
    /// a stream that returns few bytes at a time.
    ///
    /// The whole first header must be ready. Later, if a stream has no data yet
    /// ([`WouldBlock`](std::io::ErrorKind::WouldBlock)), the call fails in the
    /// same way, and it can be made again.
    ///
    /// # Errors
    ///
    /// [`Status::Callback`], with the stream's error as its source; see
    /// [above](#readers). Then the stream is dropped.
    ///
    /// # Panics
    ///
    /// If the stream does: see the [crate's page](crate#panics).
    pub fn open_stream<'a, R>(&self, stream: R) -> Result<Reader<'a>>
    where
        R: Read + Send + 'a,
    {
        self.open_boxed(stream, io::source)
    }

    /// Opens a reader on a Rust stream that can seek; the reader owns it.
    ///
    /// # Errors
    ///
    /// As [`open_stream`](Self::open_stream).
    ///
    /// # Panics
    ///
    /// If the stream does: see the [crate's page](crate#panics).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::Cursor;
    ///
    /// let mut file = Cursor::new(Vec::new());
    /// sgz::Options::new().create_sink(&mut file)?.finish()?;
    /// file.set_position(0);
    /// let mut reader = sgz::Options::new().open_source(&mut file)?;
    /// assert_eq!(reader.size()?, 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn open_source<'a, R>(&self, stream: R) -> Result<Reader<'a>>
    where
        R: Read + Seek + Send + 'a,
    {
        self.open_boxed(stream, io::seekable_source)
    }

    fn open_boxed<'a, R: Send + 'a>(
        &self,
        stream: R,
        source: impl FnOnce(*mut Stream<R>) -> raw::sgz_source,
    ) -> Result<Reader<'a>> {
        let options = self.to_raw()?;
        let open = |ctx, relay: &_| {
            let source = source(ctx);
            let open = |reader, error| {
                // SAFETY: sgz_reader_open_source/Ownership: source and
                // options are copied, ctx is C's once this succeeds.
                // /Lifetime: ctx is a box that only close() frees; the reader
                // keeps the meter. /Threads: the stream is Send.
                unsafe {
                    raw::sgz_reader_open_source(
                        &raw const source,
                        &raw const options,
                        reader,
                        error,
                    )
                }
            };
            // SAFETY: open_with/Safety: the stream is boxed and Send, and
            // what it borrows stays during 'a.
            unsafe { Reader::open_with(self, Some(relay), open) }
        };
        // SAFETY: boxed/Safety: sgz_reader_open_source/Ownership: on failure
        // ctx stays with the caller, and close() is not called.
        unsafe { boxed(stream, open) }
    }
}

/// # Writers
///
/// All fail with [`Status::NoMemory`], and with [`Status::Invalid`] if an
/// option is out of range.
impl Options {
    /// Opens a writer of the file at `path`.
    ///
    /// The bytes go to a new file in the same folder. [`Writer::finish`] gives
    /// it its name; until then a file at `path` is unchanged.
    ///
    /// # Errors
    ///
    /// [`Status::Io`] if a system call fails, [`Status::Exists`] with
    /// [`exclusive`](Self::exclusive), [`Status::Invalid`] if `path` holds a
    /// NUL.
    pub fn create(&self, path: impl AsRef<Path>) -> Result<Writer<'static>> {
        let path = c_path(path)?;
        let options = self.to_raw()?;
        let open = |writer, error| {
            // SAFETY: sgz_writer_open/Ownership: path and options are
            // copied. /Lifetime: the writer keeps the meter. /Threads: any
            // thread.
            unsafe {
                raw::sgz_writer_open(
                    path.as_ptr(),
                    &raw const options,
                    writer,
                    error,
                )
            }
        };
        // SAFETY: open_with/Safety: the file is the library's own.
        unsafe { Writer::open_with(self, None, open) }
    }

    /// Opens a writer to the file descriptor `fd`, from its current position.
    ///
    /// It is not closed.
    ///
    /// # Errors
    ///
    /// See [above](#writers).
    pub fn create_fd<'a>(&self, fd: BorrowedFd<'a>) -> Result<Writer<'a>> {
        let options = self.to_raw()?;
        let open = |writer, error| {
            // SAFETY: sgz_writer_open_fd/Ownership: fd is not closed,
            // options are copied. /Lifetime: fd is open during 'a, which
            // the writer does not outlive; it keeps the meter.
            // /Threads: any thread.
            unsafe {
                raw::sgz_writer_open_fd(
                    fd.as_raw_fd(),
                    &raw const options,
                    writer,
                    error,
                )
            }
        };
        // SAFETY: open_with/Safety: fd is open during 'a.
        unsafe { Writer::open_with(self, None, open) }
    }

    /// Opens a writer that appends to `buffer`.
    ///
    /// # Errors
    ///
    /// See [above](#writers).
    pub fn create_buffer<'a>(
        &self,
        buffer: &'a mut Buffer,
    ) -> Result<Writer<'a>> {
        let options = self.to_raw()?;
        let buffer = buffer.as_mut_ptr();
        let open = |writer, error| {
            // SAFETY: sgz_writer_open_memory/Ownership: buffer stays the
            // caller's, options are copied. /Lifetime: it stays, and is
            // not touched, during 'a, which the writer does not outlive; it
            // keeps the meter.
            // /Threads: buffer is Send.
            unsafe {
                raw::sgz_writer_open_memory(
                    buffer,
                    &raw const options,
                    writer,
                    error,
                )
            }
        };
        // SAFETY: open_with/Safety: buffer is borrowed alone during 'a.
        unsafe { Writer::open_with(self, None, open) }
    }

    /// Opens a writer into a Rust stream, which it owns.
    ///
    /// Pass `&mut stream` to use it again afterwards.
    ///
    /// # Errors
    ///
    /// See [above](#writers). Then the stream is dropped.
    ///
    /// # Panics
    ///
    /// If the stream does: see the [crate's page](crate#panics).
    pub fn create_sink<'a, W>(&self, stream: W) -> Result<Writer<'a>>
    where
        W: Write + Send + 'a,
    {
        let options = self.to_raw()?;
        let open = |ctx, relay: &_| {
            let sink = io::sink(ctx);
            let open = |writer, error| {
                // SAFETY: sgz_writer_open_sink/Ownership: sink and options
                // are copied, ctx is C's once this succeeds. /Lifetime: ctx
                // is a box that only close() frees; the writer keeps the
                // meter. /Threads: the stream is Send.
                unsafe {
                    raw::sgz_writer_open_sink(
                        &raw const sink,
                        &raw const options,
                        writer,
                        error,
                    )
                }
            };
            // SAFETY: open_with/Safety: the stream is boxed and Send, and
            // what it borrows stays during 'a.
            unsafe { Writer::open_with(self, Some(relay), open) }
        };
        // SAFETY: boxed/Safety: sgz_writer_open_sink/Ownership: on failure
        // ctx stays with the caller, and close() is not called.
        unsafe { boxed(stream, open) }
    }
}

/// The handle that `open` opens, with `stream` for its callbacks.
///
/// On failure the stream is dropped, and a panic of the stream is resumed.
///
/// # Safety
///
/// If `open` fails, nobody else uses its first argument, or frees it.
unsafe fn boxed<S, T>(
    stream: S,
    open: impl FnOnce(*mut Stream<S>, &Arc<Relay>) -> Result<T>,
) -> Result<T> {
    let relay = Arc::new(Relay::default());
    let ctx = Box::into_raw(Box::new(Stream::new(stream, relay.clone())));
    let result = open(ctx, &relay);
    if result.is_ok() {
        return relay.hand_over(result);
    }
    // SAFETY: boxed/Safety: the caller's promise.
    unsafe { Box::from_raw(ctx) }.close();
    relay.end(result)
}

/// A path as a C string.
///
/// `path` is dropped here, before C is called. If the caller dropped it later
/// and its drop panicked, the object that C has opened would be lost.
pub(crate) fn c_path(path: impl AsRef<Path>) -> Result<CString> {
    let text = CString::new(path.as_ref().as_os_str().as_bytes())
        .map_err(|_| Error::new(Status::Invalid, "the path holds a NUL"));
    drop(path); // while `text` is a variable, which an unwinding drops
    text
}
