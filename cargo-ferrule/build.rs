// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compiles what `cargo ferrule audit` carries: the object to preload, and the
//! program that runs others with it and reports. Both become files in
//! `OUT_DIR`, which the crate includes.
//!
//! Where they cannot be built, the crate is built without them, and the
//! command says why.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The sources of the object: those of `audit/meson.build`.
const OBJECT: [&str; 17] = [
    "audit/around.c",
    "audit/books.c",
    "audit/cfi.c",
    "audit/exec.c",
    "audit/heap.c",
    "audit/hooks.c",
    "audit/load.c",
    "audit/move.c",
    "audit/objects.c",
    "audit/scan.c",
    "audit/start.c",
    "audit/traces.c",
    "audit/unwind.c",
    "host/modules.c",
    "host/object_file.c",
    "host/patch.c",
    "host/table.c",
];

/// The sources of the program: of the driver, what reports on an audit.
const PROGRAM: [&str; 17] = [
    "cargo-ferrule/audit.c",
    "driver/audit.c",
    "driver/audit_gather.c",
    "driver/audit_json.c",
    "driver/audit_junit.c",
    "driver/audit_program.c",
    "driver/audit_read.c",
    "driver/audit_tail.c",
    "driver/audit_text.c",
    "driver/audit_words.c",
    "driver/output.c",
    "driver/xml.c",
    "host/modules.c",
    "host/names.c",
    "host/object_file.c",
    "host/trace.c",
    "host/util.c",
];

/// The decoder, in `zydis-c/src` of the crate `zydis`.
const DECODER: [&str; 5] = [
    "Decoder.c",
    "DecoderData.c",
    "Register.c",
    "SharedData.c",
    "Utils.c",
];

const DECODER_FLAGS: [&str; 5] = [
    "-DZYAN_NO_LIBC",
    "-DZYCORE_STATIC_BUILD",
    "-DZYDIS_DISABLE_ENCODER",
    "-DZYDIS_DISABLE_FORMATTER",
    "-DZYDIS_STATIC_BUILD",
];

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let out = PathBuf::from(var("OUT_DIR"));
    for folder in ["audit", "cargo-ferrule/audit.c", "driver", "host"] {
        let folder = root.join(folder);
        println!("cargo::rerun-if-changed={}", folder.display());
    }
    let reason = match build(&root, &out) {
        Ok(()) => String::new(),
        Err(reason) => {
            println!("cargo::warning=cargo ferrule audit: {reason}");
            for name in ["ferrule-audit", "libferrule_audit.so"] {
                fs::write(out.join(name), "")?;
            }
            reason.to_string()
        }
    };
    fs::write(out.join("no-audit"), reason)?;
    Ok(())
}

fn build(root: &Path, out: &Path) -> Result<()> {
    let (host, target) = (var("HOST"), var("TARGET"));
    if target != "x86_64-unknown-linux-gnu" {
        return Err(format!("it is not there for {target}").into());
    }
    if host != target {
        return Err(format!("it is built only on {target}").into());
    }
    let decoder = decoder(root, out).unwrap_or_else(|reason| {
        println!(
            "cargo::warning=cargo ferrule audit: no Zydis ({reason}), so \
             programs with an allocator of their own will be refused"
        );
        None
    });
    object(root, out, decoder.as_deref())?;
    program(root, out)
}

/// What all C here is compiled with.
fn compiler(root: &Path) -> cc::Build {
    let mut build = cc::Build::new();
    build
        .std("c11")
        .opt_level(2)
        .debug(false)
        .cargo_metadata(false)
        .define("_GNU_SOURCE", None)
        .flag("-fvisibility=hidden");
    for folder in ["host", "host/include", "csrc/include"] {
        build.include(root.join(folder));
    }
    build
}

fn compile(build: &mut cc::Build, files: &[PathBuf]) -> Result<Vec<PathBuf>> {
    Ok(build.files(files).try_compile_intermediates()?)
}

/// `libferrule_audit.so`, as `audit/meson.build` has it.
fn object(root: &Path, out: &Path, zydis: Option<&Path>) -> Result<()> {
    let mut build = compiler(root);
    build.pic(true).flag("-fno-omit-frame-pointer");
    for name in ["aligned_alloc", "calloc", "free", "malloc", "realloc"] {
        build.flag(format!("-fno-builtin-{name}"));
    }
    if links(&build, out, "dlfcn.h", "_dl_find_object(0, 0)", &[])? {
        build.define("HAVE_DL_FIND_OBJECT", None);
    }
    let mut files: Vec<PathBuf> = OBJECT.map(|f| root.join(f)).into();
    if let Some(zydis) = zydis {
        build.define("HAVE_ZYDIS", None);
        for flag in DECODER_FLAGS {
            build.flag(flag);
        }
        let folders = ["dependencies/zycore/include", "include", "src"];
        for folder in folders {
            build.flag("-isystem").flag(zydis.join(folder));
        }
        files.extend(DECODER.map(|f| zydis.join("src").join(f)));
    }
    let objects = compile(build.out_dir(out.join("object")), &files)?;
    let mut link = build.get_compiler().to_command();
    link.arg("-shared")
        .args(["-Wl,-z,initfirst", "-Wl,-z,now", "-Wl,-z,defs", "-Wl,-s"])
        .args(objects)
        .args(["-lpthread", "-ldl", "-o"])
        .arg(out.join("libferrule_audit.so"));
    run(&mut link)
}

