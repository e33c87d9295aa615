// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rust's types, how C writes them, and in what they differ from C's.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use quote::ToTokens;
use syn::{ReturnType, Type};

use crate::ask::Definitions;
use crate::read::eval::Evaluator;
use crate::read::header::{CRecord, Header};
use crate::read::items::{Crate, Field, TypeItem};
use crate::read::lookup::{Asked, Found, has_type};
use crate::read::rust::abi;
use crate::target::Machine;

/// A type, aliases resolved.
#[derive(Debug, Clone, PartialEq)]
pub enum Ty {
    /// `()`, `c_void`
    Void,
    /// `!`
    Never,
    /// `bool`
    Bool,
    /// `u8`, `i64`, ...: bits, and whether it has a sign.
    Fixed(u32, bool),
    /// `usize`, `isize`
    Size(bool),
    /// `c_int`, ...: C's own name for it, and whether it has a sign.
    C(&'static str, bool),
    /// A type that C knows by this name: `libc::off_t`.
    Known(&'static str),
    /// `f32`, `f64`
    Float(u32),
    /// A pointer or reference.
    Pointer {
        /// `*mut`
        mutable: bool,
        /// To what.
        to: Box<Ty>,
    },
    /// `[T; n]`
    Array(Box<Ty>, u64),
    /// A function pointer, and whether it is in an `Option`.
    Function(Box<FunctionType>, bool),
    /// A struct, union or enum of the crate.
    Named(String),
    /// A `va_list` argument.
    VaList,
    /// Two words, to something whose size is in the second: `&[T]`, `&str`.
    Wide,
    /// Of no size: `PhantomData`.
    Nothing,
}

/// What a function pointer takes and returns.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionType {
    /// `"C"`, ...
    pub abi: String,
    /// What it takes.
    pub params: Vec<Ty>,
    /// What it returns.
    pub result: Ty,
    /// `...`
    pub variadic: bool,
}

/// A C type that a Rust type stands for although C has no name for it.
#[derive(Debug, Clone)]
pub struct Pair {
    /// How C can refer to it.
    pub text: String,
    /// [`Header::records`]' key.
    pub key: String,
}

/// Size and alignment, in bytes.
pub type Extent = (u64, u64);

/// Resolves the types of a crate against a header.
#[derive(Debug)]
pub struct Types<'a> {
    /// The crate.
    pub all: &'a Crate,
    /// The header.
    pub header: &'a Header,
    /// Of the crate's constants.
    pub eval: Evaluator<'a>,
    /// For what it is compiled.
    pub machine: Machine,
    /// How closely Rust's types are written as C's.
    pub closeness: Rc<Cell<Closeness>>,
    /// C calls Rust, and not Rust C: for messages.
    pub exports: bool,
    /// Rust's names for what has none in C.
    pub pairs: HashMap<String, Pair>,
    /// What was written needs these.
    pub definitions: Rc<RefCell<Definitions>>,
    /// Names of the libc crate that were taken for C's: it was not read.
    pub assumed: RefCell<BTreeSet<String>>,
    /// Structs and unions of other crates that were taken for C's of their
    /// name.
    pub foreign: RefCell<BTreeSet<String>>,
    /// The same for each crate that this one names.
    others: RefCell<HashMap<String, Rc<Self>>>,
}

pub(super) type Result<T> = std::result::Result<T, String>;

/// What is held against C.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closeness {
    /// All that Rust says.
    Exact,
    /// What a register and a byte of memory know: no `const`, no name of a
    /// type that is another one of the same width and sign, and an enum is
    /// the integer that it is stored in.
    Binary,
}

impl<'a> Types<'a> {
    /// Of `all`, against `header`.
    pub fn new(all: &'a Crate, header: &'a Header, machine: Machine) -> Self {
        Self::new_at(all, header, machine, 0)
    }

    /// The same, for the size that an array of the type may have in its
    /// length, and so on: `depth` times.
    fn new_at(
        all: &'a Crate,
        header: &'a Header,
        machine: Machine,
        depth: u32,
    ) -> Self {
        let layouts = move |ty: &Type, field: Option<&str>| {
            if depth > 8 {
                return None;
            }
            Self::new_at(all, header, machine, depth + 1).laid(ty, field)
        };
        Self {
            all,
            header,
            eval: Evaluator::new(all, machine).with_layouts(layouts),
            machine,
            closeness: Rc::new(Cell::new(Closeness::Exact)),
            exports: false,
            pairs: HashMap::new(),
            definitions: Rc::default(),
            assumed: RefCell::default(),
            foreign: RefCell::default(),
            others: RefCell::default(),
        }
    }

