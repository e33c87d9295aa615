// SPDX-License-Identifier: MIT OR Apache-2.0
//! What Rust sources declare.
//!
//! All modules are put into one space of names, as C has it.

use std::cell::RefCell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Attribute, ForeignItem, ImplItem, Item, Meta, UseTree};

use crate::Error;
use crate::crates::Dependencies;
use crate::expand::Macros;
use crate::header::Place;
use crate::lookup::{Import, names};
use crate::names::Names;
pub use crate::origin::Origin;
use crate::origin::{By, Expansion, line};
use crate::rules::Rules;
use crate::snippet::Snippet;
use crate::target::Target;

/// A source file, parsed.
#[derive(Debug)]
pub struct File {
    /// Where it is.
    pub path: PathBuf,
    /// What it says.
    pub text: Rc<str>,
    /// The same, parsed.
    pub items: Rc<[Item]>,
    /// The call of a macro that stands for the items, if they are one's.
    pub expansion: Option<Expansion>,
    /// What was shown of it: the same items are compared again and again.
    shown: RefCell<HashMap<Shown, Snippet>>,
}

/// An item, and the part of it that is marked.
type Shown = (Range<usize>, Option<Range<usize>>);

impl File {
    /// The line of the byte `at`, from 1.
    pub(crate) fn line_of(&self, at: usize) -> u32 {
        let before = self.text.get(..at).unwrap_or("");
        let lines = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        u32::try_from(lines).unwrap_or(0)
    }

    /// What a macro that is called here makes is taken for a file.
    fn expanded(&self, call: &syn::Macro, by: By) -> Rc<Self> {
        Rc::new(Self {
            path: self.path.clone(),
            text: Rc::clone(&self.text),
            items: Rc::clone(&self.items),
            expansion: Some(Expansion::new(call, self, by)),
            shown: RefCell::default(),
        })
    }

    pub(crate) fn snippet(&self, shown: Shown) -> Snippet {
        let mut known = self.shown.borrow_mut();
        let snippet = known.entry(shown).or_insert_with_key(|(item, mark)| {
            Snippet::new(&self.text, item.clone(), mark.as_ref())
        });
        snippet.clone()
    }
}

/// Source files, each read and parsed once.
#[derive(Debug, Default, Clone)]
pub struct Files {
    known: HashMap<PathBuf, Rc<File>>,
}

impl Files {
    /// What is at `path`.
    pub fn get(&mut self, path: &Path) -> Result<Rc<File>, Error> {
        if let Some(known) = self.known.get(path) {
            return Ok(Rc::clone(known));
        }
        let text = fs::read_to_string(path)
            .map_err(|error| Error::Read(path.to_path_buf(), error))?;
        self.put(path, text)
    }

    /// Take `text` for what is at `path`.
    pub fn put(
        &mut self,
        path: &Path,
        text: String,
    ) -> Result<Rc<File>, Error> {
        let parsed = syn::parse_file(&text).map_err(|error| {
            let at = error.span().start();
            Error::Parse(path.to_path_buf(), at.line, error.to_string())
        })?;
        let file = Rc::new(File {
            path: path.to_path_buf(),
            text: text.into(),
            items: parsed.items.into(),
            expansion: None,
            shown: RefCell::default(),
        });
        self.known.insert(path.to_path_buf(), Rc::clone(&file));
        Ok(file)
    }

    /// All files that were read.
    pub fn all(&self) -> impl Iterator<Item = &Rc<File>> {
        self.known.values()
    }
}

/// An item that is there.
#[derive(Debug, Clone)]
pub struct Declared<T> {
    /// Its name.
    pub name: String,
    /// Where.
    pub origin: Origin,
    /// `pub`
    pub public: bool,
    /// What.
    pub item: T,
}

/// The name that the linker looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Symbol {
    /// This one.
    Name(String),
    /// `link_name` is computed in a way that is not understood.
    Unknown,
}

/// A function, of C or for C.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its signature.
    pub sig: syn::Signature,
    /// `"C"`, or `"Rust"`.
    pub abi: String,
    /// What it links against, or is exported as.
    pub symbol: Option<Symbol>,
    /// Its body: it is no declaration of a C function.
    pub body: Option<syn::Block>,
}

