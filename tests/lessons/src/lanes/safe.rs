// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lanes/safe`, without its allocator.

#[path = "../../../../lanes/safe/src/prelude.rs"]
mod prelude;

include!(concat!(env!("OUT_DIR"), "/safe.rs"));
