// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rust's types, how C writes them, and in what they differ from C's.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use quote::ToTokens;
use syn::{ReturnType, Type};

use crate::ask::Definitions;
use crate::read::eval::{Evaluator, Laid};
use crate::read::header::{CRecord, Header};
use crate::read::items::{Crate, Field, Repr, TypeItem};
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
        if self.is_unsized(to) {
            return Ok(Ty::Wide);
        }
        Ok(pointer_to(mutable, self.resolve_at(to, depth + 1)?))
    }

    /// Whether a pointer to it needs a second word.
    fn is_unsized(&self, ty: &Type) -> bool {
        match ty {
            Type::Slice(_) | Type::TraitObject(_) => true,
            Type::Paren(inner) => self.is_unsized(&inner.elem),
            Type::Group(inner) => self.is_unsized(&inner.elem),
            Type::Path(path) => {
                let name = self.all.named(&path.path).unwrap_or_default();
                matches!(&*name, "str" | "CStr" | "OsStr" | "Path")
                    && !self.all.types.contains_key(&name)
            }
            _ => false,
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
                fields.iter().all(|field| {
                    !field.public
                        && matches!(
                            self.resolve(&field.ty),
                            Ok(Ty::Nothing | Ty::Void | Ty::Array(_, 0))
                        )
                })
            }
            TypeItem::Alias(_) => false,
        }
    }

    /// Size and alignment in bytes, for messages.
    pub fn size(&self, ty: &Ty) -> Option<Extent> {
        let bytes = match ty {
            Ty::Void | Ty::Never => return None,
            Ty::Nothing => return Some((0, 1)),
            Ty::Wide => {
                let word = u64::from(self.machine.pointer_bits / 8);
                return Some((2 * word, word));
            }
            Ty::Array(element, len) => {
                let (size, align) = self.size(element)?;
                return Some((size * len, align));
            }
            Ty::Named(name) => return self.size_named(name),
            Ty::Known(name) => {
                let (_, c) = self.header.typedefs.get(*name)?;
                c.size.filter(|_| c.kind.is_scalar())?
            }
            Ty::Bool => 1,
            Ty::Fixed(bits, _) | Ty::Float(bits) => u64::from(bits / 8),
            Ty::C(name, _) => match *name {
                "char" | "signed char" | "unsigned char" => 1,
                "short" | "unsigned short" => 2,
                "int" | "unsigned int" => 4,
                "long" | "unsigned long" => {
                    u64::from(self.machine.long_bits / 8)
                }
                _ => 8,
            },
            Ty::Size(_)
            | Ty::Pointer { .. }
            | Ty::Function(..)
            | Ty::VaList => u64::from(self.machine.pointer_bits / 8),
        };
        Some((bytes, bytes))
    }

    /// How Rust lays `ty` out, and where its field `field` is. None: it is not
    /// known for sure.
    fn laid(&self, ty: &Type, field: Option<&str>) -> Option<Laid> {
        let resolved = self.resolve(ty).ok()?;
        if !self.is_laid_as_c(&resolved) {
            return None;
        }
        let (size, align) = self.size(&resolved)?;
        let offset = match field {
            Some(field) => self.offset(&resolved, field)?,
            None => 0,
        };
        Some(Laid {
            size,
            align,
            offset,
        })
    }

    fn offset(&self, ty: &Ty, name: &str) -> Option<u64> {
        let Ty::Named(owner) = ty else { return None };
        if let Some((other, owner)) = self.within(owner) {
            return other.offset(&Ty::Named(owner.to_owned()), name);
        }
        match &self.all.types.get(owner)?.item {
            TypeItem::Struct(repr, fields) => {
                let (_, offsets) = self.layout(repr, fields, false)?;
                let real = self.real_fields(fields).into_iter();
                let mut places = real.zip(offsets);
                let found = places.find(|((field, _), _)| field.name == name);
                found.map(|(_, offset)| offset)
            }
            TypeItem::Union(_, fields) => {
                let found = fields.iter().any(|field| field.name == name);
                found.then_some(0)
            }
            _ => None,
        }
    }

    /// Whether the language says how it is laid out.
    fn is_laid_as_c(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Array(element, _) => self.is_laid_as_c(element),
            Ty::Named(name) => {
                if let Some((other, name)) = self.within(name) {
                    return other.is_laid_as_c(&Ty::Named(name.to_owned()));
                }
                let item = self.all.types.get(name).map(|item| &item.item);
                match item {
                    Some(
                        TypeItem::Struct(repr, fields)
                        | TypeItem::Union(repr, fields),
                    ) => {
                        (repr.c || repr.transparent)
                            && self.machine.pointer_bits == 64
                            && self.real_fields(fields).iter().all(|(_, ty)| {
                                ty.as_ref()
                                    .is_ok_and(|ty| self.is_laid_as_c(ty))
                            })
                    }
                    Some(TypeItem::Enum(repr, _)) => {
                        repr.c || repr.int.is_some()
                    }
                    _ => false,
                }
            }
            _ => true,
        }
    }

    /// The same of a type of Rust's own.
    fn size_named(&self, name: &str) -> Option<Extent> {
        if name.contains("::") {
            let (other, name) = self.within(name)?;
            return other.size_named(name);
        }
        match &self.all.types.get(name)?.item {
            TypeItem::Struct(repr, fields) => {
                Some(self.layout(repr, fields, false)?.0)
            }
            TypeItem::Union(repr, fields) => {
                Some(self.layout(repr, fields, true)?.0)
            }
            TypeItem::Enum(repr, _) => match &repr.int {
                Some(int) => self.size(&primitive(int)?),
                None => Some((4, 4)),
            },
            _ => None,
        }
    }

    /// Size, alignment and offsets, for messages.
    pub fn layout(
        &self,
        repr: &Repr,
        fields: &[Field],
        is_union: bool,
    ) -> Option<(Extent, Vec<u64>)> {
        let (mut size, mut align, mut offsets) = (0_u64, 1_u64, vec![]);
        for (_, ty) in self.real_fields(fields) {
            let (bytes, mut to) = self.size(&ty.ok()?)?;
            if let Some(packed) = repr.packed {
                to = to.min(u64::from(packed));
            }
            let at = if is_union {
                0
            } else {
                size.next_multiple_of(to)
            };
            offsets.push(at);
            size = size.max(at + bytes);
            align = align.max(to);
        }
        align = align.max(u64::from(repr.align.unwrap_or(1)));
        Some(((size.next_multiple_of(align), align), offsets))
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
