// SPDX-License-Identifier: MIT OR Apache-2.0
//! Runs bindgen over `zlib.h`, or takes the copy of what it wrote elsewhere.
//!
//! zlib's ABI has not changed for many years, so the copy in `src/` serves
//! where libclang cannot be loaded, with a warning.
//!
//! `SGZ_BINDGEN_WRITE=1 cargo build -p zlib-sys-generated` renews the copy.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "../generated/libclang.rs"]
mod libclang;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const OUTPUT: &str = "bindings.rs";

fn main() -> Result<()> {
    // bindgen is told a relative path, so that what it writes is the same on
    // every machine: Cargo runs this in the package.
    let here = Path::new("src").join(OUTPUT);
    let out = PathBuf::from(env::var("OUT_DIR")?).join(OUTPUT);

    println!("cargo::rerun-if-changed=wrapper.h");
    println!("cargo::rerun-if-changed=src");
    for name in ["LIBCLANG_PATH", "BINDGEN_EXTRA_CLANG_ARGS"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    println!("cargo::rerun-if-env-changed=SGZ_BINDGEN_WRITE");
    println!("cargo::rustc-link-lib=dylib=z");

    let clang = match libclang::load() {
        Ok(()) => {
            generate(&out)?;
            bindgen::clang_version().full
        }
        Err(reason) => {
            println!(
                "cargo::warning=bindgen is not run, src/ serves: {reason}"
            );
            fs::copy(&here, &out)?;
            String::new()
        }
    };
    // For the test that compares the two.
    println!("cargo::rustc-env=ZLIB_BINDGEN_CLANG={clang}");
    if env::var_os("SGZ_BINDGEN_WRITE").is_some() {
        if clang.is_empty() {
            return Err("SGZ_BINDGEN_WRITE: nothing new to write".into());
        }
        fs::copy(&out, &here)?;
    }
    Ok(())
}

fn generate(out: &Path) -> Result<()> {
    let mut builder = bindgen::builder()
        .header("wrapper.h")
        // All of these two headers, and of others what they need.
        .allowlist_file(".*/(zlib|zconf)\\.h")
        // How stdarg.h calls va_list on the way depends on whose it is.
        .blocklist_type("(__gnuc_|__builtin_)?va_list")
        // Macros that tell of the compiler, and not of zlib.
        .blocklist_item("z_(const|longlong)|STDC|MAXSEG_64K")
        // They are ints in C, and go into parameters that are.
        .default_macro_constant_type(bindgen::MacroTypeVariation::Signed)
        // Text macros as `&CStr` rather than as arrays of bytes.
        .generate_cstr(true)
        .use_core()
        // By the copy one sees what bindgen wrote, not what rustfmt made of it.
        .formatter(bindgen::Formatter::Prettyplease)
        .rust_target(
            bindgen::RustTarget::stable(85, 0).map_err(|e| e.to_string())?,
        )
        .rust_edition(bindgen::RustEdition::Edition2024)
        .raw_line("// Written by bindgen from zlib.h: build.rs says how.");
    if let Some(dir) = libclang::compiler_headers() {
        // libclang without clang lacks stddef.h and stdarg.h. The compiler's
        // will do; last, so that clang's own are found first.
        builder = builder.clang_arg("-idirafter").clang_arg(dir);
    }
    builder.generate()?.write_to_file(out)?;
    Ok(())
}
