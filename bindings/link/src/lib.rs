// SPDX-License-Identifier: MIT OR Apache-2.0
//! Links libsgz, and does nothing else.
//!
//! Only one crate in a program may say `links = "sgz"`, so finding the library
//! is kept apart from declaring it: any number of raw crates can stand on this
//! one, in one program. They take it in with
//!
//! ```
//! extern crate sgz_link as _;
//! ```
//!
//! since rustc leaves out a crate that nothing mentions, its library included.
//!
//! `build.rs` says where the library comes from. A build script of a crate
//! that depends on this one directly finds these in its environment:
//!
//! - `DEP_SGZ_INCLUDE`: the folder that holds `sgz.h`;
//! - `DEP_SGZ_LIBDIR`: the folder of the library, when it is a shared one,
//!   for an rpath.
#![no_std]
