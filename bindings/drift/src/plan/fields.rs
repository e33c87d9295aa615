// SPDX-License-Identifier: MIT OR Apache-2.0
//! The fields of structs and unions: their names, places and types.

use std::collections::BTreeSet;

use super::places::Same;
use super::records::{Both, Record};
use super::stands::is_reserved;
use super::{Planner, Subject, c_side, rust_side, written};
use crate::place::Place;
use crate::plan::differ::{Difference, Position, memory};
use crate::plan::types::Ty;
use crate::read::header::{CField, CKind, CRecord, CType, Decl};
use crate::read::items::{Field, TypeItem};
use crate::report::{Finding, Kind, Side};

/// A field, and where it lies in the mirror of its struct.
struct Placed<'a> {
    field: &'a Field,
    ty: Result<Ty, String>,
    /// How C says its offset in the mirror.
    offset: String,
    /// In bytes, if known: for messages.
    at: Option<u64>,
}

/// The names of both sides' fields.
struct Names<'r, 's> {
    record: Record<'r>,
    c: &'r CRecord,
    /// Those that have another name in Rust than in C.
    same: &'r [Same<'s>],
    /// Those of C that Rust has, too.
    named: BTreeSet<&'r str>,
}

impl Names<'_, '_> {
    /// Whether C's field `name` has another name in Rust.
    fn is_same(&self, name: &str) -> bool {
        self.same.iter().any(|same| same.c_name() == name)
    }

    /// Whether C has nothing for `field`, by whatever name.
    fn lacks_c(&self, field: &Field) -> bool {
        counterpart(self.record, self.c, field).is_none()
            && !self.same.iter().any(|same| same.field.name == field.name)
            && !is_padding(field)
    }
}

impl<'a> Planner<'a> {
    /// Names that are on one side only, and no field of the other lies there.
    pub(super) fn field_names(
        &mut self,
        record: Record<'_>,
        c: &CRecord,
        same: &[Same<'_>],
    ) {
        let bits = self.carried_bits(record, c);
        let placed = self.placed(record, c, "", "", None);
        let named: BTreeSet<&str> = placed
            .iter()
            .filter_map(|placed| c_field(c, &placed.field.name))
            .map(|found| &*found.decl.name)
            .collect();
        let names = Names {
            record,
            c,
            same,
            named,
        };
        for field in &c.fields {
            self.without_rust(&names, field);
        }
        for placed in &placed {
            let carries = bits && self.carries_bits(placed.field, c);
            if !carries && names.lacks_c(placed.field) {
                self.without_c(record, c, placed.field);
            }
        }
    }

    /// Whether the integers of Rust that lie where C has bitfields are known:
    /// with more of them than C has runs of bitfields, which is it?
    fn carried_bits(&mut self, record: Record<'_>, c: &CRecord) -> bool {
        let runs = bit_runs(c);
        if runs == 0 {
            return false;
        }
        let carriers = record.fields.iter();
        let carriers = carriers
            .filter(|field| self.carries_bits(field, c) && !is_padding(field))
            .count();
        let mut bits = c.fields.iter().filter(|found| found.bits.is_some());
        if carriers == 0 && !bits.all(|found| has_name(record.fields, c, found))
        {
            let subject = super::subject(record.item, Some(&c.decl));
            self.drift(subject.finding(
                Kind::Missing,
                "no field where C has bitfields",
                "what comes after them is read in their place",
            ));
        }
        carriers <= runs
    }

    /// A field of C's, if Rust has none of its name.
    fn without_rust(&mut self, names: &Names<'_, '_>, field: &CField) {
        let Names { record, c, .. } = *names;
        let name = &field.decl.name;
        if names.named.contains(&**name) || names.is_same(name) {
            return;
        }
        if let Some(renamed) = renamed(record, c, field) {
            let subject = subject_of(record, renamed, &field.decl);
            self.note(subject.finding(
                Kind::Missing,
                format!("a private field, which C calls {name}"),
                "nobody can set it from Rust",
            ));
            return;
        }
        if field.bits.is_some() {
            return;
        }
        let subject = Subject {
            item: format!("{}.{name}", record.item.name),
            rust: Some(rust_side(record.item, None)),
            c: Some(c_side(&field.decl)),
        };
        let named = |other: &CField| names.named.contains(&*other.decl.name);
        let what = "a field that Rust lacks";
        if Self::needs_no_name(record, c, field, named)
            || self.is_filled(record, field, names.same)
        {
            let so = "it cannot be reached from Rust by a name";
            self.letter(subject.finding(Kind::Missing, what, so));
        } else {
            let so = self.lacking(record, c);
            self.drift(subject.finding(Kind::Missing, what, so));
        }
    }

    /// A field of Rust's that C does not have.
    fn without_c(&mut self, record: Record<'_>, c: &CRecord, field: &Field) {
        let finding = subject_of(record, field, &c.decl).finding(
            Kind::Extra,
            "a field that C lacks",
            "Rust reads and writes what is not there: what comes after \
             it, or padding that C never sets",
        );
        if record.is_union && c.is_union
            || is_reserved(&field.name)
            || self.in_reserve(record, c, field)
        {
            let so = "the bytes are C's, and mean nothing in this version";
            let so = so.to_owned();
            self.letter(Finding { so, ..finding });
        } else {
            self.drift(finding);
        }
    }

    /// What comes of a field that Rust lacks.
    fn lacking(&self, record: Record<'_>, c: &CRecord) -> String {
        let Record { repr, fields, .. } = record;
        let here = self.types.layout(repr, fields, record.is_union);
        match (here, c.size) {
            (Some(here), Some(there)) if here.0.0 < there => format!(
                "Rust's struct is {} bytes shorter: C writes behind its end",
                there - here.0.0
            ),
            (Some(here), Some(there)) if here.0.0 == there => {
                "the structs have one size: Rust has something else, or \
                 nothing, in its place"
                    .to_owned()
            }
            _ => "Rust has something else, or nothing, in its place".into(),
        }
    }

    /// The fields as C counts them: those of a struct without a name in C are
    /// its owner's.
    fn placed<'r>(
        &self,
        record: Record<'r>,
        c: &CRecord,
        mirror: &str,
        base: &str,
        layout: Option<&[u64]>,
    ) -> Vec<Placed<'r>>
    where
        'a: 'r,
    {
        let mut all = vec![];
        let fields = self.types.real_fields(record.fields);
        for (index, (field, ty)) in fields.into_iter().enumerate() {
            let at = layout.and_then(|all| all.get(index).copied());
            let offset =
                format!("{base}__builtin_offsetof({mirror}, r_{})", field.name);
            if let (false, Some(inner)) = (
                c.anonymous.is_empty() || c_field(c, &field.name).is_some(),
                self.part(record, &ty),
            ) {
                let (part, text) = inner;
                let base = format!("{offset} + ");
                all.extend(self.placed(part, c, &text, &base, None));
                continue;
            }
            all.push(Placed {
                field,
                ty,
                offset,
                at,
            });
        }
        all
    }

