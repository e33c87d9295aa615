// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a crate declares: all modules in one space of names, as C has it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::path::PathBuf;

use crate::place::Place;
use crate::read::crates::Dependencies;
use crate::read::expand::Macros;
use crate::read::lookup::{Import, names};
use crate::read::names::Names;
use crate::read::origin::Origin;
use crate::read::rules::Rules;
use crate::target::Target;

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

impl TypeItem {
    /// Whether it is `type X = inner::X;`: the type of that name of another
    /// module.
    pub fn leads_to(&self, name: &str) -> bool {
        let Self::Alias(ty) = self else {
            return false;
        };
        let syn::Type::Path(path) = &**ty else {
            return false;
        };
        let parts = &path.path.segments;
        parts.len() > 1 && parts.last().is_some_and(|last| last.ident == name)
    }

    /// Whether both declare the same.
    pub fn is(&self, other: &Self) -> bool {
        let fields = |some: &[Field], other: &[Field]| {
            some.iter()
                .map(|field| (&field.name, &field.ty))
                .eq(other.iter().map(|field| (&field.name, &field.ty)))
        };
        match (self, other) {
            (Self::Alias(one), Self::Alias(other)) => one == other,
            (Self::Struct(repr, one), Self::Struct(as_, other))
            | (Self::Union(repr, one), Self::Union(as_, other)) => {
                repr == as_ && fields(one, other)
            }
            (Self::Enum(repr, one), Self::Enum(as_, other)) => {
                let names = one.iter().map(|(item, value)| (&item.name, value));
                repr == as_ && names.eq(other.iter().map(|(i, v)| (&i.name, v)))
            }
            (Self::Foreign, Self::Foreign) => true,
            _ => false,
        }
    }
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
    /// The same of a name for one: `type X<T> = Option<fn(*mut T)>`.
    pub generic_aliases: HashMap<String, syn::ItemType>,
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
