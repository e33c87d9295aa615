// SPDX-License-Identifier: MIT OR Apache-2.0
//! What an extern block declares, by itself or through macros.

use std::rc::Rc;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ForeignItem;

use super::{Reader, abi, called, declared, is_public};
use crate::read::items::{Crate, Function, Static, TypeItem};
use crate::read::origin::Origin;
use crate::read::source::File;

/// What an extern block declares.
///
/// Rust 1.82 lets an item of an `unsafe extern` block say whether it is `safe`
/// or `unsafe` to use, and `syn` 2 hands such items out unparsed. C knows no
/// such difference: they are parsed without that word.
pub fn foreign_items(block: &syn::ItemForeignMod) -> Vec<ForeignItem> {
    let items = block.items.iter();
    items
        .map(|item| match item {
            ForeignItem::Verbatim(tokens) => {
                without_safety(tokens).unwrap_or_else(|| item.clone())
            }
            _ => item.clone(),
        })
        .collect()
}

fn without_safety(tokens: &TokenStream) -> Option<ForeignItem> {
    let mut tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let at = tokens.windows(2).position(|pair| {
        let [word, next] = [&pair[0], &pair[1]].map(ToString::to_string);
        matches!(&*word, "safe" | "unsafe") && matches!(&*next, "fn" | "static")
    })?;
    tokens.remove(at);
    syn::parse2(tokens.into_iter().collect()).ok()
}

impl Reader<'_> {
    pub(super) fn foreign(
        &mut self,
        block: &syn::ItemForeignMod,
        file: &Rc<File>,
    ) {
        let abi = abi(Some(&block.abi));
        for item in &foreign_items(block) {
            let (attributes, what) = match item {
                ForeignItem::Fn(f) => (&f.attrs, f.sig.ident.to_string()),
                ForeignItem::Static(s) => (&s.attrs, s.ident.to_string()),
                ForeignItem::Type(t) => (&t.attrs, t.ident.to_string()),
                ForeignItem::Macro(call) => (&call.attrs, called(&call.mac)),
                other => {
                    let item = other.to_token_stream().to_string();
                    let place = Origin::new(file, other, None).place();
                    let why = "an item in an extern block that is not \
                               understood";
                    self.unchecked(&item, place, why.into());
                    continue;
                }
            };
            if !self.admits(attributes, &what, item, file) {
                continue;
            }
            match item {
                ForeignItem::Fn(f) => self.foreign_function(f, &abi, file),
                ForeignItem::Static(s) => self.foreign_static(s, file),
                ForeignItem::Type(t) => {
                    self.ty(&t.ident, &t.vis, TypeItem::Foreign, file, t);
                }
                ForeignItem::Macro(call) => {
                    self.foreign_macro(call, block, file);
                }
                _ => {}
            }
        }
    }

    /// A macro that makes items of the block that it stands in.
    fn foreign_macro(
        &mut self,
        call: &syn::ForeignItemMacro,
        block: &syn::ItemForeignMod,
        file: &Rc<File>,
    ) {
        let made =
            self.expanded(&call.mac, call, file, Crate::macro_foreign_items);
        let Some((items, made)) = made else { return };
        let block = syn::ItemForeignMod {
            items,
            ..block.clone()
        };
        self.depth += 1;
        self.foreign(&block, &made);
        self.depth -= 1;
    }

    fn foreign_function(
        &mut self,
        f: &syn::ForeignItemFn,
        abi: &str,
        file: &Rc<File>,
    ) {
        let function = Function {
            sig: self.signature(&f.sig),
            abi: abi.to_owned(),
            symbol: Some(self.symbol(&f.attrs, &f.sig.ident)),
            body: None,
        };
        let origin = Origin::new(file, f, Some(&f.attrs));
        let public = is_public(&f.vis);
        let new = declared(&f.sig.ident, public, origin, function);
        self.all.functions.push(new);
    }

    fn foreign_static(&mut self, s: &syn::ForeignItemStatic, file: &Rc<File>) {
        let item = Static {
            ty: (*s.ty).clone(),
            mutable: matches!(s.mutability, syn::StaticMutability::Mut(_)),
            symbol: self.symbol(&s.attrs, &s.ident),
            defined: false,
        };
        let origin = Origin::new(file, s, Some(&s.attrs));
        let public = is_public(&s.vis);
        self.all
            .statics
            .push(declared(&s.ident, public, origin, item));
    }
}
