// SPDX-License-Identifier: MIT OR Apache-2.0
//! The lane over bindgen's crate.

#[path = "raw.rs"]
mod raw;

/// What the lane calls: libsgz, and `border.h`, both by bindgen.
mod sys {
    pub use sgz_sys_generated::*;

    include!(concat!(env!("OUT_DIR"), "/border.rs"));
}

use raw::*;

crate::lane!("calls_generated", "export_generated", border_use_generated);
