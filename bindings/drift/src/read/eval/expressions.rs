// SPDX-License-Identifier: MIT OR Apache-2.0
//! What an expression comes to.

use std::collections::{BTreeMap, HashMap};

use quote::ToTokens;
use syn::{Expr, Lit};

use super::language::of_integer;
use super::numbers::{combine, negate};
use super::{Evaluator, Result, Value};
use crate::read::items::{Crate, Declared, TypeItem};
use crate::read::lookup::{Asked, Found, names};

/// What names stand for beside constants.
pub(super) type Locals = HashMap<String, Value>;

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    /// What `Self` means.
    pub owner: Option<&'s str>,
    locals: &'s Locals,
    /// In how many others it is.
    depth: u32,
}

impl<'s> Scope<'s> {
    /// `owner` is what `Self` means.
    pub fn new(owner: Option<&'s str>, locals: &'s Locals, depth: u32) -> Self {
        Self {
            owner,
            locals,
            depth,
        }
    }

    fn deeper(self) -> Self {
        let depth = self.depth + 1;
        Self { depth, ..self }
    }
}

impl Evaluator<'_> {
    pub(super) fn eval(&self, expr: &Expr, scope: Scope<'_>) -> Result {
        if scope.depth > 256 {
            return Err("a value that is nested too deep".to_owned());
        }
        let down = |expr: &Expr| self.eval(expr, scope.deeper());
        match expr {
            Expr::Lit(literal) => self.literal(&literal.lit),
            Expr::Paren(inner) => down(&inner.expr),
            Expr::Group(inner) => down(&inner.expr),
            Expr::Reference(inner) => down(&inner.expr),
            Expr::Const(inner) => self.block(&inner.block, scope),
            Expr::Unsafe(inner) => self.block(&inner.block, scope),
            Expr::Block(inner) => self.block(&inner.block, scope),
            Expr::Unary(unary) => negate(unary.op, down(&unary.expr)?),
            Expr::Binary(binary) => {
                let (left, right) = (down(&binary.left)?, down(&binary.right)?);
                combine(binary.op, left, right)
            }
            Expr::Cast(cast) => self.cast(cast, scope),
            Expr::Path(path) => self.path(&path.path, scope),
            Expr::Field(field) => self.member(field, scope),
            Expr::Call(call) => self.function(call, scope),
            Expr::MethodCall(call) if keeps_value(call) => down(&call.receiver),
            Expr::Array(array) => {
                self.values(&array.elems, scope).map(Value::Array)
            }
            Expr::Repeat(repeat) => self.repeated(repeat, scope),
            Expr::Struct(value) if value.rest.is_none() => {
                self.fields(value, scope)
            }
            Expr::If(chosen) => self.chosen(chosen, scope),
            Expr::Macro(call) if call.mac.path.is_ident("cfg") => {
                self.cfg(&call.mac)
            }
            Expr::Macro(call) if is_call(&call.mac, "offset_of") => {
                self.offset(&call.mac, scope)
            }
            Expr::Macro(call) if is_call(&call.mac, "concat") => {
                let text = self.all.text(expr);
                let text = text.ok_or_else(|| not_understood(expr))?;
                Ok(Value::Text(text.into_bytes(), false))
            }
            Expr::Macro(call) => down(&self.all.macro_expr(&call.mac)?),
            _ => Err(not_understood(expr)),
        }
    }

    fn cast(&self, cast: &syn::ExprCast, scope: Scope<'_>) -> Result {
        let value = match self.eval(&cast.expr, scope.deeper())? {
            Value::Int(0, _) if matches!(&*cast.ty, syn::Type::Ptr(_)) => {
                return Ok(Value::Null);
            }
            Value::Bool(bool) => Value::Int(bool.into(), None),
            other => other,
        };
        Ok(self.as_type(value, Some(&cast.ty), scope.owner))
    }

    /// A field of a struct, or the integer in a newtype.
    fn member(&self, field: &syn::ExprField, scope: Scope<'_>) -> Result {
        let value = self.eval(&field.base, scope.deeper())?;
        match (value, &field.member) {
            (Value::Struct(mut fields), member) => fields
                .remove(&member.to_token_stream().to_string())
                .ok_or_else(|| not_understood(field)),
            (value, syn::Member::Unnamed(_)) => Ok(value),
            (_, syn::Member::Named(_)) => Err(not_understood(field)),
        }
    }

    fn values<'e>(
        &self,
        all: impl IntoIterator<Item = &'e Expr>,
        scope: Scope<'_>,
    ) -> std::result::Result<Vec<Value>, String> {
        let all = all.into_iter();
        all.map(|one| self.eval(one, scope.deeper())).collect()
    }

    fn repeated(&self, repeat: &syn::ExprRepeat, scope: Scope<'_>) -> Result {
        let count = self.length(&repeat.len)?;
        let count = usize::try_from(count).unwrap_or(0);
        let value = self.eval(&repeat.expr, scope.deeper())?;
        Ok(Value::Array(vec![value; count.min(1 << 20)]))
    }

    fn fields(&self, value: &syn::ExprStruct, scope: Scope<'_>) -> Result {
        let mut fields = BTreeMap::new();
        for field in &value.fields {
            let name = field.member.to_token_stream().to_string();
            fields.insert(name, self.eval(&field.expr, scope.deeper())?);
        }
        Ok(Value::Struct(fields))
    }

    fn chosen(&self, chosen: &syn::ExprIf, scope: Scope<'_>) -> Result {
        let condition = self.eval(&chosen.cond, scope.deeper())?;
        match (condition, &chosen.else_branch) {
            (Value::Bool(true), _) => self.block(&chosen.then_branch, scope),
            (Value::Bool(false), Some((_, other))) => {
                self.eval(other, scope.deeper())
            }
            _ => Err(not_understood(chosen)),
        }
    }

    pub(super) fn block(&self, block: &syn::Block, scope: Scope<'_>) -> Result {
        let no = || "a value computed by a block of statements".to_owned();
        let mut locals = scope.locals.clone();
        let Some((last, before)) = block.stmts.split_last() else {
            return Err(no());
        };
        let (owner, depth) = (scope.owner, scope.depth + 1);
        for statement in before {
            match statement {
                // It says what holds, and computes nothing.
                syn::Stmt::Macro(call) if is_assertion(&call.mac) => {}
                syn::Stmt::Local(local) => {
                    let (name, value) = binding(local).ok_or_else(no)?;
                    let scope = Scope::new(owner, &locals, depth);
                    let value = self.eval(value, scope)?;
                    let value = self.as_type(value, name.1, owner);
                    locals.insert(name.0, value);
                }
                _ => return Err(no()),
            }
        }
        let scope = Scope::new(owner, &locals, depth);
        match last {
            syn::Stmt::Expr(expr, None) => self.eval(expr, scope),
            syn::Stmt::Macro(call) if call.semi_token.is_none() => {
                self.eval(&self.all.macro_expr(&call.mac)?, scope)
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
        Ok(match literal {
            Lit::Int(int) => {
                let value = int.base10_digits().parse();
                let value = value.map_err(|_| "a number beyond 127 bits")?;
                Value::Int(value, self.named_int(int.suffix()))
            }
            Lit::Bool(value) => Value::Bool(value.value),
            Lit::Byte(byte) => {
                Value::Int(byte.value().into(), Some((8, false)))
            }
            Lit::Char(value) => {
                let value = u32::from(value.value());
                Value::Int(value.into(), Some((32, false)))
            }
            Lit::Float(value) => Value::Float(value.base10_digits().to_owned()),
            Lit::Str(text) => Value::Text(text.value().into_bytes(), false),
            Lit::CStr(text) => Value::Text(text.value().into_bytes(), true),
            Lit::ByteStr(text) => {
                let mut bytes = text.value();
                let nul = bytes.last() == Some(&0);
                bytes.truncate(bytes.len() - usize::from(nul));
                Value::Text(bytes, nul)
            }
            _ => return Err("a literal that is not supported".to_owned()),
        })
    }

    fn path(&self, path: &syn::Path, scope: Scope<'_>) -> Result {
        let mut names = names(path);
        if let (Some(first), Some(owner)) = (names.first_mut(), scope.owner) {
            if first == "Self" {
                owner.clone_into(first);
            }
        }
        let Some((name, before)) = names.split_last() else {
            return Err("an empty path".to_owned());
        };
        if let ([], Some(value)) = (before, scope.locals.get(name)) {
            return Ok(value.clone());
        }
        if let Some(ty) = before.last() {
            let ty = self.all.names.ty(ty);
            let found = self.associated(ty, name, scope.depth);
            let found = found.or_else(|| self.variant(ty, name, scope.depth));
            if let Some(found) = found {
                return found;
            }
            let int = self.int_named(before, scope.owner, scope.depth);
            if let Some(value) = int.and_then(|int| of_integer(int, name)) {
                return Ok(value);
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
        let locals = Locals::new();
        let scope = Scope::new(owner, &locals, depth + 1);
        let found = self.eval(&item.value, scope);
        Some(found.map(|value| self.as_type(value, Some(&item.ty), owner)))
    }

    /// A variant of an enum, as a number.
    fn variant(&self, ty: &str, name: &str, depth: u32) -> Option<Result> {
        let TypeItem::Enum(_, variants) = &self.all.types.get(ty)?.item else {
            return None;
        };
        let at = variants.iter().position(|(one, _)| one.name == name)?;
        // From the last one before it that has its value written.
        let written = variants[..=at].iter().enumerate().rev();
        let mut written = written
            .filter_map(|(from, (_, value))| Some((from, value.as_ref()?)));
        let Some((from, value)) = written.next() else {
            return Some(Ok(Value::Int(at as i128, None)));
        };
        let locals = Locals::new();
        let scope = Scope::new(Some(ty), &locals, depth + 1);
        Some(self.eval(value, scope).and_then(|value| match value {
            Value::Int(value, _) => {
                Ok(Value::Int(value.wrapping_add((at - from) as i128), None))
            }
            _ => Err(format!("{ty}::{name} is no integer")),
        }))
    }

    fn function(&self, call: &syn::ExprCall, scope: Scope<'_>) -> Result {
        let Expr::Path(function) = &*call.func else {
            return Err(not_understood(&call.func));
        };
        let path = &function.path;
        if let Some(value) = self.of_the_language(path, call.args.len(), scope)
        {
            return Ok(value);
        }
        let arguments = self.values(&call.args, scope)?;
        let names = names(path);
        if let Some((owner, method)) = self.method(&names, scope) {
            let method = (&method.sig, &method.block);
            let owner = Some(owner.as_str());
            return self.apply_body(method, owner, &arguments, scope.depth);
        }
        if let Some(value) = self.of_values(path, &arguments, scope) {
            return Ok(value);
        }
        // A newtype.
        let ty = match names.last().map(String::as_str) {
            Some("Self") => scope.owner,
            name => name.map(|name| self.all.names.ty(name)),
        };
        if let (Some(ty), [value]) = (ty, arguments.as_slice()) {
            if self.all.types.contains_key(ty) {
                let ty: Option<syn::Type> = syn::parse_str(ty).ok();
                let value = value.clone();
                return Ok(self.as_type(value, ty.as_ref(), scope.owner));
            }
        }
        self.apply_at(&names, &arguments, scope.depth)
    }

    /// A function of a type, and that type: `Type::name`.
    fn method(
        &self,
        path: &[String],
        scope: Scope<'_>,
    ) -> Option<(String, &syn::ImplItemFn)> {
        let [.., ty, name] = path else { return None };
        let owner = match (&**ty, scope.owner) {
            ("Self", Some(owner)) => owner,
            (ty, _) => self.all.names.ty(ty),
        };
        let mut all = self.all.methods.iter();
        let (_, found) = all.find(|(of, method)| {
            of == owner && method.item.sig.ident == name && !takes_self(method)
        })?;
        Some((owner.to_owned(), &found.item))
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

    pub(super) fn apply(
        &self,
        name: &str,
        arguments: &[Value],
        depth: u32,
    ) -> Result {
        let functions = &self.all.functions;
        let found = functions.iter().find(|known| known.name == name);
        let Some(function) = found else {
            return Err(format!("{name}() is not known here"));
        };
        let Some(body) = &function.item.body else {
            return Err(format!("{name}() is C's"));
        };
        self.apply_body((&function.item.sig, body), None, arguments, depth)
    }

    fn apply_body(
        &self,
        (sig, body): (&syn::Signature, &syn::Block),
        owner: Option<&str>,
        arguments: &[Value],
        depth: u32,
    ) -> Result {
        let mut locals = Locals::new();
        for (input, value) in sig.inputs.iter().zip(arguments) {
            let syn::FnArg::Typed(input) = input else {
                continue;
            };
            let name = input.pat.to_token_stream().to_string();
            let value = self.as_type(value.clone(), Some(&input.ty), owner);
            locals.insert(name, value);
        }
        let value = self.block(body, Scope::new(owner, &locals, depth + 1))?;
        Ok(match &sig.output {
            syn::ReturnType::Type(_, ty) => {
                self.as_type(value, Some(ty), owner)
            }
            syn::ReturnType::Default => value,
        })
    }
}

fn has_function(all: &Crate, name: &str, outside: bool) -> bool {
    let mut found = all.functions.iter().filter(|item| item.name == name);
    found.any(|item| item.public || !outside)
}

/// What is at the address is the value: `b"x\0".as_ptr()`.
fn keeps_value(call: &syn::ExprMethodCall) -> bool {
    let names = ["as_ptr", "cast", "as_bytes", "unwrap"];
    call.args.is_empty() && names.iter().any(|name| call.method == name)
}

fn takes_self(method: &Declared<syn::ImplItemFn>) -> bool {
    method.item.sig.receiver().is_some()
}

/// Whether `name!` is called, by whatever path.
fn is_call(call: &syn::Macro, name: &str) -> bool {
    let last = call.path.segments.last();
    last.is_some_and(|last| last.ident == name)
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

pub(super) fn not_understood(expr: &impl ToTokens) -> String {
    let text = crate::target::tidy(&expr.to_token_stream().to_string());
    format!("a value that is not supported: {text}")
}
