// SPDX-License-Identifier: MIT OR Apache-2.0
//! The programs of lesson 20, in processes of their own.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use ferrule_lane::PLUGINS;

/// Run the program `name`. Its exit code, or -1.
#[must_use]
pub fn run_program(name: &str) -> i32 {
    let status = Command::new(format!("{PLUGINS}/{name}")).status();

    status.ok().and_then(|s| s.code()).unwrap_or(-1)
}

/// The CRC-32 in the last 8 bytes of the file `path`.
#[must_use]
pub fn trailer(path: &str) -> u32 {
    let file = fs::read(path).unwrap_or_default();
    let [.., a, b, c, d, _, _, _, _] = file[..] else {
        return 0;
    };

    u32::from_le_bytes([a, b, c, d])
}

/// Make a link to the plugin `name` in the current folder.
pub fn lay_plugin(name: &str) {
    symlink(format!("{PLUGINS}/{name}"), name).expect("an empty folder");
}
