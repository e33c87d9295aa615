// SPDX-License-Identifier: MIT OR Apache-2.0
//! What holds items: modules, files that are included, `cfg_if!`, and calls of
//! macros.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use quote::ToTokens;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Attribute, Item, Meta};

use super::{Reader, declared, is_public, replace};
use crate::Error;
use crate::place::By;
use crate::read::items::{Constant, Crate, Module, TypeItem};
use crate::read::lookup::plain;
use crate::read::origin::{Origin, line};
use crate::read::source::File;

impl Reader<'_> {
    pub(super) fn module(
        &mut self,
        module: &syn::ItemMod,
        file: &Rc<File>,
        folder: &Path,
    ) -> Result<(), Error> {
        let name = plain(&module.ident);
        self.all.modules.insert(name.clone());
        let path = self.path_of(module);
        let Some((_, items)) = &module.content else {
            let beside = file.path.parent().unwrap_or(Path::new(""));
            let path = path.map(|path| beside.join(path));
            return self.module_file(module, path, file, folder);
        };
        let last = u32::try_from(module.span().end().line).unwrap_or(0);
        let lines = line(module)..last + 1;
        let range = Some((module.span().byte_range(), lines));
        self.enter(&name, file, range);
        let done = if let Some(alias) = enum_module(items) {
            self.enum_module(module, items, alias, file);
            Ok(())
        } else {
            let folder = folder.join(path.unwrap_or(name));
            self.items(items, file, &folder)
        };
        self.inside.pop();
        done
    }

    /// What `#[path = "..."]` says.
    fn path_of(&self, module: &syn::ItemMod) -> Option<String> {
        let mut attributes = module.attrs.iter();
        attributes.find_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("path") => {
                self.all.text(&pair.value)
            }
            _ => None,
        })
    }

    /// A module that is a file: the one at `path`, or that of its name.
    fn module_file(
        &mut self,
        module: &syn::ItemMod,
        path: Option<PathBuf>,
        file: &Rc<File>,
        folder: &Path,
    ) -> Result<(), Error> {
        let name = plain(&module.ident);
        let candidates = match path {
            Some(path) => vec![path],
            None => vec![
                folder.join(format!("{name}.rs")),
                folder.join(&name).join("mod.rs"),
            ],
        };
        let known = |path: &&PathBuf| self.files.has(path);
        let Some(path) = candidates.iter().find(known) else {
            let place = Origin::new(file, module, None).place();
            return Err(Error::NoModule(place, name));
        };
        let inner = self.files.get(path)?;
        let folder = if path.ends_with("mod.rs") {
            path.parent().unwrap_or(folder).to_path_buf()
        } else {
            folder.join(&name)
        };
        self.enter(&name, &inner, None);
        let done = self.file(&inner, &folder);
        self.inside.pop();
        done
    }

    /// A module that stands for an enum: `pub mod mode { pub type Type = c_uint;
    /// pub const READ: Type = 0; }`. It is taken for a type of its name with
    /// associated constants.
    fn enum_module(
        &mut self,
        module: &syn::ItemMod,
        items: &[Item],
        alias: &syn::ItemType,
        file: &Rc<File>,
    ) {
        let name = &module.ident;
        let owner = plain(name);
        let item = TypeItem::Alias(alias.ty.clone());
        self.ty(name, &module.vis, item, file, alias);
        let known = plain(&alias.ident);
        self.all.enum_modules.insert(owner.clone(), known.clone());
        let here = HashMap::from([(known, name.to_token_stream())]);
        for item in items {
            let Item::Const(value) = item else { continue };
            let what = format!("{owner}::{}", value.ident);
            if !self.admits(&value.attrs, &what, value, file) {
                continue;
            }
            let of_it = replace(value.expr.to_token_stream(), &here);
            let item = Constant {
                ty: syn::parse_quote!(#name),
                value: syn::parse2(of_it).unwrap_or((*value.expr).clone()),
            };
            let origin = Origin::new(file, value, Some(&value.attrs));
            let public = is_public(&value.vis);
            let new = declared(&value.ident, public, origin, item);
            self.all.associated.push((owner.clone(), new));
        }
    }

    /// What is read now is in the module `name`.
    fn enter(
        &mut self,
        name: &str,
        file: &Rc<File>,
        range: Option<(Range<usize>, Range<u32>)>,
    ) {
        self.inside.push(name.to_owned());
        // Where a macro's module stands, its file does not say.
        if range.is_some() && file.expansion.is_some() {
            return;
        }
        self.all.regions.push(Module {
            path: self.inside.join("::"),
            file: file.path.clone(),
            range,
        });
    }

    pub(super) fn invocation(
        &mut self,
        call: &syn::ItemMacro,
        file: &Rc<File>,
        folder: &Path,
    ) -> Result<(), Error> {
        let last = call.mac.path.segments.last();
        let is = |name: &str| last.is_some_and(|s| s.ident == name);
        if is("thread_local") {
            return Ok(()); // nothing of C's
        }
        if let Some(name) = &call.ident {
            self.define(name, call, file);
            return Ok(());
        }
        if is("include") {
            return self.include(call, file, folder);
        }
        if is("cfg_if") {
            return self.cfg_if(call, file, folder);
        }
        let made = self.expanded(&call.mac, call, file, Crate::macro_items);
        if let Some((items, made)) = made {
            self.depth += 1;
            self.items(&items, &made, folder)?;
            self.depth -= 1;
        }
        Ok(())
    }

    /// `macro_rules! name { ... }`
    fn define(
        &mut self,
        name: &syn::Ident,
        call: &syn::ItemMacro,
        file: &Rc<File>,
    ) {
        let mut attributes = call.attrs.iter();
        let exported = attributes.any(|a| a.path().is_ident("macro_export"));
        let by = By {
            name: plain(name),
            file: file.path.clone(),
            line: line(call),
        };
        self.all.macros.define(by, &call.mac.tokens, exported);
    }

    /// `include!`: the file stands where the call does.
    fn include(
        &mut self,
        call: &syn::ItemMacro,
        file: &Rc<File>,
        folder: &Path,
    ) -> Result<(), Error> {
        let place = Origin::new(file, call, None).place();
        let path = syn::parse2(call.mac.tokens.clone()).ok();
        let path = path.and_then(|path| self.all.text(&path));
        let Some(path) = path else {
            let why = "its path is not known: give --out-dir, if it is in \
                       OUT_DIR";
            self.unchecked("include!", place, why.to_owned());
            return Ok(());
        };
        let beside = file.path.parent().unwrap_or(Path::new(""));
        if self.depth >= 64 {
            return Err(Error::Parse(
                file.path.clone(),
                place.line as usize,
                "files that include each other without end".to_owned(),
            ));
        }
        let inner = self.files.get(&beside.join(path))?;
        self.depth += 1;
        self.file(&inner, folder)?;
        self.depth -= 1;
        Ok(())
    }

    /// `cfg_if!`: the first branch whose cfg holds.
    fn cfg_if(
        &mut self,
        call: &syn::ItemMacro,
        file: &Rc<File>,
        folder: &Path,
    ) -> Result<(), Error> {
        let branches = call.mac.parse_body_with(Branch::parse_all);
        let branches = match branches {
            Ok(branches) => branches,
            Err(error) => {
                let place = Origin::new(file, call, None).place();
                self.unchecked("cfg_if!", place, error.to_string());
                return Ok(());
            }
        };
        let holds =
            |branch: &&Branch| self.target.admits(&branch.condition).is_ok();
        match branches.iter().find(holds) {
            Some(branch) => self.items(&branch.items, file, folder),
            None => Ok(()),
        }
    }
}

