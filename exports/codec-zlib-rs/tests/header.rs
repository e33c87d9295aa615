// SPDX-License-Identifier: MIT OR Apache-2.0
//! The committed header is what cbindgen writes.
//!
//! `CODEC_HEADER_WRITE=1 cargo test -p codec-zlib-rs --test header` renews it.

use std::path::Path;
use std::{env, fs};

#[test]
fn the_header_is_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let header = root.join("include/codec_zlib_rs.h");
    let config = cbindgen::Config::from_root_or_default(root);
    let mut written = Vec::new();

    cbindgen::Builder::new()
        .with_config(config)
        .with_src(root.join("src/lib.rs"))
        .generate()
        .expect("cbindgen reads the crate")
        .write(&mut written);
    if env::var_os("CODEC_HEADER_WRITE").is_some() {
        fs::write(&header, &written).expect("the header can be written");
    }
    let kept = fs::read(&header).unwrap_or_default();
    assert!(
        kept == written,
        "{} is not what cbindgen writes. Renew it: CODEC_HEADER_WRITE=1 \
         cargo test -p codec-zlib-rs --test header",
        header.display()
    );
}
