// SPDX-License-Identifier: MIT OR Apache-2.0
//! The values of Rust's constants, as far as bindings compute them.

mod accessors;
mod expressions;
mod language;
mod numbers;

pub use accessors::Accessor;
pub use language::Laid;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::Expr;

use self::expressions::{Locals, Scope};
use self::numbers::wrap;

use crate::read::items::{Constant, Crate, TypeItem};
use crate::read::lookup::{Asked, Found, has_type};
use crate::target::Machine;

/// An integer type: bits, and whether it has a sign.
pub type IntType = (u32, bool);

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// An integer, and its type once that is known.
    Int(i128, Option<IntType>),
    /// A boolean.
    Bool(bool),
    /// A floating-point number, as written.
    Float(String),
    /// Text or bytes, and whether a NUL comes with it.
    Text(Vec<u8>, bool),
    /// A null pointer, or no function.
    Null,
    /// `[value; count]`, or that many values.
    Array(Vec<Value>),
    /// A struct's fields.
    Struct(BTreeMap<String, Value>),
    /// `size_of` of a type whose layout only C knows, by the type's name.
    SizeOf(String),
}

/// Evaluates, in the names of a crate.
#[derive(Debug)]
pub struct Evaluator<'c> {
    all: &'c Crate,
    machine: Machine,
    layouts: language::Known<'c>,
    /// The constants whose values are known.
    known: RefCell<HashMap<String, Result>>,
    /// Those that are being computed.
    open: RefCell<HashSet<String>>,
    /// The same for each crate that this one names.
    others: RefCell<HashMap<String, Rc<Self>>>,
}

type Result = std::result::Result<Value, String>;

impl<'c> Evaluator<'c> {
    /// Of what `all` names, where a pointer has so many bits.
    pub fn new(all: &'c Crate, machine: Machine) -> Self {
        Self {
            all,
            machine,
            layouts: language::Known::default(),
            known: RefCell::default(),
            open: RefCell::default(),
            others: RefCell::default(),
        }
    }

    /// The value of `expr` as a `ty`. `owner` is what `Self` means.
    pub fn value(
        &self,
        expr: &Expr,
        ty: Option<&syn::Type>,
        owner: Option<&str>,
    ) -> Result {
        let locals = Locals::new();
        let scope = Scope::new(owner, &locals, 0);
        let value = self.eval(expr, scope)?;
        Ok(self.as_type(value, ty, owner))
    }

    /// What the function `name` returns for `arguments`.
    pub fn call(&self, name: &str, arguments: &[Value]) -> Result {
        self.apply(name, arguments, 0)
    }

    /// The length of an array.
    pub fn length(&self, expr: &Expr) -> std::result::Result<u64, String> {
        match self.value(expr, None, None)? {
            Value::Int(value, _) => u64::try_from(value)
                .map_err(|_| format!("an array of length {value}")),
            _ => Err("an array length that is not a number".to_owned()),
        }
    }

    fn as_type(
        &self,
        value: Value,
        ty: Option<&syn::Type>,
        owner: Option<&str>,
    ) -> Value {
        let int = ty.and_then(|ty| self.int_type(ty, owner));
        match (value, int) {
            (Value::Int(value, _), Some(int)) => {
                Value::Int(wrap(value, int), Some(int))
            }
            (value, _) => value,
        }
    }

    /// The integer that `ty` is, if it is one, under whatever names.
    pub fn int_type(
        &self,
        ty: &syn::Type,
        owner: Option<&str>,
    ) -> Option<IntType> {
        self.int_type_at(ty, owner, 0)
    }

    fn int_type_at(
        &self,
        ty: &syn::Type,
        owner: Option<&str>,
        depth: u32,
    ) -> Option<IntType> {
        let path = match ty {
            syn::Type::Path(path) => path,
            syn::Type::Group(group) => {
                return self.int_type_at(&group.elem, owner, depth);
            }
            syn::Type::Macro(call) => {
                let ty = self.all.macro_type(&call.mac).ok()?;
                return self.int_type_at(&ty, owner, depth + 1);
            }
            _ => return None,
        };
        let mut path = self.all.path_of(&path.path);
        if let ([one], Some(owner)) = (path.as_mut_slice(), owner) {
            if one == "Self" {
                owner.clone_into(one);
            }
        }
        self.int_named(&path, owner, depth)
    }

    /// The integer that the type at `path` is.
    fn int_named(
        &self,
        path: &[String],
        owner: Option<&str>,
        depth: u32,
    ) -> Option<IntType> {
        if depth > 128 {
            return None;
        }
        if let [name] = path {
            let own = self.all.types.contains_key(name)
                || self.all.imports.contains_key(name);
            if let (Some(int), false) = (self.named_int(name), own) {
                return Some(int);
            }
        }
        let (has, outside) = (&has_type, false);
        let found = self.all.find(path, Asked { has, outside });
        found.into_iter().find_map(|one| match one {
            Found::Here(name) => match &self.all.types.get(&name)?.item {
                TypeItem::Alias(ty) => self.int_type_at(ty, owner, depth + 1),
                TypeItem::Struct(_, fields) if fields.len() == 1 => {
                    self.int_type_at(&fields[0].ty, owner, depth + 1)
                }
                _ => None,
            },
            Found::There(root, rest) => match self.other(&root) {
                Ok(other) => other.int_named(&rest, None, depth + 1),
                Err(_) if root == "libc" => self.named_int(path.last()?),
                Err(_) => None,
            },
            Found::Std(whole) => self.named_int(whole.last()?),
        })
    }

