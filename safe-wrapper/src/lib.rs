// SPDX-License-Identifier: MIT OR Apache-2.0
//! Seekable gzip: a safe face for libsgz.
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
//! - [`Event`]: what a reader or writer tells a closure while it works
//! - [`Meter`]: an allocator that counts
//! - [`Error`]: what went wrong, where, and why; goes to and from
//!   [`std::io::Error`]
//!
//! # What the types stand for
//!
//! The C library documents who owns what, how long it lives and who may call
//! from where. Here these sentences are types: what the reader lends borrows
//! from the reader, what the reader borrows has the lifetime `'a` of
//! [`Reader<'a>`](Reader), what must not be used twice is taken by value, and
//! what may not be shared between threads is not `Sync`. Using this crate
//! takes no `unsafe`.
//!
//! # Panics
//!
//! A panic in a closure or in a Rust stream does not unwind through C: it is
//! caught at the border, kept, and resumed by the call that it happened in,
//! once C has returned and this side owns what C gave. If there are several,
//! the first is resumed. The others are dropped, each where a further panic
//! can be caught.
//!
//! The drop of a stream, a closure or a stream's error may panic as well.
//! [`Reader::close`] and [`Writer::finish`] resume that panic. So does the
//! drop of a reader or writer, as the drop of any Rust value that owns the
//! stream does: a mock that checks itself when it is dropped works under a
//! reader, too. The handle is closed before, and C has freed all. While
//! another panic unwinds, a drop resumes nothing, since that would abort the
//! process: the later panic is lost.
//!
//! A drop that panics at the end of a scope loses the value that the scope is
//! returning, in any Rust program: its destructor is not run
//! (rust-lang/rust#47949). Where a drop may panic, end the handle by `close`
//! or `finish` before.
//!
//! # Features
//!
//! `handwritten` (the default) and `generated` pick the raw crate beneath.
//! Both give the same library; with both, `generated` is used.
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

// The raw crate, named once: everything else says `raw`.
#[cfg(feature = "generated")]
use sgz_sys_generated as raw;
#[cfg(all(feature = "handwritten", not(feature = "generated")))]
use sgz_sys_handwritten as raw;

#[cfg(not(any(feature = "handwritten", feature = "generated")))]
compile_error!("sgz needs a raw crate: feature `handwritten` or `generated`");

mod base;
mod block;
mod call;
mod error;
mod event;
mod handle;
mod header;
mod index;
mod io;
mod memory;
mod options;
mod panic;
mod pool;
mod reader;
mod shared;
mod trampoline;
mod writer;

pub use base::{block_sizes, crc32, version, version_number};
pub use block::Block;
pub use error::{Error, Result, Status};
pub use event::{BlockInfo, Event, EventMask, LogLevel, Progress};
pub use header::{Header, NewHeader, Subfield, Subfields};
pub use index::{Entry, Index};
pub use memory::{Buffer, Meter, Text};
pub use options::{Format, Options, detect};
pub use pool::Pool;
pub use reader::{BorrowedLines, Reader};
pub use shared::SharedReader;
pub use writer::{Finished, Writer};

/// What may go to another thread, and what several may use at once: said here,
/// so that a field that takes it away is found by the compiler.
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
    is_shared::<Block>();
    is_shared::<SharedReader<'static>>();
    is_shared::<Meter>();
    is_shared::<Buffer>();
    is_shared::<Text>();
    is_shared::<Error>();
};
