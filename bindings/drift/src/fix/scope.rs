// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is called how at a place in a file.

use std::ops::Range;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Item, UseTree};

use super::Result;
use super::types::MACRO;
use crate::read::origin::Origin;
use crate::read::source::File;

/// A place in a file.
pub(super) struct Scope<'a> {
    pub file: &'a File,
    /// The items of its module.
    items: &'a [Item],
    /// The crate's root, for paths.
    root: &'a Path,
}

impl<'a> Scope<'a> {
    pub fn new(origin: &'a Origin, root: &'a Path) -> Self {
        let file = origin.file();
        let items = innermost(&file.items, origin.range().start);
        Self { file, items, root }
    }

    pub fn text(&self) -> &str {
        &self.file.text
    }

    /// Where `node` stands; an error if it does not stand there as it is, as
    /// what a macro made of several parts.
    pub fn range(&self, node: &impl ToTokens) -> Result<Range<usize>> {
        let tokens = node.to_token_stream();
        let expansion = self.file.expansion.as_ref();
        if expansion.is_some_and(|one| !one.holds(tokens.span())) {
            return Err(MACRO.to_owned());
        }
        let range = tokens.span().byte_range();
        let text = self.text().get(range.clone()).unwrap_or_default();
        let there: Option<TokenStream> = text.parse().ok();
        let same = there.is_some_and(|there| {
            !text.is_empty() && is_written_as(tokens, there)
        });
        if same {
            Ok(range)
        } else {
            Err(MACRO.to_owned())
        }
    }

    /// How a type of `core::ffi` is called here.
    pub fn platform(&self, name: &str) -> String {
        let here = self.imports(name)
            || ["ffi", "raw", "libc", "types"]
                .iter()
                .any(|m| self.globs(m));
        if here {
            return name.to_owned();
        }
        self.as_written(name)
            .unwrap_or_else(|| format!("core::ffi::{name}"))
    }

    /// How a type of the crate is called here.
    pub fn of_crate(&self, name: &str) -> String {
        let declared = self.items.iter().any(|item| {
            match item {
            Item::Struct(item) => item.ident == name,
            Item::Union(item) => item.ident == name,
            Item::Enum(item) => item.ident == name,
            Item::Type(item) => item.ident == name,
            Item::ForeignMod(block) => block.items.iter().any(|item| {
                matches!(item, syn::ForeignItem::Type(ty) if ty.ident == name)
            }),
            _ => false,
        }
        });
        if declared || self.imports(name) || self.file.path == self.root {
            return name.to_owned();
        }
        if let Some(written) = self.as_written(name) {
            return written;
        }
        name.to_owned()
    }

    fn imports(&self, name: &str) -> bool {
        self.uses(&|tree| match tree {
            UseTree::Name(leaf) => leaf.ident == name,
            UseTree::Rename(leaf) => leaf.rename == name,
            _ => false,
        })
    }

    /// Whether all of a module of this name is imported.
    fn globs(&self, module: &str) -> bool {
        self.uses(&|tree| match tree {
            UseTree::Path(path) => {
                path.ident == module && matches!(&*path.tree, UseTree::Glob(_))
            }
            _ => false,
        })
    }

    fn uses(&self, is: &dyn Fn(&UseTree) -> bool) -> bool {
        self.items.iter().any(|item| match item {
            Item::Use(item) => any(&item.tree, is),
            _ => false,
        })
    }

    /// A path to `name` that the file has somewhere.
    fn as_written(&self, name: &str) -> Option<String> {
        let text = self.text();
        text.match_indices(name).find_map(|(at, _)| {
            let after = text[at + name.len()..].chars().next();
            if after.is_some_and(is_word) {
                return None;
            }
            let before = &text[..at];
            let start = before
                .rfind(|c: char| !is_word(c) && c != ':')
                .map_or(0, |at| at + 1);
            let path = &before[start..];
            (path.ends_with("::") && !path.starts_with(':'))
                .then(|| format!("{path}{name}"))
        })
    }
}

/// Whether both are the same words; a type may call itself `Self` there.
fn is_written_as(tokens: TokenStream, there: TokenStream) -> bool {
    let (mut ours, mut theirs) = (tokens.into_iter(), there.into_iter());
    loop {
        let same = match (ours.next(), theirs.next()) {
            (None, None) => return true,
            (Some(TokenTree::Group(one)), Some(TokenTree::Group(other))) => {
                one.delimiter() == other.delimiter()
                    && is_written_as(one.stream(), other.stream())
            }
            (Some(TokenTree::Ident(one)), Some(TokenTree::Ident(other))) => {
                one == other || other == "Self"
            }
            (Some(one), Some(other)) => one.to_string() == other.to_string(),
            _ => false,
        };
        if !same {
            return false;
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn any(tree: &UseTree, is: &dyn Fn(&UseTree) -> bool) -> bool {
    is(tree)
        || match tree {
            UseTree::Path(path) => any(&path.tree, is),
            UseTree::Group(group) => group.items.iter().any(|t| any(t, is)),
            _ => false,
        }
}

/// The items of the innermost module around the byte `at`.
fn innermost(items: &[Item], at: usize) -> &[Item] {
    for item in items {
        let Item::Mod(module) = item else {
            continue;
        };
        if let Some((_, inner)) = &module.content {
            if module.span().byte_range().contains(&at) {
                return innermost(inner, at);
            }
        }
    }
    items
}

/// The struct or union that is called `name`, in whichever module.
pub(super) fn fields_of<'f>(
    items: &'f [Item],
    name: &str,
) -> Option<&'f syn::FieldsNamed> {
    items.iter().find_map(|item| match item {
        Item::Struct(item) if item.ident == name => match &item.fields {
            syn::Fields::Named(fields) => Some(fields),
            _ => None,
        },
        Item::Union(item) if item.ident == name => Some(&item.fields),
        Item::Mod(module) => {
            let (_, inner) = module.content.as_ref()?;
            fields_of(inner, name)
        }
        _ => None,
    })
}
