// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lanes/generated`, without its allocator.

use sgz_sys_generated as sys;

#[path = "../../../../lanes/raw_prelude.rs"]
mod prelude;

include!(concat!(env!("OUT_DIR"), "/generated.rs"));
