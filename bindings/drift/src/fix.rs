// SPDX-License-Identifier: MIT OR Apache-2.0
//! Declarations corrected, where that is mechanical.
//!
//! A correction is made from the header, and believed only if the same check
//! finds the item right then, and no other one wrong or unchecked: the C
//! compiler judges it as it judged the first text.

mod items;
mod scope;
mod types;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use crate::ask::Answers;
use crate::check::{Checked, Prepared, Read};
use crate::plan::pairs;
use crate::plan::types::Types;
use crate::read::header::Header;
use crate::read::items::Crate;
use crate::read::source::Files;
use crate::report::{Finding, Report};
use crate::target::Machine;
use crate::{Error, judge};

type Result<T> = std::result::Result<T, String>;

/// What becomes of corrections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fix {
    /// They are shown as a diff.
    Show,
    /// The files are written.
    Write,
}

/// Changes of one text, each of bytes of the first.
#[derive(Debug, Clone, Default)]
struct Edits {
    all: Vec<(Range<usize>, String)>,
}

impl Edits {
    fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn add(&mut self, at: Range<usize>, text: &str) {
        self.all.push((at, text.to_owned()));
    }

    /// Change what is at `at`, and what was to be changed in it.
    fn replace(&mut self, at: Range<usize>, text: &str) {
        self.all.retain(|(other, _)| {
            other.end <= at.start || other.start >= at.end
        });
        self.add(at, text);
    }

    /// Take out the changes within `at`.
    fn take(&mut self, at: &Range<usize>) -> Self {
        let within = |(other, _): &(Range<usize>, String)| {
            at.start <= other.start && other.end <= at.end
        };
        let (taken, left) = self.all.drain(..).partition(within);
        self.all = left;
        Self { all: taken }
    }

    /// The text at `range` with the changes made, which are all in it.
    fn apply_to(&self, text: &str, range: Range<usize>) -> String {
        let mut edits: Vec<_> = self.all.iter().collect();
        edits.sort_by_key(|(at, _)| (at.start, at.end));
        let (mut new, mut from) = (String::new(), range.start);
        for (at, with) in edits {
            new.push_str(text.get(from..at.start).unwrap_or_default());
            new.push_str(with);
            from = at.end;
        }
        new.push_str(text.get(from..range.end).unwrap_or_default());
        new
    }

    /// Where the byte `at` of the first text is after the changes.
    fn moved(&self, at: usize) -> usize {
        let before = self.all.iter().filter(|(one, _)| one.end <= at);
        let (mut plus, mut minus) = (0, 0);
        for (one, text) in before {
            plus += text.len();
            minus += one.len();
        }
        at + plus - minus
    }
}

/// All changes of one item.
#[derive(Debug, Clone)]
struct Group {
    owner: String,
    path: PathBuf,
    edits: Edits,
}

/// What can be changed, and of what it is known why not.
#[derive(Debug, Clone, Default)]
pub struct Proposal {
    groups: Vec<Group>,
    /// By item: why nothing is proposed.
    refused: BTreeMap<String, String>,
}

/// The item that a finding is in: the struct of a field.
fn owner(item: &str) -> &str {
    item.split_once('.').map_or(item, |(owner, _)| owner)
}

/// What to change so that `report` would find nothing that is mechanical.
pub fn propose(
    all: &Crate,
    header: &Header,
    machine: Machine,
    root: &Path,
    report: &Report,
) -> Proposal {
    let mut owners: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.drift {
        owners
            .entry(owner(&finding.item))
            .or_default()
            .push(finding);
    }
    let mut types = Types::new(all, header, machine);
    types.pairs = pairs(all, header, machine);
    let proposer = items::Proposer {
        all,
        header,
        types,
        root,
        corrected: owners.keys().map(|owner| (*owner).to_owned()).collect(),
    };
    let mut proposal = Proposal::default();
    for (owner, findings) in owners {
        match proposer.group(owner, &findings) {
            Ok(group) => proposal.groups.push(group),
            Err(why) => {
                proposal.refused.insert(owner.to_owned(), why);
            }
        }
    }
    proposal
}

