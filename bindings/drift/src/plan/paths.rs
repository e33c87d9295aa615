// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a path in a type leads to: a type of the crate, of one that it names,
//! or of the standard library.

use std::collections::HashMap;

use quote::ToTokens;
use syn::{PathArguments, Type};

use crate::plan::types::{Ty, Types, fixed_name, primitive, unknown};
use crate::read::items::TypeItem;
use crate::read::lookup::{Asked, Found, has_type, type_arguments};
use crate::read::rust::{given_to, replace};

type Result<T> = std::result::Result<T, String>;

/// C's names for those of `core::ffi` and the libc crate; but for `char`.
const PLATFORM: &[(&str, &str, bool)] = &[
    ("c_schar", "signed char", true),
    ("c_uchar", "unsigned char", false),
    ("c_short", "short", true),
    ("c_ushort", "unsigned short", false),
    ("c_int", "int", true),
    ("c_uint", "unsigned int", false),
    ("c_long", "long", true),
    ("c_ulong", "unsigned long", false),
    ("c_longlong", "long long", true),
    ("c_ulonglong", "unsigned long long", false),
];

/// Types of the libc crate, and where C has them.
const LIBC: &[(&str, &str, &str)] = &[
    ("FILE", "FILE", "stdio.h"),
    ("off_t", "off_t", "sys/types.h"),
    ("off64_t", "off64_t", "sys/types.h"),
    ("ssize_t", "ssize_t", "sys/types.h"),
    ("pid_t", "pid_t", "sys/types.h"),
    ("uid_t", "uid_t", "sys/types.h"),
    ("gid_t", "gid_t", "sys/types.h"),
    ("mode_t", "mode_t", "sys/types.h"),
    ("dev_t", "dev_t", "sys/types.h"),
    ("ino_t", "ino_t", "sys/types.h"),
    ("time_t", "time_t", "time.h"),
    ("clock_t", "clock_t", "time.h"),
    ("tm", "struct tm", "time.h"),
    ("timespec", "struct timespec", "time.h"),
    ("timeval", "struct timeval", "sys/time.h"),
    ("stat", "struct stat", "sys/stat.h"),
    ("sockaddr", "struct sockaddr", "sys/socket.h"),
    ("socklen_t", "socklen_t", "sys/socket.h"),
    ("iovec", "struct iovec", "sys/uio.h"),
    ("wchar_t", "wchar_t", "stddef.h"),
    ("ptrdiff_t", "ptrdiff_t", "stddef.h"),
    ("size_t", "size_t", "stddef.h"),
    ("intptr_t", "intptr_t", "stdint.h"),
    ("uintptr_t", "uintptr_t", "stdint.h"),
    ("intmax_t", "intmax_t", "stdint.h"),
    ("uintmax_t", "uintmax_t", "stdint.h"),
];

/// Types of `core::arch` that C has in `immintrin.h`, by the same name.
const VECTORS: &[&str] = &[
    "__m128", "__m128d", "__m128i", "__m256", "__m256d", "__m256i", "__m512",
    "__m512d", "__m512i",
];

