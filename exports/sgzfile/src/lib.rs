// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whole files of seekable gzip: compress one, read ranges of one from any
//! thread, stream one through a callback.
//!
//! It is one library for two kinds of users. For Rust it is this crate, which
//! has no `unsafe`. For C and C++ it is what [`export`] makes of it: functions
//! with C's calling convention, and the header `sgzfile.h`, which cbindgen
//! writes from that module.
//!
//! # Examples
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # let (text, packed) = (folder.path().join("t"), folder.path().join("p"));
//! std::fs::write(&text, "one, two, three")?;
//! sgzfile::compress(&text, &packed, sgzfile::DEFAULT_LEVEL)?;
//!
//! let file = sgzfile::File::open(&packed)?;
//! assert_eq!(file.range(5, 3)?, b"two");
//! # Ok::<(), std::io::Error>(())
//! ```
#![deny(missing_docs, missing_debug_implementations)]

pub mod export;

use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::{fmt, fs};

use sgz::{Options, Reader, Result, SharedReader};

/// The level that [`compress`] takes if there is no reason for another.
pub const DEFAULT_LEVEL: i32 = 6;

/// How large a file was before and after it was compressed, in bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Before.
    pub plain: u64,
    /// After.
    pub packed: u64,
}

/// Compresses the file `from` into the file `to`, which is BGZF.
///
/// `to` gets its name when it is complete; until then a file of that name stays
/// what it was.
///
/// # Errors
///
/// A file that cannot be read or written; a `level` that is not from 0 to 12.
pub fn compress(
    from: impl AsRef<Path>,
    to: impl AsRef<Path>,
    level: i32,
) -> Result<Sizes> {
    let mut plain = fs::File::open(from)?;
    let mut writer = Options::new().level(level).create(&to)?;

    io::copy(&mut plain, &mut writer)?;
    let plain = writer.finish()?.len;
    let packed = fs::metadata(to)?.len();
    Ok(Sizes { plain, packed })
}

/// Decompresses the file at `path`, any gzip, and hands it to `take` in pieces.
///
/// `Break` ends it early, which is no error.
///
/// # Errors
///
/// A file that cannot be read, or is damaged.
pub fn stream(
    path: impl AsRef<Path>,
    mut take: impl FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<()> {
    let mut reader = Reader::open(path)?;

    loop {
        let piece = reader.peek()?;
        if piece.is_empty() || take(piece).is_break() {
            return Ok(());
        }
        let len = piece.len();
        io::BufRead::consume(&mut reader, len);
    }
}

/// Panics, so that a program can test what it does then.
///
/// # Panics
///
/// Always.
pub fn test_panic() -> ! {
    panic!("sgzfile_test_panic() was called")
}

/// A file of BGZF that any number of threads read at offsets.
pub struct File {
    reader: SharedReader<'static>,
    blocks: usize,
    size: u64,
}

impl File {
    /// Opens the file at `path`, and finds its blocks.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is damaged;
    /// [`sgz::Status::Unsupported`] if it is gzip, but not BGZF.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let mut reader = Reader::open(path)?;
        let index = reader.build_index(false)?;
        let size = reader.size()?;

        Ok(Self {
            blocks: index.entries().len(),
            size,
            reader: reader.into_shared(&index)?,
        })
    }

    /// The size of the data, in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Reads up to `data.len()` bytes at `offset`: fewer only at the end.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or is damaged.
    pub fn read_at(&self, data: &mut [u8], offset: u64) -> Result<usize> {
        self.reader.read_at(data, offset)
    }

    /// Up to `len` bytes from `offset` on: fewer only at the end.
    ///
    /// # Errors
    ///
    /// As [`read_at`](Self::read_at).
    pub fn range(&self, offset: u64, len: usize) -> Result<Vec<u8>> {
        let rest = self.size.saturating_sub(offset);
        // what is not there needs no memory
        let len = usize::try_from(rest).map_or(len, |rest| len.min(rest));
        let mut data = vec![0; len];
        let got = self.read_at(&mut data, offset)?;

        data.truncate(got);
        Ok(data)
    }

    /// What the file is, in a few words.
    #[must_use]
    pub fn describe(&self) -> String {
        let Self { blocks, size, .. } = self;
        format!("BGZF, {blocks} blocks, {size} bytes")
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({:?})", self.describe())
    }
}
