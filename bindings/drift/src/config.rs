// SPDX-License-Identifier: MIT OR Apache-2.0
//! `drift.toml`: what only a person knows of a binding.
//!
//! It is read strictly. A key that is not known is an error, with its line and
//! the keys that there are; so is an entry that nothing matches (rules.rs), as
//! both would let a person believe that something is said which is not.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::Error;
use crate::place::Place;
use crate::plan::Allowed;
use crate::read::rules::{
    Class, LeftOut, Pattern, Rename, Rules, Selection, Used,
};

/// What `drift.toml` says.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The headers that it binds, as one includes them.
    pub headers: Vec<String>,
    /// Folders of headers.
    pub include: Vec<PathBuf>,
    /// The libraries: names, or files.
    pub libraries: Vec<String>,
    /// Flags for the C compiler.
    pub cflags: Vec<String>,
    /// It leaves out items of the headers on purpose.
    pub partial: bool,
    /// A list of known differences, beside the file.
    pub allow: Option<PathBuf>,
    /// Known differences that stand in the file itself.
    pub allowed: Allowed,
    /// Other names, types of other crates, and what is compared.
    pub rules: Rules,
}

const KEYS: [&str; 11] = [
    "headers",
    "include",
    "libraries",
    "cflags",
    "partial",
    "allow",
    "types",
    "rename",
    "only",
    "leave-out",
    "allowed",
];

type Entry<'d> = (
    &'d Spanned<toml::de::DeString<'d>>,
    &'d Spanned<DeValue<'d>>,
);

impl Config {
    /// Read `drift.toml`.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path)
            .map_err(|error| Error::Read(path.to_path_buf(), error))?;
        Self::parse(&text, path)
    }

    /// What `text`, which is at `path`, says.
    pub fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        let file = Document { path, text };
        let table = DeTable::parse(text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            file.wrong(&span, error.message())
        })?;
        let mut found = Self::default();
        for entry in table.get_ref() {
            found.take(&file, entry)?;
        }
        Ok(found)
    }

    fn take(
        &mut self,
        file: &Document<'_>,
        (key, value): Entry<'_>,
    ) -> Result<(), Error> {
        let name = key.get_ref().as_ref();
        let folder = file.path.parent().unwrap_or(Path::new(""));
        match name {
            "headers" => self.headers = file.texts(name, value)?,
            "cflags" => self.cflags = file.texts(name, value)?,
            "include" => self.include = file.folders(name, value)?,
            "libraries" => {
                let names = file.texts(name, value)?.into_iter();
                let beside = names.map(|text| {
                    if text.contains('/') {
                        folder.join(text).to_string_lossy().into_owned()
                    } else {
                        text
                    }
                });
                self.libraries = beside.collect();
            }
            "partial" => {
                let DeValue::Boolean(partial) = value.get_ref() else {
                    let why = "partial: true or false";
                    return Err(file.wrong(&value.span(), why));
                };
                self.partial = *partial;
            }
            "allow" => {
                self.allow = Some(folder.join(file.text_of(name, value)?));
            }
            _ => return self.take_rule(file, (key, value)),
        }
        Ok(())
    }

    fn take_rule(
        &mut self,
        file: &Document<'_>,
        (key, value): Entry<'_>,
    ) -> Result<(), Error> {
        let name = key.get_ref().as_ref();
        match name {
            "types" => self.rules.foreign = file.pairs(name, value)?,
            "rename" => file.renames(value, &mut self.rules.renames)?,
            "only" => {
                let (only, _) = file.selection(name, value, false)?;
                self.rules.only = Some(only);
            }
            "leave-out" => {
                for table in file.tables(name, value)? {
                    let (what, reason) = file.selection(name, table, true)?;
                    self.rules.left_out.push(LeftOut { what, reason });
                }
            }
            "allowed" => {
                for table in file.tables(name, value)? {
                    file.allowed(table, &mut self.allowed)?;
                }
            }
            _ => return Err(file.no_key(key, &KEYS)),
        }
        Ok(())
    }
}

/// The file, for messages.
struct Document<'d> {
    path: &'d Path,
    text: &'d str,
}

