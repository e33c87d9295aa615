// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the two sides say: the Rust as `syn` reads it, the header as libclang
//! does, and the library's symbols.
//!
//! Nothing is compared here.

pub mod clang;
pub mod compiler;
pub mod crates;
mod cycles;
pub mod eval;
mod expand;
pub mod header;
mod intrinsics;
pub mod items;
mod linker_script;
pub mod lookup;
pub mod names;
pub mod origin;
pub mod rules;
pub mod rust;
pub mod source;
pub mod symbols;