impl Proposal {
    /// The files as they would be.
    pub fn apply(&self, files: &Files) -> BTreeMap<PathBuf, String> {
        let mut edits: BTreeMap<&PathBuf, Edits> = BTreeMap::new();
        for group in &self.groups {
            let all = edits.entry(&group.path).or_default();
            all.all.extend(group.edits.all.iter().cloned());
        }
        let texts = files.all().filter_map(|file| {
            let edits = edits.get(&file.path)?;
            let new = edits.apply_to(&file.text, 0..file.text.len());
            (*new != *file.text).then(|| (file.path.clone(), new))
        });
        texts.collect()
    }

    /// Take back what did not help: `before` and `after` are the reports.
    /// Whether something was.
    fn withdraw(&mut self, before: &Report, after: &Report) -> bool {
        let known = keys(before);
        let left = keys(after);
        let new: BTreeSet<&str> = left
            .difference(&known)
            .map(|(item, _)| owner(item))
            .collect();
        let stays: BTreeSet<&str> =
            left.iter().map(|(item, _)| owner(item)).collect();
        let ours: BTreeSet<String> = self
            .groups
            .iter()
            .map(|group| group.owner.clone())
            .collect();
        let elsewhere = new.iter().any(|item| !ours.contains(*item));
        let count = self.groups.len();
        let refused = &mut self.refused;
        self.groups.retain(|group| {
            let why = if elsewhere {
                "with it, something else would be wrong"
            } else if stays.contains(group.owner.as_str()) {
                "what was tried does not make it equal"
            } else {
                return true;
            };
            refused.insert(group.owner.clone(), why.to_owned());
            false
        });
        self.groups.len() < count
    }

    /// Each of the changes alone.
    fn parts(&self) -> Vec<Self> {
        let groups = self.groups.iter();
        let parts = groups.map(|group| Self {
            groups: vec![group.clone()],
            refused: BTreeMap::new(),
        });
        parts.collect()
    }
}

/// What is wrong, and what is not checked.
fn keys(report: &Report) -> BTreeSet<(&str, &str)> {
    let wrong = report
        .drift
        .iter()
        .map(|one| (one.item.as_str(), one.kind.name()));
    let unchecked = report
        .unchecked
        .iter()
        .map(|one| (one.item.as_str(), "unchecked"));
    wrong.chain(unchecked).collect()
}

/// What came of correcting.
#[derive(Debug)]
pub struct Fixed {
    /// What was found before.
    pub checked: Checked,
    /// What is left.
    pub left: Checked,
    /// What is left, and why each is.
    pub unfixed: Vec<(Finding, String)>,
    /// By file: its text before, and after.
    files: BTreeMap<PathBuf, (String, String)>,
    /// The crate's folder, and whether it is the registry's.
    folder: Option<(PathBuf, bool)>,
}

/// Correct what can be.
pub(crate) fn fix(prepared: &Prepared) -> std::result::Result<Fixed, Error> {
    let read = prepared.read()?;
    let mut answers = Answers::default();
    let plan = prepared.plan(&read.all, &read.header);
    let before = judge(plan, &read.sources, &mut answers)?;
    let root = prepared.root();
    let machine = prepared.machine();
    let mut proposal = propose(&read.all, &read.header, machine, root, &before);
    let (texts, after) =
        settle(&mut proposal, prepared, &read, &before, &mut answers)?;
    let unfixed = after.drift.iter().map(|finding| {
        let why = proposal.refused.get(owner(&finding.item));
        let why = why.map_or(items::reason(finding.kind), String::as_str);
        (finding.clone(), why.to_owned())
    });
    let files = read.files.all().filter_map(|file| {
        let new = texts.get(&file.path)?.clone();
        Some((file.path.clone(), (file.text.to_string(), new)))
    });
    let folder = prepared.folder();
    Ok(Fixed {
        unfixed: unfixed.collect(),
        files: files.collect(),
        folder: folder.map(|(path, ours)| (path.to_path_buf(), ours)),
        left: prepared.checked(after),
        checked: prepared.checked(before),
    })
}

/// Take back all that does not help; the texts then, and their report.
fn settle(
    proposal: &mut Proposal,
    prepared: &Prepared,
    read: &Read,
    before: &Report,
    answers: &mut Answers,
) -> std::result::Result<(BTreeMap<PathBuf, String>, Report), Error> {
    loop {
        let texts = proposal.apply(&read.files);
        if texts.is_empty() {
            return Ok((texts, before.clone()));
        }
        let after = again(prepared, read, &texts, answers)?;
        let mut rest = proposal.clone();
        if !rest.withdraw(before, &after) {
            return Ok((texts, after));
        }
        if rest.groups.is_empty() && proposal.groups.len() > 1 {
            // Something is wrong elsewhere: which of them does it?
            rest.refused.clone_from(&proposal.refused);
            for mut part in proposal.parts() {
                let texts = part.apply(&read.files);
                let after = again(prepared, read, &texts, answers)?;
                if !part.withdraw(before, &after) {
                    rest.groups.append(&mut part.groups);
                }
                rest.refused.append(&mut part.refused);
            }
        }
        *proposal = rest;
    }
}

