// SPDX-License-Identifier: MIT OR Apache-2.0
//! What bindgen makes of `border.h`, for the generated lane. Without libclang
//! the copy in `src/` serves, which is made by `SGZ_BINDGEN_WRITE=1`.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

const COPY: &str = "src/border_generated.rs";

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?).join("border.rs");

    println!("cargo::rerun-if-changed=border.h");
    println!("cargo::rerun-if-changed={COPY}");
    for name in ["LIBCLANG_PATH", "BINDGEN_EXTRA_CLANG_ARGS"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    println!("cargo::rerun-if-env-changed=SGZ_BINDGEN_WRITE");
    if clang_sys::load().is_err() {
        fs::copy(COPY, out)?;
        return Ok(());
    }
    generate(&out)?;
    if env::var_os("SGZ_BINDGEN_WRITE").is_some() {
        fs::copy(&out, COPY)?;
    } else if fs::read(&out)? != fs::read(COPY)? {
        return Err(format!(
            "bench/calls/{COPY} is not what bindgen writes: renew it with \
             SGZ_BINDGEN_WRITE=1 cargo build -p calls"
        )
        .into());
    }
    Ok(())
}

fn generate(out: &Path) -> Result<(), Box<dyn Error>> {
    bindgen::builder()
        .header("border.h")
        .allowlist_item("border_.*")
        .use_core()
        .formatter(bindgen::Formatter::Prettyplease)
        .rust_target(
            bindgen::RustTarget::stable(85, 0).map_err(|e| e.to_string())?,
        )
        .rust_edition(bindgen::RustEdition::Edition2024)
        .raw_line("// Written by bindgen from border.h: build.rs says how.")
        .generate()?
        .write_to_file(out)?;
    Ok(())
}
