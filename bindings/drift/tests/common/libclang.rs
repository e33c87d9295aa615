// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where libclang is.

use std::path::{Path, PathBuf};

/// libclang, of this checkout's own tools or the system's.
pub fn libclang() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("LIBCLANG_PATH") {
        return Some(path.into());
    }
    let mut above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let tools =
        above.find_map(|dir| dir.join(".tools/venv/lib").read_dir().ok())?;
    tools
        .flatten()
        .map(|python| python.path().join("site-packages/clang/native"))
        .find(|dir| dir.join("libclang.so").exists())
}
