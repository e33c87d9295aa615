// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a library exports.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use object::read::archive::ArchiveFile;
use object::{Object, ObjectSymbol};

use crate::Error;

/// The library's file: a path, or the name that a linker takes after `-l`.
pub fn find(library: &str, cc: &str) -> Result<PathBuf, Error> {
    let path = Path::new(library);
    if path.is_file() {
        return Ok(path.to_path_buf());
    }
    let plain = !library.contains('/');
    for suffix in ["so", "a", "dylib"] {
        let name = format!("lib{library}.{suffix}");
        let asked = Command::new(cc)
            .arg(format!("-print-file-name={name}"))
            .output();
        let found = asked.ok().and_then(|out| {
            let text = String::from_utf8(out.stdout).ok()?;
            Some(PathBuf::from(text.trim()))
        });
        if let Some(path) = found.filter(|path| path.is_file() && plain) {
            return Ok(path);
        }
    }
    Err(Error::Library(format!("there is no {library}")))
}

/// The names that can be linked against.
pub fn exported(path: &Path) -> Result<BTreeSet<String>, Error> {
    let wrong =
        |why: String| Error::Library(format!("{}: {why}", path.display()));
    let data = fs::read(path).map_err(|error| wrong(error.to_string()))?;
    if let Ok(archive) = ArchiveFile::parse(&*data) {
        // The index names what its members define, thin archive or not.
        let symbols = archive
            .symbols()
            .map_err(|error| wrong(error.to_string()))?;
        let Some(symbols) = symbols else {
            return Err(wrong("an archive without an index".to_owned()));
        };
        return symbols
            .map(|symbol| {
                let symbol = symbol.map_err(|e| wrong(e.to_string()))?;
                let name = symbol.name();
                Ok(String::from_utf8_lossy(name).into_owned())
            })
            .collect();
    }
    let file = object::File::parse(&*data)
        .map_err(|error| wrong(format!("no library: {error}")))?;
    let symbols = file
        .dynamic_symbols()
        // What is chosen when it is loaded (IFUNC) is no definition to `object`.
        .filter(|symbol| !symbol.is_undefined() && symbol.is_global());
    Ok(symbols
        .filter_map(|symbol| symbol.name().ok().map(str::to_owned))
        .collect())
}
