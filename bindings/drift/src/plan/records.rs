// SPDX-License-Identifier: MIT OR Apache-2.0
//! Structs, unions, enums and other types.

use super::fields::{c_field, field_side};
use super::{Planner, Subject, c_side, written};
use crate::plan::differ::{Difference, Position};
use crate::plan::texts::is_va_tag_of_c;
use crate::plan::types::{Closeness, FunctionType, Pair, Ty, Types};
use crate::read::header::{CFunction, CKind, CRecord, CType};
use crate::read::items::{Declared, Field, Repr, TypeItem};
use crate::read::lookup::type_arguments;
use crate::read::rules::Class;
use crate::report::Kind;

/// A Rust struct or union.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub item: &'a Declared<TypeItem>,
    pub repr: &'a Repr,
    pub fields: &'a [Field],
    pub is_union: bool,
}

/// A struct or union that both sides have.
#[derive(Clone, Copy)]
pub(super) struct Both<'a> {
    pub record: Record<'a>,
    pub c: &'a CRecord,
    /// How C calls its own.
    pub text: &'a str,
    /// How C calls the mirror of Rust's.
    pub mirror: &'a str,
}

impl Both<'_> {
    /// How C says the field, or the part of one, that it has at `path`.
    pub fn place(&self, path: &str) -> String {
        format!("(({} *)0)->{path}", self.text)
    }

    /// C that tells whether all bits of C's field `name` are those that `set`
    /// sets in `r`, the mirror.
    pub fn same_bits(&self, name: &str, set: &str) -> String {
        let Self { text, mirror, .. } = self;
        format!(
            "{text} c; {mirror} r; if (sizeof c != sizeof r) return 0; \
             __builtin_memset(&c, 0, sizeof c); \
             __builtin_memset(&r, 0, sizeof r); c.{name} = -1; {set} \
             return __builtin_memcmp(&c, &r, sizeof c) == 0;"
        )
    }
}

