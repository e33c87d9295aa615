// SPDX-License-Identifier: MIT OR Apache-2.0
//! The values of Rust's constants, as far as bindings compute them.

mod accessors;

pub use accessors::Accessor;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{BinOp, Expr, Lit, UnOp};

use crate::read::items::{Constant, Crate, TypeItem};
use crate::read::lookup::{Asked, Found, names};
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
    /// What only C knows: `size_of` of a type, by the type's name.
    SizeOf(String),
}

/// Evaluates, in the names of a crate.
#[derive(Debug)]
pub struct Evaluator<'c> {
    all: &'c Crate,
    machine: Machine,
    /// The constants whose values are known.
    known: RefCell<HashMap<String, Result>>,
    /// Those that are being computed.
    open: RefCell<HashSet<String>>,
    /// The same for each crate that this one names.
    others: RefCell<HashMap<String, Rc<Self>>>,
}

type Result = std::result::Result<Value, String>;
type Locals = HashMap<String, Value>;

impl<'c> Evaluator<'c> {
    /// Of what `all` names, where a pointer has so many bits.
    pub fn new(all: &'c Crate, machine: Machine) -> Self {
        Self {
            all,
            machine,
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
        self.eval(expr, owner, &Locals::new(), 0)
            .map(|value| self.as_type(value, ty, owner))
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
        let has: &dyn Fn(&Crate, &str, bool) -> bool =
            &|all, name, _| all.types.contains_key(name);
        let outside = false;
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
            _ => return None,
        })
    }

    fn eval(
        &self,
        expr: &Expr,
        owner: Option<&str>,
        locals: &Locals,
        depth: u32,
    ) -> Result {
        if depth > 256 {
            return Err("a value that is nested too deep".to_owned());
        }
        let down = |expr: &Expr| self.eval(expr, owner, locals, depth + 1);
        match expr {
            Expr::Lit(literal) => self.literal(&literal.lit),
            Expr::Paren(inner) => down(&inner.expr),
            Expr::Group(inner) => down(&inner.expr),
            Expr::Reference(inner) => down(&inner.expr),
            Expr::Const(inner) => {
                self.block(&inner.block, owner, locals, depth)
            }
            Expr::Unsafe(inner) => {
                self.block(&inner.block, owner, locals, depth)
            }
            Expr::Block(inner) => {
                self.block(&inner.block, owner, locals, depth)
            }
            Expr::Unary(unary) => negate(unary.op, down(&unary.expr)?),
            Expr::Binary(binary) => {
                let (left, right) = (down(&binary.left)?, down(&binary.right)?);
                combine(binary.op, left, right)
            }
            Expr::Cast(cast) => {
                let value = down(&cast.expr)?;
                if let (Value::Int(0, _), syn::Type::Ptr(_)) =
                    (&value, &*cast.ty)
                {
                    return Ok(Value::Null);
                }
                let value = match value {
                    Value::Bool(bool) => Value::Int(bool.into(), None),
                    other => other,
                };
                Ok(self.as_type(value, Some(&cast.ty), owner))
            }
            Expr::Path(path) => self.path(&path.path, owner, locals, depth),
            // The integer in a newtype.
            Expr::Field(field) => match &field.member {
                syn::Member::Unnamed(at) => match down(&field.base)? {
                    Value::Struct(mut fields) => fields
                        .remove(&at.index.to_string())
                        .ok_or_else(|| not_understood(expr)),
                    value => Ok(value),
                },
                syn::Member::Named(name) => match down(&field.base)? {
                    Value::Struct(mut fields) => fields
                        .remove(&name.to_string())
                        .ok_or_else(|| not_understood(expr)),
                    _ => Err(not_understood(expr)),
                },
            },
            Expr::Call(call) => self.function(call, owner, locals, depth),
            // What is at the address is the value: `b"x\0".as_ptr()`.
            Expr::MethodCall(call)
                if call.args.is_empty()
                    && ["as_ptr", "cast", "as_bytes"]
                        .iter()
                        .any(|name| call.method == name) =>
            {
                down(&call.receiver)
            }
            Expr::Array(array) => array
                .elems
                .iter()
                .map(down)
                .collect::<std::result::Result<_, _>>()
                .map(Value::Array),
            Expr::Repeat(repeat) => {
                let count = self.length(&repeat.len)?;
                let count = usize::try_from(count).unwrap_or(0);
                let value = down(&repeat.expr)?;
                Ok(Value::Array(vec![value; count.min(1 << 20)]))
            }
            Expr::Struct(value) if value.rest.is_none() => {
                let mut fields = BTreeMap::new();
                for field in &value.fields {
                    let name = field.member.to_token_stream().to_string();
                    fields.insert(name, down(&field.expr)?);
                }
                Ok(Value::Struct(fields))
            }
            Expr::If(chosen) => match down(&chosen.cond)? {
                Value::Bool(true) => {
                    self.block(&chosen.then_branch, owner, locals, depth)
                }
                Value::Bool(false) => match &chosen.else_branch {
                    Some((_, other)) => down(other),
                    None => Err(not_understood(expr)),
                },
                _ => Err(not_understood(expr)),
            },
            Expr::Macro(call) => {
                if call.mac.path.is_ident("cfg") {
                    return self.cfg(&call.mac);
                }
                let expr = self.all.macro_expr(&call.mac)?;
                self.eval(&expr, owner, locals, depth + 1)
            }
            _ => Err(not_understood(expr)),
        }
    }

    fn block(
        &self,
        block: &syn::Block,
        owner: Option<&str>,
        locals: &Locals,
        depth: u32,
    ) -> Result {
        let no = || "a value computed by a block of statements".to_owned();
        let mut locals = locals.clone();
        let Some((last, before)) = block.stmts.split_last() else {
            return Err(no());
        };
        for statement in before {
            match statement {
                // It says what holds, and computes nothing.
                syn::Stmt::Macro(call) if is_assertion(&call.mac) => {}
                syn::Stmt::Local(local) => {
                    let (name, value) = binding(local).ok_or_else(no)?;
                    let value = self.eval(value, owner, &locals, depth + 1)?;
                    let value = self.as_type(value, name.1, owner);
                    locals.insert(name.0, value);
                }
                _ => return Err(no()),
            }
        }
        match last {
            syn::Stmt::Expr(expr, None) => {
                self.eval(expr, owner, &locals, depth + 1)
            }
            syn::Stmt::Macro(call) if call.semi_token.is_none() => {
                let expr = self.all.macro_expr(&call.mac)?;
                self.eval(&expr, owner, &locals, depth + 1)
            }
            _ => Err(no()),
        }
    }

    /// `cfg!(...)`
    fn cfg(&self, call: &syn::Macro) -> Result {
        let condition = syn::parse2(call.tokens.clone())
            .map_err(|error| format!("cfg!: {error}"))?;
        let target = self.all.target.as_ref();
        let target = target.ok_or("cfg!: the target is not known")?;
        target.holds(&condition).map(Value::Bool)
    }

    fn literal(&self, literal: &Lit) -> Result {
        match literal {
            Lit::Int(int) => {
                let value: i128 = int
                    .base10_digits()
                    .parse()
                    .map_err(|_| "a number beyond 127 bits".to_owned())?;
                let ty = self.named_int(int.suffix());
                Ok(Value::Int(value, ty))
            }
            Lit::Bool(value) => Ok(Value::Bool(value.value)),
            Lit::Byte(byte) => {
                Ok(Value::Int(byte.value().into(), Some((8, false))))
            }
            Lit::Char(value) => Ok(Value::Int(
                u32::from(value.value()).into(),
                Some((32, false)),
            )),
            Lit::Float(value) => {
                Ok(Value::Float(value.base10_digits().to_owned()))
            }
            Lit::Str(text) => Ok(Value::Text(text.value().into_bytes(), false)),
            Lit::CStr(text) => Ok(Value::Text(text.value().into_bytes(), true)),
            Lit::ByteStr(text) => {
                let mut bytes = text.value();
                let nul = bytes.last() == Some(&0);
                if nul {
                    bytes.pop();
                }
                Ok(Value::Text(bytes, nul))
            }
            _ => Err("a literal that is not supported".to_owned()),
        }
    }

    fn path(
        &self,
        path: &syn::Path,
        owner: Option<&str>,
        locals: &Locals,
        depth: u32,
    ) -> Result {
        let mut names = names(path);
        if let (Some(first), Some(owner)) = (names.first_mut(), owner) {
            if first == "Self" {
                owner.clone_into(first);
            }
        }
        let Some((name, before)) = names.split_last() else {
            return Err("an empty path".to_owned());
        };
        if let ([], Some(value)) = (before, locals.get(name)) {
            return Ok(value.clone());
        }
        if let Some(ty) = before.last() {
            let ty = self.all.names.ty(ty);
            if let Some(found) = self.associated(ty, name, depth) {
                return found;
            }
            let int = self.int_named(before, owner, depth);
            match (int, name.as_str()) {
                (Some(int), "MAX") => {
                    return Ok(Value::Int(max(int), Some(int)));
                }
                (Some(int), "MIN") => {
                    return Ok(Value::Int(min(int), Some(int)));
                }
                (Some(int), "BITS") => {
                    let bits = Value::Int(int.0.into(), Some((32, false)));
                    return Ok(bits);
                }
                _ => {}
            }
        }
        if name == "None" {
            return Ok(Value::Null);
        }
        if let Some(last) = names.last_mut() {
            *last = self.all.names.constant(last).to_owned();
        }
        self.constant(&names, false)
    }

    /// A constant of a type.
    fn associated(&self, ty: &str, name: &str, depth: u32) -> Option<Result> {
        let mut all = self.all.associated.iter();
        let (owner, value) =
            all.find(|(owner, value)| owner == ty && value.name == *name)?;
        let owner = Some(owner.as_str());
        let item = &value.item;
        let found = self.eval(&item.value, owner, &Locals::new(), depth + 1);
        Some(found.map(|value| self.as_type(value, Some(&item.ty), owner)))
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
        let value = self
            .eval(&constant.value, None, &Locals::new(), 0)
            .map(|value| self.as_type(value, Some(&constant.ty), None));
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

    fn function(
        &self,
        call: &syn::ExprCall,
        owner: Option<&str>,
        locals: &Locals,
        depth: u32,
    ) -> Result {
        let Expr::Path(function) = &*call.func else {
            return Err(not_understood(&call.func));
        };
        let Some(last) = function.path.segments.last() else {
            return Err(not_understood(&call.func));
        };
        let name = last.ident.to_string();
        if let (true, [.., ty, _]) = (
            call.args.is_empty(),
            &*function.path.segments.iter().collect::<Vec<_>>(),
        ) {
            let ty: syn::Type = syn::parse_quote!(#ty);
            match (self.int_type(&ty, owner), name.as_str()) {
                (Some(int), "max_value") => {
                    return Ok(Value::Int(max(int), Some(int)));
                }
                (Some(int), "min_value") => {
                    return Ok(Value::Int(min(int), Some(int)));
                }
                _ => {}
            }
        }
        match name.as_str() {
            "null" | "null_mut" => return Ok(Value::Null),
            "size_of" => {
                if let syn::PathArguments::AngleBracketed(arguments) =
                    &last.arguments
                {
                    let ty = arguments.args.to_token_stream().to_string();
                    return Ok(Value::SizeOf(ty));
                }
            }
            _ => {}
        }
        let arguments = call
            .args
            .iter()
            .map(|argument| self.eval(argument, owner, locals, depth + 1))
            .collect::<std::result::Result<Vec<_>, _>>()?;
        // A newtype.
        let ty = if name == "Self" {
            owner
        } else {
            Some(self.all.names.ty(&name))
        };
        if let (Some(ty), [value]) = (ty, arguments.as_slice()) {
            if self.all.types.contains_key(ty) {
                let ty: Option<syn::Type> = syn::parse_str(ty).ok();
                return Ok(self.as_type(value.clone(), ty.as_ref(), owner));
            }
        }
        self.apply_at(&names(&function.path), &arguments, depth)
    }

    /// What the function at `path` returns.
    fn apply_at(
        &self,
        path: &[String],
        arguments: &[Value],
        depth: u32,
    ) -> Result {
        let (has, outside) = (&has_function, false);
        match self.all.find(path, Asked { has, outside }).first() {
            Some(Found::Here(name)) => self.apply(name, arguments, depth),
            Some(Found::There(root, rest)) if depth < 256 => {
                self.other(root)?.apply_at(rest, arguments, depth + 1)
            }
            _ => Err(format!("{}() is not known here", path.join("::"))),
        }
    }

    fn apply(&self, name: &str, arguments: &[Value], depth: u32) -> Result {
        let functions = &self.all.functions;
        let found = functions.iter().find(|known| known.name == name);
        let Some(function) = found else {
            return Err(format!("{name}() is not known here"));
        };
        let Some(body) = &function.item.body else {
            return Err(format!("{name}() is C's"));
        };
        let mut locals = Locals::new();
        let inputs = function.item.sig.inputs.iter();
        for (input, value) in inputs.zip(arguments) {
            let syn::FnArg::Typed(input) = input else {
                continue;
            };
            let name = input.pat.to_token_stream().to_string();
            let value = self.as_type(value.clone(), Some(&input.ty), None);
            locals.insert(name, value);
        }
        let value = self.block(body, None, &locals, depth + 1)?;
        Ok(match &function.item.sig.output {
            syn::ReturnType::Type(_, ty) => self.as_type(value, Some(ty), None),
            syn::ReturnType::Default => value,
        })
    }
}

fn has_constant(all: &Crate, name: &str, outside: bool) -> bool {
    let found = all.constants.get(name);
    found.is_some_and(|item| item.public || !outside)
}

fn has_function(all: &Crate, name: &str, outside: bool) -> bool {
    let mut found = all.functions.iter().filter(|item| item.name == name);
    found.any(|item| item.public || !outside)
}

/// `assert!`, and others that compute nothing.
fn is_assertion(call: &syn::Macro) -> bool {
    call.path.segments.last().is_some_and(|last| {
        let name = last.ident.to_string();
        name.starts_with("assert") || name.starts_with("debug_assert")
    })
}

type Named<'l> = (String, Option<&'l syn::Type>);

