// SPDX-License-Identifier: MIT OR Apache-2.0
//! Types of other crates that stand for C's of their name.
//!
//! Their fields are for a run of their own crate to compare. That they are as
//! large as C's, and lie as C's do, is asked here: what is next to one in
//! memory depends on it.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::{Planner, Subject, c_side, rust_side};
use crate::plan::types::{Ty, Types, primitive};
use crate::read::header::{Decl, Header};
use crate::read::items::{Declared, TypeItem};
use crate::report::Kind;

impl Planner<'_> {
    pub(super) fn types_of_others(&mut self) {
        let mut seen = BTreeSet::new();
        loop {
            // To write one in C may take another.
            let mut new = self.types.taken();
            new.retain(|(name, ..)| seen.insert(name.clone()));
            if new.is_empty() {
                return;
            }
            for (name, types, inner) in new {
                self.taken(&name, &types, &inner);
            }
        }
    }

    /// Ask whether the type that another crate calls `inner` is of C's size.
    fn taken(&mut self, name: &str, types: &Rc<Types<'_>>, inner: &str) {
        let (Some(item), Some((text, decl))) =
            (types.all.types.get(inner), whole_in_c(self.header, inner))
        else {
            return;
        };
        if types.is_opaque(&item.item) {
            return;
        }
        let mirror = match whole(types, item) {
            Ok(mirror) => mirror,
            Err(why) => {
                self.unknown_layout(name, item.origin.place(), &why);
                return;
            }
        };
        let subject = Subject {
            item: name.to_owned(),
            rust: Some(rust_side(item, None)),
            c: Some(c_side(decl)),
        };
        let finding = subject.finding(
            Kind::Layout,
            "a type of another crate, of another size or alignment than C's \
             of its name",
            "what follows it in memory lies elsewhere, and one side writes \
             where the other has something else",
        );
        self.count("types of other crates, by size");
        self.ask(
            format!(
                "sizeof({mirror}) == sizeof({text}) \
                 && _Alignof({mirror}) == _Alignof({text})"
            ),
            finding,
        );
    }
}

/// How C writes the type `name`, if the header says what is in it.
fn whole_in_c<'h>(
    header: &'h Header,
    name: &str,
) -> Option<(String, &'h Decl)> {
    if let Some((_, c, text)) = header.record(name) {
        return c.complete.then_some((text, &c.decl));
    }
    if let Some((_, c, text)) = header.enumeration(name) {
        return Some((text, &c.decl));
    }
    let (decl, _) = header.typedefs.get(name)?;
    Some((name.to_owned(), decl))
}

/// The type in C, as its own crate declares it.
fn whole(
    types: &Types<'_>,
    item: &Declared<TypeItem>,
) -> Result<String, String> {
    match &item.item {
        TypeItem::Struct(repr, fields) => {
            types.mirror(repr, fields, false, &[])
        }
        TypeItem::Union(repr, fields) => types.mirror(repr, fields, true, &[]),
        TypeItem::Enum(repr, _) => {
            let int = repr.int.as_deref().and_then(primitive);
            types.c_text(&int.unwrap_or(Ty::C("int", true)), None)
        }
        TypeItem::Alias(_) | TypeItem::Foreign => {
            Err("nothing is known of it".to_owned())
        }
    }
}
