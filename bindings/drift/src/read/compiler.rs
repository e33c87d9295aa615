// SPDX-License-Identifier: MIT OR Apache-2.0
//! The C compiler, and what it is given.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;

/// Which headers, and how they are compiled.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The headers.
    pub headers: Vec<PathBuf>,
    /// Further headers, or folders of them, whose items are the library's
    /// own.
    pub own: Vec<PathBuf>,
    /// Names of macros that are looked for in the headers which these include,
    /// too.
    pub macros: BTreeSet<String>,
    /// The compiler's flags.
    pub cflags: Vec<String>,
    /// The compiler.
    pub cc: String,
}

impl Sources {
    /// What the text of every C file starts with.
    pub fn prelude(&self) -> String {
        let mut text = String::new();
        for header in &self.headers {
            // On one line each, absolute, so that nothing else is found.
            let header = fs::canonicalize(header);
            let header = header.as_deref().unwrap_or(Path::new("?"));
            let _ = writeln!(text, "#include \"{}\"", header.display());
        }
        text
    }

    /// Whether `file` is one of the headers, or came with them: `x.h` brings
    /// those in the folder `x` beside it.
    pub(crate) fn owns(&self, file: &Path) -> bool {
        let Ok(file) = fs::canonicalize(file) else {
            return false;
        };
        let headers = self.headers.iter();
        let folders = headers.clone().map(|header| header.with_extension(""));
        headers
            .cloned()
            .chain(folders)
            .chain(self.own.iter().cloned())
            .filter_map(|path| fs::canonicalize(path).ok())
            .any(|path| file.starts_with(path))
    }
}

/// Whether the headers compile at all.
pub fn can_compile(sources: &Sources, text: &str) -> Result<(), Error> {
    let scratch = Scratch::new()?;
    let path = scratch.write("header.c", text)?;
    let output = run_compiler(sources, &["-fsyntax-only"], &path)?;
    if output.lines().any(|line| line.contains(" error: ")) {
        return Err(Error::Header(output.trim_end().to_owned()));
    }
    Ok(())
}

pub(crate) fn run_compiler(
    sources: &Sources,
    flags: &[&str],
    path: &PathBuf,
) -> Result<String, Error> {
    let mut command = Command::new(&sources.cc);
    command.args(&sources.cflags);
    // The answers are the errors: all of them, and no warnings.
    command.args(["-w", "-fno-diagnostics-color", "-Wno-error"]);
    if is_clang(&sources.cc) {
        command.args(["-ferror-limit=0", "-Wno-everything"]);
    } else {
        // An error in a macro is reported where it is used.
        command.args(["-fmax-errors=0", "-ftrack-macro-expansion=0"]);
    }
    command.env("LC_ALL", "C");
    let output = command
        .args(["-x", "c"])
        .arg(path)
        .args(["-x", "none"])
        .args(flags)
        .output()
        .map_err(|error| Error::Compiler(sources.cc.clone(), error))?;
    let mut text = String::from_utf8_lossy(&output.stderr).into_owned();
    let said = text.contains(" error: ") || text.contains(" error:\t");
    if !output.status.success() && !said {
        let reason = first_line(&text).to_owned();
        return Err(Error::Header(if reason.is_empty() {
            format!("{} failed without a word", sources.cc)
        } else {
            std::mem::take(&mut text)
        }));
    }
    Ok(text)
}

fn is_clang(cc: &str) -> bool {
    let output = Command::new(cc).arg("--version").output();
    output.is_ok_and(|output| {
        String::from_utf8_lossy(&output.stdout).contains("clang")
    })
}

pub(crate) fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("")
}

/// A folder of our own, which nobody else can write to, and which goes when it
/// is dropped.
pub(crate) struct Scratch {
    dir: tempfile::TempDir,
}

impl Scratch {
    pub(crate) fn new() -> Result<Self, Error> {
        let dir = tempfile::Builder::new()
            .prefix("ferrule-drift-")
            .tempdir()
            .map_err(|error| Error::Scratch(error, std::env::temp_dir()))?;
        Ok(Self { dir })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(
        &self,
        name: &str,
        text: &str,
    ) -> Result<PathBuf, Error> {
        let path = self.path(name);
        fs::write(&path, text).map_err(|e| Error::Scratch(e, path.clone()))?;
        Ok(path)
    }
}

/// The file that `#include <name>` brings in, or what the compiler says.
pub fn find_header(
    name: &str,
    cc: &str,
    flags: &[String],
) -> Result<Result<PathBuf, String>, Error> {
    let output = Command::new(cc)
        .args(flags)
        .args(["-include", name, "-M", "-x", "c", "/dev/null"])
        .output()
        .map_err(|error| Error::Compiler(cc.to_owned(), error))?;
    let rule = String::from_utf8_lossy(&output.stdout).into_owned();
    let end = format!("/{name}");
    let words = rule.split_whitespace();
    let named = words
        .clone()
        .find(|word| *word == name || word.ends_with(&end));
    // The first that is included is it, if it is a link to another name.
    let mut rest = words.skip(1).filter(|word| {
        *word != "\\"
            && *word != "/dev/null"
            && !word.ends_with("/stdc-predef.h")
    });
    let path = named.or_else(|| rest.next());
    Ok(path.map(PathBuf::from).ok_or_else(|| {
        let said = String::from_utf8_lossy(&output.stderr);
        format!("the compiler does not find {name}:\n{}", said.trim_end())
    }))
}