/// The type of the constants in a module that has nothing else.
fn enum_module(items: &[Item]) -> Option<&syn::ItemType> {
    let mut alias = None;
    for item in items {
        match item {
            Item::Type(found) if alias.is_none() => alias = Some(found),
            Item::Use(_) | Item::Const(_) => {}
            _ => return None,
        }
    }
    // Any other name is that of the type itself.
    let names = ["Type", "type_", "Enum", "Value", "Repr", "T"];
    let named = |one: &&syn::ItemType| {
        names.iter().any(|name| one.ident == name)
            && one.attrs.iter().all(is_doc)
    };
    let alias = alias.filter(named)?;
    let mut constants = items.iter().filter_map(|item| match item {
        Item::Const(value) => Some(&*value.ty),
        _ => None,
    });
    let of_it = |ty: &syn::Type| {
        matches!(ty, syn::Type::Path(path)
            if path.path.is_ident(&alias.ident))
    };
    let first = constants.next()?;
    (of_it(first) && constants.all(of_it)).then_some(alias)
}

fn is_doc(attribute: &Attribute) -> bool {
    let path = attribute.path();
    path.is_ident("doc") || path.is_ident("allow")
}

/// `if #[cfg(...)] { ... }`, or the `else` at the end.
struct Branch {
    condition: Vec<Attribute>,
    items: Vec<Item>,
}

impl Branch {
    fn parse_all(input: ParseStream<'_>) -> syn::Result<Vec<Self>> {
        let mut all = vec![];
        loop {
            let condition = if input.peek(syn::Token![if]) {
                input.parse::<syn::Token![if]>()?;
                input.call(Attribute::parse_outer)?
            } else {
                vec![]
            };
            let last = condition.is_empty();
            let content;
            syn::braced!(content in input);
            let mut items = vec![];
            while !content.is_empty() {
                items.push(content.parse()?);
            }
            all.push(Self { condition, items });
            if last || input.is_empty() {
                return Ok(all);
            }
            input.parse::<syn::Token![else]>()?;
        }
    }
}
