// SPDX-License-Identifier: MIT OR Apache-2.0
//! A type of Rust's as C has it: with as little changed as possible, or written
//! anew.

use quote::ToTokens;
use syn::{ReturnType, Type};

use super::scope::Scope;
use super::{Edits, Result};
use crate::plan::differ::Position;
use crate::plan::types::{Ty, Types};
use crate::read::header::{CFunctionType, CKind, CType, Convention};
use crate::read::items::TypeItem;
use crate::read::lookup::type_arguments;

/// Corrects the types of one item.
pub(super) struct Mender<'a, 't> {
    pub types: &'a Types<'t>,
    pub scope: Scope<'a>,
    pub edits: &'a mut Edits,
    /// Function pointers have to be able to be NULL.
    pub nullable: bool,
    /// Aliases that are corrected themselves.
    pub corrected: &'a [String],
}

impl Mender<'_, '_> {
    /// Correct `node`, which is `c` in C. `bare`: a function pointer may stand
    /// there without `Option`.
    pub fn ty(&mut self, node: &Type, c: &CType, bare: bool) -> Result<()> {
        match (node, &c.kind) {
            (Type::Paren(inner), _) => self.ty(&inner.elem, c, bare),
            (Type::Group(inner), _) => self.ty(&inner.elem, c, bare),
            (Type::Ptr(pointer), CKind::Pointer(inner))
                if !matches!(inner.kind, CKind::Function(_)) =>
            {
                self.pointer(pointer, inner)
            }
            (Type::Array(array), CKind::Array(inner, count)) => {
                self.length(array, *count)?;
                self.ty(&array.elem, inner, false)
            }
            (Type::Array(array), CKind::Flexible(inner)) => {
                self.length(array, 0)?;
                self.ty(&array.elem, inner, false)
            }
            (Type::BareFn(function), _) => {
                self.bare_fn(node, function, c, bare)
            }
            (Type::Path(path), _) => match option(path) {
                Some(inner) if function_of(c).is_some() => {
                    self.ty(inner, c, true)
                }
                _ => self.leaf(node, c),
            },
            _ => self.leaf(node, c),
        }
    }

    fn bare_fn(
        &mut self,
        node: &Type,
        function: &syn::TypeBareFn,
        c: &CType,
        bare: bool,
    ) -> Result<()> {
        let Some(inner) = function_of(c) else {
            return self.anew(node, c);
        };
        let at = self.scope.range(function)?;
        let wraps = self.nullable && !bare;
        if wraps {
            self.edits.add(at.start..at.start, "Option<");
        }
        self.function(function, inner)?;
        if wraps {
            self.edits.add(at.end..at.end, ">");
        }
        Ok(())
    }

    fn pointer(&mut self, node: &syn::TypePtr, inner: &CType) -> Result<()> {
        let whole = self.scope.range(node)?;
        let (word, now) = match (&node.const_token, &node.mutability) {
            (Some(word), _) => (word.span.byte_range(), false),
            (_, Some(word)) => (word.span.byte_range(), true),
            _ => return Err("a pointer without a word".to_owned()),
        };
        if now == inner.is_const {
            if !(whole.start <= word.start && word.end <= whole.end) {
                return Err(MACRO.to_owned());
            }
            self.edits.add(word, if now { "const" } else { "mut" });
        }
        self.ty(&node.elem, inner, false)
    }

    fn length(&mut self, node: &syn::TypeArray, count: u64) -> Result<()> {
        if self.types.eval.length(&node.len) == Ok(count) {
            return Ok(());
        }
        let at = self.scope.range(&node.len)?;
        self.edits.add(at, &count.to_string());
        Ok(())
    }

    fn function(
        &mut self,
        node: &syn::TypeBareFn,
        inner: &CFunctionType,
    ) -> Result<()> {
        if node.inputs.len() != inner.params.len()
            || node.variadic.is_some() != inner.variadic
        {
            let text = self.bare(inner)?;
            let at = self.scope.range(node)?;
            self.edits.replace(at, &text);
            return Ok(());
        }
        let inputs: Vec<(&Type, &syn::BareFnArg)> =
            node.inputs.iter().map(|one| (&one.ty, one)).collect();
        self.params(&inputs, &inner.params, false)?;
        let close = node.paren_token.span.close().byte_range();
        self.result(&node.output, close, &inner.result)
    }

