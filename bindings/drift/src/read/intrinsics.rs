// SPDX-License-Identifier: MIT OR Apache-2.0
//! The C compiler's own headers, for libclang.
//!
//! A libclang that came without clang lacks headers of its own (`stddef.h`), so
//! it gets the C compiler's. Those of gcc that declare processor instructions
//! (`immintrin.h`) are written for gcc alone: libclang gets stand-ins in their
//! place, which declare the vector types and no function. The C compiler, which
//! judges, always reads the real ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::Error;
use crate::read::clang::{self, Complaint, Unit};

/// Arguments with which libclang reads what the compiler reads.
pub struct Arguments {
    /// The arguments.
    pub words: Vec<String>,
    /// The stand-ins, if there are any: they have to live as long.
    _stand_ins: Option<TempDir>,
}

/// A header that is read, and how.
pub struct Parsed {
    /// What libclang made of it.
    pub unit: Unit,
    /// How it was read.
    pub arguments: Arguments,
}

/// Parse `text` with `words`, and with whatever makes `cc`'s own headers
/// readable.
pub fn parse(text: &str, words: &[String], cc: &str) -> Result<Parsed, Error> {
    let own = own_headers(cc);
    let dir = own.as_deref();
    let with = |more: Vec<String>, stand_ins: Option<TempDir>| {
        let mut words = words.to_vec();
        words.extend(more);
        if let Some(dir) = dir {
            words.push("-idirafter".to_owned());
            words.push(dir.display().to_string());
        }
        let unit = Unit::parse("ferrule-drift.c", text, &words);
        let unit = unit.map_err(Error::Libclang)?;
        let arguments = Arguments {
            words,
            _stand_ins: stand_ins,
        };
        Ok(Parsed { unit, arguments })
    };
    let first = with(vec![], None)?;
    let foreign = |parsed: &Parsed| {
        let errors = parsed.unit.errors();
        errors.iter().any(|error| is_own(error, dir))
    };
    if !foreign(&first) {
        return Ok(first);
    }
    if let Some(folder) = resource_folder() {
        let more = vec!["-resource-dir".to_owned(), folder];
        let parsed = with(more, None)?;
        if !foreign(&parsed) {
            return Ok(parsed);
        }
    }
    let Some(dir) = dir else {
        return Ok(first);
    };
    let stand_ins = stand_ins(dir)
        .map_err(|error| Error::Scratch(error, std::env::temp_dir()))?;
    let folder = stand_ins.path().display().to_string();
    with(vec!["-isystem".to_owned(), folder], Some(stand_ins))
}

/// Whether `error` is in the compiler's own headers.
fn is_own(error: &Complaint, dir: Option<&Path>) -> bool {
    let file = fs::canonicalize(&error.file);
    let dir = dir.and_then(|dir| fs::canonicalize(dir).ok());
    match (file, dir) {
        (Ok(file), Some(dir)) => file.starts_with(dir),
        _ => false,
    }
}

/// Where the C compiler keeps its own headers.
fn own_headers(cc: &str) -> Option<PathBuf> {
    let asked = Command::new(cc).arg("-print-file-name=include").output();
    let said = String::from_utf8(asked.ok()?.stdout).ok()?;
    Some(PathBuf::from(said.trim()))
}

/// The headers of an installed clang, if it is of libclang's version: those of
/// another one use what this one may lack.
fn resource_folder() -> Option<String> {
    let version = clang::version();
    let major = major(&version)?.to_owned();
    for name in ["clang".to_owned(), format!("clang-{major}")] {
        let ask = |word: &str| {
            let asked = Command::new(&name).arg(word).output().ok()?;
            let said = String::from_utf8(asked.stdout).ok()?;
            asked.status.success().then(|| said.trim().to_owned())
        };
        let said = ask("--version").unwrap_or_default();
        if self::major(&said) == Some(&*major) {
            return ask("-print-resource-dir");
        }
    }
    None
}

/// `18` of `clang version 18.1.1`.
fn major(version: &str) -> Option<&str> {
    let (_, rest) = version.split_once("version ")?;
    let end = rest.find(|c: char| !c.is_ascii_digit());
    Some(&rest[..end.unwrap_or(rest.len())]).filter(|text| !text.is_empty())
}

/// A folder with a stand-in for each header of `dir` that declares processor
/// instructions.
fn stand_ins(dir: &Path) -> std::io::Result<TempDir> {
    let folder = tempfile::Builder::new()
        .prefix("ferrule-drift-")
        .tempdir()?;
    fs::write(folder.path().join(TYPES_NAME), TYPES)?;
    for entry in fs::read_dir(dir)?.flatten() {
        let name = entry.file_name();
        let text = name.to_string_lossy();
        let intrinsic = text.ends_with("intrin.h")
            || matches!(&*text, "mm3dnow.h" | "mm_malloc.h");
        if intrinsic {
            let line = format!("#include \"{TYPES_NAME}\"\n");
            fs::write(folder.path().join(&name), line)?;
        }
    }
    Ok(folder)
}

const TYPES_NAME: &str = "ferrule-drift-vectors.h";

/// The types that the headers of x86 declare, as gcc and clang both have them.
/// `stdlib.h` comes with the real ones, too.
const TYPES: &str = "\
#pragma once
#include <stdlib.h>
#define FD_VECTOR(type, name, bytes) \\
  typedef type name __attribute__((vector_size(bytes), may_alias)); \\
  typedef type name##_u __attribute__((vector_size(bytes), may_alias, \\
                                       aligned(1)))
FD_VECTOR(int, __m64, 8);
FD_VECTOR(float, __m128, 16);
FD_VECTOR(double, __m128d, 16);
FD_VECTOR(long long, __m128i, 16);
FD_VECTOR(float, __m256, 32);
FD_VECTOR(double, __m256d, 32);
FD_VECTOR(long long, __m256i, 32);
FD_VECTOR(float, __m512, 64);
FD_VECTOR(double, __m512d, 64);
FD_VECTOR(long long, __m512i, 64);
typedef unsigned char __mmask8;
typedef unsigned short __mmask16;
typedef unsigned int __mmask32;
typedef unsigned long long __mmask64;
";
