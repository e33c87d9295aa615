// SPDX-License-Identifier: MIT OR Apache-2.0
//! Structs, unions, enums and other types.

use super::places::Same;
use super::stands::is_reserved;
use super::{Planner, Subject, c_side, rust_side, written};
use crate::plan::differ::{Position, memory};
use crate::plan::types::{Closeness, Pair, Ty, Types};
use crate::read::header::{CField, CFunction, CKind, CRecord, CType};
use crate::read::items::{Declared, Field, Repr, TypeItem};
use crate::read::rules::Class;
use crate::report::{Finding, Kind, Side};

/// A Rust struct or union.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub item: &'a Declared<TypeItem>,
    pub repr: &'a Repr,
    pub fields: &'a [Field],
    pub is_union: bool,
}

/// A field, and where it lies in the mirror of its struct.
struct Placed<'a> {
    field: &'a Field,
    ty: Result<Ty, String>,
    /// How C says its offset in the mirror.
    offset: String,
    /// In bytes, if known: for messages.
    at: Option<u64>,
}

impl<'a> Planner<'a> {
    /// Find out which Rust types stand for what has no name in C: a field of
    /// the one is where the header has a field of the other.
    pub(super) fn pair(&mut self) {
        let all = self.all;
        loop {
            let before = self.types.pairs.len();
            for (name, item) in &all.types {
                if let TypeItem::Alias(ty) = &item.item {
                    self.pair_pointer(name, ty);
                    self.pair_alias(name, ty);
                }
                let (TypeItem::Struct(_, fields) | TypeItem::Union(_, fields)) =
                    &item.item
                else {
                    continue;
                };
                let Some((record, text)) = self.types.c_record(name) else {
                    continue;
                };
                self.pair_fields(fields, record, &text);
            }
            if self.types.pairs.len() == before {
                self.pair_by_use();
            }
            if self.types.pairs.len() == before {
                return;
            }
        }
    }

    /// `type Handle = *mut Opaque` where C has another tag than `Opaque`.
    fn pair_pointer(&mut self, name: &str, ty: &syn::Type) {
        let Some((_, c)) = self.header.typedefs.get(name) else {
            return;
        };
        let CKind::Pointer(inner) = &c.kind else {
            return;
        };
        let (Ok(Ty::Pointer { to, .. }), CKind::Record(key)) =
            (self.types.resolve(ty), &inner.kind)
        else {
            return;
        };
        let Ty::Named(to) = *to else {
            return;
        };
        let opaque = self
            .all
            .types
            .get(&to)
            .is_some_and(|item| self.types.is_opaque(&item.item));
        if opaque
            && self.header.record(&to).is_none()
            && !self.types.pairs.contains_key(&to)
        {
            let tag = key.rsplit(' ').next().unwrap_or(key);
            self.bound.insert(tag.to_owned());
            let pair = Pair {
                text: key.clone(),
                key: key.clone(),
            };
            self.types.pairs.insert(to, pair);
        }
    }

    fn pair_fields(&mut self, fields: &[Field], c: &CRecord, text: &str) {
        for field in fields {
            let Some(found) = c_field(c, &field.name) else {
                continue;
            };
            let mut ty = self.types.resolve(&field.ty);
            let mut kind = &found.ty.kind;
            let mut path = format!("(({text} *)0)->{}", found.decl.name);
            while let (Ok(Ty::Array(inner, _)), CKind::Array(of, _)) =
                (&ty, kind)
            {
                ty = Ok((**inner).clone());
                kind = &of.kind;
                path = format!("({path})[0]");
            }
            let (Ok(Ty::Named(name)), CKind::Record(key)) = (ty, kind) else {
                continue;
            };
            let unnamed = self
                .header
                .records
                .get(key)
                .is_some_and(|record| record.spelled.is_none());
            if unnamed
                && self.header.record(&name).is_none()
                && !self.types.pairs.contains_key(&name)
            {
                let pair = Pair {
                    text: format!("__typeof__({path})"),
                    key: key.clone(),
                };
                self.types.pairs.insert(name, pair);
            }
        }
    }