    /// Correct what a function takes: the type of each, and the whole of each.
    pub fn params<T: ToTokens>(
        &mut self,
        inputs: &[(&Type, &T)],
        c: &[CType],
        bare: bool,
    ) -> Result<()> {
        let fits = |at: usize, to: usize| {
            let ty = self.types.resolve(inputs[at].0);
            ty.is_ok_and(|ty| {
                let c = &c[to];
                self.types.differ(&ty, "", c, Position::Param).is_none()
            })
        };
        let wrong: Vec<usize> =
            (0..inputs.len()).filter(|at| !fits(*at, *at)).collect();
        if let [a, b] = wrong[..] {
            if fits(a, b) && fits(b, a) {
                return self.swap(inputs[a].1, inputs[b].1);
            }
        }
        for ((ty, _), c) in inputs.iter().zip(c) {
            self.ty(ty, c, bare)?;
        }
        Ok(())
    }

    /// Let the two change places, names and all.
    fn swap(&mut self, a: &impl ToTokens, b: &impl ToTokens) -> Result<()> {
        let (from, to) = (self.scope.range(a)?, self.scope.range(b)?);
        let text = |at: &std::ops::Range<usize>| {
            self.scope.text()[at.clone()].to_owned()
        };
        let (first, second) = (text(&from), text(&to));
        self.edits.add(from, &second);
        self.edits.add(to, &first);
        Ok(())
    }

    /// Correct what a function gives; `close` is its last parenthesis.
    pub fn result(
        &mut self,
        output: &ReturnType,
        close: std::ops::Range<usize>,
        c: &CType,
    ) -> Result<()> {
        if self.scope.text().get(close.clone()) != Some(")") {
            return Err(MACRO.to_owned());
        }
        let void = matches!(c.kind, CKind::Void);
        match output {
            ReturnType::Default if void => Ok(()),
            ReturnType::Default => {
                let text = format!(" -> {}", self.write(c)?);
                self.edits.add(close.end..close.end, &text);
                Ok(())
            }
            ReturnType::Type(_, ty) if void => {
                if self.types.resolve(ty) != Ok(Ty::Void) {
                    let at = self.scope.range(output)?;
                    self.edits.add(close.end..at.end, "");
                }
                Ok(())
            }
            ReturnType::Type(_, ty) => self.ty(ty, c, false),
        }
    }

    /// A name, or anything that has no like in C.
    fn leaf(&mut self, node: &Type, c: &CType) -> Result<()> {
        if let Type::Path(path) = node {
            let last = path.path.segments.last();
            let name = last.map(|last| last.ident.to_string());
            let name = name.unwrap_or_default();
            let alias =
                self.types.all.types.get(&name).is_some_and(|item| {
                    matches!(item.item, TypeItem::Alias(_))
                });
            if alias && self.corrected.contains(&name) {
                return Ok(());
            }
        }
        let ty = self.types.resolve(node)?;
        let same = match self.types.differ(&ty, "", c, Position::Memory) {
            None => true,
            // What the pointee is, C does not say.
            Some(found) => found.letter && matches!(c.kind, CKind::Void),
        };
        if same { Ok(()) } else { self.anew(node, c) }
    }

    fn anew(&mut self, node: &Type, c: &CType) -> Result<()> {
        let at = self.scope.range(node)?;
        let text = self.write(c)?;
        self.edits.replace(at, &text);
        Ok(())
    }

    /// `c` in Rust.
    pub fn write(&self, c: &CType) -> Result<String> {
        if let Some(name) = self.named(c) {
            return Ok(name);
        }
        Ok(match &c.kind {
            CKind::Void => self.scope.platform("c_void"),
            CKind::Bool => "bool".to_owned(),
            CKind::Int(name, _) => self.integer(name)?,
            CKind::Float(name) => match name.as_str() {
                "float" => "f32".to_owned(),
                "double" => "f64".to_owned(),
                _ => return Err(format!("Rust has no {name}")),
            },
            CKind::Enum(key) => {
                let negative =
                    self.types.header.enums.get(key).is_some_and(|e| {
                        e.negative || self.types.machine.windows
                    });
                let name = if negative { "c_int" } else { "c_uint" };
                self.scope.platform(name)
            }
            CKind::Pointer(inner) => {
                if let CKind::Function(function) = &inner.kind {
                    format!("Option<{}>", self.bare(function)?)
                } else {
                    let word = if inner.is_const { "const" } else { "mut" };
                    format!("*{word} {}", self.write(inner)?)
                }
            }
            CKind::Array(inner, count) => {
                format!("[{}; {count}]", self.write(inner)?)
            }
            CKind::Flexible(inner) => format!("[{}; 0]", self.write(inner)?),
            CKind::Function(function) => self.bare(function)?,
            CKind::Record(_) | CKind::Other(_) => {
                return Err(format!("Rust has no type for {}", c.spelled));
            }
        })
    }

