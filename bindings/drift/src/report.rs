// SPDX-License-Identifier: MIT OR Apache-2.0
//! What was found, for people and for programs.

mod groups;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use serde_json::{Value, json};

use self::groups::{Group, groups};
use crate::place::Place;
use crate::read::items::Unchecked;
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
    /// Those that a difference may have.
    pub const ALL: [Self; 10] = [
        Self::Missing,
        Self::Extra,
        Self::Symbol,
        Self::Abi,
        Self::Signature,
        Self::Type,
        Self::Nullable,
        Self::Layout,
        Self::Bits,
        Self::Value,
    ];

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

/// How bad a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// What crosses is not what was meant: layout, value, width, sign, depth
    /// of pointers, number of parameters, a pointer that may be NULL.
    Breaks,
    /// The same bits cross, and the declarations say different things: a
    /// `const`, a name for another type of the same width, what one side
    /// lacks.
    Letter,
    /// Worth knowing: no fault.
    Note,
}

impl Level {
    /// All, the worst first.
    pub const ALL: [Self; 3] = [Self::Breaks, Self::Letter, Self::Note];

    /// As the command line and JSON write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Breaks => "breaks",
            Self::Letter => "letter",
            Self::Note => "note",
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
    /// How bad.
    pub level: Level,
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

/// How much of a declaration is shown, in characters: a line of a terminal,
/// less what stands before it.
const WIDTH: usize = 73;

/// What is counted, and not compared.
pub const LEFT_OUT: &str = "items of the header left out (--partial)";

/// The same, where `drift.toml` says so.
pub const SAID: &str = "items of the header left out (drift.toml)";

/// What is counted, and is no item of the binding's own: what the library
/// exports was looked up.
pub const EXPORTED: &str = "exported symbols";

/// Whether what is counted as `what` is no item that was compared.
fn is_aside(what: &str) -> bool {
    what == LEFT_OUT || what == SAID || what == EXPORTED
}

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
    /// What should have been compared, and could not be.
    pub unchecked: Vec<Unchecked>,
    /// What is there on one side alone, and has nothing to be compared with.
    pub alone: Vec<Unchecked>,
    /// Types of the libc crate that were taken for C's of their name, because
    /// that crate was not read.
    pub assumed: BTreeSet<String>,
    /// How many items of each kind were compared.
    pub checked: Tally,
    /// How many questions the compiler was asked.
    pub questions: usize,
    /// How many of the items were counted as compared, and a question about
    /// them had no answer.
    pub unanswered: usize,
}

impl Report {
    /// Whether nothing drifts.
    pub fn is_clean(&self) -> bool {
        self.drift.is_empty()
    }

    /// How many findings are as bad as `level`, or worse.
    pub fn worse(&self, level: Level) -> usize {
        let all = self.drift.iter().chain(&self.notes);
        all.filter(|finding| finding.level <= level).count()
    }

    /// How many items were compared.
    pub fn items(&self) -> usize {
        let counts = self.checked.iter();
        let compared = counts.filter(|(what, _)| !is_aside(what));
        let all: usize = compared.map(|(_, count)| count).sum();
        all.saturating_sub(self.unanswered)
    }

