// SPDX-License-Identifier: MIT OR Apache-2.0
//! Seekable gzip: a safe interface to libsgz.
//!
//! A gzip file cut into independent blocks (BGZF) is still a gzip file, and
//! can be read from the middle. This crate reads any gzip file in sequence,
//! reads and writes BGZF, and seeks in it with or without a `.gzi` index.
//!
//! - [`Reader`]: `Read + BufRead + Seek` over a path, a file descriptor, a
//!   slice, or any Rust stream
//! - [`Writer`]: `Write` to a path, a file descriptor, a [`Buffer`], or any
//!   Rust stream; [`Writer::finish`] ends it
//! - [`Options`]: how to read and write, and every way to open
//! - [`Index`]: where each block starts
//! - [`Event`]: what a reader or writer reports to a closure
//! - [`Codec`]: compresses and decompresses blocks; in C, in Rust, or a plugin
//! - [`Pool`], [`Job`]: threads, and work on whole files as futures
//! - [`Meter`]: a counting allocator
//! - [`Error`]: what failed, where, and why; it converts to and from
//!   [`std::io::Error`]
//!
//! # What the types mean
//!
//! The C library documents who owns what, how long it is valid and which
//! threads may use it. Here types say the same. Data that belongs to the reader
//! is a borrow of the reader. Data that the reader borrows has the lifetime
//! `'a` of [`Reader<'a>`](Reader). A value that must not be used twice is taken
//! by value, and a value that threads may not share is not `Sync`. Users of
//! this crate need no `unsafe`.
//!
//! # Panics
//!
//! A panic in a closure or in a Rust stream does not unwind through C: it is
//! caught at the border and kept. The call in which it happened resumes it
//! after C has returned and Rust owns everything that C returned. If there are
//! several panics, the first is resumed. The others are dropped in a place
//! where a further panic is caught.
//!
//! The drop of a stream, a closure or a stream's error may panic too.
//! [`Reader::close`] and [`Writer::finish`] resume that panic. The drop of a
//! reader or writer resumes it too, like the drop of any Rust value that owns
//! the stream: so a mock that checks itself when it is dropped also works under
//! a reader. Before that, the handle is closed, and C has freed everything.
//! While another panic unwinds, a drop resumes nothing, because that would
//! abort the process: the later panic is lost.
//!
//! In any Rust program, a drop that panics at the end of a scope loses the
//! value that the scope returns: its destructor is not run
//! (rust-lang/rust#47949). If a drop may panic, call `close` or `finish` first.
//!
//! # Features
//!
//! `handwritten` (the default) and `generated` select the raw crate. Both use
//! the same library; if both are set, `generated` is used.
//!
//! `bytes` adds `From<Block> for bytes::Bytes`, which copies nothing.
//!
//! `tokio` adds `AsyncReader`, a `tokio::io::AsyncRead`, and `AsyncWriter`, a
//! `tokio::io::AsyncWrite`. Jobs are futures without it, for any executor.
//!
//! # Examples
//!
//! ```
//! use std::io::{Read, Seek, SeekFrom, Write};
//!
//! let mut file = Vec::new();
//! let mut writer = sgz::Options::new().create_sink(&mut file)?;
//! writer.write_all(b"one, two, three")?;
//! writer.finish()?;
//!
//! let mut reader = sgz::Reader::new(&file)?;
//! reader.seek(SeekFrom::Start(5))?;
//! let mut text = String::new();
//! reader.read_to_string(&mut text)?;
//! assert_eq!(text, "two, three");
//! # Ok::<(), std::io::Error>(())
//! ```

#![deny(unsafe_op_in_unsafe_fn)]
#![deny(clippy::undocumented_unsafe_blocks)]
#![deny(missing_docs, missing_debug_implementations)]

// The only place that names the raw crate: all other code uses `raw`.
#[cfg(feature = "generated")]
use sgz_sys_generated as raw;
#[cfg(all(feature = "handwritten", not(feature = "generated")))]
use sgz_sys_handwritten as raw;

#[cfg(not(any(feature = "handwritten", feature = "generated")))]
compile_error!("sgz needs a raw crate: feature `handwritten` or `generated`");

mod base;
mod block;
mod call;
mod codec;
mod error;
mod event;
mod handle;
mod header;
mod index;
mod io;
mod job;
mod memory;
mod options;
mod owned;
mod panic;
mod pool;
mod reader;
mod shared;
#[cfg(feature = "tokio")]
mod tokio;
mod trampoline;
mod writer;

#[cfg(feature = "tokio")]
pub use self::tokio::{AsyncReader, AsyncWriter};
pub use base::{block_sizes, crc32, version, version_number};
pub use block::Block;
pub use codec::Codec;
pub use error::{Error, Result, Status};
pub use event::{BlockInfo, Event, EventMask, LogLevel, Progress};
pub use header::{Header, NewHeader, Subfield, Subfields};
pub use index::{Entry, Index};
pub use job::{Job, NewJob, Outcome};
pub use memory::{Buffer, Meter, Text};
pub use options::{Format, Options, detect};
pub use pool::Pool;
pub use reader::{BorrowedLines, Reader};
pub use shared::SharedReader;
pub use writer::{Finished, Writer};

/// Codecs that are written in Rust: see [`Codec::new`].
pub use sgz_codec::{
    BlockCodec, CodecError, Decode, Encode, Levels, export_codec,
};

/// These types may move to another thread, or be shared. The compiler checks it
/// here, so that a new field cannot change it unnoticed.
const _: () = {
    const fn moves<T: Send>() {}
    const fn is_shared<T: Send + Sync>() {}

    moves::<Reader<'static>>();
    moves::<Writer<'static>>();
    moves::<BorrowedLines<'static, 'static>>();
    is_shared::<Index>();
    is_shared::<Finished>();
    is_shared::<Options>();
    is_shared::<Pool>();
    is_shared::<Codec>();
    is_shared::<Block>();
    is_shared::<Job<Option<Block>>>();
    #[cfg(feature = "tokio")]
    moves::<AsyncWriter<Vec<u8>>>();
    #[cfg(feature = "tokio")]
    moves::<AsyncReader>();
    is_shared::<SharedReader<'static>>();
    is_shared::<Meter>();
    is_shared::<Buffer>();
    is_shared::<Text>();
    is_shared::<Error>();
};
