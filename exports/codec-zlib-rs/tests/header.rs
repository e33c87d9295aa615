// SPDX-License-Identifier: MIT OR Apache-2.0
//! The committed header is what cbindgen writes.
//!
//! `CODEC_HEADER_WRITE=1 cargo test -p codec-zlib-rs --test header` renews it.

#[path = "../../fresh_header.rs"]
mod fresh_header;

#[test]
fn the_header_is_fresh() {
    fresh_header::check(
        env!("CARGO_MANIFEST_DIR"),
        "codec_zlib_rs.h",
        "CODEC_HEADER_WRITE",
    );
}
