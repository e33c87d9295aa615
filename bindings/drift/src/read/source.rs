// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rust files, each read and parsed once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use syn::Item;

use crate::Error;
use crate::place::By;
use crate::read::origin::Expansion;
use crate::snippet::Snippet;

/// A source file, parsed.
#[derive(Debug)]
pub struct File {
    /// Where it is.
    pub path: PathBuf,
    /// What it says.
    pub text: Rc<str>,
    /// The same, parsed.
    pub items: Rc<[Item]>,
    /// The call of a macro that stands for the items, if they are one's.
    pub expansion: Option<Expansion>,
    /// What was shown of it: the same items are compared again and again.
    shown: RefCell<HashMap<Shown, Snippet>>,
}

/// An item, and the part of it that is marked.
type Shown = (Range<usize>, Option<Range<usize>>);

impl File {
    /// The line of the byte `at`, from 1.
    pub(crate) fn line_of(&self, at: usize) -> u32 {
        let before = self.text.get(..at).unwrap_or("");
        let lines = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        u32::try_from(lines).unwrap_or(0)
    }

    /// What a macro that is called here makes is taken for a file.
    pub(super) fn expanded(&self, call: &syn::Macro, by: By) -> Rc<Self> {
        Rc::new(Self {
            path: self.path.clone(),
            text: Rc::clone(&self.text),
            items: Rc::clone(&self.items),
            expansion: Some(Expansion::new(call, self, by)),
            shown: RefCell::default(),
        })
    }

    pub(crate) fn snippet(&self, shown: Shown) -> Snippet {
        let mut known = self.shown.borrow_mut();
        let snippet = known.entry(shown).or_insert_with_key(|(item, mark)| {
            Snippet::new(&self.text, item.clone(), mark.as_ref())
        });
        snippet.clone()
    }
}

/// Source files, each read and parsed once.
#[derive(Debug, Default, Clone)]
pub struct Files {
    known: HashMap<PathBuf, Rc<File>>,
}

impl Files {
    /// What is at `path`.
    pub fn get(&mut self, path: &Path) -> Result<Rc<File>, Error> {
        if let Some(known) = self.known.get(path) {
            return Ok(Rc::clone(known));
        }
        let text = fs::read_to_string(path)
            .map_err(|error| Error::Read(path.to_path_buf(), error))?;
        self.put(path, text)
    }

    /// Take `text` for what is at `path`.
    pub fn put(
        &mut self,
        path: &Path,
        text: String,
    ) -> Result<Rc<File>, Error> {
        let parsed = syn::parse_file(&text).map_err(|error| {
            let at = error.span().start();
            Error::Parse(path.to_path_buf(), at.line, error.to_string())
        })?;
        let file = Rc::new(File {
            path: path.to_path_buf(),
            text: text.into(),
            items: parsed.items.into(),
            expansion: None,
            shown: RefCell::default(),
        });
        self.known.insert(path.to_path_buf(), Rc::clone(&file));
        Ok(file)
    }

    /// Whether there is something at `path`: one of these, or a file.
    pub(super) fn has(&self, path: &Path) -> bool {
        path.is_file() || self.known.contains_key(path)
    }

    /// All files that were read.
    pub fn all(&self) -> impl Iterator<Item = &Rc<File>> {
        self.known.values()
    }
}
