// SPDX-License-Identifier: MIT OR Apache-2.0
//! Fields that have another name on each side, and lie at the same place.
//!
//! `type` is `kind` in Rust, `x`, `y` and `z` are an array, a struct's fields
//! are written out, or are put into a struct of their own. Here is only found
//! which part stands for which; whether they are alike is for the compiler.

use std::collections::BTreeSet;
use std::slice::from_ref;

use super::fields::{bit_runs, c_field, field_side, has_name};
use super::laid::{Laid, Span};
use super::records::{Both, Record};
use super::{Planner, Subject, c_side};
use crate::plan::differ::short;
use crate::plan::types::Ty;
use crate::read::header::{CField, CKind, CRecord, CType};
use crate::read::items::{Field, TypeItem};
use crate::report::Kind;

/// A part of a Rust field and a part of a C field at the same place.
pub(super) struct Same<'r> {
    pub field: &'r Field,
    rust: Part<Ty>,
    c: Part<CType>,
}

impl Same<'_> {
    /// The field of C's record that it is, or that it is in.
    pub fn c_name(&self) -> &str {
        &self.c.field
    }
}

/// A part of a struct or union.
#[derive(Clone)]
struct Part<T> {
    /// The field that it is, or that it is in.
    field: String,
    /// How C says it: `v[0]`, and `r_v[0]` of what is in the mirror.
    path: String,
    ty: T,
    span: Span,
}

impl<T: Clone> Part<T> {
    /// The elements of an array; none of one that is too long to name each.
    fn elements(&self, element: &T, len: u64) -> Vec<Self> {
        if !(1..=64).contains(&len) {
            return vec![];
        }
        let size = self.span.size / len;
        let one = |index| Self {
            path: format!("{}[{index}]", self.path),
            ty: element.clone(),
            span: Span {
                at: self.span.at + index * size,
                size,
            },
            field: self.field.clone(),
        };
        (0..len).map(one).collect()
    }

    /// The member `name` of it, which lies at `span` in it.
    fn member(&self, name: &str, ty: T, span: Span) -> Self {
        Self {
            path: format!("{}.{name}", self.path),
            ty,
            span: Span {
                at: self.span.at + span.at,
                ..span
            },
            field: self.field.clone(),
        }
    }
}

/// Parts of both sides that stand for each other.
type Pairs = Vec<(Part<Ty>, Part<CType>)>;