    /// The same for the crate that is called `name` here.
    pub(crate) fn other(&self, name: &str) -> Result<Rc<Self>> {
        if let Some(known) = self.others.borrow().get(name) {
            return Ok(Rc::clone(known));
        }
        let Some(dependency) = self.all.dependencies.get(name) else {
            return Err(format!("the crate {name} was not given"));
        };
        let new = Rc::new(Self {
            exports: self.exports,
            closeness: Rc::clone(&self.closeness),
            definitions: Rc::clone(&self.definitions),
            ..Self::new(dependency.get()?, self.header, self.machine)
        });
        let mut others = self.others.borrow_mut();
        others.insert(name.to_owned(), Rc::clone(&new));
        Ok(new)
    }

    /// The crate of a name such as `libc::stat`, and the name there.
    pub(crate) fn within<'n>(
        &self,
        name: &'n str,
    ) -> Option<(Rc<Self>, &'n str)> {
        let (root, rest) = name.split_once("::")?;
        Some((self.other(root).ok()?, rest))
    }

    /// The types of other crates that were written in C so far: the name,
    /// and the crate and the name in it.
    pub(crate) fn taken(&self) -> Vec<(String, Rc<Self>, String)> {
        let mut all = vec![];
        for name in self.foreign.borrow().iter() {
            if let Some((other, inner)) = self.within(name) {
                if !inner.contains("::") {
                    all.push((name.clone(), other, inner.to_owned()));
                }
            }
        }
        for (root, other) in self.others.borrow().iter() {
            let inner = other.taken().into_iter();
            all.extend(inner.map(|(name, types, inner)| {
                (format!("{root}::{name}"), types, inner)
            }));
        }
        all
    }

    /// C's struct or union for what Rust calls `name`, and how C writes it.
    pub fn c_record(&self, name: &str) -> Option<(&'a CRecord, String)> {
        if let Some((_, record, text)) = self.header.record(name) {
            return Some((record, text));
        }
        let pair = self.pairs.get(name)?;
        let record = self.header.records.get(&pair.key)?;
        Some((record, pair.text.clone()))
    }

    /// What `ty` is.
    pub fn resolve(&self, ty: &Type) -> Result<Ty> {
        self.resolve_at(ty, 0)
    }

    pub(crate) fn resolve_at(&self, ty: &Type, depth: u32) -> Result<Ty> {
        if depth > 128 {
            return Err("a type that never ends".to_owned());
        }
        let down = |ty: &Type| self.resolve_at(ty, depth + 1);
        match ty {
            Type::Never(_) => Ok(Ty::Never),
            Type::Tuple(tuple) if tuple.elems.is_empty() => Ok(Ty::Void),
            Type::Paren(inner) => down(&inner.elem),
            Type::Group(inner) => down(&inner.elem),
            Type::Ptr(pointer) => {
                self.pointer(pointer.mutability.is_some(), &pointer.elem, depth)
            }
            Type::Reference(reference) => {
                let mutable = reference.mutability.is_some();
                self.pointer(mutable, &reference.elem, depth)
            }
            Type::Array(array) => Ok(Ty::Array(
                Box::new(down(&array.elem)?),
                self.eval.length(&array.len)?,
            )),
            Type::BareFn(function) => self.function(function, depth),
            Type::Macro(call) => down(&self.all.macro_type(&call.mac)?),
            Type::Path(path) if path.qself.is_none() => {
                self.path(ty, &path.path, depth)
            }
            _ => Err(unknown(ty, "no type of C")),
        }
    }

    fn pointer(&self, mutable: bool, to: &Type, depth: u32) -> Result<Ty> {
        match self.resolve_at(to, depth + 1) {
            Ok(to) => Ok(pointer_to(mutable, to)),
            Err(_) if self.is_unsized(to) => Ok(Ty::Wide),
            Err(why) => Err(why),
        }
    }

    /// Whether a pointer to it needs a second word.
    fn is_unsized(&self, ty: &Type) -> bool {
        match ty {
            Type::Slice(_) | Type::TraitObject(_) => true,
            Type::Paren(inner) => self.is_unsized(&inner.elem),
            Type::Group(inner) => self.is_unsized(&inner.elem),
            Type::Path(path) => self.is_unsized_of_std(&path.path),
            _ => false,
        }
    }

    fn is_unsized_of_std(&self, path: &syn::Path) -> bool {
        let names = self.all.path_of(path);
        let (has, outside) = (&has_type, false);
        let found = self.all.find(&names, Asked { has, outside });
        let unsized_ = ["str", "CStr", "OsStr", "Path"];
        match found.as_slice() {
            [] => path.is_ident("str"),
            all => all.iter().all(|one| match one {
                Found::Std(whole) => whole
                    .last()
                    .is_some_and(|last| unsized_.contains(&last.as_str())),
                _ => false,
            }),
        }
    }

    fn function(&self, written: &syn::TypeBareFn, depth: u32) -> Result<Ty> {
        let down = |ty: &Type| self.resolve_at(ty, depth + 1);
        let params = written.inputs.iter().map(|input| down(&input.ty));
        let params = params.collect::<Result<_>>()?;
        let result = match &written.output {
            ReturnType::Default => Ty::Void,
            ReturnType::Type(_, ty) => down(ty)?,
        };
        let function = FunctionType {
            abi: match &written.abi {
                None => "Rust".to_owned(),
                some => abi(some.as_ref()),
            },
            params,
            result,
            variadic: written.variadic.is_some(),
        };
        Ok(Ty::Function(Box::new(function), false))
    }

    pub(crate) fn generic(
        &self,
        ty: &Type,
        name: &str,
        argument: &Type,
        depth: u32,
    ) -> Result<Ty> {
        let inner = || self.resolve_at(argument, depth + 1);
        match name {
            "PhantomData" => Ok(Ty::Nothing),
            "Option" => match inner()? {
                Ty::Function(function, _) => Ok(Ty::Function(function, true)),
                other @ (Ty::Pointer { .. } | Ty::Wide) => Ok(other),
                // 0 is None.
                number if is_nonzero(argument) => Ok(number),
                _ => Err(unknown(ty, "no type of C")),
            },
            "NonNull" | "Box" => self.pointer(true, argument, depth),
            "NonZero" => inner(),
            "ManuallyDrop"
            | "MaybeUninit"
            | "UnsafeCell"
            | "Cell"
            | "__BindgenBitfieldUnit"
            | "__BindgenOpaqueArray" => inner(),
            "__IncompleteArrayField" => Ok(Ty::Array(Box::new(inner()?), 0)),
            _ => self.transparent(ty, name, argument, depth),
        }
    }

    /// The fields of a struct or union that take room.
    pub fn real_fields<'f>(
        &self,
        fields: &'f [Field],
    ) -> Vec<(&'f Field, Result<Ty>)> {
        let all = fields.iter().map(|field| match &field.ty {
            Type::Tuple(tuple) if tuple.elems.is_empty() => {
                (field, Ok(Ty::Nothing))
            }
            ty => (field, self.resolve(ty)),
        });
        all.filter(|(_, ty)| *ty != Ok(Ty::Nothing)).collect()
    }

    /// Whether a Rust type says nothing of what is in it.
    pub fn is_opaque(&self, item: &TypeItem) -> bool {
        match item {
            TypeItem::Foreign => true,
            TypeItem::Enum(_, variants) => variants.is_empty(),
            TypeItem::Struct(_, fields) | TypeItem::Union(_, fields) => {
                let is_nothing = |field: &Field| {
                    let ty = self.resolve(&field.ty);
                    matches!(ty, Ok(Ty::Nothing | Ty::Void | Ty::Array(_, 0)))
                };
                // bindgen's, of a struct that is only named
                let named = |field: &Field| field.name == "_address";
                fields
                    .iter()
                    .all(|field| !field.public && is_nothing(field))
                    || matches!(fields.as_slice(), [one] if named(one))
            }
            TypeItem::Alias(_) => false,
        }
    }
}

