// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a library exports.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use object::read::archive::ArchiveFile;
use object::{Object, ObjectSymbol};

use crate::Error;
use crate::read::linker_script;

/// The library's file: a path, or the name that a linker takes after `-l`.
pub fn find(library: &str, cc: &str) -> Result<PathBuf, Error> {
    let path = Path::new(library);
    if path.is_file() {
        return Ok(path.to_path_buf());
    }
    let names = ["so", "a", "dylib"];
    let names = names.map(|suffix| format!("lib{library}.{suffix}"));
    let plain = !library.contains('/');
    for name in names.iter().filter(|_| plain) {
        if let Ok(path) = searched(name, cc) {
            return Ok(path);
        }
    }
    Err(Error::Library(format!("there is no {library}")))
}

/// What a linker would read as a script: text, and no library.
fn script(data: &[u8]) -> Option<&str> {
    let binary = data.starts_with(b"\x7fELF") || data.starts_with(b"!<");
    let text = std::str::from_utf8(data).ok().filter(|_| !binary)?;
    (!text.contains('\0')).then_some(text)
}

/// The library that the script at `script` calls `name`.
fn named(name: &str, script: &Path, cc: &str) -> Result<PathBuf, Error> {
    if let Some(library) = name.strip_prefix("-l") {
        return match library.strip_prefix(':') {
            Some(file) => searched(file, cc),
            None => find(library, cc),
        };
    }
    // `=` stands for the folder of the target's system.
    let path = Path::new(name.trim_start_matches('='));
    let beside = script.parent().unwrap_or(Path::new("")).join(path);
    if beside.is_file() {
        return Ok(beside);
    }
    searched(name, cc)
}

/// The file of this name in the folders that the compiler searches.
fn searched(file: &str, cc: &str) -> Result<PathBuf, Error> {
    let asked = Command::new(cc)
        .arg(format!("-print-file-name={file}"))
        .output();
    let text = asked
        .ok()
        .and_then(|out| String::from_utf8(out.stdout).ok());
    let found = text.map(|text| PathBuf::from(text.trim()));
    found
        .filter(|path| path.is_absolute() && path.is_file())
        .ok_or_else(|| Error::Library(format!("there is no {file}")))
}

/// The names that can be linked against: of the library at `path`, or of those
/// that stand there in a linker script, as `cc` finds them.
pub fn exported(path: &Path, cc: &str) -> Result<BTreeSet<String>, Error> {
    exported_at(path, cc, 0)
}

fn exported_at(
    path: &Path,
    cc: &str,
    depth: u32,
) -> Result<BTreeSet<String>, Error> {
    let wrong =
        |why: String| Error::Library(format!("{}: {why}", path.display()));
    let data = fs::read(path).map_err(|error| wrong(error.to_string()))?;
    if let Some(text) = script(&data) {
        if depth > 8 {
            return Err(wrong("linker scripts that name each other".into()));
        }
        let mut all = BTreeSet::new();
        for name in linker_script::libraries(text).map_err(wrong)? {
            let inner = named(&name, path, cc)
                .map_err(|error| wrong(error.to_string()))?;
            all.extend(exported_at(&inner, cc, depth + 1)?);
        }
        return Ok(all);
    }
    if let Ok(archive) = ArchiveFile::parse(&*data) {
        return index_of(&archive).map_err(wrong);
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

/// What the members of an archive define, as its index says, whether it holds
/// them or only names them.
fn index_of(archive: &ArchiveFile<'_>) -> Result<BTreeSet<String>, String> {
    let symbols = archive.symbols().map_err(|error| error.to_string())?;
    let Some(symbols) = symbols else {
        // One without members needs none: glibc's libpthread.a is empty.
        return match archive.members().next() {
            None => Ok(BTreeSet::new()),
            Some(_) => Err("an archive without an index".to_owned()),
        };
    };
    symbols
        .map(|symbol| {
            let symbol = symbol.map_err(|error| error.to_string())?;
            Ok(String::from_utf8_lossy(symbol.name()).into_owned())
        })
        .collect()
}
