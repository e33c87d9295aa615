// SPDX-License-Identifier: MIT OR Apache-2.0
//! The lane over bindings that bindgen generated.

use sgz_sys_generated as sys;

#[path = "../../raw_prelude.rs"]
mod prelude;

include!(concat!(env!("OUT_DIR"), "/lessons.rs"));

ferrule_lane::lane! {
    order: 2,
    name: c"generated",
    title: c"Generated (bindgen)",
    lessons: LESSONS,
}