/// `NonZeroU32`, `NonZero<u32>`: of Rust's own, which has no other of the kind.
fn is_nonzero(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let last = path.path.segments.last();
    last.is_some_and(|last| last.ident.to_string().starts_with("NonZero"))
}

/// A name without the crates that it is of.
pub fn bare(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name)
}

pub(crate) fn unknown(ty: &Type, what: &str) -> String {
    let text = crate::target::tidy(&ty.to_token_stream().to_string());
    format!("{text} is {what}")
}

/// Rust's own types.
pub(crate) fn primitive(name: &str) -> Option<Ty> {
    Some(match name {
        "bool" => Ty::Bool,
        "u8" => Ty::Fixed(8, false),
        "i8" => Ty::Fixed(8, true),
        "u16" => Ty::Fixed(16, false),
        "i16" => Ty::Fixed(16, true),
        "u32" | "char" => Ty::Fixed(32, false),
        "i32" => Ty::Fixed(32, true),
        "u64" => Ty::Fixed(64, false),
        "i64" => Ty::Fixed(64, true),
        "u128" => Ty::Fixed(128, false),
        "i128" => Ty::Fixed(128, true),
        "usize" => Ty::Size(false),
        "isize" => Ty::Size(true),
        "f32" => Ty::Float(32),
        "f64" => Ty::Float(64),
        _ => return None,
    })
}

/// `int32_t` and the like.
pub(crate) fn fixed_name(name: &str) -> Option<Ty> {
    let inner = name.strip_suffix("_t")?;
    let (inner, signed) = match inner.strip_prefix('u') {
        Some(inner) => (inner, false),
        None => (inner, true),
    };
    let bits = inner.strip_prefix("int")?.parse().ok()?;
    matches!(bits, 8 | 16 | 32 | 64).then_some(Ty::Fixed(bits, signed))
}

fn pointer_to(mutable: bool, to: Ty) -> Ty {
    let to = Box::new(to);
    Ty::Pointer { mutable, to }
}
