// SPDX-License-Identifier: MIT OR Apache-2.0
//! Other names, types of other crates, and what of a crate is compared: the
//! rules that a person gives in `drift.toml`.
//!
//! Each rule remembers whether it was of use. One that was not is an error: it
//! is wrong, or it is left from what the crate was.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::Error;
use crate::place::Place;
use crate::read::header::Header;
use crate::read::items::{Crate, TypeItem, Unchecked};
use crate::read::origin::Origin;

/// A name, with one `*` at most for any characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    before: String,
    after: Option<String>,
}

impl Pattern {
    /// The pattern that `text` is.
    pub fn new(text: &str) -> Result<Self, String> {
        let (before, after) = match text.split_once('*') {
            Some((before, after)) => (before, Some(after.to_owned())),
            None => (text, None),
        };
        if after.as_ref().is_some_and(|after| after.contains('*')) {
            return Err(format!("{text}: a pattern has one * at most"));
        }
        let before = before.to_owned();
        Ok(Self { before, after })
    }

    /// Whether it has a `*`.
    pub fn has_star(&self) -> bool {
        self.after.is_some()
    }

    /// What `*` is in `name`, if that is one of its names.
    fn part<'n>(&self, name: &'n str) -> Option<&'n str> {
        let rest = name.strip_prefix(&self.before)?;
        match &self.after {
            Some(after) => rest.strip_suffix(after.as_str()),
            None => rest.is_empty().then_some(rest),
        }
    }

    /// The name with `part` for the `*`.
    fn with(&self, part: &str) -> String {
        match &self.after {
            Some(after) => format!("{}{part}{after}", self.before),
            None => self.before.clone(),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.after {
            Some(after) => write!(f, "{}*{after}", self.before),
            None => write!(f, "{}", self.before),
        }
    }
}

/// How often a rule was of use; all copies count together.
#[derive(Debug, Clone, Default)]
pub struct Used {
    place: Place,
    count: Arc<AtomicUsize>,
}

impl Used {
    /// Of the rule at `place`, which was of none yet.
    pub fn new(place: Place) -> Self {
        let count = Arc::default();
        Self { place, count }
    }

    fn mark(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }
}

/// What kinds of items a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// All of them.
    Any,
    /// Functions.
    Functions,
    /// Variables.
    Variables,
    /// Types.
    Types,
    /// Constants that are no enumerators of a Rust type.
    Constants,
    /// Variants, and constants of an enum's type.
    Enumerators,
    /// Fields.
    Fields,
}

impl Class {
    /// Those that have a table of their own.
    pub const ALL: [Self; 6] = [
        Self::Functions,
        Self::Variables,
        Self::Types,
        Self::Constants,
        Self::Enumerators,
        Self::Fields,
    ];

    /// As `drift.toml` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Functions => "functions",
            Self::Variables => "variables",
            Self::Types => "types",
            Self::Constants => "constants",
            Self::Enumerators => "enumerators",
            Self::Fields => "fields",
        }
    }
}

/// What has another name in C.
#[derive(Debug, Clone)]
pub struct Rename {
    /// Of which kind.
    pub class: Class,
    /// In Rust.
    pub from: Pattern,
    /// In C.
    pub to: Pattern,
    /// Whether something has such a name.
    pub used: Used,
}

impl Rename {
    fn apply(&self, class: Class, name: &str) -> Option<String> {
        if self.class != class && self.class != Class::Any {
            return None;
        }
        let part = self.from.part(name)?;
        self.used.mark();
        Some(self.to.with(part))
    }
}

/// Some of a crate's items.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Where it is made.
    pub place: Place,
    /// To which its files are relative.
    pub folder: PathBuf,
    /// By file.
    pub files: Vec<(Pattern, Used)>,
    /// By module, and what is in it.
    pub modules: Vec<(Pattern, Used)>,
    /// By name.
    pub items: Vec<(Pattern, Used)>,
}

impl Selection {
    /// Whether it selects nothing.
    pub fn is_empty(&self) -> bool {
        let lists = [&self.files, &self.modules, &self.items];
        lists.iter().all(|list| list.is_empty())
    }

    fn has_item(&self, name: &str) -> bool {
        any(&self.items, |pattern| pattern.part(name).is_some())
    }

    fn has_file(&self, path: &Path) -> bool {
        let absolute =
            |path: &Path| path.canonicalize().unwrap_or(path.to_path_buf());
        let (path, folder) = (absolute(path), absolute(&self.folder));
        let path = path.strip_prefix(&folder).unwrap_or(&path);
        let path = path.to_string_lossy();
        any(&self.files, |pattern| pattern.part(&path).is_some())
    }