    /// How many there are to compare.
    pub fn all(&self) -> usize {
        self.items() + self.unchecked.len()
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
        let places = |all: &[Unchecked]| -> Vec<Value> {
            let all = all.iter().map(|one| {
                json!({
                    "item": one.item,
                    "file": one.place.file,
                    "line": one.place.line,
                    "why": one.why,
                })
            });
            all.collect()
        };
        let groups = groups(&self.drift);
        let count =
            |level| groups.iter().filter(|one| one.level() == level).count();
        json!({
            "drift": findings(&self.drift),
            "notes": findings(&self.notes),
            "allowed": allowed.collect::<Vec<_>>(),
            "unchecked": places(&self.unchecked),
            "alone": places(&self.alone),
            "assumed": self.assumed,
            "findings": {
                "breaks": count(Level::Breaks),
                "letter": count(Level::Letter),
            },
            "items": { "checked": self.items(), "all": self.all() },
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
    /// The order of those of one level: what lies elsewhere in memory than it
    /// is read comes first.
    pub(crate) fn rank(&self) -> u8 {
        let part = self.item.contains('.');
        match self.kind {
            Kind::Layout | Kind::Bits | Kind::Type if part => 0,
            Kind::Layout | Kind::Bits => 1,
            Kind::Type | Kind::Value => 2,
            Kind::Abi | Kind::Signature | Kind::Symbol => 3,
            Kind::Nullable => 4,
            Kind::Missing | Kind::Extra => 5,
            Kind::Allow => 6,
        }
    }

    fn json(&self) -> Value {
        let side = |side: &Option<Side>| match side {
            None => Value::Null,
            Some(side) => json!({
                "file": side.place.file,
                "line": side.place.line,
                "text": side.text.text,
                "mark": side.text.mark.as_ref().map(|m| [m.start, m.end]),
                "macro": side.place.by.as_ref().map(|by| json!({
                    "name": by.name,
                    "file": by.file,
                    "line": by.line,
                })),
            }),
        };
        json!({
            "level": self.level.name(),
            "kind": self.kind.name(),
            "item": self.item,
            "rust": side(&self.rust),
            "c": side(&self.c),
            "difference": self.what,
            "consequence": self.so,
            "allow": self.allow_line("REASON"),
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
            writeln!(f, "  {name:<4} {}", side.place)?;
            let (text, mark) = side.text.excerpt(WIDTH);
            writeln!(f, "       {text}")?;
            if let Some(mark) = mark {
                let before = " ".repeat(mark.start);
                writeln!(f, "       {before}{}", "^".repeat(mark.len()))?;
            }
            if let Some(by) = &side.place.by {
                writeln!(f, "  by   {by}")?;
            }
        }
        write!(f, "  so   {}", self.so.replace('\n', "\n       "))
    }
}

impl fmt::Display for Unchecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = &self.place;
        if !place.file.as_os_str().is_empty() {
            write!(f, "{place}: ")?;
        }
        if let Some(by) = &place.by {
            write!(f, "by {by}: ")?;
        }
        write!(f, "{}: {}", self.item, self.why)
    }
}

impl Report {
    /// The last line: how many items were checked, and what was found.
    fn summary(&self, drift: &[Group<'_>]) -> String {
        let count =
            |level| drift.iter().filter(|one| one.level() == level).count();
        format!(
            "{} of {} items checked: {} that breaks, {} by the letter, \
             {} notes, {} allowed, {} unchecked",
            self.items(),
            self.all(),
            count(Level::Breaks),
            count(Level::Letter),
            self.notes.len() + self.alone.len(),
            self.allowed.len(),
            self.unchecked.len()
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let drift = groups(&self.drift);
        for group in drift.iter().chain(&groups(&self.notes)) {
            writeln!(f, "{}: {group}\n", group.level().name())?;
        }
        for (finding, reason) in &self.allowed {
            writeln!(
                f,
                "allowed: {} [{}]: {reason}",
                finding.item,
                finding.kind.name()
            )?;
        }
        for (word, all) in
            [("unchecked", &self.unchecked), ("note", &self.alone)]
        {
            for one in all {
                writeln!(f, "{word}: {one}")?;
            }
        }
        if !self.assumed.is_empty() {
            let all = self.assumed.iter().cloned().collect::<Vec<_>>();
            writeln!(
                f,
                "by a fixed list, because the libc crate was not read (--crate \
                 libc=FILE): {}",
                all.join(", ")
            )?;
        }
        writeln!(f, "checked:\n{}", self.table().trim_end())?;
        f.write_str(&self.summary(&drift))
    }
}
