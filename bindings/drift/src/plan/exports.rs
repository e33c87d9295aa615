// SPDX-License-Identifier: MIT OR Apache-2.0
//! The other way round: what Rust defines for C. C calls it by the header, so
//! what crosses as an argument comes from C.

use syn::{FnArg, PathArguments, Type};

use super::{Planner, Subject, rust_side, written};
use crate::plan::types::{FunctionType, Ty};
use crate::read::items::{Declared, Function, Symbol, TypeItem};
use crate::report::Kind;

impl Planner<'_> {
    /// A function with a body.
    pub(super) fn exported(&mut self, function: &Declared<Function>) {
        let header = self.header;
        let symbol = match &function.item.symbol {
            Some(Symbol::Name(name)) => name,
            Some(Symbol::Unknown) => {
                let why = "its export_name is computed in a way that is not \
                           understood";
                self.unchecked(&function.name, function.origin.place(), why);
                return;
            }
            None => return self.not_exported(function),
        };
        let Some(c) = header.functions.get(symbol) else {
            let subject = super::subject(function, None);
            self.drift(subject.finding(
                Kind::Extra,
                format!("it is exported as {symbol}, which the header lacks"),
                "nobody can call it, but by a declaration of their own, which \
                 is compared with nothing",
            ));
            return;
        };
        self.bound.insert(symbol.clone());
        let subject = super::subject(function, Some(&c.decl));
        if c.inline {
            self.drift(subject.clone().finding(
                Kind::Symbol,
                "an inline function of the header, exported by Rust",
                "a program calls the header's, and never this one",
            ));
        }
        if !self.is_in_library(symbol) {
            self.drift(subject.finding(
                Kind::Symbol,
                format!("the library does not export {symbol}"),
                "a program that calls it does not link",
            ));
        }
        self.signature(function, c, "exported functions");
    }

    /// A function that Rust does not export: its own, unless the header has one
    /// of its name.
    fn not_exported(&mut self, function: &Declared<Function>) {
        let header = self.header;
        let Some(c) = header.functions.get(&function.name) else {
            return;
        };
        self.bound.insert(function.name.clone());
        let subject = super::subject(function, Some(&c.decl));
        self.drift(subject.finding(
            Kind::Symbol,
            "it is not exported: #[unsafe(no_mangle)] is missing",
            "a program that calls it does not link",
        ));
    }

    /// What C may pass, and Rust must not be given.
    pub(super) fn given(
        &mut self,
        function: &Declared<Function>,
        ty: &FunctionType,
        subject: &Subject,
    ) {
        let inputs = function.item.sig.inputs.iter().zip(&ty.params);
        for (input, ty) in inputs {
            let FnArg::Typed(input) = input else {
                continue;
            };
            let mut subject = subject.clone();
            subject.rust = Some(rust_side(function, Some(&input.ty)));
            let (name, shown) = (written(&input.pat), written(&input.ty));
            if self.is_never_null(&input.ty, 0) {
                self.drift(subject.clone().finding(
                    Kind::Nullable,
                    format!("parameter `{name}` is {shown}, without Option"),
                    "C may pass NULL, which it must never be: to have it is \
                     undefined behaviour",
                ));
            }
            self.no_enum(ty, &format!("parameter `{name}`"), &subject, 0);
        }
    }

    /// A type that has no room for NULL.
    fn is_never_null(&self, ty: &Type, depth: u32) -> bool {
        match ty {
            Type::Reference(_) => true,
            Type::Paren(inner) => self.is_never_null(&inner.elem, depth),
            Type::Path(path) => {
                let Some(last) = path.path.segments.last() else {
                    return false;
                };
                let name = last.ident.to_string();
                if matches!(last.arguments, PathArguments::AngleBracketed(_)) {
                    return matches!(name.as_str(), "Box" | "NonNull");
                }
                match self.all.types.get(&name).map(|item| &item.item) {
                    Some(TypeItem::Alias(ty)) if depth < 16 => {
                        self.is_never_null(ty, depth + 1)
                    }
                    _ => false,
                }
            }
            _ => false,
        }
    }

    /// No enum of Rust's is where C chooses the value: in what it passes, what
    /// lies at an address that Rust only reads, and what a callback returns.
    fn no_enum(&mut self, ty: &Ty, what: &str, subject: &Subject, depth: u32) {
        // It may point to its own kind, without end.
        if depth > 8 {
            return;
        }
        let depth = depth + 1;
        match ty {
            Ty::Named(name) => {
                match self.all.types.get(name).map(|item| &item.item) {
                    Some(TypeItem::Enum(_, variants))
                        if !variants.is_empty() =>
                    {
                        self.drift(subject.clone().finding(
                            Kind::Type,
                            format!("{what} is an enum of Rust's, {name}"),
                            "C may pass any number: one that has no name \
                             there is undefined behaviour",
                        ));
                    }
                    Some(TypeItem::Struct(repr, fields)) if repr.c => {
                        for (field, ty) in self.types.real_fields(fields) {
                            if let Ok(ty) = ty {
                                let what = format!("{what}: {}", field.name);
                                self.no_enum(&ty, &what, subject, depth);
                            }
                        }
                    }
                    _ => {}
                }
            }
            Ty::Pointer { mutable: false, to } | Ty::Array(to, _) => {
                self.no_enum(to, what, subject, depth);
            }
            Ty::Function(function, _) => {
                let what = format!("{what}: its result");
                self.no_enum(&function.result, &what, subject, depth);
            }
            _ => {}
        }
    }
}
