// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lanes/generated`, without its allocator.

#![allow(clippy::borrow_as_ptr, reason = "`&mut x` is what C's `&x` is")]
#![allow(clippy::cast_precision_loss, reason = "C's double, C's cast")]
#![allow(clippy::too_many_lines, reason = "a lesson is one scene")]

use sgz_sys_generated as sys;
use zlib_sys_generated as zlib;

#[path = "../../../../lanes/raw/prelude.rs"]
mod prelude;

include!(concat!(env!("OUT_DIR"), "/generated.rs"));
