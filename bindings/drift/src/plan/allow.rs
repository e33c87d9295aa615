// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is known to differ, with a reason each. An entry lets one difference of
//! one item pass: if that becomes another one, the entry does not cover it, and
//! an entry that nothing needs is drift itself.

use std::path::Path;

use crate::Error;
use crate::place::Place;
use crate::report::{Finding, Kind, Level, Side};
use crate::snippet::Snippet;

/// How a line of the list is made up.
const FORM: &str = "an entry is `KIND ITEM | DIFFERENCE | REASON`";

/// What stands for the reason in a line that the command has written.
const NO_REASON: &str = "REASON";

/// Differences that are let pass: `KIND ITEM | DIFFERENCE | REASON` on each
/// line of a file, or the tables `allowed` of `drift.toml`.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    entries: Vec<Entry>,
}

/// One of them.
#[derive(Debug, Clone)]
struct Entry {
    place: Place,
    kind: String,
    item: String,
    /// Nothing in an entry that does not say it: that covers nothing.
    difference: Option<String>,
    reason: String,
    /// It stands in `drift.toml`.
    table: bool,
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
        let mut found = Self::default();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let place = Place {
                file: path.to_path_buf(),
                line: u32::try_from(at + 1).unwrap_or(0),
                by: None,
            };
            let entry = Entry::parse(line, &place)
                .map_err(|why| Error::Allow(path.to_path_buf(), at + 1, why))?;
            found.entries.push(entry);
        }
        Ok(found)
    }

    /// Add one of `drift.toml`, at `place`.
    pub fn add(
        &mut self,
        place: Place,
        [kind, item, difference, reason]: [&str; 4],
    ) -> Result<(), String> {
        self.entries.push(Entry {
            place,
            kind: known(kind)?,
            item: item.to_owned(),
            difference: Some(one_line(difference)),
            reason: reasonable(reason)?,
            table: true,
        });
        Ok(())
    }

    /// Those of both.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.entries.extend(other.entries);
        self
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
            let found =
                self.entries.iter().position(|entry| entry.covers(&finding));
            match found {
                Some(at) => {
                    used[at] = true;
                    allowed.push((finding, self.entries[at].reason.clone()));
                }
                None => drift.push(finding),
            }
        }
        let unused = self.entries.iter().zip(used);
        let unused = unused.filter(|(_, used)| !used);
        let unused: Vec<Finding> =
            unused.map(|(entry, _)| entry.unused(&drift)).collect();
        drift.extend(unused);
        (drift, allowed)
    }
}

impl Entry {
    fn parse(line: &str, place: &Place) -> Result<Self, String> {
        let entry = |head: &str, difference: Option<String>, reason: &str| {
            let (kind, item) = head.split_once(' ').ok_or(FORM)?;
            Ok::<_, String>(Self {
                kind: known(kind)?,
                item: item.trim().to_owned(),
                difference,
                reason: reasonable(reason)?,
                place: place.clone(),
                table: false,
            })
        };
        if let Some((head, rest)) = line.split_once(" | ") {
            // A text may have a bar in it, and a reason may not.
            let (difference, reason) = rest.rsplit_once(" | ").ok_or(FORM)?;
            return entry(head, Some(one_line(difference)), reason);
        }
        // Which difference is not said: the report says it.
        let (head, reason) = line.split_once(": ").ok_or(FORM)?;
        entry(head, None, reason)
    }

    fn is_of(&self, finding: &Finding) -> bool {
        self.kind == finding.kind.name() && self.item == finding.item
    }

    fn covers(&self, finding: &Finding) -> bool {
        let difference = one_line(&finding.what);
        self.is_of(finding) && self.difference.as_ref() == Some(&difference)
    }

    /// The entry covers nothing: what there is of its item is in `drift`.
    fn unused(&self, drift: &[Finding]) -> Finding {
        let (what, so) = self.why_unused(drift);
        Finding {
            level: Level::Breaks,
            kind: Kind::Allow,
            item: self.item.clone(),
            rust: Some(Side {
                place: self.place.clone(),
                text: Snippet {
                    text: format!("{} {}", self.kind, self.item),
                    mark: None,
                },
            }),
            c: None,
            what,
            so,
        }
    }

    fn why_unused(&self, drift: &[Finding]) -> (String, String) {
        let now: Vec<&Finding> =
            drift.iter().filter(|found| self.is_of(found)).collect();
        let lines = now.iter().map(|found| {
            if self.table {
                found.allow_table(&self.reason)
            } else {
                found.allow_line(&self.reason)
            }
        });
        let lines = lines.collect::<Vec<_>>().join("\n");
        let is = now.iter().map(|found| one_line(&found.what));
        let is = is.collect::<Vec<_>>().join("` and `");
        match (&self.difference, now.is_empty()) {
            (_, true) => (
                "an entry of the allow list that is not needed".to_owned(),
                "remove it: it would hide the next real drift".to_owned(),
            ),
            (None, false) => (
                "an entry of the allow list that does not say which \
                 difference it lets pass"
                    .to_owned(),
                format!("if it is this one, write:\n{lines}"),
            ),
            (Some(was), false) => (
                format!(
                    "the difference that the allow list lets pass is now \
                     another one: it was `{was}`, it is `{is}`"
                ),
                format!("look at it again; if it may be so, write:\n{lines}"),
            ),
        }
    }
}

impl Finding {
    /// The line of an allow list that lets it pass.
    pub fn allow_line(&self, reason: &str) -> String {
        let (kind, item) = (self.kind.name(), &self.item);
        format!("{kind} {item} | {} | {reason}", one_line(&self.what))
    }

    /// The table of `drift.toml` that lets it pass.
    pub fn allow_table(&self, reason: &str) -> String {
        let text = |text: &str| toml::Value::from(text).to_string();
        format!(
            "[[allowed]]\nkind = {}\nitem = {}\ndifference = {}\nreason = {}",
            text(self.kind.name()),
            text(&self.item),
            text(&one_line(&self.what)),
            text(reason)
        )
    }
}

/// What would let all of `drift` pass, for a person to give the reasons.
pub fn allow_lines(drift: &[Finding], tables: bool) -> String {
    let drift = drift.iter().filter(|found| found.kind != Kind::Allow);
    let lines = drift.map(|found| {
        if tables {
            format!("{}\n\n", found.allow_table(NO_REASON))
        } else {
            format!("{}\n", found.allow_line(NO_REASON))
        }
    });
    lines.collect::<Vec<_>>().concat()
}

/// White space is no part of a difference.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn known(kind: &str) -> Result<String, String> {
    let names = Kind::ALL.map(Kind::name);
    if names.contains(&kind) {
        return Ok(kind.to_owned());
    }
    Err(format!(
        "there is no kind {kind}: it is one of {}",
        names.join(", ")
    ))
}

fn reasonable(reason: &str) -> Result<String, String> {
    let reason = reason.trim();
    if reason.is_empty() || reason == NO_REASON {
        return Err(format!("{FORM}: say the reason"));
    }
    Ok(reason.to_owned())
}
