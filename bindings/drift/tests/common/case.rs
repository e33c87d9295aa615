// SPDX-License-Identifier: MIT OR Apache-2.0
//! A header, a Rust file, and what a run on them must come to.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::common::libclang;

/// What a run must come to.
#[derive(Debug, Clone, Copy)]
pub enum Expected<'a> {
    /// Exit status 0, and nothing noted about the item.
    Clean,
    /// Exit status 0, and a note with these words.
    Note(&'a str),
    /// Exit status 1, and 0 with `--level breaks`.
    Letter(&'a str),
    /// Exit status 1 with any level.
    Breaks(&'a str),
    /// An item that was not looked at; `--strict` makes it 1.
    Unchecked(&'a str),
    /// Exit status 2.
    Cannot(&'a str),
}

/// A header and a Rust file.
pub struct Case<'a> {
    header: &'a str,
    rust: &'a str,
    more: &'a [&'a str],
    /// A second file, and what is in it.
    beside: Option<(&'a str, &'a str)>,
    /// The C of a library, for `--lib`.
    library: Option<&'a str>,
}

impl<'a> Case<'a> {
    pub fn new(header: &'a str, rust: &'a str) -> Self {
        Self {
            header,
            rust,
            more: &[],
            beside: None,
            library: None,
        }
    }

    pub fn more(self, more: &'a [&'a str]) -> Self {
        Self { more, ..self }
    }

    pub fn beside(self, name: &'a str, text: &'a str) -> Self {
        let beside = Some((name, text));
        Self { beside, ..self }
    }

    pub fn library(self, text: &'a str) -> Self {
        let library = Some(text);
        Self { library, ..self }
    }

    fn write(&self, dir: &Path) {
        fs::write(dir.join("x.h"), self.header).unwrap();
        fs::write(dir.join("x.rs"), self.rust).unwrap();
        if let Some((name, text)) = self.beside {
            let path = dir.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        if let Some(text) = self.library {
            fs::write(dir.join("lib.c"), text).unwrap();
            let built = Command::new("cc")
                .args(["-w", "-shared", "-fPIC", "-o", "libx.so", "lib.c"])
                .current_dir(dir)
                .status();
            assert!(built.unwrap().success());
        }
    }

    fn run(&self, dir: &Path, level: &[&str]) -> (i32, String) {
        let library: &[&str] = match self.library {
            Some(_) => &["--lib", "./libx.so"],
            None => &[],
        };
        let files = ["--header", "x.h", "--rust", "x.rs"];
        let words = files.iter().chain(library).chain(self.more).chain(level);
        let program = env!("CARGO_BIN_EXE_ferrule-drift");
        let ran = crate::common::run(program, dir, words);
        (ran.code, ran.out + &ran.err)
    }

    /// The exit status, and what is said.
    pub fn text(self) -> (i32, String) {
        let dir = tempfile::tempdir().unwrap();
        self.write(dir.path());
        self.run(dir.path(), &[])
    }

    pub fn is(self, expected: Expected<'_>) {
        if libclang().is_none() {
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        self.write(dir.path());
        let (code, said) = self.run(dir.path(), &[]);
        let has = |start: &str, words: &str| {
            said.lines()
                .any(|line| line.starts_with(start) && line.contains(words))
        };
        use Expected::{Breaks, Cannot, Clean, Letter, Note, Unchecked};
        let right = match expected {
            Clean => code == 0 && !said.contains("unchecked: "),
            Note(words) => code == 0 && has("note: ", words),
            Letter(words) => {
                let (lax, _) = self.run(dir.path(), &["--level", "breaks"]);
                code == 1 && lax == 0 && has("letter: ", words)
            }
            Breaks(words) => {
                let (lax, _) = self.run(dir.path(), &["--level", "breaks"]);
                code == 1 && lax == 1 && has("breaks: ", words)
            }
            Unchecked(words) => {
                let (strict, _) = self.run(dir.path(), &["--strict"]);
                strict == 1 && has("unchecked: ", words)
            }
            Cannot(words) => code == 2 && said.contains(words),
        };
        assert!(
            right,
            "expected {expected:?}, exit status {code}, for\n{}\n{}\n\n{said}",
            self.header, self.rust
        );
    }
}

/// What there is to run.
pub fn case<'a>(header: &'a str, rust: &'a str) -> Case<'a> {
    Case::new(header, rust)
}
