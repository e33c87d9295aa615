// SPDX-License-Identifier: MIT OR Apache-2.0
//! libsgz, declared by bindgen.
//!
//! What it wrote is kept in `src/bindings.rs`, to be read. What is compiled is
//! written anew on each machine (`build.rs`), and a test compares the two. The
//! crate `sgz-sys-handwritten` declares the same library; where they cannot
//! agree, `bindings/README.md` says why.
#![no_std]
#![allow(non_camel_case_types, non_snake_case, non_upper_case_globals)]
// Not every C declaration has a comment that bindgen can see.
#![allow(missing_docs)]
// The comments are C's, the code is bindgen's: neither is for rustdoc or clippy
// to judge.
#![allow(rustdoc::all, clippy::all, clippy::pedantic)]
#![allow(clippy::undocumented_unsafe_blocks, unsafe_op_in_unsafe_fn)]

extern crate sgz_link as _;

include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
