// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the tests of the commands share.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

mod libclang;
pub use libclang::libclang;

/// What came of a run.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Run `program` in `dir`, with libclang. The Cargo that it starts asks no
/// network, and builds where it would for a stranger.
pub fn run(
    program: &str,
    dir: &Path,
    words: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Ran {
    let mut command = Command::new(program);
    if let Some(path) = libclang() {
        command.env("LIBCLANG_PATH", path);
    }
    let done = command
        .args(words)
        .env("CARGO_NET_OFFLINE", "true")
        .env_remove("CARGO_TARGET_DIR")
        .current_dir(dir)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran {
        code: done.status.code().unwrap_or(-1),
        out: text(&done.stdout),
        err: text(&done.stderr),
    }
}