/// `ferrule-audit`, which is `ferrule audit` alone.
fn program(root: &Path, out: &Path) -> Result<()> {
    let mut build = compiler(root);
    build.define("FERRULE_AUDIT_LIBDIR", "\"lib/ferrule\"");
    let mut libraries = Vec::new();
    for (name, package) in
        [("jansson", "libjansson-dev"), ("libxml-2.0", "libxml2-dev")]
    {
        if !library(name, &mut build, &mut libraries) {
            return Err(format!(
                "pkg-config finds no {name}, which its reports need (on \
                 Debian: {package})"
            )
            .into());
        }
    }
    names(&mut build, out, &mut libraries)?;
    let files: Vec<PathBuf> = PROGRAM.map(|f| root.join(f)).into();
    let objects = compile(build.out_dir(out.join("program")), &files)?;
    let mut link = build.get_compiler().to_command();
    link.args(objects)
        .args(libraries)
        .args(["-lpthread", "-Wl,-s", "-o"])
        .arg(out.join("ferrule-audit"));
    run(&mut link)
}

/// What the names and lines in a report need.
fn names(
    build: &mut cc::Build,
    out: &Path,
    libraries: &mut Vec<String>,
) -> Result<()> {
    if !library("libdw", build, libraries)
        || !library("libelf", build, libraries)
    {
        println!(
            "cargo::warning=cargo ferrule audit: pkg-config finds no libdw, \
             so its reports will have no names and lines (on Debian: \
             libdw-dev libelf-dev libiberty-dev)"
        );
        return Ok(());
    }
    build.define("HAVE_LIBDW", None);
    let demangle = "cplus_demangle(\"\", 0)";
    let header = "libiberty/demangle.h";
    if links(build, out, header, demangle, &["-liberty"])? {
        build.define("HAVE_LIBIBERTY", None);
        libraries.push("-liberty".into());
    }
    Ok(())
}

/// Add what pkg-config says of a library: whether it is there.
fn library(
    name: &str,
    build: &mut cc::Build,
    libraries: &mut Vec<String>,
) -> bool {
    let found = pkg_config::Config::new().cargo_metadata(false).probe(name);
    let Ok(found) = found else {
        return false;
    };
    build.includes(found.include_paths);
    let folders = found.link_paths.iter();
    libraries.extend(folders.map(|path| format!("-L{}", path.display())));
    libraries.extend(found.libs.iter().map(|lib| format!("-l{lib}")));
    true
}

/// Whether a program with `call` can be linked.
fn links(
    build: &cc::Build,
    out: &Path,
    header: &str,
    call: &str,
    libraries: &[&str],
) -> Result<bool> {
    let source = out.join("asked.c");
    let text =
        format!("#include <{header}>\nint main(void) {{ {call}; return 0; }}");
    fs::write(&source, text)?;
    let done = build
        .get_compiler()
        .to_command()
        .arg(&source)
        .args(libraries)
        .arg("-o")
        .arg(out.join("asked"))
        .output()?;
    Ok(done.status.success())
}

/// The folder `zydis-c` of the crate that `subprojects/zydis.wrap` names, as
/// Cargo fetches it. A dependency would be built, for which cmake is needed;
/// this is a few files of it. Its hash is that of the wrap, and of Cargo's
/// index.
fn decoder(root: &Path, out: &Path) -> Result<Option<PathBuf>> {
    let wrap = root.join("subprojects/zydis.wrap");
    println!("cargo::rerun-if-changed={}", wrap.display());
    let wrap = fs::read_to_string(wrap)?;
    let value = |key: &str| {
        let line = wrap.lines().find_map(|line| line.strip_prefix(key));
        line.and_then(|line| line.strip_prefix(" = "))
            .ok_or(format!("zydis.wrap has no {key}"))
    };
    let (name, hash) = (value("directory")?, value("source_hash")?);
    let version = name.strip_prefix("zydis-").ok_or("zydis.wrap: a name")?;
    let folder = out.join("zydis");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("lib.rs"), "")?;
    fs::write(
        folder.join("Cargo.toml"),
        format!(
            "[package]\nname = \"decoder\"\n[lib]\npath = \"lib.rs\"\n\
             [dependencies]\nzydis = {{ version = \"={version}\", \
             default-features = false }}\n[workspace]\n"
        ),
    )?;
    let manifest = fetch(&folder)?;
    // Cargo compared the archive with the index; this is the index.
    let lock = fs::read_to_string(folder.join("Cargo.lock"))?;
    if !lock.contains(hash) {
        return Err("it is not the crate of zydis.wrap".into());
    }
    let ending = format!("/{name}/Cargo.toml\"");
    let end = manifest
        .find(&ending)
        .ok_or("Cargo names no folder of it")?;
    let start = manifest[..end].rfind('"').ok_or("a path without a start")?;
    let folder = &manifest[start + 1..end];
    Ok(Some(Path::new(folder).join(name).join("zydis-c")))
}

/// Have Cargo fetch what a manifest names, if it is not there already: what
/// it says of it.
fn fetch(folder: &Path) -> Result<String> {
    let mut said = String::new();
    for more in [&["--offline"][..], &[]] {
        let done = Command::new(var("CARGO"))
            .args(["metadata", "--format-version=1"])
            .args(more)
            .arg("--manifest-path")
            .arg(folder.join("Cargo.toml"))
            .output()?;
        if done.status.success() {
            return Ok(String::from_utf8(done.stdout)?);
        }
        said = String::from_utf8_lossy(&done.stderr).into_owned();
    }
    Err(said.split_whitespace().collect::<Vec<_>>().join(" ").into())
}

fn run(command: &mut Command) -> Result<()> {
    let done = command.output()?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr).replace('\n', " ");
    Err(format!("{}: {said}", command.get_program().to_string_lossy()).into())
}

/// A variable that Cargo sets.
fn var(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("Cargo sets {name}"))
}
