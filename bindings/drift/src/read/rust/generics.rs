// SPDX-License-Identifier: MIT OR Apache-2.0
//! Types with parameters, and what stands for each; and `Self`.

use std::collections::HashMap;
use std::rc::Rc;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;

use super::Reader;
use crate::read::items::TypeItem;
use crate::read::lookup::plain;
use crate::read::source::File;

impl Reader<'_> {
    /// `type X = Generic<8>;`: the generic struct with its arguments.
    pub(super) fn instance(
        &mut self,
        ty: &syn::Type,
        file: &Rc<File>,
    ) -> Option<TypeItem> {
        let syn::Type::Path(path) = ty else {
            return None;
        };
        let last = path.path.segments.last()?;
        let syn::PathArguments::AngleBracketed(given) = &last.arguments else {
            return None;
        };
        let generic = self.all.generics.get(&plain(&last.ident))?.clone();
        let given = given_to(&generic.generics, given);
        let repr = self.repr(&generic.attrs);
        let mut fields = self.fields(&generic.fields, &generic.ident, file);
        for field in &mut fields {
            let text = replace(field.ty.to_token_stream(), &given);
            field.ty = syn::parse2(text).ok()?;
        }
        Some(TypeItem::Struct(repr, fields))
    }
}

/// Whether a type stands for several: for a lifetime it is one and the same.
pub(super) fn takes_arguments(generics: &syn::Generics) -> bool {
    let mut params = generics.params.iter();
    params.any(|one| !matches!(one, syn::GenericParam::Lifetime(_)))
}

/// What stands for each parameter.
pub(crate) fn given_to(
    generics: &syn::Generics,
    given: &syn::AngleBracketedGenericArguments,
) -> HashMap<String, TokenStream> {
    let given = given.args.iter();
    let given = given
        .filter(|one| !matches!(one, syn::GenericArgument::Lifetime(_)))
        .map(ToTokens::to_token_stream);
    let names = generics.params.iter().filter_map(|one| match one {
        syn::GenericParam::Type(ty) => Some(ty.ident.to_string()),
        syn::GenericParam::Const(value) => Some(value.ident.to_string()),
        syn::GenericParam::Lifetime(_) => None,
    });
    names.zip(given).collect()
}

/// `ty`, with the name of the type that it is in for `Self`: it stands where
/// that did.
pub(super) fn with_own_name(ty: &syn::Type, owner: &syn::Ident) -> syn::Type {
    let text = ty.to_token_stream();
    if !mentions(text.clone(), "Self") {
        return ty.clone();
    }
    let own = |name: &Ident| {
        let mut new = owner.clone();
        new.set_span(name.span());
        (name == "Self").then(|| new.into_token_stream())
    };
    syn::parse2(with(text, &own)).unwrap_or_else(|_| ty.clone())
}

fn mentions(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(found) => found == name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        _ => false,
    })
}

/// `tokens`, with the names in `given` replaced.
pub(crate) fn replace(
    tokens: TokenStream,
    given: &HashMap<String, TokenStream>,
) -> TokenStream {
    with(tokens, &|name| given.get(&name.to_string()).cloned())
}

/// `tokens`, with what `new` gives for a name in its place.
fn with(
    tokens: TokenStream,
    new: &dyn Fn(&Ident) -> Option<TokenStream>,
) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Ident(name) => {
                new(&name).unwrap_or_else(|| name.into_token_stream())
            }
            TokenTree::Group(group) => {
                let inner = with(group.stream(), new);
                let mut made = Group::new(group.delimiter(), inner);
                made.set_span(group.span());
                made.into_token_stream()
            }
            other => other.into_token_stream(),
        })
        .collect()
}
