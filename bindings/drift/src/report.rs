// SPDX-License-Identifier: MIT OR Apache-2.0
//! What was found, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde_json::{Value, json};

use crate::header::Place;
use crate::rust::Unchecked;
use crate::snippet::Snippet;

/// What kind of drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// In the header, and not in the Rust.
    Missing,
    /// In the Rust, and not in the header.
    Extra,
    /// Declared, and not in the library.
    Symbol,
    /// How a function is called.
    Abi,
    /// What a function takes and returns.
    Signature,
    /// The type of a variable, a field, a constant or an alias.
    Type,
    /// A function pointer that C may leave NULL, and Rust may not.
    Nullable,
    /// Size, alignment, offset, representation.
    Layout,
    /// Where a bitfield lies.
    Bits,
    /// What a constant is.
    Value,
    /// An entry of the allow list that nothing needs.
    Allow,
}

impl Kind {
    /// As allow lists and JSON write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Symbol => "symbol",
            Self::Abi => "abi",
            Self::Signature => "signature",
            Self::Type => "type",
            Self::Nullable => "nullable",
            Self::Layout => "layout",
            Self::Bits => "bits",
            Self::Value => "value",
            Self::Allow => "allow",
        }
    }
}

/// One side of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Where.
    pub place: Place,
    /// What stands there.
    pub text: Snippet,
}

/// A difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind.
    pub kind: Kind,
    /// Of what: `sgz_error.offset` is a field.
    pub item: String,
    /// What Rust says.
    pub rust: Option<Side>,
    /// What C says.
    pub c: Option<Side>,
    /// In what they differ.
    pub what: String,
    /// What comes of it.
    pub so: String,
}

/// What is counted, and not compared.
pub const LEFT_OUT: &str = "items of the header left out (--partial)";

/// What was looked at: a kind of item.
pub type Tally = BTreeMap<&'static str, usize>;

/// All that a run found.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What drifts.
    pub drift: Vec<Finding>,
    /// What differs and does no harm here.
    pub notes: Vec<Finding>,
    /// What the allow list lets pass, and its reason.
    pub allowed: Vec<(Finding, String)>,
    /// What was not looked at.
    pub unchecked: Vec<Unchecked>,
    /// How many items of each kind were compared.
    pub checked: Tally,
    /// How many questions the compiler was asked.
    pub questions: usize,
}

impl Report {
    /// Whether nothing drifts.
    pub fn is_clean(&self) -> bool {
        self.drift.is_empty()
    }

    /// How many items were compared.
    pub fn items(&self) -> usize {
        let counts = self.checked.iter();
        let compared = counts.filter(|(what, _)| **what != LEFT_OUT);
        compared.map(|(_, count)| count).sum()
    }

    /// As JSON.
    pub fn json(&self) -> Value {
        let findings = |all: &[Finding]| -> Vec<Value> {
            all.iter().map(Finding::json).collect()
        };
        let allowed = self.allowed.iter().map(|(finding, reason)| {
            let mut value = finding.json();
            value["reason"] = json!(reason);
            value
        });
        let unchecked = self.unchecked.iter().map(|one| {
            json!({
                "item": one.item,
                "file": one.place.file,
                "line": one.place.line,
                "why": one.why,
            })
        });
        json!({
            "drift": findings(&self.drift),
            "notes": findings(&self.notes),
            "allowed": allowed.collect::<Vec<_>>(),
            "unchecked": unchecked.collect::<Vec<_>>(),
            "checked": self.checked,
            "questions": self.questions,
        })
    }

    /// The table of what was checked.
    pub fn table(&self) -> String {
        let mut text = String::new();
        for (what, count) in &self.checked {
            let _ = writeln!(text, "  {count:>5}  {what}");
        }
        let _ = writeln!(
            text,
            "  {:>5}  assertions, all judged by the C compiler",
            self.questions
        );
        text
    }
}

impl Finding {
    fn json(&self) -> Value {
        let side = |side: &Option<Side>| match side {
            None => Value::Null,
            Some(side) => json!({
                "file": side.place.file,
                "line": side.place.line,
                "text": side.text.text,
                "mark": side.text.mark.as_ref().map(|m| [m.start, m.end]),
            }),
        };
        json!({
            "kind": self.kind.name(),
            "item": self.item,
            "rust": side(&self.rust),
            "c": side(&self.c),
            "difference": self.what,
            "consequence": self.so,
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, item) = (self.kind.name(), &self.item);
        writeln!(f, "{item}: {} [{kind}]", self.what)?;
        for (name, side) in [("Rust", &self.rust), ("C", &self.c)] {
            let Some(side) = side else {
                continue;
            };
            let place = &side.place;
            writeln!(f, "  {name:<4} {}:{}", place.file.display(), place.line)?;
            writeln!(f, "       {}", side.text.text)?;
            if let Some(mark) = &side.text.mark {
                let text = &side.text.text;
                let before = text.get(..mark.start).unwrap_or("");
                let marked = text.get(mark.clone()).unwrap_or("");
                writeln!(
                    f,
                    "       {}{}",
                    " ".repeat(before.chars().count()),
                    "^".repeat(marked.chars().count().max(1)),
                )?;
            }
        }
        write!(f, "  so   {}", self.so)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.drift {
            writeln!(f, "drift: {finding}\n")?;
        }
        for finding in &self.notes {
            writeln!(f, "note: {finding}\n")?;
        }
        for (finding, reason) in &self.allowed {
            writeln!(
                f,
                "allowed: {} [{}]: {reason}",
                finding.item,
                finding.kind.name()
            )?;
        }
        for one in &self.unchecked {
            let place = &one.place;
            if place.file.as_os_str().is_empty() {
                writeln!(f, "unchecked: {}: {}", one.item, one.why)?;
                continue;
            }
            writeln!(
                f,
                "unchecked: {}:{}: {}: {}",
                place.file.display(),
                place.line,
                one.item,
                one.why
            )?;
        }
        writeln!(f, "checked:\n{}", self.table().trim_end())?;
        write!(
            f,
            "{} items checked: {} drift, {} notes, {} allowed, {} unchecked",
            self.items(),
            self.drift.len(),
            self.notes.len(),
            self.allowed.len(),
            self.unchecked.len()
        )
    }
}
