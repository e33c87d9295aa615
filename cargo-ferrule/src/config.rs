// SPDX-License-Identifier: MIT OR Apache-2.0
//! What Cargo's configuration files say of runners. (`cargo config get` would
//! know it, and is not stable.)

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::str::FromStr;

use cargo_platform::{Cfg, Platform};

/// The files, where Cargo looks for them.
fn files() -> Vec<PathBuf> {
    let here = env::current_dir().unwrap_or_default();
    let mut folders: Vec<PathBuf> =
        here.ancestors().map(|dir| dir.join(".cargo")).collect();
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| {
        env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo"))
    });
    folders.extend(home);
    folders
        .iter()
        .flat_map(|dir| [dir.join("config"), dir.join("config.toml")])
        .collect()
}

/// What is configured for the host.
fn cfgs() -> Vec<Cfg> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let done = Command::new(rustc).args(["--print", "cfg"]).output();
    let said = done.map(|done| done.stdout).unwrap_or_default();
    String::from_utf8_lossy(&said)
        .lines()
        .filter_map(|line| Cfg::from_str(line).ok())
        .collect()
}

/// The file that sets a runner for `target`, and the key.
pub fn with_runner(target: &str) -> Result<Option<String>, String> {
    for file in files() {
        let Ok(text) = fs::read_to_string(&file) else {
            continue;
        };
        let place = file.display();
        let table = text
            .parse::<toml::Table>()
            .map_err(|e| format!("{place}: {e}"))?;
        let Some(targets) = table.get("target").and_then(|t| t.as_table())
        else {
            continue;
        };
        for (name, settings) in targets {
            let applies = Platform::from_str(name)
                .is_ok_and(|platform| platform.matches(target, &cfgs()));
            if applies && settings.get("runner").is_some() {
                return Ok(Some(format!("target.'{name}' in {place}")));
            }
        }
    }
    Ok(None)
}
