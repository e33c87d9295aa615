// SPDX-License-Identifier: MIT OR Apache-2.0
// Part of the tests of each library here: its committed header is what cbindgen
// writes.

use std::path::Path;
use std::{env, fs};

/// Compares `include`/`header` of the package in `root`; or renews it, if the
/// environment has `variable`.
pub fn check(root: &str, header: &str, variable: &str) {
    let root = Path::new(root);
    let header = root.join("include").join(header);
    let config = cbindgen::Config::from_root_or_default(root);
    let mut written = Vec::new();

    cbindgen::Builder::new()
        .with_config(config)
        .with_src(root.join("src/lib.rs"))
        .generate()
        .expect("cbindgen reads the crate")
        .write(&mut written);
    if env::var_os(variable).is_some() {
        fs::write(&header, &written).expect("the header can be written");
    }
    let kept = fs::read(&header).unwrap_or_default();
    assert!(
        kept == written,
        "{} is not what cbindgen writes. Renew it: {variable}=1 cargo test -p \
         {} --test header",
        header.display(),
        root.file_name().unwrap_or_default().to_string_lossy()
    );
}
