// SPDX-License-Identifier: MIT OR Apache-2.0
//! Misuse that C lets pass, and that must not compile: `misuse/*.rs`.
//!
//! What the compiler says about each stands beside it and is compared, but
//! words change from version to version: under another compiler than the one
//! in `misuse/rustc-version`, each must be refused, in whatever words.
//! `TRYBUILD=overwrite cargo test -p ferrule-zlib --test misuse` renews them
//! (and the version is to be renewed with them).
// The types do not differ, so once is enough; but one message names the crate.
#![cfg(all(feature = "handwritten", not(feature = "generated")))]

#[path = "../../tests/refused/mod.rs"]
mod refused;

#[test]
fn misuse_does_not_compile() {
    refused::misuse_does_not_compile(include_str!("misuse/rustc-version"));
}
