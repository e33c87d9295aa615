// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compiles the code of lessons that each of their lanes calls, `helper.c`
//! and `helper.cc`, into one archive. It becomes part of this crate, and so of
//! each lane, of a broken one too.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, io};

#[path = "../collect.rs"]
#[expect(dead_code, reason = "the lanes use the rest")]
mod collect;

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let root = root.canonicalize()?;
    let found = collect::ask(&root, &["helpers"])?;
    let (in_cpp, in_c): (Vec<PathBuf>, Vec<PathBuf>) = found
        .iter()
        .map(PathBuf::from)
        .partition(|path| path.extension().is_some_and(|name| name == "cc"));
    let mut c = compiler();

    c.std("c11").files(in_c);
    println!("cargo::rerun-if-env-changed=CXX");
    if !in_cpp.is_empty() && has_cpp() {
        let mut cpp = compiler();
        let objects = cpp.cpp(true).files(in_cpp).try_compile_intermediates();

        c.define("FERRULE_CPP", None);
        c.objects(objects.map_err(io::Error::other)?);
        let library = if cfg!(target_vendor = "apple") {
            "c++"
        } else {
            "stdc++"
        };
        println!("cargo::rustc-link-lib={library}");
    }
    if found.is_empty() {
        return Ok(());
    }
    c.try_compile("ferrule_helpers").map_err(io::Error::other)
}

/// Set as `lane_c_args` of `lanes/meson.build`, with which the C lane is built.
fn compiler() -> cc::Build {
    let mut build = cc::Build::new();

    build
        .define("_XOPEN_SOURCE", "700")
        .force_frame_pointer(true)
        .flag("-g")
        .flag("-fexceptions")
        .flag("-fno-optimize-sibling-calls")
        .flag("-fno-builtin-malloc")
        .flag("-fno-builtin-free")
        .warnings(true);
    build
}

/// Whether there is a compiler for C++.
fn has_cpp() -> bool {
    cc::Build::new()
        .cpp(true)
        .try_get_compiler()
        .is_ok_and(|compiler| {
            Command::new(compiler.path())
                .arg("--version")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
        })
}