/// `let name: type = value;`
fn binding(local: &syn::Local) -> Option<(Named<'_>, &Expr)> {
    let init = local.init.as_ref()?;
    if init.diverge.is_some() {
        return None;
    }
    let (pat, ty) = match &local.pat {
        syn::Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
        other => (other, None),
    };
    match pat {
        syn::Pat::Ident(name) if name.subpat.is_none() => {
            Some(((name.ident.to_string(), ty), &init.expr))
        }
        _ => None,
    }
}

fn not_understood(expr: &Expr) -> String {
    let text = crate::target::tidy(&expr.to_token_stream().to_string());
    format!("a value that is not supported: {text}")
}

fn negate(op: UnOp, value: Value) -> Result {
    match (op, value) {
        (UnOp::Neg(_), Value::Int(value, ty)) => {
            let value = value.wrapping_neg();
            Ok(Value::Int(ty.map_or(value, |ty| wrap(value, ty)), ty))
        }
        (UnOp::Neg(_), Value::Float(value)) => {
            Ok(Value::Float(format!("-{value}")))
        }
        (UnOp::Not(_), Value::Int(value, ty)) => {
            Ok(Value::Int(ty.map_or(!value, |ty| wrap(!value, ty)), ty))
        }
        (UnOp::Not(_), Value::Bool(value)) => Ok(Value::Bool(!value)),
        (UnOp::Deref(_), value) => Ok(value),
        _ => Err("an operator applied to an unsupported type".to_owned()),
    }
}