    /// The struct or union that a field of type `ty` holds, and how C writes
    /// it.
    fn part<'r>(
        &self,
        record: Record<'r>,
        ty: &Result<Ty, String>,
    ) -> Option<(Record<'r>, String)>
    where
        'a: 'r,
    {
        let Ok(Ty::Named(name)) = ty else {
            return None;
        };
        let item = self.all.types.get(name)?;
        let (fields, is_union) = match &item.item {
            TypeItem::Struct(_, fields) => (fields, false),
            TypeItem::Union(_, fields) => (fields, true),
            _ => return None,
        };
        let text = ty.as_ref().ok();
        let text = text.and_then(|ty| self.types.c_text(ty, None).ok());
        let part = Record {
            item,
            fields,
            is_union,
            ..record
        };
        Some((part, text.unwrap_or_default()))
    }

    /// All that there is to ask about the fields of a struct or union.
    pub(super) fn layout(
        &mut self,
        record: Record<'_>,
        c: &CRecord,
        text: &str,
    ) {
        let same = self.same_places(record, c);
        self.field_names(record, c, &same);
        let mirror = match self.mirror(record, c) {
            Ok(mirror) => mirror,
            Err(why) => {
                let item = record.item;
                self.unknown_layout(&item.name, item.origin.place(), &why);
                return;
            }
        };
        let both = Both {
            record,
            c,
            text,
            mirror: &mirror,
        };
        self.sizes(both);
        self.fields(both);
        let bits = c.fields.iter().filter(|field| field.bits.is_some());
        for field in bits.filter(|field| !has_name(record.fields, c, field)) {
            self.bitfield(both, field);
        }
        self.renamed(both, &same);
    }

    /// C cannot say what is in the type `name`.
    pub(super) fn unknown_layout(
        &mut self,
        name: &str,
        place: Place,
        why: &str,
    ) {
        self.unchecked(name, place, &format!("its layout: {why}"));
    }

    /// Rust's struct or union in C, where each field may take the name that C
    /// has for its type.
    fn mirror(
        &self,
        record: Record<'_>,
        c: &CRecord,
    ) -> Result<String, String> {
        let Record { repr, fields, .. } = record;
        let real = self.types.real_fields(fields);
        let hints = real.iter().map(|(field, _)| {
            let found = c_field(c, &field.name);
            found.map(|found| &found.ty)
        });
        let hints: Vec<Option<&CType>> = hints.collect();
        self.types.mirror(repr, fields, record.is_union, &hints)
    }

    /// Ask whether both are of one size and one alignment.
    pub(super) fn sizes(&mut self, both: Both<'_>) {
        let Both {
            record,
            c,
            text,
            mirror,
        } = both;
        let Record { repr, fields, .. } = record;
        let layout = self.types.layout(repr, fields, record.is_union);
        let sizes = layout.map(|(sizes, _)| sizes);
        let subject = super::subject(record.item, Some(&c.decl));
        let size = sizes.map(|(size, _)| size);
        let finding = other_size(subject.clone(), size, c.size);
        self.ask(format!("sizeof({text}) == sizeof({mirror})"), finding);
        let align = sizes.map(|(_, align)| align);
        let finding = other_align(subject, align, c.align);
        self.ask(format!("_Alignof({text}) == _Alignof({mirror})"), finding);
    }

    /// Ask about each field that both sides have by its name.
    fn fields(&mut self, both: Both<'_>) {
        let Both { record, c, .. } = both;
        let Record { repr, fields, .. } = record;
        let layout = self.types.layout(repr, fields, record.is_union);
        let offsets = layout.as_ref().map(|(_, offsets)| offsets.as_slice());
        for placed in self.placed(record, c, both.mirror, "", offsets) {
            if let Some(found) = counterpart(record, c, placed.field) {
                self.field(both, &placed, found);
            }
        }
    }

    fn field(&mut self, both: Both<'_>, placed: &Placed<'_>, found: &CField) {
        let field = placed.field;
        let subject = subject_of(both.record, field, &found.decl);
        if found.bits.is_some() {
            self.whole_for_bits(both, field, found, subject);
            return;
        }
        self.ask_offset(both.text, placed, found, subject.clone());
        match &placed.ty {
            Ok(ty) => self.field_type(both, field, ty, found, subject),
            Err(why) => {
                self.unchecked(&subject.item, field.origin.place(), why);
            }
        }
    }

    /// Ask whether a field of both lies at one place.
    fn ask_offset(
        &mut self,
        text: &str,
        placed: &Placed<'_>,
        found: &CField,
        subject: Subject,
    ) {
        let at = |bytes: Option<u64>| {
            bytes.map_or(String::new(), |bytes| format!(" (at {bytes})"))
        };
        let here = at(placed.at);
        let there = at(found.offset.map(|bits| bits / 8));
        let finding = subject.finding(
            Kind::Layout,
            format!("it lies elsewhere in Rust{here} than in C{there}"),
            "each side reads and writes another field in its place",
        );
        let (name, offset) = (&found.decl.name, &placed.offset);
        self.ask(
            format!("__builtin_offsetof({text}, {name}) == {offset}"),
            finding,
        );
    }

    /// Ask whether a field has the type that C gives it.
    fn field_type(
        &mut self,
        both: Both<'_>,
        field: &Field,
        ty: &Ty,
        found: &CField,
        mut subject: Subject,
    ) {
        self.nullable(ty, &subject, false);
        let shown = written(&field.ty);
        let differs =
            self.types.differ(ty, &shown, &found.ty, Position::Memory);
        let differs = differs.unwrap_or_else(|| {
            let what = format!("{shown} in Rust, {} in C", found.ty.spelled);
            Difference::unknown(what, "the two sides use different types")
        });
        subject.rust = Some(Side {
            place: field.origin.place(),
            text: field.origin.snippet(Some(&field.ty)),
        });
        let finding = subject.finding(Kind::Type, differs.what, differs.so);
        if matches!(found.ty.kind, CKind::Flexible(_)) {
            if !matches!(ty, Ty::Array(_, 0)) {
                self.count("fields");
                self.drift(finding);
                return;
            }
            self.count("flexible arrays");
        }
        let at = both.place(&found.decl.name);
        self.ask_place(&at, field, ty, &found.ty, finding);
    }
}

