// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the tests of the drift check share: this project's bindings, and every
//! way to break them.

extern crate sgz_link as _;

pub mod mutants;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Once;

use ferrule_drift::read::items::Crate;
use ferrule_drift::read::{header, rust, symbols};
use ferrule_drift::{Allowed, Check, Header, Options, Sources};
use ferrule_drift::{Files, Target};

/// The project's folder.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// The library's headers, as its users compile them.
pub fn sources() -> Sources {
    let include = env!("DRIFT_INCLUDE");
    let include = if include.is_empty() {
        root().join("csrc/include")
    } else {
        PathBuf::from(include)
    };
    let cc = std::env::var("CC").unwrap_or("cc".to_owned());
    let mut cflags = vec![format!("-I{}", include.display())];
    if HAS_LIBDEFLATE {
        cflags.push("-DSGZ_HAVE_LIBDEFLATE".into());
    }
    Sources {
        headers: vec![include.join("sgz.h")],
        own: vec![],
        cflags,
        cc,
        ..Sources::default()
    }
}

/// Whether the library was built with libdeflate.
const HAS_LIBDEFLATE: bool = !env!("DRIFT_LIBDEFLATE").is_empty();

/// The hand-written crate.
pub fn handwritten() -> PathBuf {
    root().join("bindings/handwritten/src/lib.rs")
}

/// The generated crate's copy.
pub fn generated() -> PathBuf {
    root().join("bindings/generated/src/bindings.rs")
}

/// libsgz.
pub fn library() -> PathBuf {
    symbols::find(env!("DRIFT_LIBRARY"), &sources().cc)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// The check of the hand-written crate, as a test of any crate makes it.
pub fn check() -> Check {
    let sources = sources();
    let header = sources.headers[0].display().to_string();
    let mut check = Check::default()
        .rust(handwritten())
        .header(header)
        .compiler(sources.cc)
        .library(env!("DRIFT_LIBRARY"));
    if HAS_LIBDEFLATE {
        check = check.cfg("sgz_libdeflate");
    }
    sources.cflags.into_iter().fold(check, Check::cflag)
}

/// What libsgz exports.
pub fn exported() -> BTreeSet<String> {
    symbols::exported(&library(), &sources().cc)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// The check as it is made here: with the library, and without an allow list.
pub fn options() -> Options {
    Options {
        partial: false,
        exported: Some(exported()),
        no_library: String::new(),
        allowed: Allowed::default(),
    }
}

/// Read the header; nothing if there is no libclang, which is said.
pub fn read_header() -> Option<Header> {
    static LIBCLANG: Once = Once::new();
    LIBCLANG.call_once(|| {
        // The one among this checkout's own tools, if it has any.
        let tools = root().join(".tools/venv/lib");
        let bundled = tools.read_dir().into_iter().flatten().flatten();
        let bundled = bundled
            .map(|python| python.path().join("site-packages/clang/native"))
            .find(|dir| dir.join("libclang.so").exists());
        let known = std::env::var_os("LIBCLANG_PATH");
        if let (None, Some(dir)) = (known, bundled) {
            // SAFETY: std env::set_var: once, before any thread has loaded
            // libclang, and nothing else in these tests is C.
            unsafe { std::env::set_var("LIBCLANG_PATH", dir) };
        }
    });
    if let Err(why) = ferrule_drift::read::clang::load() {
        println!("not run: libclang: {why}");
        return None;
    }
    match header::read(&sources()) {
        Ok(header) => Some(header),
        Err(error) => panic!("{error}"),
    }
}

/// Read a crate.
pub fn read_crate(path: &Path, files: &mut Files) -> Crate {
    let target = target();
    rust::read(&[path.to_path_buf()], files, &target)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// This machine.
pub fn target() -> Target {
    let mut target =
        Target::new(None).unwrap_or_else(|error| panic!("{error}"));
    if HAS_LIBDEFLATE {
        target.insert("sgz_libdeflate");
    }
    target
}