impl Planner<'_> {
    /// The parts of fields that are on one side alone by their names, and on
    /// both by their places.
    pub(super) fn same_places<'r>(
        &self,
        record: Record<'r>,
        c: &CRecord,
    ) -> Vec<Same<'r>> {
        let laid = self.laid(record).into_iter();
        let found = laid.flat_map(|laid| self.same_place(record, c, laid));
        let mut found: Vec<Same<'r>> = found.collect();
        if !record.is_union {
            // A field of C that is found in part is not found.
            let whole = whole_fields(&found, c);
            found.retain(|same| whole.contains(same.c_name()));
        }
        found
    }

    /// The parts of one field of Rust's that C has at the same places, if C
    /// does not have the field by its name.
    fn same_place<'r>(
        &self,
        record: Record<'r>,
        c: &CRecord,
        laid: Laid<'r>,
    ) -> Vec<Same<'r>> {
        let Laid { field, ty, span } = laid;
        // What carries C's bitfields has no field of C's to stand for.
        let bits = bit_runs(c) > 0 && self.carries_bits(field, c);
        if c_field(c, &field.name).is_some() || span.size == 0 || bits {
            return vec![];
        }
        let part = Part {
            field: field.name.clone(),
            path: format!("r_{}", field.name),
            ty,
            span,
        };
        let there = c_parts(record.fields, c, span);
        let pairs = self.pairs_of(&part, &there, 0).unwrap_or_default();
        let same = |(rust, c)| Same { field, rust, c };
        pairs.into_iter().map(same).collect()
    }

    /// Pair `rust` with the parts `there`, which fill it: itself, or part by
    /// part.
    fn pairs_of(
        &self,
        rust: &Part<Ty>,
        there: &[Part<CType>],
        depth: u32,
    ) -> Option<Pairs> {
        if depth > 4 {
            return None;
        }
        if let [c] = there {
            return self.pairs_with(rust, c, depth);
        }
        let mut all = vec![];
        for part in self.inside(rust) {
            let inner = there.iter().filter(|c| c.span.overlaps(part.span));
            let inner: Vec<_> = inner.cloned().collect();
            all.extend(self.pairs_of(&part, &inner, depth + 1)?);
        }
        (!all.is_empty()).then_some(all)
    }

    /// Pair `rust` with all of `c`, or with what is in `c`.
    fn pairs_with(
        &self,
        rust: &Part<Ty>,
        c: &Part<CType>,
        depth: u32,
    ) -> Option<Pairs> {
        let mut c_inner = self.c_inside(c);
        if c.span == rust.span {
            let inner = self.inside(rust);
            // `[T; 1]` for a T
            if let ([one], []) = (inner.as_slice(), c_inner.as_slice()) {
                return self.pairs_of(one, from_ref(c), depth + 1);
            }
            let own = matches!(&rust.ty, Ty::Named(name)
                if self.header.record(name).is_none());
            if inner.is_empty() || c_inner.is_empty() || !own {
                return Some(vec![(rust.clone(), c.clone())]);
            }
        }
        c_inner.retain(|part| rust.span.holds(part.span));
        if c_inner.is_empty() {
            return None;
        }
        self.pairs_of(rust, &c_inner, depth + 1)
    }

    /// What is in a Rust part.
    fn inside(&self, part: &Part<Ty>) -> Vec<Part<Ty>> {
        match &part.ty {
            Ty::Array(element, len) => part.elements(element, *len),
            Ty::Named(name) => self.members(part, name),
            _ => vec![],
        }
    }

    /// The fields of a part that is the struct `name`.
    fn members(&self, part: &Part<Ty>, name: &str) -> Vec<Part<Ty>> {
        let Some(item) = self.all.types.get(name) else {
            return vec![];
        };
        let TypeItem::Struct(repr, fields) = &item.item else {
            return vec![];
        };
        // A struct of the header's is that one in the mirror.
        let known = self.header.record(name).is_some();
        let prefix = if known { "" } else { "r_" };
        let record = Record {
            item,
            repr,
            fields,
            is_union: false,
        };
        let member = |Laid { field, ty, span }| {
            part.member(&format!("{prefix}{}", field.name), ty, span)
        };
        self.laid(record).into_iter().map(member).collect()
    }

    /// What is in a C part.
    fn c_inside(&self, part: &Part<CType>) -> Vec<Part<CType>> {
        match &part.ty.kind {
            CKind::Array(element, len) => part.elements(element, *len),
            CKind::Record(key) => {
                let record = self.header.records.get(key);
                let record = record.filter(|record| !record.is_union);
                let fields = record.into_iter().flat_map(|r| &r.fields);
                let all = fields.filter_map(c_part);
                all.map(|one| part.member(&one.path, one.ty, one.span))
                    .collect()
            }
            _ => vec![],
        }
    }

    /// Ask whether they are alike, and note the names.
    pub(super) fn renamed(&mut self, both: Both<'_>, same: &[Same<'_>]) {
        for one in same {
            let mut fields = both.c.fields.iter();
            let decl = fields.find(|field| field.decl.name == one.c_name());
            let subject = Subject {
                item: format!("{}.{}", both.record.item.name, one.field.name),
                rust: Some(field_side(one.field)),
                c: decl.map(|field| c_side(&field.decl)),
            };
            self.same_offset(both, one, &subject);
            self.same_type(both, one, &subject);
            self.two_names(&one.c.path, subject);
        }
    }

    /// Ask whether a part lies where C has its own.
    fn same_offset(
        &mut self,
        both: Both<'_>,
        same: &Same<'_>,
        subject: &Subject,
    ) {
        let Both { text, mirror, .. } = both;
        let (here, there) = (&same.rust.path, &same.c.path);
        let finding = subject.clone().finding(
            Kind::Layout,
            format!("it does not lie where C has {there}"),
            "each side reads and writes another field in its place",
        );
        self.ask(
            format!(
                "__builtin_offsetof({text}, {there}) == \
                 __builtin_offsetof({mirror}, {here})"
            ),
            finding,
        );
    }

    /// Ask whether a part has the type that C gives to its own.
    fn same_type(
        &mut self,
        both: Both<'_>,
        same: &Same<'_>,
        subject: &Subject,
    ) {
        let (ty, there) = (&same.rust.ty, &same.c.path);
        self.nullable(ty, subject, false);
        let shown = short(ty);
        let spelled = &same.c.ty.spelled;
        let finding = subject.clone().finding(
            Kind::Type,
            format!("{shown} in Rust, {spelled} in C ({there})"),
            "the two sides use different types",
        );
        let place = both.place(there);
        self.ask_place(&place, same.field, ty, &same.c.ty, finding);
    }

    /// Say that C calls a field `there`.
    fn two_names(&mut self, there: &str, subject: Subject) {
        let what = format!("C calls it {there}");
        if self.all.exports {
            let so = "a program in C does not compile, or finds another \
                      meaning under the name";
            self.letter(subject.finding(Kind::Missing, what, so));
        } else {
            let so = "none: it is the same memory under another name";
            self.note(subject.finding(Kind::Missing, what, so));
        }
    }
}

fn c_part(field: &CField) -> Option<Part<CType>> {
    Some(Part {
        field: field.decl.name.clone(),
        path: field.decl.name.clone(),
        ty: field.ty.clone(),
        span: Span::of(field)?,
    })
}

/// The fields of C that have bytes of `span`, and that Rust does not have by
/// name.
fn c_parts(fields: &[Field], c: &CRecord, span: Span) -> Vec<Part<CType>> {
    let parts = c.fields.iter().filter(|field| !has_name(fields, c, field));
    let parts = parts.filter_map(c_part);
    parts.filter(|part| part.span.overlaps(span)).collect()
}

/// The names of C's fields of which all bytes are in `found`.
fn whole_fields<'c>(found: &[Same<'_>], c: &'c CRecord) -> BTreeSet<&'c str> {
    let whole = |field: &&CField| {
        let parts = found.iter();
        let parts = parts.filter(|same| same.c_name() == field.decl.name);
        let sum: u64 = parts.map(|same| same.c.span.size).sum();
        field.ty.size == Some(sum)
    };
    let all = c.fields.iter().filter(whole);
    all.map(|field| &*field.decl.name).collect()
}
