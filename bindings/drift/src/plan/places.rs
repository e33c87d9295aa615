// SPDX-License-Identifier: MIT OR Apache-2.0
//! Fields that have another name on each side, and lie at the same place.
//!
//! `type` is `kind` in Rust, `x`, `y` and `z` are an array, a struct's fields
//! are written out, or are put into a struct of their own. Here is only found
//! which part stands for which; whether they are alike is for the compiler.

use std::collections::HashMap;

use super::fields::{bit_runs, c_field, field_side};
use super::records::Record;
use super::{Planner, Subject, c_side};
use crate::plan::types::Ty;
use crate::read::header::{CField, CKind, CRecord, CType};
use crate::read::items::{Field, TypeItem};
use crate::report::Kind;

/// A part of a Rust field and a part of a C field at the same place.
pub(super) struct Same<'r> {
    pub field: &'r Field,
    /// The field of C's record that it is, or that it is in.
    pub c_name: String,
    rust: Part,
    c: CPart,
}

/// A part of a Rust struct.
#[derive(Clone)]
struct Part {
    /// How the mirror in C says it: `r_v[0]`
    path: String,
    ty: Ty,
    at: u64,
    size: u64,
}

/// A part of a C record.
#[derive(Clone)]
struct CPart {
    path: String,
    ty: CType,
    at: u64,
    size: u64,
}