    /// In a module of that name, or in one inside it.
    fn has_module(&self, module: &str) -> bool {
        any(&self.modules, |pattern| {
            let mut outer = Some(module);
            while let Some(here) = outer {
                if pattern.part(here).is_some() {
                    return true;
                }
                outer = here.rsplit_once("::").map(|(outer, _)| outer);
            }
            false
        })
    }

    fn has(&self, name: &str, origin: &Origin, module: &str) -> bool {
        // All are asked: each remembers whether it was of use.
        let found = [
            self.has_item(name),
            self.has_file(&origin.place().file),
            self.has_module(module),
        ];
        found.contains(&true)
    }

    fn all(&self) -> impl Iterator<Item = &(Pattern, Used)> {
        self.files.iter().chain(&self.modules).chain(&self.items)
    }
}

fn any(list: &[(Pattern, Used)], matches: impl Fn(&Pattern) -> bool) -> bool {
    let mut found = false;
    for (pattern, used) in list {
        if matches(pattern) {
            used.mark();
            found = true;
        }
    }
    found
}

/// What is not compared, and why.
#[derive(Debug, Clone)]
pub struct LeftOut {
    /// What.
    pub what: Selection,
    /// Why.
    pub reason: String,
}

/// All that was said.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Other names.
    pub renames: Vec<Rename>,
    /// Types of other crates, and what C calls them.
    pub foreign: Vec<Rename>,
    /// What alone is compared.
    pub only: Option<Selection>,
    /// What is not.
    pub left_out: Vec<LeftOut>,
    /// The items that are not compared for that.
    pub skipped: BTreeSet<(Class, String)>,
}

impl Rules {
    /// What C calls `name`.
    pub fn renamed(&self, class: Class, name: &str) -> Option<String> {
        self.renames.iter().find_map(|one| one.apply(class, name))
    }

    /// What C calls the enumerator `name` of the enum that it calls `owner`.
    pub fn enumerator(&self, owner: &str, name: &str) -> Option<String> {
        let whole = format!("{owner}::{name}");
        let class = Class::Enumerators;
        self.renamed(class, &whole)
            .or_else(|| self.renamed(class, name))
    }

    /// What C calls the type of another crate that `path` names.
    pub fn foreign(&self, path: &str) -> Option<String> {
        let mut all = self.foreign.iter();
        let name = all.find_map(|one| one.apply(Class::Any, path))?;
        Some(tag(&name).to_owned())
    }

    /// Whether an item is left out.
    pub fn skips(&self, class: Class, name: &str) -> bool {
        self.skipped.contains(&(class, name.to_owned()))
    }

    /// Whether what C calls `name`, and Rust lacks, is left out.
    pub fn leaves_out(&self, name: &str) -> bool {
        let mut all = self.left_out.iter();
        all.any(|one| one.what.has_item(name))
    }

    /// Take what was said for `all`.
    pub fn apply(self, all: &mut Crate) {
        let found = self.select(all);
        all.alone.extend(found.notes);
        all.rules = self;
        all.rules.skipped = found.skipped;
        all.rename();
    }

    fn select(&self, all: &mut Crate) -> Selected {
        let mut found = Selected::default();
        for (class, name, origin) in all.items() {
            let module = all.module_of(&origin);
            let outside = self
                .only
                .as_ref()
                .is_some_and(|only| !only.has(&name, &origin, module));
            let mut left = self.left_out.iter().enumerate();
            let left =
                left.find(|(_, one)| one.what.has(&name, &origin, module));
            let at = match (left, outside) {
                (Some((at, _)), _) => Some(at),
                (None, true) => None,
                (None, false) => continue,
            };
            *found.counts.entry(at).or_default() += 1;
            found.skipped.insert((class, name));
        }
        let unchecked = std::mem::take(&mut all.unchecked);
        for one in unchecked {
            let at = self.left_out.iter().position(|left| {
                left.what.has_item(&one.item)
                    || left.what.has_file(&one.place.file)
            });
            match at {
                Some(at) => *found.counts.entry(Some(at)).or_default() += 1,
                None => all.unchecked.push(one),
            }
        }
        let counts = std::mem::take(&mut found.counts);
        for (at, count) in counts {
            found.notes.push(self.note(at, count));
        }
        found
    }

    /// That `count` items are left out, by which rule.
    fn note(&self, at: Option<usize>, count: usize) -> Unchecked {
        let (place, why) =
            if let Some(one) = at.and_then(|at| self.left_out.get(at)) {
                (one.what.place.clone(), one.reason.clone())
            } else {
                let only = self.only.as_ref();
                let place = only.map(|only| only.place.clone());
                (place.unwrap_or_default(), "they are not selected".into())
            };
        Unchecked {
            item: format!("{count} items left out"),
            place,
            why,
        }
    }

