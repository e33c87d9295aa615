// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tells the tests where libsgz and its headers are.

fn main() {
    for name in ["INCLUDE", "LIBRARY", "LIBDEFLATE"] {
        let value = std::env::var(format!("DEP_SGZ_{name}"));
        let value = value.unwrap_or_default();
        println!("cargo::rustc-env=DRIFT_{name}={value}");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