impl<'a> Planner<'a> {
    /// The parts of fields that are on one side alone by their names, and on
    /// both by their places.
    pub(super) fn same_places<'r>(
        &self,
        record: Record<'r>,
        c: &CRecord,
    ) -> Vec<Same<'r>>
    where
        'a: 'r,
    {
        let (fields, repr) = (record.fields, record.repr);
        let is_union = record.is_union;
        let Some((_, offsets)) = self.types.layout(repr, fields, is_union)
        else {
            return vec![];
        };
        let mut found = vec![];
        let real = self.types.real_fields(fields).into_iter().zip(offsets);
        for ((field, ty), at) in real {
            let Ok(ty) = ty else { continue };
            let Some((size, _)) = self.types.size(&ty) else {
                continue;
            };
            // What carries C's bitfields has no field of C's to stand for.
            let bits = bit_runs(c) > 0 && self.carries_bits(field, c);
            if c_field(c, &field.name).is_some() || size == 0 || bits {
                continue;
            }
            let part = Part {
                path: format!("r_{}", field.name),
                ty,
                at,
                size,
            };
            let there = c_parts(fields, c, at, size);
            if let Some(pairs) = self.pairs_of(&part, &there, 0) {
                found.extend(pairs.into_iter().map(|(name, rust, c)| Same {
                    field,
                    c_name: name,
                    rust,
                    c,
                }));
            }
        }
        without_halves(&mut found, c, is_union);
        found
    }

    /// Pair `rust` with the parts `there`, which fill it: itself, or part by
    /// part.
    fn pairs_of(
        &self,
        rust: &Part,
        there: &[(String, CPart)],
        depth: u32,
    ) -> Option<Vec<(String, Part, CPart)>> {
        if depth > 4 {
            return None;
        }
        if let [(name, c)] = there {
            return self.pairs_of_one(rust, name, c, depth);
        }
        let mut all = vec![];
        for part in self.inside(rust) {
            let inner: Vec<(String, CPart)> = there
                .iter()
                .filter(|(_, c)| {
                    c.at < part.at + part.size && part.at < c.at + c.size
                })
                .cloned()
                .collect();
            all.extend(self.pairs_of(&part, &inner, depth + 1)?);
        }
        (!all.is_empty()).then_some(all)
    }

    /// The same, where one part of C's lies there.
    fn pairs_of_one(
        &self,
        rust: &Part,
        name: &str,
        c: &CPart,
        depth: u32,
    ) -> Option<Vec<(String, Part, CPart)>> {
        let c_inner = self.c_inside(c);
        if c.at == rust.at && c.size == rust.size {
            let inner = self.inside(rust);
            let there = (name.to_owned(), c.clone());
            // `[T; 1]` for a T
            if let ([one], []) = (inner.as_slice(), c_inner.as_slice()) {
                return self.pairs_of(one, &[there], depth + 1);
            }
            let stray = matches!(&rust.ty, Ty::Named(name)
                if self.header.record(name).is_none());
            if inner.is_empty() || c_inner.is_empty() || !stray {
                return Some(vec![(there.0, rust.clone(), there.1)]);
            }
        }
        let end = rust.at + rust.size;
        let inner: Vec<(String, CPart)> = c_inner
            .into_iter()
            .filter(|part| part.at >= rust.at && part.at + part.size <= end)
            .map(|part| (name.to_owned(), part))
            .collect();
        if inner.is_empty() {
            return None;
        }
        self.pairs_of(rust, &inner, depth + 1)
    }

    /// What is in a Rust part.
    fn inside(&self, part: &Part) -> Vec<Part> {
        match &part.ty {
            Ty::Array(element, len) if *len > 0 && *len <= 64 => {
                let size = part.size / len;
                (0..*len)
                    .map(|index| Part {
                        path: format!("{}[{index}]", part.path),
                        ty: (**element).clone(),
                        at: part.at + index * size,
                        size,
                    })
                    .collect()
            }
            Ty::Named(name) => {
                self.inside_struct(part, name).unwrap_or_default()
            }
            _ => vec![],
        }
    }

    fn inside_struct(&self, part: &Part, name: &str) -> Option<Vec<Part>> {
        let item = self.all.types.get(name)?;
        let TypeItem::Struct(repr, fields) = &item.item else {
            return None;
        };
        let (_, offsets) = self.types.layout(repr, fields, false)?;
        // A struct of the header's is that one in the mirror.
        let of_header = self.header.record(name).is_some();
        let prefix = if of_header { "" } else { "r_" };
        let all = self.types.real_fields(fields).into_iter().zip(offsets);
        let all = all.filter_map(|((field, ty), at)| {
            let ty = ty.ok()?;
            let (size, _) = self.types.size(&ty)?;
            Some(Part {
                path: format!("{}.{prefix}{}", part.path, field.name),
                ty,
                at: part.at + at,
                size,
            })
        });
        Some(all.collect())
    }

    /// What is in a C part.
    fn c_inside(&self, part: &CPart) -> Vec<CPart> {
        match &part.ty.kind {
            CKind::Array(element, len) if *len > 0 && *len <= 64 => {
                let size = part.size / len;
                (0..*len)
                    .map(|index| CPart {
                        path: format!("{}[{index}]", part.path),
                        ty: (**element).clone(),
                        at: part.at + index * size,
                        size,
                    })
                    .collect()
            }
            CKind::Record(key) => {
                let Some(record) = self.header.records.get(key) else {
                    return vec![];
                };
                if record.is_union {
                    return vec![];
                }
                let all = record.fields.iter().filter_map(c_part);
                all.map(|inner| CPart {
                    path: format!("{}.{}", part.path, inner.path),
                    at: part.at + inner.at,
                    ..inner
                })
                .collect()
            }
            _ => vec![],
        }
    }

    /// Ask whether they are alike, and note the names.
    pub(super) fn renamed(
        &mut self,
        record: Record<'_>,
        c: &CRecord,
        text: &str,
        mirror: &str,
        same: &[Same<'_>],
    ) {
        for one in same {
            let decl = c.fields.iter().find(|f| f.decl.name == one.c_name);
            let subject = Subject {
                item: format!("{}.{}", record.item.name, one.field.name),
                rust: Some(field_side(one.field)),
                c: decl.map(|field| c_side(&field.decl)),
            };
            let (here, there) = (&one.rust.path, &one.c.path);
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
            self.same_type(one, text, &subject);
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

    /// Ask whether two parts have the same type, in the struct that C writes as
    /// `text`.
    fn same_type(&mut self, one: &Same<'_>, text: &str, subject: &Subject) {
        let (ty, there) = (&one.rust.ty, &one.c.path);
        self.nullable(ty, subject, false);
        let shown = self.types.short(ty);
        let finding = subject.clone().finding(
            Kind::Type,
            format!("{shown} in Rust, {} in C ({there})", one.c.ty.spelled),
            "the two sides use different types",
        );
        let place = format!("(({text} *)0)->{there}");
        let rust = (ty, !one.field.public);
        match self.ask_place(&place, rust, &one.c.ty, finding) {
            Ok(()) => self.count("fields"),
            Err(why) => {
                let place = one.field.origin.place();
                self.unchecked(&subject.item, place, &why);
            }
        }
    }
}

/// A field of C that is found in part is not found.
fn without_halves(found: &mut Vec<Same<'_>>, c: &CRecord, is_union: bool) {
    let mut sums: HashMap<String, u64> = HashMap::new();
    for same in found.iter() {
        *sums.entry(same.c_name.clone()).or_default() += same.c.size;
    }
    let size_of = |name: &str| {
        let field = c.fields.iter().find(|field| field.decl.name == name);
        field.and_then(|field| field.ty.size)
    };
    found.retain(|same| {
        is_union || size_of(&same.c_name) == sums.get(&same.c_name).copied()
    });
}

fn c_part(field: &CField) -> Option<CPart> {
    let at = field.offset.filter(|_| field.bits.is_none())?;
    Some(CPart {
        path: field.decl.name.clone(),
        ty: field.ty.clone(),
        at: at / 8,
        size: field.ty.size?,
    })
}

/// The fields of C that lie in the bytes from `at`, and that Rust does not
/// have by name.
fn c_parts(
    fields: &[Field],
    c: &CRecord,
    at: u64,
    size: u64,
) -> Vec<(String, CPart)> {
    let here = |c_name: &str| {
        let mut named =
            fields.iter().filter_map(|field| c_field(c, &field.name));
        named.any(|found| found.decl.name == c_name)
    };
    let parts = c.fields.iter().filter_map(c_part);
    parts
        .filter(|part| part.at < at + size && at < part.at + part.size)
        .filter(|part| !here(&part.path))
        .map(|part| (part.path.clone(), part))
        .collect()
}
