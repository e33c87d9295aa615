// SPDX-License-Identifier: MIT OR Apache-2.0
//! The lane of C, compiled by `build.rs`.

use super::{Lesson, ferrule_input, ferrule_recorder};

include!(concat!(env!("OUT_DIR"), "/c.rs"));
