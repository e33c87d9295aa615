// SPDX-License-Identifier: MIT OR Apache-2.0
//! What Rust sources declare.
//!
//! All modules are put into one space of names, as C has it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Attribute, ForeignItem, ImplItem, Item, Meta, UseTree};

pub use self::foreign::foreign_items;
pub(crate) use self::generics::{given_to, replace};
use self::generics::{takes_arguments, with_own_name};
use self::rivals::Rivals;
use crate::Error;
use crate::place::{By, Place};
use crate::read::crates::Dependencies;
use crate::read::items::{
    Constant, Crate, Declared, Field, Function, Repr, Static, Symbol, TypeItem,
    Unchecked,
};
use crate::read::lookup::{Import, plain};
use crate::read::origin::Origin;
use crate::read::source::{File, Files};
use crate::target::Target;

mod foreign;
mod generics;
mod modules;
mod renamed;
mod rivals;

/// Read `paths`, and the modules that they name.
pub fn read(
    paths: &[PathBuf],
    files: &mut Files,
    target: &Target,
) -> Result<Crate, Error> {
    read_with(paths, files, target, BTreeMap::new())
}

/// The same, where `env!` gives what is in `environment`.
pub fn read_with(
    paths: &[PathBuf],
    files: &mut Files,
    target: &Target,
    environment: BTreeMap<String, String>,
) -> Result<Crate, Error> {
    let given = Given {
        environment,
        ..Given::default()
    };
    read_crate(paths, files, target, given)
}

/// What is known of a crate beside its source.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// What `env!` gives.
    pub environment: BTreeMap<String, String>,
    /// The crates that it may name.
    pub dependencies: Dependencies,
}

/// The same, of a crate that may name others.
pub fn read_crate(
    paths: &[PathBuf],
    files: &mut Files,
    target: &Target,
    given: Given,
) -> Result<Crate, Error> {
    let mut all = Crate {
        dependencies: given.dependencies,
        target: Some(target.clone()),
        ..Crate::default()
    };
    all.macros.environment = given.environment;
    let mut reader = Reader {
        all,
        files,
        target,
        depth: 0,
        inside: vec![],
        rivals: Rivals::default(),
    };
    for path in paths {
        let file = reader.files.get(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        // x.rs keeps its modules in x/, and lib.rs beside it.
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let folder = match stem.as_ref() {
            "lib" | "main" | "mod" => folder.to_path_buf(),
            _ if folder.join(&*stem).is_dir() => folder.join(&*stem),
            _ => folder.to_path_buf(),
        };
        reader.file(&file, &folder)?;
    }
    let mut all = reader.all;
    reader.rivals.settle(&mut all);
    renamed::name(&mut all);
    crate::read::cycles::remove(&mut all);
    Ok(all)
}

/// How deep macros may be in macros, as rustc has it.
const DEPTH: u32 = 128;

/// What a macro of the crate makes, and by which.
type Made<T> = std::result::Result<(Vec<T>, By), String>;

/// A macro, by its name.
fn called(call: &syn::Macro) -> String {
    format!(
        "{}!",
        call.path.to_token_stream().to_string().replace(' ', "")
    )
}

struct Reader<'a> {
    all: Crate,
    files: &'a mut Files,
    target: &'a Target,
    /// How many macros deep.
    depth: u32,
    /// The modules that it is in.
    inside: Vec<String>,
    rivals: Rivals,
}