    /// Whether the header has what the types of other crates are said to be.
    pub fn known(&self, header: &Header) -> Result<(), Error> {
        for one in self.foreign.iter().filter(|one| !one.to.has_star()) {
            let name = tag(&one.to.before);
            if header.record(name).is_none()
                && header.enumeration(name).is_none()
                && !header.typedefs.contains_key(name)
            {
                let why =
                    format!("{}: the header has no type {name}", one.from);
                return Err(wrong(&one.used.place, why));
            }
        }
        Ok(())
    }

    /// Whether each was of use. What the header has and Rust lacks has been
    /// asked for by then.
    pub fn all_used(&self) -> Result<(), Error> {
        let renames = self.renames.iter().chain(&self.foreign);
        let renames = renames.map(|one| (&one.from, &one.used));
        let left_out = self.left_out.iter().map(|one| &one.what);
        let selections = left_out.chain(&self.only);
        let selected = selections.flat_map(Selection::all);
        let selected = selected.map(|(pattern, used)| (pattern, used));
        for (pattern, used) in renames.chain(selected) {
            if used.count.load(Ordering::Relaxed) == 0 {
                let why =
                    format!("{pattern}: nothing has this name: remove it");
                return Err(wrong(&used.place, why));
            }
        }
        Ok(())
    }
}

/// What is left out of a crate.
#[derive(Default)]
struct Selected {
    skipped: BTreeSet<(Class, String)>,
    /// By which of the rules; by none if it is not selected.
    counts: BTreeMap<Option<usize>, usize>,
    notes: Vec<Unchecked>,
}

fn wrong(place: &Place, why: String) -> Error {
    Error::Allow(place.file.clone(), place.line as usize, why)
}

/// A tag without `struct`.
fn tag(name: &str) -> &str {
    let words = ["struct ", "union ", "enum "];
    let tag = words.iter().find_map(|word| name.strip_prefix(word));
    tag.unwrap_or(name)
}

impl Crate {
    /// All that may be left out.
    fn items(&self) -> Vec<(Class, String, Origin)> {
        let functions = self.functions.iter();
        let functions =
            functions.map(|one| (Class::Functions, &one.name, &one.origin));
        let statics = self.statics.iter();
        let statics =
            statics.map(|one| (Class::Variables, &one.name, &one.origin));
        let types = self.types.values();
        let types = types.map(|one| (Class::Types, &one.name, &one.origin));
        let constants = self.constants.values();
        let constants =
            constants.map(|one| (Class::Constants, &one.name, &one.origin));
        let all = functions.chain(statics).chain(types).chain(constants);
        all.map(|(class, name, origin)| (class, name.clone(), origin.clone()))
            .collect()
    }

    /// Give its items their names in C.
    fn rename(&mut self) {
        let rules = std::mem::take(&mut self.rules);
        for one in &mut self.functions {
            rules.call(Class::Functions, &mut one.name);
        }
        for one in &mut self.statics {
            rules.call(Class::Variables, &mut one.name);
        }
        for (rust, mut item) in std::mem::take(&mut self.types) {
            if rules.call(Class::Types, &mut item.name) {
                self.names.add_type(&rust, &item.name);
            }
            rules.call_fields(&mut item.item);
            self.types.insert(item.name.clone(), item);
        }
        for (rust, mut item) in std::mem::take(&mut self.constants) {
            if rules.call(Class::Constants, &mut item.name) {
                self.names.add_constant(&rust, &item.name);
            }
            self.constants.insert(item.name.clone(), item);
        }
        for (owner, _) in &mut self.associated {
            self.names.ty(owner).to_owned().clone_into(owner);
        }
        for (owner, _) in &mut self.methods {
            self.names.ty(owner).to_owned().clone_into(owner);
        }
        let skipped = rules.skipped.clone().into_iter();
        let skipped = skipped.map(|(class, mut name)| {
            rules.call(class, &mut name);
            (class, name)
        });
        let skipped = skipped.collect();
        self.rules = Rules { skipped, ..rules };
    }
}

impl Rules {
    /// Rename an item; whether that is another name.
    fn call(&self, class: Class, name: &mut String) -> bool {
        let Some(other) = self.renamed(class, name) else {
            return false;
        };
        *name = other;
        true
    }

    fn call_fields(&self, item: &mut TypeItem) {
        if let TypeItem::Struct(_, fields) | TypeItem::Union(_, fields) = item {
            for field in fields {
                self.call(Class::Fields, &mut field.name);
            }
        }
    }
}
