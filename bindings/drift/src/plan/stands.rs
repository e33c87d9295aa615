// SPDX-License-Identifier: MIT OR Apache-2.0
//! What stands for something else in the same bytes: one member for a union,
//! private bytes for a type that is none of the user's business, a new field
//! for a reserved one.

use super::fields::c_field;
use super::laid::Span;
use super::places::Same;
use super::records::{Both, Record};
use super::{Planner, c_text_like};
use crate::ask::Question;
use crate::plan::types::{Closeness, Ty, Types, bare};
use crate::read::header::{CField, CKind, CRecord, CType};
use crate::read::items::{Field, TypeItem};
use crate::report::{Finding, Kind};

impl Planner<'_> {
    /// Ask whether `place` in C has the type that Rust gives it. Where C has a
    /// union, one of its members will do, by the letter: Rust knows no other.
    pub(super) fn ask_place(
        &mut self,
        place: &str,
        field: &Field,
        ty: &Ty,
        c: &CType,
        finding: Finding,
    ) {
        let before = self.plan.doubts.len();
        // Nobody can set what is private, or read it as what it is not.
        let private = !field.public && !self.all.exports;
        let private = self.same_size(place, ty, c).filter(|_| private);
        let text = |types: &Types<'_>| {
            let other = c_text_like(types, ty, c)?;
            Ok(Self::same(place, &other))
        };
        self.ask_counted("fields", field.origin.place(), text, finding);
        if self.plan.doubts.len() == before {
            return; // C cannot write the type
        }
        let member = self
            .any_member(place, ty, c)
            .or_else(|| self.member_of_ours(place, ty, c))
            .or_else(|| self.bits_in_one(place, ty, c))
            .or(private);
        if let (Some(doubt), Some(member)) =
            (self.plan.doubts.get_mut(before), member)
        {
            doubt.binary = Some(Question::Static(member));
        }
    }

    /// That Rust's type has as many bytes.
    fn same_size(&self, place: &str, ty: &Ty, c: &CType) -> Option<String> {
        let text = c_text_like(&self.types, ty, c).ok()?;
        Some(format!("sizeof({place}) == sizeof({text})"))
    }

    /// That one of the members of the union at `place` is of the type, and as
    /// large as the union.
    fn any_member(&self, place: &str, ty: &Ty, c: &CType) -> Option<String> {
        let CKind::Record(key) = &c.kind else {
            return None;
        };
        let union = self.header.records.get(key).filter(|r| r.is_union)?;
        if matches!(ty, Ty::Named(_)) {
            return None; // a mirror of its own
        }
        self.types.closeness.set(Closeness::Binary);
        let members: Vec<String> = union
            .fields
            .iter()
            .filter(|field| field.bits.is_none() && field.offset == Some(0))
            .filter_map(|field| {
                let text = c_text_like(&self.types, ty, &field.ty).ok()?;
                let at = format!("{place}.{}", field.decl.name);
                Some(format!(
                    "({} && sizeof({at}) == sizeof({place}))",
                    Self::same(&at, &text)
                ))
            })
            .collect();
        self.types.closeness.set(Closeness::Exact);
        (!members.is_empty()).then(|| members.join(" || "))
    }

    /// The same the other way round: Rust has a union, for each way in which it
    /// uses what is there.
    fn member_of_ours(
        &self,
        place: &str,
        ty: &Ty,
        c: &CType,
    ) -> Option<String> {
        let Ty::Named(name) = ty else { return None };
        let item = &self.all.types.get(name)?.item;
        let TypeItem::Union(_, fields) = item else {
            return None;
        };
        let whole = self.same_size(place, ty, c)?;
        self.types.closeness.set(Closeness::Binary);
        let members: Vec<String> = self
            .types
            .real_fields(fields)
            .into_iter()
            .filter_map(|(_, ty)| c_text_like(&self.types, &ty.ok()?, c).ok())
            .map(|text| Self::same(place, &text))
            .collect();
        self.types.closeness.set(Closeness::Exact);
        let any = members.join(" || ");
        (!members.is_empty()).then(|| format!("({any}) && {whole}"))
    }

    /// That an integer has the bytes of a struct of bitfields: Rust has no
    /// names for them.
    fn bits_in_one(&self, place: &str, ty: &Ty, c: &CType) -> Option<String> {
        let (Ty::Fixed(..) | Ty::C(..), CKind::Record(key)) = (ty, &c.kind)
        else {
            return None;
        };
        let record = self.header.records.get(key)?;
        let mut fields = record.fields.iter();
        let only_bits = !record.fields.is_empty()
            && fields.all(|field| field.bits.is_some());
        self.same_size(place, ty, c).filter(|_| only_bits)
    }

    /// A struct of one field where C has a union, of which it is a member.
    pub(super) fn one_member(
        &mut self,
        record: Record<'_>,
        text: &str,
        finding: Finding,
    ) {
        let name = &record.item.name;
        let c = self.header.typedefs.get(name);
        let c = c.map(|(_, ty)| ty.clone()).or_else(|| {
            let own = self.header.record(name).map(|(key, _, _)| key);
            let pair = self.types.pairs.get(name).map(|pair| &*pair.key);
            Some(CType {
                kind: CKind::Record(own.or(pair)?.to_owned()),
                is_const: false,
                is_volatile: false,
                spelled: text.to_owned(),
                size: None,
            })
        });
        let fields = self.types.real_fields(record.fields);
        let member = match (fields.as_slice(), &c) {
            ([(_, Ok(ty))], Some(c)) if !record.is_union => {
                self.any_member(&format!("(*({text} *)0)"), ty, c)
            }
            _ => None,
        };
        // That the two differ is known; how much is asked.
        self.ask_value("0".to_owned(), member, finding);
    }

    /// `struct S(libc::stat)`, where C's `S` is `struct stat`: what is in it is
    /// compared as that type. Whether it is such a one.
    pub(super) fn newtype(&mut self, record: Record<'_>, c: &CRecord) -> bool {
        let fields = self.types.real_fields(record.fields);
        let [(_, Ok(Ty::Named(inner)))] = fields.as_slice() else {
            return false;
        };
        let inner = bare(inner);
        let same = self.header.record(inner).is_some_and(|(key, _, _)| {
            Some(key) == c.spelled.as_deref() && inner != record.item.name
        });
        if same {
            self.count("structs");
        }
        same
    }

    /// Whether all fields are bytes that only this crate sees, and none is one
    /// of C's.
    fn has_private_bytes(&self, record: Record<'_>, c: &CRecord) -> bool {
        let fields = self.types.real_fields(record.fields);
        let one_member = c.is_union && !record.is_union;
        !fields.is_empty()
            && fields.iter().all(|(field, ty)| {
                !field.public
                    && (one_member || c_field(c, &field.name).is_none())
                    && ty.as_ref().is_ok_and(is_bytes)
            })
    }

    /// Whether C has bitfields, and methods may say where Rust takes them to
    /// be.
    fn methods_name_bits(&self, record: Record<'_>, c: &CRecord) -> bool {
        let mut methods = self.all.methods.iter();
        c.fields.iter().any(|field| field.bits.is_some())
            && methods.any(|(owner, _)| *owner == record.item.name)
    }

    /// A struct of private bytes, for one of C's: nobody but C sets what is in
    /// it. Whether it was one.
    pub(super) fn blob(
        &mut self,
        record: Record<'_>,
        c: &CRecord,
        text: &str,
    ) -> bool {
        let Record { repr, fields, .. } = record;
        if !c.complete
            || repr.transparent
            || !self.has_private_bytes(record, c)
            || self.methods_name_bits(record, c)
        {
            return false;
        }
        let mirror = self.types.mirror(repr, fields, record.is_union, &[]);
        let Ok(mirror) = mirror else { return false };
        self.count(if c.is_union { "unions" } else { "structs" });
        self.sizes(Both {
            record,
            c,
            text,
            mirror: &mirror,
        });
        let subject = super::subject(record.item, Some(&c.decl));
        self.note(subject.finding(
            Kind::Missing,
            "private bytes in Rust, fields in C",
            "none: size and alignment are compared, and nobody can set what \
             is in it from Rust",
        ));
        true
    }

    /// A field of C that Rust has no name for, and need not have one: it has
    /// no bytes of its own.
    pub(super) fn needs_no_name(
        record: Record<'_>,
        c: &CRecord,
        field: &CField,
        here: impl Fn(&CField) -> bool,
    ) -> bool {
        if record.is_union && c.is_union || field.ty.size == Some(0) {
            return true;
        }
        match &field.ty.kind {
            CKind::Flexible(_) | CKind::Array(_, 0) => return true,
            _ => {}
        }
        // Another member of an unnamed union, of which Rust has one.
        let Some(span) = Span::of(field) else {
            return false;
        };
        c.fields.iter().any(|other| {
            other.decl.name != field.decl.name
                && here(other)
                && Span::of(other).is_some_and(|other| other.holds(span))
        })
    }

    /// Whether C keeps in reserve, by its name, what Rust has a name for.
    pub(super) fn in_reserve(
        &self,
        record: Record<'_>,
        c: &CRecord,
        field: &Field,
    ) -> bool {
        let laid = self.laid(record);
        let Some(found) = laid.iter().find(|one| one.field.name == field.name)
        else {
            return false;
        };
        // Alignment of the whole may reserve bytes, too.
        c.fields.iter().any(|reserved| {
            is_reserved(&reserved.decl.name)
                && Span::of(reserved).is_some_and(|all| all.holds(found.span))
        })
    }

    /// Whether Rust's fields lie where C keeps `field` in reserve.
    pub(super) fn is_filled(
        &self,
        record: Record<'_>,
        field: &CField,
        same: &[Same<'_>],
    ) -> bool {
        let Some(span) = Span::of(field) else {
            return false;
        };
        is_reserved(&field.decl.name)
            && self.laid(record).iter().any(|one| {
                span.has_byte(one.span.at)
                    && same.iter().all(|s| s.field.name != one.field.name)
            })
    }
}

/// Integers, and arrays of them.
fn is_bytes(ty: &Ty) -> bool {
    match ty {
        Ty::Array(element, _) => is_bytes(element),
        Ty::Fixed(..) | Ty::C(..) | Ty::Size(_) | Ty::Float(_) => true,
        _ => false,
    }
}

/// Names for what a later version may use.
pub(super) fn is_reserved(name: &str) -> bool {
    let name = name.trim_start_matches('_');
    [
        "reserved",
        "glibc_reserved",
        "spare",
        "unused",
        "pad",
        "dummy",
    ]
    .iter()
    .any(|word| name.starts_with(word))
}
