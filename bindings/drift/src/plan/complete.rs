// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the header has and the crate has not.

use super::{Planner, Subject, c_side};
use crate::place::Place;
use crate::read::header::{CEnum, CKind, Decl, Header, Stands};
use crate::report::{EXPORTED, Kind, LEFT_OUT, Level, SAID};

/// An item, what it is, and what comes of it.
type Lack<'h> = (&'h Decl, &'static str, &'static str);

/// What Rust may lack.
#[derive(Default)]
struct Lacks<'h> {
    left: Vec<Lack<'h>>,
    /// What it may lack without a fault.
    notes: Vec<Lack<'h>>,
}

impl<'h> Planner<'h> {
    pub(super) fn complete(&mut self) {
        let header = self.header;
        let mut lacks = Lacks::default();
        self.lacking_symbols(header, &mut lacks);
        self.lacking_types(header, &mut lacks);
        self.lacking_macros(header, &mut lacks);
        for one in lacks.left {
            self.lacking_one(Level::Letter, one);
        }
        for one in lacks.notes {
            self.lacking_one(Level::Note, one);
        }
        self.library();
    }

    fn lacking_symbols(&self, header: &'h Header, lacks: &mut Lacks<'h>) {
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
                lacks.left.push((&function.decl, "function", so));
            }
        }
        for variable in header.variables.values() {
            let so = "nobody can read it";
            lacks.left.push((&variable.decl, "variable", so));
        }
    }

    fn lacking_types(&self, header: &'h Header, lacks: &mut Lacks<'h>) {
        for (key, record) in &header.records {
            if record.spelled.is_some() && !self.is_bound(key) {
                // Nobody can see into it from C either.
                let list = if record.complete {
                    &mut lacks.left
                } else {
                    &mut lacks.notes
                };
                list.push((
                    &record.decl,
                    "type",
                    "pointers to it can be mixed up with any other pointer",
                ));
            }
        }
        for (key, value) in &header.enums {
            self.lacking_enumerators(key, value, lacks);
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
                lacks.notes.push((decl, "typedef", so));
            }
        }
    }

    fn lacking_enumerators(
        &self,
        key: &str,
        value: &'h CEnum,
        lacks: &mut Lacks<'h>,
    ) {
        if value.spelled.is_some() && !self.is_bound(key) {
            let so = "its values are passed as plain integers";
            lacks.left.push((&value.decl, "enum", so));
        }
        // All that there is, as constants: the enum does not say that.
        let list = if self.as_constants(key, value) {
            &mut lacks.notes
        } else {
            &mut lacks.left
        };
        let so = if self.all.exports {
            "a program waits for a value that never comes"
        } else {
            "Rust meets a value that it has no name for"
        };
        for constant in &value.constants {
            list.push((constant, "enumerator", so));
        }
    }

    fn lacking_macros(&mut self, header: &'h Header, lacks: &mut Lacks<'h>) {
        let mut unchecked = vec![];
        for found in header.macros.values() {
            let decl = &found.decl;
            match found.stands {
                Stands::Nothing => {}
                Stands::Function | Stands::Other => {
                    unchecked.push((decl, "a macro that is no constant"));
                }
                _ => lacks.left.push((decl, "macro", "nobody can use it")),
            }
        }
        for (decl, why) in unchecked {
            if !self.bound.contains(&decl.name) && !self.options.partial {
                self.alone(&decl.name, decl.place.clone(), why);
            }
        }
    }

    fn lacking_one(&mut self, level: Level, (decl, what, so): Lack<'_>) {
        if !decl.own || self.bound.contains(&decl.name) {
            return;
        }
        if self.all.rules.leaves_out(&decl.name) {
            self.count(SAID);
            return;
        }
        if self.options.partial {
            self.count(LEFT_OUT);
            return;
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
