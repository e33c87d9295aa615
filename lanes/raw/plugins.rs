// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where the plugins of lesson 16 are, and whether one is loaded.

use std::fs;
use std::os::unix::fs::symlink;

use ferrule_lane::PLUGINS;

/// Make links to the plugins in the current folder: `./plugin_c.so`, ...
pub fn lay_plugins() {
    for name in ["plugin_c.so", "plugin_abi.so", "plugin_rs.so"] {
        symlink(format!("{PLUGINS}/{name}"), name).expect("an empty folder");
    }
}

/// Is the plugin `name` a part of this process now?
#[must_use]
pub fn is_mapped(name: &str) -> bool {
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();

    maps.contains(name)
}

/// What `plugins.log` says; the file is removed.
#[must_use]
pub fn plugins_log() -> String {
    let text = fs::read_to_string("plugins.log").unwrap_or_default();

    let _ = fs::remove_file("plugins.log");
    text.trim_end().into()
}
