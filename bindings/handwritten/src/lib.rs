// SPDX-License-Identifier: MIT OR Apache-2.0
//! libsgz, declared by hand.
//!
//! Each module holds the items of the header of its name, in the header's
//! order, and nothing else: what a function asks for and promises is written
//! once, in `csrc/include/sgz/*.h`, under the item's name. As in C, all names
//! live in one space.
//!
//! The crate `sgz-sys-generated` declares the same library as bindgen sees
//! it; the two offer the same names and types wherever C allows, and
//! `bindings/README.md` lists where it does not.
#![no_std]
// The names are C's.
#![allow(non_camel_case_types, non_snake_case)]

extern crate sgz_link as _;

mod base;
mod block;
mod error;
mod event;
mod header;
mod index;
mod io;
mod memory;
mod options;
mod pool;
mod reader;
mod writer;

pub use base::*;
pub use block::*;
pub use error::*;
pub use event::*;
pub use header::*;
pub use index::*;
pub use io::*;
pub use memory::*;
pub use options::*;
pub use pool::*;
pub use reader::*;
pub use writer::*;
