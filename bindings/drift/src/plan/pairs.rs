// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which type of C a type of Rust's stands for, where the names do not say it.
//!
//! What is paired here is then compared as if it had C's name: a wrong pair is
//! a finding, and never silence.

use std::collections::HashMap;

use super::{Planner, Subject, c_side, rust_side};
use crate::plan::types::{FunctionType, Pair, Ty};
use crate::read::header::{CFunctionType, CKind, CType};
use crate::read::items::TypeItem;
use crate::report::Kind;

/// For a type of Rust's, how often C has each of its own in its place.
type Votes = HashMap<String, HashMap<String, usize>>;

impl Planner<'_> {
    /// `type X = Y`, where C has a struct `X` and no `Y`: `Y` is that struct.
    pub(super) fn pair_alias(&mut self, name: &str, ty: &syn::Type) {
        let header = self.header;
        let typedef = header.typedefs.get(name).map(|(_, c)| &c.kind);
        let (text, key) = match (typedef, header.record(name)) {
            (Some(CKind::Record(key)), _) => (name.to_owned(), key.clone()),
            (None, Some((key, _, text))) => (text, key.to_owned()),
            _ => return,
        };
        let Ok(Ty::Named(to)) = self.types.resolve(ty) else {
            return;
        };
        if self.is_unpaired(&to) {
            self.bound.insert(name.to_owned());
            self.types.pairs.insert(to, Pair { text, key });
        }
    }

    /// Whether `name` is a struct or union of Rust's of which the header knows
    /// nothing.
    fn is_unpaired(&self, name: &str) -> bool {
        let is_record = self.all.types.get(name).is_some_and(|item| {
            matches!(item.item, TypeItem::Struct(..) | TypeItem::Union(..))
                || self.types.is_opaque(&item.item)
        });
        is_record
            && self.header.record(name).is_none()
            && self.header.enumeration(name).is_none()
            && !self.header.typedefs.contains_key(name)
            && !self.types.pairs.contains_key(name)
    }

    /// A type that C calls otherwise: wherever Rust has it, C has one and the
    /// same struct.
    pub(super) fn pair_by_use(&mut self) {
        let votes = self.votes();
        let mut all: Vec<_> = votes.into_iter().collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, keys) in all {
            let total: usize = keys.values().sum();
            let best = keys
                .into_iter()
                .max_by_key(|(key, n)| (*n, std::cmp::Reverse(key.clone())));
            let Some((key, count)) = best else { continue };
            if (total - count) * 4 > count || !self.may_pair(&key) {
                continue;
            }
            if count < 2 && !alike(&name, &key) {
                continue;
            }
            self.pair_used(&name, &key, count);
        }
    }

    /// Whether no other type of Rust's stands for C's `key`.
    fn may_pair(&self, key: &str) -> bool {
        let taken = self.types.pairs.values().any(|pair| pair.key == key);
        let mut named = self
            .all
            .types
            .iter()
            .filter(|(_, item)| !matches!(item.item, TypeItem::Alias(_)));
        !taken
            && !named.any(|(name, _)| {
                let record = self.header.record(name);
                record.is_some_and(|(own, _, _)| own == key)
            })
    }

    fn pair_used(&mut self, name: &str, key: &str, count: usize) {
        let Some(record) = self.header.records.get(key) else {
            return;
        };
        let text = record.spelled.clone().unwrap_or(key.to_owned());
        let tag = text.rsplit(' ').next().unwrap_or(&text).to_owned();
        if let Some(item) = self.all.types.get(name) {
            let subject = Subject {
                item: name.to_owned(),
                rust: Some(rust_side(item, None)),
                c: Some(c_side(&record.decl)),
            };
            let places = if count == 1 { "place" } else { "places" };
            self.note(subject.finding(
                Kind::Missing,
                format!("C calls it {text}, by its use in {count} {places}"),
                "none: it is compared under that name",
            ));
        }
        self.bound.insert(tag);
        let key = key.to_owned();
        self.types.pairs.insert(name.to_owned(), Pair { text, key });
    }

    fn votes(&self) -> Votes {
        let mut votes = Votes::new();
        let functions = self.all.functions.iter();
        for function in functions.filter(|f| f.item.body.is_none()) {
            let c = self.header.functions.get(&function.name);
            let ty = self.signature_type(function);
            if let (Some(c), Ok(ty)) = (c, ty) {
                self.vote_function(&ty, &c.ty, &mut votes);
            }
        }
        for (name, item) in &self.all.types {
            if let TypeItem::Alias(ty) = &item.item {
                let c = self.header.typedefs.get(name);
                if let (Some((_, c)), Ok(ty)) = (c, self.types.resolve(ty)) {
                    self.vote(&ty, c, &mut votes);
                }
            }
            if let TypeItem::Struct(_, fields) | TypeItem::Union(_, fields) =
                &item.item
            {
                let Some((record, _)) = self.types.c_record(name) else {
                    continue;
                };
                for field in fields {
                    let c = super::fields::c_field(record, &field.name);
                    let ty = self.types.resolve(&field.ty);
                    if let (Some(c), Ok(ty)) = (c, ty) {
                        self.vote(&ty, &c.ty, &mut votes);
                    }
                }
            }
        }
        votes
    }

    fn vote_function(
        &self,
        ty: &FunctionType,
        c: &CFunctionType,
        votes: &mut Votes,
    ) {
        if ty.params.len() != c.params.len() {
            return;
        }
        self.vote(&ty.result, &c.result, votes);
        for (ty, c) in ty.params.iter().zip(&c.params) {
            self.vote(ty, c, votes);
        }
    }

    fn vote(&self, ty: &Ty, c: &CType, votes: &mut Votes) {
        match (ty, &c.kind) {
            (Ty::Pointer { to, .. }, CKind::Pointer(inner))
            | (Ty::Array(to, _), CKind::Array(inner, _)) => {
                self.vote(to, inner, votes);
            }
            (Ty::Function(function, _), CKind::Pointer(inner)) => {
                if let CKind::Function(inner) = &inner.kind {
                    self.vote_function(function, inner, votes);
                }
            }
            (Ty::Named(name), CKind::Record(key)) if self.is_unpaired(name) => {
                let of = votes.entry(name.clone()).or_default();
                *of.entry(key.clone()).or_default() += 1;
            }
            _ => {}
        }
    }
}

/// Whether two names are one but for case, underscores, a tag, and what C puts
/// before all of its names: `HidDeviceInfo` and `struct hid_device_info`,
/// `CurveSegment` and `cmsCurveSegment`.
fn alike(rust: &str, c: &str) -> bool {
    let plain = |name: &str| {
        let name = name.rsplit(' ').next().unwrap_or(name);
        let name = name.to_ascii_lowercase().replace('_', "");
        let name = name.strip_prefix("struct").unwrap_or(&name);
        name.strip_suffix('t').unwrap_or(name).to_owned()
    };
    let (rust, c) = (plain(rust), plain(c));
    rust == c || rust.len() > 2 && c.ends_with(&rust)
}