/// A variable of C.
#[derive(Debug, Clone)]
pub struct Static {
    /// Its type.
    pub ty: syn::Type,
    /// `static mut`
    pub mutable: bool,
    /// What it links against, or is exported as.
    pub symbol: Symbol,
    /// It is Rust's: C reads it.
    pub defined: bool,
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub struct Constant {
    /// Its type.
    pub ty: syn::Type,
    /// Its value.
    pub value: syn::Expr,
}

/// How a type is laid out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repr {
    /// `C`
    pub c: bool,
    /// `transparent`
    pub transparent: bool,
    /// `packed`, `packed(N)`
    pub packed: Option<u32>,
    /// `align(N)`
    pub align: Option<u32>,
    /// `u8`, ...
    pub int: Option<String>,
}

/// A field.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name, or its number.
    pub name: String,
    /// Where.
    pub origin: Origin,
    /// `pub`
    pub public: bool,
    /// Its type.
    pub ty: syn::Type,
}

/// A type.
#[derive(Debug, Clone)]
pub enum TypeItem {
    /// `type X = ...`
    Alias(Box<syn::Type>),
    /// A struct.
    Struct(Repr, Vec<Field>),
    /// A union.
    Union(Repr, Vec<Field>),
    /// An enum, with its variants and their values as written.
    Enum(Repr, Vec<(Declared<()>, Option<syn::Expr>)>),
    /// `type X;` in an extern block.
    Foreign,
}

/// Something that was not looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unchecked {
    /// What.
    pub item: String,
    /// Where.
    pub place: Place,
    /// Why.
    pub why: String,
}

/// All that the sources declare.
#[derive(Debug, Default)]
pub struct Crate {
    /// Functions, in order.
    pub functions: Vec<Declared<Function>>,
    /// Variables, in order.
    pub statics: Vec<Declared<Static>>,
    /// Constants.
    pub constants: BTreeMap<String, Declared<Constant>>,
    /// Constants of a type, by type and name, in order.
    pub associated: Vec<(String, Declared<Constant>)>,
    /// Methods, by type: bindgen's tell where a bitfield lies.
    pub methods: Vec<(String, Declared<syn::ImplItemFn>)>,
    /// Types.
    pub types: BTreeMap<String, Declared<TypeItem>>,
    /// What `use` brings in under each name.
    pub imports: HashMap<String, Vec<Import>>,
    /// Modules that `use` brings in all of.
    pub globs: Vec<Import>,
    /// Its own modules.
    pub modules: HashSet<String>,
    /// The crates that it may name.
    pub dependencies: Dependencies,
    /// Those of which it has all macros: `#[macro_use] extern crate`.
    pub macro_crates: Vec<String>,
    /// What `cfg!` asks.
    pub target: Option<Target>,
    /// What was not looked at.
    pub unchecked: Vec<Unchecked>,
    /// What is Rust's own, and cannot be C's.
    pub alone: Vec<Unchecked>,
    /// Generic structs: what a name for one with its arguments is made of.
    pub generics: HashMap<String, syn::ItemStruct>,
    /// Macros, for the types and values that call them.
    pub macros: Macros,
    /// It is the library: it defines what the header declares.
    pub exports: bool,
    /// What C calls its types then.
    pub names: Names,
    /// Modules that stand for an enum, and the name of the type in each.
    pub enum_modules: HashMap<String, String>,
    /// What a person said of it.
    pub rules: Rules,
    /// Where its modules stand, the outer ones first.
    pub regions: Vec<Module>,
}

/// A module, and where its items stand.
#[derive(Debug, Clone)]
pub struct Module {
    /// Its path.
    pub path: String,
    /// The file.
    pub file: PathBuf,
    /// Bytes and lines of the file, if it is not all of it.
    pub range: Option<(Range<usize>, Range<u32>)>,
}

impl Crate {
    /// What a path names: the module, if that is of the type in a module that
    /// stands for an enum, and else its last part.
    pub fn named(&self, path: &syn::Path) -> Option<String> {
        let mut written = names(path);
        let module = self.enum_module(&written);
        module.or_else(|| written.pop())
    }

    /// The same as a path, with the name that C has for the type.
    pub fn path_of(&self, path: &syn::Path) -> Vec<String> {
        let mut written = names(path);
        if let Some(module) = self.enum_module(&written) {
            written = vec![module];
        }
        if let Some(last) = written.last_mut() {
            *last = self.names.ty(last).to_owned();
        }
        written
    }

    /// The module that stands for an enum, if `path` is of the type in it.
    fn enum_module(&self, path: &[String]) -> Option<String> {
        let own = |path: &[String]| {
            let [.., module, last] = path else {
                return None;
            };
            let is = self.enum_modules.get(module) == Some(last);
            is.then(|| module.clone())
        };
        let [one] = path else { return own(path) };
        let mut imports = self.imports.get(one)?.iter();
        imports.find_map(|import| own(&import.path))
    }

