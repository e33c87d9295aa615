// SPDX-License-Identifier: MIT OR Apache-2.0
// Part of the build scripts that run bindgen: where libclang is, and the
// headers that it needs.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Load libclang, if there is one, before bindgen asks for it and panics.
pub fn load() -> Result<(), Box<dyn Error>> {
    if env::var_os("LIBCLANG_PATH").is_none() {
        if let Some(dir) = bundled() {
            // SAFETY: std env::set_var: no other thread runs in this program.
            unsafe { env::set_var("LIBCLANG_PATH", dir) };
        }
    }
    Ok(clang_sys::load()?)
}

/// The folder of the libclang among this checkout's own tools, if it has any.
fn bundled() -> Option<PathBuf> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools");
    let pythons = fs::read_dir(tools.join("venv/lib")).ok()?;
    let dir = pythons
        .flatten()
        .map(|python| python.path().join("site-packages/clang/native"))
        .find(|dir| dir.join("libclang.so").exists())?;
    println!("cargo::rerun-if-changed={}/libclang.so", dir.display());
    Some(dir)
}

/// Where the C compiler keeps its own headers.
pub fn compiler_headers() -> Option<String> {
    let compiler = cc::Build::new().try_get_compiler().ok()?;
    let output = Command::new(compiler.path())
        .arg("-print-file-name=include")
        .output()
        .ok()?;
    let dir = String::from_utf8(output.stdout).ok()?;
    Some(dir.trim().to_owned())
}
