// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where libsgz comes from: the first of these that is asked for.
//!
//! 1. `SGZ_LIB_DIR`: a folder where it is built already. Meson sets it when it
//!    runs Cargo, which is also what keeps the two from calling each other for
//!    ever.
//! 2. `SGZ_USE_PKG_CONFIG=1`: what pkg-config finds.
//! 3. Otherwise it is built here, by Meson, and linked statically.

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    match root
        .canonicalize()
        .map_err(Into::into)
        .and_then(|r| find(&r))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            for line in format!("libsgz: {reason}").lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn find(root: &Path) -> Result<()> {
    if let Some(dir) = var("SGZ_LIB_DIR") {
        link_built(root, Path::new(&dir))
    } else if var("SGZ_USE_PKG_CONFIG").is_some_and(|v| v != "0") {
        link_installed()
    } else {
        link_static(root, &build(root)?)
    }
}

/// Link what lies built in `dir`: the shared library, or else the static one.
fn link_built(root: &Path, dir: &Path) -> Result<()> {
    let shared = dir.join("libsgz.so");
    let archive = dir.join("libsgz.a");
    if !shared.exists() {
        if archive.exists() {
            println!("cargo::rerun-if-changed={}", archive.display());
            return link_static(root, &archive);
        }
        return Err(format!("SGZ_LIB_DIR: nothing in {}", dir.display()).into());
    }
    // Without this a new library would leave old test results standing.
    println!("cargo::rerun-if-changed={}", shared.display());
    println!("cargo::rustc-link-search=native={}", dir.display());
    println!("cargo::rustc-link-lib=dylib=sgz");
    println!("cargo::metadata=libdir={}", dir.display());
    println!("cargo::metadata=library={}", shared.display());
    features(dir)?;
    headers(root);
    Ok(())
}

/// Link what pkg-config finds.
fn link_installed() -> Result<()> {
    let found = pkg_config::Config::new()
        .atleast_version("0.1")
        .probe("sgz")?;
    let header = found
        .include_paths
        .iter()
        .find(|dir| dir.join("sgz.h").exists());
    // A folder that the compiler searches anyway goes without saying.
    let include = header.map_or(Path::new("/usr/include"), PathBuf::as_path);
    println!("cargo::metadata=include={}", include.display());
    if let Some(dir) = found.link_paths.first() {
        println!("cargo::metadata=libdir={}", dir.display());
    }
    println!("cargo::metadata=library=sgz");
    if found.defines.contains_key("SGZ_HAVE_LIBDEFLATE") {
        println!("cargo::metadata=libdeflate=1");
    }
    Ok(())
}

/// Link `archive`, and what it needs.
fn link_static(root: &Path, archive: &Path) -> Result<()> {
    let dir = archive.parent().ok_or("an archive without a folder")?;
    println!("cargo::rustc-link-search=native={}", dir.display());
    // Meson's archives may be thin: they name object files instead of holding
    // them, and cannot be put into a Rust archive. Hence no bundling.
    println!("cargo::rustc-link-lib=static:-bundle=sgz");
    println!("cargo::rustc-link-lib=dylib=z");
    println!("cargo::metadata=library={}", archive.display());
    features(dir)?;
    headers(root);
    Ok(())
}

/// Tell the raw crates what the library in `dir` was built with.
fn features(dir: &Path) -> Result<()> {
    let file = dir.join("sgz_features.h");
    println!("cargo::rerun-if-changed={}", file.display());
    if !file.exists() {
        // a copy of the library alone: what is always there
        return Ok(());
    }
    if fs::read_to_string(&file)?.contains("#define SGZ_HAVE_LIBDEFLATE") {
        println!("cargo::metadata=libdeflate=1");
    }
    Ok(())
}

/// Point those who compile against it to the headers of this checkout.
fn headers(root: &Path) {
    println!("cargo::metadata=include={}/csrc/include", root.display());
}