fn combine(op: BinOp, left: Value, right: Value) -> Result {
    let (Value::Int(a, left), Value::Int(b, right)) = (left, right) else {
        return Err(
            "an operator applied to something that is not a number".to_owned()
        );
    };
    let shift = matches!(op, BinOp::Shl(_) | BinOp::Shr(_));
    let ty = if shift { left } else { left.or(right) };
    let amount = u32::try_from(b).ok().filter(|bits| *bits < 127);
    let value = match op {
        BinOp::Add(_) => a.checked_add(b),
        BinOp::Sub(_) => a.checked_sub(b),
        BinOp::Mul(_) => a.checked_mul(b),
        BinOp::Div(_) => a.checked_div(b),
        BinOp::Rem(_) => a.checked_rem(b),
        BinOp::BitAnd(_) => Some(a & b),
        BinOp::BitOr(_) => Some(a | b),
        BinOp::BitXor(_) => Some(a ^ b),
        BinOp::Shl(_) => amount.and_then(|bits| a.checked_shl(bits)),
        BinOp::Shr(_) => amount.and_then(|bits| a.checked_shr(bits)),
        BinOp::Eq(_) => return Ok(Value::Bool(a == b)),
        BinOp::Ne(_) => return Ok(Value::Bool(a != b)),
        BinOp::Lt(_) => return Ok(Value::Bool(a < b)),
        BinOp::Le(_) => return Ok(Value::Bool(a <= b)),
        BinOp::Gt(_) => return Ok(Value::Bool(a > b)),
        BinOp::Ge(_) => return Ok(Value::Bool(a >= b)),
        _ => None,
    };
    let value = value.ok_or("a computation that overflows")?;
    Ok(Value::Int(ty.map_or(value, |ty| wrap(value, ty)), ty))
}

fn max((bits, signed): IntType) -> i128 {
    match (bits, signed) {
        (128, _) => i128::MAX,
        (bits, true) => (1 << (bits - 1)) - 1,
        (bits, false) => (1 << bits) - 1,
    }
}

fn min((bits, signed): IntType) -> i128 {
    match (bits, signed) {
        (_, false) => 0,
        (128, true) => i128::MIN,
        (bits, true) => -(1 << (bits - 1)),
    }
}

/// `value` as an integer of type `ty` holds it.
fn wrap(value: i128, ty: IntType) -> i128 {
    let (bits, signed) = ty;
    if bits >= 127 {
        return value;
    }
    let low = value & ((1 << bits) - 1);
    if signed && low >> (bits - 1) & 1 == 1 {
        low - (1 << bits)
    } else {
        low
    }
}
