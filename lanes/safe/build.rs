// SPDX-License-Identifier: MIT OR Apache-2.0
//! Collects the lessons.

use std::path::Path;

#[path = "../collect.rs"]
mod collect;

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let found = collect::find(&root.canonicalize()?, "safe")?;

    // The point of this lane: not one unsafe block in a lesson.
    collect::write(&found, "forbid(unsafe_code)", "lessons.rs")
}