impl Planner<'_> {
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
        let item = self.all.types.get(&to);
        if self.is_unnamed(key) {
            self.pair_record(to, key, format!("__typeof__(*({name})0)"));
        } else if item.is_some_and(|item| self.types.is_opaque(&item.item)) {
            self.pair_record(to, key, key.clone());
        }
    }

    /// Whether C has no name for the struct or union `key`.
    fn is_unnamed(&self, key: &str) -> bool {
        let record = self.header.records.get(key);
        record.is_some_and(|record| record.spelled.is_none())
    }

    /// Take the Rust type `name`, which the header does not have, for its
    /// struct or union `key`, which C writes as `text`.
    fn pair_record(&mut self, name: String, key: &str, text: String) {
        if self.header.record(&name).is_some()
            || self.types.pairs.contains_key(&name)
        {
            return;
        }
        if !self.is_unnamed(key) {
            let tag = key.rsplit(' ').next().unwrap_or(key);
            self.bound.insert(tag.to_owned());
        }
        let key = key.to_owned();
        self.types.pairs.insert(name, Pair { text, key });
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
            // A struct that is named inside another one has a longer name in
            // Rust.
            let tag = key.rsplit(' ').next().unwrap_or(key);
            if self.is_unnamed(key) {
                self.pair_record(name, key, format!("__typeof__({path})"));
            } else if name.ends_with(&format!("_{tag}"))
                && !self.all.types.contains_key(tag)
            {
                self.pair_record(name, key, key.clone());
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
            self.alias_without_typedef(item, ty);
            return;
        };
        self.bound.insert(item.name.clone());
        if item.name.starts_with("_Float") {
            let why = "a keyword of some compilers, and a typedef for others";
            self.alone(&item.name, item.origin.place(), why);
            return;
        }
        let record = header.record(&item.name);
        let opaque = record.is_some_and(|(_, c, _)| !c.complete);
        match self.types.resolve(ty) {
            Ok(Ty::Void) if opaque => self.count("opaque types"),
            Ok(Ty::Pointer { .. }) if is_va_array(c) => {
                self.count("type aliases");
                let finding = super::subject(item, Some(decl)).finding(
                    Kind::Type,
                    "an address in Rust, an array in C",
                    "none for a parameter: C passes the array's address",
                );
                self.note(finding);
            }
            Ok(here) => {
                let subject = super::subject(item, Some(decl));
                self.alias_of(item, ty, &here, c, subject);
            }
            Err(why) => {
                self.unchecked(&item.name, item.origin.place(), &why);
            }
        }
    }

    /// A name for the type `here`, which is `c` in C.
    fn alias_of(
        &mut self,
        item: &Declared<TypeItem>,
        ty: &syn::Type,
        here: &Ty,
        c: &CType,
        subject: Subject,
    ) {
        let text = |types: &Types<'_>| {
            let text = alias_text(types, here, c)?;
            Ok(Self::same(&item.name, &text))
        };
        if text(&self.types).is_ok() {
            self.nullable(here, &subject, true);
        }
        let shown = written(ty);
        let differs = self.types.differ(here, &shown, c, Position::Memory);
        let differs = differs.unwrap_or_else(|| {
            let what = format!("{shown} in Rust, {} in C", c.spelled);
            let so = "wherever the name is used, the two disagree";
            Difference::unknown(what, so)
        });
        let finding = subject.finding(Kind::Type, differs.what, differs.so);
        let place = item.origin.place();
        self.ask_counted("type aliases", place, text, finding);
    }

    /// A name for a type that is no typedef in the header.
    fn alias_without_typedef(
        &mut self,
        item: &Declared<TypeItem>,
        ty: &syn::Type,
    ) {
        let header = self.header;
        if let Some((_, c, text)) = header.enumeration(&item.name) {
            self.alias_enum(item, ty, c, &text);
        } else if header.record(&item.name).is_none()
            && item.public
            && !self.all.exports
        {
            let why = "a name of Rust's own for a type: it is compared \
                       wherever it is used";
            self.alone(&item.name, item.origin.place(), why);
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
        let Record { item, repr, .. } = record;
        if self.enum_in_struct(record) {
            return;
        }
        let Some((c, text)) = self.types.c_record(&item.name) else {
            self.stray(record);
            return;
        };
        self.bound.insert(item.name.clone());
        if self.all.exports && !c.complete {
            // C has its address alone: what is in it is Rust's business.
            self.count("opaque types");
        } else if !repr.c && !repr.transparent {
            self.count(if c.is_union { "unions" } else { "structs" });
            let subject = super::subject(item, Some(&c.decl));
            self.drift(subject.finding(
                Kind::Layout,
                "no repr(C)",
                "Rust orders and pads the fields as it likes, differently \
                 with each compiler",
            ));
            self.field_names(record, c, &[]);
        } else if self.types.is_opaque(&item.item) {
            self.opaque(item);
        } else if !self.blob(record, c, &text) && !self.newtype(record, c) {
            self.both_have_fields(record, c, &text);
        }
    }

    /// A struct or union with fields on both sides, unless one lacks them.
    fn both_have_fields(
        &mut self,
        record: Record<'_>,
        c: &CRecord,
        text: &str,
    ) {
        let subject = super::subject(record.item, Some(&c.decl));
        if record.is_union == c.is_union && !c.complete {
            self.count("opaque types");
            self.drift(subject.finding(
                Kind::Layout,
                "fields in Rust, none in the header",
                "the library may change what is in it at any time",
            ));
            return;
        }
        self.count(if c.is_union { "unions" } else { "structs" });
        if record.is_union == c.is_union {
            self.layout(record, c, text);
            return;
        }
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
        self.one_member(record, text, finding);
        self.field_names(record, c, &[]);
    }

    /// A struct around an integer where C has an enum. Whether it is one.
    fn enum_in_struct(&mut self, record: Record<'_>) -> bool {
        let Record { item, fields, .. } = record;
        let header = self.header;
        let Some((_, c, text)) = header.enumeration(&item.name) else {
            return false;
        };
        if !record.repr.transparent {
            let subject = super::subject(item, Some(&c.decl));
            self.bound.insert(item.name.clone());
            self.drift(subject.finding(
                Kind::Layout,
                "an integer in a struct without repr(transparent)",
                "a struct need not travel as the integer in it does",
            ));
        }
        self.newtype_enum(item, fields, c, &text);
        true
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
            let subject = super::subject(item, Some(decl));
            self.newtype_of(record, c, subject);
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

    /// A struct around what C has a name for.
    fn newtype_of(&mut self, record: Record<'_>, c: &CType, subject: Subject) {
        let item = record.item;
        self.bound.insert(item.name.clone());
        let place = item.origin.place();
        let fields = self.types.real_fields(record.fields);
        let [(_, Ok(ty))] = fields.as_slice() else {
            self.unchecked(&item.name, place, "not one field");
            return;
        };
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
    }

    /// Functions that are looked up while the program runs: each is a field
    /// of a struct. Whether it is such a struct.
    fn loaded(&mut self, record: Record<'_>) -> bool {
        let header = self.header;
        let mut any = false;
        for field in record.fields {
            let Some(function) = self.function_within(&field.ty) else {
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

    /// The function of a field: a pointer to it, or what holds one:
    /// `Symbol<'_, fn()>`, `Result<fn(), Error>`.
    fn function_within(&self, ty: &syn::Type) -> Option<Box<FunctionType>> {
        if let Ok(Ty::Function(function, _)) = self.types.resolve(ty) {
            return Some(function);
        }
        let syn::Type::Path(path) = ty else {
            return None;
        };
        let last = path.path.segments.last()?;
        self.function_within(type_arguments(&last.arguments).next()?)
    }

    fn function_pointer(
        &mut self,
        ty: &Ty,
        c: &CFunction,
        subject: &Subject,
        field: &Field,
    ) {
        self.nullable(ty, subject, true);
        let function = CKind::Function(Box::new(c.ty.clone()));
        let pointer = CType {
            spelled: format!("the function {}", c.decl.name),
            ..CType::of(CKind::Pointer(Box::new(CType::of(function))))
        };
        let shown = written(&field.ty);
        let differs = self.types.differ(ty, &shown, &pointer, Position::Memory);
        let differs = differs.unwrap_or_else(|| {
            let what = "the compiler says that the types differ".to_owned();
            let so = "caller and function disagree on what is passed";
            Difference::unknown(what, so)
        });
        let subject = subject.clone();
        let finding =
            subject.finding(Kind::Signature, differs.what, differs.so);
        let text = |types: &Types<'_>| {
            let text = types.c_text(ty, Some(&pointer))?;
            Ok(Self::same(&format!("&({})", c.decl.name), &text))
        };
        let what = "functions that are looked up by name";
        self.ask_counted(what, field.origin.place(), text, finding);
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
}

/// Whether `c` is a `va_list` that is an array, as on x86-64.
fn is_va_array(c: &CType) -> bool {
    matches!(&c.kind, CKind::Array(element, _) if is_va_tag_of_c(element))
}

/// How C writes `ty` where it has a typedef of `c`.
fn alias_text(types: &Types<'_>, ty: &Ty, c: &CType) -> Result<String, String> {
    match (ty, &c.kind) {
        // A typedef of a function is none of a pointer to one.
        (Ty::Function(function, _), CKind::Function(c)) => {
            let text = types.function_text(function, Some(c))?;
            Ok(format!("*({text})0"))
        }
        // `const` is no part of a value's type in Rust.
        _ if types.closeness.get() == Closeness::Binary => {
            super::c_text_like(types, ty, c)
        }
        _ => types.c_text(ty, Some(c)),
    }
}
