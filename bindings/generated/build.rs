// SPDX-License-Identifier: MIT OR Apache-2.0
//! Runs bindgen over `sgz.h`, or takes the copy of what it wrote elsewhere.
//!
//! bindgen needs libclang. Where none can be loaded, the copy in `src/` serves,
//! with a warning: it was made from the same headers, and its layout checks
//! are compiled along with it.
//!
//! `SGZ_BINDGEN_WRITE=1 cargo build -p sgz-sys-generated` renews the copy.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "../link/features.rs"]
mod features;
mod libclang;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The declarations, and the C that inline functions need to be called.
const OUTPUTS: [&str; 2] = ["bindings.rs", "inline.c"];

fn main() -> Result<()> {
    // bindgen and the compiler are told relative paths, so that what they
    // write is the same on every machine: Cargo runs this in the package.
    let here = Path::new("src");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let include = env::var("DEP_SGZ_INCLUDE")?;

    println!("cargo::rerun-if-changed=wrapper.h");
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed=../link/features.rs");
    println!("cargo::rerun-if-changed={include}");
    for name in ["LIBCLANG_PATH", "BINDGEN_EXTRA_CLANG_ARGS"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    println!("cargo::rerun-if-env-changed=SGZ_BINDGEN_WRITE");

    features::set();

    let clang = match libclang::load() {
        Ok(()) => {
            generate(&include, &out)?;
            bindgen::clang_version().full
        }
        Err(reason) => {
            println!(
                "cargo::warning=bindgen is not run, src/ serves: {reason}"
            );
            copy(here, &out)?;
            String::new()
        }
    };
    // For the test that compares the two.
    println!("cargo::rustc-env=SGZ_BINDGEN_CLANG={clang}");
    if env::var_os("SGZ_BINDGEN_WRITE").is_some() {
        if clang.is_empty() {
            return Err("SGZ_BINDGEN_WRITE: nothing new to write".into());
        }
        copy(&out, here)?;
    }

    cc::Build::new()
        .file(out.join("inline.c"))
        .include(".")
        .include(&include)
        .compile("sgz_inline");
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for name in OUTPUTS {
        fs::copy(from.join(name), to.join(name))?;
    }
    Ok(())
}

fn generate(include: &str, out: &Path) -> Result<()> {
    let mut builder = bindgen::builder()
        .header("wrapper.h")
        .clang_arg(format!("-I{include}"))
        // All that there can be; conditional() says what is there.
        .clang_arg("-DSGZ_HAVE_LIBDEFLATE")
        // Of the headers that it reads, this library's items only.
        .allowlist_item("(sgz|SGZ)_.*")
        // How stdarg.h calls va_list on the way depends on whose it is.
        .blocklist_type("(__gnuc_|__builtin_)?va_list")
        // A C enum can hold values without a name, which a Rust enum must not.
        .default_enum_style(bindgen::EnumVariation::NewType {
            is_bitfield: false,
            is_global: false,
        })
        // A status is there to be looked at.
        .must_use_type("sgz_status")
        // Text macros as `&CStr` rather than as arrays of bytes.
        .generate_cstr(true)
        .use_core()
        // An inline function is in no library: have C make one of it.
        .wrap_static_fns(true)
        .wrap_static_fns_path(out.join("inline.c"))
        // By the copy one sees what bindgen wrote, not what rustfmt made of it.
        .formatter(bindgen::Formatter::Prettyplease)
        .rust_target(
            bindgen::RustTarget::stable(85, 0).map_err(|e| e.to_string())?,
        )
        .rust_edition(bindgen::RustEdition::Edition2024)
        .raw_line("// Written by bindgen from sgz.h: build.rs says how.");
    if let Some(dir) = libclang::compiler_headers() {
        // libclang without clang lacks stddef.h and stdarg.h. The compiler's
        // will do; last, so that clang's own are found first.
        builder = builder.clang_arg("-idirafter").clang_arg(dir);
    }
    let written = builder.generate()?.to_string();
    fs::write(out.join("bindings.rs"), conditional(&written)?)?;
    Ok(())
}

/// Put a `cfg` before what not every build of the library has. bindgen knows
/// no `#ifdef`: it sees what the preprocessor has left.
fn conditional(written: &str) -> Result<String> {
    let function = "    pub fn sgz_codec_get_libdeflate(";
    if !written.contains(function) {
        return Err(format!("bindgen wrote no {}", function.trim()).into());
    }
    let with = format!("    #[cfg(sgz_libdeflate)]\n{function}");
    Ok(written.replacen(function, &with, 1))
}