impl Reader<'_> {
    /// The items of a macro, and where they stand; None if that is not known,
    /// which is noted of `node`.
    fn expanded<T>(
        &mut self,
        call: &syn::Macro,
        node: &dyn ToTokens,
        file: &Rc<File>,
        make: impl FnOnce(&Crate, &syn::Macro) -> Made<T>,
    ) -> Option<(Vec<T>, Rc<File>)> {
        let made = match self.depth {
            0..DEPTH => make(&self.all, call),
            _ => Err("macros that expand without end".to_owned()),
        };
        match made {
            Ok((items, by)) => Some((items, file.expanded(call, by))),
            Err(why) => {
                let place = Origin::new(file, node, None).place();
                self.unchecked(&called(call), place, why);
                None
            }
        }
    }

    fn file(&mut self, file: &Rc<File>, folder: &Path) -> Result<(), Error> {
        self.items(&file.items, file, folder)
    }

    fn items(
        &mut self,
        items: &[Item],
        file: &Rc<File>,
        folder: &Path,
    ) -> Result<(), Error> {
        // A macro may be called before the `use` that brings it in.
        for item in items {
            self.bring_in(item);
        }
        for item in items {
            self.item(item, file, folder)?;
        }
        Ok(())
    }

    /// What `use` and `extern crate` bring in: nothing of C's, so that one
    /// that is behind a cfg leaves nothing unchecked.
    fn bring_in(&mut self, item: &Item) {
        match item {
            Item::Use(item) if self.target.admits(&item.attrs).is_ok() => {
                let public = is_public(&item.vis);
                self.import(&[], public, &item.tree);
            }
            Item::ExternCrate(item)
                if self.target.admits(&item.attrs).is_ok() =>
            {
                let name = plain(&item.ident);
                if item.attrs.iter().any(|a| a.path().is_ident("macro_use")) {
                    self.all.macro_crates.push(name.clone());
                }
                if let Some((_, other)) = &item.rename {
                    let public = is_public(&item.vis);
                    self.brought(plain(other), public, vec![name]);
                }
            }
            _ => {}
        }
    }

    fn brought(&mut self, name: String, public: bool, path: Vec<String>) {
        // `use libc;`: the crate is called so anyway.
        if path.len() > 1 || path[0] != name {
            let module = self.inside.join("::");
            let all = self.all.imports.entry(name).or_default();
            let new = Import {
                path,
                public,
                module,
            };
            if !all.contains(&new) {
                all.push(new);
            }
        }
    }

    /// Whether an item is there; if not, it is named as unchecked.
    fn admits(
        &mut self,
        attributes: &[Attribute],
        what: &str,
        node: &dyn ToTokens,
        file: &Rc<File>,
    ) -> bool {
        match self.target.admits(attributes) {
            Ok(()) => true,
            Err(why) if why == "cfg(test)" => false,
            Err(why) => {
                let place = Origin::new(file, node, None).place();
                self.unchecked(what, place, format!("it is behind {why}"));
                false
            }
        }
    }

    /// A function's parameters may be behind a cfg, each by itself.
    fn signature(&self, sig: &syn::Signature) -> syn::Signature {
        let mut sig = sig.clone();
        let inputs = std::mem::take(&mut sig.inputs);
        sig.inputs = inputs
            .into_pairs()
            .filter(|pair| match pair.value() {
                syn::FnArg::Typed(input) => {
                    self.target.admits(&input.attrs).is_ok()
                }
                syn::FnArg::Receiver(_) => true,
            })
            .collect();
        sig
    }

    /// The same of an item; but one that declares nothing of C's leaves
    /// nothing unchecked if it is not there.
    fn item_is_there(&mut self, item: &Item, file: &Rc<File>) -> bool {
        match item {
            Item::Use(_) | Item::ExternCrate(_) => false,
            Item::Impl(block) if block.trait_.is_some() => {
                self.target.admits(&block.attrs).is_ok()
            }
            Item::Fn(function) if self.is_rusts(function) => {
                let there = self.target.admits(&function.attrs);
                let why = there.as_ref().err();
                if let Some(why) = why.filter(|why| *why != "cfg(test)") {
                    let item = function.sig.ident.to_string();
                    let place = Origin::new(file, function, None).place();
                    let why = format!("it is behind {why}");
                    self.all.alone.push(Unchecked { item, place, why });
                }
                there.is_ok()
            }
            Item::Macro(item) if item.ident.is_some() => {
                self.target.admits(&item.attrs).is_ok()
            }
            _ => {
                self.admits(attributes(item), &title(item), item, file)
                    && self.stays(item, file)
            }
        }
    }

    /// Whether C neither calls a function nor has it.
    fn is_rusts(&mut self, function: &syn::ItemFn) -> bool {
        function.sig.abi.is_none()
            && self.export(&function.attrs, &function.sig.ident).is_none()
    }

    /// Whether no procedural macro may make something else of a declaration.
    fn stays(&mut self, item: &Item, file: &Rc<File>) -> bool {
        if matches!(item, Item::Fn(function) if function.sig.abi.is_none()) {
            return true;
        }
        let mut all = self.target.attributes(attributes(item)).into_iter();
        let found = all.find(|one| self.all.is_procedural(one.path()));
        let Some(found) = found else {
            return true;
        };
        let name = found.path().to_token_stream().to_string();
        let why = format!(
            "the attribute {} is a procedural macro, which may make \
             something else of it",
            name.replace(' ', "")
        );
        let place = Origin::new(file, item, None).place();
        self.unchecked(&title(item), place, why);
        false
    }

    fn unchecked(&mut self, item: &str, place: Place, why: String) {
        let item = item.to_owned();
        self.all.unchecked.push(Unchecked { item, place, why });
    }

    fn item(
        &mut self,
        item: &Item,
        file: &Rc<File>,
        folder: &Path,
    ) -> Result<(), Error> {
        if is_compile_error(item) || !self.item_is_there(item, file) {
            return Ok(());
        }
        match item {
            Item::ForeignMod(block) => self.foreign(block, file),
            Item::Fn(function) => self.function(function, file),
            Item::Static(item) => self.variable(item, file),
            Item::Const(constant) => self.constant(constant, file),
            Item::Type(alias) => self.alias(alias, file),
            Item::Struct(value) if takes_arguments(&value.generics) => {
                self.generic(value, file);
            }
            Item::Struct(value) => {
                let repr = self.repr(&value.attrs);
                let fields = self.fields(&value.fields, &value.ident, file);
                let item = TypeItem::Struct(repr, fields);
                self.ty(&value.ident, &value.vis, item, file, value);
            }
            Item::Union(value) => {
                let repr = self.repr(&value.attrs);
                let fields = syn::Fields::Named(value.fields.clone());
                let fields = self.fields(&fields, &value.ident, file);
                let item = TypeItem::Union(repr, fields);
                self.ty(&value.ident, &value.vis, item, file, value);
            }
            Item::Enum(value) => self.enumeration(value, file),
            Item::Impl(block) => self.implementation(block, file),
            Item::Mod(module) => self.module(module, file, folder)?,
            Item::Macro(call) => self.invocation(call, file, folder)?,
            _ => {}
        }
        Ok(())
    }

    fn alias(&mut self, alias: &syn::ItemType, file: &Rc<File>) {
        if takes_arguments(&alias.generics) {
            let name = plain(&alias.ident);
            self.all.generic_aliases.insert(name, alias.clone());
            return;
        }
        let item = match self.instance(&alias.ty, file) {
            Some(instance) => instance,
            None => TypeItem::Alias(alias.ty.clone()),
        };
        self.ty(&alias.ident, &alias.vis, item, file, alias);
    }

    fn generic(&mut self, value: &syn::ItemStruct, file: &Rc<File>) {
        self.all.generics.insert(plain(&value.ident), value.clone());
        let place = Origin::new(file, value, Some(&value.attrs)).place();
        let why = "a generic type of Rust's own: C has none".to_owned();
        let item = value.ident.to_string();
        self.all.alone.push(Unchecked { item, place, why });
    }

    fn constant(&mut self, constant: &syn::ItemConst, file: &Rc<File>) {
        let item = Constant {
            ty: (*constant.ty).clone(),
            value: (*constant.expr).clone(),
        };
        let new = declared(
            &constant.ident,
            is_public(&constant.vis),
            Origin::new(file, constant, Some(&constant.attrs)),
            item,
        );
        if new.name == "_" {
            return;
        }
        match self.all.constants.entry(new.name.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(new);
            }
            Entry::Occupied(known) if known.get().item == new.item => {}
            Entry::Occupied(_) => self.rivals.constants.push(new),
        }
    }

    fn enumeration(&mut self, value: &syn::ItemEnum, file: &Rc<File>) {
        let repr = self.repr(&value.attrs);
        let variants = value.variants.iter().map(|variant| {
            let origin = Origin::new(file, variant, Some(&variant.attrs));
            let value = variant.discriminant.as_ref();
            (
                declared(&variant.ident, true, origin, ()),
                value.map(|(_, value)| value.clone()),
            )
        });
        let item = TypeItem::Enum(repr, variants.collect());
        self.ty(&value.ident, &value.vis, item, file, value);
    }

    fn ty(
        &mut self,
        name: &syn::Ident,
        vis: &syn::Visibility,
        item: TypeItem,
        file: &Rc<File>,
        node: &dyn ToTokens,
    ) {
        // From its name on: attributes and fields are not what is shown.
        let mut origin = Origin::new(file, node, None).from(vis, name);
        if !matches!(item, TypeItem::Alias(_)) {
            origin = origin.until(&['{', '(', ';']);
        }
        let new = declared(name, is_public(vis), origin, item);
        match self.all.types.entry(new.name.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(new);
            }
            Entry::Occupied(known)
                if known.get().item.is(&new.item)
                    || new.item.leads_to(&new.name) => {}
            Entry::Occupied(mut known)
                if known.get().item.leads_to(&new.name) =>
            {
                known.insert(new);
            }
            Entry::Occupied(_) => self.rivals.types.push(new),
        }
    }

    fn fields(
        &mut self,
        fields: &syn::Fields,
        owner: &syn::Ident,
        file: &Rc<File>,
    ) -> Vec<Field> {
        let mut all = vec![];
        for (at, field) in fields.iter().enumerate() {
            let name = field.ident.as_ref().map_or(at.to_string(), plain);
            let what = format!("{owner}.{name}");
            if !self.admits(&field.attrs, &what, field, file) {
                continue;
            }
            all.push(Field {
                name,
                origin: Origin::new(file, field, Some(&field.attrs)),
                public: is_public(&field.vis),
                ty: with_own_name(&field.ty, owner),
            });
        }
        all
    }

    fn repr(&self, attributes: &[Attribute]) -> Repr {
        let mut repr = Repr::default();
        for meta in self.target.attributes(attributes) {
            let Meta::List(list) = meta else {
                continue;
            };
            if !list.path.is_ident("repr") {
                continue;
            }
            let _ = list.parse_nested_meta(|part| {
                let name = part.path.to_token_stream().to_string();
                let mut number = 1;
                if part.input.peek(syn::token::Paren) {
                    let inner;
                    syn::parenthesized!(inner in part.input);
                    let literal: syn::LitInt = inner.parse()?;
                    number = literal.base10_parse()?;
                }
                match name.as_str() {
                    "C" => repr.c = true,
                    "transparent" => repr.transparent = true,
                    "packed" => repr.packed = Some(number),
                    "align" => repr.align = Some(number),
                    _ => repr.int = Some(name),
                }
                Ok(())
            });
        }
        repr
    }

    /// The symbol that `link_name`, or else the name, asks for.
    fn symbol(
        &mut self,
        attributes: &[Attribute],
        ident: &syn::Ident,
    ) -> Symbol {
        for meta in self.target.attributes(attributes) {
            if !meta.path().is_ident("link_name") {
                continue;
            }
            let Meta::NameValue(pair) = meta else {
                return Symbol::Unknown;
            };
            return match self.all.text(&pair.value) {
                Some(name) => Symbol::Name(name),
                None => Symbol::Unknown,
            };
        }
        Symbol::Name(plain(ident))
    }

    /// What an item of Rust's is exported as: by `no_mangle` or `export_name`,
    /// in `unsafe(...)` or not.
    fn export(
        &mut self,
        attributes: &[Attribute],
        ident: &syn::Ident,
    ) -> Option<Symbol> {
        for meta in self.target.attributes(attributes) {
            let meta = match &meta {
                Meta::List(list) if list.path.is_ident("unsafe") => {
                    list.parse_args().ok()?
                }
                _ => meta,
            };
            match &meta {
                Meta::Path(path) if path.is_ident("no_mangle") => {
                    return Some(Symbol::Name(plain(ident)));
                }
                Meta::NameValue(pair) if pair.path.is_ident("export_name") => {
                    let name = self.all.text(&pair.value);
                    return Some(name.map_or(Symbol::Unknown, Symbol::Name));
                }
                _ => {}
            }
        }
        None
    }

    /// A variable of Rust's, if it is exported.
    fn variable(&mut self, item: &syn::ItemStatic, file: &Rc<File>) {
        let Some(symbol) = self.export(&item.attrs, &item.ident) else {
            return;
        };
        let origin = Origin::new(file, item, Some(&item.attrs))
            .up_to(item.ty.span().byte_range().end);
        let found = Static {
            ty: (*item.ty).clone(),
            mutable: matches!(item.mutability, syn::StaticMutability::Mut(_)),
            symbol,
            defined: true,
        };
        let public = is_public(&item.vis);
        let new = declared(&item.ident, public, origin, found);
        self.all.statics.push(new);
    }

    /// A function with a body: one for C, or what is left of a macro.
    fn function(&mut self, function: &syn::ItemFn, file: &Rc<File>) {
        let abi = match &function.sig.abi {
            Some(written) => abi(Some(written)),
            None => "Rust".to_owned(),
        };
        let symbol = self.export(&function.attrs, &function.sig.ident);
        let origin = Origin::new(file, function, Some(&function.attrs))
            .up_to(function.block.span().byte_range().start);
        let item = Function {
            sig: self.signature(&function.sig),
            abi,
            symbol,
            body: Some((*function.block).clone()),
        };
        let public = is_public(&function.vis);
        let ident = &function.sig.ident;
        self.all
            .functions
            .push(declared(ident, public, origin, item));
    }

    fn implementation(&mut self, block: &syn::ItemImpl, file: &Rc<File>) {
        let syn::Type::Path(path) = &*block.self_ty else {
            return;
        };
        let Some(owner) = path.path.segments.last() else {
            return;
        };
        if block.trait_.is_some() {
            return;
        }
        let owner = plain(&owner.ident);
        for item in &block.items {
            self.method(item, &owner, file, 0);
        }
    }

    fn method(
        &mut self,
        item: &ImplItem,
        owner: &str,
        file: &Rc<File>,
        depth: u32,
    ) {
        match item {
            ImplItem::Const(value) => self.associated(value, owner, file),
            ImplItem::Fn(value) => {
                let origin = Origin::new(file, value, Some(&value.attrs));
                let public = is_public(&value.vis);
                let ident = &value.sig.ident;
                let new = declared(ident, public, origin, value.clone());
                self.all.methods.push((owner.to_owned(), new));
            }
            ImplItem::Macro(call) => {
                match self.all.macro_impl_items(&call.mac) {
                    Ok((items, by)) if depth < 16 => {
                        let made = file.expanded(&call.mac, by);
                        for item in &items {
                            self.method(item, owner, &made, depth + 1);
                        }
                    }
                    other => {
                        let name = call.mac.path.to_token_stream();
                        let what = format!("{owner}: {name}!");
                        let place = Origin::new(file, call, None).place();
                        let why = other.err().unwrap_or("too deep".into());
                        self.unchecked(&what, place, why);
                    }
                }
            }
            _ => {}
        }
    }

    /// A constant of the type `owner`.
    fn associated(
        &mut self,
        value: &syn::ImplItemConst,
        owner: &str,
        file: &Rc<File>,
    ) {
        let what = format!("{owner}::{}", value.ident);
        if !self.admits(&value.attrs, &what, value, file) {
            return;
        }
        let item = Constant {
            ty: value.ty.clone(),
            value: value.expr.clone(),
        };
        let origin = Origin::new(file, value, Some(&value.attrs));
        let public = is_public(&value.vis);
        let new = declared(&value.ident, public, origin, item);
        self.all.associated.push((owner.to_owned(), new));
    }

    fn import(&mut self, prefix: &[String], public: bool, tree: &UseTree) {
        let with = |name: &syn::Ident| [prefix, &[plain(name)]].concat();
        match tree {
            UseTree::Path(path) => {
                self.import(&with(&path.ident), public, &path.tree);
            }
            UseTree::Name(name) if name.ident == "self" => {
                if let Some(last) = prefix.last() {
                    self.brought(last.clone(), public, prefix.to_vec());
                }
            }
            UseTree::Name(name) => {
                self.brought(plain(&name.ident), public, with(&name.ident));
            }
            UseTree::Rename(rename) => {
                let path = if rename.ident == "self" {
                    prefix.to_vec()
                } else {
                    with(&rename.ident)
                };
                self.brought(plain(&rename.rename), public, path);
            }
            UseTree::Glob(_) => {
                let path = prefix.to_vec();
                let module = self.inside.join("::");
                self.all.globs.push(Import {
                    path,
                    public,
                    module,
                });
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(prefix, public, tree);
                }
            }
        }
    }
}

