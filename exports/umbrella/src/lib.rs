// SPDX-License-Identifier: MIT OR Apache-2.0
//! An archive with all the libraries, and Rust's standard library once.
//!
//! Each library can be an archive of its own, but a program that links two of
//! them gets two standard libraries, whose symbols are the same.

use codec_zlib_rs as _;
use first as _;
use sgzfile as _;
