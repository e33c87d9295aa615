// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lanes/handwritten`, without its allocator.

use sgz_sys_handwritten as sys;

#[path = "../../../../lanes/raw_prelude.rs"]
mod prelude;

include!(concat!(env!("OUT_DIR"), "/handwritten.rs"));
