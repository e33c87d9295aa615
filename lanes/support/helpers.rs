// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compiles the code of lessons that each of their lanes calls, `helper.c`
//! and `helper.cc`, into one archive. It becomes part of this crate, and so of
//! each lane, of a broken one too. What lessons load as plugins becomes shared
//! objects in Cargo's output folder, and what they start becomes programs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, io};

#[path = "../collect.rs"]
#[expect(dead_code, reason = "the lanes use the rest")]
mod collect;

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let root = root.canonicalize()?;
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    for plugin in collect::ask(&root, &["plugins"])? {
        compile_plugin(&root, Path::new(&plugin), Path::new(&out))?;
    }
    for program in collect::ask(&root, &["programs"])? {
        compile_program(Path::new(&program), Path::new(&out))?;
    }
    println!("cargo::rustc-env=FERRULE_PLUGINS={out}");
    let found = collect::ask(&root, &["helpers"])?;
    let (in_cpp, in_c): (Vec<PathBuf>, Vec<PathBuf>) = found
        .iter()
        .map(PathBuf::from)
        .partition(|path| path.extension().is_some_and(|name| name == "cc"));
    let mut c = compiler();

    c.std("c11").files(in_c);
    c.define("FERRULE_PLUGINS", format!("{out:?}").as_str());
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

/// Set as the plugins of `lanes/meson.build`.
fn compile_plugin(root: &Path, source: &Path, out: &Path) -> io::Result<()> {
    let name = source.with_extension("so");
    let to = out.join(name.file_name().unwrap_or_default());
    let mut command = if source.extension().is_some_and(|name| name == "rs") {
        let rustc = env::var_os("RUSTC").expect("set by Cargo");
        let mut command = Command::new(rustc);

        command
            .args(["--edition=2024", "--crate-type", "cdylib", "-O", "-g"])
            .arg("--check-cfg=cfg(plain)");
        command
    } else {
        let compiler = compiler().std("c11").try_get_compiler();
        let mut command = compiler.map_err(io::Error::other)?.to_command();

        command
            .args(["-shared", "-fPIC", "-fvisibility=hidden", "-I"])
            .arg(root.join("csrc/include"));
        command
    };
    compile(command.arg("-o").arg(to), source)
}

/// Set as the programs of `lanes/meson.build`.
fn compile_program(source: &Path, out: &Path) -> io::Result<()> {
    let to = out.join(source.file_stem().unwrap_or_default());
    if source.extension().is_some_and(|name| name == "rs") {
        let rustc = env::var_os("RUSTC").expect("set by Cargo");
        let mut command = Command::new(rustc);

        command.args(["--edition=2024", "-O", "-g", "-o"]).arg(to);
        return compile(&mut command, source);
    }
    // RTLD_DEEPBIND and AddressSanitizer exclude each other
    let compiler = compiler().std("c11").try_get_compiler();
    let mut command = compiler.map_err(io::Error::other)?.to_command();

    command
        .args(["-fno-sanitize=all", "-fPIE", "-pie", "-rdynamic", "-o"])
        .arg(to);
    compile(&mut command, source)
}

/// Let `command` compile `source`. What it links stands behind that.
fn compile(command: &mut Command, source: &Path) -> io::Result<()> {
    command.arg(source);
    if source.extension().is_some_and(|name| name == "c") {
        command.args(["-Wl,--as-needed", "-lz", "-ldl"]);
    }
    let status = command.status()?;

    if status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("{}: {status}", source.display())))
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