/// The report with these texts in place of the files'.
fn again(
    prepared: &Prepared,
    read: &Read,
    texts: &BTreeMap<PathBuf, String>,
    answers: &mut Answers,
) -> std::result::Result<Report, Error> {
    let mut files = read.files.clone();
    for (path, text) in texts {
        files.put(path, text.clone())?;
    }
    let all = prepared.rust(&mut files)?;
    let plan = prepared.plan(&all, &read.header);
    judge(plan, &read.sources, answers)
}

impl Fixed {
    /// A unified diff: `patch -p0` takes it, and `git apply`.
    pub fn diff(&self) -> String {
        let mut text = String::new();
        for (path, (old, new)) in &self.files {
            // `git apply` leaves out what is before the first slash.
            let name = format!("./{}", self.name(path).display());
            let diff = TextDiff::from_lines(old, new);
            let mut diff = diff.unified_diff();
            let diff = diff.context_radius(3).header(&name, &name);
            text.push_str(&diff.to_string());
        }
        text
    }

    /// As the report has it, seen from here or from the crate's folder.
    fn name(&self, path: &Path) -> PathBuf {
        if path.is_relative() {
            return path.strip_prefix(".").unwrap_or(path).to_path_buf();
        }
        let here = std::env::current_dir().ok();
        let folder = self.folder.as_ref().map(|(folder, _)| folder.clone());
        let shown = [here, folder].into_iter().flatten().find_map(|above| {
            path.strip_prefix(above).ok().map(Path::to_path_buf)
        });
        shown.unwrap_or_else(|| path.to_path_buf())
    }

    /// Where the diff is to be applied, if that is not here.
    fn elsewhere(&self) -> Option<&Path> {
        let (folder, _) = self.folder.as_ref()?;
        let here = std::env::current_dir().ok()?;
        let beneath =
            |path: &PathBuf| path.is_relative() || path.starts_with(&here);
        (!self.files.keys().all(beneath)).then_some(folder)
    }

    /// Write the files, each at once or not at all.
    ///
    /// # Errors
    ///
    /// A file was changed meanwhile, or cannot be written, or is the
    /// registry's own.
    pub fn write(&self) -> std::result::Result<(), Error> {
        if let Some((folder, true)) = &self.folder {
            return Err(Error::Package(format!(
                "{}: the registry's copy is not to be changed: --fix shows \
                 what to change in your own",
                folder.display()
            )));
        }
        for (path, (old, new)) in &self.files {
            write(path, old, new)
                .map_err(|error| Error::Read(path.clone(), error))?;
        }
        Ok(())
    }
}

fn write(path: &Path, old: &str, new: &str) -> std::io::Result<()> {
    // Not a link to it.
    let path = fs::canonicalize(path)?;
    if fs::read_to_string(&path)? != old {
        return Err(std::io::Error::other("it was changed meanwhile"));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(new.as_bytes())?;
    file.as_file()
        .set_permissions(fs::metadata(&path)?.permissions())?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}

impl fmt::Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.checked.report.drift.len();
        let left = self.unfixed.len();
        write!(
            f,
            "{} of {all} differences corrected, {left} not",
            all.saturating_sub(left)
        )?;
        if let Some(folder) = self.elsewhere() {
            write!(f, " (names are seen from {})", folder.display())?;
        }
        for (finding, why) in &self.unfixed {
            let level = finding.level.name();
            let place = finding.rust.as_ref().or(finding.c.as_ref());
            write!(f, "\n  ")?;
            if let Some(place) = place.map(|side| &side.place) {
                write!(f, "{}:{}: ", place.file.display(), place.line)?;
            }
            write!(
                f,
                "{level}: {}: {} [{}]: not corrected: {why}",
                finding.item,
                finding.what,
                finding.kind.name()
            )?;
        }
        Ok(())
    }
}