/// A number of bytes, where it is known.
fn bytes(bytes: Option<u64>) -> String {
    bytes.map_or("other".to_owned(), |bytes| bytes.to_string())
}

/// The two are not of one size.
fn other_size(
    subject: Subject,
    here: Option<u64>,
    there: Option<u64>,
) -> Finding {
    let so = match (here, there) {
        (Some(here), Some(there)) => memory(here < there),
        _ => "one side reads and writes beyond the end of the other's",
    };
    let what = format!("{} bytes in Rust, {} in C", bytes(here), bytes(there));
    subject.finding(Kind::Layout, what, so)
}

/// The two are not of one alignment.
fn other_align(
    subject: Subject,
    here: Option<u64>,
    there: Option<u64>,
) -> Finding {
    let so = match (here, there) {
        (Some(here), Some(there)) if here > there => {
            "C may lay it where Rust must not read it"
        }
        _ => "fields of its type, and its copies, may lie elsewhere",
    };
    let what = format!(
        "aligned to {} bytes in Rust, to {} in C",
        bytes(here),
        bytes(there)
    );
    subject.finding(Kind::Layout, what, so)
}

pub(super) fn field_side(field: &Field) -> Side {
    Side {
        place: field.origin.place(),
        text: field.origin.snippet(None),
    }
}