    /// A path as `use` has it, its parts with `::` between them.
    pub fn full(&self, path: &[String]) -> String {
        let import = path.first().and_then(|first| self.imports.get(first));
        match import.and_then(|all| all.first()) {
            Some(import) => [&import.path, &path[1..]].concat().join("::"),
            None => path.join("::"),
        }
    }

    /// The path of the module that an item is in.
    pub fn module_of(&self, origin: &Origin) -> &str {
        let here = |module: &&Module| origin.is_in(module);
        let found = self.regions.iter().rev().find(here);
        found.map_or("", |module| &module.path)
    }

    /// Take it for the library, whose types and enumerators have these names
    /// in C.
    pub fn export(&mut self, names: Names) {
        let types = std::mem::take(&mut self.types);
        for (rust, mut item) in types {
            names.ty(&rust).clone_into(&mut item.name);
            if let TypeItem::Enum(_, variants) = &mut item.item {
                for (variant, _) in variants {
                    variant.name = names.enumerator(&item.name, &variant.name);
                }
            }
            self.types.insert(item.name.clone(), item);
        }
        self.constants.retain(|name, _| !names.excludes(name));
        self.names = names;
        self.exports = true;
    }
}

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
    crate::cycles::remove(&mut all);
    Ok(all)
}

struct Reader<'a> {
    all: Crate,
    files: &'a mut Files,
    target: &'a Target,
    /// How many macros deep.
    depth: u32,
    /// The modules that it is in.
    inside: Vec<String>,
}

