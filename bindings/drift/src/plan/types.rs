// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rust's types, how C writes them, and in what they differ from C's.

use std::cell::{Cell, RefCell};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use quote::ToTokens;
use syn::{ReturnType, Type};

use crate::ask::Definitions;
use crate::plan::differ::decayed;
use crate::read::eval::{Evaluator, Value};
use crate::read::header::{
    CEnum, CFunctionType, CKind, CRecord, CType, Convention, Header,
};
use crate::read::items::{Crate, Field, Repr, TypeItem};
use crate::target::{Arch, Machine};

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

type Result<T> = std::result::Result<T, String>;

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
        Self {
            all,
            header,
            eval: Evaluator::new(all, machine),
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
            Type::Ptr(pointer) => Ok(Ty::Pointer {
                mutable: pointer.mutability.is_some(),
                to: Box::new(down(&pointer.elem)?),
            }),
            Type::Reference(reference) => match &*reference.elem {
                Type::Slice(_) => Err(unknown(ty, "no type of C")),
                elem => Ok(Ty::Pointer {
                    mutable: reference.mutability.is_some(),
                    to: Box::new(down(elem)?),
                }),
            },
            Type::Array(array) => Ok(Ty::Array(
                Box::new(down(&array.elem)?),
                self.eval.length(&array.len)?,
            )),
            Type::BareFn(function) => {
                let params = function
                    .inputs
                    .iter()
                    .map(|input| down(&input.ty))
                    .collect::<Result<_>>()?;
                let result = match &function.output {
                    ReturnType::Default => Ty::Void,
                    ReturnType::Type(_, ty) => down(ty)?,
                };
                let abi = match &function.abi {
                    None => "Rust".to_owned(),
                    Some(abi) => abi
                        .name
                        .as_ref()
                        .map_or("C".to_owned(), syn::LitStr::value),
                };
                let variadic = function.variadic.is_some();
                let function = FunctionType {
                    abi,
                    params,
                    result,
                    variadic,
                };
                Ok(Ty::Function(Box::new(function), false))
            }
            Type::Macro(call) => down(&self.all.macro_type(&call.mac)?),
            Type::Path(path) if path.qself.is_none() => {
                self.path(ty, &path.path, depth)
            }
            _ => Err(unknown(ty, "no type of C")),
        }
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
                pointer @ Ty::Pointer { .. } => Ok(pointer),
                _ => Err(unknown(ty, "no type of C")),
            },
            "NonNull" | "Box" => Ok(Ty::Pointer {
                mutable: true,
                to: Box::new(inner()?),
            }),
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

    fn pointer_text(
        &self,
        mutable: bool,
        to: &Ty,
        kind: Option<&CKind>,
    ) -> Result<String> {
        let hint = match kind {
            Some(CKind::Pointer(to)) => Some(&**to),
            _ => None,
        };
        let any =
            |other| one_is_void(other, hint) || both_are_bytes(other, hint);
        let text = match to {
            other if self.is_binary() && any(other) => {
                hint.map_or("void".to_owned(), |c| c.spelled.clone())
            }
            // It may point to its own kind, without end.
            Ty::Named(name) if self.is_stray(name) => {
                format!("struct {}", bare(name))
            }
            _ => self.c_text(to, hint)?,
        };
        let is_const = match hint {
            Some(hint) if self.is_binary() => hint.is_const,
            _ => !mutable,
        };
        let konst = if is_const { "const " } else { "" };
        // Rust has no volatile: it is not to be compared.
        let volatile = match hint {
            Some(hint) if hint.is_volatile => "volatile ",
            _ => "",
        };
        // Once more in parentheses: `const` is the pointee's, even where that
        // is a pointer.
        Ok(format!("__typeof__({konst}{volatile}__typeof__({text})) *"))
    }

    /// How C writes `ty`, where the header has `hint`: an integer of a fixed
    /// width takes the name that C has for it there, if the width is right.
    pub fn c_text(&self, ty: &Ty, hint: Option<&CType>) -> Result<String> {
        let kind = hint.map(|hint| &hint.kind);
        Ok(match ty {
            // The ABI's own struct has no name that C could say.
            Ty::Array(element, 1) if is_va_tag(element) => {
                "__builtin_va_list".to_owned()
            }
            Ty::Void | Ty::Never => "void".to_owned(),
            Ty::Bool => "_Bool".to_owned(),
            Ty::Fixed(bits, signed) => {
                let own = fixed_text(*bits, *signed, kind);
                match kind {
                    Some(CKind::Enum(_)) if self.is_binary() => {
                        self.integer_text(&own, *signed, kind)
                    }
                    _ => own,
                }
            }
            Ty::Size(signed) => {
                fixed_text(self.machine.pointer_bits, *signed, kind)
            }
            Ty::C(name, signed) if self.is_binary() => {
                self.integer_text(name, *signed, kind)
            }
            Ty::C(name, _) | Ty::Known(name) => (*name).to_owned(),
            Ty::Float(32) => "float".to_owned(),
            Ty::Float(_) => "double".to_owned(),
            Ty::VaList => "fd_va_list".to_owned(),
            Ty::Nothing => "struct { }".to_owned(),
            Ty::Pointer { mutable, to } if is_va_tag(to) => {
                if *mutable {
                    "fd_va_list".to_owned()
                } else {
                    "const __typeof__(*(fd_va_list)0) *".to_owned()
                }
            }
            Ty::Pointer { mutable, to }
                if hint.is_some_and(|hint| decayed(to, hint)) =>
            {
                let Ty::Array(element, _) = &**to else {
                    return Err("no array".to_owned());
                };
                let pointer = Ty::Pointer {
                    mutable: *mutable,
                    to: element.clone(),
                };
                self.c_text(&pointer, hint)?
            }
            Ty::Pointer { mutable, to } => {
                self.pointer_text(*mutable, to, kind)?
            }
            Ty::Array(element, len) => {
                let hint = match kind {
                    Some(CKind::Array(to, _) | CKind::Flexible(to)) => {
                        Some(&**to)
                    }
                    _ => None,
                };
                let text = self.c_text(element, hint)?;
                format!("__typeof__(__typeof__({text})[{len}])")
            }
            Ty::Function(function, _) => {
                let hint = match kind {
                    Some(CKind::Pointer(to)) => match &to.kind {
                        CKind::Function(function) => Some(&**function),
                        _ => None,
                    },
                    _ => None,
                };
                let text = self.function_text(function, hint)?;
                format!("__typeof__({text})")
            }
            Ty::Named(name) => self.named_text(name, kind)?,
        })
    }

    /// The enum that C calls `text`, as the type of something.
    pub fn enum_named(&self, text: &str) -> Option<CType> {
        let name = text.rsplit(' ').next()?;
        let (key, _, _) = self.header.enumeration(name)?;
        Some(CType {
            kind: CKind::Enum(key.to_owned()),
            is_const: false,
            is_volatile: false,
            spelled: text.to_owned(),
            size: None,
        })
    }

    fn is_binary(&self) -> bool {
        self.closeness.get() == Closeness::Binary
    }

    /// An integer of C's, by the name that the header has for one of its width
    /// and sign, or by that of an enum of its width.
    fn integer_text(
        &self,
        name: &str,
        signed: bool,
        hint: Option<&CKind>,
    ) -> String {
        let other = match hint {
            Some(CKind::Int(other, sign)) if *sign == signed => other.clone(),
            Some(CKind::Enum(key)) => {
                match self.header.enums.get(key) {
                    // A value below zero is another one without a sign.
                    Some(found)
                        if !found.negative
                            || signed
                            || self.all_named(found) =>
                    {
                        found.spelled.clone().unwrap_or(name.to_owned())
                    }
                    _ => name.to_owned(),
                }
            }
            _ => name.to_owned(),
        };
        either(&other, name)
    }

    /// Whether Rust has a constant of the same 32 bits for each value below
    /// zero: what it compares with is what C means.
    fn all_named(&self, found: &CEnum) -> bool {
        let all = found.constants.iter().zip(&found.values);
        let mut below = all.filter(|(_, value)| **value < 0);
        below.all(|(decl, value)| {
            let constant = self.all.constants.get(&decl.name);
            let known = constant.map(|constant| {
                let item = &constant.item;
                self.eval.value(&item.value, Some(&item.ty), None)
            });
            matches!(known, Some(Ok(Value::Int(number, _)))
                if (number - value) % (1 << 32) == 0)
        })
    }

    /// What is called, and how, where Rust says `abi`.
    pub fn convention(&self, abi: &str) -> Option<Convention> {
        let abi = abi.strip_suffix("-unwind").unwrap_or(abi);
        let windows = self.machine.windows;
        let (x86, x86_64) = match self.machine.arch {
            Arch::X86 => (true, false),
            Arch::X86_64 => (false, true),
            Arch::Other => (false, false),
        };
        Some(match abi {
            "C" | "cdecl" => Convention::C,
            "system" | "stdcall" if windows && x86 => Convention::StdCall,
            "system" => Convention::C,
            "sysv64" if x86_64 && !windows => Convention::C,
            "win64" if windows => Convention::C,
            "win64" => Convention::Win64,
            "efiapi" if x86_64 && !windows => Convention::Win64,
            "stdcall" if x86 => Convention::StdCall,
            "fastcall" if x86 => Convention::FastCall,
            "aapcs" if !x86 && !x86_64 => Convention::C,
            _ => return None,
        })
    }

    /// How C writes a pointer to the function `function`.
    pub fn function_text(
        &self,
        function: &FunctionType,
        hint: Option<&CFunctionType>,
    ) -> Result<String> {
        let result =
            self.c_text(&function.result, hint.map(|hint| &hint.result))?;
        let mut params = vec![];
        for (at, param) in function.params.iter().enumerate() {
            let hint = hint.and_then(|hint| hint.params.get(at));
            let text = self.c_text(param, hint)?;
            params.push(format!("__typeof__({text})"));
        }
        if function.variadic {
            params.push("...".to_owned());
        } else if params.is_empty() {
            params.push("void".to_owned());
        }
        let params = params.join(", ");
        let convention = self.convention(&function.abi);
        let attribute = convention.map_or("", Convention::attribute);
        Ok(format!("__typeof__({result}) ({attribute}*)({params})"))
    }

    /// Whether a struct or union stands for nothing in C.
    fn is_stray(&self, name: &str) -> bool {
        if let Some((other, name)) = self.within(name) {
            return other.is_stray(name);
        }
        let known = self.header.record(name).is_some()
            || self.header.enumeration(name).is_some()
            || self.header.typedefs.contains_key(name)
            || self.pairs.contains_key(name);
        let item = self.all.types.get(name).map(|item| &item.item);
        !known
            && matches!(item, Some(TypeItem::Struct(..) | TypeItem::Union(..)))
    }

    fn named_text(&self, name: &str, hint: Option<&CKind>) -> Result<String> {
        if let Some((other, inner)) = self.within(name) {
            self.foreign.borrow_mut().insert(name.to_owned());
            return other.named_text(inner, hint);
        }
        if let Some((_, _, text)) = self.header.record(name) {
            return Ok(text);
        }
        if let Some((_, _, text)) = self.header.enumeration(name) {
            return Ok(text);
        }
        if self.header.typedefs.contains_key(name) {
            return Ok(name.to_owned());
        }
        if let Some(pair) = self.pairs.get(name) {
            return Ok(pair.text.clone());
        }
        let Some(item) = self.all.types.get(name) else {
            return Err(format!("{name} is not declared in these files"));
        };
        match &item.item {
            TypeItem::Struct(repr, fields) if repr.transparent => {
                let fields = self.real_fields(fields);
                match fields.as_slice() {
                    [(_, Ok(ty))] => {
                        let hint = hint.map(|kind| CType {
                            kind: kind.clone(),
                            is_const: false,
                            is_volatile: false,
                            spelled: String::new(),
                            size: None,
                        });
                        self.c_text(ty, hint.as_ref())
                    }
                    _ => Err(format!("{name} is not one field")),
                }
            }
            TypeItem::Enum(repr, _) => match &repr.int {
                Some(int) => match primitive(int) {
                    Some(ty) => self.c_text(&ty, None),
                    None => Err(format!("{name} is a Rust enum")),
                },
                None if repr.c => Ok(self.repr_c_text(hint)),
                None => Ok(format!("struct {name}")),
            },
            other if self.is_opaque(other) => Ok(format!("struct {name}")),
            TypeItem::Struct(repr, fields) => {
                self.mirror(repr, fields, false, &[])
            }
            TypeItem::Union(repr, fields) => {
                self.mirror(repr, fields, true, &[])
            }
            _ => Err(format!("{name} is no type of C")),
        }
    }

    /// An enum with `repr(C)`: C's own, by what crosses.
    fn repr_c_text(&self, hint: Option<&CKind>) -> String {
        if self.is_binary() {
            self.integer_text("int", true, hint)
        } else {
            "unsigned int".to_owned()
        }
    }

    /// Define in C what Rust declares, field by field, and say what it is
    /// called. Its fields are called as in Rust, with `r_` before.
    pub fn mirror(
        &self,
        repr: &Repr,
        fields: &[Field],
        is_union: bool,
        hints: &[Option<&CType>],
    ) -> Result<String> {
        let mut body = String::new();
        for (at, (field, ty)) in
            self.real_fields(fields).into_iter().enumerate()
        {
            let ty = ty.map_err(|why| format!("{}: {why}", field.name))?;
            let hint = hints.get(at).copied().flatten();
            let text = self.c_text(&ty, hint)?;
            body.push_str("__typeof__(");
            body.push_str(&text);
            body.push_str(") r_");
            body.push_str(&field.name);
            body.push_str("; ");
        }
        let mut attributes = String::new();
        if let Some(align) = repr.align {
            attributes = format!(" __attribute__((aligned({align})))");
        }
        let keyword = if is_union { "union" } else { "struct" };
        let (before, after) = match repr.packed {
            Some(bytes) => (
                format!("_Pragma(\"pack(push, {bytes})\") "),
                " _Pragma(\"pack(pop)\")",
            ),
            None => (String::new(), ""),
        };
        let mut hasher = DefaultHasher::new();
        (keyword, &body, &attributes, &before).hash(&mut hasher);
        let name = format!("{keyword} fd_{:016x}", hasher.finish());
        let line = format!("{before}{name} {{ {body}}}{attributes};{after}");
        let mut all = self.definitions.borrow_mut();
        let needed = all.iter().filter(|(_, other)| {
            let at = other.find("fd_");
            let name = at.and_then(|at| other.get(at..at + 19));
            name.is_some_and(|name| body.contains(name))
        });
        let turn = needed.map(|(turn, _)| *turn).max().unwrap_or(0);
        all.insert((turn + 1, line));
        drop(all);
        Ok(name)
    }

    /// Size and alignment in bytes, for messages.
    pub fn size(&self, ty: &Ty) -> Option<(u64, u64)> {
        let pointer = u64::from(self.machine.pointer_bits / 8);
        let long = u64::from(self.machine.long_bits / 8);
        Some(match ty {
            Ty::Void | Ty::Never => return None,
            Ty::Known(name) => {
                let (_, c) = self.header.typedefs.get(*name)?;
                let size = c.size.filter(|_| {
                    matches!(
                        c.kind,
                        CKind::Int(..)
                            | CKind::Float(_)
                            | CKind::Pointer(_)
                            | CKind::Enum(_)
                    )
                })?;
                (size, size)
            }
            Ty::Nothing => (0, 1),
            Ty::Bool => (1, 1),
            Ty::Fixed(bits, _) | Ty::Float(bits) => {
                let bytes = u64::from(bits / 8);
                (bytes, bytes)
            }
            Ty::C(name, _) => {
                let bytes = match *name {
                    "char" | "signed char" | "unsigned char" => 1,
                    "short" | "unsigned short" => 2,
                    "int" | "unsigned int" => 4,
                    "long" | "unsigned long" => long,
                    _ => 8,
                };
                (bytes, bytes)
            }
            Ty::Size(_)
            | Ty::Pointer { .. }
            | Ty::Function(..)
            | Ty::VaList => (pointer, pointer),
            Ty::Array(element, len) => {
                let (size, align) = self.size(element)?;
                (size * len, align)
            }
            Ty::Named(name) if name.contains("::") => {
                let (other, name) = self.within(name)?;
                return other.size(&Ty::Named(name.to_owned()));
            }
            Ty::Named(name) => match &self.all.types.get(name)?.item {
                TypeItem::Struct(repr, fields) => {
                    self.layout(repr, fields, false)?.0
                }
                TypeItem::Union(repr, fields) => {
                    self.layout(repr, fields, true)?.0
                }
                TypeItem::Enum(..) => (4, 4),
                _ => return None,
            },
        })
    }

    /// Size, alignment and offsets, for messages.
    #[allow(clippy::type_complexity)]
    pub fn layout(
        &self,
        repr: &Repr,
        fields: &[Field],
        is_union: bool,
    ) -> Option<((u64, u64), Vec<u64>)> {
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

fn is_va_tag(ty: &Ty) -> bool {
    matches!(ty, Ty::Named(name) if name == "__va_list_tag")
}

/// A name without the crates that it is of.
pub fn bare(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name)
}