    fn bare(&self, function: &CFunctionType) -> Result<String> {
        let abi = match function.convention {
            Convention::C => "C",
            Convention::Win64 => "win64",
            Convention::StdCall => "stdcall",
            Convention::FastCall => "fastcall",
            Convention::Other => return Err("an unknown convention".into()),
        };
        let params = function.params.iter();
        let mut params: Vec<String> =
            params.map(|ty| self.write(ty)).collect::<Result<_>>()?;
        if function.variadic {
            params.push("...".to_owned());
        }
        let result = match &function.result.kind {
            CKind::Void => String::new(),
            _ => format!(" -> {}", self.write(&function.result)?),
        };
        let params = params.join(", ");
        Ok(format!("unsafe extern \"{abi}\" fn({params}){result}"))
    }

    /// The name that C has for it, where Rust has it too.
    fn named(&self, c: &CType) -> Option<String> {
        let spelled = match &c.kind {
            CKind::Record(key) | CKind::Enum(key) => [key.as_str(), &c.spelled],
            _ => [c.spelled.as_str(); 2],
        };
        for spelled in spelled {
            let name = bare_name(spelled);
            if fixed(name).is_some() {
                return fixed(name).map(str::to_owned);
            }
            if self.types.all.types.contains_key(name) {
                return Some(self.scope.of_crate(name));
            }
        }
        None
    }

    fn integer(&self, name: &str) -> Result<String> {
        let name = match name {
            "char" => "c_char",
            "signed char" => "c_schar",
            "unsigned char" => "c_uchar",
            "short" => "c_short",
            "unsigned short" => "c_ushort",
            "int" => "c_int",
            "unsigned int" => "c_uint",
            "long" => "c_long",
            "unsigned long" => "c_ulong",
            "long long" => "c_longlong",
            "unsigned long long" => "c_ulonglong",
            "__int128" => return Ok("i128".to_owned()),
            "unsigned __int128" => return Ok("u128".to_owned()),
            _ => return Err(format!("Rust has no {name}")),
        };
        Ok(self.scope.platform(name))
    }
}

/// What is said of what has no text of its own.
pub(super) const MACRO: &str = "a macro makes it: it is corrected there";

fn function_of(c: &CType) -> Option<&CFunctionType> {
    match &c.kind {
        CKind::Function(function) => Some(function),
        CKind::Pointer(inner) => match &inner.kind {
            CKind::Function(function) => Some(function),
            _ => None,
        },
        _ => None,
    }
}

/// What is in an `Option<...>`.
fn option(path: &syn::TypePath) -> Option<&Type> {
    let last = path.path.segments.last()?;
    let inner = type_arguments(&last.arguments).next();
    inner.filter(|_| last.ident == "Option")
}

/// A type's name without what C writes before it.
fn bare_name(spelled: &str) -> &str {
    let mut name = spelled;
    for word in ["const ", "volatile ", "struct ", "union ", "enum "] {
        name = name.strip_prefix(word).unwrap_or(name);
    }
    name
}

/// Rust's own name for a typedef that C's standard has.
fn fixed(name: &str) -> Option<&'static str> {
    Some(match name {
        "uint8_t" => "u8",
        "int8_t" => "i8",
        "uint16_t" => "u16",
        "int16_t" => "i16",
        "uint32_t" => "u32",
        "int32_t" => "i32",
        "uint64_t" => "u64",
        "int64_t" => "i64",
        "size_t" | "uintptr_t" => "usize",
        "ssize_t" | "intptr_t" | "ptrdiff_t" => "isize",
        _ => return None,
    })
}