impl Types<'_> {
    pub(crate) fn path(
        &self,
        ty: &Type,
        path: &syn::Path,
        depth: u32,
    ) -> Result<Ty> {
        let Some(last) = path.segments.last() else {
            return Err(unknown(ty, "no type"));
        };
        let names = self.all.path_of(path);
        let name = names.last().cloned().unwrap_or_default();
        if let PathArguments::AngleBracketed(given) = &last.arguments {
            if let Some(alias) = self.all.generic_aliases.get(&name) {
                let given = given_to(&alias.generics, given);
                let text = replace(alias.ty.to_token_stream(), &given);
                let wrong = |_| unknown(ty, "a generic type");
                let ty = syn::parse2(text).map_err(wrong)?;
                // One that leads to itself ends soon.
                return self.resolve_at(&ty, depth + 32);
            }
        }
        if let Some(argument) = type_arguments(&last.arguments).next() {
            return self.generic(ty, &name, argument, depth);
        }
        if name == "PhantomPinned" {
            return Ok(Ty::Nothing);
        }
        if name == "__va_list_tag" {
            return Ok(Ty::Named(name));
        }
        if let Some(name) = self.all.rules.foreign(&self.all.full(&names)) {
            return Ok(Ty::Named(name));
        }
        self.named(&names, false, depth)
    }

    /// The type that `path` names; if another crate asks, one that is public.
    fn named(&self, path: &[String], outside: bool, depth: u32) -> Result<Ty> {
        if depth > 128 {
            return Err("a type that never ends".to_owned());
        }
        if let [name] = path {
            let taken = has_type(self.all, name, outside)
                || self.all.imports.contains_key(name);
            if let (Some(known), false) = (primitive(name), taken) {
                return Ok(known);
            }
        }
        let has = &has_type;
        let mut all: Vec<Ty> = vec![];
        let mut wrong = None;
        for one in self.all.find(path, Asked { has, outside }) {
            match self.follow(one, path, depth) {
                Ok(ty) if !all.contains(&ty) => all.push(ty),
                Ok(_) => {}
                Err(why) => wrong = wrong.or(Some(why)),
            }
        }
        let whole = path.join("::");
        match (all.len(), path) {
            (1, _) => Ok(all.remove(0)),
            (0, [_]) => Err(wrong.unwrap_or(format!(
                "{whole} is not declared in these files, and no crate that \
                 is known has it"
            ))),
            (0, _) => {
                Err(wrong
                    .unwrap_or(format!("a type of another crate: {whole}")))
            }
            _ => Err(format!(
                "{whole} is one type in one module and another in another"
            )),
        }
    }

    fn follow(&self, found: Found, path: &[String], depth: u32) -> Result<Ty> {
        match found {
            Found::Here(name) => self.own(&name, depth),
            Found::There(root, rest) => {
                let read = self.other(&root);
                if root == "libc" && read.is_err() {
                    return self.standard(&[&[root][..], &rest].concat());
                }
                let ty = read?.named(&rest, true, depth + 1);
                ty.map(|ty| of_crate(ty, &root))
                    .map_err(|why| format!("of the crate {root}: {why}"))
            }
            Found::Std(whole) => self
                .standard(&whole)
                .map_err(|why| format!("{} is {why}", path.join("::"))),
        }
    }

    /// A type of this crate.
    fn own(&self, name: &str, depth: u32) -> Result<Ty> {
        let Some(item) = self.all.types.get(name) else {
            return Err(format!("{name} is not declared in these files"));
        };
        let TypeItem::Alias(ty) = &item.item else {
            return Ok(Ty::Named(name.to_owned()));
        };
        let ty = self.resolve_at(ty, depth + 1)?;
        // c_void in place of a type that the header does not tell more of than
        // its name.
        let opaque = self.header.record(name);
        let opaque = opaque.is_some_and(|(_, c, _)| !c.complete);
        Ok(match ty {
            Ty::Void if opaque => Ty::Named(name.to_owned()),
            other => other,
        })
    }

    /// A type of `core`, `std`, or of the libc crate where that is not read.
    fn standard(&self, whole: &[String]) -> Result<Ty> {
        let last = whole.last().map_or("", String::as_str);
        match last {
            "c_void" => return Ok(Ty::Void),
            "VaList" => return Ok(Ty::VaList),
            "c_char" => return Ok(Ty::C("char", self.machine.char_is_signed)),
            "c_float" => return Ok(Ty::Float(32)),
            "c_double" => return Ok(Ty::Float(64)),
            "RawFd" => return Ok(Ty::C("int", true)),
            _ => {}
        }
        if let Some(known) = PLATFORM.iter().find(|row| row.0 == last) {
            return Ok(Ty::C(known.1, known.2));
        }
        let number = nonzero(last).or_else(|| primitive(last));
        if let Some(known) = number.or_else(|| fixed_name(last)) {
            return Ok(known);
        }
        if let Some(known) = VECTORS.iter().find(|name| **name == last) {
            let include = "#include <immintrin.h>".to_owned();
            self.definitions.borrow_mut().insert((0, include));
            return Ok(Ty::Known(known));
        }
        if whole[0] == "libc" {
            if let Some(known) = LIBC.iter().find(|row| row.0 == last) {
                let include = format!("#include <{}>", known.2);
                self.definitions.borrow_mut().insert((0, include));
                self.assumed.borrow_mut().insert(last.to_owned());
                return Ok(Ty::Known(known.1));
            }
        }
        Err("a type of another crate, and not one that is known".to_owned())
    }

    /// A generic struct of the crate around its one field.
    pub(crate) fn transparent(
        &self,
        ty: &Type,
        name: &str,
        argument: &Type,
        depth: u32,
    ) -> Result<Ty> {
        let wrong = || unknown(ty, "a generic type");
        let found = self.all.generics.get(name).ok_or_else(wrong)?;
        let is_transparent = found.attrs.iter().any(|attribute| {
            let text = attribute.meta.to_token_stream().to_string();
            text.replace(' ', "") == "repr(transparent)"
        });
        let mut params = found.generics.type_params();
        let (Some(param), None) = (params.next(), params.next()) else {
            return Err(wrong());
        };
        let given = HashMap::from([(
            param.ident.to_string(),
            argument.to_token_stream(),
        )]);
        let mut real = vec![];
        for field in &found.fields {
            let text = replace(field.ty.to_token_stream(), &given);
            let ty: Type = syn::parse2(text).map_err(|_| wrong())?;
            match self.resolve_at(&ty, depth + 1)? {
                Ty::Nothing => {}
                other => real.push(other),
            }
        }
        match (is_transparent, real.len()) {
            (true, 1) => Ok(real.remove(0)),
            _ => Err(wrong()),
        }
    }
}

/// `NonZeroU32`: what it holds.
fn nonzero(name: &str) -> Option<Ty> {
    let inner = name.strip_prefix("NonZero")?;
    primitive(&inner.to_ascii_lowercase())
}

/// A type that was resolved in the crate `root`, as another one calls it.
fn of_crate(ty: Ty, root: &str) -> Ty {
    let of = |ty: Box<Ty>| Box::new(of_crate(*ty, root));
    match ty {
        Ty::Named(name) if name != "__va_list_tag" => {
            Ty::Named(format!("{root}::{name}"))
        }
        Ty::Pointer { mutable, to } => Ty::Pointer {
            mutable,
            to: of(to),
        },
        Ty::Array(element, len) => Ty::Array(of(element), len),
        Ty::Function(mut function, nullable) => {
            let params = std::mem::take(&mut function.params).into_iter();
            function.params =
                params.map(|param| of_crate(param, root)).collect();
            function.result = of_crate(function.result, root);
            Ty::Function(function, nullable)
        }
        other => other,
    }
}