pub(crate) fn abi(abi: Option<&syn::Abi>) -> String {
    let named = abi.and_then(|abi| abi.name.as_ref());
    named.map_or("C".to_owned(), syn::LitStr::value)
}

/// For users of the crate: `pub(crate)` is not.
fn is_public(vis: &syn::Visibility) -> bool {
    matches!(vis, syn::Visibility::Public(_))
}

fn declared<T>(
    ident: &syn::Ident,
    public: bool,
    origin: Origin,
    item: T,
) -> Declared<T> {
    Declared {
        name: plain(ident),
        origin,
        public,
        item,
    }
}

fn is_compile_error(item: &Item) -> bool {
    let Item::Macro(call) = item else {
        return false;
    };
    let last = call.mac.path.segments.last();
    last.is_some_and(|last| last.ident == "compile_error")
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(i) => &i.attrs,
        Item::Enum(i) => &i.attrs,
        Item::Fn(i) => &i.attrs,
        Item::ForeignMod(i) => &i.attrs,
        Item::Impl(i) => &i.attrs,
        Item::Macro(i) => &i.attrs,
        Item::Mod(i) => &i.attrs,
        Item::Static(i) => &i.attrs,
        Item::Struct(i) => &i.attrs,
        Item::Type(i) => &i.attrs,
        Item::Union(i) => &i.attrs,
        Item::Use(i) => &i.attrs,
        _ => &[],
    }
}

/// What an item is called where it is not looked at.
fn title(item: &Item) -> String {
    match item {
        Item::Const(i) => i.ident.to_string(),
        Item::Enum(i) => i.ident.to_string(),
        Item::Fn(i) => i.sig.ident.to_string(),
        Item::ForeignMod(block) => {
            let names = block.items.iter().filter_map(|item| match item {
                ForeignItem::Fn(f) => Some(f.sig.ident.to_string()),
                ForeignItem::Static(s) => Some(s.ident.to_string()),
                ForeignItem::Type(t) => Some(t.ident.to_string()),
                _ => None,
            });
            names.collect::<Vec<_>>().join(", ")
        }
        Item::Impl(i) => {
            format!("impl {}", i.self_ty.to_token_stream())
        }
        Item::Macro(i) => match &i.ident {
            Some(name) => format!("macro_rules! {name}"),
            None => format!("{}!", i.mac.path.to_token_stream()),
        },
        Item::Mod(i) => format!("mod {}", i.ident),
        Item::Struct(i) => i.ident.to_string(),
        Item::Type(i) => i.ident.to_string(),
        Item::Union(i) => i.ident.to_string(),
        Item::Use(_) => "use".to_owned(),
        _ => "an item".to_owned(),
    }
}