impl Reader<'_> {
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
            let all = self.all.imports.entry(name).or_default();
            let new = Import { path, public };
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
        if matches!(item, Item::Macro(call) if call.mac.path.segments.last()
            .is_some_and(|last| last.ident == "compile_error"))
        {
            return Ok(());
        }
        if !self.item_is_there(item, file) {
            return Ok(());
        }
        match item {
            Item::ForeignMod(block) => self.foreign(block, file),
            Item::Fn(function) => self.function(function, file),
            Item::Static(item) => self.variable(item, file),
            Item::Const(constant) => self.constant(constant, file),
            Item::Type(alias) => {
                let item = match self.instance(&alias.ty, file) {
                    Some(instance) => instance,
                    None => TypeItem::Alias(alias.ty.clone()),
                };
                self.ty(&alias.ident, &alias.vis, item, file, alias);
            }
            Item::Struct(value) if !value.generics.params.is_empty() => {
                let name = plain(&value.ident);
                self.all.generics.insert(name, value.clone());
                let place =
                    Origin::new(file, value, Some(&value.attrs)).place();
                let why = "a generic type of Rust's own: C has none";
                self.all.alone.push(Unchecked {
                    item: value.ident.to_string(),
                    place,
                    why: why.to_owned(),
                });
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
            Entry::Occupied(_) => {
                let why = "another constant of this name is compared: one \
                           space of names is all that C has";
                let place = new.origin.place();
                self.unchecked(&new.name, place, why.to_owned());
            }
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
        self.all.types.entry(new.name.clone()).or_insert(new);
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
                ty: field.ty.clone(),
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

    fn foreign(&mut self, block: &syn::ItemForeignMod, file: &Rc<File>) {
        let abi = abi(Some(&block.abi));
        for item in &foreign_items(block) {
            let (attributes, what) = match item {
                ForeignItem::Fn(f) => (&f.attrs, f.sig.ident.to_string()),
                ForeignItem::Static(s) => (&s.attrs, s.ident.to_string()),
                ForeignItem::Type(t) => (&t.attrs, t.ident.to_string()),
                ForeignItem::Macro(call) => {
                    let name = call.mac.path.to_token_stream().to_string();
                    let place = Origin::new(file, call, None).place();
                    let why = "a macro in an extern block may declare \
                               anything";
                    self.unchecked(&format!("{name}!"), place, why.into());
                    continue;
                }
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
                _ => {}
            }
        }
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
            ImplItem::Const(value) => {
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
            ImplItem::Fn(value) => {
                let origin = Origin::new(file, value, Some(&value.attrs));
                let public = is_public(&value.vis);
                let ident = &value.sig.ident;
                let new = declared(ident, public, origin, value.clone());
                self.all.methods.push((owner.to_owned(), new));
            }
            ImplItem::Macro(call) => {
                let expanded = self.all.macro_impl_items(&call.mac);
                match expanded {
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
                self.all.globs.push(Import { path, public });
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(prefix, public, tree);
                }
            }
        }
    }

    fn module(
        &mut self,
        module: &syn::ItemMod,
        file: &Rc<File>,
        folder: &Path,
    ) -> Result<(), Error> {
        let name = plain(&module.ident);
        self.all.modules.insert(name.clone());
        let named = module.attrs.iter().find_map(|attribute| {
            let Meta::NameValue(pair) = &attribute.meta else {
                return None;
            };
            if !pair.path.is_ident("path") {
                return None;
            }
            self.all.text(&pair.value)
        });
        if let Some((_, items)) = &module.content {
            let last = u32::try_from(module.span().end().line).unwrap_or(0);
            let lines = line(module)..last + 1;
            let range = Some((module.span().byte_range(), lines));
            self.enter(&name, file, range);
            if let Some(alias) = enum_module(items) {
                self.enum_module(module, items, alias, file);
                self.inside.pop();
                return Ok(());
            }
            let folder = folder.join(named.unwrap_or(name));
            let done = self.items(items, file, &folder);
            self.inside.pop();
            return done;
        }
        let beside = file.path.parent().unwrap_or(Path::new(""));
        let candidates = match named {
            Some(path) => vec![beside.join(path)],
            None => vec![
                folder.join(format!("{name}.rs")),
                folder.join(&name).join("mod.rs"),
            ],
        };
        let known = |path: &&PathBuf| {
            path.is_file() || self.files.known.contains_key(*path)
        };
        let Some(path) = candidates.iter().find(known) else {
            return Err(Error::NoModule(
                Origin::new(file, module, None).place(),
                name,
            ));
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

    fn invocation(
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
        if is("include") {
            return self.include(call, file, folder);
        }
        if is("cfg_if") {
            return self.cfg_if(call, file, folder);
        }
        if let Some(name) = &call.ident {
            let mut attributes = call.attrs.iter();
            let exported =
                attributes.any(|a| a.path().is_ident("macro_export"));
            let by = By {
                name: plain(name),
                file: file.path.clone(),
                line: line(call),
            };
            self.all.macros.define(by, &call.mac.tokens, exported);
            return Ok(());
        }
        let expanded = match self.depth {
            0..64 => self.all.macro_items(&call.mac),
            _ => Err("macros that expand without end".to_owned()),
        };
        match expanded {
            Ok((items, by)) => {
                let made = file.expanded(&call.mac, by);
                self.depth += 1;
                self.items(&items, &made, folder)?;
                self.depth -= 1;
            }
            Err(why) => {
                let name = call.mac.path.to_token_stream().to_string();
                let name = name.replace(' ', "");
                let place = Origin::new(file, call, None).place();
                self.unchecked(&format!("{name}!"), place, why);
            }
        }
        Ok(())
    }
}

impl Reader<'_> {
    /// `type X = Generic<8>;`: the generic struct with its arguments.
    fn instance(
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
        let given = given
            .args
            .iter()
            .filter(|one| !matches!(one, syn::GenericArgument::Lifetime(_)));
        let names =
            generic.generics.params.iter().filter_map(|one| match one {
                syn::GenericParam::Type(ty) => Some(ty.ident.to_string()),
                syn::GenericParam::Const(value) => {
                    Some(value.ident.to_string())
                }
                syn::GenericParam::Lifetime(_) => None,
            });
        let given: HashMap<String, TokenStream> =
            names.zip(given.map(ToTokens::to_token_stream)).collect();
        let repr = self.repr(&generic.attrs);
        let mut fields = self.fields(&generic.fields, &generic.ident, file);
        for field in &mut fields {
            let text = replace(field.ty.to_token_stream(), &given);
            field.ty = syn::parse2(text).ok()?;
        }
        Some(TypeItem::Struct(repr, fields))
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

/// `tokens`, with the names in `given` replaced.
pub(crate) fn replace(
    tokens: TokenStream,
    given: &HashMap<String, TokenStream>,
) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Ident(name) => {
                let found = given.get(&name.to_string());
                found.cloned().unwrap_or_else(|| name.into_token_stream())
            }
            TokenTree::Group(group) => proc_macro2::Group::new(
                group.delimiter(),
                replace(group.stream(), given),
            )
            .into_token_stream(),
            other => other.into_token_stream(),
        })
        .collect()
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

/// A name without `r#`.
pub fn plain(ident: &syn::Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").unwrap_or(&name).to_owned()
}

fn abi(abi: Option<&syn::Abi>) -> String {
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
