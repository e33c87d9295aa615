// SPDX-License-Identifier: MIT OR Apache-2.0
//! Enums: integers with constants, in a struct, in a module or beside each
//! other, and Rust's own.
//!
//! Which enumerator a constant or a variant stands for, its name says, by one
//! rule for the enum; whether it is that one, its value.

use super::{Planner, Subject, c_side};
use crate::plan::differ::{ENUM_SIGN, short};
use crate::plan::enumerators::Names;
use crate::plan::types::Ty;
use crate::read::eval::Value;
use crate::read::header::{CEnum, CKind, CType};
use crate::read::items::{Constant, Declared, Field, Repr, TypeItem};
use crate::report::{Kind, Side};

type Variant = (Declared<()>, Option<syn::Expr>);

impl<'a> Planner<'a> {
    /// An integer under the name of an enum that has no typedef in C.
    pub(super) fn alias_enum(
        &mut self,
        item: &Declared<TypeItem>,
        ty: &syn::Type,
        c: &CEnum,
        text: &str,
    ) {
        self.bound.insert(item.name.clone());
        self.count("enums");
        let subject = super::subject(item, Some(&c.decl));
        match self.types.resolve(ty) {
            Ok(ty) => self.enum_type(&ty, &subject, text),
            Err(why) => self.unchecked(&item.name, item.origin.place(), &why),
        }
    }

    /// A C enum as an integer in a struct.
    pub(super) fn newtype_enum(
        &mut self,
        item: &Declared<TypeItem>,
        fields: &[Field],
        c: &CEnum,
        text: &str,
    ) {
        self.bound.insert(item.name.clone());
        self.count("enums");
        let subject = super::subject(item, Some(&c.decl));
        let fields = self.types.real_fields(fields);
        if let [(field, Ok(ty))] = fields.as_slice() {
            let mut subject = subject;
            subject.rust = Some(Side {
                place: item.origin.place(),
                text: field.origin.snippet(None),
            });
            self.enum_type(ty, &subject, text);
        } else {
            let place = item.origin.place();
            self.unchecked(&item.name, place, "an enum of not one integer");
        }
        self.enumerators(&item.name, c);
    }

    fn enum_type(&mut self, ty: &Ty, subject: &Subject, text: &str) {
        let place = subject.rust.as_ref().map(|side| side.place.clone());
        let shown = short(ty);
        let hint = self.types.enum_named(text);
        let negative = hint.as_ref().is_some_and(|ty| match &ty.kind {
            CKind::Enum(key) => self.header.enums[key].negative,
            _ => false,
        });
        let finding = subject.clone().finding(
            Kind::Type,
            format!("{shown} is not the integer that C stores it in"),
            match (negative, ty) {
                (false, Ty::Fixed(_, true) | Ty::C(_, true)) => ENUM_SIGN,
                (false, _) => "its width is another",
                (true, _) => {
                    "its sign or its width is another, and it has \
                              values below zero"
                }
            },
        );
        let asked = self.ask_type(
            |types| Ok(Self::same(text, &types.c_text(ty, hint.as_ref())?)),
            finding,
        );
        if let Err(why) = asked {
            self.unchecked(&subject.item, place.unwrap_or_default(), &why);
        }
    }

    fn enumerator_value(
        &mut self,
        name: &str,
        value: Result<Value, String>,
        subject: Subject,
    ) {
        match value {
            Ok(Value::Int(value, _)) => {
                self.count("enumerators");
                let mut what = self.values(value, name);
                if !subject.item.ends_with(name) {
                    what = format!("{what}, where it is {name}");
                }
                let finding = subject.finding(
                    Kind::Value,
                    what,
                    "the two sides use different values",
                );
                self.ask(Self::equal(name, value), finding);
            }
            other => {
                let why = other.err().unwrap_or("it is no integer".into());
                let place = subject.rust.map(|side| side.place);
                self.unchecked(name, place.unwrap_or_default(), &why);
            }
        }
    }

    /// The constants of the module that stands for an enum.
    pub(super) fn module_enumerators(&mut self, item: &Declared<TypeItem>) {
        let header = self.header;
        if let Some((_, c, _)) = header.enumeration(&item.name) {
            self.enumerators(&item.name, c);
            return;
        }
        // Whatever they are, they are constants.
        let all = self.all;
        let here = all.associated.iter().filter(|(of, _)| *of == item.name);
        for (_, constant) in here {
            self.constant(constant);
        }
    }

