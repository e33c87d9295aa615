// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lanes/safe`, without its allocator.

#![allow(clippy::cast_precision_loss, reason = "C's double, C's cast")]
#![allow(clippy::too_many_lines, reason = "a lesson is one scene")]

#[path = "../../../../lanes/safe/src/prelude.rs"]
mod prelude;

include!(concat!(env!("OUT_DIR"), "/safe.rs"));
