// SPDX-License-Identifier: MIT OR Apache-2.0
//! libsgz, declared by hand.
//!
//! Each module holds the items of the header with its name, in the header's
//! order, and nothing else. The contract of each function is written once, in
//! `csrc/include/sgz/*.h`, at the item of the same name. As in C, all names
//! share one name space.
//!
//! The crate `sgz-sys-generated` declares the same library with bindgen. Both
//! crates offer the same names and types where possible. `bindings/README.md`
//! lists the differences.
#![no_std]
// The names are C's.
#![allow(non_camel_case_types, non_snake_case)]

extern crate sgz_link as _;

mod base;
mod block;
mod codec;
mod error;
mod event;
mod header;
mod index;
mod io;
mod job;
mod memory;
mod options;
mod pool;
mod reader;
mod writer;

pub use base::*;
pub use block::*;
pub use codec::*;
pub use error::*;
pub use event::*;
pub use header::*;
pub use index::*;
pub use io::*;
pub use job::*;
pub use memory::*;
pub use options::*;
pub use pool::*;
pub use reader::*;
pub use writer::*;