    /// The constants of the type `owner`, which is the enum `c`.
    fn enumerators(&mut self, owner: &str, c: &CEnum) {
        let constants = self.constants_of(owner);
        let names = constants.iter().map(|one| one.name.as_str());
        let names = self.c_names(owner, c, &names.collect::<Vec<_>>());
        for constant in constants {
            self.enumerator(constant, owner, c, &names);
        }
    }

    /// The constants of the type `owner` that have this type.
    fn constants_of(&self, owner: &str) -> Vec<&'a Declared<Constant>> {
        let all = self.all;
        let of_it = |ty: &syn::Type| {
            matches!(ty, syn::Type::Path(path) if path.path.is_ident("Self")
            || path.path.segments.last().is_some_and(|last| {
                all.names.ty(&last.ident.to_string()) == owner
            }))
        };
        let constants = all
            .associated
            .iter()
            .filter(|(of, one)| of == owner && of_it(&one.item.ty));
        constants.map(|(_, one)| one).collect()
    }

    /// `pub const B: Self = Self::A;` beside the variants of an enum: a second
    /// name for a value. Those that are no enumerator's are Rust's own.
    fn variant_constants(
        &mut self,
        item: &Declared<TypeItem>,
        variants: &[Variant],
        c: &CEnum,
    ) {
        let constants = self.constants_of(&item.name);
        let variants = variants.iter().map(|(one, _)| one.name.as_str());
        let rust = constants.iter().map(|one| one.name.as_str());
        let rust: Vec<&str> = variants.chain(rust).collect();
        let names = self.c_names(&item.name, c, &rust);
        for constant in constants {
            if names.find(&constant.name).is_some() {
                self.enumerator(constant, &item.name, c, &names);
            }
        }
    }

    /// The rule by which Rust calls the enumerators of `c`.
    fn c_names(&self, owner: &str, c: &CEnum, rust: &[&str]) -> Names {
        let said = rust.iter().filter_map(|name| {
            let c = self.all.rules.enumerator(owner, name)?;
            Some(((*name).to_owned(), c))
        });
        let said = said.collect();
        let of_c = c.constants.iter().map(|decl| decl.name.as_str());
        let of_c: Vec<&str> = of_c.collect();
        if self.all.exports {
            // cbindgen's rule has been applied.
            return Names::exact(&of_c, rust);
        }
        Names::new(owner, &of_c, rust, &said)
    }

    fn enumerator(
        &mut self,
        constant: &Declared<Constant>,
        owner: &str,
        c: &CEnum,
        names: &Names,
    ) {
        let decl = names.find(&constant.name).map(|at| &c.constants[at]);
        let mut subject = super::subject(constant, decl);
        let Some(decl) = decl else {
            subject.item = format!("{owner}::{}", constant.name);
            subject.c = Some(c_side(&c.decl));
            self.drift(subject.finding(
                Kind::Extra,
                "the enum has no such name",
                "C never returns it, and may not know what to do with it",
            ));
            return;
        };
        self.bound.insert(decl.name.clone());
        if decl.name != constant.name {
            subject.item = format!("{owner}::{}", constant.name);
        }
        let item = &constant.item;
        let value =
            self.types
                .eval
                .value(&item.value, Some(&item.ty), Some(owner));
        self.enumerator_value(&decl.name, value, subject);
    }

    /// A constant whose type or whose name says of which enum it is, where it
    /// is called otherwise in C. Whether it is one.
    pub(super) fn enum_constant(
        &mut self,
        constant: &Declared<Constant>,
    ) -> bool {
        let Some((owner, c)) = self.enum_of(constant) else {
            return false;
        };
        let all = self.all.constants.values();
        let rust = all.filter(|one| {
            self.enum_of(one).is_some_and(|(other, _)| other == owner)
        });
        let rust: Vec<&str> = rust.map(|one| one.name.as_str()).collect();
        let names = self.c_names(&owner, c, &rust);
        let Some(at) = names.find(&constant.name) else {
            return false;
        };
        let decl = &c.constants[at];
        self.bound.insert(decl.name.clone());
        let subject = super::subject(constant, Some(decl));
        let item = &constant.item;
        let value = self.types.eval.value(&item.value, Some(&item.ty), None);
        self.enumerator_value(&decl.name, value, subject);
        true
    }

    /// The enum that a constant is of, by its type or by what its name begins
    /// with.
    fn enum_of(
        &self,
        constant: &Declared<Constant>,
    ) -> Option<(String, &'a CEnum)> {
        let header = self.header;
        if let syn::Type::Path(path) = &constant.item.ty {
            let last = path.path.segments.last()?.ident.to_string();
            let name = self.all.names.ty(&last);
            if let Some((_, c, _)) = header.enumeration(name) {
                return Some((name.to_owned(), c));
            }
        }
        // bindgen's `ENUM_ENUMERATOR`
        let name = &constant.name;
        let ends = name.match_indices('_').map(|(at, _)| at);
        ends.rev().find_map(|at| {
            let (_, c, _) = header.enumeration(&name[..at])?;
            let rest = &name[at + 1..];
            let known = c.constants.iter().any(|decl| decl.name == rest);
            known.then(|| (name[..at].to_owned(), c))
        })
    }

    /// A Rust enum.
    pub(super) fn rust_enum(
        &mut self,
        item: &Declared<TypeItem>,
        repr: &Repr,
        variants: &[Variant],
    ) {
        if variants.is_empty() {
            self.opaque(item);
            return;
        }
        let header = self.header;
        let Some((key, c, text)) = header.enumeration(&item.name) else {
            self.enum_alone(item, repr);
            return;
        };
        self.bound.insert(item.name.clone());
        self.count("enums");
        let subject = super::subject(item, Some(&c.decl));
        self.enum_repr(repr, &subject, &text);
        // Of what Rust exports, each parameter is looked at.
        if !self.all.exports {
            self.note(subject.finding(
                Kind::Type,
                "a Rust enum",
                "undefined behaviour if C ever gives a value that has no name",
            ));
        }
        let values = self.variants(item, variants, c);
        self.variant_constants(item, variants, c);
        if !self.all.exports {
            self.lacking_variants(item, &values, key, c);
        }
    }

    fn enum_repr(&mut self, repr: &Repr, subject: &Subject, text: &str) {
        if let Some(int) = &repr.int {
            let ty = syn::parse_str(int).ok();
            let ty = ty.and_then(|ty: syn::Type| self.types.resolve(&ty).ok());
            if let Some(ty) = ty {
                self.enum_type(&ty, subject, text);
            }
        } else if !repr.c {
            self.drift(subject.clone().finding(
                Kind::Layout,
                "a Rust enum without repr(C)",
                "Rust gives it as many bytes as it likes, one as a rule",
            ));
        }
    }

    /// A Rust enum that the header does not have.
    fn enum_alone(&mut self, item: &Declared<TypeItem>, repr: &Repr) {
        if self.all.exports {
            if item.public && (repr.c || repr.int.is_some()) {
                let subject = super::subject(item, None);
                self.drift(subject.finding(
                    Kind::Extra,
                    "the header has no enum of this name",
                    "its values can be compared with nothing",
                ));
            }
        } else if item.public {
            self.alone(
                &item.name,
                item.origin.place(),
                "a Rust enum: the header has no enum of this name",
            );
        }
    }

    /// Each variant with its enumerator. The values of all, where they are
    /// known.
    fn variants(
        &mut self,
        item: &Declared<TypeItem>,
        variants: &[Variant],
        c: &CEnum,
    ) -> Vec<Option<i128>> {
        let rust = variants.iter().map(|(one, _)| one.name.as_str());
        let names = self.c_names(&item.name, c, &rust.collect::<Vec<_>>());
        let mut values = vec![];
        let mut next = Some(0);
        for (variant, value) in variants {
            let value = match (value, next) {
                (Some(value), _) => self.types.eval.value(value, None, None),
                (None, Some(next)) => Ok(Value::Int(next, None)),
                (None, None) => Err("one more than an unknown value".into()),
            };
            let known = match &value {
                Ok(Value::Int(value, _)) => Some(*value),
                _ => None,
            };
            values.push(known);
            next = known.map(|value| value.wrapping_add(1));
            let decl = names.find(&variant.name).map(|at| &c.constants[at]);
            let Some(decl) = decl else {
                self.strange_variant(item, variant, known, c);
                continue;
            };
            self.bound.insert(decl.name.clone());
            let mut subject = super::subject(variant, Some(decl));
            if decl.name != variant.name {
                subject.item = format!("{}::{}", item.name, variant.name);
            }
            self.enumerator_value(&decl.name, value, subject);
        }
        values
    }

    /// A variant whose name is none of C's.
    fn strange_variant(
        &mut self,
        item: &Declared<TypeItem>,
        variant: &Declared<()>,
        value: Option<i128>,
        c: &CEnum,
    ) {
        let mut subject = super::subject(variant, Some(&c.decl));
        if self.all.exports {
            self.drift(subject.finding(
                Kind::Extra,
                "the C enum has no such name",
                "C meets a value that it has no name for",
            ));
            return;
        }
        subject.item = format!("{}::{}", item.name, variant.name);
        let Some(value) = value else {
            let place = variant.origin.place();
            let why = "the C enum has no such name, and its value is not known";
            self.unchecked(&subject.item, place, why);
            return;
        };
        let named = c.values.iter().position(|known| *known == value);
        if let Some(at) = named {
            let why = format!(
                "the C enum has no such name; its value is that of {}, which \
                 [rename.enumerators] in drift.toml can say",
                c.constants[at].name
            );
            self.unchecked(&subject.item, variant.origin.place(), &why);
            return;
        }
        self.drift(subject.finding(
            Kind::Extra,
            format!("the C enum has no such name, and no value {value}"),
            "C may not know what to do with it",
        ));
    }

    /// Enumerators that no variant stands for.
    fn lacking_variants(
        &mut self,
        item: &Declared<TypeItem>,
        values: &[Option<i128>],
        key: &str,
        c: &CEnum,
    ) {
        // What is not known may be any of them.
        if values.contains(&None) {
            return;
        }
        let gives = self.gives(key);
        for (decl, value) in c.constants.iter().zip(&c.values) {
            if !self.bound.insert(decl.name.clone()) {
                continue;
            }
            let subject = Subject {
                item: decl.name.clone(),
                rust: Some(super::rust_side(item, None)),
                c: Some(c_side(decl)),
            };
            if values.contains(&Some(*value)) {
                self.note(subject.finding(
                    Kind::Missing,
                    format!("Rust has its value {value} under another name"),
                    "none: it is the same value",
                ));
                continue;
            }
            let what =
                format!("the Rust enum has no variant of the value {value}");
            if gives {
                let so = "C may give it to Rust: undefined behaviour there";
                self.drift(subject.finding(Kind::Missing, what, so));
            } else {
                let so = "nobody can pass it, and C never gives it to Rust";
                self.letter(subject.finding(Kind::Missing, what, so));
            }
        }
    }

    /// Whether C gives values of the enum `key` to Rust: as a result, in
    /// memory, or to a callback.
    fn gives(&self, key: &str) -> bool {
        let header = self.header;
        let mut functions = header.functions.values();
        let mut variables = header.variables.values();
        let mut records = header.records.values();
        functions.any(|function| {
            let ty = &function.ty;
            holds(&ty.result, key)
                || ty.params.iter().any(|param| written_to(param, key))
        }) || variables.any(|variable| holds(&variable.ty, key))
            || records.any(|record| {
                record.fields.iter().any(|field| holds(&field.ty, key))
            })
    }

    /// Whether constants are all that Rust has for the enum `key`: no type of
    /// its own says that all values are there.
    pub(super) fn as_constants(&self, key: &str, c: &CEnum) -> bool {
        let typed = self.names_of(key).any(|name| {
            let item = self.all.types.get(name).map(|item| &item.item);
            matches!(item, Some(TypeItem::Struct(..) | TypeItem::Enum(..)))
        });
        let mut names = c.constants.iter().map(|decl| &decl.name);
        !self.all.exports
            && !typed
            && (names.any(|name| self.bound.contains(name))
                || self.names_of(key).any(|name| self.bound.contains(name)))
    }

    /// What C calls the record or enum that libclang calls `key`: by its tag or
    /// by a typedef.
    pub(super) fn names_of<'k>(
        &self,
        key: &'k str,
    ) -> impl Iterator<Item = &'k str> + use<'k, 'a>
    where
        'a: 'k,
    {
        let tag = key.rsplit(' ').next().unwrap_or(key);
        let typedefs = self.header.typedefs.iter();
        let names = typedefs.filter(move |(_, (_, ty))| {
            matches!(&ty.kind, CKind::Record(of) | CKind::Enum(of)
                if of == key)
        });
        names.map(|(name, _)| name.as_str()).chain([tag])
    }
}

/// Whether a value of type `ty` leads to one of the enum `key`.
fn holds(ty: &CType, key: &str) -> bool {
    match &ty.kind {
        CKind::Enum(of) => of == key,
        CKind::Pointer(inner)
        | CKind::Array(inner, _)
        | CKind::Flexible(inner) => holds(inner, key),
        // C calls it.
        CKind::Function(function) => {
            function.params.iter().any(|param| holds(param, key))
                || written_to(&function.result, key)
        }
        _ => false,
    }
}

/// Whether who gets a `ty` can write a value of the enum `key` there.
fn written_to(ty: &CType, key: &str) -> bool {
    match &ty.kind {
        CKind::Pointer(inner) | CKind::Array(inner, _) => {
            let function = matches!(inner.kind, CKind::Function(_));
            let enumeration = matches!(inner.kind, CKind::Enum(_));
            (function || !enumeration || !inner.is_const) && holds(inner, key)
        }
        _ => false,
    }
}