pub(crate) fn unknown(ty: &Type, what: &str) -> String {
    let text = crate::target::tidy(&ty.to_token_stream().to_string());
    format!("{text} is {what}")
}

fn fixed_text(bits: u32, signed: bool, hint: Option<&CKind>) -> String {
    let sign = if signed { "" } else { "u" };
    let own = match bits {
        128 if signed => "__int128".to_owned(),
        128 => "unsigned __int128".to_owned(),
        bits => format!("{sign}int{bits}_t"),
    };
    match hint {
        Some(CKind::Int(name, sign)) if *sign == signed => either(name, &own),
        _ => own,
    }
}

/// Whether one side says what lies at an address, and the other does not.
fn one_is_void(to: &Ty, hint: Option<&CType>) -> bool {
    let Some(hint) = hint else {
        return false;
    };
    let pointer = matches!(to, Ty::Pointer { .. } | Ty::Function(..))
        || matches!(hint.kind, CKind::Pointer(_) | CKind::Function(_));
    !pointer && (*to == Ty::Void) != matches!(hint.kind, CKind::Void)
}

/// Whether both say that there are bytes, and one of them that they are text:
/// `u8` and `char`.
fn both_are_bytes(to: &Ty, hint: Option<&CType>) -> bool {
    let ours = matches!(
        to,
        Ty::Fixed(8, _) | Ty::C("char" | "signed char" | "unsigned char", _)
    );
    let theirs = hint.is_some_and(|hint| {
        matches!(&hint.kind, CKind::Int(name, _)
            if matches!(&**name, "char" | "signed char" | "unsigned char"))
    });
    ours && theirs
}

/// The integer type `name` if it is as wide as `own`, and else that.
fn either(name: &str, own: &str) -> String {
    if name == own {
        return own.to_owned();
    }
    format!(
        "__typeof__(__builtin_choose_expr(sizeof({name}) == sizeof({own}), \
         ({name})0, ({own})0))"
    )
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
