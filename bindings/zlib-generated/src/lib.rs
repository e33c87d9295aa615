// SPDX-License-Identifier: MIT OR Apache-2.0
//! All of zlib.h, declared by bindgen.
//!
//! What it wrote is kept in `src/bindings.rs`, to be read. What is compiled is
//! written anew on each machine (`build.rs`), from the zlib that is installed
//! there, and a test compares the two. The crate `zlib-sys-handwritten`
//! declares the part of the same library that this project uses.
#![no_std]
#![allow(non_camel_case_types, non_snake_case, non_upper_case_globals)]
// zlib's comments stand behind its declarations, where bindgen sees none.
#![allow(missing_docs)]
// The code is bindgen's: it is not for rustdoc or clippy to judge.
#![allow(rustdoc::all, clippy::all, clippy::pedantic)]
#![allow(clippy::undocumented_unsafe_blocks, unsafe_op_in_unsafe_fn)]

include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
