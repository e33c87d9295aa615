// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the header has and the crate has not.

use super::{Planner, Subject, c_side};
use crate::header::{CKind, Decl, Place, Stands};
use crate::report::{EXPORTED, Kind, LEFT_OUT, Level, SAID};

impl Planner<'_> {
    pub(super) fn complete(&mut self) {
        let header = self.header;
        let mut left: Vec<(&Decl, &'static str, &'static str)> = vec![];
        let mut notes = vec![];
        for function in header.functions.values() {
            let so = if self.all.exports {
                "a program that calls it does not link"
            } else if function.inline {
                "it is in no library: without it written again nobody can \
                 call it"
            } else {
                "nobody can call it"
            };
            // What is inline is C's own.
            if !(self.all.exports && function.inline) {
                left.push((&function.decl, "function", so));
            }
        }
        for variable in header.variables.values() {
            left.push((&variable.decl, "variable", "nobody can read it"));
        }
        for (key, record) in &header.records {
            if record.spelled.is_some() && !self.is_bound(key) {
                // Nobody can see into it from C either.
                let list = if record.complete {
                    &mut left
                } else {
                    &mut notes
                };
                list.push((
                    &record.decl,
                    "type",
                    "pointers to it can be mixed up with any other pointer",
                ));
            }
        }
        for (key, value) in &header.enums {
            if value.spelled.is_some() && !self.is_bound(key) {
                let so = "its values are passed as plain integers";
                left.push((&value.decl, "enum", so));
            }
            // All that there is, as constants: the enum does not say that.
            let constants = self.as_constants(key, value);
            let left = if constants { &mut notes } else { &mut left };
            for constant in &value.constants {
                let so = if self.all.exports {
                    "a program waits for a value that never comes"
                } else {
                    "Rust meets a value that it has no name for"
                };
                left.push((constant, "enumerator", so));
            }
        }
        for (name, (decl, ty)) in &header.typedefs {
            let known = match &ty.kind {
                CKind::Record(key) | CKind::Enum(key) => self.is_bound(key),
                _ => false,
            };
            // A tag that is its own typedef has been counted.
            let tagged = header.records.values().any(|r| r.decl.name == *name);
            if !known && !tagged {
                let so = "Rust has to spell out what it stands for";
                notes.push((decl, "typedef", so));
            }
        }
        let mut unchecked = vec![];
        for found in header.macros.values() {
            let decl = &found.decl;
            match found.stands {
                Stands::Nothing => {}
                Stands::Function | Stands::Other => {
                    unchecked.push((decl, "a macro that is no constant"));
                }
                _ => left.push((decl, "macro", "nobody can use it")),
            }
        }
        for (decl, why) in unchecked {
            if !self.bound.contains(&decl.name) && !self.options.partial {
                self.alone(&decl.name, decl.place.clone(), why);
            }
        }
        let note = |one| (Level::Note, one);
        let left = left.into_iter().map(|one| (Level::Letter, one));
        for (level, (decl, what, so)) in left.chain(notes.into_iter().map(note))
        {
            if !decl.own || self.bound.contains(&decl.name) {
                continue;
            }
            if self.all.rules.leaves_out(&decl.name) {
                self.count(SAID);
                continue;
            }
            if self.options.partial {
                self.count(LEFT_OUT);
                continue;
            }
            let subject = Subject {
                item: decl.name.clone(),
                rust: None,
                c: Some(c_side(decl)),
            };
            let a = if what.starts_with('e') { "an" } else { "a" };
            let what = format!("{a} {what} that Rust lacks");
            let finding = subject.finding(Kind::Missing, what, so);
            match level {
                Level::Note => self.note(finding),
                _ => self.letter(finding),
            }
        }
        self.library();
    }

    /// Whether the record or enum that libclang calls `key` is bound, under
    /// its tag or a typedef.
    fn is_bound(&self, key: &str) -> bool {
        self.names_of(key).any(|name| self.bound.contains(name))
    }

    /// What the library exports.
    fn library(&mut self) {
        let header = self.header;
        let Some(exported) = &self.options.exported else {
            let why = self.options.no_library.clone();
            self.alone(EXPORTED, Place::default(), &why);
            return;
        };
        let functions = header.functions.values();
        let functions = functions.filter(|function| !function.inline);
        let variables = header.variables.values();
        let decls = functions
            .map(|function| (&function.decl, &function.symbol))
            .chain(variables.map(|one| (&one.decl, &one.symbol)))
            .filter(|(decl, _)| decl.own);
        let mut count = 0;
        let mut absent = vec![];
        for (decl, symbol) in decls {
            if exported.contains(symbol) {
                count += 1;
            } else if !self.bound.contains(&decl.name) {
                absent.push(decl);
            }
        }
        for decl in absent {
            self.alone(
                &decl.name,
                decl.place.clone(),
                "declared, not exported by this library, and not bound",
            );
        }
        self.plan.checked.insert(EXPORTED, count);
    }
}