    /// The same in the crate that is called `name` here.
    fn other(&self, name: &str) -> std::result::Result<Rc<Self>, String> {
        if let Some(known) = self.others.borrow().get(name) {
            return Ok(Rc::clone(known));
        }
        let dependency = self.all.dependencies.get(name);
        let dependency =
            dependency.ok_or(format!("the crate {name} was not given"))?;
        let new = Rc::new(Self::new(dependency.get()?, self.machine));
        let mut others = self.others.borrow_mut();
        others.insert(name.to_owned(), Rc::clone(&new));
        Ok(new)
    }

    fn named_int(&self, name: &str) -> Option<IntType> {
        let long = self.machine.long_bits;
        Some(match name {
            "u8" | "c_uchar" | "uint8_t" => (8, false),
            "i8" | "c_schar" | "int8_t" => (8, true),
            "c_char" => (8, self.machine.char_is_signed),
            "u16" | "c_ushort" | "uint16_t" => (16, false),
            "i16" | "c_short" | "int16_t" => (16, true),
            "u32" | "c_uint" | "uint32_t" => (32, false),
            "i32" | "c_int" | "int32_t" => (32, true),
            "u64" | "c_ulonglong" | "uint64_t" => (64, false),
            "i64" | "c_longlong" | "int64_t" => (64, true),
            "u128" => (128, false),
            "i128" => (128, true),
            "usize" | "size_t" | "uintptr_t" => {
                (self.machine.pointer_bits, false)
            }
            "isize" | "ssize_t" | "intptr_t" | "ptrdiff_t" => {
                (self.machine.pointer_bits, true)
            }
            "c_ulong" => (long, false),
            "c_long" => (long, true),
            name => {
                let inner = name.strip_prefix("NonZero")?;
                return self.named_int(&inner.to_ascii_lowercase());
            }
        })
    }

    /// The constant at `path`; if another crate asks, one that is public.
    fn constant(&self, path: &[String], outside: bool) -> Result {
        let has: &dyn Fn(&Crate, &str, bool) -> bool = &has_constant;
        let mut values: Vec<Value> = vec![];
        let mut wrong = None;
        for one in self.all.find(path, Asked { has, outside }) {
            let value = match one {
                Found::Here(name) => self.chain(&name),
                Found::There(root, rest) => self
                    .other(&root)
                    .and_then(|other| other.constant(&rest, true))
                    .and_then(|value| match value {
                        Value::SizeOf(ty) => {
                            Err(format!("the size of {ty} in the crate {root}"))
                        }
                        other => Ok(other),
                    }),
                Found::Std(_) => continue,
            };
            match value {
                Ok(value) if !values.contains(&value) => values.push(value),
                Ok(_) => {}
                Err(why) => wrong = wrong.or(Some(why)),
            }
        }
        let path = path.join("::");
        match values.len() {
            1 => Ok(values.remove(0)),
            0 => Err(wrong.unwrap_or(format!("{path} is not known here"))),
            _ => Err(format!(
                "{path} is one value in one module and another in another"
            )),
        }
    }

    /// A constant of this crate. What it needs is computed before it, however
    /// long the chain of constants is.
    fn chain(&self, name: &str) -> Result {
        let mut open = vec![name.to_owned()];
        let mut entered = HashSet::new();
        while let Some(next) = open.last().cloned() {
            let known = self.known.borrow().contains_key(&next);
            let Some(constant) = self.all.constants.get(&next) else {
                open.pop();
                continue;
            };
            if known {
                open.pop();
                continue;
            }
            if entered.insert(next.clone()) {
                let needs = self.needs(&constant.item.value);
                let count = open.len();
                open.extend(needs.into_iter().filter(|n| !entered.contains(n)));
                if open.len() > count {
                    continue;
                }
            }
            let value = self.alone(&next, &constant.item);
            self.known.borrow_mut().insert(next, value);
        }
        let known = self.known.borrow();
        known
            .get(name)
            .cloned()
            .unwrap_or_else(|| Err(format!("{name} is not known here")))
    }

    /// A constant, when what it needs is known.
    fn alone(&self, name: &str, constant: &Constant) -> Result {
        if !self.open.borrow_mut().insert(name.to_owned()) {
            return Err(format!("{name} is computed from itself"));
        }
        let value = self.value(&constant.value, Some(&constant.ty), None);
        self.open.borrow_mut().remove(name);
        value
    }

    /// The constants of this crate that `expr` names and whose values are not
    /// known yet.
    fn needs(&self, expr: &Expr) -> Vec<String> {
        let mut found = vec![];
        let mut all = vec![expr.to_token_stream()];
        while let Some(tokens) = all.pop() {
            for token in TokenStream::into_iter(tokens) {
                match token {
                    TokenTree::Group(group) => all.push(group.stream()),
                    TokenTree::Ident(name) => {
                        let name = name.to_string();
                        let name = self.all.names.constant(&name);
                        found.push(name.to_owned());
                    }
                    _ => {}
                }
            }
        }
        let known = self.known.borrow();
        let open = self.open.borrow();
        found.retain(|name| {
            self.all.constants.contains_key(name)
                && !known.contains_key(name)
                && !open.contains(name)
        });
        found
    }
}

fn has_constant(all: &Crate, name: &str, outside: bool) -> bool {
    let found = all.constants.get(name);
    found.is_some_and(|item| item.public || !outside)
}
