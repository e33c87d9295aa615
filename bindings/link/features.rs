// SPDX-License-Identifier: MIT OR Apache-2.0
//! What libsgz was built with, as a `cfg` of the crate: the build scripts of
//! both raw crates include this file. A `cfg` is for one crate alone.

/// Set `sgz_libdeflate` if the library has libdeflate.
pub fn set() {
    println!("cargo::rustc-check-cfg=cfg(sgz_libdeflate)");
    if std::env::var_os("DEP_SGZ_LIBDEFLATE").is_some() {
        println!("cargo::rustc-cfg=sgz_libdeflate");
    }
}
