// SPDX-License-Identifier: MIT OR Apache-2.0
//! The committed header is what cbindgen writes.
//!
//! `SGZFILE_HEADER_WRITE=1 cargo test -p sgzfile --test header` renews it.

#[path = "../../fresh_header.rs"]
mod fresh_header;

#[test]
fn the_header_is_fresh() {
    fresh_header::check(
        env!("CARGO_MANIFEST_DIR"),
        "sgzfile.h",
        "SGZFILE_HEADER_WRITE",
    );
}
