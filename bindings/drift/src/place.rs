// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where something is declared.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Where something is declared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u32,
    /// The macro of Rust that made it, where the place is that of the call.
    pub by: Option<Arc<By>>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// The macro that made an item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct By {
    /// Its name, without the `!`.
    pub name: String,
    /// Its rules.
    pub file: PathBuf,
    /// Their line.
    pub line: u32,
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, file, line } = self;
        write!(f, "{name}!, {}:{line}", file.display())
    }
}
