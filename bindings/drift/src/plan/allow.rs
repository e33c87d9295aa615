// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is known to differ, with a reason each. An entry that nothing needs is
//! drift itself.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::header::Place;
use crate::report::{Finding, Kind, Level, Side};
use crate::snippet::Snippet;

/// An allow list: `KIND ITEM: REASON` on each line.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    file: PathBuf,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    line: u32,
    kind: String,
    item: String,
    reason: String,
}

impl Allowed {
    /// Read the list at `path`.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::Read(path.to_path_buf(), error))?;
        Self::parse(path, &text)
    }

    /// The list that `text` is.
    pub fn parse(path: &Path, text: &str) -> Result<Self, Error> {
        let mut entries = vec![];
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let entry = line.split_once(": ").and_then(|(head, reason)| {
                let (kind, item) = head.split_once(' ')?;
                Some(Entry {
                    line: u32::try_from(at + 1).unwrap_or(0),
                    kind: kind.to_owned(),
                    item: item.trim().to_owned(),
                    reason: reason.trim().to_owned(),
                })
            });
            let Some(entry) = entry.filter(|e| !e.reason.is_empty()) else {
                return Err(Error::Allow(
                    path.to_path_buf(),
                    at + 1,
                    "an entry is `KIND ITEM: REASON`".to_owned(),
                ));
            };
            entries.push(entry);
        }
        let file = path.to_path_buf();
        Ok(Self { file, entries })
    }

    /// Part `all` into what is drift and what is let pass; entries that let
    /// nothing pass are drift.
    pub(super) fn part(
        &self,
        all: Vec<Finding>,
    ) -> (Vec<Finding>, Vec<(Finding, String)>) {
        let (mut drift, mut allowed) = (vec![], vec![]);
        let mut used = vec![false; self.entries.len()];
        for finding in all {
            let found = self.entries.iter().position(|entry| {
                entry.kind == finding.kind.name() && entry.item == finding.item
            });
            match found {
                Some(at) => {
                    used[at] = true;
                    allowed.push((finding, self.entries[at].reason.clone()));
                }
                None => drift.push(finding),
            }
        }
        let unused = self.entries.iter().zip(used);
        for (entry, _) in unused.filter(|(_, used)| !used) {
            drift.push(Finding {
                level: Level::Breaks,
                kind: Kind::Allow,
                item: entry.item.clone(),
                rust: Some(Side {
                    place: Place {
                        file: self.file.clone(),
                        line: entry.line,
                        by: None,
                    },
                    text: Snippet {
                        text: format!("{} {}", entry.kind, entry.item),
                        mark: None,
                    },
                }),
                c: None,
                what: "an entry of the allow list that is not needed".into(),
                so: "remove it: it would hide the next real drift".into(),
            });
        }
        (drift, allowed)
    }
}
