// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the language and its library compute: `u8::MAX`, `size_of`,
//! `offset_of!`, `from_be_bytes`, a C string of bytes.

use std::fmt;

use quote::ToTokens;
use syn::parse::Parser;
use syn::{PathArguments, Type};

use super::expressions::{Scope, not_understood};
use super::numbers::{max, min, wrap};
use super::{Evaluator, IntType, Result, Value};

/// Of a type, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Laid {
    /// Its size.
    pub size: u64,
    /// Its alignment.
    pub align: u64,
    /// Where the field that was asked for is.
    pub offset: u64,
}

type Layouts<'c> = dyn Fn(&Type, Option<&str>) -> Option<Laid> + 'c;

/// Who knows how types are laid out.
#[derive(Default)]
pub(super) struct Known<'c>(pub(super) Option<Box<Layouts<'c>>>);

impl fmt::Debug for Known<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Known")
    }
}

impl<'c> Evaluator<'c> {
    /// Ask `known` for the layout of a type, and for the place of a field.
    #[must_use]
    pub fn with_layouts(
        mut self,
        known: impl Fn(&Type, Option<&str>) -> Option<Laid> + 'c,
    ) -> Self {
        self.layouts = Known(Some(Box::new(known)));
        self
    }

    fn laid(
        &self,
        ty: &Type,
        field: Option<&str>,
        scope: Scope<'_>,
    ) -> Option<Laid> {
        let known = self.layouts.0.as_ref()?;
        match (ty, scope.owner) {
            (Type::Path(path), Some(owner)) if path.path.is_ident("Self") => {
                known(&syn::parse_str(owner).ok()?, field)
            }
            _ => known(ty, field),
        }
    }

    fn size(&self, bytes: u64) -> Value {
        let usize = (self.machine.pointer_bits, false);
        Value::Int(bytes.into(), Some(usize))
    }

    /// `u8::max_value()`, `ptr::null()`, `size_of::<T>()`: what needs no body.
    pub(super) fn of_the_language(
        &self,
        path: &syn::Path,
        arguments: usize,
        scope: Scope<'_>,
    ) -> Option<Value> {
        let last = path.segments.last()?;
        let name = last.ident.to_string();
        if let (0, Some(int)) = (arguments, self.int_before(path, scope)) {
            let value = of_integer(int, &name);
            if value.is_some() {
                return value;
            }
        }
        let PathArguments::AngleBracketed(of) = &last.arguments else {
            let is_null = matches!(&*name, "null" | "null_mut");
            return is_null.then_some(Value::Null);
        };
        let text = of.args.to_token_stream();
        let ty: Option<Type> = syn::parse2(text.clone()).ok();
        let laid = ty.and_then(|ty| self.laid(&ty, None, scope));
        match (&*name, laid) {
            ("null" | "null_mut", _) => Some(Value::Null),
            ("size_of", Some(laid)) => Some(self.size(laid.size)),
            ("size_of", None) => Some(Value::SizeOf(text.to_string())),
            ("align_of", Some(laid)) => Some(self.size(laid.align)),
            _ => None,
        }
    }

    /// The integer type before the last name: of `u8::MAX`.
    fn int_before(
        &self,
        path: &syn::Path,
        scope: Scope<'_>,
    ) -> Option<IntType> {
        let ty = path.segments.iter().nth_back(1)?;
        let ty: Type = syn::parse_quote!(#ty);
        self.int_type(&ty, scope.owner)
    }

    /// `offset_of!(T, field)`
    pub(super) fn offset(&self, call: &syn::Macro, scope: Scope<'_>) -> Result {
        let parse = |input: syn::parse::ParseStream<'_>| {
            let ty: Type = input.parse()?;
            input.parse::<syn::Token![,]>()?;
            let field: syn::Member = input.parse()?;
            input.parse::<Option<syn::Token![,]>>()?;
            Ok((ty, field.to_token_stream().to_string()))
        };
        let of = parse.parse2(call.tokens.clone()).ok();
        let laid =
            of.and_then(|(ty, field)| self.laid(&ty, Some(&field), scope));
        let laid = laid.ok_or_else(|| not_understood(call))?;
        Ok(self.size(laid.offset))
    }

    /// `u32::from_be_bytes(*b"abcd")`, `CStr::from_bytes_with_nul(b"a\0")`,
    /// `NonZeroU32::new_unchecked(1)`
    pub(super) fn of_values(
        &self,
        path: &syn::Path,
        arguments: &[Value],
        scope: Scope<'_>,
    ) -> Option<Value> {
        let [bytes] = arguments else { return None };
        let name = path.segments.last()?.ident.to_string();
        match (&*name, bytes) {
            // NonZeroU32: the number in it.
            ("new" | "new_unchecked", Value::Int(value, _)) => {
                let int = self.int_before(path, scope)?;
                Some(Value::Int(wrap(*value, int), Some(int)))
            }
            (
                "from_bytes_with_nul" | "from_bytes_with_nul_unchecked",
                Value::Text(bytes, true),
            ) => Some(Value::Text(bytes.clone(), true)),
            ("from_be_bytes" | "from_le_bytes", _) => {
                let int = self.int_before(path, scope)?;
                let mut bytes = as_bytes(bytes)?;
                if bytes.len() * 8 != int.0 as usize || bytes.len() > 8 {
                    return None;
                }
                if name == "from_le_bytes" {
                    bytes.reverse();
                }
                let value = bytes
                    .iter()
                    .fold(0_i128, |value, byte| value << 8 | i128::from(*byte));
                Some(Value::Int(wrap(value, int), Some(int)))
            }
            _ => None,
        }
    }
}

/// An array of bytes, as text or number by number.
fn as_bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::Text(bytes, nul) => {
            Some([bytes.as_slice(), if *nul { &[0] } else { &[] }].concat())
        }
        Value::Array(all) => all
            .iter()
            .map(|one| match one {
                Value::Int(byte, _) => u8::try_from(*byte).ok(),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

/// `u8::MAX`, `u8::max_value()`, ...
pub(super) fn of_integer(int: IntType, name: &str) -> Option<Value> {
    match name {
        "MAX" | "max_value" => Some(Value::Int(max(int), Some(int))),
        "MIN" | "min_value" => Some(Value::Int(min(int), Some(int))),
        "BITS" => Some(Value::Int(int.0.into(), Some((32, false)))),
        _ => None,
    }
}