/// A field of Rust's, and what C has for it.
fn subject_of(record: Record<'_>, field: &Field, c: &Decl) -> Subject {
    Subject {
        item: format!("{}.{}", record.item.name, field.name),
        rust: Some(field_side(field)),
        c: Some(c_side(c)),
    }
}

/// C's field for `field`: of its name, or in its place.
fn counterpart<'c>(
    record: Record<'_>,
    c: &'c CRecord,
    field: &Field,
) -> Option<&'c CField> {
    c_field(c, &field.name).or_else(|| {
        let mut all = c.fields.iter();
        all.find(|other| {
            let found = renamed(record, c, other);
            found.is_some_and(|found| found.name == field.name)
        })
    })
}

/// C's field of that name: `type` is `type_` in some crates, and `in` `_in`.
pub(super) fn c_field<'c>(c: &'c CRecord, name: &str) -> Option<&'c CField> {
    let find =
        |name: &str| c.fields.iter().find(|field| field.decl.name == name);
    find(name).or_else(|| {
        let plain = |name: &str| name.trim_matches('_').to_owned();
        let wanted = plain(name);
        let mut all = c.fields.iter();
        let mut found = all.by_ref().filter(|f| plain(&f.decl.name) == wanted);
        let first = found.next();
        first.filter(|_| !wanted.is_empty() && found.next().is_none())
    })
}

/// Whether Rust has a field that is C's `found` by its name.
pub(super) fn has_name(fields: &[Field], c: &CRecord, found: &CField) -> bool {
    fields.iter().any(|field| {
        let other = c_field(c, &field.name);
        other.is_some_and(|other| other.decl.name == found.decl.name)
    })
}

/// How many times bitfields follow something else.
pub(super) fn bit_runs(c: &CRecord) -> usize {
    let mut before = false;
    let mut runs = 0;
    for field in &c.fields {
        runs += usize::from(field.bits.is_some() && !before);
        before = field.bits.is_some();
    }
    runs
}

/// The private field that stands where C has `field`, under a name that C does
/// not know: what was reserved when the binding was written.
fn renamed<'r>(
    record: Record<'r>,
    c: &CRecord,
    field: &CField,
) -> Option<&'r Field> {
    let at = c
        .fields
        .iter()
        .position(|f| f.decl.name == field.decl.name)?;
    let same = c.fields.len() == record.fields.len() && !record.is_union;
    let found = record.fields.get(at).filter(|_| same)?;
    let unknown = c_field(c, &found.name).is_none();
    (unknown && !found.public && field.bits.is_none()).then_some(found)
}

/// Whether a field is there for its room only.
fn is_padding(field: &Field) -> bool {
    let name = field.name.trim_start_matches('_');
    !field.public && field.name.starts_with('_')
        || name.starts_with("pad")
        || name.starts_with("bindgen_padding")
        || name.starts_with("bindgen_align")
        || name.starts_with("bitfield_align")
}
