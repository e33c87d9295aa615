// SPDX-License-Identifier: MIT OR Apache-2.0
//! zlib, wrapped so that safe Rust cannot misuse it.
//!
//! [`Deflate`] and [`Inflate`] are streams over slices, [`InflateBack`] pulls
//! and pushes by callbacks, [`GzReader`] and [`GzWriter`] are gzip files, and
//! [`Memory`] is an allocator that counts. `lessons/19-zlib/lesson.md` lists
//! what can go wrong with `zlib.h`, and which type here prevents it.
//!
//! ```
//! use ferrule_zlib::{Flush, Settings, Status};
//!
//! let mut packed = [0; 100];
//! let mut deflate = Settings::new().deflate()?;
//! let done = deflate.compress(b"to be, or not to be", &mut packed, Flush::Finish)?;
//! assert_eq!(done.status, Status::End);
//! deflate.end()?;
//!
//! let mut text = [0; 100];
//! let mut inflate = Settings::new().inflate()?;
//! let done = inflate.decompress(&packed[..done.written], &mut text)?;
//! assert_eq!(&text[..done.written], b"to be, or not to be");
//! # Ok::<(), ferrule_zlib::Error>(())
//! ```

#![deny(unsafe_op_in_unsafe_fn)]
#![deny(clippy::undocumented_unsafe_blocks)]
#![deny(missing_docs, missing_debug_implementations)]

// The only place that names the raw crate: all other code uses `raw`.
#[cfg(feature = "generated")]
use zlib_sys_generated as raw;
#[cfg(all(feature = "handwritten", not(feature = "generated")))]
use zlib_sys_handwritten as raw;

#[cfg(not(any(feature = "handwritten", feature = "generated")))]
compile_error!("a raw crate is needed: feature `handwritten` or `generated`");

mod back;
mod check;
mod deflate;
mod error;
mod file;
mod inflate;
mod memory;
mod settings;
mod stream;

pub use back::InflateBack;
pub use check::{adler32, crc32, crc32_combine};
pub use deflate::{Deflate, Flush};
pub use error::{Error, ErrorKind, Result};
pub use file::{GzReader, GzWriter};
pub use inflate::Inflate;
pub use memory::Memory;
pub use settings::{Format, Level, Settings, Window};
pub use stream::{Progress, Status};

/// These types may move to another thread. The compiler checks it here, so
/// that a new field cannot change it unnoticed.
const _: () = {
    const fn moves<T: Send>() {}
    const fn is_shared<T: Send + Sync>() {}

    moves::<Deflate>();
    moves::<Inflate>();
    moves::<InflateBack>();
    moves::<GzReader>();
    moves::<GzWriter>();
    is_shared::<Memory>();
    is_shared::<Settings>();
    is_shared::<Error>();
};