/// Have Meson build the static library; where it lies.
fn build(root: &Path) -> Result<PathBuf> {
    for input in [
        "csrc",
        "meson.build",
        "meson.options",
        "meson_options.txt",
        "subprojects/libdeflate.wrap",
        "subprojects/packagefiles",
    ] {
        // To watch what is not there would mean to build each time.
        let input = root.join(input);
        if input.exists() {
            println!("cargo::rerun-if-changed={}", input.display());
        }
    }
    if var("TARGET") != var("HOST") {
        return Err(
            "to cross-compile, build it first and set SGZ_LIB_DIR".into()
        );
    }
    let out = PathBuf::from(var("OUT_DIR").ok_or("no OUT_DIR")?).join("meson");
    let tools = root.join(".tools/venv/bin");
    let meson = find_meson(&tools)?;

    let mut setup = child(&meson, &tools);
    setup.arg("setup").arg(&out).arg(root);
    if out.join("build.ninja").exists() {
        // This file may ask for something else than it did last time.
        setup.arg("--reconfigure");
    }
    // Rust is disabled, or Meson would run Cargo, which would run Meson.
    // Optimised whatever Cargo's profile is: it is not what one debugs here.
    // Warnings are for those who work on the library: another compiler's new
    // one is no reason not to build it.
    run(setup.args([
        "--buildtype=debugoptimized",
        "--default-library=static",
        "-Drust=disabled",
        "-Dtests=disabled",
        "-Dtool=disabled",
        "-Ddriver=disabled",
        "-Dwerror=false",
        "-Db_colorout=auto",
    ]))?;
    let mut compile = child(&meson, &tools);
    compile
        .arg("compile")
        .arg("-C")
        .arg(&out)
        .arg("sgz:static_library");
    if let Some(jobs) = env::var_os("NUM_JOBS") {
        compile.arg("-j").arg(jobs);
    }
    run(&mut compile)?;
    Ok(out.join("csrc/libsgz.a"))
}

/// `$MESON`, one on the `PATH`, or the one of this checkout.
fn find_meson(tools: &Path) -> Result<PathBuf> {
    if let Some(meson) = var("MESON") {
        return Ok(meson.into());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain([tools.to_path_buf()])
        .map(|dir| dir.join("meson"))
        .find(|file| file.is_file())
        .ok_or_else(|| {
            "it is built by Meson, and there is none. Run `./x doctor`, which \
             says how to get meson and ninja; or set MESON to a meson, or \
             SGZ_LIB_DIR to a folder where the library is built already"
                .into()
        })
}

/// A run of `meson` that knows nothing of the Cargo around it.
fn child(meson: &Path, tools: &Path) -> Command {
    let mut command = Command::new(meson);
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let strange = ["CARGO", "RUST", "MESON", "NINJA", "DEP_"];
        if strange.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    for name in ["DESTDIR", "MAKEFLAGS", "MFLAGS", "LD_LIBRARY_PATH"] {
        command.env_remove(name);
    }
    // Meson and its ninja lie side by side; the PATH's own come first.
    let mut dirs = vec![];
    dirs.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    dirs.extend(meson.parent().map(Path::to_path_buf));
    dirs.push(tools.to_path_buf());
    if let Ok(path) = env::join_paths(dirs) {
        command.env("PATH", path);
    }
    command
}

/// Run `command`, and show what it said if it fails.
fn run(command: &mut Command) -> Result<()> {
    let mut name = command.get_program().to_string_lossy().into_owned();
    for arg in command.get_args() {
        name = format!("{name} {}", arg.to_string_lossy());
    }
    let output = command.output().map_err(|e| format!("{name}: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    // All of it for Cargo's log, and the end of it for the person.
    eprintln!("{text}");
    let lines: Vec<&str> = text.lines().collect();
    let tail = lines[lines.len().saturating_sub(20)..].join("\n");
    Err(format!("{name}: {}\n{tail}", output.status).into())
}

/// An environment variable that is set and not empty.
fn var(name: &str) -> Option<OsString> {
    println!("cargo::rerun-if-env-changed={name}");
    env::var_os(name).filter(|value| !value.is_empty())
}