    pub(super) fn types(&mut self) {
        let all = self.all;
        for item in all.types.values() {
            if self.skips(Class::Types, &item.name) {
                continue;
            }
            match &item.item {
                TypeItem::Alias(ty) => {
                    self.alias(item, ty);
                    self.module_enumerators(item);
                }
                TypeItem::Struct(repr, fields) => {
                    let is_union = false;
                    self.record(Record {
                        item,
                        repr,
                        fields,
                        is_union,
                    });
                }
                TypeItem::Union(repr, fields) => {
                    let is_union = true;
                    self.record(Record {
                        item,
                        repr,
                        fields,
                        is_union,
                    });
                }
                TypeItem::Enum(repr, variants) => {
                    self.rust_enum(item, repr, variants);
                }
                TypeItem::Foreign => self.opaque(item),
            }
        }
    }

    fn alias(&mut self, item: &Declared<TypeItem>, ty: &syn::Type) {
        let header = self.header;
        let Some((decl, c)) = header.typedefs.get(&item.name) else {
            if let Some((_, c, text)) = header.enumeration(&item.name) {
                self.alias_enum(item, ty, c, &text);
            } else if header.record(&item.name).is_none()
                && item.public
                && !self.all.exports
            {
                self.alone(
                    &item.name,
                    item.origin.place(),
                    "a name of Rust's own for a type: it is compared \
                     wherever it is used",
                );
            }
            return;
        };
        self.bound.insert(item.name.clone());
        let subject = super::subject(item, Some(decl));
        let resolved = self.types.resolve(ty);
        if let (Ok(Ty::Void), Some((_, c, _))) =
            (&resolved, header.record(&item.name))
        {
            if !c.complete {
                self.count("opaque types");
                return;
            }
        }
        // A typedef of a function is none of a pointer to one.
        let text = |types: &Types<'_>, ty: &Ty| {
            let text = match (ty, &c.kind) {
                (Ty::Function(function, _), CKind::Function(c)) => {
                    let text = types.function_text(function, Some(c))?;
                    format!("*({text})0")
                }
                // `const` is no part of a value's type in Rust.
                _ if types.closeness.get() == Closeness::Binary => {
                    super::c_text_like(types, ty, c)?
                }
                _ => types.c_text(ty, Some(c))?,
            };
            Ok(Self::same(&item.name, &text))
        };
        match resolved.and_then(|ty| text(&self.types, &ty).map(|_| ty)) {
            Ok(known) => {
                self.nullable(&known, &subject, true);
                let shown = written(ty);
                let differs =
                    self.types.differ(&known, &shown, c, Position::Memory);
                let (what, so) = differs.map_or(
                    (
                        format!("{shown} in Rust, {} in C", c.spelled),
                        "wherever the name is used, the two disagree".into(),
                    ),
                    |found| (found.what, found.so),
                );
                let finding = subject.finding(Kind::Type, what, so);
                let asked = self.ask_type(|types| text(types, &known), finding);
                match asked {
                    Ok(()) => self.count("type aliases"),
                    Err(why) => {
                        self.unchecked(&item.name, item.origin.place(), &why);
                    }
                }
            }
            Err(why) => self.unchecked(&item.name, item.origin.place(), &why),
        }
    }

    pub(super) fn opaque(&mut self, item: &Declared<TypeItem>) {
        let header = self.header;
        self.bound.insert(item.name.clone());
        let known = header.record(&item.name);
        match known {
            Some((_, record, _)) if record.complete => {
                self.alone(
                    &item.name,
                    item.origin.place(),
                    "opaque in Rust, and not in the header: nothing in it \
                     is compared",
                );
            }
            Some(_) => self.count("opaque types"),
            None if item.public && item.name != "__va_list_tag" => {
                self.alone(
                    &item.name,
                    item.origin.place(),
                    "an opaque type of Rust's own: pointers to it are \
                     compared where they are used",
                );
            }
            None => {}
        }
    }

    fn record(&mut self, record: Record<'_>) {
        let Record {
            item, repr, fields, ..
        } = record;
        let header = self.header;
        if repr.transparent {
            if let Some((_, c, text)) = header.enumeration(&item.name) {
                self.newtype_enum(item, fields, c, &text);
                return;
            }
        } else if header.enumeration(&item.name).is_some() {
            let decl = header.enumeration(&item.name).map(|(_, c, _)| &c.decl);
            let subject = super::subject(item, decl);
            self.bound.insert(item.name.clone());
            self.drift(subject.finding(
                Kind::Layout,
                "an integer in a struct without repr(transparent)",
                "a struct need not travel as the integer in it does",
            ));
            if let Some((_, c, text)) = header.enumeration(&item.name) {
                self.newtype_enum(item, fields, c, &text);
            }
            return;
        }
        let Some((c, text)) = self.types.c_record(&item.name) else {
            self.stray(record);
            return;
        };
        let c = c.clone();
        self.bound.insert(item.name.clone());
        let subject = super::subject(item, Some(&c.decl));
        if self.all.exports && !c.complete {
            // C has its address alone: what is in it is Rust's business.
            self.count("opaque types");
            return;
        }
        if !repr.c && !repr.transparent {
            self.count(if c.is_union { "unions" } else { "structs" });
            self.drift(subject.finding(
                Kind::Layout,
                "no repr(C)",
                "Rust orders and pads the fields as it likes, differently \
                 with each compiler",
            ));
            self.field_names(record, &c, &[]);
            return;
        }
        if self.types.is_opaque(&item.item) {
            self.opaque(item);
            return;
        }
        if self.blob(record, &c, &text) || self.newtype(record, &c) {
            return;
        }
        if record.is_union != c.is_union {
            self.count(if c.is_union { "unions" } else { "structs" });
            let (here, there) = if c.is_union {
                ("struct", "union")
            } else {
                ("union", "struct")
            };
            let finding = subject.finding(
                Kind::Layout,
                format!("a {here} in Rust, a {there} in C"),
                "fields lie over each other on one side and one after the \
                 other on the other",
            );
            self.one_member(record, &text, finding);
            self.field_names(record, &c, &[]);
            return;
        }
        if !c.complete {
            self.count("opaque types");
            self.drift(subject.finding(
                Kind::Layout,
                "fields in Rust, none in the header",
                "the library may change what is in it at any time",
            ));
            return;
        }
        self.count(if c.is_union { "unions" } else { "structs" });
        self.layout(record, &c, &text);
    }

    /// A type that the header does not have.
    fn stray(&mut self, record: Record<'_>) {
        let Record { item, repr, .. } = record;
        if !self.all.exports && self.loaded(record) {
            return;
        }
        // What libclang's va_list is made of on some targets.
        let helper = item.name == "__va_list_tag";
        if self.all.exports && !(repr.c && item.public) {
            return; // Rust's own
        }
        if self.types.is_opaque(&item.item) {
            self.opaque(item);
        } else if let Some((decl, c)) = self.header.typedefs.get(&item.name) {
            // A newtype over what C has a name for.
            self.bound.insert(item.name.clone());
            let subject = super::subject(item, Some(decl));
            let place = item.origin.place();
            let fields = self.types.real_fields(record.fields);
            if let [(_, Ok(ty))] = fields.as_slice() {
                match self.types.c_text(ty, Some(c)) {
                    Ok(text) => {
                        self.count("type aliases");
                        let finding = subject.finding(
                            Kind::Type,
                            format!("what it holds is no {}", c.spelled),
                            "wherever the name is used, the two disagree",
                        );
                        self.ask(Self::same(&item.name, &text), finding);
                    }
                    Err(why) => self.unchecked(&item.name, place, &why),
                }
            } else {
                self.unchecked(&item.name, place, "not one field");
            }
        } else if repr.c && item.public && !helper && !self.is_part(&item.name)
        {
            let subject = super::subject(item, None);
            self.letter(subject.finding(
                Kind::Extra,
                "the header has no type of this name",
                "its layout can be compared with nothing",
            ));
        } else if !self.is_part(&item.name) {
            let why = if helper {
                "the ABI's, and in no header: pointers to it are compared"
            } else {
                "a type of Rust's own: the header has none of this name"
            };
            self.alone(&item.name, item.origin.place(), why);
        }
    }

    /// Functions that are looked up while the program runs: each is a field
    /// of a struct. Whether it is such a struct.
    fn loaded(&mut self, record: Record<'_>) -> bool {
        let header = self.header;
        let mut any = false;
        for field in record.fields {
            let Ok(Ty::Function(function, _)) = self.types.resolve(&field.ty)
            else {
                continue;
            };
            let found = header.functions.get(&field.name);
            // A field `sync` is no function of unistd.h.
            let Some(c) = found.filter(|c| c.decl.own) else {
                continue;
            };
            any = true;
            self.bound.insert(field.name.clone());
            let subject = Subject {
                item: field.name.clone(),
                rust: Some(field_side(field)),
                c: Some(c_side(&c.decl)),
            };
            let ty = Ty::Function(function, true);
            self.function_pointer(&ty, c, &subject, field);
        }
        any
    }

    fn function_pointer(
        &mut self,
        ty: &Ty,
        c: &CFunction,
        subject: &Subject,
        field: &Field,
    ) {
        self.nullable(ty, subject, true);
        let pointer = CType {
            kind: CKind::Pointer(Box::new(CType {
                kind: CKind::Function(Box::new(c.ty.clone())),
                is_const: false,
                is_volatile: false,
                spelled: String::new(),
                size: None,
            })),
            is_const: false,
            is_volatile: false,
            spelled: format!("the function {}", c.decl.name),
            size: None,
        };
        let shown = written(&field.ty);
        let differs = self.types.differ(ty, &shown, &pointer, Position::Memory);
        let (what, so) = differs.map_or(
            (
                "the compiler says that the types differ".to_owned(),
                "caller and function disagree on what is passed".to_owned(),
            ),
            |found| (found.what, found.so),
        );
        let finding = subject.clone().finding(Kind::Signature, what, so);
        let name = &c.decl.name;
        let asked = self.ask_type(
            |types| {
                let text = types.c_text(ty, Some(&pointer))?;
                Ok(Self::same(&format!("&({name})"), &text))
            },
            finding,
        );
        match asked {
            Ok(()) => self.count("functions that are looked up by name"),
            Err(why) => {
                let place = field.origin.place();
                self.unchecked(&subject.item, place, &why);
            }
        }
    }

    /// Whether a type is that of a field whose fields are the outer struct's
    /// in C.
    fn is_part(&self, name: &str) -> bool {
        self.all.types.values().any(|item| match &item.item {
            TypeItem::Struct(_, fields) | TypeItem::Union(_, fields) => {
                // few have one: it is asked first
                self.types
                    .c_record(&item.name)
                    .is_some_and(|(c, _)| !c.anonymous.is_empty())
                    && fields.iter().any(|field| {
                        self.types.resolve(&field.ty)
                            == Ok(Ty::Named(name.to_owned()))
                    })
            }
            _ => false,
        })
    }

    /// A field of C's that Rust has none for: by the letter if it needs no
    /// name.
    fn lacks(&mut self, subject: Subject, nameless: bool, so: &str) {
        let what = "a field that Rust lacks";
        if nameless {
            let so = "it cannot be reached from Rust by a name";
            self.letter(subject.finding(Kind::Missing, what, so));
        } else {
            self.drift(subject.finding(Kind::Missing, what, so));
        }
    }

    /// Names that are on one side only, and no field of the other lies there.
    fn field_names(
        &mut self,
        record: Record<'_>,
        c: &CRecord,
        same: &[Same<'_>],
    ) {
        let runs = bit_runs(c);
        let carriers: Vec<&Field> = record
            .fields
            .iter()
            .filter(|field| runs > 0 && self.carries_bits(field, c))
            .filter(|field| !is_padding(field))
            .collect();
        // More integers than C has runs of bitfields: which is it?
        let bits = runs > 0 && carriers.len() <= runs;
        let all_named = c.fields.iter().all(|found| {
            found.bits.is_none() || has_name(record.fields, c, found)
        });
        if carriers.is_empty() && runs > 0 && !all_named {
            let subject = super::subject(record.item, Some(&c.decl));
            self.drift(subject.finding(
                Kind::Missing,
                "no field where C has bitfields",
                "what comes after them is read in their place",
            ));
        }
        let placed = self.placed(record, c, "", "", None);
        let lacking = self.lacking(record, c);
        for field in &c.fields {
            let name = &field.decl.name;
            let here = placed.iter().any(|placed| {
                c_field(c, &placed.field.name)
                    .is_some_and(|found| found.decl.name == *name)
            });
            if same.iter().any(|same| same.c_name == *name) {
                continue;
            }
            if let (false, Some(renamed)) = (here, renamed(record, c, field)) {
                let subject = Subject {
                    item: format!("{}.{}", record.item.name, renamed.name),
                    rust: Some(field_side(renamed)),
                    c: Some(c_side(&field.decl)),
                };
                self.note(subject.finding(
                    Kind::Missing,
                    format!("a private field, which C calls {name}"),
                    "nobody can set it from Rust",
                ));
            } else if !here && field.bits.is_none() {
                let subject = Subject {
                    item: format!("{}.{name}", record.item.name),
                    rust: Some(rust_side(record.item, None)),
                    c: Some(c_side(&field.decl)),
                };
                let named = |other: &CField| {
                    placed.iter().any(|placed| {
                        c_field(c, &placed.field.name).is_some_and(|found| {
                            found.decl.name == other.decl.name
                        })
                    })
                };
                let nameless = Self::needs_no_name(record, c, field, named)
                    || self.is_filled(record, field, same);
                self.lacks(subject, nameless, &lacking);
            }
        }
        for placed in &placed {
            let field = placed.field;
            if c_field(c, &field.name).is_some()
                || same.iter().any(|same| same.field.name == field.name)
                || (bits && self.carries_bits(field, c))
                || is_padding(field)
                || c.fields.iter().any(|other| {
                    renamed(record, c, other)
                        .is_some_and(|found| found.name == field.name)
                })
            {
                continue;
            }
            let subject = Subject {
                item: format!("{}.{}", record.item.name, field.name),
                rust: Some(field_side(field)),
                c: Some(c_side(&c.decl)),
            };
            let finding = subject.finding(
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
            let inner = match &ty {
                Ok(Ty::Named(name)) if c_field(c, &field.name).is_none() => {
                    self.all.types.get(name)
                }
                _ => None,
            };
            if let (Some(inner), false) = (inner, c.anonymous.is_empty()) {
                let (fields, is_union) = match &inner.item {
                    TypeItem::Struct(_, fields) => (fields, false),
                    TypeItem::Union(_, fields) => (fields, true),
                    _ => continue,
                };
                let text = ty
                    .as_ref()
                    .ok()
                    .and_then(|ty| self.types.c_text(ty, None).ok())
                    .unwrap_or_default();
                let part = Record {
                    item: inner,
                    fields,
                    is_union,
                    ..record
                };
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

    fn layout(&mut self, record: Record<'_>, c: &CRecord, text: &str) {
        let Record {
            item,
            repr,
            fields,
            is_union,
        } = record;
        let same = self.same_places(record, c);
        self.field_names(record, c, &same);
        let hints: Vec<Option<&CType>> = self
            .types
            .real_fields(fields)
            .iter()
            .map(|(field, _)| c_field(c, &field.name).map(|found| &found.ty))
            .collect();
        let mirror = self.types.mirror(repr, fields, is_union, &hints);
        let mirror = match mirror {
            Ok(mirror) => mirror,
            Err(why) => {
                let place = item.origin.place();
                self.unchecked(
                    &item.name,
                    place,
                    &format!("its layout: {why}"),
                );
                return;
            }
        };
        let layout = self.types.layout(repr, fields, is_union);
        let sizes = layout.as_ref().map(|(size, _)| *size);
        self.sizes(item, c, text, &mirror, sizes);
        let offsets = layout.as_ref().map(|(_, offsets)| offsets.as_slice());
        for placed in self.placed(record, c, &mirror, "", offsets) {
            let found = c_field(c, &placed.field.name).or_else(|| {
                c.fields.iter().find(|field| {
                    renamed(record, c, field)
                        .is_some_and(|f| f.name == placed.field.name)
                })
            });
            let Some(found) = found else {
                continue;
            };
            self.field(record, &placed, found, text);
        }
        for field in c
            .fields
            .iter()
            .filter(|field| field.bits.is_some() && !has_name(fields, c, field))
        {
            self.bitfield(record, field, text, &mirror, c);
        }
        self.renamed(record, c, text, &mirror, &same);
    }

    pub(super) fn sizes(
        &mut self,
        item: &Declared<TypeItem>,
        c: &CRecord,
        text: &str,
        mirror: &str,
        sizes: Option<(u64, u64)>,
    ) {
        let subject = super::subject(item, Some(&c.decl));
        let bytes = |bytes: Option<u64>| {
            bytes.map_or("other".to_owned(), |bytes| bytes.to_string())
        };
        let (here, align) = (sizes.map(|(size, _)| size), sizes.map(|s| s.1));
        let so = match (here, c.size) {
            (Some(here), Some(there)) => memory(here < there),
            _ => "one side reads and writes beyond the end of the other's",
        };
        let finding = subject.clone().finding(
            Kind::Layout,
            format!("{} bytes in Rust, {} in C", bytes(here), bytes(c.size)),
            so,
        );
        self.ask(format!("sizeof({text}) == sizeof({mirror})"), finding);
        let so = match (align, c.align) {
            (Some(here), Some(there)) if here > there => {
                "C may lay it where Rust must not read it"
            }
            _ => "fields of its type, and its copies, may lie elsewhere",
        };
        let finding = subject.finding(
            Kind::Layout,
            format!(
                "aligned to {} bytes in Rust, to {} in C",
                bytes(align),
                bytes(c.align)
            ),
            so,
        );
        self.ask(format!("_Alignof({text}) == _Alignof({mirror})"), finding);
    }

    fn field(
        &mut self,
        record: Record<'_>,
        placed: &Placed<'_>,
        found: &CField,
        text: &str,
    ) {
        let (field, name) = (placed.field, &found.decl.name);
        let subject = Subject {
            item: format!("{}.{}", record.item.name, field.name),
            rust: Some(field_side(field)),
            c: Some(c_side(&found.decl)),
        };
        if found.bits.is_some() {
            self.count("fields");
            let finding = subject.finding(
                Kind::Bits,
                "a whole field in Rust, some bits in C",
                "what lies in the same bytes is overwritten",
            );
            let whole = finding.clone();
            if !self.whole_bitfield(record, field, found, text, whole) {
                self.drift(finding);
            }
            return;
        }
        let at = placed.at.map_or(String::new(), |at| format!(" (at {at})"));
        let there = found
            .offset
            .map_or(String::new(), |bits| format!(" (at {})", bits / 8));
        let finding = subject.clone().finding(
            Kind::Layout,
            format!("it lies elsewhere in Rust{at} than in C{there}"),
            "each side reads and writes another field in its place",
        );
        self.ask(
            format!("__builtin_offsetof({text}, {name}) == {}", placed.offset),
            finding,
        );
        let ty = match &placed.ty {
            Ok(ty) => ty,
            Err(why) => {
                let place = field.origin.place();
                self.unchecked(&subject.item, place, why);
                return;
            }
        };
        self.nullable(ty, &subject, false);
        let shown = written(&field.ty);
        let differs =
            self.types.differ(ty, &shown, &found.ty, Position::Memory);
        let (what, so) = differs.map_or(
            (
                format!("{shown} in Rust, {} in C", found.ty.spelled),
                "the two sides use different types".to_owned(),
            ),
            |found| (found.what, found.so),
        );
        let mut marked = subject.clone();
        marked.rust = Some(Side {
            place: field.origin.place(),
            text: field.origin.snippet(Some(&field.ty)),
        });
        let finding = marked.finding(Kind::Type, what, so);
        let flexible = matches!(found.ty.kind, CKind::Flexible(_));
        if flexible && !matches!(ty, Ty::Array(_, 0)) {
            self.count("fields");
            self.drift(finding);
            return;
        }
        if flexible {
            self.count("flexible arrays");
        }
        let place = format!("(({text} *)0)->{name}");
        let asked =
            self.ask_place(&place, (ty, !field.public), &found.ty, finding);
        match asked {
            Ok(()) => self.count("fields"),
            Err(why) => {
                let place = field.origin.place();
                self.unchecked(&subject.item, place, &why);
            }
        }
    }
}

fn field_side(field: &Field) -> Side {
    Side {
        place: field.origin.place(),
        text: field.origin.snippet(None),
    }
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