impl Document<'_> {
    fn line(&self, span: &Range<usize>) -> usize {
        let before = self.text.get(..span.start).unwrap_or("");
        before.matches('\n').count() + 1
    }

    fn place(&self, span: &Range<usize>) -> Place {
        Place {
            file: self.path.to_path_buf(),
            line: u32::try_from(self.line(span)).unwrap_or(0),
            by: None,
        }
    }

    fn wrong(&self, span: &Range<usize>, why: impl Into<String>) -> Error {
        Error::Allow(self.path.to_path_buf(), self.line(span), why.into())
    }

    fn no_key(
        &self,
        key: &Spanned<toml::de::DeString<'_>>,
        known: &[&str],
    ) -> Error {
        let why = format!(
            "{}: no such key; the known keys are {}",
            key.get_ref(),
            known.join(", ")
        );
        self.wrong(&key.span(), why)
    }

    fn text_of(
        &self,
        name: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<String, Error> {
        let text = value.get_ref().as_str().map(str::to_owned);
        text.ok_or_else(|| {
            self.wrong(&value.span(), format!("{name}: no text"))
        })
    }

    fn texts(
        &self,
        name: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Vec<String>, Error> {
        let DeValue::Array(all) = value.get_ref() else {
            let why = format!("{name}: no list of texts");
            return Err(self.wrong(&value.span(), why));
        };
        all.iter().map(|one| self.text_of(name, one)).collect()
    }

    fn folders(
        &self,
        name: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Vec<PathBuf>, Error> {
        let beside = self.path.parent().unwrap_or(Path::new(""));
        let mut found = vec![];
        for text in self.texts(name, value)? {
            let path = beside.join(&text);
            if !path.is_dir() {
                let why = format!("{name}: {text} is no folder");
                return Err(self.wrong(&value.span(), why));
            }
            found.push(path);
        }
        Ok(found)
    }

    fn table<'v, 'd>(
        &self,
        name: &str,
        value: &'v Spanned<DeValue<'d>>,
    ) -> Result<&'v DeTable<'d>, Error> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(table),
            _ => Err(self.wrong(&value.span(), format!("{name}: no table"))),
        }
    }

    fn tables<'v, 'd>(
        &self,
        name: &str,
        value: &'v Spanned<DeValue<'d>>,
    ) -> Result<Vec<&'v Spanned<DeValue<'d>>>, Error> {
        if let DeValue::Array(all) = value.get_ref() {
            Ok(all.iter().collect())
        } else {
            let why = format!("{name}: write each as a table [[{name}]]");
            Err(self.wrong(&value.span(), why))
        }
    }

    fn pattern(
        &self,
        text: &str,
        span: &Range<usize>,
    ) -> Result<Pattern, Error> {
        Pattern::new(text).map_err(|why| self.wrong(span, why))
    }

    /// `"x11::xlib::Display" = "Display"`
    fn pairs(
        &self,
        name: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Vec<Rename>, Error> {
        let table = self.table(name, value)?;
        table
            .iter()
            .map(|(key, value)| self.pair(Class::Any, key, value))
            .collect()
    }

    fn pair(
        &self,
        class: Class,
        key: &Spanned<toml::de::DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Rename, Error> {
        let from = self.pattern(key.get_ref(), &key.span())?;
        let to = self.text_of(key.get_ref(), value)?;
        let to = self.pattern(&to, &value.span())?;
        if to.has_star() && !from.has_star() {
            let why =
                format!("{}: there is no * for that of {to}", key.get_ref());
            return Err(self.wrong(&key.span(), why));
        }
        let used = Used::new(self.place(&key.span()));
        Ok(Rename {
            class,
            from,
            to,
            used,
        })
    }

    /// `"ssl_*" = "SSL_*"`, or the same in a table for one kind of items.
    fn renames(
        &self,
        value: &Spanned<DeValue<'_>>,
        found: &mut Vec<Rename>,
    ) -> Result<(), Error> {
        for (key, value) in self.table("rename", value)? {
            let DeValue::Table(table) = value.get_ref() else {
                found.push(self.pair(Class::Any, key, value)?);
                continue;
            };
            let class = Class::ALL.into_iter();
            let mut class = class.filter(|one| one.name() == key.get_ref());
            let Some(class) = class.next() else {
                let names = Class::ALL.map(Class::name);
                return Err(self.no_key(key, &names));
            };
            for (key, value) in table {
                found.push(self.pair(class, key, value)?);
            }
        }
        Ok(())
    }

    /// `files`, `modules` and `items`, and the reason where there has to be
    /// one.
    fn selection(
        &self,
        name: &str,
        value: &Spanned<DeValue<'_>>,
        reasoned: bool,
    ) -> Result<(Selection, String), Error> {
        let mut found = Selection::default();
        let folder = self.path.parent();
        let folder = folder.filter(|path| !path.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        folder.clone_into(&mut found.folder);
        found.place = self.place(&value.span());
        let mut reason = String::new();
        let known = ["files", "modules", "items", "reason"];
        let known = &known[..if reasoned { 4 } else { 3 }];
        for (key, value) in self.table(name, value)? {
            let key_name = key.get_ref().as_ref();
            let list = match key_name {
                "files" => &mut found.files,
                "modules" => &mut found.modules,
                "items" => &mut found.items,
                "reason" if reasoned => {
                    reason = self.text_of(key_name, value)?;
                    continue;
                }
                _ => return Err(self.no_key(key, known)),
            };
            self.patterns(key_name, value, list)?;
        }
        if reasoned && reason.trim().is_empty() {
            let why = format!("{name}: say the reason: reason = \"...\"");
            return Err(self.wrong(&value.span(), why));
        }
        if found.is_empty() {
            let why = format!("{name}: no files, modules or items");
            return Err(self.wrong(&value.span(), why));
        }
        Ok((found, reason))
    }

    fn patterns(
        &self,
        name: &str,
        value: &Spanned<DeValue<'_>>,
        list: &mut Vec<(Pattern, Used)>,
    ) -> Result<(), Error> {
        for text in self.texts(name, value)? {
            let pattern = self.pattern(&text, &value.span())?;
            let used = Used::new(self.place(&value.span()));
            list.push((pattern, used));
        }
        Ok(())
    }

    fn allowed(
        &self,
        value: &Spanned<DeValue<'_>>,
        found: &mut Allowed,
    ) -> Result<(), Error> {
        const NAMES: [&str; 4] = ["kind", "item", "difference", "reason"];
        let mut texts = [const { None }; 4];
        for (key, value) in self.table("allowed", value)? {
            let name = key.get_ref().as_ref();
            let Some(at) = NAMES.iter().position(|known| *known == name) else {
                return Err(self.no_key(key, &NAMES));
            };
            texts[at] = Some(self.text_of(name, value)?);
        }
        for (name, text) in NAMES.iter().zip(&texts) {
            if text.is_none() {
                let why = format!("allowed: it has no {name}");
                return Err(self.wrong(&value.span(), why));
            }
        }
        let texts = texts.map(Option::unwrap_or_default);
        let place = self.place(&value.span());
        found
            .add(place, texts.each_ref().map(String::as_str))
            .map_err(|why| self.wrong(&value.span(), why))
    }
}
