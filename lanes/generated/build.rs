// SPDX-License-Identifier: MIT OR Apache-2.0
//! Collects the lessons.

use std::path::Path;

#[path = "../collect.rs"]
mod collect;

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let found = collect::find(&root.canonicalize()?, "generated")?;

    collect::write(
        &found,
        "deny(clippy::undocumented_unsafe_blocks)",
        "lessons.rs",
    )
}
